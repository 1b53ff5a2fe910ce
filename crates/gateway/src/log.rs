//! The log line of a call. No body, no credential.

use domain::call::{Call, Outcome};

/// The log's macros want their level written out.
macro_rules! line {
    ($level:ident, $call:ident, $start:ident) => {
        tracing::event!(
            tracing::Level::$level,
            call.id = %$start.id,
            provider = %$start.provider,
            model = $start.model.as_deref(),
            operation = $start.operation.key(),
            streamed = $start.streamed,
            status = $call.status,
            outcome = $call.outcome.key(),
            price_state = $call.price_state.key(),
            latency_us = $call.latency_us,
            ttfb_us = $call.ttfb_us,
            overhead_us = $call.overhead_us,
            tokens = $call.usage.total_tokens(),
            "Call of {} ended: {}",
            $start.provider,
            $call.outcome.key(),
        )
    };
}

/// Logs a call that is over. One that went well is only told to whoever debugs: it is in the ledger, and a line
/// for each would bury the others.
pub(crate) fn call(call: &Call) {
    let start = &call.start;
    match call.outcome {
        Outcome::Ok => line!(DEBUG, call, start),
        Outcome::UpstreamError
        | Outcome::ClientClosed
        | Outcome::Truncated
        | Outcome::Interrupted
        | Outcome::Rejected => line!(INFO, call, start),
    }
}
