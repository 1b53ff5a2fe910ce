//! A call as people and programs see it: the JSON of the API.

use domain::{
    Bucket, CallId, NanoUsd, ProviderId, Timestamp, TokenId,
    bucket::PerBucket,
    call::{Call, Operation, Outcome},
    pricing::{AppliedRate, AppliedSearchRate, Charge, PriceState},
    provider::ProviderType,
    usage::Usage,
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use store::RecordedCall;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Type,
        schema::{Schema, SchemaType},
    },
};

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Call)]
pub struct CallView {
    /// The call; also sent to the client as `x-weir-call-id`.
    #[schema(value_type = String, format = "uuid")]
    pub id: CallId,
    /// When the request's head had arrived.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// The provider that it went to.
    #[schema(value_type = String)]
    pub provider: ProviderId,
    /// That provider's type at the time.
    #[schema(value_type = String)]
    pub provider_type: ProviderType,
    /// The model as the provider lists it. Null where the operation names none.
    pub model: Option<String>,
    /// The model as the request wrote it.
    pub requested_model: Option<String>,
    /// The model that the answer names.
    pub replied_model: Option<String>,
    /// What was asked for.
    #[schema(value_type = String, example = "chat")]
    pub operation: Operation,
    /// Whether a stream was asked for.
    pub streamed: bool,
    /// The status that the client got.
    pub status: u16,
    /// How it ended: ok, upstream_error, client_closed, truncated, interrupted or rejected.
    #[schema(value_type = String, example = "ok")]
    pub outcome: Outcome,
    /// Whether the cost is known: priced, estimated, unpriced or not_billed.
    #[schema(value_type = String, example = "priced")]
    pub price_state: PriceState,
    /// From the request's head to the end of the answer, in milliseconds.
    pub latency_ms: u64,
    /// From the request's head to the first byte of the answer's body, in milliseconds. Null: none came.
    pub ttfb_ms: Option<u64>,
    /// The part of the time to the first byte that was spent inside Weir, in microseconds.
    pub overhead_us: u64,
    /// The application that the call was for. Null: nobody said.
    pub agent: Option<String>,
    /// The person that the call was for. Null: nobody said.
    pub user: Option<String>,
    /// The conversation that the request named.
    pub conversation: Option<String>,
    /// The gateway token. Null: one of Weir's own calls.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub token: Option<TokenId>,
    /// The upstream's own id of the call.
    pub upstream_request_id: Option<String>,
    /// The service tier that the answer names, in the provider's word.
    pub service_tier: Option<String>,
    /// The geography that the call was pinned to, in the provider's word.
    pub geography: Option<String>,
    /// What served it: the name of the endpoint where the provider has several, else host and port.
    pub endpoint: Option<String>,
    /// The call's first attempt, where this is a later one, at another endpoint of its provider. Each attempt
    /// is a call of its own. Null: it is the first, and mostly the only one.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub attempt_of: Option<CallId>,
    /// Version of the catalog that it was priced with.
    pub catalog_version: String,
    /// Tokens per bucket. Null: not reported.
    pub tokens: TokensView,
    /// Web searches that the provider ran, or the search units of a ranking. Null: not reported.
    pub searches: Option<u64>,
    /// The provider's own total of tokens. Null: it names none.
    pub provider_total: Option<u64>,
    /// Whether the buckets do not add up to the provider's own total.
    pub usage_mismatch: bool,
    /// What it cost, in dollars.
    pub cost_usd: CostView,
    /// The rates that it was priced with, where there was something to price.
    pub rates: AppliedRatesView,
    /// The order of recording, by which live lists go on.
    pub recorded_seq: i64,
    /// Whether bodies of it are recorded. Null: that cannot be told at the moment.
    pub has_transcript: Option<bool>,
}

/// Tokens per bucket, reasoning (a part of output) beside them. Null: not reported. Audio and image
/// kinds are there only where they occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokensView(pub Usage);

/// Dollars in all, per bucket, for reasoning (a part of output) and for searches. A total of null: the
/// call is unpriced or not billed. Audio and image kinds are there only where they occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostView {
    /// The whole cost.
    pub total: Option<NanoUsd>,
    /// Per bucket.
    pub buckets: PerBucket<Option<NanoUsd>>,
    /// The part of output that was reasoning.
    pub reasoning: Option<NanoUsd>,
    /// The searches.
    pub searches: Option<NanoUsd>,
}

/// Rates per bucket and of searches, each with where it came from. Only buckets that have tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppliedRatesView {
    /// Per bucket.
    pub buckets: PerBucket<Option<AppliedRate>>,
    /// The searches.
    pub searches: Option<AppliedSearchRate>,
}

/// The buckets in the order of the API; the flag says whether a call always shows them.
const SHOWN: &[(Bucket, bool)] = &[
    (Bucket::Input, true),
    (Bucket::CachedInput, true),
    (Bucket::CacheWrite5m, true),
    (Bucket::CacheWrite30m, true),
    (Bucket::CacheWrite1h, true),
    (Bucket::CacheWrite12h, true),
    (Bucket::CacheWriteUnknown, true),
    (Bucket::Output, true),
    (Bucket::InputAudio, false),
    (Bucket::CachedInputAudio, false),
    (Bucket::InputImage, false),
    (Bucket::OutputAudio, false),
    (Bucket::OutputImage, false),
];

impl CallView {
    /// The view of a ledger row.
    #[must_use]
    pub fn of(row: RecordedCall) -> Self {
        let RecordedCall { recorded_seq, call } = row;
        let Call { start, charge, .. } = call;
        let Charge {
            total,
            cost,
            reasoning,
            searches,
            rates,
            search_rate,
            estimated: _,
            billed_beside: _,
        } = charge;
        Self {
            id: start.id,
            started_at: start.started_at,
            provider: start.provider,
            provider_type: start.provider_type,
            model: start.model,
            requested_model: start.requested_model,
            replied_model: call.replied_model,
            operation: start.operation,
            streamed: start.streamed,
            status: call.status,
            outcome: call.outcome,
            price_state: call.price_state,
            latency_ms: milliseconds(call.latency_us),
            ttfb_ms: call.ttfb_us.map(milliseconds),
            overhead_us: call.overhead_us,
            agent: start.agent,
            user: start.user,
            conversation: start.conversation,
            token: start.token,
            upstream_request_id: call.upstream_request_id,
            service_tier: call.service_tier,
            geography: call.geography,
            endpoint: start.endpoint,
            attempt_of: start.attempt_of,
            catalog_version: start.catalog_version,
            tokens: TokensView(call.usage),
            searches: call.usage.searches,
            provider_total: call.usage.provider_total,
            usage_mismatch: call.usage_mismatch,
            cost_usd: CostView {
                total,
                buckets: cost,
                reasoning,
                searches,
            },
            rates: AppliedRatesView {
                buckets: rates,
                searches: search_rate,
            },
            recorded_seq,
            has_transcript: None,
        }
    }
}

/// Microseconds as milliseconds, to the nearest.
pub(crate) const fn milliseconds(us: u64) -> u64 {
    us.saturating_add(500) / 1_000
}

/// Writes the buckets that are shown; `of` gives each one's value.
fn buckets<S: SerializeMap, T: Serialize>(
    map: &mut S,
    of: impl Fn(Bucket) -> Option<T>,
) -> Result<(), S::Error> {
    for (bucket, always) in SHOWN {
        let value = of(*bucket);
        if *always || value.is_some() {
            map.serialize_entry(bucket.key(), &value)?;
        }
    }
    Ok(())
}

impl Serialize for TokensView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        buckets(&mut map, |bucket| *self.0.tokens.get(bucket))?;
        map.serialize_entry("reasoning", &self.0.reasoning)?;
        map.end()
    }
}

impl Serialize for CostView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("total", &self.total)?;
        buckets(&mut map, |bucket| *self.buckets.get(bucket))?;
        map.serialize_entry("reasoning", &self.reasoning)?;
        map.serialize_entry("searches", &self.searches)?;
        map.end()
    }
}

impl Serialize for AppliedRatesView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (bucket, _) in SHOWN {
            if let Some(rate) = self.buckets.get(*bucket) {
                map.serialize_entry(bucket.key(), rate)?;
            }
        }
        if let Some(rate) = &self.searches {
            map.serialize_entry("searches", rate)?;
        }
        map.end()
    }
}

fn or_null(ty: Type) -> SchemaType {
    SchemaType::from_iter([ty, Type::Null])
}

/// An object with a property per bucket; those that are always shown are required.
fn per_bucket(value: impl Fn(Bucket) -> Schema) -> ObjectBuilder {
    SHOWN
        .iter()
        .fold(ObjectBuilder::new(), |object, (bucket, always)| {
            let object = object.property(bucket.key(), value(*bucket));
            if *always {
                object.required(bucket.key())
            } else {
                object
            }
        })
}

fn count(description: &str) -> Schema {
    ObjectBuilder::new()
        .schema_type(or_null(Type::Integer))
        .description(Some(description))
        .build()
        .into()
}

fn dollars(description: &str) -> Schema {
    ObjectBuilder::new()
        .schema_type(or_null(Type::String))
        .description(Some(description))
        .examples(["0.001234567"])
        .build()
        .into()
}

fn rate(unit: &str) -> Schema {
    ObjectBuilder::new()
        .property(
            unit,
            ObjectBuilder::new()
                .schema_type(Type::String)
                .examples(["2.50"]),
        )
        .required(unit)
        .property(
            "source",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .enum_values(Some(["override", "catalog", "input"])),
        )
        .required("source")
        .build()
        .into()
}

impl PartialSchema for TokensView {
    fn schema() -> RefOr<Schema> {
        per_bucket(|bucket| count(bucket.label()))
            .property("reasoning", count("Reasoning; a part of output"))
            .required("reasoning")
            .description(Some("Tokens per bucket. Null: not reported. Audio and image kinds only where they occur."))
            .build()
            .into()
    }
}

impl ToSchema for TokensView {
    fn name() -> std::borrow::Cow<'static, str> {
        "CallTokens".into()
    }
}

impl PartialSchema for CostView {
    fn schema() -> RefOr<Schema> {
        per_bucket(|bucket| dollars(bucket.label()))
            .property(
                "total",
                dollars("The whole cost. Null: unpriced or not billed"),
            )
            .required("total")
            .property("reasoning", dollars("Reasoning; a part of output"))
            .required("reasoning")
            .property(
                "searches",
                dollars("Web searches, or the search units of a ranking"),
            )
            .required("searches")
            .description(Some(
                "Dollars, to the nano-dollar. Null: nothing to price, or no rate known.",
            ))
            .build()
            .into()
    }
}

impl ToSchema for CostView {
    fn name() -> std::borrow::Cow<'static, str> {
        "CallCost".into()
    }
}

impl PartialSchema for AppliedRatesView {
    fn schema() -> RefOr<Schema> {
        SHOWN
            .iter()
            .fold(ObjectBuilder::new(), |object, (bucket, _)| {
                object.property(bucket.key(), rate("usd_per_mtok"))
            })
            .property("searches", rate("usd_per_thousand"))
            .description(Some(
                "The rates that the call was priced with, and where each came from.",
            ))
            .build()
            .into()
    }
}

impl ToSchema for AppliedRatesView {
    fn name() -> std::borrow::Cow<'static, str> {
        "CallRates".into()
    }
}
