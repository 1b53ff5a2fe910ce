//! The ways on which the same call goes to the same stand-in.

use std::net::SocketAddr;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Straight to the stand-in.
    Direct,
    /// Through a plain proxy that does nothing else: the floor of what any gateway can do.
    Proxy,
    /// Through Weir.
    Weir,
}

impl Way {
    /// As in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Proxy => "nginx",
            Self::Weir => "Weir",
        }
    }
}

/// One way, with what a client needs to go it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Side {
    pub(crate) way: Way,
    pub(crate) address: SocketAddr,
    /// What an OpenAI client has as its base URL, without the origin.
    pub(crate) openai_base: String,
    /// What an Anthropic client has as its base URL, without the origin.
    pub(crate) anthropic_base: String,
    /// The key that the client shows.
    pub(crate) key: String,
}

impl Side {
    /// The stand-in itself, or a plain proxy before it.
    pub(crate) fn plain(way: Way, address: SocketAddr) -> Self {
        Self {
            way,
            address,
            openai_base: "/v1".to_owned(),
            anthropic_base: String::new(),
            key: "sk-bench-0123456789abcdef0123456789abcdef".to_owned(),
        }
    }
}
