//! What is told to somebody whose change of a provider comes after somebody else's: both versions, part by part,
//! and what they become together.

use domain::{ProviderId, Timestamp};
use serde_json::Value;
use store::{AuditEntry, AuditFilter, AuditRow, Choice};

use super::{
    BasedOn, ProviderDraft, Providers, Wanted,
    draft::READ_ONLY,
    known_form,
    merge::{Difference, Json, Part, Side, differences, merged},
};
use crate::{error::AdminError, who::Who};

/// Rows of the audit that are read at once.
const ROWS: u64 = 20;
/// Rows of the audit that are read at most. What is older tells nobody what to choose.
const ROWS_MAX: usize = 200;
/// The version of a provider that was just made.
const VERSION_FIRST: u64 = 1;
const KIND: &str = "provider";

/// A change that was made meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meanwhile {
    /// When.
    pub at: Timestamp,
    /// Who, as the audit names them: `person:NAME`, `admin_token` or `system`.
    pub actor: String,
    /// What was done: `update`, `enable`, `disable`, `delete`.
    pub action: String,
}

impl From<AuditEntry> for Meanwhile {
    fn from(entry: AuditEntry) -> Self {
        Self {
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
        }
    }
}

/// Two changes of one provider.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// The version that is saved.
    pub current: u64,
    /// How it came to be since the version that yours began from, newest first.
    pub meanwhile: Vec<Meanwhile>,
    /// In what the two differ, in the order of the form.
    pub differences: Vec<Difference>,
    theirs: Json,
    yours: Json,
}

impl Conflict {
    /// Whether saving yours would undo something of theirs, so that one must be asked. Not so, say, where the
    /// provider was only switched off.
    #[must_use]
    pub fn must_be_asked(&self) -> bool {
        self.differences.iter().any(Difference::is_of_theirs)
    }

    /// The two together. `chosen`: whose a part is to be; `None`: whose it is without a choice.
    ///
    /// # Errors
    /// The parts that must be chosen and are not.
    pub fn together(
        &self,
        chosen: impl Fn(&Part) -> Option<Side>,
    ) -> Result<ProviderDraft, Vec<Part>> {
        let side = |difference: &Difference| chosen(&difference.part).or(difference.settled);
        let open: Vec<Part> = self
            .differences
            .iter()
            .filter(|difference| side(difference).is_none())
            .map(|difference| difference.part.clone())
            .collect();
        if !open.is_empty() {
            return Err(open);
        }
        let json = merged(&self.theirs, &self.yours, &self.differences, side);
        Ok(ProviderDraft::read_editable(Value::Object(json)))
    }
}

impl Providers {
    /// What stands against a draft that began from an older version. `opened`: that version; `None`: it is not
    /// known.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::Invalid`] where the draft cannot be saved in any case.
    pub async fn conflict(
        &self,
        _who: &Who,
        id: &str,
        opened: Option<u64>,
        draft: &ProviderDraft,
    ) -> Result<Conflict, AdminError> {
        let id = known_form(id)?;
        let wanted = Wanted::Draft(Box::new(draft.clone()));
        let (theirs, yours) = self.changed(&id, &BasedOn::Newest, &wanted).await?;
        let current = theirs.version;
        let editable = |provider| {
            serde_json::to_value(self.view(provider))
                .map(without_read_only)
                .map_err(|error| AdminError::internal("write a provider as JSON", &error))
        };
        let (theirs, yours) = (editable(&theirs)?, editable(&yours)?);
        let (base, meanwhile) = match opened {
            Some(opened) if opened >= VERSION_FIRST => self.since(id.as_str(), opened).await?,
            Some(_) | None => (None, vec![]),
        };
        Ok(Conflict {
            current,
            meanwhile,
            differences: differences(base.as_ref(), &theirs, &yours),
            theirs,
            yours,
        })
    }

    /// The deletion of a provider. `None`: there is one of this id, or never was.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn deletion(&self, _who: &Who, id: &str) -> Result<Option<Meanwhile>, AdminError> {
        let newest = self.audited(id, 1, None).await?.items.pop();
        Ok(newest
            .map(|row| row.entry)
            .filter(|entry| entry.action == "delete" && entry.after.is_none())
            .map(Meanwhile::from))
    }

    /// The version that a new provider begins with: the first, or the one after the last of a deleted one that
    /// had its id, so that no form and no ETag of that one fits.
    pub(super) async fn next_version(&self, id: &ProviderId) -> Result<u64, AdminError> {
        let newest = self.audited(id.as_str(), 1, None).await?.items.pop();
        let last = newest.and_then(|row| version_of(&row.entry.before?));
        Ok(last.unwrap_or(0).saturating_add(1))
    }

    /// A version of a provider, out of the audit, and the changes since then. `None`: the audit does not have
    /// it, or has too many rows since.
    async fn since(
        &self,
        id: &str,
        opened: u64,
    ) -> Result<(Option<Json>, Vec<Meanwhile>), AdminError> {
        let mut meanwhile = vec![];
        let mut cursor = None;
        loop {
            let page = self.audited(id, ROWS, cursor).await?;
            for AuditRow { mut entry, .. } in page.items {
                let before = entry.before.take();
                let began = before.as_ref().and_then(version_of);
                let became = entry.after.as_ref().and_then(version_of);
                if became.is_some_and(|version| version <= opened) {
                    return Ok((None, meanwhile));
                }
                meanwhile.push(Meanwhile::from(entry));
                if began == Some(opened) {
                    return Ok((before.map(without_read_only), meanwhile));
                }
            }
            cursor = page.next;
            if cursor.is_none() || meanwhile.len() >= ROWS_MAX {
                return Ok((None, meanwhile));
            }
        }
    }

    async fn audited(
        &self,
        id: &str,
        limit: u64,
        cursor: Option<store::Cursor>,
    ) -> Result<store::Page<AuditRow>, AdminError> {
        let filter = AuditFilter {
            object_kinds: Choice::only(KIND.to_owned()),
            object_ids: Choice::only(id.to_owned()),
            ..AuditFilter::default()
        };
        let audit = self.admin.store().audit();
        Ok(audit.list(&filter, limit, cursor).await?)
    }
}

fn version_of(json: &Value) -> Option<u64> {
    json.get("version")?.as_u64()
}

/// What can be changed of a provider.
fn without_read_only(json: Value) -> Json {
    let Value::Object(mut json) = json else {
        return Json::new();
    };
    for name in READ_ONLY {
        json.remove(*name);
    }
    json
}
