use serde_json::json;

use super::*;
use crate::providers::ModelDraft;

fn current() -> Value {
    json!({
        "id": "main", "display_name": "Main", "type": "openai", "enabled": true, "api_key": "KEY",
        "organization": "org", "other_paths": false,
        "models": [{"id": "a", "rates": {"input": "1"}}, {"id": "b"}],
        "record_inputs": false, "record_outputs": true, "version": 4,
        "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-02T00:00:00Z",
        "proxy_url": "http://x/llm/v1/providers/main", "discovery_url": "http://x/…",
    })
}

fn errors(patch: Value) -> Vec<(String, &'static str)> {
    let draft = patched(current(), patch).unwrap();
    draft
        .unreadable
        .into_iter()
        .map(|error| (error.field, error.code))
        .collect()
}

#[test]
fn what_is_left_out_stays_and_null_clears() {
    let draft = patched(
        current(),
        json!({"organization": null, "record_outputs": null, "enabled": false}),
    )
    .unwrap();
    assert_eq!(draft.unreadable, []);
    assert_eq!(draft.organization, None);
    assert_eq!(draft.record_outputs, None);
    assert_eq!(draft.enabled, Some(false));
    assert_eq!(draft.display_name.as_deref(), Some("Main"));
    assert_eq!(draft.models.len(), 2);
}

#[test]
fn lists_are_replaced_whole() {
    let draft = patched(current(), json!({"models": [{"id": "c"}]})).unwrap();
    assert_eq!(
        draft.models,
        [ModelDraft {
            id: "c".to_owned(),
            ..ModelDraft::default()
        }]
    );
    assert_eq!(
        patched(current(), json!({"models": null})).unwrap().models,
        []
    );
}

#[test]
fn what_was_read_can_be_sent_back_whole() {
    assert_eq!(errors(current()), []);
}

#[test]
fn what_never_changes_is_refused() {
    assert_eq!(
        errors(json!({"id": "other"})),
        [("id".to_owned(), "immutable")]
    );
    assert_eq!(
        errors(json!({"type": "anthropic"})),
        [("type".to_owned(), "immutable")]
    );
    assert_eq!(
        errors(json!({"id": null})),
        [("id".to_owned(), "immutable")]
    );
    assert_eq!(
        errors(json!({"created_at": "2020-01-01T00:00:00Z"})),
        [("created_at".to_owned(), "read_only")]
    );
    assert_eq!(
        errors(json!({"proxy_url": null})),
        [("proxy_url".to_owned(), "read_only")]
    );
}

#[test]
fn unknown_fields_are_refused_even_when_they_are_null() {
    assert_eq!(
        errors(json!({"nonsense": 1})),
        [("nonsense".to_owned(), "unknown_field")]
    );
    let draft = patched(current(), json!({"nonsense": null})).unwrap();
    assert_eq!(draft.unreadable[0].code, "unknown_field");
}

#[test]
fn an_older_version_in_the_body_is_a_conflict() {
    let error = patched(current(), json!({"version": 3})).unwrap_err();
    assert!(
        matches!(error, AdminError::VersionConflict { current: 4 }),
        "{error:?}"
    );
    assert_eq!(errors(json!({"version": 4})), []);
}

#[test]
fn a_patch_is_an_object() {
    for patch in [json!([]), json!(null), json!("x")] {
        assert!(matches!(
            patched(current(), patch),
            Err(AdminError::Invalid(_))
        ));
    }
}
