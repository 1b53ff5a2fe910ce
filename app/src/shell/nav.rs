//! The navigation, and the frame of every page that one sees signed in.

use admin::Admin;
use leptos::prelude::*;

use super::{document::Look, keys};
use crate::{
    http::flash::Flash,
    islands::{Keyboard, LiveLists, Palette, ThemeSwitch},
    kit::{
        icon::{Drawn, Icon, Mark},
        toast::Toasts,
    },
};

/// Where a page belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// LLM Providers.
    Providers,
    /// Secrets.
    Secrets,
    /// Gateway tokens.
    Tokens,
    /// Cost & Usage.
    Usage,
    /// Transcripts.
    Transcripts,
    /// Calls.
    Calls,
    /// Settings.
    Settings,
    /// Audit.
    Audit,
    /// Nowhere in the navigation.
    Elsewhere,
}

/// How many there are of what the navigation lists.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    providers: usize,
    secrets: usize,
    tokens: usize,
}

impl Counts {
    /// Counts what is configured now.
    pub(crate) fn now(admin: &Admin) -> Self {
        let snapshot = admin.live().now();
        Self {
            providers: snapshot.providers.len(),
            secrets: snapshot.secrets.len(),
            tokens: snapshot.tokens.len(),
        }
    }
}

/// A page of the navigation.
pub(crate) struct Entry {
    place: Place,
    /// Its address.
    pub(crate) address: &'static str,
    /// Its sign.
    pub(crate) icon: Icon,
    /// Its name.
    pub(crate) label: &'static str,
    count: Option<usize>,
}

/// Every page of the navigation, in its order.
pub(crate) fn pages(admin: &Admin) -> impl Iterator<Item = Entry> {
    configuration(Counts::now(admin))
        .into_iter()
        .chain(governance())
        .chain(settings())
}

fn configuration(counts: Counts) -> [Entry; 3] {
    [
        Entry {
            place: Place::Providers,
            address: "/providers",
            icon: Icon::Providers,
            label: "LLM Providers",
            count: Some(counts.providers),
        },
        Entry {
            place: Place::Secrets,
            address: "/secrets",
            icon: Icon::Key,
            label: "Secrets",
            count: Some(counts.secrets),
        },
        Entry {
            place: Place::Tokens,
            address: "/tokens",
            icon: Icon::Ticket,
            label: "Gateway tokens",
            count: Some(counts.tokens),
        },
    ]
}

fn governance() -> [Entry; 4] {
    [
        Entry {
            place: Place::Usage,
            address: "/usage",
            icon: Icon::Chart,
            label: "Cost & Usage",
            count: None,
        },
        Entry {
            place: Place::Transcripts,
            address: "/transcripts",
            icon: Icon::Talk,
            label: "Transcripts",
            count: None,
        },
        Entry {
            place: Place::Calls,
            address: "/calls",
            icon: Icon::Rows,
            label: "Calls",
            count: None,
        },
        Entry {
            place: Place::Audit,
            address: "/audit",
            icon: Icon::Audit,
            label: "Audit",
            count: None,
        },
    ]
}

fn settings() -> [Entry; 1] {
    [Entry {
        place: Place::Settings,
        address: "/settings",
        icon: Icon::Settings,
        label: "Settings",
        count: None,
    }]
}

/// Navigation at the side, the page beside it. Below 800 pixels the navigation is a drawer.
#[component]
pub(crate) fn Shell(
    place: Place,
    person: String,
    counts: Counts,
    look: Look,
    here: String,
    flash: Option<Flash>,
    children: Children,
) -> impl IntoView {
    let entries = |entries: Vec<Entry>| {
        entries
            .into_iter()
            .map(|entry| {
                let current = (entry.place == place).then_some("page");
                let count = entry.count.filter(|count| *count > 0).map(|count| html! { <span class="n">{count}</span> });
                let keys = keys::of(entry.address);
                html! { <li><a href=entry.address aria-current=current data-key=keys><Drawn icon=entry.icon/>{entry.label}{count}</a></li> }
            })
            .collect_view()
    };
    html! {
        <a class="skip-link" href="#main">"Skip to the page"</a>
        <div class="app">
            <header class="topbar">
                <a class="brand" href="/providers"><Mark/>"Weir"</a>
                <a class="btn ghost icon" href="/find" data-open="palette" aria-label="Jump to a page, a provider, a model"><Drawn icon=Icon::Search/></a>
                <button class="btn ghost icon" type="button" popovertarget="nav" aria-label="Menu" aria-controls="nav">
                    <Drawn icon=Icon::Menu/>
                </button>
            </header>
            <aside class="sidebar" id="nav" popover="auto" aria-label="Navigation">
                <a class="brand" href="/providers"><Mark/>"Weir"</a>
                <button class="btn ghost icon nav-close" type="button" popovertarget="nav" popovertargetaction="hide" aria-label="Close menu">
                    <Drawn icon=Icon::Close/>
                </button>
                <a class="jump" href="/find" data-open="palette"><Drawn icon=Icon::Search small=true/>"Jump to…"<kbd>"Ctrl K"</kbd></a>
                <nav class="nav" aria-label="Main">
                    <ul>{entries(configuration(counts).into())}</ul>
                    <h2 id="governance">"Governance"</h2>
                    <ul aria-labelledby="governance">{entries(governance().into())}</ul>
                    <ul class="apart">{entries(settings().into())}</ul>
                </nav>
                <div class="side-foot">
                    <Account person=person/>
                    <ThemeSwitch theme=look.theme.key().to_owned() back=here/>
                    <span class="about"><span>"Weir "{look.version}</span><a href="/keys">"Keys"</a></span>
                </div>
            </aside>
            <main class="main" id="main" tabindex="-1"><div class="page">{children()}</div></main>
        </div>
        <Toasts flash=flash/>
        <LiveLists/>
        <Palette/>
        <Keyboard/>
    }
}

/// Who has signed in, and what they can do about it.
#[component]
fn Account(person: String) -> impl IntoView {
    html! {
        <details class="account-menu">
            <summary>
                <span class="avatar" aria-hidden="true">{initials(&person)}</span>
                <span class="cut">{person}</span>
                <Drawn icon=Icon::Up small=true/>
            </summary>
            <ul>
                <li>
                    <a href="/account/password"><Drawn icon=Icon::Lock/>"Change password"</a>
                </li>
                <li>
                    <form method="post" action="/sign-out"><button type="submit"><Drawn icon=Icon::Leave/>"Sign out"</button></form>
                </li>
            </ul>
        </details>
    }
}

/// The first letters of first and last name.
fn initials(person: &str) -> String {
    let mut words = person
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let first = words.next();
    let last = words.next_back();
    let letters = first
        .into_iter()
        .chain(last)
        .filter_map(|word| word.chars().next());
    letters.flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_those_of_first_and_last_name() {
        assert_eq!(initials("Ada Lindqvist"), "AL");
        assert_eq!(initials("ada@northwind.example"), "AE");
        assert_eq!(initials("Ada Maria Lindqvist"), "AL");
        assert_eq!(initials("root"), "R");
        assert_eq!(initials("øystein"), "Ø");
        assert_eq!(initials(""), "");
    }
}
