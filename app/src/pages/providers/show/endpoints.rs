//! The endpoints of a provider that has several: how each is, and what its calls of a day came to.

use admin::providers::{EndpointHealth, EndpointsHealth};
use domain::Timestamp;
use leptos::prelude::*;

use crate::{
    format::{count, money, time, zone::Zone},
    http::fields::Fields,
};

/// A card with a line for each. Nothing where there is one endpoint, without a name.
#[component]
pub(super) fn Endpoints(id: String, health: EndpointsHealth, now: Timestamp) -> impl IntoView {
    if health.items.is_empty() {
        return ().into_any();
    }
    let well = health.items.iter().filter(|it| it.healthy).count();
    let all = health.items.len();
    let badge = if well == all {
        html! { <span class="badge ok">"All healthy"</span> }
    } else {
        let words = format!("{well} of {all} healthy");
        let class = if well == 0 { "badge bad" } else { "badge warn" };
        html! { <span class=class>{words}</span> }
    };
    let counted = if health.only_newest {
        "Calls and spend are those of the newest 10,000 calls of the last 24 hours."
    } else {
        "Calls and spend are those of the last 24 hours."
    };
    let rows = health
        .items
        .into_iter()
        .map(|one| row(&id, one, now))
        .collect_view();
    html! {
        <section class="card" id="endpoints" aria-labelledby="endpoints-title">
            <div class="card-head"><h2 id="endpoints-title">"Endpoints"</h2><div class="end">{badge}</div></div>
            <div class="table-wrap" role="region" aria-label="Table of endpoints" tabindex="0">
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">"Endpoint"</th>
                            <th scope="col">"Health"</th>
                            <th scope="col" class="num">"Calls"</th>
                            <th scope="col" class="num">"Failed"</th>
                            <th scope="col" class="num">"Spend"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="help card-body">{counted}" Each attempt is a call of its own. Health is kept in memory: after a restart all are healthy."</p>
        </section>
    }
}

fn row(provider: &str, one: EndpointHealth, now: Timestamp) -> AnyView {
    let name = one.name.to_string();
    let calls = Fields::from([("provider", provider), ("endpoint", &name)]).address("/calls");
    let since = time::relative(one.since, now);
    let exact = Zone::here().exact(one.since);
    let health = match (one.passed_over_until, one.why) {
        (Some(until), why) => {
            let until_words = if until <= now {
                "the next call tries it".to_owned()
            } else {
                format!("until {}", Zone::here().exact(until))
            };
            let failed = count::plural(
                usize::try_from(one.failed_in_a_row).unwrap_or(usize::MAX),
                "failure in a row",
                "failures in a row",
            );
            html! {
                <span class="badge bad">"Passed over"</span>
                <div class="muted xs" title=exact>{format!("{}; since {since}; {until_words}; {failed}", why.unwrap_or_default())}</div>
            }
        }
        (None, _) => html! {
            <span class="badge ok">"Healthy"</span>
            <div class="muted xs" title=exact>{format!("since {since}")}</div>
        },
    };
    let unpriced = (one.unpriced_calls > 0).then(|| {
        html! { <div class="muted xs">{format!("and {} unpriced", count::grouped(one.unpriced_calls))}</div> }
    });
    html! {
        <tr>
            <th scope="row"><a href=calls><code>{name}</code></a><div class="muted xs cut" title=one.address.clone()>{one.address.clone()}</div></th>
            <td>{health}</td>
            <td class="num">{count::grouped(one.calls)}</td>
            <td class="num">{count::grouped(one.failed_calls)}</td>
            <td class="num" title=money::hover(one.spend_usd)>{money::total(one.spend_usd)}{unpriced}</td>
        </tr>
    }
}
