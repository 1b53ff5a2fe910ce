//! What views took, how that is spread, and whether it is within an aim.

use std::{future::Future, time::Instant};

use weir_store::StoreError;

use super::Done;

/// How many of the slowest are named.
const SLOWEST: usize = 10;

/// A view that took no longer than this is not read again, in milliseconds.
const QUICK_MS: f64 = 25.0;

/// By which time an aim is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    Passed,
    Cpu,
}

/// One view, in milliseconds.
struct View {
    name: String,
    passed: f64,
    cpu: f64,
}

/// What views took: passed and CPU time.
#[derive(Default)]
pub(crate) struct Views(Vec<View>);

impl Views {
    pub(crate) async fn time<F>(&mut self, name: String, view: impl Fn() -> F) -> Done<()>
    where
        F: Future<Output = Result<usize, StoreError>>,
    {
        let (mut passed, mut cpu) = (f64::MAX, f64::MAX);
        for _ in 0..2 {
            let (started, cpu_before) = (Instant::now(), cpu_ms()?);
            view().await?;
            passed = passed.min(ms(started));
            cpu = cpu.min(cpu_ms()? - cpu_before);
            if passed <= QUICK_MS {
                break;
            }
        }
        self.add(name, passed, cpu);
        Ok(())
    }

    pub(crate) fn add(&mut self, name: String, passed: f64, cpu: f64) {
        self.0.push(View { name, passed, cpu });
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Prints how they are spread, and the slowest. Returns whether the 95th percentile is within the aim.
    pub(crate) fn print(mut self, what: &str, aim_ms: f64, clock: Clock) -> bool {
        let (of, word): (fn(&View) -> f64, _) = match clock {
            Clock::Passed => (|view| view.passed, "passed"),
            Clock::Cpu => (|view| view.cpu, "CPU"),
        };
        let met = self.percentile(of, 95) <= aim_ms;
        println!("\n{} {what}", self.0.len());
        self.print_spread("passed", |view| view.passed);
        self.print_spread("CPU", |view| view.cpu);
        let verdict = if met { "met" } else { "MISSED" };
        println!("  aim: p95 of {word} ≤ {aim_ms:.0} ms: {verdict}");
        self.0.sort_by(|a, b| of(b).total_cmp(&of(a)));
        for view in self
            .0
            .iter()
            .filter(|view| !view.name.is_empty())
            .take(SLOWEST)
        {
            println!(
                "  {:8.1} ms, {:8.1} ms CPU  {}",
                view.passed, view.cpu, view.name
            );
        }
        met
    }

    fn print_spread(&self, name: &str, of: fn(&View) -> f64) {
        println!(
            "  {name:<6}  p50 {:7.1}  p95 {:7.1}  max {:7.1}  sum {:9.0} ms",
            self.percentile(of, 50),
            self.percentile(of, 95),
            self.percentile(of, 100),
            self.0.iter().map(of).sum::<f64>(),
        );
    }

    fn percentile(&self, of: fn(&View) -> f64, percent: usize) -> f64 {
        let mut all: Vec<f64> = self.0.iter().map(of).collect();
        all.sort_unstable_by(f64::total_cmp);
        let last = all.len().saturating_sub(1);
        all.get(last * percent / 100).copied().unwrap_or(0.0)
    }
}

pub(crate) fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// CPU time of all threads of this process.
pub(crate) fn cpu_ms() -> Done<f64> {
    let mut nanoseconds = 0_u64;
    for task in std::fs::read_dir("/proc/self/task")? {
        let Ok(text) = std::fs::read_to_string(task?.path().join("schedstat")) else {
            continue;
        };
        let first = text.split_whitespace().next();
        nanoseconds += first.map_or(Ok(0), str::parse::<u64>)?;
    }
    Ok(std::time::Duration::from_nanos(nanoseconds).as_secs_f64() * 1e3)
}
