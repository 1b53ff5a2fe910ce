//! The program `weir`: command line, settings, wiring, listener, shutdown.
//!
//! Everything that Weir does is in other crates; here they are put together. The one place that knows
//! all of them.

pub mod beside;
mod check;
pub mod commands;
pub mod data_dir;
pub mod demo;
mod listen;
mod logging;
pub mod place;
mod recording;
mod routes;
pub mod settings;
pub mod wiring;
