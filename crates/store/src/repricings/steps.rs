//! The steps of a re-pricing from one state to the next, each with the audit's row of it where somebody took
//! it.

use domain::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::{RepricingPlace, RepricingResult, RepricingState, Repricings};
use crate::{
    AuditEntry, StoreError, audit,
    calls::last_recorded_seq,
    entities::repricing::{self, Column, Entity},
    error::database,
    time::to_us,
};

impl Repricings<'_> {
    /// Notes how far the computing is. `false`: it was discarded.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_seen(
        &self,
        id: Uuid,
        calls: u64,
        until: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let change = repricing::ActiveModel {
            calls_seen: Set(i64::try_from(calls).unwrap_or(i64::MAX)),
            seen_until_us: Set(until.map(to_us)),
            error: Set(None),
            ..Default::default()
        };
        self.change(self.0.writing()?, id, RepricingState::Computing, change)
            .await
    }

    /// Notes why one cannot go on, in the state that it is in. `false`: it is in another one by now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_error(
        &self,
        id: Uuid,
        state: RepricingState,
        error: &str,
    ) -> Result<bool, StoreError> {
        let change = repricing::ActiveModel {
            error: Set(Some(error.to_owned())),
            ..Default::default()
        };
        self.change(self.0.writing()?, id, state, change).await
    }

    /// Keeps what one would change. `false`: it was discarded.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn computed(&self, id: Uuid, result: &RepricingResult) -> Result<bool, StoreError> {
        let change = repricing::ActiveModel {
            state: Set(RepricingState::Ready.key().to_owned()),
            rates: Set(Some(result.rates.to_string())),
            fingerprint: Set(Some(result.fingerprint.clone())),
            totals: Set(Some(result.totals.to_string())),
            difference: Set(Some(result.difference.to_string())),
            error: Set(None),
            ..Default::default()
        };
        self.change(self.0.writing()?, id, RepricingState::Computing, change)
            .await
    }

    /// Has one computed anew, of the calls that are recorded by now. `false`: it is not ready.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn compute_again(&self, id: Uuid) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        let change = repricing::ActiveModel {
            state: Set(RepricingState::Computing.key().to_owned()),
            until_seq: Set(last_recorded_seq(&transaction).await?),
            calls_seen: Set(0),
            seen_until_us: Set(None),
            rates: Set(None),
            fingerprint: Set(None),
            totals: Set(None),
            difference: Set(None),
            error: Set(None),
            ..Default::default()
        };
        let changed = self
            .change(&transaction, id, RepricingState::Ready, change)
            .await?;
        transaction.commit().await.map_err(database)?;
        Ok(changed)
    }

    /// Applies one that is ready and goes by these rates, and adds the audit's row of it, whose actor and
    /// time it takes. From then on calls are to get their new prices. `false`: it is not ready, goes by other
    /// rates, or another one is being applied; then nothing has changed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn apply(
        &self,
        id: Uuid,
        fingerprint: &str,
        entry: &AuditEntry,
    ) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        let running = Entity::find()
            .filter(Column::State.eq(RepricingState::Applying.key()))
            .select_only()
            .column(Column::Id)
            .into_tuple::<Uuid>()
            .one(&transaction)
            .await
            .map_err(database)?;
        let there = Entity::find_by_id(id)
            .filter(Column::Fingerprint.eq(fingerprint))
            .select_only()
            .column(Column::Id)
            .into_tuple::<Uuid>()
            .one(&transaction)
            .await
            .map_err(database)?;
        if running.is_some() || there.is_none() {
            return Ok(false);
        }
        let change = repricing::ActiveModel {
            state: Set(RepricingState::Applying.key().to_owned()),
            place: Set(RepricingPlace::default().to_string()),
            calls_seen: Set(0),
            seen_until_us: Set(None),
            applied_at_us: Set(Some(to_us(entry.at))),
            applied_by: Set(Some(entry.actor.clone())),
            ..Default::default()
        };
        let applied = self
            .change(&transaction, id, RepricingState::Ready, change)
            .await?;
        if applied {
            audit::insert(&transaction, entry).await?;
        }
        transaction.commit().await.map_err(database)?;
        Ok(applied)
    }

    /// Notes that every call has its price, and adds the audit's row of it, whose time it takes. `false`: it
    /// is not being applied.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish(&self, id: Uuid, entry: &AuditEntry) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        let change = repricing::ActiveModel {
            state: Set(RepricingState::Applied.key().to_owned()),
            finished_at_us: Set(Some(to_us(entry.at))),
            error: Set(None),
            ..Default::default()
        };
        let finished = self
            .change(&transaction, id, RepricingState::Applying, change)
            .await?;
        if finished {
            audit::insert(&transaction, entry).await?;
        }
        transaction.commit().await.map_err(database)?;
        Ok(finished)
    }

    /// Removes one that was not applied, and adds the audit's row of it. `false`: there is no such one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn discard(&self, id: Uuid, entry: &AuditEntry) -> Result<bool, StoreError> {
        let transaction = self.0.begin().await?;
        let states = [RepricingState::Computing, RepricingState::Ready];
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(id))
            .filter(Column::State.is_in(states.map(RepricingState::key)))
            .exec(&transaction)
            .await
            .map_err(database)?;
        if deleted.rows_affected > 0 {
            audit::insert(&transaction, entry).await?;
        }
        transaction.commit().await.map_err(database)?;
        Ok(deleted.rows_affected > 0)
    }

    /// Changes one that is in a state. `false`: it is not.
    async fn change(
        &self,
        connection: &impl ConnectionTrait,
        id: Uuid,
        state: RepricingState,
        change: repricing::ActiveModel,
    ) -> Result<bool, StoreError> {
        let done = Entity::update_many()
            .set(change)
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(state.key()))
            .exec(connection)
            .await
            .map_err(database)?;
        Ok(done.rows_affected > 0)
    }
}
