//! The zone of reports, and how Weir itself is.

use admin::{
    settings::SettingsPatch,
    system::{DatabaseView, JournalView, LedgerView, SystemView},
    usage::ReportZone,
};
use axum::response::Response;
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::{Head, Tab};
use crate::{
    format::{count::plural, size, time, zone::Zone},
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::{
        field::Under,
        figures::{When, WhenOr},
        kv::Fact,
        marks::{Standing, Status},
    },
    shell::nav::Place,
};

const FIELD: &str = "report_time_zone";

/// `GET /settings`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let zone = page.zone().name().to_owned();
    answer(&page, StatusCode::OK, zone, &Wrong::NOTHING).await
}

/// `POST /settings`
pub(super) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let zone = fields.text(FIELD).to_owned();
    let patch = SettingsPatch {
        report_time_zone: Some(zone.clone()),
        ..SettingsPatch::default()
    };
    match page.admin().settings().update(page.who()?, &patch).await {
        Ok(settings) => {
            let title = format!("Times are told in {}", settings.report_time_zone);
            Ok(page.go_on("/settings", Flash::new(title, "")).await)
        }
        Err(error) => {
            let wrong = Wrong::read(error)?;
            answer(&page, StatusCode::UNPROCESSABLE_ENTITY, zone, &wrong).await
        }
    }
}

async fn answer(
    page: &Page,
    status: StatusCode,
    zone: String,
    wrong: &Wrong,
) -> Result<Response, Failure> {
    let system = page.admin().system().get(page.who()?).await?;
    let error = wrong.of(FIELD);
    Ok(page.html(status, "Settings", Place::Settings, move || {
        let now = time::now();
        html! {
            <Head tab=Tab::General lede="What holds for everybody who signs in, and how this Weir is."/>
            <div class="cols-2">
                <Reports zone=zone error=error now=now/>
                <ThisWeir system=system now=now/>
            </div>
        }
    })
        .await)
}

/// The zones that are offered: places, and UTC. Older and shorter names are taken as well.
fn offered() -> impl Iterator<Item = String> {
    const AREAS: [&str; 10] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ];
    ReportZone::names().into_iter().filter(|name| {
        let area = name.split_once('/').map(|(area, _)| area);
        name == "UTC" || area.is_some_and(|area| AREAS.contains(&area))
    })
}

/// The zone of reports.
#[component]
fn Reports(zone: String, error: String, now: Timestamp) -> impl IntoView {
    let zones = offered().map(|name| html! { <option value=name></option> });
    let first = !error.is_empty();
    html! {
        <form class="card" method="post" action="/settings" aria-labelledby="reports-title">
            <div class="card-head"><h2 id="reports-title">"Reports"</h2></div>
            <div class="card-body">
                <div class="field">
                    <label for=FIELD>"Time zone"</label>
                    <input class="input" id=FIELD name=FIELD value=zone list="zones" autocomplete="off" spellcheck="false"
                        placeholder="UTC" aria-invalid=first.then_some("true") aria-describedby="zone-about" autofocus=first/>
                    <datalist id="zones">{zones.collect_view()}</datalist>
                    <Under id="zone-about" error=error help="A name such as Europe/Berlin or Asia/Kathmandu. Blank: UTC.".to_owned()/>
                </div>
                <p class="soft">
                    "The console tells every time in this zone, to everybody. Days and weeks begin at its midnight, and a token’s last day ends there. "
                    "The ledger and the REST API keep UTC."
                </p>
                <p class="soft">"It is now "<b class="tnum" id="now">{Zone::here().exact(now)}</b>"."</p>
            </div>
            <div class="card-foot"><button class="btn primary" type="submit">"Save"</button></div>
        </form>
    }
}

/// Version, health, sizes.
#[component]
fn ThisWeir(system: SystemView, now: Timestamp) -> impl IntoView {
    html! {
        <section class="card" aria-labelledby="weir-title">
            <div class="card-head"><h2 id="weir-title">"This Weir"</h2></div>
            <div class="card-body">
                <dl class="kv">
                    <Fact name="Version"><span>{system.version}</span></Fact>
                    <Fact name="Running since"><When moment=system.started_at now=now/></Fact>
                    <Fact name="Catalog"><span>{system.catalog_version}</span></Fact>
                    <Database of=system.database/>
                    <Journal of=system.journal/>
                    <Ledger of=system.ledger now=now/>
                </dl>
            </div>
        </section>
    }
}

#[component]
fn Database(of: DatabaseView) -> impl IntoView {
    let (kind, beside) = if of.kind == "postgres" {
        ("Postgres", "")
    } else {
        ("SQLite", ", with its write-ahead log")
    };
    let (standing, label) = if of.answers {
        (Standing::Good, format!("{kind} answers"))
    } else {
        (Standing::Bad, format!("{kind} does not answer"))
    };
    html! {
        <Fact name="Database"><Status standing=standing label=label/></Fact>
        <Fact name="Database size">{told_size(of.bytes, beside)}</Fact>
    }
}

#[component]
fn Journal(of: JournalView) -> impl IntoView {
    let standing = match of.writable {
        Some(true) => html! { <Status standing=Standing::Good label="Takes calls"/> },
        Some(false) => html! {
            <Status standing=Standing::Bad label="Cannot be written"/><span class="muted">"New calls are refused, unless Weir was told to forward them unrecorded. The log says why."</span>
        },
        None => html! { <span class="muted">"not known"</span> },
    };
    html! {
        <Fact name="Journal">{standing}</Fact>
        <Fact name="Journal size">{told_size(of.bytes, "")}</Fact>
    }
}

#[component]
fn Ledger(of: LedgerView, now: Timestamp) -> impl IntoView {
    let behind = match of.calls_behind {
        Some(0) => html! { <Status standing=Standing::Good label="Has every call"/> },
        Some(calls) => {
            let words = format!(
                "{} in the journal, not yet in the ledger",
                plural(
                    usize::try_from(calls).unwrap_or(usize::MAX),
                    "call",
                    "calls"
                )
            );
            html! { <Status standing=Standing::Off label="Catching up"/><span class="muted">{words}</span> }
        }
        None => html! { <span class="muted">"not known"</span> },
    };
    let behind = match of.trouble {
        Some(trouble) => html! {
            <Status standing=Standing::Bad label="Cannot be written"/>
            <span class="muted">"since "<When moment=trouble.since now=now/>". Calls are kept in the journal."</span>
            <code class="break">{trouble.message}</code>
        }
        .into_any(),
        None => behind.into_any(),
    };
    html! {
        <Fact name="Ledger">{behind}</Fact>
        <Fact name="Newest call"><WhenOr moment=of.newest_call_at now=now none="none yet"/></Fact>
    }
}

fn told_size(bytes: Option<u64>, beside: &'static str) -> AnyView {
    match bytes {
        Some(bytes) => html! { <span class="tnum">{format!("{}{beside}", size::of(bytes))}</span> },
        None => html! { <span class="muted">"not known"</span> },
    }
}
