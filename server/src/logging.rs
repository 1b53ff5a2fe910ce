//! The log: structured, to standard error.

use std::io::{self, IsTerminal};

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::settings::LogFormat;

/// The filter of the log cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("--log: {0}")]
pub struct InvalidFilter(#[from] tracing_subscriber::filter::ParseError);

/// Starts the log. Called once.
///
/// # Errors
/// [`InvalidFilter`].
pub(crate) fn start(filter: &str, format: LogFormat) -> Result<(), InvalidFilter> {
    let filter: EnvFilter = EnvFilter::builder().parse(filter)?;
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Text => registry
            .with(
                fmt::layer()
                    .with_ansi(io::stderr().is_terminal())
                    .with_writer(io::stderr),
            )
            .init(),
        LogFormat::Json => {
            registry
                .with(
                    fmt::layer()
                        .json()
                        .flatten_event(true)
                        .with_writer(io::stderr),
                )
                .init();
        }
    }
    Ok(())
}
