//! The command line of `weir`.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;
use store::MasterKey;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    beside,
    check::{self, CheckArgs, CheckError},
    data_dir::master_key_file,
    demo::{self, DemoArgs},
    logging,
    place::{AddressArgs, DataArgs, given},
    settings::ServeArgs,
    wiring::{self, Running, StartError},
};

/// A gateway for large language models: forwards calls, meters and prices each exactly.
#[derive(Debug, Parser)]
#[command(
    name = "weir",
    version,
    about,
    after_help = "Start with `weir serve`, or look around with `weir demo`, which needs no key."
)]
pub struct Weir {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway and its console
    Serve(Box<ServeArgs>),
    /// Run Weir with a stand-in upstream, sample providers and a trickle of calls
    Demo(Box<DemoArgs>),
    /// Test a provider: the same as Test Connection in the console
    Check(Box<CheckArgs>),
    /// Let somebody in who has lost the password
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Look after the ledger
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Encrypt all secrets under a new master key; Weir must not be running
    RotateMasterKey(Box<RotateArgs>),
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Print a one-time link, good for 24 hours, that sets the password of an account
    Link(Box<LinkArgs>),
}

#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// Compare every sum that is kept with the calls it is of, and print each difference; Weir may be running
    Verify(Box<DataArgs>),
    /// Write SQLite's file anew without what is free in it, and so that it shrinks by itself; Weir must not be running
    Compact(Box<DataArgs>),
}

#[derive(Debug, Args)]
struct LinkArgs {
    #[command(flatten)]
    data: DataArgs,

    #[command(flatten)]
    address: AddressArgs,

    /// As `weir serve` has it: whether the link begins with https
    #[arg(long, env = "WEIR_TLS_CERT", value_name = "FILE", hide = true)]
    tls_cert: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct RotateArgs {
    #[command(flatten)]
    data: DataArgs,

    /// The new key, 32 bytes in base64 or hex [default: a new key file replaces the old one]
    #[arg(
        long,
        env = "WEIR_NEW_MASTER_KEY",
        value_name = "KEY",
        hide_env_values = true
    )]
    new_master_key: Option<SecretString>,
}

impl Weir {
    /// Runs the command to its end.
    pub async fn run(self) -> ExitCode {
        // What TLS is made with, for every client that the program has. It fails only where one is set already.
        let _set = rustls::crypto::ring::default_provider().install_default();
        let done = match self.command {
            Command::Serve(args) => serve(*args).await,
            Command::Demo(args) => demo::run(*args).await,
            Command::Check(args) => check::run(*args).await.map_err(Into::into),
            Command::Admin(AdminCommand::Link(args)) => link(&args).await,
            Command::Ledger(LedgerCommand::Verify(data)) => verify(&data).await,
            Command::Ledger(LedgerCommand::Compact(data)) => compact(&data).await,
            Command::RotateMasterKey(args) => rotate(&args).await,
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(io::stderr(), "weir: {error}");
                ExitCode::FAILURE
            }
        }
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The log could not be started.
    #[error(transparent)]
    Log(#[from] logging::InvalidFilter),
    /// Weir did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The terminal, a signal or a file.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The present key is in the environment, and no new one was named.
    #[error("the present key comes from WEIR_MASTER_KEY; name the new one in WEIR_NEW_MASTER_KEY")]
    NewKeyMissing,
    /// Sums of the ledger are not those of its calls.
    #[error("the books do not balance: {0} sums differ")]
    OutOfBalance(usize),
    /// A provider could not be tested, or does not work.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The demo could not be set up.
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
}

async fn serve(args: ServeArgs) -> Result<(), CommandError> {
    logging::start(&args.log, args.log_format)?;
    let running = wiring::start(&args).await?;
    greet(&running, None)?;
    until_signal(running).await
}

/// Says where to go. To standard output: the log is elsewhere.
pub(crate) fn greet(running: &Running, more: Option<&str>) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "\n  Weir {} is listening on {}",
        env!("CARGO_PKG_VERSION"),
        running.address
    )?;
    writeln!(out, "\n  Console      {}", running.public_url)?;
    if let Some(link) = &running.first_link {
        writeln!(out, "  First admin  {link}")?;
        writeln!(
            out,
            "               (one use, good for 24 hours; `weir admin link` makes another)"
        )?;
    }
    if let Some(more) = more {
        writeln!(out, "{more}")?;
    }
    writeln!(out)?;
    out.flush()
}

/// Runs until the system asks to stop.
pub(crate) async fn until_signal(running: Running) -> Result<(), CommandError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("Stopping: no new connections; running calls may end");
    running.stop();
    tokio::select! {
        () = running.ended() => tracing::info!("Stopped; the ledger is complete"),
        _ = interrupt.recv() => tracing::warn!("Stopped at once; what was running is in the journal"),
    }
    Ok(())
}

async fn link(args: &LinkArgs) -> Result<(), CommandError> {
    let address = &args.address;
    let public_url = address.public_url(address.listen, args.tls_cert.is_some());
    let link = beside::link(&args.data, public_url).await?;
    writeln!(io::stdout(), "{link}")?;
    Ok(())
}

/// Prints every difference, or that there is none.
async fn verify(data: &DataArgs) -> Result<(), CommandError> {
    let found = beside::verify(data).await?;
    let mut out = io::stdout().lock();
    for difference in &found.differences {
        writeln!(
            out,
            "{} from {}, {}: {} is {}, should be {}",
            difference.level,
            difference.start,
            difference.key,
            difference.sum,
            difference.kept,
            difference.rows
        )?;
    }
    if let Some(until) = found.deleted_until {
        let sealed = found.differences.iter().all(|it| !it.is_of_checksum());
        writeln!(
            out,
            "calls of before {until} are deleted; their sums {}",
            if sealed {
                "are as they were sealed"
            } else {
                "are not what they were when they were sealed"
            }
        )?;
    }
    if !found.differences.is_empty() {
        return Err(CommandError::OutOfBalance(found.differences.len()));
    }
    writeln!(
        out,
        "the books balance: {} calls, {} sums compared, in {}.{} s",
        found.calls,
        found.sums,
        found.took_ms / 1_000,
        found.took_ms % 1_000 / 100
    )?;
    Ok(())
}

/// Says how large the database was, and is.
async fn compact(data: &DataArgs) -> Result<(), CommandError> {
    let mut out = io::stdout();
    match beside::compact(data).await? {
        Some((before, after)) => writeln!(
            out,
            "The database took {before} bytes and takes {after} now. From now on it shrinks by itself."
        )?,
        None => writeln!(
            out,
            "The database is Postgres, which looks after its files itself; nothing was done."
        )?,
    }
    Ok(())
}

async fn rotate(args: &RotateArgs) -> Result<(), CommandError> {
    let mut out = io::stdout();
    match given(args.new_master_key.as_ref()) {
        Some(key) => {
            let key = MasterKey::read(&key, "WEIR_NEW_MASTER_KEY").map_err(StartError::from)?;
            beside::rotate(&args.data, Some(key)).await?;
            writeln!(
                out,
                "All secrets are encrypted under the new key. Start Weir with it in WEIR_MASTER_KEY from now on."
            )?;
        }
        None if args.data.master_key().is_some() => return Err(CommandError::NewKeyMissing),
        None => {
            beside::rotate(&args.data, None).await?;
            writeln!(
                out,
                "All secrets are encrypted under a new key, in {}.",
                master_key_file(&args.data.data_dir).display()
            )?;
        }
    }
    Ok(())
}
