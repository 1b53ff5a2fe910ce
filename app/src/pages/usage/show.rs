//! The page itself: what is read for it, and what it is made of.

use std::sync::Arc;

use admin::{
    AdminError,
    calls::CallQuery,
    page::PageRequest,
    usage::{GroupBy, Metric, UsagePageView},
};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use leptos::prelude::*;

use super::{
    PATH,
    card::{ChartCard, Common},
    choices::choices,
    figures::{Figures, heads, keys, starts},
    filters::{Choices, Filters},
    limits::{Limits, Summed},
    names::Names,
    query::{Asked, filters, led_on, same_calls, unfiltered},
    range::Range,
    sum::Sum,
    tools::{Compare, Grouping, Ranges},
    tops::TopList,
};
use crate::{
    format::{time, zone::Zone},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        chart::SERIES,
        empty::Empty,
        head::PageHead,
        icon::{Drawn, Icon},
        note::{NoteBox, Tone},
    },
    shell::nav::Place,
};

/// What the page shows.
struct Shown {
    query: Fields,
    asked: Asked,
    /// What it is compared with.
    before: Option<Range>,
    /// `None`: what is asked for has no answer.
    found: Option<(UsagePageView, Names)>,
    choices: Choices,
    /// Whether there has never been a call.
    never: bool,
    /// Where the script lies that draws the charts.
    script: Option<String>,
    nonce: String,
}

/// `GET /usage`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    if let Some(plain) = led_on(page.query()) {
        return Ok(Redirect::to(&plain.address(PATH)).into_response());
    }
    let who = page.who()?;
    let (zone, query) = (page.zone(), page.query().clone());
    let mut asked = Asked::read(&query, &zone, time::now())?;
    let before = asked.range.map(|range| range.before(zone.report()));
    let mut found = None;
    if let (Some(usage), Some(before)) = (&asked.usage, before) {
        let figures = page.admin().usage();
        let read = figures
            .page(who, usage, (before.from, before.to), SERIES)
            .await;
        match read {
            Ok(read) => {
                let names = Names::read(&page, shown_providers(&read, usage.group_by)).await?;
                found = Some((read, names));
            }
            Err(AdminError::BadQuery(errors)) => {
                let words = errors
                    .iter()
                    .map(|error| crate::provider_form::notes::sentence(&error.message));
                asked.wrong.extend(words);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let choices = choices(&page, &query, found.as_ref().map(|(read, _)| read)).await?;
    let is_empty = found.as_ref().is_some_and(|(read, _)| is_empty(read));
    let shown = Shown {
        before,
        never: is_empty && never_called(&page).await?,
        script: page.look().addresses.charts.clone(),
        nonce: page.look().nonce.clone(),
        query,
        asked,
        found,
        choices,
    };
    let status = match shown.found {
        Some(_) => StatusCode::OK,
        None => StatusCode::BAD_REQUEST,
    };
    let title = "Cost & Usage";
    Ok(page
        .html(status, title, Place::Usage, move || view(shown))
        .await)
}

/// Providers whose marks the page shows.
fn shown_providers(read: &UsagePageView, group_by: GroupBy) -> impl Iterator<Item = &str> {
    let drawn = read
        .spend
        .report
        .series
        .iter()
        .chain(&read.tokens.report.series);
    let drawn = drawn.filter(move |_| group_by == GroupBy::Provider);
    let listed = read.providers.iter().take(SERIES);
    let drawn = drawn.filter_map(|series| series.key.as_deref());
    drawn.chain(listed.filter_map(|top| top.key.as_deref()))
}

/// Whether nothing at all was found.
fn is_empty(read: &UsagePageView) -> bool {
    let requests = read.requests.as_ref().is_none_or(|chart| {
        chart
            .report
            .series
            .iter()
            .all(|series| super::figures::number(series.total) == 0)
    });
    let sums = [&read.spend, &read.tokens].map(|chart| super::figures::number(chart.report.total));
    requests && sums == [0, 0] && read.spend.report.unpriced_calls == 0
}

/// Whether there is no call and none was deleted.
async fn never_called(page: &Page) -> Result<bool, Failure> {
    let newest = CallQuery {
        page: PageRequest {
            limit: 1,
            cursor: None,
        },
        ..CallQuery::default()
    };
    let calls = page.admin().calls().list(page.who()?, &newest).await?;
    Ok(calls.items.is_empty() && calls.deleted_before.is_none())
}

fn view(shown: Shown) -> AnyView {
    let Shown {
        query,
        asked,
        before,
        found,
        choices,
        never,
        script,
        nonce,
    } = shown;
    if never {
        return nothing_yet();
    }
    let zone = Zone::here();
    // What is said of the range, and of the period before, is said of what was summed.
    let read = found.as_ref().map(|(read, _)| read);
    let range = asked.range.map(|range| {
        let another = read.filter(|read| read.limits.is_some_and(|it| it.asked_from.is_some()));
        let ends = another.map_or((range.from, range.to), |read| {
            (read.spend.report.from, read.spend.report.to)
        });
        Summed::of(range, ends)
    });
    let before = before.map(|before| {
        let ends = read.map_or((before.from, before.to), |read| read.before_range);
        Summed::of(before, ends)
    });
    let told = range.map(|range| {
        if range.is_gone() {
            range.asked
        } else {
            range.summed
        }
    });
    let lede = told.map_or_else(String::new, |range| {
        let words = format!(
            "{} · by {} · {}",
            range.in_words(&zone),
            range.bucket.key(),
            zone.name()
        );
        if range.is_running() {
            format!("{words} · {}", range.so_far())
        } else {
            words
        }
    });
    let notes: Vec<_> = asked
        .wrong
        .iter()
        .map(|words| {
            let words = words.clone();
            html! { <NoteBox tone=Tone::Bad>{words}</NoteBox> }
        })
        .collect();
    let limits = read
        .and_then(|read| read.limits)
        .zip(range)
        .map(|(limits, range)| html! { <Limits limits=limits range=range before=before/> });
    let before = before
        .filter(|before| !before.is_gone())
        .map(|before| before.summed.in_words(&zone));
    let report = same_calls(&query, "/usage/report");
    let body = match (found, told, asked.usage) {
        (Some((read, names)), Some(range), Some(usage)) if !is_empty(&read) => {
            let charts = [
                Some(&read.spend),
                read.requests.as_ref(),
                Some(&read.tokens),
            ];
            let starts = charts
                .into_iter()
                .flatten()
                .map(starts)
                .find(|starts| !starts.is_empty());
            let common = Common {
                query: query.clone(),
                range,
                before: before.clone(),
                compares: asked.compares,
                heads: Arc::new(heads(&starts.unwrap_or_default(), range, &zone)),
                draws: script.is_some(),
            };
            html! { <Body read=read names=names common=common group_by=usage.group_by/> }
        }
        (Some(_), ..) => {
            let (words, label, href) = if filters(&query).next().is_some() {
                let clear = unfiltered(&query).address(PATH);
                (
                    "No call of this range fits the filters.",
                    "Clear filters",
                    clear,
                )
            } else {
                (
                    "There was no call in this range.",
                    "Last 14 days",
                    PATH.to_owned(),
                )
            };
            html! {
                <section class="card"><Empty icon=Icon::Search title="No calls" words=words>
                    <a class="btn sm" href=href>{label}</a>
                </Empty></section>
            }
        }
        (None, ..) => html! {
            <section class="card"><Empty icon=Icon::Alert title="No figures" words="The address asks for something that has no answer; why stands above.">
                <a class="btn sm" href=PATH>"Start again"</a>
            </Empty></section>
        },
    };
    let script =
        script.map(|address| html! { <script src=address nonce=nonce defer=true></script> });
    html! {
        <div class="usage" data-live="usage">
            <div class="stack" id="usage">
                <PageHead title="Cost & Usage" lede=lede>
                    <a class="btn" href=report><Drawn icon=Icon::Fetch/>"Full report"</a>
                </PageHead>
                <div class="stack tight">
                    <div class="tools">
                        <Ranges query=query.clone() range=asked.range/>
                        <Grouping query=query.clone() group_by=asked.group_by/>
                    </div>
                    <div class="chips" role="group" aria-label="Filters">
                        <Compare query=query.clone() compares=asked.compares before=before/>
                        <Filters query=query choices=choices/>
                    </div>
                </div>
                {notes}
                {limits}
                {body}
            </div>
        </div>
        {script}
    }
}

#[component]
fn Body(read: UsagePageView, names: Names, common: Common, group_by: GroupBy) -> impl IntoView {
    let UsagePageView {
        spend,
        requests,
        tokens,
        parts,
        before,
        providers,
        models,
        agents,
        limits: _,
        before_range: _,
        choices: _,
    } = read;
    let mut charts = vec![&spend, &tokens];
    charts.extend(&requests);
    let keys = keys(group_by, &charts);
    let buckets = common.heads.len();
    let of = |metric, chart| Figures::of(metric, chart, group_by, &keys, &names, buckets);
    let spend = of(Metric::Spend, &spend);
    let tokens = of(Metric::Tokens, &tokens);
    // The names are said once, unless another chart has some that the first lacks.
    let said: Vec<String> = spend
        .series
        .iter()
        .map(|series| series.name.clone())
        .collect();
    let has_others = |figures: &Figures| {
        let mut names = figures.series.iter().map(|series| &series.name);
        names.any(|name| !said.contains(name))
    };
    let requests = match &requests {
        Some(chart) => {
            let figures = of(Metric::Requests, chart);
            let legend = has_others(&figures);
            html! { <ChartCard figures=figures before=before.requests legend=legend common=common.clone()/> }
        }
        None => html! {
            <section class="card" aria-labelledby="requests-title">
                <div class="card-head"><h2 id="requests-title">"Requests"</h2></div>
                <div class="card-body muted">
                    <p>"A request cannot be split by token type or cost type. Group by something else, or take these filters away, to see requests."</p>
                </div>
            </section>
        },
    };
    let others_in_tokens = has_others(&tokens);
    let (query, range) = (common.query.clone(), common.range);
    html! {
        <ChartCard figures=spend before=before.spend.0 unpriced_before=before.unpriced legend=true common=common.clone()><Sum parts=parts/></ChartCard>
        <div class="cols-2">
            {requests}
            <ChartCard figures=tokens before=before.tokens legend=others_in_tokens common=common/>
        </div>
        <div class="cols-3">
            <TopList name="provider" title="Providers" entries=providers names=names.clone() query=query.clone() range=range/>
            <TopList name="model" title="Models" entries=models names=names.clone() query=query.clone() range=range/>
            <TopList name="agent" title="Agents" entries=agents names=names query=query range=range/>
        </div>
    }
}

fn nothing_yet() -> AnyView {
    html! {
        <PageHead title="Cost & Usage"/>
        <section class="card">
            <Empty icon=Icon::Chart title="No calls yet"
                words="Once applications call models through Weir, this page shows what they spend, how often they call and how many tokens that takes: by provider, model, agent and user. It takes a provider and a gateway token.">
                <a class="btn primary" href="/providers">"LLM Providers"</a>
                <a class="btn" href="/new-token">"Create token"</a>
            </Empty>
        </section>
    }
}
