//! Names of things as small chips that lead to them.

use leptos::prelude::*;

/// How many stand in a row of a list.
const SHOWN: usize = 3;

/// One chip: what it says, and where it leads. `None`: nowhere, since it is gone.
pub(crate) type Chip = (String, Option<String>);

/// Chips, all of them, or in a list the first few.
#[component]
pub(crate) fn Chips(
    chips: Vec<Chip>,
    /// In a list: where all of them stand.
    all_at: Option<String>,
) -> impl IntoView {
    let shown = if all_at.is_some() { SHOWN } else { usize::MAX };
    let rest: Vec<&str> = chips
        .iter()
        .skip(shown)
        .map(|(label, _)| label.as_str())
        .collect();
    let more = all_at.filter(|_| !rest.is_empty()).map(|all_at| {
        let label = format!("and {} more: {}", rest.len(), rest.join(", "));
        html! { <a class="model more" href=all_at title=rest.join(", ") aria-label=label>{format!("+{}", rest.len())}</a> }
    });
    let chips = chips
        .into_iter()
        .take(shown)
        .map(|(label, address)| match address {
            Some(address) => html! { <a class="model" href=address>{label}</a> },
            None => html! { <span class="model">{label}</span> },
        });
    html! { <span class="models">{chips.collect_view()}{more}</span> }
}

#[cfg(test)]
mod tests {
    use leptos::prelude::RenderHtml as _;

    use super::{Chips, ChipsProps, SHOWN};

    #[test]
    fn a_list_shows_a_few_and_says_how_many_more() {
        let shown = |count: usize, all_at: Option<String>| {
            let chips = (0..count)
                .map(|number| (format!("p{number}"), None))
                .collect();
            let html = Chips(ChipsProps { chips, all_at });
            leptos::prelude::IntoAny::into_any(html).to_html()
        };
        let few = shown(SHOWN, Some("/all".to_owned()));
        assert!(few.contains("p2") && !few.contains('+'), "{few}");
        let many = shown(SHOWN + 2, Some("/all".to_owned()));
        assert!(
            many.contains(r#"title="p3, p4""#) && many.contains("+2"),
            "{many}"
        );
        let all = shown(SHOWN + 2, None);
        assert!(all.contains(">p4<") && !all.contains('+'), "{all}");
    }
}
