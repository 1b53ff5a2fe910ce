//! The prices that a call had before it was priced again.

use admin::repricing::PriceBeforeView;
use domain::{
    Bucket,
    pricing::{PriceState, RateSource},
};
use leptos::prelude::*;

use crate::{
    format::{money, time},
    kit::figures::When,
    pages::{audit, repricing},
};

/// One line for each time, the newest first, with the rates of then folded.
#[component]
pub(super) fn History(prices: Vec<PriceBeforeView>) -> impl IntoView {
    if prices.is_empty() {
        return ().into_any();
    }
    let lines: Vec<_> = prices.into_iter().map(line).collect();
    html! {
        <div class="stack tight" role="group" aria-label="Prices before">
            <h3>"Prices before"</h3>
            {lines}
        </div>
    }
    .into_any()
}

fn line(price: PriceBeforeView) -> AnyView {
    let now = time::now();
    let href = repricing::address(&price.repricing.to_string());
    let by = audit::actor(&price.by);
    let was = match (price.price_state, price.total) {
        (PriceState::Unpriced, _) => html! { <span class="badge warn">"unpriced"</span> },
        (PriceState::Estimated, Some(total)) => {
            html! { <b class="tnum">{format!("≈ {}", money::exact(total))}</b> }
        }
        (_, Some(total)) => html! { <b class="tnum">{money::exact(total)}</b> },
        (_, None) => html! { <span class="muted">"–"</span> },
    };
    let buckets: Vec<_> = Bucket::ALL
        .iter()
        .filter_map(|bucket| {
            let cost = (*price.charge.cost.get(*bucket))?;
            let rate = (*price.charge.rates.get(*bucket)).map(|rate| {
                let source = match rate.source {
                    RateSource::Override => "override".to_owned(),
                    RateSource::Catalog => format!("catalog {}", price.catalog_version),
                    RateSource::Input => "the input rate".to_owned(),
                };
                format!(" at ${} per 1M, {source}", money::rate(rate.usd_per_mtok))
            });
            let label = bucket.label();
            Some(html! { <li>{label}" "<span class="tnum">{money::exact(cost)}</span>{rate}</li> })
        })
        .collect();
    let folded = (!buckets.is_empty()).then(|| {
        html! { <details class="fold"><summary>"How it was made up"</summary><ul class="dots-list xs">{buckets}</ul></details> }
    });
    html! {
        <p class="help">
            <a href=href>"Priced again"</a>" "<When moment=price.at now=now/>{format!(" by {by}; before: ")}{was}
        </p>
        {folded}
    }
}
