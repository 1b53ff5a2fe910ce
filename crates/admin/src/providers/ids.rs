//! Which id a new provider gets.
//!
//! An id is never given where it could be mistaken for an older one: not while a provider has it, not
//! after a deleted provider had it whose calls are in the ledger, and not while a token is limited to it.

use domain::{ProviderId, provider::ProviderType};

use super::{ProviderDraft, Providers};
use crate::{error::AdminError, fields::filled, who::Who};

/// How many numbers are tried behind a derived id.
const NUMBERS: u32 = 10_000;

/// Ids that addresses of the API have: `POST /api/v1/providers/import`.
const RESERVED: [&str; 1] = ["import"];

/// Why an id is not free.
enum Use {
    Taken,
    Burnt,
    /// The API has an address of that name.
    Reserved,
}

/// The id is in use.
pub(crate) fn taken(id: &ProviderId) -> AdminError {
    AdminError::Conflict {
        code: "id_taken",
        field: "id",
        message: format!(
            "another provider has the id {id}; choose another one, or leave it out to have one derived"
        ),
    }
}

fn reserved(id: &ProviderId) -> AdminError {
    AdminError::Conflict {
        code: "id_reserved",
        field: "id",
        message: format!("{id} is the name of an address of the API; choose another id"),
    }
}

fn burnt(id: &ProviderId) -> AdminError {
    AdminError::Conflict {
        code: "id_burnt",
        field: "id",
        message: format!(
            "a deleted provider had the id {id}, and calls or tokens still name it; choose another one, so that nobody takes the one for the other"
        ),
    }
}

/// The first id of a provider whose name has no Latin letters: `{type}-1`.
pub(crate) fn of_type(ty: ProviderType) -> Result<ProviderId, AdminError> {
    ProviderId::derive(ty.key())
        .map(|id| id.numbered(1))
        .ok_or(AdminError::Internal)
}

impl Providers {
    /// The id that a new provider of this name and type gets where nobody writes one. For showing it
    /// while the name is typed.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn suggested_id(
        &self,
        _who: &Who,
        display_name: &str,
        ty: ProviderType,
    ) -> Result<ProviderId, AdminError> {
        if let Some(id) = ProviderId::derive(display_name) {
            if self.use_of(&id).await?.is_none() {
                return Ok(id);
            }
            return self.first_free(&id, 2).await;
        }
        let base = ProviderId::derive(ty.key()).ok_or(AdminError::Internal)?;
        self.first_free(&base, 1).await
    }

    /// The id that a draft gets: the one it wishes for, else a derived one. A draft whose name or type is
    /// wrong gets any; it is refused for that anyway.
    pub(crate) async fn free_id(
        &self,
        who: &Who,
        draft: &ProviderDraft,
    ) -> Result<ProviderId, AdminError> {
        let ty = filled(draft.provider_type.as_deref()).and_then(|text| text.parse().ok());
        match filled(draft.id.as_deref()) {
            None => {
                let name = draft.display_name.as_deref().unwrap_or_default();
                self.suggested_id(who, name, ty.unwrap_or(ProviderType::OpenAi))
                    .await
            }
            Some(text) => match ProviderId::new(text) {
                Err(_) => of_type(ProviderType::OpenAi),
                Ok(id) => match self.use_of(&id).await? {
                    None => Ok(id),
                    Some(Use::Taken) => Err(taken(&id)),
                    Some(Use::Burnt) => Err(burnt(&id)),
                    Some(Use::Reserved) => Err(reserved(&id)),
                },
            },
        }
    }

    async fn first_free(&self, base: &ProviderId, from: u32) -> Result<ProviderId, AdminError> {
        for number in from..NUMBERS {
            let id = base.numbered(number);
            if self.use_of(&id).await?.is_none() {
                return Ok(id);
            }
        }
        Err(taken(base))
    }

    async fn use_of(&self, id: &ProviderId) -> Result<Option<Use>, AdminError> {
        if RESERVED.contains(&id.as_str()) {
            return Ok(Some(Use::Reserved));
        }
        let now = self.admin.live().keep();
        if now.providers.contains_key(id) {
            return Ok(Some(Use::Taken));
        }
        let named = |providers: &std::collections::HashSet<ProviderId>| providers.contains(id);
        if now
            .tokens
            .values()
            .any(|token| token.providers.as_ref().is_some_and(named))
        {
            return Ok(Some(Use::Burnt));
        }
        Ok(self
            .admin
            .store()
            .providers()
            .id_is_burnt(id)
            .await?
            .then_some(Use::Burnt))
    }
}
