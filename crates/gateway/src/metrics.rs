//! What the data plane counts for Prometheus: the calls that are over since it started, each as its row has it.
//! `weir_rows_lost_total` tells of how many of them no row could be written.
//!
//! | series | labels |
//! |---|---|
//! | `weir_calls_total` | `provider`, `operation`, `outcome` |
//! | `weir_answers_total` | `provider`, `status`: the one that the client got; of several endpoints each attempt's |
//! | `weir_call_prices_total` | `provider`, `price_state` |
//! | `weir_call_seconds`, `weir_first_byte_seconds`, `weir_overhead_seconds` | `provider` |
//! | `weir_tokens_total` | `provider`, `bucket` |
//! | `weir_spend_nano_usd_total` | `provider` |
//! | `weir_upstream_up` | `provider` |
//! | `weir_endpoint_attempts_total` | `provider`, `endpoint`, `result`: answered or failed; of providers with several |
//! | `weir_endpoint_healthy` | `provider`, `endpoint`; of providers with several |
//! | `weir_calls_running`, `weir_rows_held`, `weir_rows_lost_total` | none |
//!
//! A label is a provider that an admin has made, or a word of a closed set. What callers choose (models, agents,
//! people) is none, since they could make as many series as they like; the ledger has it.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use admin::live::Snapshot;
use domain::{
    ProviderId,
    call::{Call, Outcome},
    provider::EndpointName,
};
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// Upper bounds of whole calls, in seconds: an answer of a reasoning model may take minutes.
const CALL_SECONDS: [f64; 14] = [
    0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0,
];
/// Upper bounds of the time until the first byte, in seconds.
const FIRST_BYTE_SECONDS: [f64; 11] = [
    0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0,
];
/// Upper bounds of Weir's own share of it, in seconds.
const OVERHEAD_SECONDS: [f64; 12] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5,
];

/// A provider, as a label.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Provider(Arc<str>);

impl EncodeLabelValue for Provider {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        EncodeLabelValue::encode(&&*self.0, encoder)
    }
}

/// A word of a closed set, as a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Word(&'static str);

impl EncodeLabelValue for Word {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        EncodeLabelValue::encode(&self.0, encoder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfProvider {
    provider: Provider,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfCall {
    provider: Provider,
    operation: Word,
    outcome: Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfAnswer {
    provider: Provider,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfPrice {
    provider: Provider,
    price_state: Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfTokens {
    provider: Provider,
    bucket: Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfAttempt {
    provider: String,
    endpoint: String,
    result: Word,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfEndpoint {
    provider: String,
    endpoint: String,
}

type Times = Family<OfProvider, Histogram, fn() -> Histogram>;

/// The counts. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    calls: Family<OfCall, Counter>,
    answers: Family<OfAnswer, Counter>,
    prices: Family<OfPrice, Counter>,
    call_seconds: Times,
    first_byte_seconds: Times,
    overhead_seconds: Times,
    tokens: Family<OfTokens, Counter>,
    spend: Family<OfProvider, Counter>,
    upstream_up: Family<OfProvider, Gauge>,
    endpoint_attempts: Family<OfAttempt, Counter>,
    running: Gauge,
    /// Of each provider what needs no further label.
    providers: Arc<RwLock<HashMap<ProviderId, Arc<Tally>>>>,
}

/// The counts of one provider.
#[derive(Debug)]
struct Tally {
    provider: Provider,
    call_seconds: Histogram,
    first_byte_seconds: Histogram,
    overhead_seconds: Histogram,
    spend: Counter,
    upstream_up: OnceLock<Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            calls: Family::default(),
            answers: Family::default(),
            prices: Family::default(),
            call_seconds: Family::new_with_constructor(|| Histogram::new(CALL_SECONDS)),
            first_byte_seconds: Family::new_with_constructor(|| Histogram::new(FIRST_BYTE_SECONDS)),
            overhead_seconds: Family::new_with_constructor(|| Histogram::new(OVERHEAD_SECONDS)),
            tokens: Family::default(),
            spend: Family::default(),
            upstream_up: Family::default(),
            endpoint_attempts: Family::default(),
            running: Gauge::default(),
            providers: Arc::default(),
        }
    }
}

impl Metrics {
    /// Counts a call that begins.
    pub(crate) fn begins(&self) {
        self.running.inc();
    }

    /// Counts a call that has begun as over.
    pub(crate) fn ends(&self) {
        self.running.dec();
    }

    /// Counts a row.
    pub(crate) fn count(&self, call: &Call) {
        let tally = self.tally(&call.start.provider);
        let provider = &tally.provider;
        self.calls
            .get_or_create(&OfCall {
                provider: provider.clone(),
                operation: Word(call.start.operation.key()),
                outcome: Word(call.outcome.key()),
            })
            .inc();
        self.answers
            .get_or_create(&OfAnswer {
                provider: provider.clone(),
                status: call.status,
            })
            .inc();
        self.prices
            .get_or_create(&OfPrice {
                provider: provider.clone(),
                price_state: Word(call.price_state.key()),
            })
            .inc();
        for (bucket, tokens) in call.usage.tokens.iter() {
            if let Some(tokens) = tokens.filter(|tokens| *tokens > 0) {
                self.tokens
                    .get_or_create(&OfTokens {
                        provider: provider.clone(),
                        bucket: Word(bucket.key()),
                    })
                    .inc_by(tokens);
            }
        }
        if let Some(total) = call.charge.total {
            tally.spend.inc_by(u64::try_from(total.0).unwrap_or(0));
        }
        tally.call_seconds.observe(seconds(call.latency_us));
        if let Some(first_byte) = call.ttfb_us {
            tally.first_byte_seconds.observe(seconds(first_byte));
        }
        tally.overhead_seconds.observe(seconds(call.overhead_us));
        if let Some(is_up) = is_up(call) {
            // Not there before the first call that tells: nobody knows then.
            let upstream_up = tally
                .upstream_up
                .get_or_init(|| self.upstream_up.get_or_create(&label(provider)).clone());
            upstream_up.set(i64::from(is_up));
        }
    }

    /// Counts an attempt at one of several endpoints.
    pub(crate) fn tried(&self, provider: &ProviderId, endpoint: &EndpointName, answered: bool) {
        self.endpoint_attempts
            .get_or_create(&OfAttempt {
                provider: provider.to_string(),
                endpoint: endpoint.to_string(),
                result: Word(if answered { "answered" } else { "failed" }),
            })
            .inc();
    }

    fn tally(&self, provider: &ProviderId) -> Arc<Tally> {
        let known = self
            .providers
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(tally) = known.get(provider) {
            return Arc::clone(tally);
        }
        drop(known);
        let label = label(&Provider(provider.as_str().into()));
        let tally = Arc::new(Tally {
            call_seconds: self.call_seconds.get_or_create(&label).clone(),
            first_byte_seconds: self.first_byte_seconds.get_or_create(&label).clone(),
            overhead_seconds: self.overhead_seconds.get_or_create(&label).clone(),
            spend: self.spend.get_or_create(&label).clone(),
            upstream_up: OnceLock::new(),
            provider: label.provider,
        });
        let mut known = self
            .providers
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(provider.clone()).or_insert(tally))
    }

    /// Puts all series into a registry that gives them their prefix.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("calls", "Calls that are over", self.calls.clone());
        registry.register("answers", "Statuses that clients got", self.answers.clone());
        registry.register(
            "call_prices",
            "Calls by what is known of their cost",
            self.prices.clone(),
        );
        registry.register_with_unit(
            "call",
            "From the request's head to the end of the answer",
            Unit::Seconds,
            self.call_seconds.clone(),
        );
        registry.register_with_unit(
            "first_byte",
            "From the request's head to the first byte of the answer's body",
            Unit::Seconds,
            self.first_byte_seconds.clone(),
        );
        registry.register_with_unit(
            "overhead",
            "The part of the time to the first byte that was spent inside Weir",
            Unit::Seconds,
            self.overhead_seconds.clone(),
        );
        registry.register("tokens", "Tokens as they were billed", self.tokens.clone());
        registry.register(
            "spend_nano_usd",
            "Cost of the calls in thousand-millionths of a US dollar",
            self.spend.clone(),
        );
        registry.register(
            "upstream_up",
            "Whether the upstream was there and well at its newest call",
            self.upstream_up.clone(),
        );
        registry.register(
            "endpoint_attempts",
            "Attempts at endpoints of providers with several",
            self.endpoint_attempts.clone(),
        );
        registry.register(
            "calls_running",
            "Calls that are not over",
            self.running.clone(),
        );
    }
}

/// Puts into a registry which endpoints of providers with several are healthy now.
pub(crate) fn register_endpoints(registry: &mut Registry, snapshot: &Snapshot) {
    let healthy = Family::<OfEndpoint, Gauge>::default();
    for live in snapshot.providers.values() {
        let Some(endpoints) = live.endpoints() else {
            continue;
        };
        for (endpoint, health) in endpoints.each.iter().zip(endpoints.ring.health()) {
            let label = OfEndpoint {
                provider: live.provider.id.to_string(),
                endpoint: endpoint.name.to_string(),
            };
            let is_healthy = health.passed_over.is_none();
            healthy.get_or_create(&label).set(i64::from(is_healthy));
        }
    }
    registry.register(
        "endpoint_healthy",
        "Whether an endpoint of a provider with several takes its turn; 0: it is passed over",
        healthy,
    );
}

fn label(provider: &Provider) -> OfProvider {
    OfProvider {
        provider: provider.clone(),
    }
}

/// What a call tells of its upstream. `None`: nothing, since it did not come that far.
fn is_up(call: &Call) -> Option<bool> {
    match call.outcome {
        Outcome::Ok => Some(true),
        Outcome::UpstreamError => Some(call.status < 500),
        Outcome::Truncated => Some(false),
        Outcome::ClientClosed | Outcome::Interrupted | Outcome::Rejected => None,
    }
}

/// Seconds of microseconds. A time is far below what a float takes exactly.
fn seconds(us: u64) -> f64 {
    std::time::Duration::from_micros(us).as_secs_f64()
}
