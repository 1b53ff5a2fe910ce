//! A conversation, turn by turn.

use admin::{
    page::PageRequest,
    transcripts::{ConversationDetail, ConversationView, Transcripts, Turn},
};
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;

use super::{
    address::{self, Addresses, EARLIER, PATH, RAW, WHOLE},
    raw::Raw,
    sheet::Sheet,
    table,
    text::{self, Of},
    turn::{self, Opened, Thread},
};
use crate::{
    format::{count, time, zone::Zone},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        figures::When,
        head::PageHead,
        icon::{Drawn, Icon},
        kv::{Fact, LongFact},
        marks::Swatch,
        pager,
    },
    pages::{
        audit,
        calls::{
            list::outcome_label,
            table::{Cost, CostProps, Names, ending},
        },
        providers, tokens,
    },
    shell::nav::Place,
};

/// What the page shows.
struct Shown {
    detail: ConversationDetail,
    names: Names,
    /// The bodies that are shown as they were recorded.
    raw: Option<Raw>,
    query: Fields,
}

/// `GET /transcripts/{id}`
pub(super) async fn show(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let who = page.who()?;
    let query = page.query().clone();
    let cursor = Some(query.text("cursor").to_owned()).filter(|cursor| !cursor.is_empty());
    let asked = PageRequest {
        limit: Transcripts::TURNS_DEFAULT,
        cursor,
    };
    let transcripts = page.admin().transcripts();
    let detail = transcripts.conversation(who, &id, &asked).await?;
    let opened = query.text(RAW);
    let raw = match detail
        .turns
        .iter()
        .find(|turn| turn.call_id.to_string() == opened)
    {
        Some(turn) => Some(Raw::read(&page, turn).await?),
        None => None,
    };
    let names = Names::read(&page).await?;
    let title = match &detail.conversation.title {
        Some(title) => text::plain(title),
        None => "Conversation".to_owned(),
    };
    let shown = Shown {
        detail,
        names,
        raw,
        query,
    };
    Ok(page
        .html(StatusCode::OK, &title, Place::Transcripts, move || {
            view(shown)
        })
        .await)
}

/// `GET /transcripts/call/{id}`: the conversation of a call, at this call.
pub(super) async fn of_call(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let place = page.admin().transcripts().place(page.who()?, &id).await?;
    let mut query = Fields::default();
    if let Some(cursor) = &place.cursor {
        query.push("cursor", cursor);
    }
    let path = address::of(&place.conversation.to_string());
    Ok(Redirect::to(&Addresses::new(path, &query).without(&id)).into_response())
}

fn view(shown: Shown) -> AnyView {
    let now = time::now();
    let conversation = shown.detail.conversation.clone();
    let id = conversation.id.to_string();
    let path = address::of(&id);
    let addresses = Addresses::new(path.clone(), &shown.query);
    let title = conversation.title.as_deref().map(text::plain);
    let title = title.filter(|title| !title.trim().is_empty());
    let title = title.unwrap_or_else(|| "Conversation without words".to_owned());
    let crumbs = vec![("Transcripts", PATH.to_owned())];
    let facts = facts(&conversation, &shown.names, now);
    let thread = thread(&shown.detail.turns);
    let pages = pages(&shown, &path);
    let body = turns(shown.detail.turns, shown.raw, &shown.query, &addresses);
    let short = id.chars().take(13).collect::<String>();
    html! {
        <PageHead title=title crumbs=crumbs here=short>
            {export(&path)}
            <a class="btn danger" href=format!("{path}/delete")><Drawn icon=Icon::Bin/>"Delete…"</a>
        </PageHead>
        <div class="with-side transcript">
            <section class="card turns" aria-label="Turns of the conversation">{body}{pages}</section>
            <div class="side">{facts}{thread}</div>
        </div>
    }
}

fn export(path: &str) -> AnyView {
    let as_format = |format: &str| format!("{path}/export?format={format}");
    let (openai, raw) = (as_format("openai"), as_format("raw"));
    html! {
        <a class="btn" href=openai download=true><Drawn icon=Icon::Fetch/>"Export messages"</a>
        <a class="btn" href=raw download=true><Drawn icon=Icon::Fetch/>"Export raw"</a>
    }
}

/// The turns of this page. The one that is shown whole has room of its own.
fn turns(
    turns: Vec<Turn>,
    mut raw: Option<Raw>,
    query: &Fields,
    addresses: &Addresses,
) -> Vec<AnyView> {
    let mut thread = Thread::default();
    let mut sheet = Sheet::of_page();
    let mut views = vec![];
    for it in turns {
        let id = it.call_id.to_string();
        let opened = Opened {
            earlier: query.text(EARLIER) == id || query.text(WHOLE) == id && query.ticked(EARLIER),
            raw: if query.text(RAW) == id {
                raw.take()
            } else {
                None
            },
        };
        let view = if query.text(WHOLE) == id {
            turn::view(&it, opened, &mut thread, addresses, &mut Sheet::of_turn())
        } else {
            sheet.next_turn(Some(addresses.whole(&id)));
            turn::view(&it, opened, &mut thread, addresses, &mut sheet)
        };
        views.push(view);
    }
    views
}

/// The ways to the turns before and after those of this page.
fn pages(shown: &Shown, path: &str) -> Option<AnyView> {
    let here = Addresses::new(path.to_owned(), &shown.query);
    let here = here.page();
    let earlier = pager::newer_page(here, path);
    let first = (!here.text("cursor").is_empty()).then(|| path.to_owned());
    let later = shown
        .detail
        .next_cursor
        .as_ref()
        .map(|next| pager::older_page(here, next, path));
    if first.is_none() && later.is_none() {
        return None;
    }
    let count = shown.detail.turns.len();
    let words = format!(
        "{} of {}",
        count::plural(count, "turn", "turns"),
        count::grouped(shown.detail.conversation.turns)
    );
    let step = |id: &'static str, href: Option<String>, label: &'static str| match href {
        Some(href) => html! { <a class="btn sm" id=id href=href>{label}</a> },
        None => html! { <span class="btn sm" role="link" aria-disabled="true">{label}</span> },
    };
    Some(html! {
        <nav class="pager" aria-label="Pages of turns">
            <span>{words}</span>
            <div class="end">
                {step("turns-first", first, "First turns")}
                {step("turns-earlier", earlier, "Earlier turns")}
                {step("turns-later", later, "Later turns")}
            </div>
        </nav>
    })
}

/// What is known of the conversation as a whole.
fn facts(it: &ConversationView, names: &Names, now: Timestamp) -> AnyView {
    let id = it.id.to_string();
    let name = names.provider(&it.provider);
    let provider = match names.type_of(&it.provider) {
        Some(ty) => {
            let href = providers::address(it.provider.as_str());
            let mark = names.mark(&it.provider, ty);
            html! { <Swatch mark=mark/><a class="cut" href=href title=name.clone()>{name.clone()}</a> }
        }
        None => html! { <span class="cut">{name}</span><span class="muted">" deleted"</span> },
    };
    let token = it.token.map(|token| {
        let token = token.to_string();
        let shown = match (names.token(&token), names.revoked_token(&token)) {
            (Some(name), _) => html! { <a class="cut" href=tokens::address(&token)>{name}</a> },
            (None, Some(name)) => {
                html! { <span class="cut">{name}</span><span class="muted">" revoked"</span> }
            }
            (None, None) => html! { <code class="cut">{token}</code> },
        };
        html! { <Fact name="Token">{shown}</Fact> }
    });
    let text = |name: &'static str, value: Option<String>| {
        value
            .map(|value| html! { <Fact name=name><span class="cut"><Of text=value/></span></Fact> })
    };
    let (class, words) = ending(it.outcome);
    let ended = outcome_label(it.outcome);
    let (started, last) = (it.started_at, it.last_at);
    let (turns, tokens) = (count::grouped(it.turns), count::grouped(it.tokens));
    let cost = table::cost(it.cost_usd, it.unpriced_turns);
    let (agent, user) = (
        text("Agent", it.agent.clone()),
        text("User", it.user.clone()),
    );
    let model = it.model.clone().map(|model| {
        html! { <Fact name="Model"><code class="cut"><Of text=model/></code></Fact> }
    });
    html! {
        <section class="card" aria-labelledby="conversation-title">
            <div class="card-head">
                <h2 id="conversation-title">"Conversation"</h2>
                <div class="end"><a class="btn sm" href=audit::changes("conversation", &id)>"Who opened it"</a></div>
            </div>
            <div class="card-body">
                <dl class="kv tight">
                    <Fact name="Started"><When moment=started now=now/></Fact>
                    <Fact name="Last"><When moment=last now=now/></Fact>
                    {agent}{user}{token}
                    <Fact name="Provider">{provider}</Fact>
                    {model}
                    <Fact name="Turns"><span class="tnum">{turns}</span></Fact>
                    <Fact name="Tokens"><span class="tnum">{tokens}</span></Fact>
                    <Fact name="Cost"><b class="tnum">{cost}</b></Fact>
                    <Fact name="Ended"><span class=class title=words>{ended}</span></Fact>
                    <LongFact name="Id" value=id/>
                </dl>
            </div>
        </section>
    }
}

/// The way through the turns of this page, by their first new words.
fn thread(turns: &[Turn]) -> Option<AnyView> {
    if turns.len() < 2 {
        return None;
    }
    let zone = Zone::here();
    let links: Vec<_> = turns
        .iter()
        .map(|turn| {
            let href = format!("#call-{}", turn.call_id);
            let words = match turn::words(turn) {
                Some(words) => html! { <Of text=words/> },
                None => html! { {zone.clock(turn.started_at).0} },
            };
            let cost = Cost(CostProps {
                state: turn.price_state,
                total: turn.cost,
            });
            html! { <a href=href><span class="cut">{words}</span><span>{cost}</span></a> }
        })
        .collect();
    Some(html! {
        <nav class="card thread-card" aria-labelledby="thread-title">
            <div class="card-head"><h2 id="thread-title">"Turns on this page"</h2></div>
            <div class="card-body"><div class="thread">{links}</div></div>
        </nav>
    })
}

#[cfg(test)]
mod tests;
