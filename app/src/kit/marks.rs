//! Small marks: what type a provider is, and how something stands.

use domain::provider::ProviderType;
use leptos::prelude::*;

/// The class that gives a type its hue.
pub(crate) const fn hue(ty: ProviderType) -> &'static str {
    match ty {
        ProviderType::OpenAi => "ty-openai",
        ProviderType::Anthropic => "ty-anthropic",
        ProviderType::GoogleAi => "ty-google",
        ProviderType::Bedrock => "ty-bedrock",
        ProviderType::OpenAiCompatible => "ty-compatible",
    }
}

const fn drawing(ty: ProviderType) -> &'static str {
    match ty {
        ProviderType::OpenAi => {
            r#"<circle cx="10" cy="10" r="6.5"/><circle cx="12.2" cy="7.8" r="2.3" fill="currentColor" stroke="none"/>"#
        }
        ProviderType::Anthropic => {
            r#"<path d="M10 3.2 16.8 10 10 16.8 3.2 10 10 3.2Z"/><path d="M10 3.2v13.6L3.2 10 10 3.2Z" fill="currentColor" stroke="none"/>"#
        }
        ProviderType::GoogleAi => {
            r#"<path d="M3.2 15a6.8 6.8 0 0 1 13.6 0"/><path d="M6.9 15a3.1 3.1 0 0 1 6.2 0Z" fill="currentColor" stroke="none"/><path d="M10 2.6v1.9M3.6 5l1.5 1.4M16.4 5l-1.5 1.4"/>"#
        }
        ProviderType::Bedrock => {
            r#"<path d="M3.2 4.4 8 3.4l4 1.4 4.8-1M3.2 8.6l4-1.2 4.6 1.6 5-1.3"/><path d="M3.2 12.6l4.4-1 4 1.5 5.2-1.2v4.9H3.2Z" fill="currentColor" stroke="none"/>"#
        }
        ProviderType::OpenAiCompatible => {
            r#"<path d="M7.2 3.2v4M12.8 3.2v4M4.8 7.2h10.4v2.6a5.2 5.2 0 0 1-10.4 0V7.2ZM10 15v2.6"/>"#
        }
    }
}

/// The sign of a provider type.
#[component]
pub(crate) fn Tile(ty: ProviderType, #[prop(optional)] large: bool) -> impl IntoView {
    let class = format!("tile {}{}", hue(ty), if large { " lg" } else { "" });
    html! { <span class=class title=ty.label()><svg viewBox="0 0 20 20" aria-hidden="true" inner_html=drawing(ty)></svg></span> }
}

/// The swatch of a provider: hue of its type, hatch by its place among those of its type.
#[component]
pub(crate) fn Swatch(ty: ProviderType, place: usize) -> impl IntoView {
    let hatch = match place % 5 {
        0 => "",
        1 => " h1",
        2 => " h2",
        3 => " h3",
        _ => " h4",
    };
    html! { <span class=format!("swatch {}{hatch}", hue(ty))></span> }
}

/// How something stands. It has a shape as well as a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It works.
    Good,
    /// It is switched off.
    Off,
    /// Something must be done.
    Bad,
}

impl Standing {
    /// The class that gives it its shape.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Good => "status",
            Self::Off => "status off",
            Self::Bad => "status bad",
        }
    }
}

/// A standing, in a word.
#[component]
pub(crate) fn Status(standing: Standing, #[prop(into)] label: String) -> impl IntoView {
    html! { <span class=standing.class()>{label}</span> }
}
