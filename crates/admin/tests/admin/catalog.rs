use std::sync::{Arc, Mutex};

use admin::{
    Admin, AdminError, Live,
    audit::AuditQuery,
    catalog::{
        ApplyRequest, CatalogSource, CatalogStatus, DiscardRequest, FetchFailure, PriceView,
    },
};
use catalog::{Catalog, CatalogModel};
use domain::{Timestamp, provider::PricePlace};
use futures_util::future::BoxFuture;
use jiff::{ToSpan, civil::Date, tz::TimeZone};
use serde_json::json;
use store::{CatalogInfo, CatalogOrigin};
use uuid::Uuid;

use crate::app::{App, noted, told, who};

/// The built-in catalog's models, of which the test changes some.
fn models() -> Vec<CatalogModel> {
    let builtin = Catalog::builtin().unwrap();
    let kinds = builtin.kinds();
    kinds
        .into_iter()
        .flat_map(|kind| builtin.list(kind))
        .collect()
}

fn file(version: &str, models: Vec<CatalogModel>) -> Vec<u8> {
    catalog::write(version, models).unwrap().into_bytes()
}

fn model<'a>(models: &'a mut [CatalogModel], id: &str) -> &'a mut CatalogModel {
    let mut of_openai = models.iter_mut().filter(|model| model.kind == "openai");
    of_openai
        .find(|model| model.id == id && model.region.is_none())
        .unwrap()
}

/// A newer file: gpt-4o costs twice as much, gpt-4o-mini has no price any more, gpt-99 is new.
fn newer() -> Vec<u8> {
    let mut models = models();
    let input = &mut model(&mut models, "gpt-4o").card.standard.input;
    *input = Some("5".parse().unwrap());
    model(&mut models, "gpt-4o-mini").card = Default::default();
    let mut new = model(&mut models, "gpt-4o").clone();
    new.id = "gpt-99".to_owned();
    models.push(new);
    file(&first(), models)
}

/// A version that is newer than the built-in one.
fn first() -> String {
    format!("{}.1", Catalog::builtin().unwrap().version())
}

/// A version that is newer than the first.
fn second() -> String {
    format!("{}.2", Catalog::builtin().unwrap().version())
}

fn version(version: &str) -> ApplyRequest {
    ApplyRequest {
        version: version.to_owned(),
        pending: None,
    }
}

fn input_price(admin: &Admin, id: &str) -> Option<String> {
    let model = admin
        .catalog()
        .model(&who(), "openai", id, &PricePlace::default())?;
    model.rates.get("input").map(ToString::to_string)
}

async fn status(app: &App) -> CatalogStatus {
    app.admin.catalog().status(&who()).await.unwrap()
}

#[track_caller]
fn refused(error: Result<impl std::fmt::Debug, AdminError>, status: u16, code: &str, says: &str) {
    let problem = error.unwrap_err().problem();
    assert_eq!(
        (problem.status, problem.code),
        (status, code),
        "{problem:?}"
    );
    assert!(problem.detail.contains(says), "{problem:?}");
}

#[tokio::test]
async fn a_newer_file_changes_nothing_until_it_is_applied() {
    let app = App::with_secret().await;
    app.create(
        json!({"display_name": "Main", "type": "openai", "api_key": "OPENAI_API_KEY",
        "models": [{"id": "gpt-4o"}, {"id": "gpt-4o-mini"}, {"id": "gpt-4.1"}]}),
    )
    .await
    .unwrap();
    app.create(
        json!({"display_name": "Fixed", "type": "openai", "api_key": "OPENAI_API_KEY",
        "models": [{"id": "gpt-4o", "rates": {"input": "1"}}]}),
    )
    .await
    .unwrap();
    app.openai("Open").await;
    let before = status(&app).await;
    assert_eq!((before.origin, before.pending.is_none()), ("builtin", true));

    let proposed = app.admin.catalog().upload(&who(), newer()).await.unwrap();
    assert_eq!(proposed.catalog.version, first());
    assert_eq!(proposed.in_use, before.version);
    let changes = &proposed.changes;
    let [openai] = changes.kinds.as_slice() else {
        panic!("{:?}", changes.kinds)
    };
    let counts = (openai.added, openai.removed, openai.repriced, openai.other);
    assert_eq!((openai.kind.as_str(), counts), ("openai", (1, 0, 2, 0)));
    let ids: Vec<&str> = changes
        .repriced
        .iter()
        .map(|one| one.model.id.as_str())
        .collect();
    assert_eq!(ids, ["gpt-4o-mini", "gpt-4o"], "a lost price comes first");
    let affected: Vec<_> = changes
        .affected
        .iter()
        .map(|one| (one.provider.as_str(), one.model.as_str(), one.loses_price))
        .collect();
    assert_eq!(
        affected,
        [("main", "gpt-4o-mini", true), ("main", "gpt-4o", false)]
    );
    let dearer = PriceView {
        price: "input",
        tier: None,
        long_context: false,
        before: Some("2.5".to_owned()),
        after: Some("5".to_owned()),
    };
    assert_eq!(changes.affected[1].prices, [dearer]);
    assert_eq!(
        changes
            .open_providers
            .iter()
            .map(|id| id.as_str())
            .collect::<Vec<_>>(),
        ["open"]
    );

    assert_eq!(input_price(&app.admin, "gpt-4o").as_deref(), Some("2.5"));
    assert_eq!(status(&app).await.version, before.version);
    let read_again = app.admin.catalog().proposed(&who()).await.unwrap().unwrap();
    assert_eq!(read_again, proposed);
}

#[tokio::test]
async fn applied_it_holds_at_once_and_after_a_restart_and_makes_nothing_callable() {
    let app = App::with_secret().await;
    app.create(
        json!({"display_name": "Main", "type": "openai", "api_key": "OPENAI_API_KEY",
        "models": [{"id": "gpt-4o"}]}),
    )
    .await
    .unwrap();
    app.openai("Open").await;
    let begun_before = app.admin.live().keep();
    let catalog = app.admin.catalog();
    let proposed = catalog.upload(&who(), newer()).await.unwrap();
    let request = ApplyRequest {
        version: first(),
        pending: Some(proposed.catalog.pending),
    };
    let applied = catalog.apply(&who(), request.clone()).await.unwrap();
    assert_eq!(
        (applied.origin, applied.applied_by.as_deref()),
        ("upload", Some("admin_token"))
    );
    assert!(applied.pending.is_none() && applied.applied_at.is_some());
    assert_eq!(input_price(&app.admin, "gpt-4o").as_deref(), Some("5"));
    assert_eq!(input_price(&app.admin, "gpt-4o-mini"), None);

    // What is callable is what each provider's list says, as before.
    let snapshot = app.admin.live().keep();
    assert!(Arc::ptr_eq(&snapshot.providers, &begun_before.providers));
    let listed = app.live_provider("main").unwrap();
    assert!(listed.allows("gpt-4o") && !listed.allows("gpt-99"));
    assert!(app.live_provider("open").unwrap().allows("gpt-99"));
    // A call that began before keeps what it began with.
    assert_ne!(begun_before.catalog.version(), first());

    let again = app.read_again().await;
    assert_eq!(again.now().catalog.version(), first());
    let query = AuditQuery::read("kind=catalog").unwrap();
    let audit = app.admin.audit().list(&who(), &query).await.unwrap().items;
    let actions: Vec<&str> = audit.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["apply", "propose"]);
    let after = audit[0].after.as_ref().unwrap();
    assert_eq!(
        (
            &after["version"],
            &after["models_added"],
            &after["models_repriced"]
        ),
        (&json!(first()), &json!(1), &json!(2))
    );
    assert_eq!(audit[0].before.as_ref().unwrap()["origin"], "builtin");
    refused(
        catalog.apply(&who(), request).await,
        409,
        "catalog_not_pending",
        "applied or discarded",
    );
}

#[tokio::test]
async fn what_is_no_newer_catalog_is_refused_with_the_reason() {
    let app = App::new().await;
    let catalog = app.admin.catalog();
    let in_use = status(&app).await.version;
    let upload = |file: Vec<u8>| {
        let catalog = app.admin.catalog();
        async move { catalog.upload(&who(), file).await }
    };
    refused(
        upload(file(&in_use, models())).await,
        409,
        "catalog_not_newer",
        "is in use already",
    );
    refused(
        upload(file("2020-01-01", models())).await,
        409,
        "catalog_not_newer",
        "Only a newer one is taken",
    );
    let in_days = |days: i32| {
        let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let builtin: Date = Catalog::builtin().unwrap().date().parse().unwrap();
        let day = today.max(builtin).saturating_add(days.days());
        file(&format!("{day}.9"), models())
    };
    refused(
        upload(in_days(9)).await,
        422,
        "catalog_ahead",
        "more than 7 days ahead",
    );
    upload(in_days(6)).await.unwrap();
    let forget = DiscardRequest::default();
    catalog.discard(&who(), forget).await.unwrap();
    let damaged =
        String::from_utf8(newer())
            .unwrap()
            .replacen("\"mode\":\"chat\"", "\"mode\":\"dance\"", 1);
    refused(
        upload(damaged.into_bytes()).await,
        422,
        "catalog_damaged",
        "line ",
    );
    let cut = newer();
    refused(
        upload(cut[..cut.len() / 2].to_vec()).await,
        422,
        "catalog_damaged",
        "of the catalog",
    );
    let format = String::from_utf8(newer())
        .unwrap()
        .replacen("\"format\":1", "\"format\":2", 1);
    refused(
        upload(format.into_bytes()).await,
        422,
        "catalog_damaged",
        "this Weir reads format 1",
    );
    refused(
        upload(b"%PDF-1.7".to_vec()).await,
        422,
        "catalog_damaged",
        "line 1",
    );
    refused(
        upload(vec![b'x'; (16 << 20) + 1]).await,
        413,
        "catalog_too_large",
        "16 MiB",
    );
    refused(
        catalog.refresh(&who()).await,
        409,
        "catalog_no_address",
        "--catalog-url",
    );
    refused(
        catalog.back_to_builtin(&who()).await,
        409,
        "catalog_builtin_in_use",
        "in use",
    );
    refused(
        catalog.apply(&who(), version(&first())).await,
        409,
        "catalog_not_pending",
        "again",
    );
    assert!(catalog.proposed(&who()).await.unwrap().is_none());
}

#[tokio::test]
async fn only_what_was_looked_at_is_applied_and_only_within_its_hour() {
    let app = App::new().await;
    let catalog = app.admin.catalog();
    let first_brought = catalog.upload(&who(), newer()).await.unwrap();
    let second_brought = catalog
        .upload(&who(), file(&second(), models()))
        .await
        .unwrap();
    let stale = ApplyRequest {
        version: second(),
        pending: Some(first_brought.catalog.pending),
    };
    refused(
        catalog.apply(&who(), stale).await,
        409,
        "catalog_not_pending",
        "took its place",
    );
    refused(
        catalog.apply(&who(), version(&first())).await,
        409,
        "catalog_not_pending",
        "took its place",
    );
    let discard = |pending: Option<Uuid>| {
        let catalog = app.admin.catalog();
        async move { catalog.discard(&who(), DiscardRequest { pending }).await }
    };
    refused(
        discard(Some(first_brought.catalog.pending)).await,
        409,
        "catalog_not_pending",
        "took its place",
    );
    assert!(status(&app).await.pending.is_some());
    discard(Some(second_brought.catalog.pending)).await.unwrap();
    refused(
        discard(Some(second_brought.catalog.pending)).await,
        409,
        "catalog_not_pending",
        "discarded",
    );
    discard(None).await.unwrap();
    let query = AuditQuery::read("kind=catalog&action=discard").unwrap();
    let audit = app.admin.audit().list(&who(), &query).await.unwrap().items;
    let [row] = audit.as_slice() else {
        panic!("{audit:?}")
    };
    assert_eq!(row.object_id, second());
    assert_eq!(row.before.as_ref().unwrap()["origin"], "upload");
    refused(
        catalog.apply(&who(), version(&second())).await,
        409,
        "catalog_not_pending",
        "discarded",
    );

    let long_ago = CatalogInfo {
        id: Uuid::from_u128(7),
        version: first(),
        models: 1,
        origin: CatalogOrigin::Upload,
        actor: "system".to_owned(),
        at: Timestamp::now() - std::time::Duration::from_secs(61 * 60),
    };
    app.store
        .catalogs()
        .put_pending(&long_ago, newer())
        .await
        .unwrap();
    assert!(status(&app).await.pending.is_none());
    refused(
        catalog.apply(&who(), version(&first())).await,
        409,
        "catalog_not_pending",
        "hour is over",
    );
    let error = ApplyRequest::read(json!({"pending": "x", "when": 1})).unwrap_err();
    assert_eq!(told(&error).0, 422);
}

#[tokio::test]
async fn the_way_back_is_shown_and_taken_like_any_other() {
    let app = App::new().await;
    let catalog = app.admin.catalog();
    let builtin = status(&app).await.version;
    catalog.upload(&who(), newer()).await.unwrap();
    catalog.apply(&who(), version(&first())).await.unwrap();
    let back = catalog.back_to_builtin(&who()).await.unwrap();
    assert_eq!(
        (back.catalog.version.as_str(), back.in_use.as_str()),
        (builtin.as_str(), first().as_str())
    );
    assert_eq!(back.changes.removed[0].id, "gpt-99");
    let status = catalog.apply(&who(), version(&builtin)).await.unwrap();
    assert_eq!(
        (status.origin, status.version),
        ("builtin", builtin.clone())
    );
    assert_eq!(app.read_again().await.now().catalog.version(), builtin);
    // The same version again is another catalog, and is taken.
    catalog.upload(&who(), newer()).await.unwrap();
    catalog.apply(&who(), version(&first())).await.unwrap();
}

#[tokio::test]
async fn the_builtin_catalog_of_another_release_does_not_wait() {
    let app = App::new().await;
    let catalog = app.admin.catalog();
    catalog.upload(&who(), newer()).await.unwrap();
    catalog.apply(&who(), version(&first())).await.unwrap();
    let of_another = CatalogInfo {
        id: Uuid::from_u128(7),
        version: "2020-01-01".to_owned(),
        models: 1,
        origin: CatalogOrigin::Builtin,
        actor: "system".to_owned(),
        at: Timestamp::now(),
    };
    let kept = app.store.catalogs();
    kept.put_pending(&of_another, vec![]).await.unwrap();
    assert!(status(&app).await.pending.is_none());
    assert!(catalog.proposed(&who()).await.unwrap().is_none());
    refused(
        catalog.apply(&who(), version("2020-01-01")).await,
        409,
        "catalog_not_pending",
        "again",
    );
    assert_eq!(status(&app).await.version, first());
}

#[tokio::test]
async fn a_newer_release_wins_and_a_damaged_catalog_does_not_stop_the_start() {
    let app = App::new().await;
    let catalog = app.admin.catalog();
    catalog.upload(&who(), newer()).await.unwrap();
    catalog.apply(&who(), version(&first())).await.unwrap();
    let release = Catalog::from_bytes(file("2100-01-01", models())).unwrap();
    let live = Live::load(&app.store, Arc::new(release)).await.unwrap();
    assert_eq!(live.now().catalog.version(), "2100-01-01");
    let options = admin::Options {
        public_url: "https://weir.example.com".to_owned(),
        allow_link_local_upstreams: false,
        vertex: admin::providers::VertexDefaults::default(),
    };
    let upgraded = Admin::new(app.store.clone(), live, app.upstream.clone(), options);
    let status = upgraded.catalog().status(&who()).await.unwrap();
    assert_eq!(
        (status.origin, status.superseded_version.as_deref()),
        ("builtin", Some(first().as_str()))
    );

    let damaged = CatalogInfo {
        id: Uuid::from_u128(7),
        version: "2100-02-02".to_owned(),
        models: 1,
        origin: CatalogOrigin::Upload,
        actor: "system".to_owned(),
        at: Timestamp::now(),
    };
    let kept = app.store.catalogs();
    kept.put_pending(&damaged, b"no catalog".to_vec())
        .await
        .unwrap();
    kept.apply(damaged.id, &noted()).await.unwrap();
    let live = app.read_again().await;
    assert_eq!(
        live.now().catalog.version(),
        Catalog::builtin().unwrap().version()
    );
}

/// Answers what it is given.
struct Source(Mutex<Result<Vec<u8>, FetchFailure>>);

impl CatalogSource for Source {
    fn address(&self) -> &str {
        "https://prices.example/models.jsonl"
    }

    fn fetch(&self) -> BoxFuture<'_, Result<Vec<u8>, FetchFailure>> {
        let answer = self.0.lock().unwrap().clone();
        Box::pin(async { answer })
    }
}

#[tokio::test]
async fn the_address_is_asked_when_an_admin_asks() {
    let app = App::new().await;
    let source = Arc::new(Source(Mutex::new(Ok(newer()))));
    let admin = app.admin.clone().with_catalog_source(source.clone());
    let catalog = admin.catalog();
    let status = catalog.status(&who()).await.unwrap();
    assert_eq!(
        status.refresh_address.as_deref(),
        Some("https://prices.example/models.jsonl")
    );
    let proposed = catalog.refresh(&who()).await.unwrap();
    assert_eq!(proposed.catalog.origin, "address");
    *source.0.lock().unwrap() = Err(FetchFailure::Failed("It answered 404.".to_owned()));
    refused(
        catalog.refresh(&who()).await,
        502,
        "catalog_unreachable",
        "It answered 404.",
    );
    *source.0.lock().unwrap() = Err(FetchFailure::TooLarge);
    refused(
        catalog.refresh(&who()).await,
        413,
        "catalog_too_large",
        "16 MiB",
    );
}
