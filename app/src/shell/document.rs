//! The HTML document.

use leptos::prelude::*;

use crate::http::{assets::Addresses, theme::Theme};

/// How a page looks and what it loads.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    /// Marks what the page may load.
    pub(crate) nonce: String,
    /// Light or dark.
    pub(crate) theme: Theme,
    /// Whether single keys do something.
    pub(crate) keys: bool,
    /// Where the files are.
    pub(crate) addresses: Addresses,
    /// Weir's version.
    pub(crate) version: &'static str,
}

/// The document around a page. Theme and style stand in it from the start, so that the first paint is
/// right; the islands' script comes last and is not waited for.
#[component]
pub(crate) fn Document(look: Look, title: String, children: Children) -> impl IntoView {
    let Look {
        nonce,
        theme,
        addresses,
        ..
    } = look;
    let forced = (theme != Theme::Auto).then(|| theme.key());
    // Otherwise start.js says it.
    let asleep = addresses.islands.is_none().then_some("");
    let islands = addresses.islands.map(|[start, script, program]| {
        let nonce = nonce.clone();
        html! {
            <link rel="modulepreload" id="weir-js" href=script nonce=nonce.clone()/>
            <link rel="preload" id="weir-wasm" href=program r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
            <script type="module" src=start nonce=nonce></script>
        }
    });
    html! {
        <html lang="en" data-theme=forced data-asleep=asleep>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{format!("{title} · Weir")}</title>
                <link rel="icon" type="image/svg+xml" href=addresses.favicon/>
                <link rel="stylesheet" href=addresses.style nonce=nonce/>
                {islands}
            </head>
            <body>{children()}</body>
        </html>
    }
}
