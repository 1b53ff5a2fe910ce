//! Facts of one object, one per line.

use leptos::prelude::*;

use super::copy::Copy;

/// One fact.
#[component]
pub(crate) fn Fact(#[prop(into)] name: String, children: Children) -> impl IntoView {
    html! { <div><dt>{name}</dt><dd>{children()}</dd></div> }
}

/// A long value: cut at the end, whole when one points at it, copied whole.
#[component]
pub(crate) fn LongFact(#[prop(into)] name: String, #[prop(into)] value: String) -> impl IntoView {
    let label = format!("Copy {}", in_a_sentence(&name));
    html! {
        <Fact name=name>
            <code class="cut" title=value.clone()>{value.clone()}</code>
            <Copy text=value label=label/>
        </Fact>
    }
}

/// A label within a sentence: small at the beginning, unless it is an abbreviation.
fn in_a_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            format!("{}{}", first.to_lowercase(), letters.as_str())
        }
        _ => label.to_owned(),
    }
}
