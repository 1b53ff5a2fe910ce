//! The list of conversations.

use admin::{
    AdminError, FieldError,
    transcripts::{ConversationQuery, ConversationsPage, TranscriptsView},
};
use axum::response::Response;
use domain::{Timestamp, call::Outcome};
use http::StatusCode;
use leptos::prelude::*;

use super::{
    address::{DELETE, PATH},
    recording,
    table::{ConversationsTable, ConversationsTableProps},
};
use crate::{
    format::{count::plural, time, zone::Zone},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        empty::{Empty, NothingMatches},
        filters::{Choice, ChoiceFilter, SearchField, TextFilter},
        head::PageHead,
        icon::{Drawn, Icon},
        note::{NoteBox, Tone},
        pager::{self, KeysetPager},
        range::RangeFilter,
    },
    pages::{
        calls::{
            list::{offered, outcome_label, token_choices},
            query::{narrows, on_purpose, page_for_admin},
            table::Names,
        },
        providers,
    },
    provider_form::notes::sentence,
    shell::nav::Place,
};

/// Filters that are handed on to admin as they are, the search among them.
const FILTERS: &[&str] = &[
    "q", "provider", "model", "agent", "user", "token", "outcome",
];

/// What the page shows.
struct Shown {
    found: ConversationsPage,
    wrong: Vec<FieldError>,
    state: TranscriptsView,
    names: Names,
    providers: Vec<Choice>,
    tokens: Vec<Choice>,
}

/// `GET /transcripts`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let who = page.who()?;
    let now = time::now();
    let query = on_purpose(page.query());
    let transcripts = page.admin().transcripts();
    let state = transcripts.state(who).await;
    let read = match ConversationQuery::read(&page_for_admin(&query, FILTERS, &page.zone(), now)) {
        // Where they cannot be read the page says so, rather than nothing at all.
        Ok(_) if !state.answers => Ok(ConversationsPage::default()),
        Ok(asked) => transcripts.list(who, &asked).await,
        Err(error) => Err(error),
    };
    let (found, wrong) = match read {
        Ok(found) => (found, vec![]),
        Err(AdminError::BadQuery(wrong)) => (ConversationsPage::default(), wrong),
        Err(error) => return Err(error.into()),
    };
    let names = Names::read(&page).await?;
    let shown = Shown {
        found,
        wrong,
        state,
        tokens: token_choices(&page, &query, &names).await?,
        names,
        providers: providers::names(&page).await?,
    };
    let status = if shown.wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok(page
        .html(status, "Transcripts", Place::Transcripts, move || {
            view(shown, &query, now)
        })
        .await)
}

fn view(shown: Shown, query: &Fields, now: Timestamp) -> AnyView {
    let on_a_later_page = !query.text("cursor").is_empty();
    let is_new = shown.found.items.is_empty()
        && shown.wrong.is_empty()
        && !on_a_later_page
        && !narrows(query, FILTERS);
    let wrong = shown.wrong.iter().map(|wrong| {
        let words = format!(
            "The filter {} cannot be used: {}",
            wrong.field.replace('_', " "),
            sentence(&wrong.message)
        );
        html! { <NoteBox tone=Tone::Bad>{words}</NoteBox> }
    });
    let wrong = wrong.collect_view();
    let trouble = recording::trouble(&shown.state, now);
    let deletions = recording::under_way(&shown.state, &shown.names);
    let delete = (shown.state.answers && !is_new).then(|| {
        // Of a list that is narrowed to one provider, this one's.
        let mut providers = query.all("provider");
        let href = match (providers.next(), providers.next()) {
            (Some(only), None) => Fields::from([("provider", only)]).address(DELETE),
            _ => DELETE.to_owned(),
        };
        html! { <a class="btn danger" href=href><Drawn icon=Icon::Bin/>"Delete…"</a> }
    });
    let body = if !shown.state.answers {
        html! { <Empty icon=Icon::Talk title="Transcripts cannot be read at the moment" words="Their database does not answer. Calls go on, and so do their costs."/> }
    } else if is_new {
        recording::nothing_yet(&shown.state, &shown.providers)
    } else {
        rows(&shown, query, now)
    };
    let tools = (!is_new && shown.state.answers).then(|| tools(&shown, query));
    let what = (!is_new).then(|| recording::line(&shown.state));
    html! {
        <PageHead title="Transcripts" lede="What was said in calls, conversation by conversation, where a provider records it.">
            {delete}
        </PageHead>
        {trouble}{deletions}
        <div class="live-zone" data-live="list-chips list-card">
            <div class="stack list">
                {tools}
                <section class="card" id="list-card" aria-label="Conversations">
                    {wrong}{body}
                </section>
                {what}
            </div>
        </div>
    }
}

/// The rows, or why there are none, and the way on.
fn rows(shown: &Shown, query: &Fields, now: Timestamp) -> AnyView {
    let on_a_later_page = !query.text("cursor").is_empty();
    let zone = Zone::here();
    let back_to = shown
        .found
        .searched_back_to
        .map(|moment| zone.exact(moment));
    let next = shown.found.next_cursor.clone();
    let further = next
        .as_ref()
        .map(|next| pager::older_page(query, next, PATH));
    let class = if shown.found.items.is_empty() {
        "btn primary sm"
    } else {
        ""
    };
    let go_on = further.map(
        |address| html! { <a class=class id="search-on" href=address>"Search further back"</a> },
    );
    let count = shown.found.items.len();
    let words = plural(count, "conversation", "conversations");
    let pager = html! { <KeysetPager rows=words next=next query=query.clone() path=PATH/> };
    match (back_to, count) {
        (Some(back_to), 0) => {
            let words = format!(
                "Nothing fits since {back_to}. Matches are rare, so the search stopped there after a tenth of a second."
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
            html! { <NothingMatches words="There are no older conversations that fit." clear=PATH/>{pager} }
        }
        (None, 0) => {
            html! { <NothingMatches words="No conversation fits the search and the filters." clear=PATH/> }
        }
        (back_to, _) => {
            let stopped = back_to.map(|back_to| {
                html! {
                    <p class="searched" role="note">
                        {format!("Searched back to {back_to}. Matches are rare, so the search stopped there after a tenth of a second. ")}
                        {go_on}
                    </p>
                }
            });
            let table = ConversationsTable(ConversationsTableProps {
                conversations: shown.found.items.clone(),
                names: shown.names.clone(),
                now,
            });
            html! { {table}{stopped}{pager} }
        }
    }
}

fn tools(shown: &Shown, query: &Fields) -> AnyView {
    let outcomes: Vec<Choice> = Outcome::ALL
        .iter()
        .filter(|outcome| **outcome != Outcome::Rejected)
        .map(|it| (it.key().to_owned(), outcome_label(*it).to_owned()))
        .collect();
    let rows = &shown.found.items;
    let (query, of) = (query.clone(), |words: &str| words.to_owned());
    html! {
        <div class="tools">
            <SearchField query=query.clone() path=PATH label="Search in what was said"/>
        </div>
        <div class="chips" id="list-chips" role="group" aria-label="Filters">
            <RangeFilter query=query.clone() path=PATH/>
            <ChoiceFilter query=query.clone() path=PATH name="provider" label="Provider" choices=shown.providers.clone()/>
            <TextFilter query=query.clone() path=PATH name="model" label="Model" help=of("The id as the application sends it.") excludes=true nobody=of("Calls without a model")
                offered=offered(rows, |it| it.model.clone())/>
            <TextFilter query=query.clone() path=PATH name="agent" label="Agent" help=of("The application that the calls were for.") excludes=true nobody=of("Calls without an agent")
                offered=offered(rows, |it| it.agent.clone())/>
            <TextFilter query=query.clone() path=PATH name="user" label="User" help=of("The person that the calls were for.") excludes=true nobody=of("Calls without a user")
                offered=offered(rows, |it| it.user.clone())/>
            <ChoiceFilter query=query.clone() path=PATH name="token" label="Gateway token" choices=shown.tokens.clone()/>
            <ChoiceFilter query=query path=PATH name="outcome" label="Outcome" choices=outcomes/>
        </div>
    }
}
