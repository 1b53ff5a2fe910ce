//! The table of conversations.

use admin::transcripts::ConversationView;
use domain::{NanoUsd, Timestamp};
use leptos::prelude::*;

use super::{
    address,
    text::{Found, Of},
};
use crate::{
    format::{count, money},
    kit::{figures::When, marks::Swatch},
    pages::calls::{
        list::outcome_label,
        table::{Names, ending},
    },
};

/// The rows, the one that was last spoken in first.
#[component]
pub(super) fn ConversationsTable(
    conversations: Vec<ConversationView>,
    names: Names,
    now: Timestamp,
) -> impl IntoView {
    let rows: Vec<_> = conversations
        .into_iter()
        .map(|conversation| row(conversation, &names, now))
        .collect();
    html! {
        <div class="table-wrap" role="region" aria-label="Table of conversations" tabindex="0">
            <table class="table talks stackable">
                <thead>
                    <tr>
                        <th scope="col">"Conversation"</th>
                        <th scope="col" aria-sort="descending">"Last"</th>
                        <th scope="col" class="mid-hide">"Started"</th>
                        <th scope="col">"Agent · user"</th>
                        <th scope="col">"Provider · model"</th>
                        <th scope="col" class="num">"Turns"</th>
                        <th scope="col" class="num mid-hide">"Tokens"</th>
                        <th scope="col" class="num">"Cost"</th>
                        <th scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(it: ConversationView, names: &Names, now: Timestamp) -> AnyView {
    let href = address::of(&it.id.to_string());
    let around = it
        .snippet
        .map(|pieces| html! { <p class="around"><Found pieces=pieces/></p> });
    let agent = it.agent.unwrap_or_else(|| "–".to_owned());
    let whom = it
        .user
        .map(|user| html! { <span class="who">" · "{user}</span> });
    let provider = names.provider(&it.provider);
    let swatch = names
        .type_of(&it.provider)
        .map(|ty| html! { <Swatch mark=names.mark(&it.provider, ty)/> });
    let model = it
        .model
        .map(|model| html! { <span class="muted"><Of text=model/></span> });
    let (class, words) = ending(it.outcome);
    html! {
        <tr>
            <td class="title"><a href=href>{title(it.title)}</a>{around}</td>
            <td class="last"><When moment=it.last_at now=now/></td>
            <td class="hide mid-hide"><When moment=it.started_at now=now/></td>
            <td class="hide clip"><span class="cut">{agent}{whom}</span></td>
            <td class="clip pv"><span class="prov">{swatch}<span class="cut" title=provider.clone()>{provider.clone()}</span></span><span class="cut xs">{model}</span></td>
            <td class="num hide">{count::grouped(it.turns)}</td>
            <td class="num hide mid-hide">{count::grouped(it.tokens)}</td>
            <td class="num">{cost(it.cost_usd, it.unpriced_turns)}</td>
            <td class="st"><span class=class title=words>{outcome_label(it.outcome)}</span></td>
        </tr>
    }
}

/// How a conversation begins, or what stands for it.
pub(super) fn title(title: Option<String>) -> AnyView {
    match title.filter(|title| !title.trim().is_empty()) {
        Some(title) => html! { <Of text=title/> },
        None => html! { <span class="muted">"Without words"</span> },
    }
}

/// What a conversation cost, and the turns that this leaves out since they have no price.
pub(super) fn cost(amount: NanoUsd, unpriced: u64) -> AnyView {
    let figure = (unpriced == 0 || amount != NanoUsd::ZERO)
        .then(|| html! { <span title=money::hover(amount)>{money::of_call(amount)}</span> });
    let sign = if figure.is_some() { "+ " } else { "" };
    let badge = (unpriced > 0).then(|| {
        html! {
            <span class="badge warn" title="These turns have no price and are in no figure">
                {format!("{sign}{} unpriced", count::grouped(unpriced))}
            </span>
        }
    });
    html! { {figure}" "{badge} }
}
