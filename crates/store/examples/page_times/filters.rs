//! The filters of both pages: each kind alone, in pairs and in threes, by the largest of each kind, which is
//! the worst there is; and lists of calls, mostly of what is rare or not there at all.

use domain::{
    NanoUsd, Timestamp,
    call::{Operation, Outcome},
    pricing::PriceState,
};
use jiff::SignedDuration;
use weir_store::{
    CallFilter, Choice, Store,
    usage::{CostType, GroupBy, ReportZone, Top, UsageFilter},
};

use super::{Done, SERIES, ranges};

/// A filter, and what it is called.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) filter: UsageFilter,
    /// By how many kinds of things it chooses.
    pub(crate) kinds: usize,
}

type Kind = (&'static str, UsageFilter);

pub(crate) async fn all(store: &Store, now: Timestamp, zone: &str) -> Done<Vec<Named>> {
    let kinds = kinds(store, now, zone).await?;
    let mut all = vec![Named {
        name: "all calls".to_owned(),
        filter: UsageFilter::default(),
        kinds: 0,
    }];
    for (index, first) in kinds.iter().enumerate() {
        all.push(named(&[first]));
        for (further, second) in kinds.iter().enumerate().skip(index + 1) {
            all.push(named(&[first, second]));
            for third in kinds.iter().skip(further + 1) {
                all.push(named(&[first, second, third]));
            }
        }
    }
    all.sort_by_key(|named| named.kinds);
    Ok(all)
}

/// The largest of each kind; the model is the largest of that provider.
async fn kinds(store: &Store, now: Timestamp, zone: &str) -> Done<Vec<Kind>> {
    let zone = ReportZone::new(zone)?;
    let any = UsageFilter::default;
    let of = |filter| ranges::days(90, now).query(GroupBy::User, &zone, filter);
    let largest = store.calls().usage_page(&of(any()), SERIES).await?;
    let first = |top: &[Top]| top.first().and_then(|top| top.key.clone());
    let users = largest.charts.first().map(|chart| &chart.report.series);
    let user = users.and_then(|series| series.first());
    let provider = UsageFilter {
        providers: Choice::only(first(&largest.top_providers).unwrap_or_default().parse()?),
        ..any()
    };
    let of_provider = store
        .calls()
        .usage_page(&of(provider.clone()), SERIES)
        .await?;
    let model = UsageFilter {
        models: Choice::only(first(&of_provider.top_models)),
        ..any()
    };
    let agent = UsageFilter {
        agents: Choice::only(first(&largest.top_agents)),
        ..any()
    };
    let user = UsageFilter {
        users: Choice::only(user.and_then(|series| series.key.clone())),
        ..any()
    };
    let cost_type = UsageFilter {
        cost_types: Choice::only(CostType::Output),
        ..any()
    };
    Ok(vec![
        ("provider", provider),
        ("model", model),
        ("agent", agent),
        ("user", user),
        ("cost type", cost_type),
    ])
}

/// All of these together.
fn named(kinds: &[&Kind]) -> Named {
    let names: Vec<&str> = kinds.iter().map(|(name, _)| *name).collect();
    let mut all = UsageFilter::default();
    for (_, filter) in kinds {
        all.providers
            .any_of
            .extend(filter.providers.any_of.iter().cloned());
        all.models
            .any_of
            .extend(filter.models.any_of.iter().cloned());
        all.agents
            .any_of
            .extend(filter.agents.any_of.iter().cloned());
        all.users.any_of.extend(filter.users.any_of.iter().cloned());
        all.cost_types
            .any_of
            .extend(filter.cost_types.any_of.iter());
    }
    Named {
        name: format!("one {}", names.join(" and ")),
        filter: all,
        kinds: kinds.len(),
    }
}

/// Lists of calls.
pub(crate) fn lists(now: Timestamp, filters: &[Named]) -> Vec<(String, CallFilter)> {
    let any = CallFilter::default;
    let mut lists: Vec<(String, CallFilter)> = filters
        .iter()
        .filter(|named| named.filter.cost_types == Choice::default())
        .map(|named| (named.name.clone(), calls_of(&named.filter)))
        .collect();
    let day = |days: i64| Some(now - SignedDuration::from_hours(24 * days));
    let a_month_ago = CallFilter {
        since: day(30),
        until: day(29),
        ..any()
    };
    let truncated = CallFilter {
        outcomes: Choice::only(Outcome::Truncated),
        ..any()
    };
    let unpriced = CallFilter {
        price_states: Choice::only(PriceState::Unpriced),
        ..any()
    };
    let dear = CallFilter {
        cost_above: Some(NanoUsd(i64::MAX)),
        ..any()
    };
    let dear_and_slow = CallFilter {
        cost_above: Some(NanoUsd(40_000_000)),
        latency_above_us: Some(9_000_000_000),
        ..any()
    };
    let slow = CallFilter {
        latency_above_us: Some(u64::MAX),
        ..any()
    };
    let of_status = |status: u16| CallFilter {
        statuses: Choice::only(status..=status),
        ..any()
    };
    let of_operation = CallFilter {
        operations: Choice::only(Operation::StoredResponse),
        ..any()
    };
    let nobody = CallFilter {
        users: Choice::only(None),
        ..any()
    };
    let others = [
        ("a day a month ago", a_month_ago),
        ("truncated ones", truncated),
        ("unpriced ones", unpriced),
        ("dearer than any", dear),
        ("dearer than four cents and slower than any", dear_and_slow),
        ("slower than any", slow),
        ("a status that there is not", of_status(418)),
        ("a status of success that there is not", of_status(299)),
        ("an operation that there is not", of_operation),
        ("nobody's", nobody),
    ];
    lists.extend(others.map(|(name, filter)| (name.to_owned(), filter)));
    // Each also where nothing of it was ever so dear: all of it must be looked at, or as much as there is time for.
    let rare: Vec<_> = lists
        .iter()
        .map(|(name, filter)| {
            let filter = CallFilter {
                cost_above: Some(NanoUsd(i64::MAX)),
                ..filter.clone()
            };
            (format!("{name}, dearer than any"), filter)
        })
        .collect();
    lists.extend(rare);
    lists
}

fn calls_of(filter: &UsageFilter) -> CallFilter {
    CallFilter {
        providers: filter.providers.clone(),
        models: filter.models.clone(),
        agents: filter.agents.clone(),
        users: filter.users.clone(),
        ..CallFilter::default()
    }
}
