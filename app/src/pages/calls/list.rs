//! The list of calls.

use admin::{
    AdminError, FieldError,
    calls::{CallQuery, CallView, CallsPage},
};
use axum::response::Response;
use domain::{
    Timestamp,
    call::{Operation, Outcome},
    pricing::PriceState,
};
use http::StatusCode;
use leptos::prelude::*;

use super::{
    follow::{Following, Switch, SwitchProps},
    query::{for_admin, is_narrowed, on_purpose},
    table::{CallsTable, Names, Opened},
};
use crate::{
    format::{count::plural, time, zone::Zone},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        empty::{Empty, NothingMatches},
        filters::{Choice, ChoiceFilter, TextFilter},
        head::PageHead,
        icon::Icon,
        note::{NoteBox, Tone},
        pager::{self, KeysetPager},
        range::RangeFilter,
    },
    pages::{providers, repricing, settings::storage},
    provider_form::notes::sentence,
    shell::nav::Place,
};

pub(super) const PATH: &str = "/calls";

/// What the page shows.
struct Shown {
    calls: Vec<CallView>,
    next: Option<String>,
    /// How far back was looked, where matches are too rare to find them all at once.
    searched_back_to: Option<Timestamp>,
    /// Calls before it are deleted.
    deleted_before: Option<Timestamp>,
    following: Option<Following>,
    names: Names,
    providers: Vec<Choice>,
    tokens: Vec<Choice>,
    wrong: Vec<FieldError>,
    opened: Opened,
}

/// `GET /calls`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let who = page.who()?;
    let now = time::now();
    let query = on_purpose(page.query());
    // Before the list is read, so that nothing is missed in between.
    let following = Following::read(&page, &query, now).await?;
    let read = match CallQuery::read(&for_admin(&query, &page.zone(), now)) {
        Ok(asked) => page.admin().calls().list(who, &asked).await,
        Err(error) => Err(error),
    };
    let (read, wrong) = match read {
        Ok(read) => (read, vec![]),
        Err(AdminError::BadQuery(wrong)) => (CallsPage::default(), wrong),
        Err(error) => return Err(error.into()),
    };
    let names = Names::read(&page).await?;
    let tokens = token_choices(&page, &query, &names).await?;
    let shown = Shown {
        calls: read.items,
        next: read.next_cursor,
        searched_back_to: read.searched_back_to,
        deleted_before: read.deleted_before,
        following: following.filter(|_| wrong.is_empty()),
        names,
        providers: providers::names(&page).await?,
        tokens,
        wrong,
        opened: Opened::read(&page).await?,
    };
    let status = if shown.wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok(page
        .html(status, "Calls", Place::Calls, move || {
            view(shown, &query, now)
        })
        .await)
}

/// The gateway tokens that a list can be narrowed to. A revoked one is no longer on offer, but one that is
/// filtered by still has its name.
///
/// # Errors
/// What admin says.
pub(in crate::pages) async fn token_choices(
    page: &Page,
    query: &Fields,
    names: &Names,
) -> Result<Vec<Choice>, Failure> {
    let tokens = page.admin().tokens().all(page.who()?).await?;
    let revoked = query.all("token").filter_map(|id| {
        let name = names.revoked_token(id)?;
        Some((id.to_owned(), format!("{name} (revoked)")))
    });
    let tokens = tokens
        .into_iter()
        .map(|token| (token.id.to_string(), token.name));
    Ok(tokens.chain(revoked).collect())
}

fn view(shown: Shown, query: &Fields, now: Timestamp) -> AnyView {
    let on_a_later_page = !query.text("cursor").is_empty();
    let is_empty = shown.calls.is_empty() && shown.wrong.is_empty();
    let is_new = is_empty && !is_narrowed(query) && !on_a_later_page;
    let switch = Switch(SwitchProps {
        following: shown.following.clone(),
        query: query.clone(),
    });
    let head = html! {
        <PageHead title="Calls" lede="Every proxied request, one row each, newest first. All figures elsewhere are sums of these rows.">
            {switch}
            <a class="btn" href="/repricing">"Re-pricing"</a>
        </PageHead>
    };
    let notes = shown
        .wrong
        .iter()
        .map(|wrong| {
            let words = format!(
                "The filter {} cannot be used: {}",
                wrong.field.replace('_', " "),
                sentence(&wrong.message)
            );
            html! { <NoteBox tone=Tone::Bad>{words}</NoteBox> }
        })
        .collect_view();
    let deleted = shown.deleted_before.filter(|_| shown.next.is_none());
    let is_unpriced = query.all("price_state").eq(["unpriced"]) && !shown.calls.is_empty();
    let again = is_unpriced.then(|| {
        let (href, left_out) = repricing::for_list(query);
        let way = if left_out.is_empty() {
            html! { "Once their models have rates: "<a href=href>"Price them again"</a> }
        } else {
            let words = format!(
                "A re-pricing cannot be narrowed by {}, so it may be of more calls than these. Once their models have rates: ",
                repricing::listed(&left_out)
            );
            html! { {words}<a href=href>"Price calls like these again"</a> }
        };
        html! { <NoteBox tone=Tone::Info>"These calls have no price and are in no figure of money. "{way}</NoteBox> }
    });
    let body = if is_new && deleted.is_some() {
        html! { <Empty icon=Icon::Rows title="No calls any more" words="There were none since the last ones were deleted."/> }
    } else if is_new {
        nothing_yet()
    } else {
        rows(&shown, query, now)
    };
    let chips = (!is_new).then(|| html! { <Filters shown=shown query=query.clone()/> });
    html! {
        <div class="live-zone" data-live="list-follow list-chips list-card">
            {head}
            <div class="stack list">
                <div class="chips" id="list-chips" role="group" aria-label="Filters">{chips}</div>
                <section class="card" id="list-card">
                    {notes}{again}{body}
                    {deleted.map(|before| html! { <Deleted before=before now=now/> })}
                </section>
            </div>
        </div>
    }
}

/// What a list does not reach, since it is deleted.
#[component]
fn Deleted(before: Timestamp, now: Timestamp) -> impl IntoView {
    let zone = Zone::here();
    html! {
        <div class="card-foot"><span>
            "Calls that began before "<span title=zone.exact(before)>{zone.day(before, now)}</span>
            " were deleted; their sums stay in Cost & Usage. How long calls are kept is set in "
            <a href=storage::PATH>"Settings, Storage"</a>"."
        </span></div>
    }
}

/// The rows, or why there are none, and the way on.
fn rows(shown: &Shown, query: &Fields, now: Timestamp) -> AnyView {
    let on_a_later_page = !query.text("cursor").is_empty();
    let zone = Zone::here();
    let back_to = shown.searched_back_to.map(|moment| zone.exact(moment));
    let further = shown
        .next
        .as_ref()
        .map(|next| pager::older_page(query, next, PATH));
    let class = if shown.calls.is_empty() {
        "btn primary sm"
    } else {
        ""
    };
    let go_on = further.map(
        |address| html! { <a class=class id="search-on" href=address>"Search further back"</a> },
    );
    let count = shown.calls.len();
    let pager = html! {
        <KeysetPager rows=plural(count, "call", "calls") next=shown.next.clone() query=query.clone() path=PATH/>
    };
    match (back_to, count) {
        (Some(back_to), 0) => {
            let since = if on_a_later_page {
                "No further call"
            } else {
                "No call"
            };
            let words = format!(
                "{since} since {back_to} fits the filters. Matches are rare, so the search stopped there after a tenth of a second."
            );
            html! {
                <Empty icon=Icon::Search title="Nothing found yet" words=words>
                    {go_on}
                    <a class="btn sm" href=PATH>"Clear search and filters"</a>
                </Empty>
                {pager}
            }
        }
        (None, 0) if on_a_later_page => {
            html! { <NothingMatches words="There are no older calls that fit." clear=PATH/>{pager} }
        }
        (None, 0) => html! { <NothingMatches words="No call fits the filters." clear=PATH/> },
        (back_to, _) => {
            let stopped = back_to.map(|back_to| {
                html! {
                    <p class="searched" role="note">
                        {format!("Searched back to {back_to}. Matches are rare, so the search stopped there after a tenth of a second. ")}
                        {go_on}
                    </p>
                }
            });
            html! {
                <CallsTable calls=shown.calls.clone() names=shown.names.clone() query=query.clone() path=PATH.to_owned() now=now
                    opened=shown.opened.clone()/>
                {stopped}
                {pager}
            }
        }
    }
}

fn nothing_yet() -> AnyView {
    html! {
        <Empty icon=Icon::Rows title="No calls yet"
            words="Once an application calls a model through Weir, each call is a row here: tokens, rates, cost and time. It takes a provider and a gateway token.">
            <a class="btn primary" href="/providers">"LLM Providers"</a>
            <a class="btn" href="/new-token">"Create token"</a>
        </Empty>
    }
}

/// Values that occur in the rows, to be offered while one types.
pub(in crate::pages) fn offered<T>(
    rows: &[T],
    value: impl Fn(&T) -> Option<String>,
) -> Vec<String> {
    let mut values: Vec<String> = rows.iter().filter_map(value).collect();
    values.sort();
    values.dedup();
    values
}

#[component]
fn Filters(shown: Shown, query: Fields) -> impl IntoView {
    let keyed = |keys: &[(&str, &str)]| -> Vec<Choice> {
        keys.iter()
            .map(|(key, label)| ((*key).to_owned(), (*label).to_owned()))
            .collect()
    };
    let outcomes: Vec<Choice> = Outcome::ALL
        .iter()
        .map(|it| (it.key().to_owned(), outcome_label(*it).to_owned()))
        .collect();
    let operations: Vec<Choice> = Operation::ALL
        .iter()
        .map(|it| (it.key().to_owned(), it.key().replace('_', " ")))
        .collect();
    let states = keyed(
        &PriceState::ALL
            .iter()
            .map(|state| (state.key(), state_label(*state)))
            .collect::<Vec<_>>(),
    );
    html! {
        <RangeFilter query=query.clone() path=PATH/>
        <ChoiceFilter query=query.clone() path=PATH name="provider" label="Provider" choices=shown.providers/>
        <TextFilter query=query.clone() path=PATH name="model" label="Model" help="The id as the application sends it." excludes=true nobody="Calls without a model"
            offered=offered(&shown.calls, |call| call.model.clone())/>
        <TextFilter query=query.clone() path=PATH name="agent" label="Agent" help="The application that the calls were for." excludes=true nobody="Calls without an agent"
            offered=offered(&shown.calls, |call| call.agent.clone())/>
        <TextFilter query=query.clone() path=PATH name="user" label="User" help="The person that the calls were for." excludes=true nobody="Calls without a user"
            offered=offered(&shown.calls, |call| call.user.clone())/>
        <ChoiceFilter query=query.clone() path=PATH name="token" label="Gateway token" choices=shown.tokens/>
        <TextFilter query=query.clone() path=PATH name="endpoint" label="Endpoint" help="The name of one of a provider’s endpoints; else host and port." excludes=true
            offered=offered(&shown.calls, |call| call.endpoint.clone())/>
        <TextFilter query=query.clone() path=PATH name="status" label="Status" help="Such as 429, or 4xx for a whole class."/>
        <ChoiceFilter query=query.clone() path=PATH name="outcome" label="Outcome" choices=outcomes/>
        <ChoiceFilter query=query.clone() path=PATH name="price_state" label="Price state" choices=states/>
        <ChoiceFilter query=query.clone() path=PATH name="operation" label="Operation" choices=operations/>
        <TextFilter query=query.clone() path=PATH name="cost_above" label="Cost above" single=true help="In dollars, such as 0.05."/>
        <TextFilter query=query path=PATH name="latency_above" label="Latency above" single=true help="In milliseconds, such as 5000."/>
    }
}

/// What an outcome is called.
pub(in crate::pages) const fn outcome_label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "Ok",
        Outcome::UpstreamError => "Upstream error",
        Outcome::ClientClosed => "Client left",
        Outcome::Truncated => "Cut off",
        Outcome::Interrupted => "Interrupted",
        Outcome::Rejected => "Refused by Weir",
    }
}

const fn state_label(state: PriceState) -> &'static str {
    match state {
        PriceState::Priced => "Priced",
        PriceState::Estimated => "Estimated",
        PriceState::Unpriced => "Unpriced",
        PriceState::NotBilled => "Not billed",
    }
}
