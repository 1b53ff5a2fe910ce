//! The stand-in as a program of its own, for tests that run Weir as another process. It prints where
//! it listens, and ends with its standard input.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use weir_standin::{AccessKey, AwsSettings, OAuthSettings, Settings, Standin};

/// A stand-in for the providers of language models.
#[derive(Parser)]
struct Flags {
    /// Where to listen
    #[arg(default_value = "127.0.0.1:0")]
    address: SocketAddr,

    /// The only key that is accepted; any without it
    key: Option<String>,

    /// The same, named
    #[arg(long = "key", value_name = "KEY", conflicts_with = "key")]
    named_key: Option<String>,

    /// Path of scripts/sigv4/check.py, which recomputes signatures with botocore; signed calls are refused without it
    #[arg(long, value_name = "PATH")]
    sigv4_script: Option<PathBuf>,

    /// A key for signing, `ID:SECRET` or `ID:SECRET:SESSION_TOKEN`; may be given several times. Without any, AWS' own example key is accepted
    #[arg(long, value_name = "KEY", value_parser = access_key)]
    access_key: Vec<AccessKey>,

    /// The region whose host this is; any without it
    #[arg(long)]
    region: Option<String>,

    /// How long issued credentials and access tokens hold, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3_600)]
    credential_lifetime: u64,

    /// The external id that assuming a role takes
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,

    /// The authorization token of a container
    #[arg(long, value_name = "TOKEN")]
    container_token: Option<String>,

    /// Writes certificates for tests of TLS into this folder, and ends
    #[arg(long, value_name = "FOLDER")]
    certificates: Option<PathBuf>,
}

impl Flags {
    fn settings(self) -> Settings {
        let mut aws = AwsSettings {
            sigv4_script: self.sigv4_script,
            region: self.region,
            credential_lifetime: Duration::from_secs(self.credential_lifetime),
            external_id: self.external_id,
            container_token: self.container_token,
            ..AwsSettings::default()
        };
        let oauth = OAuthSettings {
            token_lifetime: Duration::from_secs(self.credential_lifetime),
            ..OAuthSettings::default()
        };
        if !self.access_key.is_empty() {
            aws.access_keys = self.access_key;
        }
        Settings {
            listen: self.address,
            required_key: self.key.or(self.named_key),
            aws,
            oauth,
            ..Settings::default()
        }
    }
}

fn access_key(text: &str) -> Result<AccessKey, String> {
    let mut words = text.splitn(3, ':').map(ToOwned::to_owned);
    match (words.next(), words.next(), words.next()) {
        (Some(id), Some(secret), session_token) => Ok(AccessKey {
            id,
            secret,
            session_token,
        }),
        _ => Err("expected ID:SECRET or ID:SECRET:SESSION_TOKEN".to_owned()),
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let flags = Flags::parse();
    if let Some(folder) = &flags.certificates {
        return weir_standin::certificates::write(folder);
    }
    let standin = Standin::start(flags.settings()).await?;
    writeln!(io::stdout(), "{}", standin.base_url())?;
    let ended =
        tokio::task::spawn_blocking(|| io::copy(&mut io::stdin().by_ref(), &mut io::sink()));
    ended.await.map_err(io::Error::other)??;
    standin.stop().await;
    Ok(())
}
