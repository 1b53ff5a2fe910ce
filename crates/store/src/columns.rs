//! Names of the ledger's columns, in the order in which rows are written and read.

use domain::Bucket;

/// Columns of `calls` before the counts; without `recorded_seq`, which the database gives.
pub(crate) const CALL_HEAD: &[&str] = &[
    "id",
    "started_at_us",
    "provider",
    "model",
    "agent",
    "user_name",
    "token",
    "outcome",
    "price_state",
    "operation",
    "status",
    "latency_us",
    "cost_total_nano",
    "provider_type",
    "requested_model",
    "replied_model",
    "streamed",
    "conversation",
    "ttfb_us",
    "overhead_us",
    "upstream_request_id",
    "service_tier",
    "geography",
    "endpoint",
    "background_response",
    "catalog_version",
    "usage_mismatch",
    "provider_total",
    "searches",
    "attempt_of",
];

/// The column of `calls` behind the counts.
pub(crate) const RATES: &str = "rates";
/// Generated tokens that were reasoning.
pub(crate) const TOKENS_REASONING: &str = "tokens_reasoning";
/// The part of output's cost that was reasoning.
pub(crate) const COST_REASONING: &str = "cost_reasoning_nano";
/// The cost of searches.
pub(crate) const COST_SEARCHES: &str = "cost_searches_nano";

/// Where a bucket's tokens stand.
pub(crate) const fn tokens(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Input => "tokens_input",
        Bucket::Output => "tokens_output",
        Bucket::CachedInput => "tokens_cached_input",
        Bucket::CacheWrite5m => "tokens_cache_write_5m",
        Bucket::CacheWrite1h => "tokens_cache_write_1h",
        Bucket::CacheWrite30m => "tokens_cache_write_30m",
        Bucket::CacheWrite12h => "tokens_cache_write_12h",
        Bucket::CacheWriteUnknown => "tokens_cache_write_unknown",
        Bucket::InputAudio => "tokens_input_audio",
        Bucket::CachedInputAudio => "tokens_cached_input_audio",
        Bucket::InputImage => "tokens_input_image",
        Bucket::OutputAudio => "tokens_output_audio",
        Bucket::OutputImage => "tokens_output_image",
    }
}

/// Where a bucket's cost stands.
pub(crate) const fn cost(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Input => "cost_input_nano",
        Bucket::Output => "cost_output_nano",
        Bucket::CachedInput => "cost_cached_input_nano",
        Bucket::CacheWrite5m => "cost_cache_write_5m_nano",
        Bucket::CacheWrite1h => "cost_cache_write_1h_nano",
        Bucket::CacheWrite30m => "cost_cache_write_30m_nano",
        Bucket::CacheWrite12h => "cost_cache_write_12h_nano",
        Bucket::CacheWriteUnknown => "cost_cache_write_unknown_nano",
        Bucket::InputAudio => "cost_input_audio_nano",
        Bucket::CachedInputAudio => "cost_cached_input_audio_nano",
        Bucket::InputImage => "cost_input_image_nano",
        Bucket::OutputAudio => "cost_output_audio_nano",
        Bucket::OutputImage => "cost_output_image_nano",
    }
}

/// The counts of tokens: one column per bucket, then reasoning.
pub(crate) fn all_tokens() -> impl Iterator<Item = &'static str> {
    Bucket::ALL
        .iter()
        .map(|bucket| tokens(*bucket))
        .chain([TOKENS_REASONING])
}

/// The costs: one column per bucket, then reasoning and searches.
pub(crate) fn all_costs() -> impl Iterator<Item = &'static str> {
    Bucket::ALL
        .iter()
        .map(|bucket| cost(*bucket))
        .chain([COST_REASONING, COST_SEARCHES])
}

/// Every column of `calls` but `recorded_seq`.
pub(crate) fn of_calls() -> impl Iterator<Item = &'static str> {
    CALL_HEAD
        .iter()
        .copied()
        .chain(all_tokens())
        .chain(all_costs())
        .chain([RATES])
}

/// The key of `usage_quarters` and `usage_sealed`, in the order of their rows.
pub(crate) const SUMS_KEY: &[&str] = &[
    "level",
    "start_us",
    "user_name",
    "agent",
    "provider",
    "model",
    "provider_type",
    "outcome",
    "price_state",
    "token",
];

/// Sums before those of tokens and costs.
const FIRST_SUMS: &[&str] = &[
    "requests",
    "priced_calls",
    "estimated_calls",
    "unpriced_calls",
    "not_billed_calls",
    "cost_total_nano",
    "tokens_total",
    "searches",
];

/// Every sum of `usage_quarters` and `usage_sealed`.
pub(crate) fn sums() -> impl Iterator<Item = &'static str> {
    FIRST_SUMS
        .iter()
        .copied()
        .chain(all_tokens())
        .chain(all_costs())
}
