//! Why a catalog was not taken, and how that is told.

use super::source::CATALOG_MAX_BYTES;

/// Why a catalog was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.detail())]
pub enum CatalogRefusal {
    /// The file is no catalog, or not a whole one.
    Damaged {
        /// What is wrong, with the line.
        detail: String,
    },
    /// It has more bytes than are taken.
    TooLarge,
    /// It is not newer than the one in use.
    NotNewer {
        /// Its version.
        found: String,
        /// The version in use.
        in_use: String,
    },
    /// Its date is too far ahead.
    Ahead {
        /// Its version.
        found: String,
    },
    /// The operator has set no address.
    NoAddress,
    /// The address did not give the file.
    Unreachable {
        /// What happened and what to do.
        detail: String,
    },
    /// The catalog that is to be applied does not wait: it was applied or discarded, another one has taken
    /// its place, or its hour is over.
    NotPending,
    /// There is nothing to go back from.
    BuiltinInUse,
}

impl CatalogRefusal {
    /// Status, stable code and title.
    pub(crate) const fn row(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Damaged { .. } => (422, "catalog_damaged", "The file is not a whole catalog"),
            Self::TooLarge => (413, "catalog_too_large", "The file is too large"),
            Self::NotNewer { .. } => (409, "catalog_not_newer", "The catalog is not newer"),
            Self::Ahead { .. } => (422, "catalog_ahead", "The catalog's date is too far ahead"),
            Self::NoAddress => (409, "catalog_no_address", "No address for a catalog is set"),
            Self::Unreachable { .. } => (
                502,
                "catalog_unreachable",
                "The catalog could not be fetched",
            ),
            Self::NotPending => (409, "catalog_not_pending", "The catalog does not wait"),
            Self::BuiltinInUse => (
                409,
                "catalog_builtin_in_use",
                "The built-in catalog is in use",
            ),
        }
    }

    /// What happened, and what to do.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Damaged { detail } => {
                format!("This file was not taken: {detail}. Nothing has changed.")
            }
            Self::TooLarge => format!(
                "A catalog may have {} MiB at most. Nothing has changed.",
                CATALOG_MAX_BYTES >> 20
            ),
            Self::NotNewer { found, in_use } if found == in_use => {
                format!("Version {found} is in use already.")
            }
            Self::NotNewer { found, in_use } => format!(
                "The file has version {found}, and {in_use} is in use. Only a newer one is taken; the one older catalog that can be gone back to is the built-in one."
            ),
            Self::Ahead { found } => format!(
                "The file has version {found}, which is more than 7 days ahead of today; until then no newer one would be taken. Check the file, or the clock of this machine. Nothing has changed."
            ),
            Self::NoAddress => "Start Weir with --catalog-url (or WEIR_CATALOG_URL) set to the address of a catalog file, or upload the file.".to_owned(),
            Self::Unreachable { detail } => detail.clone(),
            Self::NotPending => "It was applied or discarded meanwhile, another one took its place, or its hour is over. Refresh or upload again to see what would change.".to_owned(),
            Self::BuiltinInUse => "The built-in catalog is the one in use; there is nothing to go back from.".to_owned(),
        }
    }

    /// One of each kind, for describing them all.
    pub(crate) fn kinds() -> [Self; 8] {
        let text = String::new;
        [
            Self::Damaged { detail: text() },
            Self::TooLarge,
            Self::NotNewer {
                found: text(),
                in_use: text(),
            },
            Self::Ahead { found: text() },
            Self::NoAddress,
            Self::Unreachable { detail: text() },
            Self::NotPending,
            Self::BuiltinInUse,
        ]
    }
}
