//! The calls of a past, one after the other.

mod usage;

use domain::{
    CallId, Timestamp,
    call::{Call, CallStart, Outcome},
    pricing::{PriceRequest, price},
    usage::Usage,
};
use jiff::SignedDuration;
use rand::{RngExt as _, SeedableRng as _, rngs::Xoshiro256PlusPlus};
use uuid::Builder;

use crate::{
    hours::{Hour, Hours},
    world::{Caller, Draw, Offer, World},
};

/// How much of a past is made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// How many calls, the refused ones included.
    pub calls: u64,
    /// Over how many days.
    pub days: u16,
    /// When it ends; no call begins at this moment or later.
    pub end: Timestamp,
    /// Another past for another number.
    pub seed: u64,
}

const HOUR_US: u64 = 3_600_000_000;
/// Of a thousand calls, how many end in each of these ways; the rest is answered whole.
const ENDS: [(u32, Outcome, u16); 7] = [
    (24, Outcome::UpstreamError, 429),
    (12, Outcome::UpstreamError, 500),
    (8, Outcome::UpstreamError, 400),
    (4, Outcome::UpstreamError, 504),
    (14, Outcome::ClientClosed, 200),
    (4, Outcome::Truncated, 200),
    (14, Outcome::Rejected, 403),
];
const OK: (Outcome, u16) = (Outcome::Ok, 200);

/// The calls of a past, in the order in which they began.
#[derive(Debug)]
pub struct Calls<'a> {
    world: &'a World,
    offers: Draw<'a, Offer>,
    callers: Draw<'a, Caller>,
    users: Draw<'a, String>,
    hours: Hours,
    hour: Hour,
    /// How many of this hour's calls have been made.
    made: u64,
    random: Xoshiro256PlusPlus,
}

impl World {
    /// Makes up calls. `None`: nobody is there to call, or nothing to be called.
    #[must_use]
    pub fn calls(&self, past: &Past) -> Option<Calls<'_>> {
        Some(Calls {
            world: self,
            offers: Draw::new(&self.offers)?,
            callers: Draw::new(&self.callers)?,
            users: Draw::new(&self.users)?,
            hours: Hours::before(past.end, past.days, past.calls),
            hour: Hour {
                begin: past.end,
                calls: 0,
            },
            made: 0,
            random: Xoshiro256PlusPlus::seed_from_u64(past.seed),
        })
    }
}

impl Iterator for Calls<'_> {
    type Item = Call;

    fn next(&mut self) -> Option<Call> {
        while self.made >= self.hour.calls {
            self.hour = self.hours.next()?;
            self.made = 0;
        }
        // Somewhere in its share of the hour, so that calls are in order and not in step.
        let share = HOUR_US.checked_div(self.hour.calls)?.max(1);
        let into = share
            .saturating_mul(self.made)
            .saturating_add(self.random.random_range(0..share));
        self.made = self.made.saturating_add(1);
        let into = SignedDuration::from_micros(i64::try_from(into).ok()?);
        let started_at = self.hour.begin.checked_add(into).ok()?;
        self.call(started_at)
    }
}

impl Calls<'_> {
    fn call(&mut self, started_at: Timestamp) -> Option<Call> {
        let offer = self.offers.one(&mut self.random)?;
        let caller = self.callers.one(&mut self.random)?;
        let user = self.users.one(&mut self.random)?;
        let (outcome, status) = self.end();
        let asked = usage::made_up(offer, &mut self.random);
        let used = match outcome {
            Outcome::Ok | Outcome::ClientClosed | Outcome::Truncated => asked,
            Outcome::UpstreamError | Outcome::Rejected | Outcome::Interrupted => Usage::default(),
        };
        let priced = price(&PriceRequest {
            usage: &used,
            overrides: [Some(&offer.overrides), None],
            cards: [None, offer.card.as_ref()],
            tier: None,
            at: started_at,
            pinned_geography: false,
            billed_beside: false,
            estimated: outcome == Outcome::ClientClosed,
        });
        let refused = outcome == Outcome::Rejected;
        let ttfb_us = self.random.random_range(140_000..1_400_000);
        let per_token_us = self.random.random_range(6_000..22_000);
        let written = used.tokens.output.unwrap_or(0);
        let overhead_us = self.random.random_range(40..160);
        let streamed = self.random.random_bool(0.6);
        let at_upstream_us = if refused {
            0
        } else {
            written.saturating_mul(per_token_us).saturating_add(ttfb_us)
        };
        let milliseconds = u64::try_from(started_at.as_millisecond()).ok()?;
        let id = Builder::from_unix_timestamp_millis(milliseconds, &self.random.random());
        let estimated_input = Some(used.prompt_tokens());
        let request_id: u64 = self.random.random();
        Some(Call {
            start: CallStart {
                id: CallId(id.into_uuid()),
                started_at,
                provider: offer.provider.clone(),
                provider_type: offer.provider_type,
                model: Some(offer.model.clone()),
                requested_model: Some(offer.model.clone()),
                operation: offer.operation,
                streamed,
                agent: caller.agent.clone(),
                user: Some(user.clone()),
                conversation: None,
                token: Some(caller.token),
                endpoint: (!refused).then(|| offer.endpoint.clone()),
                attempt_of: None,
                catalog_version: self.world.catalog_version.clone(),
                estimated_input,
            },
            status,
            outcome,
            latency_us: at_upstream_us.saturating_add(overhead_us),
            ttfb_us: (!refused).then_some(ttfb_us),
            overhead_us,
            replied_model: (outcome == Outcome::Ok).then(|| offer.model.clone()),
            upstream_request_id: (!refused).then(|| format!("req_{request_id:016x}")),
            service_tier: None,
            geography: None,
            background_response: None,
            usage: priced.usage,
            usage_mismatch: false,
            price_state: priced.state,
            charge: priced.charge,
        })
    }

    fn end(&mut self) -> (Outcome, u16) {
        let mut drawn = self.random.random_range(0..1_000_u32);
        for (share, outcome, status) in ENDS {
            match drawn.checked_sub(share) {
                None => return (outcome, status),
                Some(rest) => drawn = rest,
            }
        }
        OK
    }
}
