//! The endpoints of a provider that has several: how they are, and what their calls came to.

use std::time::Instant;

use domain::{NanoUsd, Timestamp, provider::EndpointName, provider::Upstream};
use jiff::SignedDuration;
use serde::Serialize;
use store::AtEndpoint;

use super::{Providers, not_found};
use crate::{error::AdminError, live::Health, who::Who};

/// How far back calls are counted.
const COUNTED: SignedDuration = SignedDuration::from_hours(24);
/// How many of them at most, the newest ones.
const CALLS_MOST: u64 = 10_000;

/// The endpoints of a provider that has several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ProviderEndpoints)]
pub struct EndpointsHealth {
    /// In the admin's order. Empty: the provider has one endpoint, without a name.
    pub items: Vec<EndpointHealth>,
    /// Calls that began since then are counted.
    #[schema(value_type = String, format = DateTime)]
    pub calls_since: Timestamp,
    /// Whether only the newest 10,000 calls were counted, since there were more.
    pub only_newest: bool,
}

/// One of several endpoints: how it is, and what its newest calls came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = EndpointHealth)]
pub struct EndpointHealth {
    /// What it is called.
    #[schema(value_type = String, example = "eu-west")]
    pub name: EndpointName,
    /// The address that its calls go to.
    pub address: String,
    /// Whether it takes its turn. If not, it is passed over for a while.
    pub healthy: bool,
    /// Since when it is so, or since Weir was started or the endpoint was changed.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    /// Until when it is passed over; the next call after that tries it. Null: it is healthy.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub passed_over_until: Option<Timestamp>,
    /// Why it is passed over.
    pub why: Option<String>,
    /// Attempts that failed since one last succeeded.
    pub failed_in_a_row: u64,
    /// Attempts of calls, those that failed too.
    pub calls: u64,
    /// Those of them that failed.
    pub failed_calls: u64,
    /// What they cost, in dollars, as far as it is known.
    #[schema(value_type = String, example = "0.0123")]
    pub spend_usd: NanoUsd,
    /// Those of them whose cost is not known.
    pub unpriced_calls: u64,
}

impl Providers {
    /// How the endpoints of a provider are, and what their newest calls came to.
    ///
    /// # Errors
    /// [`AdminError::NotFound`].
    pub async fn endpoints(&self, _who: &Who, id: &str) -> Result<EndpointsHealth, AdminError> {
        let live = self.admin.live().now().providers.get(id).cloned();
        let live = live.ok_or_else(|| not_found(id))?;
        let now = self.admin.now();
        let calls_since = now - COUNTED;
        let Some(endpoints) = live.endpoints() else {
            return Ok(EndpointsHealth {
                items: vec![],
                calls_since,
                only_newest: false,
            });
        };
        let calls = self.admin.store().calls();
        let (by_endpoint, only_newest) = calls
            .by_endpoint(&live.provider.id, calls_since, CALLS_MOST)
            .await?;
        let clock = Clock {
            instant: Instant::now(),
            at: now,
        };
        let items = endpoints
            .each
            .iter()
            .zip(endpoints.ring.health())
            .map(|(endpoint, health)| {
                let calls = by_endpoint.get(&Some(endpoint.name.to_string()));
                let address = self.address(&endpoint.provider.provider.upstream);
                let calls = calls.copied().unwrap_or_default();
                shown(endpoint.name.clone(), address, health, calls, &clock)
            })
            .collect();
        Ok(EndpointsHealth {
            items,
            calls_since,
            only_newest,
        })
    }

    /// The address that calls of an upstream go to.
    fn address(&self, upstream: &Upstream) -> String {
        match upstream {
            Upstream::Bedrock {
                base_url: None,
                region,
                fips,
                ..
            } => self.bedrock_address(region, *fips),
            upstream => upstream.base_url().into_owned(),
        }
    }
}

/// One moment by both clocks.
struct Clock {
    instant: Instant,
    at: Timestamp,
}

impl Clock {
    fn time_of(&self, instant: Instant) -> Timestamp {
        let duration = |duration| SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
        let time = if instant < self.instant {
            self.at.checked_sub(duration(self.instant - instant))
        } else {
            self.at.checked_add(duration(instant - self.instant))
        };
        time.unwrap_or(self.at)
    }
}

fn shown(
    name: EndpointName,
    address: String,
    health: Health,
    calls: AtEndpoint,
    clock: &Clock,
) -> EndpointHealth {
    let (until, why) = health.passed_over.unzip();
    EndpointHealth {
        name,
        address,
        healthy: until.is_none(),
        since: clock.time_of(health.since),
        passed_over_until: until.map(|until| clock.time_of(until)),
        why,
        failed_in_a_row: health.failed_in_a_row,
        calls: calls.calls,
        failed_calls: calls.failed,
        spend_usd: calls.spend,
        unpriced_calls: calls.unpriced_calls,
    }
}
