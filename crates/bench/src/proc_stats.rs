//! What the kernel says about a process: memory and time on a core.

use std::fs;
use std::time::Duration;

use crate::error::Error;

/// Length of a clock tick in `/proc/PID/stat`; 100 a second on every Linux there is.
const TICK: Duration = Duration::from_millis(10);

/// Memory of a process, in KiB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Now.
    pub(crate) now_kib: u64,
    /// At most since it started or since [`forget_peak`].
    pub(crate) peak_kib: u64,
}

/// Memory that is resident.
pub(crate) fn memory(pid: u32) -> Result<Memory, Error> {
    let text = read(pid, "status")?;
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .and_then(|value| value.trim().strip_suffix("kB"))
            .and_then(|value| value.trim().parse().ok())
            .ok_or_else(|| Error::Broken(format!("/proc/{pid}/status has no {name}")))
    };
    Ok(Memory {
        now_kib: field("VmRSS")?,
        peak_kib: field("VmHWM")?,
    })
}

/// Begins a new peak. Where the kernel does not allow it, the peak stays that of all the time.
pub(crate) fn forget_peak(pid: u32) {
    drop(fs::write(format!("/proc/{pid}/clear_refs"), "5"));
}

/// Time on any core until now, in user and in kernel mode together.
pub(crate) fn time_on_cores(pid: u32) -> Result<Duration, Error> {
    let text = read(pid, "stat")?;
    ticks(&text)
        .map(|ticks| TICK.saturating_mul(ticks))
        .ok_or_else(|| Error::Broken(format!("/proc/{pid}/stat cannot be read: {text}")))
}

/// Fields 14 and 15, counted after the name in parentheses, which may hold anything.
fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut times = fields.split(' ').skip(11);
    let user: u32 = times.next()?.parse().ok()?;
    let kernel: u32 = times.next()?.parse().ok()?;
    user.checked_add(kernel)
}

/// Time until now in which a core ran any program, or was taken away by the machine's host.
pub(crate) fn time_of_core(core: usize) -> Result<Duration, Error> {
    let path = "/proc/stat";
    let text = fs::read_to_string(path).map_err(Error::io(format!("read {path}")))?;
    let name = format!("cpu{core} ");
    text.lines()
        .find_map(|line| line.strip_prefix(name.as_str()))
        .and_then(core_ticks)
        .map(|ticks| TICK.saturating_mul(ticks))
        .ok_or_else(|| Error::Broken(format!("{path} has no core {core}")))
}

/// The times user, nice, system and stolen of: user nice system idle iowait irq softirq stolen …
fn core_ticks(fields: &str) -> Option<u32> {
    let times: Vec<u32> = fields
        .split_whitespace()
        .map_while(|field| field.parse().ok())
        .collect();
    match times.as_slice() {
        [user, nice, system, _, _, _, _, stolen, ..] => Some(user + nice + system + stolen),
        _ => None,
    }
}

/// How many files and connections it has open.
pub(crate) fn descriptors(pid: u32) -> Result<usize, Error> {
    let path = format!("/proc/{pid}/fd");
    let open = fs::read_dir(&path).map_err(Error::io(format!("read {path}")))?;
    Ok(open.count())
}

/// How many threads it has.
pub(crate) fn threads(pid: u32) -> Result<usize, Error> {
    let path = format!("/proc/{pid}/task");
    let threads = fs::read_dir(&path).map_err(Error::io(format!("read {path}")))?;
    Ok(threads.count())
}

fn read(pid: u32, file: &str) -> Result<String, Error> {
    let path = format!("/proc/{pid}/{file}");
    fs::read_to_string(&path).map_err(Error::io(format!("read {path}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 3 0 12345";
        assert_eq!(ticks(stat), Some(300));
    }

    #[test]
    fn a_core_is_busy_with_programs_not_with_waiting() {
        assert_eq!(core_ticks("100 20 3 9999 88 7 6 50 0 0"), Some(173));
        assert_eq!(core_ticks("100 20 3"), None);
    }

    #[test]
    fn this_process_has_memory_and_time() {
        let pid = std::process::id();
        let memory = memory(pid).unwrap();
        assert!(memory.now_kib > 0 && memory.peak_kib >= memory.now_kib);
        time_on_cores(pid).unwrap();
        assert!(descriptors(pid).unwrap() >= 3 && threads(pid).unwrap() >= 1);
    }
}
