//! The ledger's sums.

use admin::{csv, usage::UsageView};
use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;

use crate::{ApiState, auth::Caller, extract::Query, problem::ApiError};

/// Sum up usage
///
/// Spend, requests or tokens over time. Every figure equals the sum of ledger rows; the cost of unpriced
/// calls is missing from it, and they are counted beside it. Filters may be repeated, and take `.not`.
///
/// Where calls are deleted the range is widened to whole quarter hours, and where figures are it begins with
/// the first that are kept: `from` and `to` say what was summed, `limits` why.
#[utoipa::path(
    get,
    path = "/api/v1/usage",
    operation_id = "get_usage",
    tag = "Ledger",
    params(
        ("metric" = Option<String>, Query, description = "spend (unless given), requests or tokens."),
        ("group_by" = Option<String>, Query, description = "none (unless given), provider, model, token_type, agent, user, token or cost_type. Requests cannot be grouped by the two types."),
        ("bucket" = Option<String>, Query, description = "hour, day, week (from Monday) or month; unless given, what suits the range."),
        ("from" = Option<String>, Query, description = "The beginning, RFC 3339; seven days before the end unless given."),
        ("to" = Option<String>, Query, description = "The end, which is not contained, RFC 3339; now unless given."),
        ("tz" = Option<String>, Query, description = "Whose hours and days: an IANA time zone; UTC unless given."),
        ("provider" = Option<Vec<String>>, Query, description = "Provider ids; deleted ones too."),
        ("model" = Option<Vec<String>>, Query, description = "Models as they were asked for."),
        ("token_type" = Option<Vec<String>>, Query, description = "input, cached_input, cache_write_5m, cache_write_30m, cache_write_1h, cache_write_12h, cache_write_unknown, output (without reasoning), reasoning, audio and image kinds."),
        ("cost_type" = Option<Vec<String>>, Query, description = "input, cached, cache_writes, output, reasoning, searches."),
        ("agent" = Option<Vec<String>>, Query, description = "Agents; empty: calls without one."),
        ("user" = Option<Vec<String>>, Query, description = "Users; empty: calls without one."),
        ("token" = Option<Vec<String>>, Query, description = "Ids of gateway tokens; empty: Weir's own calls."),
    ),
    responses((status = 200, description = "The sums.", body = UsageView)),
)]
pub(crate) async fn report(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Json<UsageView>, ApiError> {
    Ok(Json(state.admin.usage().read(&who, &query).await?))
}

/// Download the full report
///
/// Every sum as comma-separated text (RFC 4180, UTF-8, the first line names the columns): a line for each
/// bucket of time and each combination of what `by` names that has a call, in order of time. Its columns:
/// `start` (with the offset of its zone; it may be before the range begins), those of `by` (a provider has
/// `provider`, `provider_name` and `provider_type`, a token `token` and `token_name`; empty: nobody said),
/// `calls` (all rows of the ledger), `requests` (without those that Weir refused), `unpriced_calls`,
/// `estimated_calls`, tokens by type and `tokens`, cost by type in dollars and `cost_usd`, exact to nine
/// decimals. The cost of unpriced calls is missing from all of them. With a filter by `token_type` or
/// `cost_type` only these parts are in it, and no counts of calls and requests.
///
/// A text that a spreadsheet could take for a formula, since it begins with `=`, `+`, `-`, `@`, a tab or a
/// line break, has an apostrophe before it, and so has one that begins with an apostrophe: programs take one
/// apostrophe off the front of a text.
///
/// Lines are sent while they are read, however many they are. An answer that breaks off is not whole: it ends
/// without its last chunk, which clients report as an error. At most two reports are read at once, others wait
/// for their turn; one that nobody takes anything of for a minute is broken off.
#[utoipa::path(
    get,
    path = "/api/v1/usage/report.csv",
    operation_id = "get_usage_report",
    tag = "Ledger",
    params(
        ("bucket" = Option<String>, Query, description = "hour, day (unless given), month or total: one line for the whole range."),
        ("by" = Option<Vec<String>>, Query, description = "What makes a line of its own: provider, model, agent, user, token, outcome, price_state, several with commas; none for nothing. Provider and model unless given. Outcome and price_state go together with provider and model, and filters by these, only."),
        ("from" = Option<String>, Query, description = "The beginning, RFC 3339; seven days before the end unless given."),
        ("to" = Option<String>, Query, description = "The end, which is not contained, RFC 3339; now unless given."),
        ("tz" = Option<String>, Query, description = "Whose hours and days: an IANA time zone; UTC unless given."),
        ("provider" = Option<Vec<String>>, Query, description = "Provider ids; deleted ones too."),
        ("model" = Option<Vec<String>>, Query, description = "Models as they were asked for."),
        ("token_type" = Option<Vec<String>>, Query, description = "As for sums."),
        ("cost_type" = Option<Vec<String>>, Query, description = "As for sums."),
        ("agent" = Option<Vec<String>>, Query, description = "Agents; empty: calls without one."),
        ("user" = Option<Vec<String>>, Query, description = "Users; empty: calls without one."),
        ("token" = Option<Vec<String>>, Query, description = "Ids of gateway tokens; empty: Weir's own calls."),
    ),
    responses((status = 200, description = "The report.", body = String, content_type = "text/csv")),
)]
pub(crate) async fn csv_report(
    State(state): State<ApiState>,
    Caller(who): Caller,
    Query(query): Query,
) -> Result<Response, ApiError> {
    let report = state.admin.usage().report_csv(&who, &query)?;
    let headers = [
        (header::CONTENT_TYPE, csv::MEDIA_TYPE.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            csv::disposition(&report.file_name),
        ),
    ];
    // What fails on the way breaks the answer off.
    let body = Body::from_stream(report.lines);
    Ok((headers, body).into_response())
}
