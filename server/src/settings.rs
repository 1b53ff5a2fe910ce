//! The settings of `weir serve`: flags, environment variables and their defaults.

use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, ValueEnum};
use gateway::{AddressPolicy, Limits, WhenUnrecordable};
use ipnet::IpNet;
use journal::SyncPolicy;
use secrecy::SecretString;

use crate::{
    listen::Patience,
    place::{AddressArgs, DataArgs},
};

/// Everything that `weir serve` can be told. It needs to be told nothing.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Where the data is.
    #[command(flatten)]
    pub data: DataArgs,

    /// Where Weir is reached.
    #[command(flatten)]
    pub address: AddressArgs,

    /// Bearer token for the REST API; without it the REST API is closed
    #[arg(
        long,
        env = "WEIR_ADMIN_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub admin_token: Option<SecretString>,

    /// Address of a catalog file, from which the models' list prices are refreshed when an admin asks for it
    #[arg(
        long,
        env = "WEIR_CATALOG_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub catalog_url: Option<gateway::CatalogAddress>,

    /// Certificate chain (PEM); with --tls-key, Weir serves HTTPS itself
    #[arg(
        long,
        env = "WEIR_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key",
        help_heading = "TLS and network"
    )]
    pub tls_cert: Option<PathBuf>,

    /// Private key (PEM) of --tls-cert
    #[arg(
        long,
        env = "WEIR_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert",
        help_heading = "TLS and network"
    )]
    pub tls_key: Option<PathBuf>,

    /// Networks of proxies in front of Weir, whose X-Forwarded-For is believed
    #[arg(
        long,
        env = "WEIR_TRUSTED_PROXIES",
        value_name = "CIDR",
        value_delimiter = ',',
        help_heading = "TLS and network"
    )]
    pub trusted_proxies: Vec<IpNet>,

    /// Proxy (http://[user:password@]host:port) through which every upstream is reached; no proxy variables are read
    #[arg(
        long,
        env = "WEIR_UPSTREAM_PROXY",
        value_name = "URL",
        hide_env_values = true,
        help_heading = "TLS and network"
    )]
    pub upstream_proxy: Option<gateway::UpstreamProxy>,

    /// Certificates (PEM) of authorities that upstreams may have, beside the public ones
    #[arg(
        long,
        env = "WEIR_UPSTREAM_CA",
        value_name = "FILE",
        help_heading = "TLS and network"
    )]
    pub upstream_ca: Option<PathBuf>,

    /// Connect to link-local and cloud metadata addresses, too
    #[arg(
        long,
        env = "WEIR_ALLOW_LINK_LOCAL_UPSTREAMS",
        help_heading = "TLS and network"
    )]
    pub allow_link_local_upstreams: bool,

    /// Time for a connection to an upstream, TLS included
    #[arg(
        long,
        env = "WEIR_CONNECT_TIMEOUT",
        default_value = "10s",
        value_name = "TIME",
        help_heading = "Limits of a call"
    )]
    pub connect_timeout: Span,

    /// Time from the request being sent to the head of the answer
    #[arg(
        long,
        env = "WEIR_FIRST_BYTE_TIMEOUT",
        default_value = "600s",
        value_name = "TIME",
        help_heading = "Limits of a call"
    )]
    pub first_byte_timeout: Span,

    /// Time between two pieces of an answer
    #[arg(
        long,
        env = "WEIR_IDLE_TIMEOUT",
        default_value = "300s",
        value_name = "TIME",
        help_heading = "Limits of a call"
    )]
    pub idle_timeout: Span,

    /// Time for the head of a request; a connection on which nothing is asked is closed after it, too
    #[arg(
        long,
        env = "WEIR_CLIENT_HEAD_TIMEOUT",
        default_value = "90s",
        value_name = "TIME",
        help_heading = "Limits of a call"
    )]
    pub client_head_timeout: Span,

    /// How long a client may send nothing more of its request, or take nothing more of its answer
    #[arg(
        long,
        env = "WEIR_CLIENT_IDLE_TIMEOUT",
        default_value = "300s",
        value_name = "TIME",
        help_heading = "Limits of a call"
    )]
    pub client_idle_timeout: Span,

    /// Size of one request body
    #[arg(
        long,
        env = "WEIR_MAX_BODY_BYTES",
        default_value = "32MiB",
        value_name = "SIZE",
        help_heading = "Limits of a call"
    )]
    pub max_body_bytes: ByteSize,

    /// Size of the bodies of all running calls together
    #[arg(
        long,
        env = "WEIR_MAX_BUFFERED_BYTES",
        default_value = "256MiB",
        value_name = "SIZE",
        help_heading = "Limits of a call"
    )]
    pub max_buffered_bytes: ByteSize,

    /// How long an answer is read on after its client has left
    #[arg(
        long,
        env = "WEIR_DRAIN_TIMEOUT",
        default_value = "60s",
        value_name = "TIME",
        help_heading = "Limits of a call"
    )]
    pub drain_timeout: Span,

    /// How much of an answer is read after its client has left
    #[arg(
        long,
        env = "WEIR_DRAIN_MAX_BYTES",
        default_value = "64MiB",
        value_name = "SIZE",
        help_heading = "Limits of a call"
    )]
    pub drain_max_bytes: ByteSize,

    /// When the journal must be on the disk itself: each call, at intervals of 200 ms, or off
    #[arg(
        long,
        env = "WEIR_JOURNAL_SYNC",
        default_value = "interval",
        value_name = "WHEN",
        help_heading = "Ledger"
    )]
    pub journal_sync: SyncPolicy,

    /// What becomes of calls while the journal cannot be written
    #[arg(
        long,
        env = "WEIR_WHEN_UNRECORDABLE",
        default_value = "refuse",
        value_name = "WHAT",
        help_heading = "Ledger"
    )]
    pub when_unrecordable: Unrecordable,

    /// How long running calls and those that clients left behind may go on after a signal to stop
    #[arg(
        long,
        env = "WEIR_SHUTDOWN_TIMEOUT",
        default_value = "60s",
        value_name = "TIME",
        help_heading = "Ledger"
    )]
    pub shutdown_timeout: Span,

    /// Form of the log
    #[arg(
        long,
        env = "WEIR_LOG_FORMAT",
        default_value = "text",
        value_name = "FORM",
        help_heading = "Log"
    )]
    pub log_format: LogFormat,

    /// What is logged: error, warn, info, debug, or a filter such as info,weir_gateway=debug
    #[arg(
        long,
        env = "WEIR_LOG",
        default_value = "info,sea_orm_migration=warn",
        value_name = "FILTER",
        help_heading = "Log"
    )]
    pub log: String,
}

impl ServeArgs {
    /// The limits of the data plane.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            connect_timeout: self.connect_timeout.0,
            first_byte_timeout: self.first_byte_timeout.0,
            idle_timeout: self.idle_timeout.0,
            client_idle_timeout: self.client_idle_timeout.0,
            max_body_bytes: self.max_body_bytes.0,
            max_buffered_bytes: self.max_buffered_bytes.0,
            drain_timeout: self.drain_timeout.0,
            drain_max_bytes: self.drain_max_bytes.0,
        }
    }

    /// How long the listener waits for clients, and at the end for their calls.
    pub(crate) const fn patience(&self) -> Patience {
        Patience {
            head: self.client_head_timeout.0,
            taking: self.client_idle_timeout.0,
            ending: self.shutdown_timeout.0,
        }
    }

    /// Which addresses upstreams may have.
    #[must_use]
    pub const fn addresses(&self) -> AddressPolicy {
        if self.allow_link_local_upstreams {
            AddressPolicy::AllowAll
        } else {
            AddressPolicy::RefuseLinkLocal
        }
    }

    /// The address under which people reach Weir, which listens on `address`; without a slash at the
    /// end.
    #[must_use]
    pub fn public_url(&self, address: SocketAddr) -> String {
        self.address.public_url(address, self.tls_cert.is_some())
    }
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What becomes of calls that cannot be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Unrecordable {
    /// They are refused with 503.
    Refuse,
    /// They go on, unmetered.
    Forward,
}

impl From<Unrecordable> for WhenUnrecordable {
    fn from(what: Unrecordable) -> Self {
        match what {
            Unrecordable::Refuse => Self::Refuse,
            Unrecordable::Forward => Self::Forward,
        }
    }
}

/// A length of time: `250ms`, `10s`, `5m`, `2h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "write a number and a unit: 250ms, 10s, 5m, 2h";
        let (number, unit) = number_and_unit(text).ok_or(FORM)?;
        let millis = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(FORM),
        };
        match number.checked_mul(millis) {
            None | Some(0) => Err("the time must be above zero and sensible"),
            Some(millis) => Ok(Self(Duration::from_millis(millis))),
        }
    }
}

/// A number of bytes: `1048576`, `64KiB`, `32MiB`, `1GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteSize(pub u64);

impl FromStr for ByteSize {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "write a number of bytes, or one with KiB, MiB or GiB";
        let (number, unit) = number_and_unit(text).ok_or(FORM)?;
        let factor = match unit {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return Err(FORM),
        };
        match number.checked_mul(factor) {
            None | Some(0) => Err("the size must be above zero and sensible"),
            Some(bytes) => Ok(Self(bytes)),
        }
    }
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    Some((number.parse().ok()?, unit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_need_their_unit() {
        assert_eq!("10s".parse(), Ok(Span(Duration::from_secs(10))));
        assert_eq!("250ms".parse(), Ok(Span(Duration::from_millis(250))));
        assert_eq!("32MiB".parse(), Ok(ByteSize(32 << 20)));
        assert_eq!("512".parse(), Ok(ByteSize(512)));
        for bad in ["", "10", "s", "1.5s", "-1s", "0s", "99999999999999999999s"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
        for bad in ["", "MiB", "1MB", "0", "1 TiB"] {
            assert!(bad.parse::<ByteSize>().is_err(), "{bad}");
        }
    }
}
