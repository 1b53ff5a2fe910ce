//! The functions that every call runs, each with an input like those of real calls: to be timed and counted.
//!
//! | by | what | in which build |
//! |---|---|---|
//! | `benches/times.rs` (`make hot`) | time, by criterion | release |
//! | `tests/counts.rs` (`make test`) | instructions and allocations, by callgrind, held below bounds | that of the tests |
//!
//! One crate for the functions of several, so that both go by the same list. Only measurements use it.
#![allow(
    clippy::expect_used,
    reason = "inputs are made here, and what is wrong with one must stop the measurement"
)]

mod answers;
mod pricing;
mod records;
mod requests;
mod streams;

/// A function with its input, ready to be run again and again.
pub struct Function {
    /// Which function on which input.
    pub name: String,
    run: Box<dyn FnMut() -> u64>,
}

impl Function {
    fn new(name: impl Into<String>, run: impl FnMut() -> u64 + 'static) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }

    /// Runs it once. Gives a figure of what came out, which is never 0 where it did its work.
    pub fn run(&mut self) -> u64 {
        (self.run)()
    }
}

/// Every hot function, in the order in which a call needs them.
///
/// # Panics
/// Where an input cannot be made.
#[must_use]
pub fn all() -> Vec<Function> {
    [
        requests::functions(),
        answers::functions(),
        streams::functions(),
        pricing::functions(),
        records::functions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A length as a figure of what came out.
fn figure(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
