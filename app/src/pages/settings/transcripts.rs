//! For how long transcripts are kept and how much of each, and what they take. Keeping them for a shorter time
//! shows first how many would go, and asks.

use admin::{
    settings::{BodyBytes, Days, SettingsPatch, SettingsView},
    transcripts::{BODY_BYTES, Forget, Keeping, TranscriptsView},
};
use axum::response::Response;
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::{
    Head, Tab,
    storage::{as_set, days, in_words},
};
use crate::{
    format::{count::grouped, size, time},
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::{
        field::{TextField, Typed},
        figures::When,
        kv::Fact,
        marks::{Standing, Status},
        note::{NoteBox, Tone},
    },
    pages::{
        calls::table::Names,
        transcripts::{
            DELETE, LIST,
            recording::{self, plural_counted, plural_transcripts},
        },
    },
    shell::nav::Place,
};

/// The address of the page.
pub(crate) const PATH: &str = "/settings/transcripts";

const KEEP: &str = "keep_transcripts_days";
/// How much of a body is kept. Here in KiB.
const BODY: &str = "transcript_max_body_bytes";
/// What was shown to be deleted, and agreed to.
const AGREED: &str = "agreed";
const KIB: u64 = 1_024;

/// What the form shows.
struct Shown {
    keep: Typed,
    body: Typed,
    /// How many transcripts would be deleted, which is asked about first.
    ask: Option<(SettingsPatch, u64)>,
}

/// `GET /settings/transcripts`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let settings = page.admin().settings().get(page.who()?).await?;
    let shown = Shown {
        keep: as_set(settings.keep_transcripts_days),
        body: as_set(Some(settings.transcript_max_body_bytes / KIB)),
        ask: None,
    };
    answer(&page, StatusCode::OK, shown).await
}

/// `POST /settings/transcripts`
pub(super) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let who = page.who()?;
    let settings = page.admin().settings();
    let patch = SettingsPatch {
        keep_transcripts_days: Some(days(fields.text(KEEP))),
        transcript_max_body_bytes: Some(bytes(fields.text(BODY))),
        ..SettingsPatch::default()
    };
    let keeping = match settings.keeping_by(who, &patch) {
        Ok(keeping) => keeping,
        Err(error) => {
            let wrong = in_kib(&Wrong::read(error)?);
            let shown = Shown {
                keep: wrong.typed(&fields, KEEP),
                body: wrong.typed(&fields, BODY),
                ask: None,
            };
            return answer(&page, StatusCode::UNPROCESSABLE_ENTITY, shown).await;
        }
    };
    let agreed = fields.text(AGREED) == fields.text(KEEP).trim();
    let now = settings.get(who).await?.keep_transcripts_days;
    if now != keeping.keep_days
        && !agreed
        && let Some(older) = older_than(keeping)
    {
        let count = page.admin().transcripts().count(who, &older).await?;
        if count > 0 {
            let shown = Shown {
                keep: as_set(keeping.keep_days),
                body: as_set(Some(keeping.max_body_bytes / KIB)),
                ask: Some((patch, count)),
            };
            return answer(&page, StatusCode::OK, shown).await;
        }
    }
    let saved = settings.update(who, &patch).await?;
    let (title, detail) = told(&saved);
    Ok(page.go_on(PATH, Flash::new(title, detail)).await)
}

/// What such a setting would have deleted.
fn older_than(keeping: Keeping) -> Option<Forget> {
    const DAY: i64 = 86_400;
    let seconds = i64::from(keeping.keep_days?).saturating_mul(DAY);
    let until = time::now().as_second().saturating_sub(seconds);
    Timestamp::from_second(until).ok().map(Forget::Before)
}

/// KiB as they were typed. What is no number is refused as one that is too large.
fn bytes(text: &str) -> BodyBytes {
    match text.trim() {
        "" => BodyBytes::Default,
        text => BodyBytes::Of(
            text.parse()
                .map_or(u64::MAX, |kib: u64| kib.saturating_mul(KIB)),
        ),
    }
}

/// What is wrong, in the unit of the form.
fn in_kib(wrong: &Wrong) -> Wrong {
    let mut told = Wrong::NOTHING;
    if !wrong.of(KEEP).is_empty() {
        told.add(KEEP, wrong.of(KEEP));
    }
    if !wrong.of(BODY).is_empty() {
        let (least, most) = (BODY_BYTES.start() / KIB, BODY_BYTES.end() / KIB);
        told.add(BODY, format!("Write whole KiB, from {least} to {most}."));
    }
    told
}

/// What was saved.
fn told(settings: &SettingsView) -> (String, String) {
    let title = format!(
        "Transcripts are kept {}",
        in_words(settings.keep_transcripts_days)
    );
    let of_body = size::of(settings.transcript_max_body_bytes);
    let detail = format!("Of each body up to {of_body} in new calls.");
    (title, detail)
}

async fn answer(page: &Page, status: StatusCode, shown: Shown) -> Result<Response, Failure> {
    let state = page.admin().transcripts().state(page.who()?).await;
    let names = Names::read(page).await?;
    Ok(page
        .html(status, "Transcripts", Place::Settings, move || {
            view(shown, &state, &names)
        })
        .await)
}

fn view(shown: Shown, state: &TranscriptsView, names: &Names) -> AnyView {
    let now = time::now();
    let head = html! {
        <Head tab=Tab::Transcripts lede="How long transcripts are kept, how much of each, and what they take on the disk."/>
    };
    if let Some((patch, count)) = shown.ask {
        return html! { {head}{ask(&patch, count, shown.keep, shown.body)} };
    }
    let trouble = recording::trouble(state, now);
    let deletions = deletions(state, names, now);
    html! {
        {head}{trouble}
        <div class="cols-2">
            <Kept keep=shown.keep body=shown.body/>
            <div class="stack">
                {room(state, now)}
                {deletions}
            </div>
        </div>
    }
}

/// For how long they are kept, and how much of each.
#[component]
fn Kept(keep: Typed, body: Typed) -> impl IntoView {
    html! {
        <form class="card" method="post" action=PATH novalidate aria-labelledby="kept-title">
            <div class="card-head"><h2 id="kept-title">"What is kept"</h2></div>
            <div class="card-body">
                <TextField name=KEEP label="Keep transcripts for (days)" typed=keep optional=true placeholder="for ever"
                    help="Blank: for ever. Older ones are deleted for good, once an hour."/>
                <TextField name=BODY label="Keep of each body up to (KiB)" typed=body optional=true placeholder="1024"
                    help="Blank: 1,024, which is 1 MiB. What is longer is cut there, and its transcript says so. It holds for new calls."/>
                <p class="soft">
                    "Which providers record what is in each provider’s form. Calls and their costs are kept apart from transcripts, for as long as Storage says: deleting transcripts changes no figure. What is deleted does not come back."
                </p>
            </div>
            <div class="card-foot">
                <button class="btn primary" type="submit">"Save"</button>
                <span class="help">"Where something would be deleted, you are asked first."</span>
            </div>
        </form>
    }
}

/// What is there, and what it takes.
fn room(state: &TranscriptsView, now: Timestamp) -> AnyView {
    let number = |count: Option<u64>| match count {
        Some(count) => html! { <span class="tnum">{grouped(count)}</span> },
        None => html! { <span class="muted">"not known"</span> },
    };
    let bytes = match state.bytes {
        Some(bytes) => html! { <span class="tnum">{size::of(bytes)}</span> },
        None if state.answers => html! { <span class="muted">"a part of Postgres"</span> },
        None => html! { <span class="muted">"not known"</span> },
    };
    let oldest = state
        .oldest_at
        .map(|at| html! { <Fact name="Oldest"><When moment=at now=now/></Fact> });
    let waiting = (state.waiting > 0).then(|| {
        let words = format!(
            "{}, {}",
            grouped(state.waiting),
            size::of(state.waiting_bytes)
        );
        html! { <Fact name="Waiting in memory"><span class="tnum">{words}</span></Fact> }
    });
    let (transcripts, conversations) = (number(state.transcripts), number(state.conversations));
    let what = recording::line(state);
    html! {
        <section class="card" aria-labelledby="room-title">
            <div class="card-head"><h2 id="room-title">"On the disk"</h2></div>
            <div class="card-body">
                <dl class="kv">
                    <Fact name="Size">{bytes}</Fact>
                    <Fact name="Calls with a transcript">{transcripts}</Fact>
                    <Fact name="Conversations">{conversations}</Fact>
                    {oldest}{waiting}
                </dl>
                {what}
            </div>
            <div class="card-foot"><a class="btn" href=LIST>"Open transcripts"</a><a class="btn" href=DELETE>"Delete…"</a></div>
        </section>
    }
}

/// What was deleted since Weir started, and what is being deleted.
fn deletions(state: &TranscriptsView, names: &Names, now: Timestamp) -> Option<AnyView> {
    if state.deletions.is_empty() {
        return None;
    }
    let lines: Vec<_> = state
        .deletions
        .iter()
        .map(|deletion| {
            let what = recording::what(deletion, names);
            let count = plural_transcripts(deletion.transcripts);
            let ended = match deletion.ended_at {
                Some(at) => {
                    html! { <Status standing=Standing::Good label="Gone from every file"/><span>{count}", "<When moment=at now=now/></span> }
                }
                None => {
                    html! { <Status standing=Standing::Off label="Under way"/><span>{count}" so far"</span> }
                }
            };
            html! { <li><p>{what}</p><p class="row xs muted">{ended}</p></li> }
        })
        .collect();
    Some(html! {
        <section class="card" aria-labelledby="deletions-title">
            <div class="card-head"><h2 id="deletions-title">"Deleted since Weir started"</h2></div>
            <div class="card-body"><ul class="stack tight">{lines}</ul></div>
        </section>
    })
}

/// What would go, and whether it may.
fn ask(patch: &SettingsPatch, count: u64, keep: Typed, body: Typed) -> AnyView {
    let days = match patch.keep_transcripts_days {
        Some(Days::Of(days)) => u32::try_from(days).ok(),
        Some(Days::Forever) | None => None,
    };
    let title = format!("Keep transcripts {}?", in_words(days));
    let (is, older) = match count {
        1 => ("is", "It is"),
        _ => ("are", "They are"),
    };
    let words = format!("{} {is} deleted.", plural_counted(count));
    html! {
        <form class="card narrow" method="post" action=PATH aria-labelledby="ask-title">
            <input type="hidden" name=AGREED value=keep.value.clone()/>
            <input type="hidden" name=KEEP value=keep.value/>
            <input type="hidden" name=BODY value=body.value/>
            <div class="card-head"><h2 id="ask-title">{title}</h2></div>
            <div class="card-body">
                <NoteBox tone=Tone::Warning>"This is for good. Nothing is saved or deleted yet."</NoteBox>
                <p><b>{words}</b>{format!(" {older} older than that. Costs stay.")}</p>
                <p class="soft">"It is done in the background, a few at a time, and no call waits for it."</p>
            </div>
            <div class="card-foot">
                <button class="btn danger-solid" type="submit">"Save and delete"</button>
                <a class="btn ghost" href=PATH>"Cancel"</a>
            </div>
        </form>
    }
}
