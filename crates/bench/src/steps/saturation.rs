//! How much goes through a gateway on one core, and what a call costs it.

use std::time::Duration;

use super::{Ground, Outcome};
use crate::error::Error;
use crate::load::closed;
use crate::report::{Line, micros_tenths, seconds_tenths, thousands};
use crate::requests::Ask;
use crate::side::Way;

const CONNECTIONS: u32 = 64;
const TURNS: u32 = 2;

/// The section's title.
pub(crate) const TITLE: &str = "As much as goes, over 64 connections";

/// One kind of call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    /// What is counted.
    name: &'static str,
    frames: Option<u64>,
    usage: bool,
    body_bytes: usize,
    rate_aim: Option<u64>,
    cpu_aim: Option<Duration>,
}

/// The kind that most aims are for.
pub(crate) const PLAIN: Subject = Subject {
    name: "calls of 1 KB a second",
    frames: None,
    usage: false,
    body_bytes: 1_000,
    rate_aim: Some(20_000),
    cpu_aim: Some(Duration::from_micros(50)),
};

const BURST: Subject = Subject {
    name: "streams of 52 frames in a burst a second",
    frames: Some(52),
    usage: true,
    body_bytes: 1_000,
    rate_aim: Some(8_000),
    cpu_aim: None,
};

/// All kinds, in order.
pub(crate) const SUBJECTS: [Subject; 5] = [
    PLAIN,
    Subject {
        name: "calls of 50 KB a second",
        body_bytes: 50_000,
        rate_aim: None,
        cpu_aim: None,
        ..PLAIN
    },
    Subject {
        name: "calls of 1 MB a second",
        body_bytes: 1_000_000,
        rate_aim: None,
        cpu_aim: None,
        ..PLAIN
    },
    BURST,
    Subject {
        name: "the same streams, usage asked for by Weir and taken out again",
        usage: false,
        rate_aim: None,
        ..BURST
    },
];

/// Sends one kind of call as fast as it goes.
pub(crate) async fn measure(ground: &mut Ground, subject: Subject) -> Result<Vec<Line>, Error> {
    println!("  {}", subject.name);
    let ask = Ask {
        body_bytes: subject.body_bytes,
        usage: subject.usage,
        ..subject.frames.map_or_else(Ask::plain, Ask::stream)
    };
    let time = Duration::from_secs(ground.seconds.into()) / TURNS;
    let outcomes = ground
        .in_turns(subject.name, TURNS, async |side| {
            closed(side, &ask, CONNECTIONS, time).await
        })
        .await?;
    let mut rate = Line::new(subject.name);
    let mut cost = Line::new("— CPU of the gateway for each, µs");
    for outcome in &outcomes {
        rate = rate.cell(outcome.way, thousands(outcome.per_second()));
        if outcome.way != Way::Direct {
            cost = cost.cell(outcome.way, micros_tenths(cpu_of_each(outcome)));
        }
    }
    let Some(weir) = outcomes.iter().find(|outcome| outcome.way == Way::Weir) else {
        return Ok(vec![rate]);
    };
    if let Some(aim) = subject.rate_aim {
        let met = weir.per_second() >= aim;
        rate = rate.aim(format!("≥ {}", thousands(aim)), met);
    }
    if let Some(aim) = subject.cpu_aim {
        let met = cpu_of_each(weir) <= aim;
        cost = cost.aim(format!("≤ {}", aim.as_micros()), met);
    }
    let lag =
        Line::new("— its core was busy for; rows behind the last answer, at most").weir(format!(
            "{} %; {} s",
            weir.shares.weir_percent(),
            seconds_tenths(weir.lag)
        ));
    Ok(vec![rate, cost, lag.remark(weir.shares.bottleneck())])
}

/// With Weir, the row's writing included.
fn cpu_of_each(outcome: &Outcome) -> Duration {
    let calls = outcome.answered();
    outcome.gateway.checked_div(calls).unwrap_or_default()
}
