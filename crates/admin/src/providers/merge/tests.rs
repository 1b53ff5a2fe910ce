use serde_json::{Value, json};

use super::*;

fn json_of(value: Value) -> Json {
    match value {
        Value::Object(json) => json,
        other => panic!("{other} is no object"),
    }
}

/// Keys of what differs, each with whose it is.
fn told(base: &Value, theirs: &Value, yours: &Value) -> Vec<(String, Option<Side>)> {
    let (base, theirs, yours) = (
        json_of(base.clone()),
        json_of(theirs.clone()),
        json_of(yours.clone()),
    );
    differences(Some(&base), &theirs, &yours)
        .iter()
        .map(|one| (one.part.key(), one.settled))
        .collect()
}

#[track_caller]
fn check(base: Value, theirs: Value, yours: Value, expected: &[(&str, Option<Side>)]) {
    let told = told(&base, &theirs, &yours);
    let told: Vec<_> = told
        .iter()
        .map(|(key, side)| (key.as_str(), *side))
        .collect();
    assert_eq!(told, expected);
}

/// What comes of them as they are settled.
fn together(base: Value, theirs: Value, yours: Value) -> Value {
    let (base, theirs, yours) = (json_of(base), json_of(theirs), json_of(yours));
    let found = differences(Some(&base), &theirs, &yours);
    Value::Object(merged(&theirs, &yours, &found, |one| one.settled))
}

fn list(ids: &[&str]) -> Value {
    let models: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
    json!({ "models": models })
}

#[test]
fn who_alone_changed_a_field_has_it() {
    check(
        json!({"display_name": "A", "base_url": "https://a/", "other_paths": false}),
        json!({"display_name": "A", "base_url": "https://b/", "other_paths": true}),
        json!({"display_name": "B", "base_url": "https://a/", "other_paths": true}),
        &[
            ("display_name", Some(Side::Yours)),
            ("base_url", Some(Side::Theirs)),
        ],
    );
}

#[test]
fn what_both_changed_must_be_chosen_and_what_nobody_changed_is_not_told() {
    check(
        json!({"display_name": "A", "organization": "o"}),
        json!({"display_name": "B", "organization": "o"}),
        json!({"display_name": "C", "organization": "o"}),
        &[("display_name", None)],
    );
}

#[test]
fn a_field_that_one_takes_away_is_a_change_like_any() {
    check(
        json!({"organization": "o", "project": "p"}),
        json!({"project": "p"}),
        json!({"organization": "o"}),
        &[
            ("organization", Some(Side::Theirs)),
            ("project", Some(Side::Yours)),
        ],
    );
    let merged = together(
        json!({"organization": "o", "project": "p"}),
        json!({"project": "p"}),
        json!({"organization": "o"}),
    );
    assert_eq!(merged, json!({}));
}

#[test]
fn without_the_base_everything_must_be_chosen() {
    let (theirs, yours) = (
        json_of(json!({"display_name": "B"})),
        json_of(json!({"display_name": "C"})),
    );
    let found = differences(None, &theirs, &yours);
    let [one] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert!(one.settled.is_none() && one.is_of_theirs());
}

#[test]
fn switching_on_and_off_is_no_part_of_it() {
    check(
        json!({"enabled": true, "version": 1}),
        json!({"enabled": false, "version": 2}),
        json!({"enabled": true, "version": 1}),
        &[],
    );
    let merged = together(
        json!({"enabled": true, "display_name": "A"}),
        json!({"enabled": false, "display_name": "A"}),
        json!({"enabled": true, "display_name": "B"}),
    );
    assert_eq!(merged, json!({"enabled": false, "display_name": "B"}));
}

#[test]
fn passthrough_and_key_go_together() {
    let (base, theirs) = (
        json!({"authorization_passthrough": false, "api_key": "K"}),
        json!({"authorization_passthrough": true}),
    );
    let yours = json!({"authorization_passthrough": false, "api_key": "L"});
    check(
        base.clone(),
        theirs.clone(),
        yours.clone(),
        &[("credentials", None)],
    );
    let (theirs, yours) = (json_of(theirs), json_of(yours));
    let found = differences(Some(&json_of(base)), &theirs, &yours);
    let chosen = merged(&theirs, &yours, &found, |_| Some(Side::Yours));
    assert_eq!(chosen, yours);
    assert_eq!(
        merged(&theirs, &yours, &found, |_| Some(Side::Theirs)),
        theirs
    );
}

#[test]
fn a_key_and_a_service_principal_never_come_together() {
    let key = |name: &str| json!({"api_key": name, "display_name": "A"});
    let principal = json!({"credentials": {"mode": "service_principal"}, "display_name": "B"});
    check(
        key("K"),
        principal.clone(),
        key("L"),
        &[("display_name", Some(Side::Theirs)), ("credentials", None)],
    );
    // Who alone changed the way has it, whole.
    assert_eq!(together(key("K"), principal.clone(), key("K")), principal);
    let mine = json!({"credentials": {"mode": "service_principal"}, "display_name": "A"});
    assert_eq!(together(key("K"), key("K"), mine.clone()), mine);
}

#[test]
fn models_are_compared_one_by_one() {
    let base = json!({"models": [{"id": "a"}, {"id": "b", "rates": {"input": "1"}}, {"id": "c"}]});
    let theirs =
        json!({"models": [{"id": "a"}, {"id": "b", "rates": {"input": "2"}}, {"id": "d"}]});
    let yours = json!({"models": [{"id": "c"}, {"id": "a", "display_name": "A"}, {"id": "b", "rates": {"input": "3"}}, {"id": "e"}]});
    check(
        base.clone(),
        theirs.clone(),
        yours.clone(),
        &[
            ("model.a", Some(Side::Yours)),
            ("model.b", None),
            ("model.d", Some(Side::Theirs)),
            ("model.c", Some(Side::Theirs)),
            ("model.e", Some(Side::Yours)),
        ],
    );
    assert_eq!(
        together(base, theirs, yours),
        json!({"models": [{"id": "a", "display_name": "A"}, {"id": "b", "rates": {"input": "2"}}, {"id": "d"}, {"id": "e"}]}),
        "what must be chosen stays theirs until it is"
    );
}

#[test]
fn the_order_of_models_alone_is_no_difference() {
    check(list(&["a", "b"]), list(&["b", "a"]), list(&["a", "b"]), &[]);
}

#[test]
fn where_one_side_allows_every_model_the_lists_are_compared_as_a_whole() {
    check(
        list(&["a"]),
        list(&[]),
        list(&["a", "b"]),
        &[("models", None)],
    );
    check(
        list(&[]),
        list(&["a"]),
        list(&[]),
        &[("models", Some(Side::Theirs))],
    );
    check(
        list(&["a"]),
        list(&["a"]),
        list(&[]),
        &[("models", Some(Side::Yours))],
    );
    assert_eq!(together(list(&["a"]), list(&["a"]), list(&[])), list(&[]));
}

#[test]
fn that_no_model_is_left_is_never_the_outcome_of_two_changes_that_left_some() {
    check(
        list(&["a", "b"]),
        list(&["a"]),
        list(&["b"]),
        &[("model.a", None), ("model.b", None)],
    );
    check(
        list(&["a", "b", "c"]),
        list(&["a", "c"]),
        list(&["b", "c"]),
        &[
            ("model.a", Some(Side::Yours)),
            ("model.b", Some(Side::Theirs)),
        ],
    );
}
