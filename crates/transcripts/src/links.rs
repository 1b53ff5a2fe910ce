//! By what calls of one conversation know each other: hashes, so that a text which is not recorded leaves
//! nothing behind.
//!
//! A name holds within a gateway token. A chain of messages holds within token, agent and user: each link
//! is made of the one before and of a message, so that two calls have a link in common exactly where
//! they begin with the same messages. What the system says is left out: clients change it from call to
//! call.

use domain::{TokenId, call::CallStart};
use sha2::{Digest, Sha256};
use store::transcripts::Link;
use wire::transcript::{Message, Role, canonical};

/// What a conversation is called.
pub(crate) fn name(token: Option<TokenId>, name: &str) -> Link {
    let token = token.map(|token| token.to_string());
    hash("name", &[token.as_deref(), Some(name)])
}

/// The provider's id of an answer, by which a later request goes on from it.
pub(crate) fn response(token: Option<TokenId>, id: &str) -> Link {
    let token = token.map(|token| token.to_string());
    hash("response", &[token.as_deref(), Some(id)])
}

/// The messages of a call up to one of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chain(Link);

impl Chain {
    /// No message yet.
    pub(crate) fn of(start: &CallStart) -> Self {
        let token = start.token.map(|token| token.to_string());
        let scope = [
            token.as_deref(),
            start.agent.as_deref(),
            start.user.as_deref(),
        ];
        Self(hash("chain", &scope))
    }

    /// One message more.
    pub(crate) fn then(self, message: &Message) -> Self {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        };
        let mut hasher = hasher("message");
        feed(&mut hasher, Some(&self.0.0));
        feed(&mut hasher, Some(role.as_bytes()));
        feed(&mut hasher, Some(canonical(message).as_bytes()));
        Self(link(hasher))
    }

    pub(crate) const fn link(self) -> Link {
        self.0
    }
}

fn hash(kind: &str, texts: &[Option<&str>]) -> Link {
    let mut hasher = hasher(kind);
    for text in texts {
        feed(&mut hasher, text.map(str::as_bytes));
    }
    link(hasher)
}

fn hasher(kind: &str) -> Sha256 {
    let mut hasher = Sha256::new();
    feed(&mut hasher, Some(kind.as_bytes()));
    hasher
}

/// Each part with its length before it, so that no two lists of parts read the same.
fn feed(hasher: &mut Sha256, part: Option<&[u8]>) {
    let length = part.map_or(u64::MAX, |part| crate::recorder::length(part.len()));
    hasher.update(length.to_le_bytes());
    hasher.update(part.unwrap_or_default());
}

fn link(hasher: Sha256) -> Link {
    let digest = hasher.finalize();
    let (first, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
    Link(*first)
}

#[cfg(test)]
mod tests;
