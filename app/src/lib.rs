//! The console: pages made by the server, with small islands that the browser wakes.
//!
//! | folder | what for | compiled for |
//! |---|---|---|
//! | `pages` | the pages, one folder for each kind of thing | server |
//! | `shell` | document, navigation, the frame around pages | server |
//! | `http` | routes, sessions, the guard, forms, assets | server |
//! | `format` | how figures, money and times are written | server |
//! | `kit` | the parts that pages are made of | server; what islands use, both |
//! | `islands` | what is interactive | both |
//! | `provider_form`, `fields` | what form, page and browser share | both |
//!
//! Knows `admin` and `domain`; nothing of SQL, of upstreams, or of the data plane. Whatever is decided
//! about providers, secrets, tokens and people is decided in `admin`.

// The types of islands nest as deep as their views do.
#![recursion_limit = "256"]
#![allow(
    unreachable_pub,
    reason = "#[component] and #[island] write public items"
)]
#![cfg_attr(
    not(feature = "ssr"),
    allow(dead_code, reason = "the browser uses a part of what is shared")
)]

/// A piece of a page made by the server: `view!` with its type erased, since whole pages would have types
/// that take the compiler minutes.
#[cfg(feature = "ssr")]
macro_rules! html {
    ($($part:tt)*) => {
        ::leptos::prelude::IntoAny::into_any(::leptos::prelude::view! { $($part)* })
    };
}

mod fields;
mod islands;
mod kit;
mod provider_form;

#[cfg(feature = "ssr")]
mod format;
#[cfg(feature = "ssr")]
mod http;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod shell;

#[cfg(feature = "ssr")]
pub use http::{ConsoleState, SessionReader, console};

/// Prepares the reactive system of the islands. The page's script calls it once, before it wakes them.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
