//! The zone of reports, and how Weir itself is.

use domain::Timestamp;

use crate::app::{App, who};

#[tokio::test]
async fn the_zone_holds_at_once_and_after_a_new_start() {
    let app = App::new().await;
    assert_eq!(app.admin.live().zone().name(), "UTC");
    let settings = app.admin.settings();
    settings
        .set_report_time_zone(&who(), "asia/kathmandu")
        .await
        .unwrap();
    for live in [app.admin.live().clone(), app.read_again().await] {
        let zone = live.zone();
        assert_eq!(zone.name(), "Asia/Kathmandu");
        let noon: Timestamp = "2026-11-19T12:00:00Z".parse().unwrap();
        assert_eq!(
            zone.local(noon).to_string(),
            "2026-11-19T17:45:00+05:45[Asia/Kathmandu]"
        );
    }
    settings.set_report_time_zone(&who(), " ").await.unwrap();
    assert_eq!(app.admin.live().zone().name(), "UTC");
}

#[tokio::test]
async fn weir_tells_its_versions_and_sizes() {
    let app = App::new().await;
    let system = app.admin.system().get(&who()).await.unwrap();
    assert_eq!(system.version, env!("CARGO_PKG_VERSION"));
    assert_eq!(
        system.catalog_version,
        app.admin.live().now().catalog.version()
    );
    assert!(system.started_at <= Timestamp::now());
    assert!(system.database.answers && system.database.bytes > Some(10_000));
}
