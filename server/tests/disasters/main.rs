//! Disasters of the machine that Weir runs on: disks that are full, databases that are locked, damaged or gone,
//! clocks that jump, kills, upgrades. Weir is the real program, as a process of its own; calls and rows are
//! counted. What this machine does not allow says so and is not run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::as_conversions,
    unreachable_pub,
    reason = "the helpers of the tests stop at the first surprise, too"
)]

mod attempts;
mod books;
mod clocks;
mod console;
mod database;
mod disks;
#[allow(dead_code, reason = "shared with other tests")]
#[path = "../http/endpoints/place.rs"]
mod endpoint_place;
mod files;
mod journals;
mod kills;
mod place;
mod upgrades;
mod weir;
