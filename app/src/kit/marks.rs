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
        ProviderType::VertexAi => "ty-vertex",
        ProviderType::AzureOpenAi => "ty-azure",
        ProviderType::OpenAiCompatible => "ty-compatible",
        ProviderType::Cohere => "ty-cohere",
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
        ProviderType::VertexAi => {
            r#"<path d="M3.4 4.2 10 15.6l6.6-11.4"/><path d="M7.4 4.2 10 8.7l2.6-4.5Z" fill="currentColor" stroke="none"/><path d="M10 15.6v1.8"/>"#
        }
        ProviderType::AzureOpenAi => {
            r#"<path d="M6.2 14.6a3.4 3.4 0 0 1-.4-6.8 4.6 4.6 0 0 1 8.8 1 2.9 2.9 0 0 1-.4 5.8Z"/><path d="M10 17.4v-5.2M7.9 14.2 10 12.1l2.1 2.1"/>"#
        }
        ProviderType::OpenAiCompatible => {
            r#"<path d="M7.2 3.2v4M12.8 3.2v4M4.8 7.2h10.4v2.6a5.2 5.2 0 0 1-10.4 0V7.2ZM10 15v2.6"/>"#
        }
        ProviderType::Cohere => {
            r#"<path d="M3.4 14.6h13.2M3.4 10h9.2"/><path d="M3.4 3.6h5.4v3.2H3.4Z" fill="currentColor" stroke="none"/><circle cx="15" cy="6.4" r="2.2"/>"#
        }
    }
}

/// The sign of a provider type.
#[component]
pub(crate) fn Tile(ty: ProviderType, #[prop(optional)] large: bool) -> impl IntoView {
    let class = format!("tile {}{}", hue(ty), if large { " lg" } else { "" });
    html! { <span class=class title=ty.label()><svg viewBox="0 0 20 20" aria-hidden="true" inner_html=drawing(ty)></svg></span> }
}

/// How a provider, or a series of a chart, is marked: the class of its hue, and its hatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    hue: &'static str,
    hatch: usize,
}

/// Classes of the palette, in its order.
pub(crate) const PALETTE: [&str; 8] = [
    "pal-1", "pal-2", "pal-3", "pal-4", "pal-5", "pal-6", "pal-7", "pal-8",
];

/// Classes of the hatches, in their order; the first is none.
const HATCHES: [&str; 10] = ["", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9"];

impl Mark {
    /// All others together, and what has no colour of its own.
    pub(crate) const REST: Self = Self {
        hue: "pal-rest",
        hatch: 0,
    };

    /// A chart's only series.
    pub(crate) const ONE: Self = Self {
        hue: "pal-one",
        hatch: 0,
    };

    /// A provider, by its type and its place among those of it.
    pub(crate) const fn of_provider(ty: ProviderType, place: usize) -> Self {
        Self {
            hue: hue(ty),
            hatch: place,
        }
    }

    /// A colour of the palette by its place in it, with a hatch.
    pub(crate) fn of_palette(place: usize, hatch: usize) -> Self {
        Self {
            hue: PALETTE.get(place).copied().unwrap_or("pal-rest"),
            hatch,
        }
    }

    /// The classes of its hue and of its hatch.
    pub(crate) fn class(self) -> String {
        let hatch = HATCHES.get(self.hatch % HATCHES.len());
        format!("{} {}", self.hue, hatch.unwrap_or(&""))
            .trim_end()
            .to_owned()
    }
}

/// A mark as a small square.
#[component]
pub(crate) fn Swatch(mark: Mark) -> impl IntoView {
    html! { <span class=format!("swatch {}", mark.class())></span> }
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

#[cfg(test)]
mod tests {
    use domain::provider::ProviderType::OpenAi;

    use super::Mark;

    #[test]
    fn ten_of_a_type_look_different() {
        let classes: Vec<String> = (0..11)
            .map(|place| Mark::of_provider(OpenAi, place).class())
            .collect();
        assert_eq!(classes[..2], ["ty-openai", "ty-openai h1"]);
        assert_eq!(classes[9], "ty-openai h9");
        assert_eq!(classes[10], classes[0]);
        assert_eq!(Mark::of_palette(7, 0).class(), "pal-8");
        assert_eq!(Mark::of_palette(8, 0), Mark::REST);
    }
}
