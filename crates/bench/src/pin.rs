//! What this program and the processes that it starts may use: which core each runs on (Weir alone on
//! one, load and stand-in together on another), and how many connections they have.

use std::io;
use std::process::{Child, Command};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The cores that are used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cores {
    /// Weir's own.
    pub(crate) weir: usize,
    /// Load and stand-in.
    pub(crate) load: usize,
}

impl Cores {
    /// Takes the first two cores that this process may use and moves it to the second. Fails with a
    /// sentence where there is one only, or where the system does not let it.
    pub(crate) fn take() -> Result<Self, String> {
        let allowed = sched_getaffinity(None).map_err(|error| error.to_string())?;
        let mut cores = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
        let (Some(weir), Some(load)) = (cores.next(), cores.next()) else {
            return Err("there is one core only".to_owned());
        };
        move_to(load).map_err(|error| error.to_string())?;
        Ok(Self { weir, load })
    }
}

/// Starts a process on a core of its own. A child inherits the core of the thread that starts it, so
/// this thread goes there for a moment; no time is lost in the child.
pub(crate) fn spawn(command: &mut Command, cores: Option<Cores>) -> io::Result<Child> {
    let Some(cores) = cores else {
        return command.spawn();
    };
    move_to(cores.weir)?;
    let child = command.spawn();
    move_to(cores.load)?;
    child
}

/// Lets this process and its children have as many connections as the system allows: there are two for
/// each of thousands of streams.
pub(crate) fn allow_many_connections() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    Ok(setrlimit(Resource::Nofile, most)?)
}

fn move_to(core: usize) -> io::Result<()> {
    let mut set = CpuSet::new();
    set.set(core);
    Ok(sched_setaffinity(None, &set)?)
}
