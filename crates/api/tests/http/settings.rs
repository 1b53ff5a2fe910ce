use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn the_zone_is_read_changed_and_put_back() {
    let app = App::new().await;
    let path = "/api/v1/settings";
    let utc = json!({"report_time_zone": "UTC"});
    let kathmandu = json!({"report_time_zone": "Asia/Kathmandu"});
    assert_eq!(app.get(path).await.json(200), utc);
    assert_eq!(
        app.patch(path, kathmandu.clone()).await.json(200),
        kathmandu
    );
    assert_eq!(app.patch(path, json!({})).await.json(200), kathmandu);
    assert_eq!(app.get(path).await.json(200), kathmandu);
    let null = json!({"report_time_zone": null});
    assert_eq!(app.patch(path, null).await.json(200), utc);
}

#[tokio::test]
async fn wrong_settings_are_named() {
    let app = App::new().await;
    for (body, field, code) in [
        (
            json!({"report_time_zone": "Mars/Olympus"}),
            "report_time_zone",
            "invalid_time_zone",
        ),
        (
            json!({"report_time_zone": 1}),
            "report_time_zone",
            "wrong_type",
        ),
        (json!({"colour": "red"}), "colour", "unknown_field"),
    ] {
        let refused = app.patch("/api/v1/settings", body).await;
        refused.fields(422, "invalid", &[(field, code)]);
    }
}

#[tokio::test]
async fn weir_tells_how_it_is() {
    let app = App::new().await;
    let system = app.get("/api/v1/system").await.json(200);
    assert_eq!(system["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(system["database"]["kind"], "sqlite");
    assert_eq!(system["database"]["answers"], true);
    assert!(system["database"]["bytes"].as_u64().unwrap() > 10_000);
    // There is no data plane here that keeps a journal.
    assert_eq!(system["journal"], json!({"writable": null, "bytes": null}));
    assert_eq!(
        system["ledger"],
        json!({"newest_call_at": null, "calls_behind": null})
    );
    app.store.close().await.unwrap();
    let away = app.get("/api/v1/system").await.json(200);
    assert_eq!(
        away["database"],
        json!({"kind": "sqlite", "answers": false, "bytes": null})
    );
}
