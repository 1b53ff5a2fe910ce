use admin::{
    AdminError,
    audit::{AuditQuery, AuditView},
    providers::{BasedOn, ItsTranscripts},
    tokens::TokenDraft,
};
use serde_json::json;

use crate::app::{App, told, who};

async fn rows(app: &App, query: &str) -> Vec<AuditView> {
    app.admin
        .audit()
        .list(&who(), &AuditQuery::read(query).unwrap())
        .await
        .unwrap()
        .items
}

#[tokio::test]
async fn every_change_has_a_row_with_before_and_after() {
    let app = App::with_secret().await;
    app.put_secret("OPENAI_API_KEY", "sk-second").await.unwrap();
    app.openai("Main").await;
    app.admin
        .providers()
        .update(
            &who(),
            "main",
            BasedOn::Newest,
            json!({"display_name": "Renamed"}),
        )
        .await
        .unwrap();
    app.admin
        .providers()
        .set_enabled(&who(), "main", false)
        .await
        .unwrap();
    let draft = TokenDraft {
        name: Some("ci".to_owned()),
        ..TokenDraft::default()
    };
    let token = app
        .admin
        .tokens()
        .create(&who(), &draft)
        .await
        .unwrap()
        .token
        .id
        .to_string();
    app.admin.tokens().revoke(&who(), &token).await.unwrap();
    app.admin
        .providers()
        .delete(&who(), "main", BasedOn::Newest, ItsTranscripts::Keep)
        .await
        .unwrap();
    app.admin
        .secrets()
        .delete(&who(), "OPENAI_API_KEY")
        .await
        .unwrap();
    app.admin
        .settings()
        .set_report_time_zone(&who(), "Europe/Berlin")
        .await
        .unwrap();

    let rows = rows(&app, "").await;
    let told: Vec<(&str, &str, bool, bool)> = rows
        .iter()
        .rev()
        .map(|row| {
            (
                row.object_kind.as_str(),
                row.action.as_str(),
                row.before.is_some(),
                row.after.is_some(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("secret", "create", false, true),
            ("secret", "replace_value", true, true),
            ("provider", "create", false, true),
            ("provider", "update", true, true),
            ("provider", "disable", true, true),
            ("token", "create", false, true),
            ("token", "revoke", true, false),
            ("provider", "delete", true, false),
            ("secret", "delete", true, false),
            ("settings", "update", true, true),
        ]
    );
    assert!(
        rows.iter()
            .all(|row| row.actor == "admin_token" && row.address.as_deref() == Some("192.0.2.1"))
    );
    let update = &rows[rows.len() - 4];
    assert_eq!(update.before.as_ref().unwrap()["display_name"], "Main");
    assert_eq!(update.after.as_ref().unwrap()["display_name"], "Renamed");
    assert_eq!(update.object_id, "main");
}

#[tokio::test]
async fn what_was_refused_or_changed_nothing_has_no_row() {
    let app = App::with_secret().await;
    app.openai("Main").await;
    let before = rows(&app, "").await.len();
    app.create(json!({"type": "openai"})).await.unwrap_err();
    app.admin
        .providers()
        .set_enabled(&who(), "main", true)
        .await
        .unwrap();
    app.admin
        .secrets()
        .delete(&who(), "OPENAI_API_KEY")
        .await
        .unwrap_err();
    app.admin
        .settings()
        .set_report_time_zone(&who(), "UTC")
        .await
        .unwrap();
    assert_eq!(rows(&app, "").await.len(), before);
}

#[tokio::test]
async fn rows_are_filtered_and_paged() {
    let app = App::with_secret().await;
    for name in ["One", "Two"] {
        app.openai(name).await;
    }
    assert_eq!(rows(&app, "kind=provider").await.len(), 2);
    assert_eq!(
        rows(
            &app,
            "kind=provider&object=two&action=create&actor=admin_token"
        )
        .await
        .len(),
        1
    );
    assert_eq!(
        rows(&app, "object=one&object=two&actor=system&actor=admin_token")
            .await
            .len(),
        2
    );
    assert_eq!(rows(&app, "kind.not=secret&object.not=two").await.len(), 1);
    assert_eq!(rows(&app, "result=refused").await.len(), 0);
    assert_eq!(rows(&app, "result.not=refused").await.len(), 3);
    assert_eq!(rows(&app, "since=2100-01-01T00:00:00Z").await.len(), 0);
    let error = AuditQuery::read("result=maybe&actor=").unwrap_err();
    assert_eq!(told(&error).2.len(), 2);
    let error = AuditQuery::read("object=a%00&actor=a%0Ab").unwrap_err();
    assert_eq!(
        told(&error).2,
        [
            ("actor".to_owned(), "invalid_value"),
            ("object".to_owned(), "invalid_value")
        ]
    );
    let occurring = app.admin.audit().occurring(&who()).await.unwrap();
    assert_eq!(occurring.object_kinds, ["provider", "secret"]);
    let page = app
        .admin
        .audit()
        .list(&who(), &AuditQuery::read("limit=2").unwrap())
        .await
        .unwrap();
    let query = format!("limit=2&cursor={}", page.next_cursor.unwrap());
    assert_eq!(rows(&app, &query).await[0].object_kind, "secret");
    let error: AdminError = AuditQuery::read("colour=red&since=soon").unwrap_err();
    assert_eq!(told(&error).0, 400);
    let odd = AuditQuery::read("cursor=zzz").unwrap();
    assert_eq!(
        told(&app.admin.audit().list(&who(), &odd).await.unwrap_err()).2[0].1,
        "invalid_cursor"
    );
}

#[tokio::test]
async fn time_zones_of_reports_are_real_ones() {
    let app = App::new().await;
    let settings = app.admin.settings();
    assert_eq!(settings.get(&who()).await.unwrap().report_time_zone, "UTC");
    assert_eq!(
        told(
            &settings
                .set_report_time_zone(&who(), "Mars/Olympus")
                .await
                .unwrap_err()
        )
        .0,
        422
    );
    settings
        .set_report_time_zone(&who(), "Asia/Kolkata")
        .await
        .unwrap();
    assert_eq!(
        settings.get(&who()).await.unwrap().report_time_zone,
        "Asia/Kolkata"
    );
}
