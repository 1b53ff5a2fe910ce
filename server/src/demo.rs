//! `weir demo`: Weir with a stand-in upstream, sample providers, tokens, a past, and a trickle of calls.
//!
//! Everything but the upstream and the past is the real thing: the samples are made by the functions behind
//! the console, the calls go through the listener like any application's, and what they would have cost is in
//! a ledger of its own.

mod history;
mod samples;
mod trickle;

use std::{net::SocketAddr, time::Duration};

use clap::{Args, builder::Resettable};
use secrecy::{ExposeSecret, SecretString};
use standin::{Settings, Standin};
use tokio_util::sync::CancellationToken;

use crate::{
    commands::{CommandError, greet, until_signal},
    logging,
    settings::ServeArgs,
    wiring,
};

/// Between two frames of the stand-in's streams.
const PACE: Duration = Duration::from_millis(15);
/// Before the stand-in's first byte.
const FIRST_BYTE: Duration = Duration::from_millis(180);

/// What `weir demo` can be told: all that `weir serve` can, with a data folder of its own.
#[derive(Debug, Clone, Args)]
#[command(mut_arg("data_dir", |arg| arg.default_value("./weir-demo-data").env(Resettable::Reset)))]
pub struct DemoArgs {
    #[command(flatten)]
    serve: ServeArgs,

    /// Between two sample calls; 0ms for none
    #[arg(long, default_value = "700ms", value_name = "TIME", value_parser = pause)]
    pause: Duration,
}

fn pause(text: &str) -> Result<Duration, &'static str> {
    if text == "0ms" || text == "0s" {
        return Ok(Duration::ZERO);
    }
    text.parse::<crate::settings::Span>().map(|span| span.0)
}

/// Why the demo could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The samples could not be made.
    #[error("the samples could not be made: {0}")]
    Samples(#[from] admin::AdminError),
    /// The calls of the past could not be written down.
    #[error("the past could not be written down: {0}")]
    Past(#[from] journal::JournalError),
    /// The calls could not be started.
    #[error("the sample calls could not be started: {0}")]
    Calls(#[from] reqwest::Error),
}

/// Runs the demo until the system asks to stop.
///
/// # Errors
/// [`CommandError`].
pub async fn run(args: DemoArgs) -> Result<(), CommandError> {
    let serve = args.serve;
    logging::start(&serve.log, serve.log_format)?;
    let upstream = Standin::start(Settings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        pace: PACE,
        first_byte: FIRST_BYTE,
        required_key: Some(samples::UPSTREAM_KEY.to_owned()),
        ..Settings::default()
    })
    .await?;
    let running = wiring::start(&serve).await?;
    let token = samples::make(&running.admin, &upstream.base_url())
        .await
        .map_err(DemoError::from)?;
    history::make(&running).await?;
    greet(&running, Some(&notes(&running.public_url, &token)))?;
    let stop = CancellationToken::new();
    if !args.pause.is_zero() {
        let calls =
            trickle::Trickle::new(running.address, token, args.pause).map_err(DemoError::from)?;
        tokio::spawn(calls.run(stop.clone()));
    }
    let ended = until_signal(running).await;
    stop.cancel();
    upstream.stop().await;
    ended
}

fn notes(public_url: &str, token: &SecretString) -> String {
    let token = token.expose_secret();
    format!(
        "\n  This is a demo: the models are a stand-in inside the program, their answers are invented,\n  and nothing leaves this machine. Sample calls trickle in; to make one yourself:\n\n    curl {public_url}/llm/v1/providers/openai-main/chat/completions \\\n      -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \\\n      -d '{{\"model\":\"gpt-5-mini\",\"messages\":[{{\"role\":\"user\",\"content\":\"Hello\"}}]}}'"
    )
}
