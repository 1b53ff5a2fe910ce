use std::sync::Arc;

use admin::{Live, Who};
use catalog::Catalog;
use domain::Timestamp;
use serde_json::{Value, json};

use crate::{
    app::App,
    calls::{call, record, seal},
};

#[tokio::test]
async fn the_zone_is_read_changed_and_put_back() {
    let app = App::new().await;
    let path = "/api/v1/settings";
    let zone = |name: &str| {
        json!({
            "report_time_zone": name, "keep_calls_days": null, "keep_sums_days": null,
            "keep_transcripts_days": 30, "transcript_max_body_bytes": 1_048_576,
        })
    };
    let (utc, kathmandu) = (zone("UTC"), zone("Asia/Kathmandu"));
    assert_eq!(app.get(path).await.json(200), utc);
    assert_eq!(
        app.patch(path, json!({"report_time_zone": "Asia/Kathmandu"}))
            .await
            .json(200),
        kathmandu
    );
    assert_eq!(app.patch(path, json!({})).await.json(200), kathmandu);
    assert_eq!(app.get(path).await.json(200), kathmandu);
    let null = json!({"report_time_zone": null});
    assert_eq!(app.patch(path, null).await.json(200), utc);
}

#[tokio::test]
async fn transcripts_are_kept_for_a_time_and_up_to_a_length() {
    let app = App::new().await;
    let path = "/api/v1/settings";
    let kept = async |body: Value| {
        let settings = app.patch(path, body).await.json(200);
        let live = app.admin.live().transcripts();
        let again = Live::load(&app.store, Arc::new(Catalog::builtin().unwrap())).await;
        assert_eq!(
            again.unwrap().transcripts(),
            live,
            "it holds after a new start"
        );
        assert_eq!(settings["keep_transcripts_days"], json!(live.keep_days));
        assert_eq!(
            settings["transcript_max_body_bytes"],
            json!(live.max_body_bytes)
        );
        (live.keep_days, live.max_body_bytes)
    };
    assert_eq!(kept(json!({})).await, (Some(30), 1 << 20));
    let days = json!({"keep_transcripts_days": 7});
    assert_eq!(kept(days).await, (Some(7), 1 << 20));
    let bytes = json!({"transcript_max_body_bytes": 16_384});
    assert_eq!(kept(bytes).await, (Some(7), 16_384));
    let both = json!({"keep_transcripts_days": null, "transcript_max_body_bytes": 33_554_432});
    assert_eq!(kept(both).await, (None, 32 << 20));
    let default = json!({"transcript_max_body_bytes": null});
    assert_eq!(kept(default).await, (None, 1 << 20));
    let rows = app.get("/api/v1/audit?kind=settings").await.json(200);
    let told = |row: &Value| {
        (
            row["object_id"].clone(),
            row["before"].clone(),
            row["after"].clone(),
        )
    };
    let told: Vec<_> = rows["items"].as_array().unwrap().iter().map(told).collect();
    assert_eq!(told.len(), 5, "one for each setting that changed");
    assert_eq!(
        told[4],
        (
            json!("transcripts.keep_days"),
            json!({"transcripts.keep_days": 30}),
            json!({"transcripts.keep_days": 7}),
        )
    );
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
        (
            json!({"keep_calls_days": "90"}),
            "keep_calls_days",
            "wrong_type",
        ),
        (
            json!({"keep_calls_days": 0}),
            "keep_calls_days",
            "invalid_days",
        ),
        (
            json!({"keep_calls_days": 36_501}),
            "keep_calls_days",
            "invalid_days",
        ),
        (
            json!({"keep_sums_days": 90}),
            "keep_sums_days",
            "shorter_than_calls",
        ),
        (
            json!({"keep_transcripts_days": 0}),
            "keep_transcripts_days",
            "invalid_days",
        ),
        (
            json!({"transcript_max_body_bytes": 16_383}),
            "transcript_max_body_bytes",
            "invalid_bytes",
        ),
        (
            json!({"transcript_max_body_bytes": 33_554_433}),
            "transcript_max_body_bytes",
            "invalid_bytes",
        ),
        (
            json!({"transcript_max_body_bytes": "1 MiB"}),
            "transcript_max_body_bytes",
            "wrong_type",
        ),
        (
            json!({"keep_calls_days": 91, "keep_sums_days": 90}),
            "keep_sums_days",
            "shorter_than_calls",
        ),
    ] {
        let refused = app.patch("/api/v1/settings", body).await;
        refused.fields(422, "invalid", &[(field, code)]);
    }
}

#[tokio::test]
async fn several_wrong_settings_are_all_named_and_nothing_is_changed() {
    let app = App::new().await;
    let body =
        json!({"report_time_zone": "Mars/Olympus", "keep_calls_days": 0, "keep_sums_days": 0});
    app.patch("/api/v1/settings", body).await.fields(
        422,
        "invalid",
        &[
            ("keep_calls_days", "invalid_days"),
            ("keep_sums_days", "invalid_days"),
            ("report_time_zone", "invalid_time_zone"),
        ],
    );
    let body = json!({"report_time_zone": "Europe/Berlin", "keep_calls_days": 0});
    app.patch("/api/v1/settings", body).await.fields(
        422,
        "invalid",
        &[("keep_calls_days", "invalid_days")],
    );
    let settings = app.get("/api/v1/settings").await.json(200);
    assert_eq!(settings["report_time_zone"], "UTC");
}

#[tokio::test]
async fn calls_are_kept_for_a_time_and_every_answer_says_so() {
    let app = App::with_provider().await;
    let now = Timestamp::now();
    let second = |second: i64| Timestamp::from_second(second).unwrap();
    let days_ago = |days: i64| second(now.as_second() - days * 86_400);
    let calls = (0..20).map(|day| call("main", &days_ago(day).to_string(), |_| {}));
    record(&app, calls.collect()).await;
    let path = "/api/v1/settings";
    let kept = app.patch(path, json!({"keep_calls_days": 5})).await;
    assert_eq!(kept.json(200)["keep_calls_days"], 5);
    let next = &app.get("/api/v1/system").await.json(200)["storage"]["next"];
    let midnight = now.as_second().div_euclid(86_400) * 86_400 - 5 * 86_400;
    let limit = second(midnight).to_string();
    assert_eq!(
        *next,
        json!({"calls": 14, "calls_until": limit, "sums_until": null})
    );
    seal(&app).await;
    let storage = &app.get("/api/v1/system").await.json(200)["storage"];
    assert_eq!(
        (&storage["calls"], &storage["next"]),
        (&json!(6), &json!(null))
    );
    assert_eq!(storage["calls_from"], limit);
    let last = &storage["last_calls"];
    assert_eq!((&last["rows"], &last["until"]), (&json!(14), &json!(limit)));
    assert_eq!(storage["shrinks"], true);
    let calls = app.get("/api/v1/calls").await.json(200);
    assert_eq!(calls["deleted_before"], limit);
    assert_eq!(calls["items"].as_array().unwrap().len(), 6);
    // From the middle of a quarter hour on.
    let from = second(midnight - 10 * 86_400 + 7 * 60);
    let usage = format!("/api/v1/usage?metric=requests&bucket=day&from={from}");
    let usage = app.get(&usage).await.json(200);
    let snapped = second(midnight - 10 * 86_400);
    assert_eq!(usage["from"], snapped.to_string());
    assert_eq!(usage["limits"]["asked_from"], from.to_string());
    assert_eq!(usage["limits"]["calls_from"], limit);
    assert_eq!(usage["total"], 16);

    let short = json!({"keep_sums_days": 7});
    app.patch(path, short).await.json(200);
    seal(&app).await;
    let usage = format!("/api/v1/usage?metric=requests&bucket=day&from={from}");
    let usage = app.get(&usage).await.json(200);
    let first = second(midnight - 2 * 86_400);
    assert_eq!(usage["from"], first.to_string());
    assert_eq!(usage["limits"]["figures_from"], first.to_string());
    assert_eq!(usage["total"], 8);

    let rows = app.get("/api/v1/audit?kind=ledger").await.json(200);
    let rows: Vec<_> = rows["items"].as_array().unwrap().to_owned();
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["object_id"].as_str().unwrap(),
                row["actor"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("sums", "system"), ("calls", "system")]);
    let rows = app.get("/api/v1/audit?kind=settings").await.json(200);
    assert_eq!(rows["items"][0]["object_id"], "retention");
    assert_eq!(
        rows["items"][0]["before"],
        json!({"keep_calls_days": 5, "keep_sums_days": null})
    );
}

#[tokio::test]
async fn the_books_are_checked_in_the_background() {
    let app = App::with_provider().await;
    record(&app, vec![call("main", "2026-11-01T10:00:00Z", |_| {})]).await;
    let storage = app.admin.storage();
    let who = Who::system();
    assert_eq!(storage.get(&who).await.unwrap().checked, None);
    assert!(storage.check(&who));
    let checked = loop {
        let storage = storage.get(&who).await.unwrap();
        if let Some(checked) = storage.checked.filter(|_| !storage.checking) {
            break checked;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((checked.calls, checked.differences), (1, 0));
    let system = app.get("/api/v1/system").await.json(200);
    assert_eq!(system["storage"]["checked"]["differences"], 0);
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
        json!({"newest_call_at": null, "calls_behind": null, "trouble": null})
    );
    app.store.close().await.unwrap();
    let away = app.get("/api/v1/system").await.json(200);
    assert_eq!(away["storage"], json!(null));
    assert_eq!(
        away["database"],
        json!({"kind": "sqlite", "answers": false, "bytes": null})
    );
}
