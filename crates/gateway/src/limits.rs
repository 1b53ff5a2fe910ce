//! The operator's limits for the data plane.

use std::time::Duration;

/// How long and how much a call may take. Each is a setting of `weir serve`.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For a connection to the upstream, TLS included.
    pub connect_timeout: Duration,
    /// From the request being sent to the head of the answer.
    pub first_byte_timeout: Duration,
    /// Between two pieces of an answer.
    pub idle_timeout: Duration,
    /// Between two pieces of a request.
    pub client_idle_timeout: Duration,
    /// For one request body.
    pub max_body_bytes: u64,
    /// For the bodies of all running calls together.
    pub max_buffered_bytes: u64,
    /// How long an answer is read on after its client has left.
    pub drain_timeout: Duration,
    /// How much of an answer is read after its client has left.
    pub drain_max_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(600),
            idle_timeout: Duration::from_secs(300),
            client_idle_timeout: Duration::from_secs(300),
            max_body_bytes: 32 << 20,
            max_buffered_bytes: 256 << 20,
            drain_timeout: Duration::from_secs(60),
            drain_max_bytes: 64 << 20,
        }
    }
}
