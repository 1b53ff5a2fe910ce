//! What becomes of what was said to a provider that is deleted.

use crate::{error::AdminError, query::Params};

/// What becomes of what was said to a provider that is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ItsTranscripts {
    /// It stays, as long as transcripts are kept.
    #[default]
    Keep,
    /// It is deleted for good.
    Delete,
}

impl ItsTranscripts {
    /// Reads `transcripts` of a query: `keep`, which is so unless given, or `delete`.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with every parameter that is wrong.
    pub fn read(query: &str) -> Result<Self, AdminError> {
        let mut params = Params::parse(query);
        let words = ["keep", "delete"].into_iter();
        let read = params.keyed("transcripts", words, |text| match text {
            "keep" => Some(Self::Keep),
            "delete" => Some(Self::Delete),
            _ => None,
        });
        params.end()?;
        Ok(read.unwrap_or_default())
    }
}
