//! One re-pricing: what it would change, applying it, and how far that is.

use admin::repricing::{RepricingDetail, RepricingView, Totals};
use axum::{extract::Path, response::Response};
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::{
    address, crumbs,
    difference::{ByDay, ByModel},
    words::{self, Names},
};
use crate::{
    format::{count, money, time, zone::Zone},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        empty::Empty,
        figures::When,
        head::PageHead,
        icon::{Drawn, Icon},
        kv::Fact,
        marks::Status,
        note::{NoteBox, Tone},
    },
    pages::audit,
    shell::nav::Place,
};

/// `GET /repricing/{id}`
pub(super) async fn show(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    answer(&page, &id, StatusCode::OK, None).await
}

/// The page, and why a form of it was refused.
///
/// # Errors
/// What admin says.
pub(super) async fn answer(
    page: &Page,
    id: &str,
    status: StatusCode,
    refused: Option<String>,
) -> Result<Response, Failure> {
    let detail = page.admin().repricing().get(page.who()?, id).await?;
    let names = words::names(page).await?;
    let query = page.query().clone();
    Ok(page
        .html(status, "Re-pricing", Place::Calls, move || {
            view(detail, &names, &query, refused)
        })
        .await)
}

fn view(
    detail: RepricingDetail,
    names: &Names,
    query: &Fields,
    refused: Option<String>,
) -> AnyView {
    let now = time::now();
    let of = detail.repricing.clone();
    let path = address(&of.id.to_string());
    let title = format!("Re-pricing of {}", words::range(&of.selection, now));
    let refused = refused.map(|words| html! { <NoteBox tone=Tone::Bad>{words}</NoteBox> });
    let discard = matches!(of.state, "computing" | "ready").then(|| {
        let action = format!("{path}/discard");
        html! {
            <form method="post" action=action>
                <button class="btn" type="submit">{if of.state == "computing" { "Cancel" } else { "Discard" }}</button>
            </form>
        }
    });
    let changes = of.applied_at.is_some().then(|| {
        html! { <a class="btn" href=audit::changes("repricing", &of.id.to_string())>"In the audit"</a> }
    });
    let body = match (of.state, of.totals) {
        ("computing", _) | (_, None) => computing(&of, &path, now),
        (_, Some(totals)) => computed(detail, totals, names, query, now),
    };
    let stuck = of.error.as_ref().map(|error| {
        let words = format!("It cannot go on at the moment: {error}. It is tried again every few seconds; Weir’s log says more.");
        html! { <NoteBox tone=Tone::Bad>{words}</NoteBox> }
    });
    html! {
        <PageHead title=title lede=words::chosen(&of.selection, names) crumbs=crumbs(false) here=words::range(&of.selection, now)>
            {discard}{changes}
        </PageHead>
        {refused}{stuck}
        {body}
    }
}

/// Where one sees how far it is. With script the link changes this part alone.
fn reload(path: &str) -> AnyView {
    html! { <a class="btn sm" id="progress-reload" href=path.to_owned()><Drawn icon=Icon::Reset/>"Reload"</a> }
}

fn computing(of: &RepricingView, path: &str, now: Timestamp) -> AnyView {
    let looked = match of.seen_until {
        Some(until) => {
            let zone = Zone::here();
            format!(
                "Looked at {} so far, up to {} {}.",
                words::calls(of.calls_seen),
                zone.day(until, now),
                zone.clock(until).0
            )
        }
        None => "It has just begun.".to_owned(),
    };
    html! {
        <div data-live="progress-card">
            <section class="card" id="progress-card" aria-labelledby="progress-title">
                <div class="card-head"><h2 id="progress-title">"Working out the difference"</h2></div>
                <div class="card-body">
                    <p>{looked}" No call changes by it, and calls go on meanwhile."</p>
                </div>
                <div class="card-foot">{reload(path)}<span class="help">{format!("Begun {}.", time::relative(of.created_at, now))}</span></div>
            </section>
        </div>
    }
}

fn computed(
    detail: RepricingDetail,
    totals: Totals,
    names: &Names,
    query: &Fields,
    now: Timestamp,
) -> AnyView {
    let of = detail.repricing.clone();
    let path = address(&of.id.to_string());
    let step = match of.state {
        "ready" if totals.changed == 0 => ().into_any(),
        "ready" => apply(&of, totals, &path),
        "applying" => applying(&of, totals, &path),
        _ => ().into_any(),
    };
    let applied = of
        .applied_at
        .map(|at| html! { <Applied of=of.clone() at=at totals=totals now=now/> });
    let tables = if detail.lines.is_empty() {
        html! {
            <section class="card">
                <Empty icon=Icon::Check title="No call would cost anything else" words=nothing(totals)/>
            </section>
        }
    } else {
        html! {
            <ByModel detail=detail.clone() names=names.clone()/>
            <ByDay detail=detail names=names.clone() query=query.clone() path=path/>
        }
    };
    html! {
        {applied}
        <Figures totals=totals/>
        <Notes totals=totals/>
        {step}
        {tables}
    }
}

fn nothing(totals: Totals) -> String {
    match totals.calls {
        0 => "No call that costs something fits what you chose. Calls that are not billed are left out.".to_owned(),
        calls => format!("Looked at {}: by today’s rates each costs what it cost before.", words::calls(calls)),
    }
}

/// Before, after, and what is left without a price.
#[component]
fn Figures(totals: Totals) -> impl IntoView {
    let [before, after] =
        words::costs(&totals).map(|told| told.unwrap_or_else(|| "no price".to_owned()));
    let spend = format!("{before} before, {after} after");
    let unpriced = if totals.unpriced_before == 0 {
        "each call had a price before".to_owned()
    } else {
        format!("{} before", words::calls(totals.unpriced_before))
    };
    html! {
        <div class="stats">
            <div class="stat plain">
                <span class="k">"CHANGE IN SPEND"</span>
                <span class="v" title=money::hover(totals.difference())>{words::difference(totals.difference())}</span>
                <span class="d">{spend}</span>
            </div>
            <div class="stat plain">
                <span class="k">"OTHER PRICE"</span>
                <span class="v">{count::grouped(totals.changed)}</span>
                <span class="d">{format!("of {} that were looked at", words::calls(totals.calls))}</span>
            </div>
            <div class="stat plain">
                <span class="k">"WITHOUT A PRICE AFTER"</span>
                <span class="v">{count::grouped(totals.unpriced_after)}</span>
                <span class="d">{unpriced}</span>
            </div>
        </div>
    }
}

/// What the figures leave out.
#[component]
fn Notes(totals: Totals) -> impl IntoView {
    let unpriced = (totals.unpriced_after > 0).then(|| {
        let words = format!(
            "Still without a price after it: {}. A bucket with tokens has no rate today, or something was billed that no rate covers; such calls are in no figure. Set the rates of their models, then ask for a new re-pricing.",
            words::calls(totals.unpriced_after)
        );
        html! { <NoteBox tone=Tone::Warning>{words}</NoteBox> }
    });
    let kept = (totals.kept > 0).then(|| {
        let words = format!(
            "Keeping the price that they have: {}. There is no rate for them today, or none that can be right, or their provider is deleted. A price that is known is never taken away.",
            words::calls(totals.kept)
        );
        html! { <NoteBox tone=Tone::Info>{words}</NoteBox> }
    });
    html! { {unpriced}{kept} }
}

/// What happens when one applies it, and the button that does.
fn apply(of: &RepricingView, totals: Totals, path: &str) -> AnyView {
    let fingerprint = of.fingerprint.clone();
    let calls = words::calls(totals.changed);
    let button = format!("Apply to {calls}");
    html! {
        <form class="card" id="apply" method="post" action=format!("{path}/apply") aria-labelledby="apply-title">
            <input type="hidden" name="fingerprint" value=fingerprint/>
            <div class="card-head"><h2 id="apply-title">"Apply it"</h2></div>
            <div class="card-body">
                <ul class="dots-list">
                    <li>{format!("The price that is shown here becomes that of {calls}, and every figure of these days changes with it.")}</li>
                    <li>"Each call keeps the prices that it had, with their rates. The audit keeps the old figures of each model."</li>
                    <li>"It runs in small steps beside calls. Once it is applied it cannot be called off: to correct it, correct the rates and price the same calls again."</li>
                    <li>"If rates change before you apply it, nothing is applied and the difference is worked out anew."</li>
                </ul>
            </div>
            <div class="card-foot"><button class="btn primary" type="submit"><Drawn icon=Icon::Check/>{button}</button></div>
        </form>
    }
}

fn applying(of: &RepricingView, totals: Totals, path: &str) -> AnyView {
    let done = format!(
        "New prices so far: {} of {}.",
        count::grouped(of.calls_changed),
        words::calls(totals.changed)
    );
    html! {
        <div data-live="progress-card">
            <section class="card" id="progress-card" aria-labelledby="progress-title">
                <div class="card-head"><h2 id="progress-title">"Being applied"</h2></div>
                <div class="card-body">
                    <p>{done}" It goes on when you leave this page, and after a restart where it was."</p>
                </div>
                <div class="card-foot">{reload(path)}</div>
            </section>
        </div>
    }
}

/// Who applied it, and whether it is done.
#[component]
fn Applied(of: RepricingView, at: Timestamp, totals: Totals, now: Timestamp) -> impl IntoView {
    let (standing, label) = words::state(&of);
    let by = audit::actor(of.applied_by.as_deref().unwrap_or_default());
    let finished = of
        .finished_at
        .map(|at| html! { <Fact name="Finished"><When moment=at now=now/></Fact> });
    // Where calls were deleted meanwhile there are fewer.
    let fewer = (of.finished_at.is_some() && of.calls_changed < totals.changed).then(|| {
        let gone = totals.changed.saturating_sub(of.calls_changed);
        html! { <span class="muted">{format!("; deleted before that: {}", words::calls(gone))}</span> }
    });
    html! {
        <section class="card" aria-labelledby="applied-title">
            <div class="card-head"><h2 id="applied-title">"What became of it"</h2></div>
            <div class="card-body">
                <dl class="kv">
                    <Fact name="State"><Status standing=standing label=label/></Fact>
                    <Fact name="Applied"><span><When moment=at now=now/>{format!(" by {by}")}</span></Fact>
                    <Fact name="New prices"><span>{words::calls(of.calls_changed)}{fewer}</span></Fact>
                    {finished}
                </dl>
            </div>
        </section>
    }
}
