//! What is kept for how long, and what it takes. Keeping less shows first what would go, and asks.

mod facts;

use admin::{
    settings::{Days, Keep, SettingsPatch, SettingsView},
    storage::ExcessView,
    system::SystemView,
};
use axum::response::Response;
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::{Head, Tab};
use crate::{
    format::{count::grouped, time, zone::Zone},
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::{
        field::{TextField, Typed},
        note::{NoteBox, Tone},
    },
    shell::nav::Place,
};

/// The address of the page.
pub(crate) const PATH: &str = "/settings/storage";
/// The address that has the books checked.
pub(super) const CHECK: &str = "/settings/storage/check";

const CALLS: &str = "keep_calls_days";
const SUMS: &str = "keep_sums_days";
/// What was shown to be deleted, and agreed to.
const AGREED: &str = "agreed";

/// What the form shows.
struct Shown {
    calls: Typed,
    sums: Typed,
    /// What would be deleted, which is asked about first.
    ask: Option<(Keep, ExcessView)>,
}

/// `GET /settings/storage`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let settings = page.admin().settings().get(page.who()?).await?;
    let shown = Shown {
        calls: as_set(settings.keep_calls_days),
        sums: as_set(settings.keep_sums_days),
        ask: None,
    };
    answer(&page, StatusCode::OK, shown).await
}

/// `POST /settings/storage`
pub(super) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let who = page.who()?;
    let settings = page.admin().settings();
    let patch = SettingsPatch {
        keep_calls_days: Some(days(fields.text(CALLS))),
        keep_sums_days: Some(days(fields.text(SUMS))),
        ..SettingsPatch::default()
    };
    let keep = match settings.kept_by(who, &patch).await {
        Ok(keep) => keep,
        Err(error) => {
            let wrong = Wrong::read(error)?.in_order(&[CALLS, SUMS]);
            let shown = Shown {
                calls: wrong.typed(&fields, CALLS),
                sums: wrong.typed(&fields, SUMS),
                ask: None,
            };
            return answer(&page, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
        }
    };
    let now = settings.get(who).await?;
    let changes = (now.keep_calls_days, now.keep_sums_days) != (keep.calls_days, keep.sums_days);
    if changes
        && let Some(excess) = page.admin().storage().excess(who, keep).await?
        && fields.text(AGREED) != agreed(keep, excess)
    {
        let shown = Shown {
            calls: as_set(keep.calls_days),
            sums: as_set(keep.sums_days),
            ask: Some((keep, excess)),
        };
        return answer(&page, StatusCode::OK, shown).await;
    }
    let saved = settings.update(who, &patch).await?;
    let (title, detail) = told(&saved);
    Ok(page.go_on(PATH, Flash::new(title, detail)).await)
}

/// `POST /settings/storage/check`
pub(super) async fn check(page: Page) -> Result<Response, Failure> {
    let begun = page.admin().storage().check(page.who()?);
    let title = if begun {
        "The books are being checked"
    } else {
        "The books are being checked already"
    };
    let detail = "What comes of it is shown on this page when it is done.";
    Ok(page.go_on(PATH, Flash::new(title, detail)).await)
}

/// Days as they were typed. What is no number is refused as one that is too large.
pub(super) fn days(text: &str) -> Days {
    match text.trim() {
        "" => Days::Forever,
        text => Days::Of(text.parse().unwrap_or(u64::MAX)),
    }
}

/// A number as it is set. `None`: blank.
pub(super) fn as_set(number: Option<impl ToString>) -> Typed {
    Typed {
        value: number.map(|number| number.to_string()).unwrap_or_default(),
        ..Typed::default()
    }
}

/// What one agrees to: these days, and all before these moments.
fn agreed(keep: Keep, excess: ExcessView) -> String {
    format!(
        "{:?} {:?} {:?} {:?}",
        keep.calls_days, keep.sums_days, excess.calls_until, excess.sums_until
    )
}

pub(super) fn in_words(days: Option<u32>) -> String {
    match days {
        None => "for ever".to_owned(),
        Some(1) => "for 1 day".to_owned(),
        Some(days) => format!("for {} days", grouped(u64::from(days))),
    }
}

/// What was saved.
fn told(settings: &SettingsView) -> (String, String) {
    let calls = in_words(settings.keep_calls_days);
    let sums = in_words(settings.keep_sums_days);
    let title = format!("Calls are kept {calls}, sums {sums}");
    let detail = if settings.keep_calls_days.is_some() {
        "Older ones are deleted in the background, a few at a time."
    } else {
        ""
    };
    (title, detail.to_owned())
}

async fn answer(page: &Page, status: StatusCode, shown: Shown) -> Result<Response, Failure> {
    let system = page.admin().system().get(page.who()?).await?;
    Ok(page
        .html(status, "Storage", Place::Settings, move || {
            view(shown, system)
        })
        .await)
}

fn view(shown: Shown, system: SystemView) -> AnyView {
    let now = time::now();
    let head = html! {
        <Head tab=Tab::Storage lede="How long calls and sums are kept, what they take on the disk, and whether the books balance."/>
    };
    if let Some((keep, excess)) = shown.ask {
        return html! { {head}<Ask keep=keep excess=excess now=now/> };
    }
    html! {
        {head}
        <div class="cols-2">
            <Kept calls=shown.calls sums=shown.sums/>
            <div class="stack">
                <facts::Sizes system=system.clone()/>
                <facts::Deleted system=system.clone() now=now/>
                <facts::Books system=system now=now/>
            </div>
        </div>
    }
}

/// For how long they are kept.
#[component]
fn Kept(calls: Typed, sums: Typed) -> impl IntoView {
    let zone = Zone::here().name().to_owned();
    html! {
        <form class="card" method="post" action=PATH novalidate aria-labelledby="kept-title">
            <div class="card-head"><h2 id="kept-title">"How long"</h2></div>
            <div class="card-body">
                <TextField name=CALLS label="Keep calls for (days)" typed=calls optional=true placeholder="for ever"
                    help="Blank: for ever. A call is a row of Calls, with its tokens, rates and times."/>
                <TextField name=SUMS label="Keep sums for (days)" typed=sums optional=true placeholder="for ever"
                    help="Blank: for ever. As long as calls, at least. Cost & Usage tells by them of calls that are deleted."/>
                <p class="soft">
                    {format!("Days are those of {zone}: each night those go that are older. Deleting calls changes no figure, since their sums stay, sealed with checksums. ")}
                    "What is deleted does not come back."
                </p>
            </div>
            <div class="card-foot">
                <button class="btn primary" type="submit">"Save"</button>
                <span class="help">"Where something would be deleted, you are asked first."</span>
            </div>
        </form>
    }
}

/// What would go, and whether it may.
#[component]
fn Ask(keep: Keep, excess: ExcessView, now: Timestamp) -> impl IntoView {
    let zone = Zone::here();
    let calls = excess.calls_until.map(|until| {
        let count = grouped(excess.calls);
        let (count, are) = match excess.calls {
            1 => ("1 call".to_owned(), "is"),
            _ => (format!("{count} calls"), "are"),
        };
        let rest = format!(
            " that began before {} ({}) {are} deleted. No figure of Cost & Usage changes; a range that begins or ends there is told by whole quarter hours.",
            zone.day(until, now),
            zone.exact(until),
        );
        html! { <p><b>{count}</b>{rest}</p> }
    });
    let sums = excess.sums_until.map(|until| {
        let before = format!("All figures from before {}", zone.day(until, now));
        let rest = format!(
            " ({}) are deleted. Cost & Usage begins there from then on.",
            zone.exact(until)
        );
        html! { <p><b>{before}</b>{rest}</p> }
    });
    let field = |days: Option<u32>| days.map(|days| days.to_string()).unwrap_or_default();
    let title = format!(
        "Keep calls {}, and sums {}?",
        in_words(keep.calls_days),
        in_words(keep.sums_days)
    );
    html! {
        <form class="card narrow" method="post" action=PATH aria-labelledby="ask-title">
            <input type="hidden" name=CALLS value=field(keep.calls_days)/>
            <input type="hidden" name=SUMS value=field(keep.sums_days)/>
            <input type="hidden" name=AGREED value=agreed(keep, excess)/>
            <div class="card-head"><h2 id="ask-title">{title}</h2></div>
            <div class="card-body">
                <NoteBox tone=Tone::Warning>"This is for good. Nothing is saved or deleted yet."</NoteBox>
                {calls}{sums}
                <p class="soft">"It is done in the background, a few at a time, and no call waits for it."</p>
            </div>
            <div class="card-foot">
                <button class="btn danger-solid" type="submit">"Save and delete"</button>
                <a class="btn ghost" href=PATH>"Cancel"</a>
            </div>
        </form>
    }
}
