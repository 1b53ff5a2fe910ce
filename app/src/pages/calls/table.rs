//! The table of calls: on their own page, and on the page of a provider.

use std::collections::HashMap;

use admin::{calls::CallView, repricing::PriceBeforeView};
use domain::{
    NanoUsd, ProviderId, Timestamp, call::Outcome, pricing::PriceState, provider::ProviderType,
};
use leptos::prelude::*;

use super::account::Account;
use crate::{
    format::{count, money, time, zone::Zone},
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        icon::{Drawn, Icon},
        marks::{Mark, Swatch},
    },
    pages::providers::places::Places,
};

/// What the table must know of providers and tokens: their names, and the mark of each provider.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    providers: HashMap<ProviderId, (String, ProviderType)>,
    places: Places,
    tokens: HashMap<String, String>,
    revoked: HashMap<String, String>,
}

impl Names {
    /// Reads them.
    ///
    /// # Errors
    /// What admin says.
    pub(crate) async fn read(page: &Page) -> Result<Self, Failure> {
        let who = page.who()?;
        let tokens = page.admin().tokens().all(who).await?;
        let revoked = page.admin().tokens().revoked(who).await?;
        let snapshot = page.admin().live().keep();
        let providers = snapshot
            .providers
            .values()
            .map(|live| {
                let provider = &live.provider;
                let named = (
                    provider.display_name.clone(),
                    provider.upstream.provider_type(),
                );
                (provider.id.clone(), named)
            })
            .collect();
        let tokens = tokens
            .into_iter()
            .map(|token| (token.id.to_string(), token.name))
            .collect();
        let revoked = revoked
            .into_iter()
            .map(|(id, name)| (id.to_string(), name))
            .collect();
        Ok(Self {
            providers,
            places: Places::read(page).await?,
            tokens,
            revoked,
        })
    }

    /// The name of a provider; of a deleted one, its id.
    pub(in crate::pages) fn provider(&self, id: &ProviderId) -> String {
        self.providers
            .get(id)
            .map_or_else(|| id.to_string(), |(name, _)| name.clone())
    }

    /// The type of a provider. `None`: it is deleted.
    pub(in crate::pages) fn type_of(&self, id: &ProviderId) -> Option<ProviderType> {
        self.providers.get(id).map(|(_, ty)| *ty)
    }

    /// Whether a provider still exists.
    pub(in crate::pages) fn has_provider(&self, id: &ProviderId) -> bool {
        self.providers.contains_key(id)
    }

    /// The mark of a provider.
    pub(in crate::pages) fn mark(&self, id: &ProviderId, ty: ProviderType) -> Mark {
        self.places.mark(id.as_str(), ty)
    }

    /// The name of a token. `None`: it was revoked.
    pub(in crate::pages) fn token(&self, id: &str) -> Option<String> {
        self.tokens.get(id).cloned()
    }

    /// The name that a revoked token had.
    pub(in crate::pages) fn revoked_token(&self, id: &str) -> Option<String> {
        self.revoked.get(id).cloned()
    }
}

/// What is shown of the call that the address opens, beside its row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opened {
    /// The prices that it had before.
    pub(super) prices: Vec<PriceBeforeView>,
    /// Every attempt, where it was tried at several endpoints.
    pub(super) attempts: Vec<CallView>,
}

impl Opened {
    /// Reads it. Nothing where the address opens no call.
    ///
    /// # Errors
    /// What admin says.
    pub(crate) async fn read(page: &Page) -> Result<Self, Failure> {
        let Ok(call) = page.query().text("open").parse() else {
            return Ok(Self::default());
        };
        let (who, repricing, calls) = (page.who()?, page.admin().repricing(), page.admin().calls());
        Ok(Self {
            prices: repricing.prices_before(who, call).await?,
            attempts: calls.attempts(who, call).await?,
        })
    }
}

/// The rows, newest first. The one that the address opens shows all there is to know.
#[component]
pub(crate) fn CallsTable(
    calls: Vec<CallView>,
    names: Names,
    query: Fields,
    path: String,
    now: Timestamp,
    /// What there is to know of the opened call beside its row.
    opened: Opened,
) -> impl IntoView {
    let open = query.text("open").to_owned();
    let zone = Zone::here();
    let in_zone = zone.short_of_all(calls.iter().map(|call| call.started_at));
    let rows = calls
        .into_iter()
        .map(|call| {
            let id = call.id.to_string();
            let is_open = id == open;
            let toggled = if is_open { query.clone().with("open", "") } else { query.clone().with("open", &id) };
            let address = format!("{}#call-{id}", toggled.address(&path));
            let detail = is_open.then(|| {
                html! { <tr class="detail"><td colspan="10"><Account call=call.clone() names=names.clone() opened=opened.clone()/></td></tr> }
            });
            html! { {row(&call, &names, address, is_open, &zone, now)}{detail} }
        })
        .collect_view();
    let zone_name = zone.name().to_owned();
    html! {
        <div class="table-wrap" role="region" aria-label="Table of calls" tabindex="0">
            <table class="table ledger">
                <thead>
                    <tr>
                        <th scope="col" aria-sort="descending" title=zone_name>{format!("Time, {in_zone}")}</th>
                        <th class="only-narrow" scope="col">"Cost"</th>
                        <th scope="col">"Provider"</th>
                        <th scope="col">"Model"</th>
                        <th scope="col" class="mid-hide">"Agent · user"</th>
                        <th scope="col" class="num">"Tokens in"</th>
                        <th scope="col" class="num">"out"</th>
                        <th scope="col" class="num only-wide">"Cost"</th>
                        <th scope="col" class="num mid-hide">"Latency"</th>
                        <th scope="col">"Status"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// Tokens of the prompt and generated ones. `None`: not reported.
pub(super) fn in_and_out(call: &CallView) -> (Option<u64>, Option<u64>) {
    let sum = |prompt: bool| {
        let told = call
            .tokens
            .0
            .tokens
            .iter()
            .filter(|(bucket, _)| bucket.is_prompt() == prompt)
            .filter_map(|(_, count)| *count);
        told.fold(None, |sum: Option<u64>, count| {
            Some(sum.unwrap_or(0).saturating_add(count))
        })
    };
    (sum(true), sum(false))
}

fn row(
    call: &CallView,
    names: &Names,
    address: String,
    is_open: bool,
    zone: &Zone,
    now: Timestamp,
) -> impl IntoView + use<> {
    let id = format!("call-{}", call.id);
    let (clock, tenth) = zone.clock(call.started_at);
    let day = zone.day(call.started_at, now);
    let day = (day != zone.day(now, now)).then_some(day);
    let provider = names.provider(&call.provider);
    let model = call.model.clone().or_else(|| call.requested_model.clone());
    let (tokens_in, tokens_out) = in_and_out(call);
    html! {
        <tr class=is_open.then_some("open") id=id>
            <td>
                <a class="rowbtn" href=address aria-expanded=if is_open { "true" } else { "false" }>
                    <Drawn icon=Icon::Right/>
                    <time datetime=call.started_at.to_string() title=zone.exact_to_millis(call.started_at)>
                        {day.map(|day| html! { <span class="muted">{day}" "</span> })}{clock}<span class="muted">{tenth}</span>
                    </time>
                </a>
            </td>
            <td class="num only-narrow"><Cost state=call.price_state total=call.cost_usd.total/></td>
            <td class="clip pv">
                <span class="prov">
                    <Swatch mark=names.mark(&call.provider, call.provider_type)/>
                    <span class="cut" title=provider.clone()>{provider.clone()}</span>
                </span>
            </td>
            <td class="clip wide">{match model {
                Some(model) => html! { <code class="cut" title=model.clone()>{model.clone()}</code> },
                None => html! { <span class="muted">{call.operation.key()}</span> },
            }}</td>
            <td class="hide mid-hide clip">
                <span class="cut">{call.agent.clone().unwrap_or_else(|| "–".to_owned())}
                    {call.user.clone().map(|user| html! { <span class="who">" · "{user}</span> })}</span>
            </td>
            <td class="num hide">{count::grouped_or_dash(tokens_in)}</td>
            <td class="num hide">{count::grouped_or_dash(tokens_out)}</td>
            <td class="num only-wide"><Cost state=call.price_state total=call.cost_usd.total/></td>
            <td class="num hide mid-hide">{time::millis(call.latency_ms)}</td>
            <td class="st"><Ended outcome=call.outcome status=call.status/></td>
        </tr>
    }
}

/// What a call cost, to four digits. Unpriced is a state of its own, never nothing.
#[component]
pub(in crate::pages) fn Cost(state: PriceState, total: Option<NanoUsd>) -> impl IntoView {
    match (state, total) {
        (PriceState::Unpriced, _) => html! { <span class="badge warn">"unpriced"</span> },
        (PriceState::Estimated, Some(total)) => {
            html! { <span title=format!("{}, estimated", money::hover(total))><span class="muted">"≈ "</span>{money::of_call(total)}</span> }
        }
        (_, Some(total)) => {
            html! { <span title=money::hover(total)>{money::of_call(total)}</span> }
        }
        (_, None) => {
            html! { <span class="muted">"–"<span class="sr">" nothing billed"</span></span> }
        }
    }
}

/// How a call ended: the status, and a word where the status does not say it all.
#[component]
pub(in crate::pages) fn Ended(outcome: Outcome, status: u16) -> impl IntoView {
    let word = match outcome {
        Outcome::Ok | Outcome::UpstreamError => "",
        Outcome::ClientClosed => " left",
        Outcome::Truncated => " cut off",
        Outcome::Interrupted => " interrupted",
        Outcome::Rejected => " refused",
    };
    let status = if status == 0 {
        String::new()
    } else {
        status.to_string()
    };
    let (class, words) = ending(outcome);
    html! { <span class=class title=words>{format!("{status}{word}").trim().to_owned()}</span> }
}

/// The class of an outcome's badge, and what the outcome means.
pub(in crate::pages) const fn ending(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Ok => ("badge ok", "Answered whole"),
        Outcome::UpstreamError => (
            "badge bad",
            "The upstream answered with an error, or not at all",
        ),
        Outcome::ClientClosed => ("badge warn", "The client left before the end"),
        Outcome::Truncated => ("badge warn", "The stream ended without its last event"),
        Outcome::Interrupted => ("badge warn", "Weir stopped while the call was running"),
        Outcome::Rejected => ("badge", "Weir refused it before it went up"),
    }
}
