//! A past that was made up: providers, gateway tokens and calls with believable shapes, for the demo, for
//! measuring, and for whoever wants to look at the console with something in it.
//!
//! Days are busier than nights and workdays than weekends; use grows; a few models, agents and people make
//! most of the calls; prompts are cached; some calls fail. Calls are priced by the function that prices real
//! ones, from the catalog. The same seed makes the same past.
//!
//! Knows `domain` and `catalog`: nothing of the database that the past goes into, and no clock.

mod calls;
mod hours;
mod providers;
mod world;

pub use calls::{Calls, Past};
pub use providers::{SECRET, providers};
pub use world::{Caller, World, tokens};
