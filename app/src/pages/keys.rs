//! The keys of the console, and the switch that turns those off that are single letters.

use axum::{Router, response::Response, routing::get};
use http::StatusCode;
use leptos::prelude::*;

use crate::{
    http::{Console, failure::Failure, page::Page, shortcuts},
    kit::head::PageHead,
    shell::{
        keys,
        nav::{self, Place},
    },
};

/// Some keys, and what they do.
type Line = (Vec<&'static str>, String);

/// The routes of this page.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/keys", get(show).post(shortcuts::switch))
        .route("/keys/list", get(list))
}

/// `GET /keys`
async fn show(page: Page) -> Result<Response, Failure> {
    page.who()?;
    let (lines, on, here) = (lines(&page), page.look().keys, page.here().to_owned());
    Ok(page
        .html(StatusCode::OK, "Keys", Place::Elsewhere, move || {
            html! {
                <PageHead title="Keys" lede="Everything works with Tab, Enter and Escape; these are quicker."/>
                <section class="card narrow" aria-label="Keys"><div class="card-body">{table(lines, on, &here)}</div></section>
            }
        })
        .await)
}

/// `GET /keys/list`: the same for the dialog. `here` is the page that it stands over.
async fn list(page: Page) -> Result<Response, Failure> {
    page.who()?;
    let (lines, on) = (lines(&page), page.look().keys);
    let here = page.query().text("here").to_owned();
    Ok(page
        .piece(move || html! { <div class="body" id="keys-body">{table(lines, on, &here)}</div> })
        .await)
}

/// Keys that do something with a modifier or where the focus is: they cannot be switched off, since nobody
/// presses them by accident.
fn always() -> Vec<Line> {
    vec![
        (
            vec!["Ctrl K", "⌘ K"],
            "Jump to a page, a provider, a model".to_owned(),
        ),
        (
            vec!["↑", "↓"],
            "Move in the palette and in menus".to_owned(),
        ),
        (vec!["Enter"], "Open what is selected".to_owned()),
        (vec!["Esc"], "Close a dialog, a menu, a message".to_owned()),
    ]
}

fn lines(page: &Page) -> [(&'static str, Vec<Line>); 3] {
    let pages = nav::pages(page.admin());
    let pages = pages.filter_map(|entry| {
        let keys = keys::of(entry.address)?.split(' ').collect();
        Some((keys, format!("Go to {}", entry.label)))
    });
    let here = vec![
        (vec!["/"], "Search a list".to_owned()),
        (vec!["n"], "Create one more, on a list".to_owned()),
        (vec!["e"], "Edit, on a provider’s page".to_owned()),
        (vec!["?"], "Show these keys".to_owned()),
    ];
    [
        ("Everywhere", always()),
        ("Go", pages.collect()),
        ("On a page", here),
    ]
}

fn table(groups: [(&'static str, Vec<Line>); 3], on: bool, here: &str) -> AnyView {
    let groups = groups.into_iter().map(|(title, lines)| {
        let lines = lines.into_iter().map(|(keys, words)| {
            let keys = keys.into_iter().map(|key| html! { <kbd>{key}</kbd>" " });
            html! { <div><dt>{keys.collect_view()}</dt><dd>{words}</dd></div> }
        });
        html! { <section><h2>{title}</h2><dl>{lines.collect_view()}</dl></section> }
    });
    let (words, value, button) = if on {
        (
            "Single keys are on. They do nothing while you type in a field.",
            "off",
            "Switch single keys off",
        )
    } else {
        (
            "Single keys are off in this browser; those under “Go” and “On a page” do nothing.",
            "on",
            "Switch single keys on",
        )
    };
    html! {
        <noscript><p class="soft">"This browser runs no scripts here, so that only Tab, Enter and Escape do something."</p></noscript>
        <div class="keys-list">{groups.collect_view()}</div>
        <form class="keys-switch" method="post" action="/keys">
            <input type="hidden" name="back" value=here.to_owned()/>
            <span class="soft">{words}</span>
            <button class="btn" type="submit" name="keys" value=value>{button}</button>
        </form>
    }
}
