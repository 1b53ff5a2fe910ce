//! How long Weir takes until it answers.

use std::fs;
use std::time::Duration;

use crate::error::Error;
use crate::report::{Line, mib, ms_short};
use crate::samples::Samples;
use crate::weir::{Setting, Weir};

/// The section's title.
pub(crate) const TITLE: &str = "At rest";

const STARTS: usize = 7;
/// How long each one runs; whoever starts a Weir to stop it at once does not measure anything.
const RUNNING: Duration = Duration::from_millis(200);
const AIM: Duration = Duration::from_millis(60);

/// Stops Weir and starts it on the same data, several times; the last one stays.
pub(crate) async fn again(setting: &Setting, first: Weir) -> Result<(Weir, Duration), Error> {
    let mut times = Samples::default();
    let mut running = first;
    for _ in 0..STARTS {
        tokio::time::sleep(RUNNING).await;
        running.stop().await?;
        let (next, time) = setting.start().await?;
        times.add(time);
        running = next;
    }
    Ok((running, times.sorted().percentile(500)))
}

/// How large the program's file is.
pub(crate) fn size(setting: &Setting) -> Result<Line, Error> {
    let binary = &setting.binary;
    let about = fs::metadata(binary).map_err(Error::io(format!("look at {}", binary.display())))?;
    let line = Line::new("size of the binary, the console in it");
    Ok(line.weir(mib(about.len() / 1_024)))
}

/// The lines of both.
pub(crate) fn lines(first: Duration, later: Duration) -> Vec<Line> {
    let aim = "≤ 60 ms";
    vec![
        Line::new("start in an empty folder, until `/healthz` answers")
            .weir(ms_short(first))
            .aim(aim, first <= AIM),
        Line::new(format!(
            "start on the same folder again, median of {STARTS}"
        ))
        .weir(ms_short(later))
        .aim(aim, later <= AIM),
    ]
}
