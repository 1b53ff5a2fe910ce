//! Re-pricing: what calls that are in the ledger would cost by today's rates, and giving them that price.
//!
//! | step | what happens |
//! |---|---|
//! | asked for | range, providers and models are chosen; the calls that are recorded by then are in it, later ones are not |
//! | computed | each call is priced by the overrides and the catalog of that moment, by the very function that prices traffic; these rates are kept with what they would change |
//! | applied | refused where the rates are others by now: then it is computed again. Else each call gets the price that was shown, in small steps beside traffic |
//!
//! A call that was estimated stays so; one that is not billed, or whose price would be the same, is not
//! touched; one that has a price keeps it where there is no rate for it today. A deleted provider has no
//! overrides any more: its calls that have a price keep it, and those without one are priced by the catalog, as
//! far as their provider's type has list prices. A call whose tokens or cost nobody can believe stays as it is, as
//! in traffic. Each call keeps the prices that it had.

mod difference;
mod place;
mod rates;
mod selection;
mod view;
mod work;

use std::collections::BTreeSet;

use domain::Timestamp;
use serde_json::{Value, json};
use store::{RepricingInfo, RepricingState};
use uuid::Uuid;

pub use difference::{Line, Span, Totals};
pub use selection::Selection;
pub use view::{ModelDifference, PriceBeforeView, RepricingDetail, RepricingView};

use crate::{
    Admin,
    audit::Change,
    error::{AdminError, Thing},
    fields::{Object, all_right},
    page::{Page, PageRequest},
    who::Who,
};
use difference::Difference;
use rates::{Pricing, Rates};

/// Giving calls other prices.
#[derive(Debug, Clone)]
pub struct Repricing {
    pub(crate) admin: Admin,
}

/// Whether there is a rate for a model, as far as can be said without its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateState {
    /// A call of it with input and output has a price, by the provider's overrides or the catalog.
    Known,
    /// It has none.
    Missing,
    /// The provider is deleted: only the catalog could have one.
    ProviderDeleted,
}

/// Reads the body that applies a re-pricing: the `fingerprint` of the rates that were seen.
///
/// # Errors
/// [`AdminError::Invalid`] with every field that is wrong.
pub fn read_apply(json: Value) -> Result<String, AdminError> {
    let mut object = Object::new("", json);
    let fingerprint = object.text("fingerprint");
    let mut errors = object.end();
    if fingerprint.is_none() && errors.is_empty() {
        errors.push(crate::FieldError::new(
            "fingerprint",
            "required",
            "repeat the fingerprint of the re-pricing that you have looked at",
        ));
    }
    all_right(errors)?;
    Ok(fingerprint.unwrap_or_default())
}

impl Repricing {
    /// Reads which calls are chosen, as of now; see [`Selection`].
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub fn select(&self, json: Value) -> Result<Selection, AdminError> {
        Selection::read(json, self.admin.now())
    }

    /// Asks for one. What it would change is worked out in the background.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn create(
        &self,
        who: &Who,
        selection: Selection,
    ) -> Result<RepricingView, AdminError> {
        let id = Uuid::now_v7();
        let selection = selection.json()?;
        let change = Change {
            action: "propose",
            kind: "repricing",
            id: id.to_string(),
            before: None,
            after: Some(selection.clone()),
        };
        let (this, entry) = (self.clone(), self.admin.entry(who, change));
        let added = self.admin.whole(async move {
            let repricings = this.admin.store().repricings();
            Ok(repricings.add(id, &selection, &entry).await?)
        });
        added.await?;
        self.admin.repricing_due().notify_one();
        RepricingView::of(self.info(id).await?)
    }

    /// Re-pricings, the newest first.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] for a cursor that no page gave.
    pub async fn list(
        &self,
        _who: &Who,
        request: &PageRequest,
    ) -> Result<Page<RepricingView>, AdminError> {
        let cursor = request.store_cursor()?;
        let limit = u64::from(request.limit);
        let page = self.admin.store().repricings().list(limit, cursor).await?;
        Ok(Page {
            items: page
                .items
                .into_iter()
                .map(RepricingView::of)
                .collect::<Result<_, _>>()?,
            next_cursor: page.next.map(|cursor| cursor.to_string()),
        })
    }

    /// One of them, with what it changes.
    ///
    /// # Errors
    /// [`AdminError::NotFound`].
    pub async fn get(&self, _who: &Who, id: &str) -> Result<RepricingDetail, AdminError> {
        let info = self.info(read_id(id)?).await?;
        let difference = self.difference(&info).await?;
        RepricingDetail::of(info, difference)
    }

    /// Those of these ids that are there: what was discarded is not.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn there(
        &self,
        _who: &Who,
        ids: impl IntoIterator<Item = &str>,
    ) -> Result<Vec<Uuid>, AdminError> {
        let ids: BTreeSet<Uuid> = ids.into_iter().filter_map(|id| id.parse().ok()).collect();
        let repricings = self.admin.store().repricings();
        Ok(repricings.there(ids.into_iter().collect()).await?)
    }

    /// When the oldest call began that could be priced again. `None`: there is none.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn oldest_call(&self, _who: &Who) -> Result<Option<Timestamp>, AdminError> {
        Ok(self.admin.store().retention().oldest_call().await?)
    }

    /// Applies one that is ready. `fingerprint`: that of the rates which were seen.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::Refused`] where it is not ready, another one is being applied,
    /// these are not the rates that it goes by, or the rates are others by now; only then it is computed again.
    pub async fn apply(
        &self,
        who: &Who,
        id: &str,
        fingerprint: &str,
    ) -> Result<RepricingView, AdminError> {
        let id = read_id(id)?;
        let (this, who, seen) = (self.clone(), who.clone(), fingerprint.to_owned());
        let applied = self.admin.whole(async move {
            let repricings = this.admin.store().repricings();
            let info = this.info(id).await?;
            if info.state != RepricingState::Ready {
                return Err(not_ready(info.state));
            }
            let before = this.rates_of(id).await?;
            let snapshot = this.admin.live().keep();
            let applied = repricings.applied().await?;
            let today = before.again(&snapshot, applied).fingerprint()?;
            if info.fingerprint.as_deref() != Some(today.as_str()) {
                repricings.compute_again(id).await?;
                this.admin.repricing_due().notify_one();
                return Err(rates_changed());
            }
            if today != seen {
                return Err(other_fingerprint());
            }
            let difference = this.difference(&info).await?;
            let (was, is) = difference.for_audit(&info.selection);
            let change = Change {
                action: "apply",
                kind: "repricing",
                id: id.to_string(),
                before: Some(was),
                after: Some(is),
            };
            let entry = this.admin.entry(&who, change);
            if !repricings.apply(id, &seen, &entry).await? {
                return Err(running());
            }
            Ok(())
        });
        applied.await?;
        self.admin.repricing_due().notify_one();
        RepricingView::of(self.info(id).await?)
    }

    /// Forgets one that was not applied. Nothing changes by it.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::Refused`] where it was applied.
    pub async fn discard(&self, who: &Who, id: &str) -> Result<(), AdminError> {
        let id = read_id(id)?;
        let info = self.info(id).await?;
        let change = Change {
            action: "discard",
            kind: "repricing",
            id: id.to_string(),
            before: Some(info.selection),
            after: None,
        };
        let (this, entry) = (self.clone(), self.admin.entry(who, change));
        let discarded = self.admin.whole(async move {
            let repricings = this.admin.store().repricings();
            if repricings.discard(id, &entry).await? {
                return Ok(());
            }
            Err(AdminError::Refused {
                code: "repricing_applied",
                message: "It was applied, and what was applied stays. To change prices again, correct the rates and re-price the same calls once more.".to_owned(),
            })
        });
        discarded.await
    }

    /// Whether there is a rate for a model of a provider.
    #[must_use]
    pub fn rate_state(&self, _who: &Who, provider: &str, model: &str) -> RateState {
        let snapshot = self.admin.live().keep();
        let Some(live) = snapshot.providers.get(provider) else {
            return RateState::ProviderDeleted;
        };
        let rates = Rates::of_provider(&snapshot, &live.provider.id);
        let mut pricing = Pricing::looking_up(rates, snapshot.catalog.clone());
        if pricing.has_rate(&live.provider, model, self.admin.now()) {
            RateState::Known
        } else {
            RateState::Missing
        }
    }

    /// The prices that a call had before it was priced again, the newest first.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn prices_before(
        &self,
        _who: &Who,
        call: domain::CallId,
    ) -> Result<Vec<PriceBeforeView>, AdminError> {
        let prices = self.admin.store().repricings().prices_before(call).await?;
        Ok(prices.into_iter().map(PriceBeforeView::of).collect())
    }

    async fn info(&self, id: Uuid) -> Result<RepricingInfo, AdminError> {
        let found = self.admin.store().repricings().get(id).await?;
        found.ok_or_else(|| not_found(&id.to_string()))
    }

    /// What one changes. Nothing until it is computed.
    async fn difference(&self, info: &RepricingInfo) -> Result<Difference, AdminError> {
        let kept = self.admin.store().repricings().difference(info.id).await?;
        kept.map_or_else(
            || Ok(Difference::default()),
            |kept| read_json("difference", kept),
        )
    }

    /// The rates that one goes by.
    async fn rates_of(&self, id: Uuid) -> Result<Rates, AdminError> {
        let kept = self.admin.store().repricings().rates(id).await?;
        kept.map_or_else(
            || Err(not_ready(RepricingState::Computing)),
            |kept| read_json("rates", kept),
        )
    }
}

fn read_id(text: &str) -> Result<Uuid, AdminError> {
    text.parse().map_err(|_| not_found(text))
}

fn not_found(id: &str) -> AdminError {
    AdminError::NotFound {
        what: Thing::Repricing,
        id: id.to_owned(),
    }
}

/// Reads what Weir itself has written.
fn read_json<T: serde::de::DeserializeOwned>(
    what: &'static str,
    json: Value,
) -> Result<T, AdminError> {
    serde_json::from_value(json)
        .map_err(|error| AdminError::internal(&format!("read the {what} of a re-pricing"), &error))
}

/// Writes what Weir itself will read.
fn write_json<T: serde::Serialize>(what: &'static str, value: &T) -> Result<Value, AdminError> {
    serde_json::to_value(value)
        .map_err(|error| AdminError::internal(&format!("write the {what} of a re-pricing"), &error))
}

fn not_ready(state: RepricingState) -> AdminError {
    let message = match state {
        RepricingState::Computing | RepricingState::Ready => {
            "It is not known yet what it would change. Wait until it is computed, look at the figures, then apply it."
        }
        RepricingState::Applying | RepricingState::Applied => {
            "It was applied already. Nothing was done a second time."
        }
    };
    AdminError::Refused {
        code: "repricing_not_ready",
        message: message.to_owned(),
    }
}

fn rates_changed() -> AdminError {
    AdminError::Refused {
        code: "rates_changed",
        message: "Rates, or prices of calls, have changed since this was computed, so nothing was applied. It is being computed again by the rates of now: look at the new figures, then apply it.".to_owned(),
    }
}

fn other_fingerprint() -> AdminError {
    AdminError::Refused {
        code: "fingerprint_differs",
        message: "This is not the fingerprint of the figures that the re-pricing has now, so nothing was applied. It may have been computed again since you looked: look at its figures, then apply it.".to_owned(),
    }
}

fn running() -> AdminError {
    AdminError::Refused {
        code: "repricing_running",
        message: "Another re-pricing is being applied. Wait until it is finished, then apply this one: it will be computed again first.".to_owned(),
    }
}

/// What the audit tells when every call has its price.
fn finished(info: &RepricingInfo) -> Change {
    Change {
        action: "finish",
        kind: "repricing",
        id: info.id.to_string(),
        before: None,
        after: Some(json!({
            "applied_by": info.applied_by,
            "calls_changed": info.calls_changed,
        })),
    }
}
