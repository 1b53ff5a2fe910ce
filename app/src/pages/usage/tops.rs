//! The lists of the largest: providers, models, agents. Each entry narrows the page to itself.

use admin::usage::TopView;
use domain::NanoUsd;
use leptos::prelude::*;

use super::{
    PATH,
    names::Names,
    query::{calls, narrowed},
    range::Range,
};
use crate::{
    format::{
        count::{grouped, grouped_size},
        money,
        zone::Zone,
    },
    http::fields::Fields,
    kit::marks::Swatch,
};

/// How many stand in a list before the others are told together.
const SHOWN: usize = 6;

/// A share in tenths of a percent, rounded half up. `None`: there is nothing to have a share of, or no call has
/// a rate.
fn share(part: NanoUsd, unpriced: u64, whole: NanoUsd) -> Option<i128> {
    let is_known = unpriced == 0 || part != NanoUsd::ZERO;
    let (part, whole) = (i128::from(part.0), i128::from(whole.0));
    (whole > 0 && is_known).then(|| (part * 1_000 + whole / 2) / whole)
}

fn percent(tenths: Option<i128>) -> String {
    tenths.map_or_else(
        || "–".to_owned(),
        |tenths| format!("{}.{} %", tenths / 10, tenths % 10),
    )
}

/// Spend, and how many calls are not in it. Where there is nothing but those no figure stands there: unpriced
/// is not free.
#[component]
fn Amount(
    spend: NanoUsd,
    unpriced: u64,
    /// Where the unpriced calls are. `None`: those of several entries.
    href: Option<String>,
) -> impl IntoView {
    let is_told = unpriced == 0 || spend != NanoUsd::ZERO;
    let figure =
        is_told.then(|| html! { <span title=money::hover(spend)>{money::total(spend)}</span> });
    let badge = (unpriced > 0).then(|| {
        let sign = if is_told { "+ " } else { "" };
        let words = format!("{sign}{} unpriced", grouped(unpriced));
        let title = "These calls have no rate and are in no figure of money";
        match href {
            Some(href) => html! { <a class="badge warn" href=href title=title>{words}</a> },
            None => html! { <span class="badge warn" title=title>{words}</span> },
        }
    });
    html! { <span class="sp">{figure}" "{badge}</span> }
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
    range: Range,
) -> impl IntoView {
    let whole: NanoUsd = entries.iter().map(|entry| entry.totals.spend).sum();
    let (shown, others) = entries.split_at_checked(SHOWN).unwrap_or((&entries, &[]));
    let rest: NanoUsd = others.iter().map(|entry| entry.totals.spend).sum();
    let rest_unpriced = others.iter().map(|entry| entry.totals.unpriced).sum();
    let zone = Zone::here();
    let rows = shown.iter().map(|entry| {
        let key = entry.key.as_deref();
        let narrowed = narrowed(&query, name, key);
        let unpriced = calls(&narrowed, range, &zone, "unpriced");
        let provider = key.filter(|_| name == "provider");
        let mark = provider.map(|id| names.mark(id));
        let gone = provider.is_some_and(|id| names.is_gone(id));
        let share = share(entry.totals.spend, entry.totals.unpriced, whole);
        let swatch = mark.map(|mark| html! { <Swatch mark=mark/> });
        let hue = mark.map_or(String::new(), |mark| mark.class());
        let spend = entry.totals.spend;
        let label = if name == "model" && key.is_some() {
            html! { <code class="cut" title=entry.label.clone()>{entry.label.clone()}</code> }
        } else {
            html! { <span class="cut" title=entry.label.clone()>{entry.label.clone()}</span> }
        };
        html! {
            <li>
                <a class="nm" href=narrowed.address(PATH)>{swatch}{label}</a>
                {gone.then(|| html! { <span class="badge plain gone">"deleted"</span> })}
                <Amount spend=spend unpriced=entry.totals.unpriced href=Some(unpriced)/>
                <span class="sh">{percent(share)}</span>
                <progress class=format!("bar {hue}") max="1000" value=share.unwrap_or(0).max(i128::from(spend.0 > 0)).to_string() aria-hidden="true"></progress>
            </li>
        }
    });
    let more = (!others.is_empty()).then(|| {
        html! {
            <li>
                <span class="nm muted">{format!("{} more", grouped_size(others.len()))}</span>
                <Amount spend=rest unpriced=rest_unpriced href=None/>
                <span class="sh">{percent(share(rest, rest_unpriced, whole))}</span>
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
        let told = |part: i64, whole: i64| percent(share(NanoUsd(part), 0, NanoUsd(whole)));
        assert_eq!(told(1, 3), "33.3 %");
        assert_eq!(told(2, 3), "66.7 %");
        assert_eq!(told(0, 5), "0.0 %");
        assert_eq!(told(i64::MAX, i64::MAX), "100.0 %");
        assert_eq!(told(0, 0), "–");
        // What has no rate has no share; what has one in part has that.
        assert_eq!(percent(share(NanoUsd(0), 3, NanoUsd(5))), "–");
        assert_eq!(percent(share(NanoUsd(1), 3, NanoUsd(4))), "25.0 %");
    }
}
