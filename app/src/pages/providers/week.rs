//! The last seven days: today so far and the six days before, as the zone of reports has them.

use std::collections::HashMap;

use admin::{
    AdminError, Who,
    usage::{
        Amount, BucketSize, Choice, GroupBy, Metric, SpendLine, UsageFilter, UsageQuery, UsageView,
        quarter_hour_end,
    },
};
use domain::{NanoUsd, ProviderId, Timestamp, TokenId};

use crate::{
    format::{
        count::{Change, change},
        zone::Zone,
    },
    http::{fields::Fields, page::Page},
    pages::usage,
};

const DAYS: u32 = 7;

/// The seven days as a range of time: from a midnight to the second that is running. To the second, so
/// that an address can say exactly which calls the figures are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pages) struct LastWeek {
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
}

/// What was spent in the last seven days, on one provider, one model or one gateway token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::pages) struct Spend {
    /// All of it.
    pub(in crate::pages) total: NanoUsd,
    /// Calls that are not in it since they have no rate.
    pub(in crate::pages) unpriced: u64,
    /// Day by day, the oldest first.
    pub(in crate::pages) days: Vec<u128>,
}

/// Seven days of one figure, against the same span seven days before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pages) struct Week {
    /// The sum.
    pub(in crate::pages) total: u64,
    /// Day by day, the oldest first.
    pub(in crate::pages) days: Vec<u128>,
    /// How it changed.
    pub(in crate::pages) change: Change,
    /// Calls that are not in a sum of money.
    pub(in crate::pages) unpriced: u64,
}

/// Spend, requests and tokens, of one provider or one gateway token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::pages) struct Weeks {
    pub(in crate::pages) spend: Week,
    pub(in crate::pages) requests: Week,
    pub(in crate::pages) tokens: Week,
}

impl Spend {
    /// Its days, all of them where nothing was spent, too.
    pub(in crate::pages) fn of_each_day(&self) -> Vec<u128> {
        if self.days.is_empty() {
            vec![0; usize::try_from(DAYS).unwrap_or_default()]
        } else {
            self.days.clone()
        }
    }
}

impl LastWeek {
    /// The seven days that end now.
    pub(in crate::pages) fn until(now: Timestamp, zone: &Zone) -> Self {
        let next_second = Timestamp::from_second(now.as_second().saturating_add(1));
        Self {
            from: zone.report().day_before(now, DAYS - 1).unwrap_or(now),
            to: next_second.unwrap_or(now),
            now,
        }
    }

    /// Where the first of them begins.
    pub(in crate::pages) const fn beginning(self) -> Timestamp {
        self.from
    }

    /// In words: `13 Nov to 19 Nov, UTC; today so far`. For the page that is being made.
    pub(in crate::pages) fn in_words(self) -> String {
        let zone = Zone::here();
        format!(
            "{} to {}, {}; today so far",
            zone.day(self.from, self.now),
            zone.day(self.now, self.now),
            zone.short(self.now)
        )
    }

    /// The address of the calls that are like this, of these days and no others. For the page that is being
    /// made.
    pub(in crate::pages) fn calls<const N: usize>(self, like: [(&str, &str); N]) -> String {
        let mut query = Fields::from(like);
        let zone = Zone::here();
        query.push("from", zone.of_field(self.from));
        query.push("to", zone.of_field(self.to));
        query.address("/calls")
    }

    /// The address of the page Cost & Usage for what is like this, over these days.
    pub(in crate::pages) fn usage<const N: usize>(like: [(&str, &str); N]) -> String {
        let mut query = Fields::from(like);
        query.push("range", "7d");
        query.address(usage::PATH)
    }

    /// The same span seven days before: as many whole days, and the last one up to the same time on the clock.
    fn a_week_before(self, zone: &Zone) -> Self {
        let back = |moment: Timestamp| {
            let before = zone.report().same_clock_before(moment, DAYS);
            before.unwrap_or(moment)
        };
        Self {
            from: back(self.from),
            to: back(self.to),
            now: back(self.now),
        }
    }
}

/// What every provider cost.
pub(in crate::pages) async fn spend(
    page: &Page,
    who: &Who,
    week: LastWeek,
) -> Result<HashMap<String, Spend>, AdminError> {
    spend_by(page, who, week, GroupBy::Provider, UsageFilter::default()).await
}

/// What each model of a provider cost.
pub(in crate::pages) async fn of_models(
    page: &Page,
    who: &Who,
    id: &ProviderId,
    week: LastWeek,
) -> Result<HashMap<String, Spend>, AdminError> {
    spend_by(page, who, week, GroupBy::Model, only(id)).await
}

/// What each gateway token cost, by its id.
pub(in crate::pages) async fn of_tokens(
    page: &Page,
    who: &Who,
    week: LastWeek,
) -> Result<HashMap<String, Spend>, AdminError> {
    spend_by(page, who, week, GroupBy::Token, UsageFilter::default()).await
}

async fn spend_by(
    page: &Page,
    who: &Who,
    LastWeek { from, now, .. }: LastWeek,
    group_by: GroupBy,
    filter: UsageFilter,
) -> Result<HashMap<String, Spend>, AdminError> {
    let usage = page.admin().usage();
    let zone = page.zone();
    let lines = usage
        .spend_since(
            who,
            from,
            quarter_hour_end(now),
            group_by,
            filter,
            zone.report(),
        )
        .await?;
    Ok(lines
        .into_iter()
        .filter_map(|(key, line)| Some((key?, Spend::from(line))))
        .collect())
}

fn only(id: &ProviderId) -> UsageFilter {
    UsageFilter {
        providers: Choice::only(id.clone()),
        ..UsageFilter::default()
    }
}

/// Two weeks of one provider, the later against the earlier.
pub(in crate::pages) async fn of_provider(
    page: &Page,
    who: &Who,
    id: &ProviderId,
    week: LastWeek,
) -> Result<Weeks, AdminError> {
    weeks(page, who, only(id), week).await
}

/// Two weeks of one gateway token, the later against the earlier.
pub(in crate::pages) async fn of_token(
    page: &Page,
    who: &Who,
    id: TokenId,
    week: LastWeek,
) -> Result<Weeks, AdminError> {
    let filter = UsageFilter {
        tokens: Choice::only(Some(id)),
        ..UsageFilter::default()
    };
    weeks(page, who, filter, week).await
}

async fn weeks(
    page: &Page,
    who: &Who,
    filter: UsageFilter,
    week: LastWeek,
) -> Result<Weeks, AdminError> {
    let (usage, zone) = (page.admin().usage(), page.zone());
    let read = async |from, to| {
        let query = UsageQuery {
            metric: Metric::Spend,
            group_by: GroupBy::None,
            bucket: BucketSize::Day,
            zone: zone.report().clone(),
            from,
            to,
            filter: filter.clone(),
        };
        let metrics = [Metric::Spend, Metric::Requests, Metric::Tokens];
        usage.reports(who, &query, &metrics).await
    };
    let earlier = week.a_week_before(&zone);
    let recent = read(week.from, quarter_hour_end(week.now)).await?;
    let before = read(earlier.from, earlier.to).await?;
    let mut weeks = recent
        .iter()
        .zip(&before)
        .map(|(recent, before)| Week::of(recent, before));
    let mut next = || weeks.next().ok_or(AdminError::Internal);
    Ok(Weeks {
        spend: next()?,
        requests: next()?,
        tokens: next()?,
    })
}

impl Week {
    /// The sum, where it is one of money.
    pub(in crate::pages) fn money(&self) -> NanoUsd {
        NanoUsd(i64::try_from(self.total).unwrap_or(i64::MAX))
    }

    fn of(recent: &UsageView, before: &UsageView) -> Self {
        let days: Vec<u128> = recent.series.first().map_or_else(
            || vec![0; usize::try_from(DAYS).unwrap_or_default()],
            |series| {
                series
                    .points
                    .iter()
                    .map(|point| plain(point.value))
                    .collect()
            },
        );
        let (now, then) = (plain(recent.total), plain(before.total));
        Self {
            total: u64::try_from(now).unwrap_or(u64::MAX),
            days,
            change: change(now, then),
            unpriced: recent.unpriced_calls,
        }
    }
}

impl From<SpendLine> for Spend {
    fn from(line: SpendLine) -> Self {
        Self {
            total: line.total,
            unpriced: line.unpriced_calls,
            days: line
                .days
                .into_iter()
                .map(|day| plain(Amount::Usd(day)))
                .collect(),
        }
    }
}

/// A sum as a plain number: nano-dollars, calls or tokens.
fn plain(amount: Amount) -> u128 {
    let number = match amount {
        Amount::Usd(amount) => amount.0,
        Amount::Count(count) => count,
    };
    u128::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use admin::usage::ReportZone;

    use super::LastWeek;
    use crate::format::zone::Zone;

    fn zone(name: &str) -> Zone {
        Zone::of(Arc::new(ReportZone::new(name).unwrap()))
    }

    fn week(now: &str, name: &str) -> LastWeek {
        LastWeek::until(now.parse().unwrap(), &zone(name))
    }

    fn check(now: &str, from: &str, to: &str) {
        check_in("UTC", now, from, to);
    }

    fn check_in(zone: &str, now: &str, from: &str, to: &str) {
        let week = week(now, zone);
        assert_eq!(
            (week.from.to_string(), week.to.to_string()),
            (from.to_owned(), to.to_owned())
        );
    }

    #[test]
    fn seven_days_are_today_and_the_six_before() {
        check(
            "2026-11-19T15:31:07Z",
            "2026-11-13T00:00:00Z",
            "2026-11-19T15:31:08Z",
        );
        check(
            "2026-11-19T00:00:00Z",
            "2026-11-13T00:00:00Z",
            "2026-11-19T00:00:01Z",
        );
        check(
            "2026-11-19T23:59:59.9Z",
            "2026-11-13T00:00:00Z",
            "2026-11-20T00:00:00Z",
        );
        let week = week("2026-11-19T15:31:07Z", "UTC");
        assert_eq!(week.in_words(), "13 Nov to 19 Nov, UTC; today so far");
    }

    #[test]
    fn days_are_those_of_the_zone_with_23_or_25_hours_too() {
        check_in(
            "Asia/Kathmandu",
            "2026-11-19T18:20:00Z",
            "2026-11-13T18:15:00Z",
            "2026-11-19T18:20:01Z",
        );
        // Clocks are put back on the 25th: the week has an hour more.
        check_in(
            "Europe/Berlin",
            "2026-10-27T11:00:00Z",
            "2026-10-20T22:00:00Z",
            "2026-10-27T11:00:01Z",
        );
        let berlin = zone("Europe/Berlin");
        let before = week("2026-10-27T11:00:00Z", "Europe/Berlin").a_week_before(&berlin);
        assert_eq!(
            (before.from.to_string(), before.to.to_string()),
            (
                "2026-10-13T22:00:00Z".to_owned(),
                "2026-10-20T10:00:01Z".to_owned()
            )
        );
    }

    #[test]
    fn they_are_compared_with_as_much_of_the_week_before() {
        let before = week("2026-11-19T15:31:07.25Z", "UTC").a_week_before(&zone("UTC"));
        assert_eq!(
            (before.from.to_string(), before.to.to_string()),
            (
                "2026-11-06T00:00:00Z".to_owned(),
                "2026-11-12T15:31:08Z".to_owned()
            )
        );
    }

    #[test]
    fn an_address_of_calls_names_the_very_days() {
        let week = week("2026-11-19T15:31:07Z", "UTC");
        assert_eq!(
            week.calls([("provider", "a")]),
            "/calls?provider=a&from=2026-11-13T00:00:00&to=2026-11-19T15:31:08"
        );
    }
}
