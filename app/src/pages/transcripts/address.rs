//! The addresses of these pages: a conversation, one of its pages of turns, and what is opened in it.

use crate::{
    http::fields::{Fields, path_part},
    kit::pager::BACK,
};

/// The list of conversations.
pub(crate) const PATH: &str = "/transcripts";

/// The form that deletes several.
pub(crate) const DELETE: &str = "/transcripts/delete";

/// The turn that is shown whole.
pub(super) const WHOLE: &str = "whole";
/// The turn whose earlier messages are shown.
pub(super) const EARLIER: &str = "earlier";
/// The turn whose bodies are shown as they were recorded.
pub(super) const RAW: &str = "raw";

/// The address of a conversation.
pub(crate) fn of(id: &str) -> String {
    format!("{PATH}/{}", path_part(id))
}

/// The address of the conversation of a call, at this call.
pub(crate) fn of_call(call: &str) -> String {
    format!("{PATH}/call/{}", path_part(call))
}

/// The conversations of a provider.
pub(crate) fn of_provider(id: &str) -> String {
    Fields::from([("provider", id)]).address(PATH)
}

/// The addresses around a page of a conversation.
#[derive(Debug)]
pub(super) struct Addresses {
    path: String,
    /// Which page of turns it is.
    query: Fields,
}

impl Addresses {
    /// Those of a conversation, on the page that an address says.
    pub(super) fn new(path: String, query: &Fields) -> Self {
        let here = query
            .iter()
            .filter(|(name, _)| matches!(*name, "cursor" | BACK));
        let query = here
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self { path, query }
    }

    /// The page of turns, with nothing opened.
    pub(super) const fn page(&self) -> &Fields {
        &self.query
    }

    /// At a turn, with nothing opened.
    pub(super) fn without(&self, call: &str) -> String {
        format!("{}#call-{call}", self.query.address(&self.path))
    }

    /// With a turn shown whole.
    pub(super) fn whole(&self, call: &str) -> String {
        self.with(WHOLE, call)
    }

    /// With a turn's earlier messages shown.
    pub(super) fn earlier(&self, call: &str) -> String {
        self.with(EARLIER, call)
    }

    /// With a turn's bodies shown as they were recorded.
    pub(super) fn raw(&self, call: &str) -> String {
        self.with(RAW, call)
    }

    fn with(&self, name: &str, call: &str) -> String {
        let query = self.query.clone().with(name, call);
        format!("{}#call-{call}", query.address(&self.path))
    }
}
