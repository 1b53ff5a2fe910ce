//! Faults of networks: upstreams and clients that break, stall, flood and leave, against the program itself
//! as a process of its own. Calls, rows, memory and file descriptors are counted: each call that was
//! accepted has one row, nothing is billed twice, and other calls are answered meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::as_conversions,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    dead_code,
    unused_imports,
    reason = "the helpers of the tests stop at the first surprise, too, and are shared with other tests; figures are printed"
)]

mod client_bodies;
mod client_h2;
mod client_heads;
mod client_leaves;
mod client_slow;
mod frames;
mod h2_upstream;
mod many;
mod program;
mod stopping;
#[path = "../http/support/mod.rs"]
mod support;
mod upstream;
mod upstream_breaks;
mod upstream_floods;
mod upstream_h2;
mod upstream_reuse;
mod upstream_slow;
mod upstream_tls;
mod wire;
