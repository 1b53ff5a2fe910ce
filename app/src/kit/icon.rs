//! The icons, drawn for this console. Sixteen units wide, in strokes.

use leptos::prelude::*;

macro_rules! icons {
    ($($name:ident = $drawing:literal;)+) => {
        /// One icon.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Icon { $($name,)+ }

        impl Icon {
            /// Its strokes, as SVG.
            pub(crate) const fn drawing(self) -> &'static str {
                match self { $(Self::$name => $drawing,)+ }
            }
        }
    };
}

icons! {
    Search = r#"<circle cx="7" cy="7" r="4.5"/><path d="m10.4 10.4 3.1 3.1"/>"#;
    Menu = r#"<path d="M2.5 4.5h11m-11 3.5h11m-11 3.5h11"/>"#;
    Close = r#"<path d="m4 4 8 8m0-8-8 8"/>"#;
    Plus = r#"<path d="M8 3v10M3 8h10"/>"#;
    Check = r#"<path d="m3 8.5 3.2 3.2L13 4.6"/>"#;
    Dash = r#"<path d="M3.5 8h9"/>"#;
    Copy = r#"<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 5.5V4A1.5 1.5 0 0 0 9 2.5H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.5h1.5"/>"#;
    More = r#"<path d="M3 8h.01M8 8h.01M13 8h.01" stroke-width="2.2"/>"#;
    Open = r#"<path d="M9 3h4v4M13 3 7.5 8.5M6.5 3.5H4A1 1 0 0 0 3 4.5V12a1 1 0 0 0 1 1h7.5a1 1 0 0 0 1-1V9.5"/>"#;
    Pause = r#"<path d="M5.5 3.5v9m5-9v9"/>"#;
    Play = r#"<path d="M5 3.2v9.6L12.5 8 5 3.2Z"/>"#;
    Bin = r#"<path d="M2.8 4.5h10.4M6.2 4.5V3h3.6v1.5M4.2 4.5l.6 9h6.4l.6-9"/>"#;
    Pencil = r#"<path d="m3 13 .6-2.8 7-7a1.2 1.2 0 0 1 1.7 0l.5.5a1.2 1.2 0 0 1 0 1.7l-7 7L3 13Z"/>"#;
    Reset = r#"<path d="M3 3.5v3.2h3.2"/><path d="M3.3 6.5A5.2 5.2 0 1 1 3 9.6"/>"#;
    Warning = r#"<path d="M8 2.5 14.3 13H1.7L8 2.5Z"/><path d="M8 6.5v3M8 11.2h.01"/>"#;
    Alert = r#"<circle cx="8" cy="8" r="5.8"/><path d="M8 5v3.4M8 10.8h.01"/>"#;
    Info = r#"<circle cx="8" cy="8" r="5.8"/><path d="M8 7.4v3.4M8 5.2h.01"/>"#;
    Lock = r#"<rect x="3.2" y="7" width="9.6" height="6.5" rx="1.3"/><path d="M5.3 7V5.2a2.7 2.7 0 0 1 5.4 0V7"/>"#;
    Eye = r#"<path d="M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8Z"/><circle cx="8" cy="8" r="1.9"/>"#;
    Providers = r#"<rect x="2.5" y="2.5" width="11" height="4.5" rx="1.2"/><rect x="2.5" y="9" width="11" height="4.5" rx="1.2"/><path d="M5 4.75h.01M5 11.25h.01"/>"#;
    Key = r#"<circle cx="5" cy="11" r="2.5"/><path d="m6.9 9.1 6.1-6.1m-2.4 2.4 1.6 1.6"/>"#;
    Ticket = r#"<path d="M2.5 5.5v-1a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v1.6a1.9 1.9 0 0 0 0 3.8v1.6a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-6Z"/><path d="M9.5 3.5v1.6m0 2v1.8m0 2v1.6"/>"#;
    Rows = r#"<path d="M2.5 4h11M2.5 8h11M2.5 12h7"/>"#;
    Talk = r#"<path d="M3 3.5h10a.8.8 0 0 1 .8.8v6a.8.8 0 0 1-.8.8H7.3L4 13.6v-2.5H3a.8.8 0 0 1-.8-.8v-6a.8.8 0 0 1 .8-.8Z"/>"#;
    Person = r#"<circle cx="8" cy="5.4" r="2.6"/><path d="M3 13.4c.5-2.6 2.5-4 5-4s4.5 1.4 5 4"/>"#;
    Spark = r#"<path d="M8.8 2 3.5 9h3.7L6.6 14l5.9-7.5H8.6L8.8 2Z"/>"#;
    Screen = r#"<rect x="2.5" y="3" width="11" height="8" rx="1.3"/><path d="M6 13.5h4"/>"#;
    Tool = r#"<path d="M9.5 6.5 3.2 12.8M13 5.2a3.2 3.2 0 0 1-4.3 2.9L7.9 7.3A3.2 3.2 0 0 1 10.8 3L9.3 4.5l.3 1.9 1.9.3L13 5.2Z"/>"#;
    Picture = r#"<rect x="2.5" y="3" width="11" height="10" rx="1.3"/><circle cx="6" cy="6.4" r="1"/><path d="m3 12 3.5-3.2 2.3 2 2.2-2.3 2.5 2.5"/>"#;
    Document = r#"<path d="M4 2.5h5l3 3v8H4v-11Z"/><path d="M9 2.5v3h3"/>"#;
    Thought = r#"<circle cx="7.5" cy="6.5" r="4"/><circle cx="11.5" cy="11.5" r="1.2"/><path d="M13.5 13.8h.01"/>"#;
    Chart = r#"<path d="M2.5 13.5h11M4.5 11V8M8 11V3.5M11.5 11V6"/>"#;
    Grid = r#"<rect x="2.5" y="3" width="11" height="10" rx="1.2"/><path d="M2.5 6.5h11M6.5 6.5V13"/>"#;
    Audit = r#"<path d="M8 2 13 3.8v3.9c0 3-2 5.2-5 6.3-3-1.1-5-3.3-5-6.3V3.8L8 2Z"/><path d="m5.8 7.9 1.6 1.6 2.9-3"/>"#;
    Calendar = r#"<rect x="2.5" y="3.5" width="11" height="10" rx="1.5"/><path d="M2.5 6.8h11M5.5 2v2.6M10.5 2v2.6"/>"#;
    Auto = r#"<circle cx="8" cy="8" r="5.5"/><path d="M8 2.5v11"/><path d="M8 4.5a3.5 3.5 0 0 1 0 7"/>"#;
    Sun = r#"<circle cx="8" cy="8" r="2.6"/><path d="M8 2v1.2M8 12.8V14M2 8h1.2M12.8 8H14M3.8 3.8l.8.8m6.8 6.8.8.8m0-8.4-.8.8m-6.8 6.8-.8.8"/>"#;
    Moon = r#"<path d="M13 9.4A5.4 5.4 0 0 1 6.6 3a5.4 5.4 0 1 0 6.4 6.4Z"/>"#;
    Right = r#"<path d="m6 4 4 4-4 4"/>"#;
    Left = r#"<path d="m10 4-4 4 4 4"/>"#;
    Down = r#"<path d="m4 6 4 4 4-4"/>"#;
    Fetch = r#"<path d="M8 2.5v7.3M4.8 6.8 8 10l3.2-3.2M3 13.2h10"/>"#;
    Up = r#"<path d="m4 10 4-4 4 4"/>"#;
    Settings = r#"<path d="M2.5 4.5h6m4 0h1M2.5 11.5h1m4 0h6"/><circle cx="10.5" cy="4.5" r="1.8"/><circle cx="5.5" cy="11.5" r="1.8"/>"#;
    Leave = r#"<path d="M6.5 3H4a1 1 0 0 0-1 1v8a1 1 0 0 0 1 1h2.5M10 5l3 3-3 3M13 8H6.5"/>"#;
}

/// An icon. It says nothing by itself: what it means stands beside it, or in the label of its button.
#[component]
pub(crate) fn Drawn(
    icon: Icon,
    #[prop(optional)] small: bool,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let class = match (small, class) {
        (false, "") => "i".to_owned(),
        (true, "") => "i sm".to_owned(),
        (false, more) => format!("i {more}"),
        (true, more) => format!("i sm {more}"),
    };
    view! { <svg class=class viewBox="0 0 16 16" aria-hidden="true" inner_html=icon.drawing()></svg> }
}

/// The drawings of icons that a list shows over and over, for [`Again`] to refer to.
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn Drawings(icons: &'static [Icon]) -> impl IntoView {
    let symbols: String = icons
        .iter()
        .map(|icon| {
            let drawing = icon.drawing();
            format!(r#"<symbol id="icon-{icon:?}" viewBox="0 0 16 16">{drawing}</symbol>"#)
        })
        .collect();
    view! { <svg class="sr" width="0" height="0" aria-hidden="true" inner_html=symbols></svg> }
}

/// A small icon out of the page's [`Drawings`].
#[cfg(feature = "ssr")]
#[component]
pub(crate) fn Again(icon: Icon) -> impl IntoView {
    let reference = format!(r##"<use href="#icon-{icon:?}"/>"##);
    view! { <svg class="i sm" aria-hidden="true" inner_html=reference></svg> }
}

/// The mark of the product: a V-notch weir plate with the water level in it.
#[component]
pub(crate) fn Mark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d="M3 4h4.2L12 13.5 16.8 4H21v16H3z" fill="currentColor"></path>
            <path d="M7.6 7.4h8.8" stroke="currentColor" stroke-width="1.5" opacity=".55"></path>
        </svg>
    }
}
