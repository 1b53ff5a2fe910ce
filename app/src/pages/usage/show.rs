//! The page itself: what is read for it, and what it is made of.

use std::sync::Arc;

use admin::{
    AdminError,
    calls::CallQuery,
    page::PageRequest,
    usage::{CostType, GroupBy, Metric, TokenType, TopView, UsagePageView, UsageQuery},
};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use leptos::prelude::*;

use super::{
    PATH,
    card::{ChartCard, Common},
    figures::{Figures, heads, keys, starts},
    filters::{Choices, Filters},
    limits::Limits,
    names::Names,
    query::{Asked, FILTERS, filters, led_on, same_calls},
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
        empty::{Empty, NothingMatches},
        filters::Choice,
        head::PageHead,
        icon::{Drawn, Icon},
        note::{NoteBox, Tone},
    },
    pages::providers,
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
    let choices = choices(&page, &query, asked.usage.as_ref(), found.as_ref()).await?;
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

async fn never_called(page: &Page) -> Result<bool, Failure> {
    let newest = CallQuery {
        page: PageRequest {
            limit: 1,
            cursor: None,
        },
        ..CallQuery::default()
    };
    let calls = page.admin().calls().list(page.who()?, &newest).await?;
    Ok(calls.items.is_empty())
}

/// What can be chosen: what occurs in the range under the other filters, so that an agent leaves only the
/// providers that it used.
async fn choices(
    page: &Page,
    query: &Fields,
    usage: Option<&UsageQuery>,
    found: Option<&(UsagePageView, Names)>,
) -> Result<Choices, Failure> {
    let mut choices: Choices = vec![];
    for name in ["provider", "model", "agent"] {
        let chosen = query.ticked(name) || query.ticked(&format!("{name}.not"));
        let tops = match (usage, found) {
            (Some(usage), Some(_)) if chosen => {
                let (group_by, others) = without(usage, name);
                page.admin()
                    .usage()
                    .tops(page.who()?, &others, group_by)
                    .await?
            }
            (_, Some((read, _))) => match name {
                "provider" => read.providers.clone(),
                "model" => read.models.clone(),
                _ => read.agents.clone(),
            },
            _ => vec![],
        };
        choices.push((name, tops.into_iter().map(choice).collect()));
    }
    if found.is_none()
        && let Some((_, providers)) = choices.first_mut()
    {
        *providers = providers::names(page).await?;
    }
    choices.push(("token", tokens(page, query).await?));
    let costs = CostType::ALL.iter().map(|kind| (kind.key(), kind.label()));
    let kinds = TokenType::all().map(|kind| (kind.key(), kind.label()));
    let owned = |(key, label): (&str, &str)| (key.to_owned(), label.to_owned());
    choices.push(("cost_type", costs.map(owned).collect()));
    choices.push(("token_type", kinds.map(owned).collect()));
    Ok(choices)
}

/// The same without one of its filters, and what its values are grouped by.
fn without(usage: &UsageQuery, name: &str) -> (GroupBy, UsageQuery) {
    let mut others = usage.clone();
    let group_by = match name {
        "provider" => {
            others.filter.providers = admin::usage::Choice::default();
            GroupBy::Provider
        }
        "model" => {
            others.filter.models = admin::usage::Choice::default();
            GroupBy::Model
        }
        _ => {
            others.filter.agents = admin::usage::Choice::default();
            GroupBy::Agent
        }
    };
    (group_by, others)
}

fn choice(top: TopView) -> Choice {
    (top.key.unwrap_or_default(), top.label)
}

/// Gateway tokens by name; of revoked ones those that are chosen.
async fn tokens(page: &Page, query: &Fields) -> Result<Vec<Choice>, Failure> {
    let who = page.who()?;
    let tokens = page.admin().tokens().all(who).await?;
    let mut tokens: Vec<Choice> = tokens
        .into_iter()
        .map(|token| (token.id.to_string(), token.name))
        .collect();
    let chosen: Vec<&str> = query.all("token").chain(query.all("token.not")).collect();
    if chosen
        .iter()
        .any(|id| !id.is_empty() && !tokens.iter().any(|(known, _)| known == id))
    {
        let revoked = page.admin().tokens().revoked(who).await?;
        let chosen = revoked
            .into_iter()
            .map(|(id, name)| (id.to_string(), format!("{name} (revoked)")))
            .filter(|(id, _)| chosen.contains(&id.as_str()));
        tokens.extend(chosen);
    }
    Ok(tokens)
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
    let lede = asked.range.map_or_else(String::new, |range| {
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
    let limits = found.as_ref().and_then(|(read, _)| read.limits);
    let limits = limits
        .zip(asked.range)
        .map(|(limits, range)| html! { <Limits limits=limits range=range before=before/> });
    let before = before.map(|before| before.days_in_words(&zone));
    let report = same_calls(&query, "/usage/report");
    let body = match (found, asked.range, asked.usage) {
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
                before: before.clone().unwrap_or_default(),
                compares: asked.compares,
                heads: Arc::new(heads(&starts.unwrap_or_default(), range, &zone)),
                draws: script.is_some(),
            };
            html! { <Body read=read names=names common=common group_by=usage.group_by/> }
        }
        (Some(_), ..) => {
            let clear = without_filters(&query);
            let words = if filters(&query).next().is_some() {
                "No call of this range fits the filters."
            } else {
                "There was no call in this range."
            };
            html! { <section class="card"><NothingMatches words=words clear=clear/></section> }
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

/// The way back from filters that leave nothing.
fn without_filters(query: &Fields) -> String {
    let mut clear = query.clone();
    for (name, ..) in FILTERS {
        clear = clear.with(name, "").with(&format!("{name}.not"), "");
    }
    if filters(query).next().is_some() {
        clear.address(PATH)
    } else {
        PATH.to_owned()
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
    } = read;
    let mut charts = vec![&spend, &tokens];
    charts.extend(&requests);
    let keys = keys(group_by, &charts);
    let buckets = common.heads.len();
    let of = |metric, chart| Figures::of(metric, chart, group_by, &keys, &names, buckets);
    let requests = match &requests {
        Some(chart) => html! {
            <ChartCard figures=of(Metric::Requests, chart) before=before.requests common=common.clone()/>
        },
        None => html! {
            <section class="card" aria-labelledby="requests-title">
                <div class="card-head"><h2 id="requests-title">"Requests"</h2></div>
                <div class="card-body muted">
                    <p>"A request cannot be split by token type or cost type. Group by something else, or take these filters away, to see requests."</p>
                </div>
            </section>
        },
    };
    let spend = of(Metric::Spend, &spend);
    let tokens = of(Metric::Tokens, &tokens);
    let query = common.query.clone();
    html! {
        <ChartCard figures=spend before=before.spend.0 common=common.clone()><Sum parts=parts/></ChartCard>
        <div class="cols-2">
            {requests}
            <ChartCard figures=tokens before=before.tokens common=common/>
        </div>
        <div class="cols-3">
            <TopList name="provider" title="Providers" entries=providers names=names.clone() query=query.clone()/>
            <TopList name="model" title="Models" entries=models names=names.clone() query=query.clone()/>
            <TopList name="agent" title="Agents" entries=agents names=names query=query/>
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
