//! A call, opened: what it cost and why, where the time went, and its ids.

use admin::calls::CallView;
use domain::{
    Bucket, NanoUsd,
    call::Operation,
    pricing::{AppliedRate, PriceState, RateSource},
};
use leptos::prelude::*;

use super::{
    history::History,
    table::{Ended, Names, Opened, in_and_out},
};
use crate::{
    format::{count, money, time, zone::Zone},
    kit::{
        copy::CopyWide,
        icon::{Drawn, Icon},
        kv::{Fact, LongFact},
        note::{NoteBox, Tone},
    },
    pages::{providers, repricing, tokens, transcripts},
};

/// Everything that the ledger keeps of a call.
#[component]
pub(super) fn Account(call: CallView, names: Names, opened: Opened) -> impl IntoView {
    let Opened { prices, attempts } = opened;
    let transcript = (call.has_transcript == Some(true)).then(|| {
        let href = transcripts::of_call(&call.id.to_string());
        html! { <a class="btn" href=href><Drawn icon=Icon::Talk/>"Open transcript"</a> }
    });
    html! {
        <div class="account">
            <div class="stack">
                <h2>"What it cost"</h2>
                <Costs call=call.clone()/>
                <Remarks call=call.clone()/>
                <History call=call.clone() prices=prices/>
            </div>
            <div class="stack">
                <h2>"Where the time went"</h2>
                <Timing call=call.clone()/>
                <Ids call=call.clone() names=names/>
                <Attempts of=call.clone() attempts=attempts/>
                <div class="row">
                    {transcript}
                    <AsJson call=call/>
                </div>
            </div>
        </div>
    }
}

/// The whole call as the REST API tells it, to be taken along.
#[component]
fn AsJson(call: CallView) -> impl IntoView {
    // What cannot be written down is not offered.
    serde_json::to_string_pretty(&call)
        .ok()
        .map(|text| html! { <CopyWide text=text label="Copy as JSON"/> })
}

/// Tokens times rate, bucket by bucket.
#[component]
fn Costs(call: CallView) -> impl IntoView {
    let usage = call.tokens.0;
    let lines: Vec<_> = Bucket::ALL
        .iter()
        .filter_map(|bucket| {
            let tokens = (*usage.tokens.get(*bucket))?;
            let rate = *call.rates.buckets.get(*bucket);
            (tokens > 0 || rate.is_some()).then(|| {
                let cost = *call.cost_usd.buckets.get(*bucket);
                let reasoning = usage
                    .reasoning
                    .filter(|count| *bucket == Bucket::Output && *count > 0);
                bucket_row(
                    *bucket,
                    tokens,
                    rate,
                    cost,
                    reasoning,
                    &call.catalog_version,
                )
            })
        })
        .collect();
    let searches = call
        .searches
        .filter(|count| *count > 0)
        .map(|count| search_row(&call, count));
    if lines.is_empty() && searches.is_none() {
        return html! { <p class="soft">"No tokens were reported, so there is nothing to price."</p> };
    }
    let total = match (call.price_state, call.cost_usd.total) {
        (PriceState::Unpriced, _) => html! { <span class="badge warn">"unpriced"</span> },
        (PriceState::Estimated, Some(total)) => html! { "≈ "{money::exact(total)} },
        (_, Some(total)) => html! { {money::exact(total)} },
        (_, None) => html! { <span class="muted">"–"</span> },
    };
    html! {
        <div class="table-wrap scroll" role="region" aria-label="Cost, bucket by bucket" tabindex="0">
            <table class="sumtable">
                <thead>
                    <tr>
                        <th scope="col">"Bucket"</th>
                        <th scope="col" class="num">"Tokens"</th>
                        <th><span class="sr">"times"</span></th>
                        <th scope="col" class="num">"Rate per 1M"</th>
                        <th><span class="sr">"makes"</span></th>
                        <th scope="col" class="num">"Cost"</th>
                        <th scope="col" class="src">"Rate from"</th>
                    </tr>
                </thead>
                <tbody>{lines}{searches}</tbody>
                <tfoot>
                    <tr>
                        <td>"Total"</td>
                        <td class="num">{count::grouped(usage.total_tokens())}</td>
                        <td></td>
                        <td></td>
                        <td class="op">"="</td>
                        <td class="num">{total}</td>
                        <td class="src"></td>
                    </tr>
                </tfoot>
            </table>
        </div>
    }
}

fn bucket_row(
    bucket: Bucket,
    tokens: u64,
    rate: Option<AppliedRate>,
    cost: Option<NanoUsd>,
    reasoning: Option<u64>,
    catalog: &str,
) -> AnyView {
    let (shown_rate, source) = match rate {
        Some(rate) => (
            format!("${}", money::rate(rate.usd_per_mtok)),
            source(rate.source, catalog),
        ),
        None => ("no rate".to_owned(), ().into_any()),
    };
    let part = reasoning.map(|count| {
        html! { <tr class="part"><td>"of it, reasoning"</td><td class="num">{count::grouped(count)}</td><td colspan="5"></td></tr> }
    });
    html! {
        <tr>
            <td>{bucket.label()}</td>
            <td class="num">{count::grouped(tokens)}</td>
            <td class="op">"×"</td>
            <td class="num">{shown_rate}</td>
            <td class="op">"="</td>
            <td class="num">{cost.map_or_else(|| "–".to_owned(), money::exact)}</td>
            <td class="src xs">{source}</td>
        </tr>
        {part}
    }
}

fn search_row(call: &CallView, searches: u64) -> AnyView {
    let rate = call.rates.searches.map_or_else(
        || "no rate".to_owned(),
        |rate| {
            format!(
                "${} per 1,000",
                money::at_least_two_decimals(&rate.usd_per_thousand.to_string())
            )
        },
    );
    html! {
        <tr>
            <td>{if call.operation == Operation::Rerank { "Search units" } else { "Web searches" }}</td>
            <td class="num">{count::grouped(searches)}</td>
            <td class="op">"×"</td>
            <td class="num">{rate}</td>
            <td class="op">"="</td>
            <td class="num">{call.cost_usd.searches.map_or_else(|| "–".to_owned(), money::exact)}</td>
            <td class="src xs">{call.rates.searches.map(|_| source(RateSource::Catalog, &call.catalog_version))}</td>
        </tr>
    }
}

fn source(source: RateSource, catalog: &str) -> AnyView {
    match source {
        RateSource::Override => html! { <span class="override">"override"</span> },
        RateSource::Catalog => html! { <span class="muted">{format!("catalog {catalog}")}</span> },
        RateSource::Input => html! { <span class="muted">"the input rate"</span> },
    }
}

/// What must be known to read the figures right.
#[component]
fn Remarks(call: CallView) -> impl IntoView {
    let state = match call.price_state {
        PriceState::Priced => None,
        PriceState::Estimated => Some(
            "The answer told no usage, so Weir counted the tokens itself. The cost is an estimate.",
        ),
        PriceState::Unpriced if call.operation == Operation::Rerank => Some(
            "Ranking documents bills search units and no tokens, and the catalog has no rate for them, so what it cost is not known. It is left out of every sum of money.",
        ),
        PriceState::Unpriced => Some(
            "A bucket with tokens has no rate, so the whole is not known. It is left out of every sum of money.",
        ),
        PriceState::NotBilled => Some("A call of this kind, or with this outcome, is not billed."),
    };
    let total = call.provider_total.map(|total| {
        let total = count::grouped(total);
        if call.usage_mismatch {
            let words = format!("The provider reported {total} tokens in all, which is not what its buckets add up to.");
            html! { <NoteBox tone=Tone::Warning>{words}</NoteBox> }
        } else {
            html! { <p class="help">{format!("The provider reported {total} tokens in all; the buckets add up to the same.")}</p> }
        }
    });
    let odd = (call.usage_mismatch && call.provider_total.is_none()).then(|| {
        html! {
            <NoteBox tone=Tone::Warning>
                "The counts that the provider reported do not fit together: a part is larger than its whole, or one has a fraction, which was rounded up."
            </NoteBox>
        }
    });
    let again = (call.price_state == PriceState::Unpriced).then(|| price_again(&call));
    html! { {state.map(|words| html! { <p class="help">{words}{again}</p> })}{total}{odd} }
}

/// The way to a price for the calls of its day that are like it.
fn price_again(call: &CallView) -> AnyView {
    let mut like = vec![("provider", call.provider.as_str())];
    like.push(match call.model.as_deref() {
        Some(model) => ("model", model),
        None => (repricing::NO_MODEL, "on"),
    });
    let zone = Zone::here();
    let day = zone.report().day_before(call.started_at, 0).ok();
    let href = repricing::for_unpriced(&like, day, zone.end_of_day(call.started_at));
    html! { " "<a href=href>"Price it again"</a> }
}

/// Inside Weir, to the first byte, to the end.
#[component]
fn Timing(call: CallView) -> impl IntoView {
    let whole = call.latency_ms.saturating_mul(1_000).max(1);
    let first = call
        .ttfb_ms
        .map_or(whole, |ms| ms.saturating_mul(1_000))
        .min(whole);
    let weir = call.overhead_us.min(first);
    let part = |micros: u64| micros.saturating_mul(1_000) / whole;
    let (weir_part, first_part) = (part(weir).max(4), part(first).max(4));
    let speed = tokens_per_second(&call);
    html! {
        <div class="timing">
            <svg class="track" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class="rest" width="1000" height="8"></rect>
                <rect class="wait" width=first_part height="8"></rect>
                <rect class="own" width=weir_part height="8"></rect>
            </svg>
            <div class="lg">
                <span>"Weir "<b>{time::duration(call.overhead_us)}</b></span>
                {call.ttfb_ms.map(|ms| html! { <span>"first byte "<b>{time::millis(ms)}</b></span> })}
                <span>"whole answer "<b>{time::millis(call.latency_ms)}</b></span>
                {speed.map(|speed| html! { <span>{format!("{} tokens/s", count::grouped(speed))}</span> })}
            </div>
        </div>
    }
}

/// Generated tokens per second after the first byte, of a stream that took long enough to tell.
fn tokens_per_second(call: &CallView) -> Option<u64> {
    const LONG_ENOUGH_MS: u64 = 100;
    let (_, generated) = in_and_out(call);
    let generating = call.latency_ms.checked_sub(call.ttfb_ms?)?;
    let speed = generated?.saturating_mul(1_000).checked_div(generating)?;
    (call.streamed && generating >= LONG_ENOUGH_MS && speed > 0).then_some(speed)
}

#[component]
fn Ids(call: CallView, names: Names) -> impl IntoView {
    let provider = names.provider(&call.provider);
    let provider = if names.has_provider(&call.provider) {
        html! { <a class="cut" href=providers::address(call.provider.as_str())>{provider}</a> }
    } else {
        html! { <span class="cut">{provider}</span><span class="muted">" deleted"</span> }
    };
    let token = call.token.map(|id| {
        let id = id.to_string();
        let shown = match names.token(&id) {
            Some(name) => html! { <a class="cut" href=tokens::address(&id)>{name}</a> },
            None => {
                let named = match names.revoked_token(&id) {
                    Some(name) => html! { <span class="cut" title=id>{name}</span> },
                    None => html! { <code class="cut">{id}</code> },
                };
                html! { {named}<span class="muted">" revoked"</span> }
            }
        };
        html! { <Fact name="Gateway token">{shown}</Fact> }
    });
    let text = |name: &'static str, value: Option<String>| {
        value.map(|value| html! { <Fact name=name><span class="cut" title=value.clone()>{value.clone()}</span></Fact> })
    };
    let code = |name: &'static str, value: Option<String>| {
        value.map(|value| html! { <Fact name=name><code class="cut" title=value.clone()>{value.clone()}</code></Fact> })
    };
    let other = |name: &Option<String>| {
        name.clone()
            .filter(|name| call.model.as_ref() != Some(name))
    };
    let (requested, replied) = (other(&call.requested_model), other(&call.replied_model));
    let started = Zone::here().exact_to_millis(call.started_at);
    let operation = format!(
        "{}{}",
        call.operation.key(),
        if call.streamed { ", streamed" } else { "" }
    );
    html! {
        <dl class="kv tight">
            <Fact name="Outcome"><Ended outcome=call.outcome status=call.status/></Fact>
            <Fact name="Started"><span>{started}</span></Fact>
            <LongFact name="Call id" value=call.id.to_string()/>
            {call.upstream_request_id.clone().map(|id| html! { <LongFact name="Upstream id" value=id/> })}
            <Fact name="Provider">{provider}</Fact>
            {code("Model", call.model.clone())}
            {code("Asked for", requested)}
            {code("Answered by", replied)}
            <Fact name="Operation"><span>{operation}</span></Fact>
            {token}
            {text("Agent", call.agent.clone())}
            {text("User", call.user.clone())}
            {text("Conversation", call.conversation.clone())}
            {text("Tier", call.service_tier.clone())}
            {text("Geography", call.geography.clone())}
            {code("Endpoint", call.endpoint.clone())}
        </dl>
    }
}

/// The attempts of a call that was tried at several endpoints, with a link to each of the others.
#[component]
fn Attempts(of: CallView, attempts: Vec<CallView>) -> impl IntoView {
    if attempts.is_empty() {
        return ().into_any();
    }
    let lines: Vec<_> = attempts
        .into_iter()
        .map(|attempt| {
            let id = attempt.id.to_string();
            let name = attempt.endpoint.clone().unwrap_or_else(|| id.clone());
            let ended = html! { <Ended outcome=attempt.outcome status=attempt.status/> };
            if attempt.id == of.id {
                return html! { <li aria-current="true"><code>{name}</code>" "{ended}" "<span class="muted xs">"this one"</span></li> };
            }
            let href = super::address(attempt.id);
            html! { <li><a href=format!("{href}#call-{id}")><code>{name}</code></a>" "{ended}</li> }
        })
        .collect();
    html! {
        <h2>"Attempts"</h2>
        <p class="help">"The call was tried at one endpoint after the other. Each attempt is a row of its own."</p>
        <ol class="attempts">{lines}</ol>
    }
}
