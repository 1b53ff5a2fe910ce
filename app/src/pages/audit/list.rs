//! The list of changes.

use admin::{
    AdminError, FieldError,
    audit::{AuditQuery, AuditView, Occurring},
};
use axum::response::Response;
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::{
    PATH,
    query::{for_admin, is_narrowed},
    table::AuditTable,
    words::{self, Known},
};
use crate::{
    format::{count::plural, time},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        empty::{Empty, NothingMatches},
        filters::{Choice, ChoiceFilter, TextFilter},
        head::PageHead,
        icon::Icon,
        note::{NoteBox, Tone},
        pager::KeysetPager,
        range::RangeFilter,
    },
    provider_form::notes::sentence,
    shell::nav::Place,
};

/// The most names that are offered while one types.
const MOST_OFFERED: usize = 200;

/// What the page shows.
struct Shown {
    rows: Vec<AuditView>,
    next: Option<String>,
    known: Known,
    occurring: Occurring,
    wrong: Vec<FieldError>,
}

/// `GET /audit`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let who = page.who()?;
    let now = time::now();
    let query = page.query().clone();
    let audit = page.admin().audit();
    let mut objects = audit.objects(who).await?;
    let own_tokens = page.admin().api_tokens().all(who).await?;
    let own_tokens = own_tokens
        .into_iter()
        .map(|token| (token.id.to_string(), token.name));
    let own_tokens: Vec<(String, String)> = own_tokens.collect();
    let mut others = own_tokens.clone();
    if query.all("object").any(|text| !text.trim().is_empty()) {
        let people = page.admin().people().all(who).await?.into_iter();
        others.extend(people.map(|person| (person.id.to_string(), person.name)));
    }
    let read = match AuditQuery::read(&for_admin(&query, &objects, &others, &page.zone(), now)) {
        Ok(asked) => audit.list(who, &asked).await,
        Err(error) => Err(error),
    };
    let (rows, next, wrong) = match read {
        Ok(read) => (read.items, read.next_cursor, vec![]),
        Err(AdminError::BadQuery(wrong)) => (vec![], None, wrong),
        Err(error) => return Err(error.into()),
    };
    audit.add_people(who, &mut objects, &rows).await?;
    let told = rows.iter().filter(|row| row.object_kind == "repricing");
    let told = told.map(|row| row.object_id.as_str());
    let repricings = page.admin().repricing().there(who, told).await?;
    let transcripts = page.admin().transcripts().there(who, &rows).await;
    let shown = Shown {
        rows,
        next,
        known: Known {
            objects,
            own_tokens: own_tokens.into_iter().map(|(id, _)| id).collect(),
            repricings: repricings.iter().map(ToString::to_string).collect(),
            transcripts,
        },
        occurring: audit.occurring(who).await?,
        wrong,
    };
    let status = if shown.wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::BAD_REQUEST
    };
    Ok(page
        .html(status, "Audit", Place::Audit, move || {
            view(shown, &query, now)
        })
        .await)
}

fn view(shown: Shown, query: &Fields, now: Timestamp) -> AnyView {
    let head = html! {
        <PageHead title="Audit" lede="Who changed what, when and from where, newest first. Nothing here can be changed or removed, and no secret’s value is in it."/>
    };
    let on_a_later_page = !query.text("cursor").is_empty();
    if shown.rows.is_empty() && shown.wrong.is_empty() && !is_narrowed(query) && !on_a_later_page {
        return html! {
            {head}
            <section class="card">
                <Empty icon=Icon::Audit title="No changes yet"
                    words="Each change that somebody makes here, through the REST API or at the command line is a row: who, when, on what, before and after."/>
            </section>
        };
    }
    let notes = shown
        .wrong
        .iter()
        .map(|wrong| {
            let words = format!(
                "The filter {} cannot be used: {}",
                wrong.field,
                sentence(&wrong.message)
            );
            html! { <NoteBox tone=Tone::Bad>{words}</NoteBox> }
        })
        .collect_view();
    let count = shown.rows.len();
    let mut offered = shown.known.objects.names();
    offered.truncate(MOST_OFFERED);
    let body = if shown.rows.is_empty() {
        let words = if on_a_later_page {
            "There are no older changes."
        } else {
            "No change fits the filters."
        };
        html! { <NothingMatches words=words clear=PATH/> }
    } else {
        let next = shown.next.clone();
        html! {
            <AuditTable rows=shown.rows known=shown.known query=query.clone() now=now/>
            <KeysetPager rows=plural(count, "change", "changes") next=next query=query.clone() path=PATH/>
        }
    };
    html! {
        {head}
        <div class="stack list" data-live="list-chips list-card">
            <div class="chips" id="list-chips" role="group" aria-label="Filters">
                <Filters occurring=shown.occurring offered=offered query=query.clone()/>
            </div>
            <section class="card" id="list-card">{notes}{body}</section>
        </div>
    }
}

#[component]
fn Filters(occurring: Occurring, offered: Vec<String>, query: Fields) -> impl IntoView {
    let named = |keys: Vec<String>, name: fn(&str) -> String| -> Vec<Choice> {
        keys.into_iter()
            .map(|key| {
                let label = name(&key);
                (key, label)
            })
            .collect()
    };
    let results = named(vec!["done".to_owned(), "refused".to_owned()], words::result);
    html! {
        <RangeFilter query=query.clone() path=PATH/>
        <ChoiceFilter query=query.clone() path=PATH name="actor" label="Person" choices=named(occurring.actors, words::actor)/>
        <ChoiceFilter query=query.clone() path=PATH name="kind" label="Kind" choices=named(occurring.object_kinds, words::kind)/>
        <ChoiceFilter query=query.clone() path=PATH name="action" label="Action" choices=named(occurring.actions, words::action)/>
        <TextFilter query=query.clone() path=PATH name="object" label="Object" offered=offered
            help="A name or a part of it. What was deleted, and API tokens of others, by their id."/>
        <ChoiceFilter query=query path=PATH name="result" label="Result" choices=results/>
    }
}
