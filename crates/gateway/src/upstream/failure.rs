//! Why a request to an upstream failed, and what that means to the caller.

use std::{error::Error, io};

use crate::{connect::ConnectFailure, refusal::Refusal};

/// A request that has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UpstreamFailure {
    /// The address names no host.
    #[error("the address names no host")]
    NoAddress,
    /// No connection could be made.
    #[error("no connection: {0}")]
    Connect(#[source] Box<dyn Error + Send + Sync>),
    /// The upstream closes new connections before they can be used, or refuses what is asked on them.
    #[error("a new connection was closed, or refused the request, before it could be used")]
    ClosedAtOnce,
    /// The connection broke, or what came is no HTTP.
    #[error("{0}")]
    Exchange(#[source] hyper::Error),
}

/// What a failed request means to the caller.
#[must_use]
pub(crate) fn refusal(failure: &UpstreamFailure) -> Refusal {
    match (failure, cause(failure)) {
        (UpstreamFailure::Exchange(_), Refusal::Unreachable { reason }) => {
            Refusal::Broken { reason }
        }
        (_, refusal) => refusal,
    }
}

fn cause(failure: &UpstreamFailure) -> Refusal {
    let mut cause: Option<&(dyn Error + 'static)> = Some(failure);
    while let Some(error) = cause {
        match error.downcast_ref::<ConnectFailure>() {
            Some(ConnectFailure::TimedOut) => return Refusal::ConnectTimeout,
            Some(ConnectFailure::AddressRefused) => return Refusal::AddressRefused,
            Some(ConnectFailure::NotResolved(_)) => {
                return Refusal::Unreachable {
                    reason: "its name could not be resolved",
                };
            }
            Some(ConnectFailure::Proxy) => {
                return Refusal::Unreachable {
                    reason: "the proxy set by --upstream-proxy did not connect to it; Weir's log says why",
                };
            }
            None => {}
        }
        if error.is::<rustls::Error>() {
            return Refusal::Unreachable {
                reason: "TLS failed; its certificate may not be trusted",
            };
        }
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            if error.is_parse_too_large() {
                return Refusal::Unreachable {
                    reason: "the head of its answer is larger than Weir takes",
                };
            }
            if error.is_parse() {
                return Refusal::Unreachable {
                    reason: "what it answered is not HTTP",
                };
            }
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            match error.kind() {
                io::ErrorKind::ConnectionRefused => {
                    return Refusal::Unreachable {
                        reason: "it refused the connection",
                    };
                }
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => {
                    return Refusal::Unreachable {
                        reason: "it broke the connection",
                    };
                }
                _ => {}
            }
        }
        // An `io::Error` that was made of another error shows that one only this way.
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        cause = match inner {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    Refusal::Unreachable {
        reason: match failure {
            UpstreamFailure::NoAddress | UpstreamFailure::Connect(_) => {
                "no connection could be made"
            }
            UpstreamFailure::ClosedAtOnce | UpstreamFailure::Exchange(_) => {
                "the connection broke before it answered"
            }
        },
    }
}
