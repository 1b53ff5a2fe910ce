//! The prices that a call had before it was priced again.

use admin::{calls::CallView, repricing::PriceBeforeView};
use domain::{
    Bucket, NanoUsd, PerBucket,
    pricing::{PriceState, RateSource},
};
use leptos::prelude::*;

use crate::{
    format::{count, money, time},
    kit::figures::When,
    pages::{audit, repricing},
};

/// One line for each time, the newest first, with the rates of then folded.
#[component]
pub(super) fn History(
    /// The call as it is now.
    call: CallView,
    prices: Vec<PriceBeforeView>,
) -> impl IntoView {
    if prices.is_empty() {
        return ().into_any();
    }
    let lines: Vec<_> = prices.into_iter().map(|price| line(&call, price)).collect();
    html! {
        <div class="stack tight" role="group" aria-label="Prices before">
            <h3>"Prices before"</h3>
            {lines}
        </div>
    }
    .into_any()
}

fn line(call: &CallView, price: PriceBeforeView) -> AnyView {
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
    let parts: Vec<_> = parts(&price, call.tokens.0.tokens, call.searches)
        .into_iter()
        .map(|[label, sum, source]| {
            html! { <li>{label}" "<span class="tnum">{sum}</span>", "{source}</li> }
        })
        .collect();
    let folded = (!parts.is_empty()).then(|| {
        html! { <details class="fold"><summary>"How it was made up"</summary><ul class="dots-list xs">{parts}</ul></details> }
    });
    html! {
        <p class="help">
            <a href=href>"Priced again"</a>" "<When moment=price.at now=now/>{format!(" by {by}; before: ")}{was}
        </p>
        {folded}
    }
}

/// The parts of the sum: what of, how much times its rate, and where the rate came from. `tokens`, `searches`: those of
/// the call as it is now.
fn parts(
    price: &PriceBeforeView,
    tokens: PerBucket<Option<u64>>,
    searches: Option<u64>,
) -> Vec<[String; 3]> {
    let source = |source: RateSource| match source {
        RateSource::Override => "override".to_owned(),
        RateSource::Catalog => format!("catalog {}", price.catalog_version),
        RateSource::Input => "the input rate".to_owned(),
    };
    let part = |label: &str, count: Option<u64>, rate: String, cost: NanoUsd, of: RateSource| {
        let count = count::grouped(count.unwrap_or_default());
        let sum = format!("{count} × ${rate} = {}", money::exact(cost));
        [label.to_owned(), sum, source(of)]
    };
    let charge = &price.charge;
    // Other rates may have put tokens into other buckets.
    let tokens = price.tokens.unwrap_or(tokens);
    let buckets = Bucket::ALL.iter().filter_map(|bucket| {
        let cost = (*charge.cost.get(*bucket))?;
        let rate = (*charge.rates.get(*bucket))?;
        let words = format!("{} per 1M", money::rate(rate.usd_per_mtok));
        Some(part(
            bucket.label(),
            *tokens.get(*bucket),
            words,
            cost,
            rate.source,
        ))
    });
    let searched = charge.searches.zip(charge.search_rate).map(|(cost, rate)| {
        let rate_words = money::at_least_two_decimals(&rate.usd_per_thousand.to_string());
        let words = format!("{rate_words} per 1,000");
        part("Web searches", searches, words, cost, rate.source)
    });
    buckets.chain(searched).collect()
}

#[cfg(test)]
mod tests {
    use admin::repricing::PriceBeforeView;
    use domain::{
        NanoUsd, PerBucket, Timestamp,
        pricing::{AppliedRate, AppliedSearchRate, Charge, PriceState, RateSource},
    };

    use super::parts;

    #[test]
    fn a_price_before_adds_up_from_what_is_shown_of_it() {
        let mut charge = Charge::default();
        charge.cost.output = Some(NanoUsd(30_000_000));
        charge.rates.output = Some(AppliedRate {
            usd_per_mtok: "15".parse().unwrap(),
            source: RateSource::Catalog,
        });
        charge.searches = Some(NanoUsd(20_000_000));
        charge.search_rate = Some(AppliedSearchRate {
            usd_per_thousand: "10".parse().unwrap(),
            source: RateSource::Catalog,
        });
        charge.total = Some(NanoUsd(50_000_000));
        let tokens: PerBucket<Option<u64>> = PerBucket {
            output: Some(2_000),
            ..PerBucket::default()
        };
        let mut price = PriceBeforeView {
            repricing: uuid::Uuid::nil(),
            at: Timestamp::UNIX_EPOCH,
            by: "person:Ada".to_owned(),
            price_state: PriceState::Priced,
            total: charge.total,
            charge,
            catalog_version: "2026-11-15".to_owned(),
            tokens: None,
        };
        let searched = [
            "Web searches",
            "2 × $10.00 per 1,000 = $0.020000000",
            "catalog 2026-11-15",
        ];
        assert_eq!(
            parts(&price, tokens, Some(2)),
            [
                [
                    "Output",
                    "2,000 × $15.00 per 1M = $0.030000000",
                    "catalog 2026-11-15"
                ],
                searched
            ]
        );
        // Tokens that stood in other buckets then are those of then.
        price.tokens = Some(tokens);
        assert_eq!(
            parts(&price, PerBucket::default(), Some(2))[0][1],
            "2,000 × $15.00 per 1M = $0.030000000"
        );
    }
}
