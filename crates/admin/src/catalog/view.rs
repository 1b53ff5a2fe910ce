//! What is told of catalogs, and what is asked when one is applied or discarded.

use domain::Timestamp;
use jiff::SignedDuration;
use serde::Serialize;
use serde_json::Value;
use store::CatalogInfo;
use uuid::Uuid;

use super::changes::CatalogChanges;
use crate::{
    error::AdminError,
    fields::{Object, all_right},
    query::Params,
};

/// How long a catalog waits to be applied.
pub(super) const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// The catalog in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CatalogStatus {
    /// Its version.
    #[schema(example = "2026-11-20")]
    pub version: String,
    /// `builtin`, `upload` or `address`.
    #[schema(example = "builtin")]
    pub origin: &'static str,
    /// Who applied it, as the audit names them. Null: it is the built-in one.
    pub applied_by: Option<String>,
    /// When it was applied. Null: it is the built-in one.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub applied_at: Option<Timestamp>,
    /// The version that this release carries.
    pub builtin_version: String,
    /// The version that somebody had applied, where the built-in one of this release is newer and took its
    /// place.
    pub superseded_version: Option<String>,
    /// How many models it has of each kind.
    pub kinds: Vec<KindCount>,
    /// From where it can be refreshed. Null: the operator has set no address.
    pub refresh_address: Option<String>,
    /// The catalog that waits to be applied.
    pub pending: Option<PendingCatalog>,
}

/// How many models a kind has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct KindCount {
    /// The host whose prices these are.
    #[schema(example = "openai")]
    pub kind: String,
    /// Its models, however many regions have prices of their own.
    pub models: usize,
}

/// A catalog that waits to be applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PendingCatalog {
    /// Which one it is.
    #[schema(value_type = String, format = "uuid")]
    pub pending: Uuid,
    /// Its version.
    #[schema(example = "2026-12-01")]
    pub version: String,
    /// `upload`, `address`, or `builtin` to go back to what this release carries.
    #[schema(example = "upload")]
    pub origin: &'static str,
    /// Who brought it, as the audit names them.
    pub brought_by: String,
    /// When.
    #[schema(value_type = String, format = "date-time")]
    pub brought_at: Timestamp,
    /// When it is forgotten unless it is applied.
    #[schema(value_type = String, format = "date-time")]
    pub expires_at: Timestamp,
}

/// A catalog that waits, and what it would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ProposedCatalog {
    /// The catalog.
    #[serde(flatten)]
    pub catalog: PendingCatalog,
    /// The version in use.
    pub in_use: String,
    /// What it would change.
    pub changes: CatalogChanges,
}

/// Which catalog is to be applied.
#[derive(Debug, Clone, PartialEq, Eq, utoipa::ToSchema)]
#[schema(as = ApplyCatalog)]
pub struct ApplyRequest {
    /// The version that waits.
    #[schema(example = "2026-12-01")]
    pub version: String,
    /// Which one of that version; any where it is left out.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub pending: Option<Uuid>,
}

impl ApplyRequest {
    /// Reads its JSON.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub fn read(json: Value) -> Result<Self, AdminError> {
        let mut object = Object::new("", json);
        let version = object.text("version");
        let pending = object.text("pending");
        all_right(object.end())?;
        let Some(version) = version else {
            return Err(AdminError::field(
                "version",
                "required",
                "name the version that is to be applied",
            ));
        };
        let pending = pending.map(|id| id.parse()).transpose().map_err(|_| {
            AdminError::field("pending", "invalid_id", "use the id as it was answered")
        })?;
        Ok(Self { version, pending })
    }
}

/// Which catalog is to be discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DiscardRequest {
    /// Which one; whichever waits where it is left out.
    pub pending: Option<Uuid>,
}

impl DiscardRequest {
    /// Reads `pending`.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with every parameter that is wrong.
    pub fn read(query: &str) -> Result<Self, AdminError> {
        let mut params = Params::parse(query);
        let wants = "use the id as it was answered";
        let pending = params.read("pending", "invalid_id", wants, |text| text.parse().ok());
        params.end()?;
        Ok(Self { pending })
    }
}

impl From<&CatalogInfo> for PendingCatalog {
    fn from(info: &CatalogInfo) -> Self {
        Self {
            pending: info.id,
            version: info.version.clone(),
            origin: info.origin.key(),
            brought_by: info.actor.clone(),
            brought_at: info.at,
            expires_at: info.at + PATIENCE,
        }
    }
}
