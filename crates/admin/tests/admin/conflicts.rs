//! What the audit tells of a provider that somebody else changed meanwhile.

use admin::providers::ProviderDraft;
use domain::Timestamp;
use serde_json::{Value, json};
use store::AuditEntry;

use crate::app::{App, noted, who};

/// Rows that are read at most.
const MOST: usize = 200;

fn row(action: &str, before: Option<Value>, after: Option<Value>) -> AuditEntry {
    AuditEntry {
        at: Timestamp::now(),
        action: action.to_owned(),
        object_kind: "provider".to_owned(),
        object_id: "main".to_owned(),
        before,
        after,
        ..noted()
    }
}

#[tokio::test]
async fn only_a_deletion_is_told_as_one() {
    let app = App::new().await;
    let audit = app.store.audit();
    let providers = app.admin.providers();
    audit.append(&row("create", None, None)).await.unwrap();
    assert_eq!(providers.deletion(&who(), "main").await.unwrap(), None);
    let was = Some(json!({ "version": 1 }));
    audit.append(&row("delete", was, None)).await.unwrap();
    let deleted = providers.deletion(&who(), "main").await.unwrap().unwrap();
    assert_eq!(deleted.action, "delete");
}

#[tokio::test]
async fn a_version_that_never_was_or_is_long_ago_is_not_looked_for_without_end() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    for version in 1..=MOST + 50 {
        let (before, after) = (
            json!({ "version": version }),
            json!({ "version": version + 1 }),
        );
        let entry = row("update", Some(before), Some(after));
        app.store.audit().append(&entry).await.unwrap();
    }
    let draft = ProviderDraft::read(json!({ "display_name": "Mine",
        "type": "openai", "api_key": "OPENAI_API_KEY" }));
    let meanwhile = async |opened: u64| {
        let (providers, who) = (app.admin.providers(), who());
        let conflict = providers.conflict(&who, "main", Some(opened), &draft);
        conflict.await.unwrap().meanwhile.len()
    };
    assert_eq!(meanwhile(0).await, 0, "there is no version 0");
    assert_eq!(meanwhile(1).await, MOST);
    assert_eq!(meanwhile(241).await, 10);
}
