//! The ledger's sums: spend, requests and tokens over time.

mod page;
mod report;

use std::collections::HashMap;

use domain::{NanoUsd, Timestamp};
use jiff::SignedDuration;
pub use report::{ReportCsv, ReportLines, read_report_query};
use serde::{Serialize, Serializer};
pub use store::usage::{ReportBucket, ReportBy, ReportQuery};
pub use store::{
    Choice,
    usage::{
        BucketSize, BucketStart, CostType, GroupBy, Metric, ReportZone, SpendLine, TokenType,
        UsageFilter, UsageQuery,
    },
};
use store::{
    StoreError,
    usage::{RangeLimits, UsageProblem, UsageReport},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr, Type,
        schema::{Schema, SchemaType},
    },
};

pub use page::{ChartView, PartView, RestView, TopView, TotalsView, UsagePageView};

use crate::{
    Admin,
    error::{AdminError, FieldError},
    query::{Params, one_of},
    who::Who,
};

/// The range where nobody says.
const RANGE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Reading the ledger's sums.
#[derive(Debug, Clone)]
pub struct Usage {
    pub(crate) admin: Admin,
}

/// Reads `metric`, `group_by`, `bucket`, `from`, `to`, `tz` and the filters `provider`, `model`,
/// `token_type`, `cost_type`, `agent`, `user`, `token` (each repeatable, each with `.not`).
///
/// Left out: spend, not grouped, the last seven days, UTC, and a bucket size that suits the range.
///
/// # Errors
/// [`AdminError::BadQuery`] with every parameter that is wrong.
pub fn read_query(query: &str, now: Timestamp) -> Result<UsageQuery, AdminError> {
    let mut params = Params::parse(query);
    let metric = params.keyed("metric", Metric::ALL.iter().map(|it| it.key()), |text| {
        text.parse().ok()
    });
    let group_by = params.keyed("group_by", GroupBy::ALL.iter().map(|it| it.key()), |text| {
        text.parse().ok()
    });
    let bucket = params.keyed(
        "bucket",
        BucketSize::ALL.iter().map(|it| it.key()),
        |text| text.parse().ok(),
    );
    let from = params.time("from");
    let to = params.time("to").unwrap_or(now);
    let from = from.unwrap_or_else(|| to.checked_sub(RANGE).unwrap_or(to));
    let zone = params.read("tz", "invalid_time_zone", TIME_ZONE_ADVICE, |text| {
        ReportZone::new(text).ok()
    });
    let filter = read_filter(&mut params);
    params.end()?;
    Ok(UsageQuery {
        metric: metric.unwrap_or(Metric::Spend),
        group_by: group_by.unwrap_or(GroupBy::None),
        bucket: bucket.unwrap_or_else(|| bucket_for(from, to)),
        zone: zone.unwrap_or_else(ReportZone::utc),
        from,
        to,
        filter,
    })
}

/// The filters that reports have.
fn read_filter(params: &mut Params) -> UsageFilter {
    UsageFilter {
        providers: params.providers(),
        models: params.models(),
        agents: params.agents(),
        users: params.users(),
        tokens: params.tokens(),
        token_types: params.matching(
            "token_type",
            &one_of(TokenType::all().map(TokenType::key)),
            |text| text.parse().ok(),
        ),
        cost_types: params.matching(
            "cost_type",
            &one_of(CostType::ALL.iter().map(|it| it.key())),
            |text| text.parse().ok(),
        ),
    }
}

/// What to do about a time zone that is not known.
pub(crate) const TIME_ZONE_ADVICE: &str = "write an IANA time zone, such as Europe/Berlin, or UTC";

/// The bucket size that suits a range.
#[must_use]
pub fn bucket_for(from: Timestamp, to: Timestamp) -> BucketSize {
    match to.duration_since(from).as_hours() {
        ..=48 => BucketSize::Hour,
        49..=2_208 => BucketSize::Day,
        2_209..=8_784 => BucketSize::Week,
        _ => BucketSize::Month,
    }
}

/// The end of the quarter hour in which a moment lies. No call is later than now, and sums are kept by quarter
/// hours: so a range that ends now is asked for up to there. No row is read at its end, and whoever looks in
/// the same quarter hour asks the same.
#[must_use]
pub fn quarter_hour_end(at: Timestamp) -> Timestamp {
    const SECONDS: i64 = 15 * 60;
    let begun = at.as_second().div_euclid(SECONDS);
    let end = begun.saturating_add(1).saturating_mul(SECONDS);
    Timestamp::from_second(end).unwrap_or(at)
}

/// Sums over the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Usage)]
pub struct UsageView {
    /// What is summed: spend, requests or tokens.
    #[schema(example = "spend")]
    pub metric: &'static str,
    /// What values are in: usd, requests or tokens.
    #[schema(example = "usd")]
    pub unit: &'static str,
    /// What makes a series of its own.
    #[schema(example = "provider")]
    pub group_by: &'static str,
    /// The beginning of the range.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Its end, which it does not contain.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// What is deleted, and why the range is not the one that was asked for. Left out where nothing is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsView>,
    /// How long a bucket is: hour, day, week (from Monday) or month.
    #[schema(example = "day")]
    pub bucket: &'static str,
    /// Whose hours and days they are: an IANA time zone.
    #[schema(example = "UTC")]
    pub tz: String,
    /// The sum over all series.
    pub total: Amount,
    /// Calls whose cost is not known: it is missing from every sum of money.
    pub unpriced_calls: u64,
    /// Calls whose tokens Weir counted itself.
    pub estimated_calls: u64,
    /// Largest first.
    pub series: Vec<SeriesView>,
}

/// What is deleted of what a report is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = UsageLimits)]
pub struct LimitsView {
    /// The beginning of the range that was asked for, where another one was summed: it was widened to whole
    /// quarter hours where calls are deleted, and cut where figures are. Null: it is the one of the report.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub asked_from: Option<Timestamp>,
    /// Its end.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub asked_to: Option<Timestamp>,
    /// Calls that began before it are deleted; their sums by quarter hours are kept. Null: none are.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub calls_from: Option<Timestamp>,
    /// There are figures from then on. Null: since ever.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub figures_from: Option<Timestamp>,
}

impl LimitsView {
    /// `None`: nothing is deleted.
    #[must_use]
    pub fn of(limits: RangeLimits) -> Option<Self> {
        (limits != RangeLimits::default()).then_some(Self {
            asked_from: limits.asked.map(|(from, _)| from),
            asked_to: limits.asked.map(|(_, to)| to),
            calls_from: limits.calls_from,
            figures_from: limits.figures_from,
        })
    }
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = UsageSeries)]
pub struct SeriesView {
    /// An id or a name. Null: the total, or the calls where nobody said.
    pub key: Option<String>,
    /// What people read.
    pub label: String,
    /// The sum over its points.
    pub total: Amount,
    /// Calls of it whose cost is not known. 0 where a call can be in several series.
    pub unpriced_calls: u64,
    /// Calls of it whose tokens Weir counted itself. 0 where a call can be in several series.
    pub estimated_calls: u64,
    /// One per bucket, zeros included.
    pub points: Vec<PointView>,
}

/// One bucket of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = UsagePoint)]
pub struct PointView {
    /// Where the bucket begins, with its zone's offset; that may be before the range does.
    #[schema(value_type = String, format = DateTime, example = "2026-11-02T00:00:00+01:00")]
    pub start: BucketStart,
    /// The sum.
    pub value: Amount,
}

/// A sum: dollars as decimal text, requests and tokens as whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Money.
    Usd(NanoUsd),
    /// Requests or tokens.
    Count(i64),
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Usd(amount) => amount.serialize(serializer),
            Self::Count(count) => count.serialize(serializer),
        }
    }
}

impl PartialSchema for Amount {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Integer]))
            .description(Some(
                "Dollars as decimal text, requests and tokens as whole numbers.",
            ))
            .examples(["412.100000000"])
            .build()
            .into()
    }
}

impl ToSchema for Amount {
    fn name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }
}

/// A sum of a metric.
fn amount(metric: Metric, sum: i64) -> Amount {
    match metric {
        Metric::Spend => Amount::Usd(NanoUsd(sum)),
        Metric::Requests | Metric::Tokens => Amount::Count(sum),
    }
}

impl UsageView {
    fn of(report: UsageReport) -> Self {
        let amount = |sum| amount(report.metric, sum);
        Self {
            metric: report.metric.key(),
            unit: match report.metric {
                Metric::Spend => "usd",
                Metric::Requests => "requests",
                Metric::Tokens => "tokens",
            },
            group_by: report.group_by.key(),
            from: report.from,
            to: report.to,
            limits: LimitsView::of(report.limits),
            bucket: report.bucket.key(),
            tz: report.zone.name().to_owned(),
            total: amount(report.total),
            unpriced_calls: report.unpriced_calls,
            estimated_calls: report.estimated_calls,
            series: report
                .series
                .into_iter()
                .map(|series| SeriesView {
                    key: series.key,
                    label: series.label,
                    total: amount(series.total),
                    unpriced_calls: series.unpriced_calls,
                    estimated_calls: series.estimated_calls,
                    points: series
                        .points
                        .into_iter()
                        .map(|point| PointView {
                            start: point.start,
                            value: amount(point.value),
                        })
                        .collect(),
                })
                .collect(),
        }
    }
}

impl Usage {
    /// Sums over the ledger, asked for as in an address; see [`read_query`].
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with every parameter that is wrong.
    pub async fn read(&self, who: &Who, query: &str) -> Result<UsageView, AdminError> {
        self.report(who, &read_query(query, self.admin.now())?)
            .await
    }

    /// Sums over the ledger.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] where the query has no answer.
    pub async fn report(&self, _who: &Who, query: &UsageQuery) -> Result<UsageView, AdminError> {
        Ok(UsageView::of(
            self.admin
                .store()
                .calls()
                .usage(query)
                .await
                .map_err(no_answer)?,
        ))
    }

    /// As [`Usage::report`] for several metrics at once, in their order, for little more than the price of
    /// one.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] where the query has no answer.
    pub async fn reports(
        &self,
        _who: &Who,
        query: &UsageQuery,
        metrics: &[Metric],
    ) -> Result<Vec<UsageView>, AdminError> {
        let reports = self
            .admin
            .store()
            .calls()
            .usage_of(query, metrics)
            .await
            .map_err(no_answer)?;
        Ok(reports.into_iter().map(UsageView::of).collect())
    }

    /// What was spent from `from` to `to`, by key, each with its days: for lists.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] where the range is empty or too long.
    pub async fn spend_since(
        &self,
        _who: &Who,
        from: Timestamp,
        to: Timestamp,
        group_by: GroupBy,
        filter: UsageFilter,
        zone: &ReportZone,
    ) -> Result<HashMap<Option<String>, SpendLine>, AdminError> {
        self.admin
            .store()
            .calls()
            .spend_since(from, to, group_by, filter, zone)
            .await
            .map_err(no_answer)
    }
}

/// Tells what is wrong with a query, and where.
fn no_answer(error: StoreError) -> AdminError {
    let StoreError::Usage(problem) = error else {
        return error.into();
    };
    let (field, code) = match problem {
        UsageProblem::UnknownTimeZone => ("tz", "invalid_time_zone"),
        UsageProblem::EmptyRange => ("to", "empty_range"),
        UsageProblem::TooManyBuckets => ("bucket", "too_many_buckets"),
        UsageProblem::TooManyPoints => ("bucket", "too_many_points"),
        UsageProblem::BeyondCalendar => ("from", "invalid_time"),
        UsageProblem::RequestsByType => ("metric", "requests_have_no_types"),
        UsageProblem::NotTogether => ("by", "not_together"),
    };
    AdminError::BadQuery(vec![FieldError::new(field, code, problem.to_string())])
}
