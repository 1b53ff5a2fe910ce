//! The machine that the figures are from.

use std::fs;

/// What a reader must know to compare figures. A part that the system does not tell is `unknown`.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory: String,
    pub(crate) kernel: String,
}

impl Machine {
    pub(crate) fn look() -> Self {
        let unknown = || "unknown".to_owned();
        let memory_kib: Option<u64> = field("/proc/meminfo", "MemTotal")
            .and_then(|value| value.trim_end_matches("kB").trim().parse().ok());
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease")
            .map_or_else(|_| unknown(), |text| text.trim().to_owned());
        Self {
            processor: field("/proc/cpuinfo", "model name").unwrap_or_else(unknown),
            cores: fs::read_to_string("/proc/cpuinfo").map_or(0, |text| {
                text.lines()
                    .filter(|line| line.starts_with("processor"))
                    .count()
            }),
            memory: memory_kib.map_or_else(unknown, |kib| format!("{} MiB", kib / 1_024)),
            kernel: format!("Linux {kernel}"),
        }
    }
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(key, value)| (key.trim() == name).then(|| value.trim().to_owned()))
}
