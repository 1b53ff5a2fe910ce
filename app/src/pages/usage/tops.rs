//! The lists of the largest: providers, models, agents. Each entry narrows the page to itself.

use admin::usage::TopView;
use domain::NanoUsd;
use leptos::prelude::*;

use super::{PATH, figures::of_provider, names::Names, query::narrowed};
use crate::{
    format::{count::grouped_size, money},
    http::fields::Fields,
};

/// How many stand in a list before the others are told together.
const SHOWN: usize = 6;

/// A share in tenths of a percent, rounded half up. `None`: there is nothing to have a share of.
fn share(part: NanoUsd, whole: NanoUsd) -> Option<i128> {
    let (part, whole) = (i128::from(part.0), i128::from(whole.0));
    (whole > 0).then(|| (part * 1_000 + whole / 2) / whole)
}

fn percent(tenths: Option<i128>) -> String {
    tenths.map_or_else(
        || "–".to_owned(),
        |tenths| format!("{}.{} %", tenths / 10, tenths % 10),
    )
}

/// One list.
#[component]
pub(super) fn TopList(
    /// The filter that its entries are values of.
    name: &'static str,
    title: &'static str,
    entries: Vec<TopView>,
    names: Names,
    query: Fields,
) -> impl IntoView {
    let whole: NanoUsd = entries.iter().map(|entry| entry.totals.spend).sum();
    let (shown, others) = entries.split_at_checked(SHOWN).unwrap_or((&entries, &[]));
    let rest: NanoUsd = others.iter().map(|entry| entry.totals.spend).sum();
    let rows = shown.iter().map(|entry| {
        let key = entry.key.as_deref();
        let address = narrowed(&query, name, key).address(PATH);
        let known = key.filter(|_| name == "provider").and_then(|id| names.of(id));
        let mark = known.map(of_provider);
        let gone = known.is_some_and(|known| !known.is_there);
        let share = share(entry.totals.spend, whole);
        let swatch = mark.map(|mark| html! { <span class=mark.class()></span> });
        let hue = mark.map_or("", |mark| mark.hue());
        let label = if name == "model" && key.is_some() {
            html! { <code class="cut" title=entry.label.clone()>{entry.label.clone()}</code> }
        } else {
            html! { <span class="cut" title=entry.label.clone()>{entry.label.clone()}</span> }
        };
        html! {
            <li>
                <a class="nm" href=address>{swatch}{label}</a>
                {gone.then(|| html! { <span class="badge plain gone">"deleted"</span> })}
                <span class="sp" title=money::hover(entry.totals.spend)>{money::total(entry.totals.spend)}</span>
                <span class="sh">{percent(share)}</span>
                <svg class=format!("bar {hue}") viewBox="0 0 1000 4" preserveAspectRatio="none" aria-hidden="true">
                    <rect width=share.unwrap_or(0).max(i128::from(entry.totals.spend.0 > 0)).to_string() height="4"></rect>
                </svg>
            </li>
        }
    });
    let more = (!others.is_empty()).then(|| {
        html! {
            <li>
                <span class="nm muted">{format!("{} more", grouped_size(others.len()))}</span>
                <span class="sp soft" title=money::hover(rest)>{money::total(rest)}</span>
                <span class="sh">{percent(share(rest, whole))}</span>
            </li>
        }
    });
    html! {
        <section class="card" aria-labelledby=format!("top-{name}")>
            <div class="card-head"><h2 id=format!("top-{name}")>{title}</h2><span class="end muted xs">"Spend · share"</span></div>
            <div class="card-body"><ol class="toplist">{rows.collect_view()}{more}</ol></div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use domain::NanoUsd;

    use super::{percent, share};

    #[test]
    fn shares_have_one_decimal() {
        let told = |part: i64, whole: i64| percent(share(NanoUsd(part), NanoUsd(whole)));
        assert_eq!(told(1, 3), "33.3 %");
        assert_eq!(told(2, 3), "66.7 %");
        assert_eq!(told(0, 5), "0.0 %");
        assert_eq!(told(i64::MAX, i64::MAX), "100.0 %");
        assert_eq!(told(0, 0), "–");
    }
}
