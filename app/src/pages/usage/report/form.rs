//! What is to be in the file: range, lines, filters.

use admin::usage::{LimitsView, ReportBucket, ReportBy};
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;

use super::{
    FILE, PATH,
    query::{Asked, plain},
};
use crate::{
    format::{time, zone::Zone},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        head::PageHead,
        icon::{Drawn, Icon},
        note::{NoteBox, Tone},
    },
    pages::{
        providers,
        usage::{
            choices::{kinds, tokens},
            filters::{Carried, Choices},
            limits::{Limits, Summed},
            query::{FILTERS, filters, value_in_words},
            range::{DEFAULT, PRESETS},
        },
    },
    shell::nav::Place,
};

/// `GET /usage/report`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let who = page.who()?;
    let query = plain(page.query());
    let asked = Asked::read(&query, &page.zone(), time::now());
    let mut names: Choices = vec![("provider", providers::names(&page).await?)];
    names.push(("token", tokens(&page, &query).await?));
    names.extend(kinds());
    let mut limits = None;
    if let Some(range) = asked.range {
        let usage = page.admin().usage();
        let read = usage.range(who, range.from, range.asked_until()).await?;
        limits = read.map(|(limits, ends)| (limits, Summed::of(range, ends)));
    }
    let status = if asked.wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok(page
        .html(status, "Full report", Place::Usage, move || {
            view(asked, &query, &names, limits)
        })
        .await)
}

fn view(
    asked: Asked,
    query: &Fields,
    names: &Choices,
    limits: Option<(LimitsView, Summed)>,
) -> AnyView {
    let limits =
        limits.map(|(limits, range)| html! { <Limits limits=limits range=range before=None/> });
    let carried: Fields = filters(query)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let notes: Vec<_> = asked
        .wrong
        .into_iter()
        .map(|words| html! { <NoteBox tone=Tone::Bad>{words}</NoteBox> })
        .collect();
    let ticks: Vec<_> = ReportBy::ALL
        .iter()
        .map(|by| tick(*by, &asked.by))
        .collect();
    let bucket = query.text("bucket").parse().unwrap_or(ReportBucket::Day);
    let usage = without_the_report(query).address("/usage");
    html! {
        <PageHead title="Full report" crumbs=vec![("Cost & Usage", usage.clone())] here="Full report"
            lede="Every figure as a file of comma-separated text: spend, tokens and calls, by type, exact to the nano-dollar. Its lines add up to what Cost & Usage shows."/>
        <div class="stack report">
            {notes}{limits}
            <form class="card" method="get" action=PATH aria-label="What is in the file">
                <Carried query=carried/>
                <div class="card-body">
                    <Stretch query=query.clone()/>
                    <fieldset class="field wide">
                        <legend>"A line for each"</legend>
                        <div class="choices">{ReportBucket::ALL.iter().map(|it| radio(*it, bucket)).collect_view()}</div>
                    </fieldset>
                    <fieldset class="field wide" aria-describedby="by-about">
                        <legend>"and for each"</legend>
                        <input type="hidden" name="by" value="none"/>
                        <div class="choices">{ticks}</div>
                        <span class="help" id="by-about">
                            "Outcome and price state go together with provider and model, and with filters by these two."
                        </span>
                    </fieldset>
                    <Narrowed query=query.clone() names=names.clone() usage=usage/>
                </div>
                <div class="card-foot">
                    <span class="muted grow">"The file is sent while it is read, however long it is."</span>
                    <button class="btn primary" type="submit" formaction=FILE><Drawn icon=Icon::Fetch/>"Download CSV"</button>
                </div>
            </form>
            <p class="soft">
                "Unpriced calls are counted, but no cost of theirs is in it. A text that a spreadsheet would take for a formula has an apostrophe before it. "
                "The same file comes from the REST API, at "<code>"/api/v1/usage/report.csv"</code>"."
            </p>
        </div>
    }
}

/// What is left of an address for Cost & Usage.
fn without_the_report(query: &Fields) -> Fields {
    query.clone().with("by", "").with("bucket", "")
}

/// The stretch of time: one that ends now, or a beginning and an end.
#[component]
fn Stretch(query: Fields) -> impl IntoView {
    let chosen = match query.text("range") {
        "" => DEFAULT,
        range => range,
    };
    let options = PRESETS.map(|(_, name, _, words)| {
        html! { <option value=name selected=name == chosen>{words}</option> }
    });
    let zone = Zone::here();
    let custom = |name: &'static str, label: &'static str| {
        let value = query.text(name).to_owned();
        // What no field for date and time can hold stands in a line of text.
        let plain = value.is_empty() || zone.moment(&value).is_some();
        let kind = if plain { "datetime-local" } else { "text" };
        let held = zone
            .moment(&value)
            .map_or(value, |moment| zone.of_field(moment));
        html! {
            <div class="field">
                <label for=name>{format!("{label}, {}", zone.name())}<span class="opt">"optional"</span></label>
                <input class="input" type=kind id=name name=name value=held/>
            </div>
        }
    };
    html! {
        <div class="grid-3">
            <div class="field">
                <label for="range">"Range"</label>
                <select class="input" id="range" name="range">{options.collect_view()}</select>
            </div>
            {custom("customStart", "or from")}
            {custom("customEnd", "to")}
        </div>
        <p class="help">"Where a beginning is filled in, it and the end count instead of the range; the end itself is not in it."</p>
    }
}

fn radio(bucket: ReportBucket, chosen: ReportBucket) -> AnyView {
    let words = match bucket {
        ReportBucket::Hour => "Hour",
        ReportBucket::Day => "Day",
        ReportBucket::Month => "Month",
        ReportBucket::Total => "Whole range",
    };
    html! {
        <label class="check">
            <input type="radio" name="bucket" value=bucket.key() checked=bucket == chosen/>
            <span>{words}</span>
        </label>
    }
}

fn tick(by: ReportBy, chosen: &[ReportBy]) -> AnyView {
    let words = match by {
        ReportBy::Provider => "Provider",
        ReportBy::Model => "Model",
        ReportBy::Agent => "Agent",
        ReportBy::User => "User",
        ReportBy::Token => "Gateway token",
        ReportBy::Outcome => "Outcome",
        ReportBy::PriceState => "Price state",
    };
    html! {
        <label class="check">
            <input type="checkbox" name="by" value=by.key() checked=chosen.contains(&by)/>
            <span>{words}</span>
        </label>
    }
}

/// The filters, each with a way to take it away.
#[component]
fn Narrowed(query: Fields, names: Choices, usage: String) -> impl IntoView {
    let chips: Vec<_> = filters(&query)
        .filter_map(|(name, value)| {
            let base = name.strip_suffix(".not").unwrap_or(name);
            let (_, label, _) = FILTERS.iter().find(|(known, ..)| *known == base)?;
            let is_not = if base == name { "" } else { " is not" };
            let words = format!("{label}{is_not}");
            let known = names.iter().find(|(of, _)| *of == base);
            let shown = value_in_words(value, label, known.map_or(&[], |(_, known)| known));
            let fewer = query.clone().without_value(name, value);
            Some(html! {
                <span class="chip on">
                    <span class="k">{words.clone()}</span>
                    <span class="v" title=shown.clone()>{shown.clone()}</span>
                    <a href=fewer.address(PATH) aria-label=format!("Remove the filter {words} {shown}")><Drawn icon=Icon::Close/></a>
                </span>
            })
        })
        .collect();
    let every = chips.is_empty();
    html! {
        <div class="field wide">
            <span class="label" id="filters-label">"Of these calls"</span>
            <div class="chips" role="group" aria-labelledby="filters-label">
                {every.then(|| html! { <span class="soft">"Every call."</span> })}
                {chips}
                <a href=usage>"Choose filters on Cost & Usage"</a>
            </div>
        </div>
    }
}
