//! How much goes through Weir on one core, and what a call costs it.

use std::time::Duration;

use super::{Ground, Outcome};
use crate::error::Error;
use crate::load::closed;
use crate::report::{Line, micros_tenths, seconds_tenths, thousands};
use crate::requests::Ask;
use crate::side::Way;

const CONNECTIONS: u32 = 64;
const TURNS: u32 = 2;

/// One kind of call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// What is counted.
    unit: &'static str,
    frames: Option<u64>,
    usage: bool,
    body_bytes: usize,
    rate_aim: Option<u64>,
    cpu_aim: Option<Duration>,
}

const PLAIN: Subject = Subject {
    name: "as many calls as go, 1 KB, 64 connections",
    unit: "calls/s",
    frames: None,
    usage: false,
    body_bytes: 1_000,
    rate_aim: Some(20_000),
    cpu_aim: Some(Duration::from_micros(50)),
};

const BURST: Subject = Subject {
    name: "as many streams as go, 52 frames in a burst, 64 connections",
    unit: "streams/s",
    frames: Some(52),
    usage: true,
    body_bytes: 1_000,
    rate_aim: Some(8_000),
    cpu_aim: None,
};

/// All kinds, in order.
pub(crate) const SUBJECTS: [Subject; 4] = [
    PLAIN,
    Subject {
        name: "as many calls as go, 50 KB, 64 connections",
        body_bytes: 50_000,
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
    let mut rate = Line::new(format!("{}: {}", subject.name, subject.unit));
    for outcome in &outcomes {
        rate = rate.cell(outcome.way, thousands(outcome.load.per_second()));
    }
    let Some(weir) = outcomes.iter().find(|outcome| outcome.way == Way::Weir) else {
        return Ok(vec![rate]);
    };
    if let Some(aim) = subject.rate_aim {
        let met = weir.load.per_second() >= aim;
        rate = rate.aim(format!("≥ {}", thousands(aim)), met);
    }
    Ok([vec![rate], costs(weir, subject)].concat())
}

/// What the calls cost Weir.
fn costs(weir: &Outcome, subject: Subject) -> Vec<Line> {
    let cpu = weir
        .weir_with_rows
        .checked_div(weir.load.tally.answered)
        .unwrap_or_default();
    let mut cost = Line::new("— CPU of Weir for each, the row's writing included")
        .weir(format!("{} µs", micros_tenths(cpu)));
    if let Some(aim) = subject.cpu_aim {
        cost = cost.aim(format!("≤ {} µs", aim.as_micros()), cpu <= aim);
    }
    let share = Line::new("— Weir's core was busy with it for")
        .weir(format!("{} %", weir.shares.weir_percent()))
        .remark(weir.shares.bottleneck());
    let lag = Line::new("— rows behind the last answer, at most")
        .weir(format!("{} s", seconds_tenths(weir.lag)));
    vec![cost, share, lag]
}
