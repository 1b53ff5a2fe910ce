//! Figures and moments as they stand in a page, with the exact one behind them.

use domain::{NanoUsd, Timestamp};
use leptos::prelude::*;

use super::icon::{Drawn, Icon};
use crate::format::{
    count::{self, Change},
    money, time,
    zone::Zone,
};

/// A moment in words, exact when one points at it.
#[component]
pub(crate) fn When(moment: Timestamp, now: Timestamp) -> impl IntoView {
    html! { <time datetime=moment.to_string() title=Zone::here().exact(moment)>{time::relative(moment, now)}</time> }
}

/// A moment in words, or another word where there is none.
#[component]
pub(crate) fn WhenOr(
    moment: Option<Timestamp>,
    now: Timestamp,
    none: &'static str,
) -> impl IntoView {
    match moment {
        Some(moment) => html! { <When moment=moment now=now/> },
        None => html! { <span class="muted">{none}</span> },
    }
}

/// What was spent, to the cent, and the calls that it leaves out since they have no rate. Where there is
/// nothing but those, no figure stands there: unpriced is not free.
#[component]
pub(crate) fn Spent(
    amount: NanoUsd,
    unpriced: u64,
    /// Where the unpriced calls are.
    #[prop(into)]
    href: String,
    /// Where the figure is told in full.
    #[prop(into)]
    usage: String,
) -> impl IntoView {
    let figure = (unpriced == 0 || amount != NanoUsd::ZERO).then(|| {
        html! { <a class="strong tnum figure" href=usage title=money::hover(amount)>{money::total(amount)}</a> }
    });
    let sign = if figure.is_some() { "+ " } else { "" };
    let badge = (unpriced > 0).then(|| {
        html! {
            <a class="badge warn" href=href title="These calls have no rate and are in no figure">
                {format!("{sign}{} unpriced", count::grouped(unpriced))}
            </a>
        }
    });
    html! { {figure}" "{badge} }
}

/// How a figure changed against the same span seven days before. More is neither good nor bad, so it has no colour.
#[component]
pub(crate) fn Delta(change: Change) -> impl IntoView {
    match change {
        Change::New => html! { <span class="d">"nothing 7 days before"</span> },
        Change::Same => html! { <span class="d">"as 7 days before"</span> },
        Change::Up(percent) => moved(Icon::Up, "up", percent),
        Change::Down(percent) => moved(Icon::Down, "down", percent),
    }
}

fn moved(icon: Icon, word: &'static str, percent: String) -> AnyView {
    html! {
        <span class="d">
            <span class="delta"><Drawn icon=icon/><span class="sr">{word}</span>{percent}</span>
            "vs 7 days before"
        </span>
    }
}
