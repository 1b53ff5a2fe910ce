//! What one transaction records.
#![expect(
    clippy::vec_box,
    reason = "a call has a kilobyte and more, and stays where the journal put it"
)]

use std::collections::HashSet;

use domain::{
    CallId,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{Charge, PriceState},
    usage::Usage,
};
use journal::Entry;

use super::{
    Pricer,
    believable::{believable, believable_start},
};

/// What one transaction records.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Calls that are over, each once.
    pub(super) calls: Vec<Box<Call>>,
    /// Calls that have begun and are not over.
    pub(super) opened: Vec<Box<CallStart>>,
    /// Calls in `open_calls` that are over now.
    pub(super) closed: Vec<CallId>,
}

impl Batch {
    /// Sorts entries of the journal. `open`: the calls that stand in `open_calls`.
    pub(super) fn of(entries: Vec<Entry>, open: &HashSet<CallId>) -> Self {
        let mut batch = Self::default();
        let mut over = HashSet::new();
        for entry in entries {
            match entry {
                Entry::Start(mut start) => {
                    believable_start(&mut start);
                    batch.opened.push(start);
                }
                Entry::Finish(mut call) => {
                    let id = call.start.id;
                    if over.insert(id) {
                        believable(&mut call);
                        batch.calls.push(call);
                        if open.contains(&id) {
                            batch.closed.push(id);
                        }
                    }
                }
            }
        }
        batch.opened.retain(|start| !over.contains(&start.id));
        batch
    }

    /// Ends calls that an earlier run of the program never ended.
    pub(super) fn interrupted(starts: Vec<CallStart>, pricer: Option<&Pricer>) -> Self {
        Self {
            closed: starts.iter().map(|start| start.id).collect(),
            calls: starts
                .into_iter()
                .map(|start| {
                    let mut call = Box::new(interrupted(start));
                    if let Some(price) = pricer {
                        price(&mut call);
                        believable(&mut call);
                    }
                    call
                })
                .collect(),
            opened: vec![],
        }
    }
}

/// The row of a call whose end a crash has swallowed. What it used is known at best roughly, what it cost
/// is not; status and times are 0, since nobody knows what the client got.
fn interrupted(start: CallStart) -> Call {
    let mut usage = Usage::default();
    usage.tokens.input = start.estimated_input;
    // Each ranking costs at least one.
    usage.searches = (start.operation == Operation::Rerank).then_some(1);
    let price_state = if usage.is_reported() {
        PriceState::Unpriced
    } else {
        PriceState::NotBilled
    };
    Call {
        start,
        status: 0,
        outcome: Outcome::Interrupted,
        latency_us: 0,
        ttfb_us: None,
        overhead_us: 0,
        replied_model: None,
        upstream_request_id: None,
        service_tier: None,
        geography: None,
        background_response: None,
        usage,
        usage_mismatch: false,
        price_state,
        charge: Charge::default(),
    }
}
