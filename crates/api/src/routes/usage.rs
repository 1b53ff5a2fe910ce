//! The ledger's sums.

use admin::usage::UsageView;
use axum::{Json, extract::State};

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
