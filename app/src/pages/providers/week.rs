//! The last seven days: today so far and the six days before, in UTC.

use std::collections::HashMap;

use admin::{
    AdminError, Who,
    usage::{Amount, UsageView},
};
use domain::{NanoUsd, Timestamp};

use crate::{
    format::{
        count::{Change, change},
        time,
    },
    http::{fields::Fields, page::Page},
};

const DAY_SECONDS: i64 = 24 * 60 * 60;
const DAYS: usize = 7;

/// What a provider cost in the last seven days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spend {
    /// All of it.
    pub(super) total: NanoUsd,
    /// Calls that are not in it since they have no rate.
    pub(super) unpriced: u64,
    /// Day by day, the oldest first.
    pub(super) days: Vec<u128>,
}

/// Seven days of one figure, against the seven before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Week {
    /// The sum.
    pub(super) total: u64,
    /// Day by day, the oldest first.
    pub(super) days: Vec<u128>,
    /// How it changed.
    pub(super) change: Change,
    /// Calls that are not in a sum of money.
    pub(super) unpriced: u64,
}

/// Spend, requests and tokens of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Weeks {
    pub(super) spend: Week,
    pub(super) requests: Week,
    pub(super) tokens: Week,
}

/// When the first of the last `days` days began.
pub(super) fn beginning(now: Timestamp, days: i64) -> Timestamp {
    let today = now.as_second() - now.as_second().rem_euclid(DAY_SECONDS);
    Timestamp::from_second(today - (days - 1) * DAY_SECONDS).unwrap_or(now)
}

/// The days, in words: `13 Nov to 19 Nov, UTC; today so far`.
pub(super) fn in_words(now: Timestamp) -> String {
    format!(
        "{} to {}, UTC; today so far",
        time::day(beginning(now, 7), now),
        time::day(now, now)
    )
}

async fn read(
    page: &Page,
    who: &Who,
    now: Timestamp,
    days: i64,
    asked: &[(&str, &str)],
) -> Result<UsageView, AdminError> {
    let mut query = Fields::from([("bucket", "day"), ("tz", "UTC")]);
    query.push("from", beginning(now, days).to_string());
    query.push("to", now.to_string());
    for (name, value) in asked {
        query.push(*name, *value);
    }
    let address = query.address("");
    page.admin()
        .usage()
        .read(who, address.trim_start_matches('?'))
        .await
}

/// What every provider cost.
pub(super) async fn spend(
    page: &Page,
    who: &Who,
    now: Timestamp,
) -> Result<HashMap<String, Spend>, AdminError> {
    let report = read(
        page,
        who,
        now,
        7,
        &[("metric", "spend"), ("group_by", "provider")],
    )
    .await?;
    let spends = report.series.into_iter().filter_map(|series| {
        let days = series
            .points
            .iter()
            .map(|point| plain(point.value))
            .collect();
        Some((
            series.key?,
            Spend {
                total: money(series.total),
                unpriced: series.unpriced_calls,
                days,
            },
        ))
    });
    Ok(spends.collect())
}

/// Two weeks of one provider, the later against the earlier.
pub(super) async fn of_provider(
    page: &Page,
    who: &Who,
    id: &str,
    now: Timestamp,
) -> Result<Weeks, AdminError> {
    let week = async |metric: &str| {
        let recent = read(page, who, now, 7, &[("metric", metric), ("provider", id)]).await?;
        let both = read(page, who, now, 14, &[("metric", metric), ("provider", id)]).await?;
        Ok::<Week, AdminError>(Week::of(&recent, &both))
    };
    Ok(Weeks {
        spend: week("spend").await?,
        requests: week("requests").await?,
        tokens: week("tokens").await?,
    })
}

/// What each model of a provider cost.
pub(super) async fn of_models(
    page: &Page,
    who: &Who,
    id: &str,
    now: Timestamp,
) -> Result<HashMap<String, Spend>, AdminError> {
    let asked = [("metric", "spend"), ("group_by", "model"), ("provider", id)];
    let report = read(page, who, now, 7, &asked).await?;
    let spends = report.series.into_iter().filter_map(|series| {
        let days = series
            .points
            .iter()
            .map(|point| plain(point.value))
            .collect();
        Some((
            series.key?,
            Spend {
                total: money(series.total),
                unpriced: series.unpriced_calls,
                days,
            },
        ))
    });
    Ok(spends.collect())
}

impl Week {
    fn of(recent: &UsageView, both: &UsageView) -> Self {
        let days: Vec<u128> = recent.series.first().map_or_else(
            || vec![0; DAYS],
            |series| {
                series
                    .points
                    .iter()
                    .map(|point| plain(point.value))
                    .collect()
            },
        );
        let (now, all) = (plain(recent.total), plain(both.total));
        Self {
            total: u64::try_from(now).unwrap_or(u64::MAX),
            days,
            change: change(now, all.saturating_sub(now)),
            unpriced: recent.unpriced_calls,
        }
    }
}

fn money(amount: Amount) -> NanoUsd {
    match amount {
        Amount::Usd(amount) => amount,
        Amount::Count(_) => NanoUsd::ZERO,
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
    use super::{beginning, in_words};

    #[test]
    fn seven_days_are_today_and_the_six_before() {
        let now = "2026-11-19T15:31:07Z".parse().unwrap();
        assert_eq!(beginning(now, 7).to_string(), "2026-11-13T00:00:00Z");
        assert_eq!(beginning(now, 1).to_string(), "2026-11-19T00:00:00Z");
        assert_eq!(in_words(now), "13 Nov to 19 Nov, UTC; today so far");
        let midnight = "2026-11-19T00:00:00Z".parse().unwrap();
        assert_eq!(beginning(midnight, 7).to_string(), "2026-11-13T00:00:00Z");
    }
}
