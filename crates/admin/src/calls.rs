//! The ledger's rows, newest first, with every filter of the Calls page.

mod view;

use std::{collections::HashMap, ops::RangeInclusive};

use domain::{CallId, NanoUsd, Timestamp, call::Operation, pricing::PriceState};
use serde::Serialize;
use store::{CallFilter, Choice};

pub(crate) use view::milliseconds;
pub use view::{AppliedRatesView, CallView, CostView, TokensView};

use crate::{
    Admin,
    error::{AdminError, Thing},
    page::PageRequest,
    query::{Params, one_of},
    who::Who,
};

/// Reading the ledger's rows.
#[derive(Debug, Clone)]
pub struct Calls {
    pub(crate) admin: Admin,
}

/// Which calls are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallQuery {
    /// What they must be like.
    pub filter: CallFilter,
    /// Which page.
    pub page: PageRequest,
}

impl CallQuery {
    /// Reads every filter of the Calls page, `limit` and `cursor`.
    ///
    /// `provider`, `model`, `agent`, `user`, `token`, `endpoint`, `outcome`, `price_state`, `operation`, `status`
    /// (`429` or `4xx`; each repeatable, each with `.not`; empty: none was named), `since`, `until`,
    /// `cost_above` (dollars), `latency_above` (milliseconds), `after` (a `recorded_seq`).
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with every parameter that is wrong.
    pub fn read(query: &str) -> Result<Self, AdminError> {
        let mut params = Params::parse(query);
        let statuses = Choice {
            any_of: read_statuses(&mut params, "status"),
            none_of: read_statuses(&mut params, "status.not"),
        };
        let filter = CallFilter {
            providers: params.providers(),
            models: params.models(),
            agents: params.agents(),
            users: params.users(),
            tokens: params.tokens(),
            endpoints: params.endpoints(),
            outcomes: params.outcomes(),
            price_states: params.matching(
                "price_state",
                &one_of(PriceState::ALL.iter().map(|it| it.key())),
                |text| {
                    PriceState::ALL
                        .iter()
                        .copied()
                        .find(|state| state.key() == text)
                },
            ),
            operations: params.matching(
                "operation",
                &one_of(Operation::ALL.iter().map(|it| it.key())),
                |text| text.parse().ok(),
            ),
            statuses,
            since: params.time("since"),
            until: params.time("until"),
            cost_above: params.read(
                "cost_above",
                "invalid_amount",
                "write US dollars, 0 or more, such as 0.05",
                |text| {
                    text.parse::<NanoUsd>()
                        .ok()
                        .filter(|amount| *amount >= NanoUsd::ZERO)
                },
            ),
            latency_above_us: params
                .read(
                    "latency_above",
                    "invalid_number",
                    "write whole milliseconds",
                    |text| text.parse::<u64>().ok(),
                )
                .map(|ms| ms.saturating_mul(1_000)),
            after_recorded_seq: params.read(
                "after",
                "invalid_number",
                "write the recorded_seq of a call",
                |text| text.parse::<i64>().ok(),
            ),
        };
        let page = params.page();
        if filter.after_recorded_seq.is_some() && page.cursor.is_some() {
            params.wrong(
                "cursor",
                "not_together",
                "leave out either cursor or after: a list that goes on has no pages",
            );
        }
        params.end()?;
        Ok(Self { filter, page })
    }
}

/// The ranges of statuses that are named.
fn read_statuses(params: &mut Params, name: &str) -> Vec<RangeInclusive<u16>> {
    let texts = params.all(name);
    let ranges: Vec<_> = texts.iter().filter_map(|text| statuses(text)).collect();
    if ranges.len() < texts.len() {
        params.wrong(
            name,
            "invalid_status",
            "write a status such as 429, or a class such as 4xx",
        );
    }
    ranges
}

/// `429`, or `4xx` for all from 400 to 499.
fn statuses(text: &str) -> Option<RangeInclusive<u16>> {
    if let Some(class) = text.strip_suffix("xx") {
        let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class))?;
        return Some(class * 100..=class * 100 + 99);
    }
    let status = text
        .parse()
        .ok()
        .filter(|status| (100..=599).contains(status))?;
    Some(status..=status)
}

/// Calls, newest first, as far as they were looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct CallsPage {
    /// The rows.
    pub items: Vec<CallView>,
    /// What to ask the next page with. Null: this is the last one.
    pub next_cursor: Option<String>,
    /// How far back was looked, where matches are so rare that it would have taken long to go on; ask again
    /// with the cursor. Null: the page is full, or the last one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub searched_back_to: Option<Timestamp>,
    /// Calls that began before it are deleted; their sums are still in usage. Left out where none are.
    #[schema(value_type = Option<String>, format = DateTime)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_before: Option<Timestamp>,
}

/// What came since a list was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewCalls {
    /// How many that fit, [`NewCalls::MOST`] at most. `None`: so many calls came that they were not looked
    /// through.
    pub count: Option<usize>,
    /// Up to which place in the order of recording was looked.
    pub up_to: i64,
}

impl NewCalls {
    /// So many are counted.
    pub const MOST: usize = 100;
    /// So many calls are looked through: more than come in between for whoever keeps looking.
    const LOOKED_THROUGH: i64 = 50_000;
}

impl Calls {
    /// The place of the call that was recorded last, from which a list can go on.
    ///
    /// # Errors
    /// [`AdminError::Unavailable`].
    pub async fn last_recorded(&self, _who: &Who) -> Result<i64, AdminError> {
        Ok(self.admin.store().calls().last_recorded_seq().await?)
    }

    /// How many calls that fit were recorded after `after`, however they are sorted into a list. Costs little,
    /// so that it may be asked every few seconds.
    ///
    /// # Errors
    /// [`AdminError::Unavailable`].
    pub async fn new_since(
        &self,
        who: &Who,
        filter: &CallFilter,
        after: i64,
    ) -> Result<NewCalls, AdminError> {
        let up_to = self.last_recorded(who).await?;
        let came = up_to.saturating_sub(after);
        if !(1..=NewCalls::LOOKED_THROUGH).contains(&came) {
            let count = (came <= 0).then_some(0);
            return Ok(NewCalls { count, up_to });
        }
        let filter = CallFilter {
            after_recorded_seq: Some(after),
            ..filter.clone()
        };
        let most = u64::try_from(NewCalls::MOST).unwrap_or(u64::MAX);
        let found = self.admin.store().calls().list(&filter, most, None).await?;
        // What is recorded meanwhile is told the next time.
        let new = found.items.iter().filter(|row| row.recorded_seq <= up_to);
        Ok(NewCalls {
            count: Some(new.count()),
            up_to,
        })
    }

    /// One call.
    ///
    /// # Errors
    /// [`AdminError::NotFound`], also where it is not over yet.
    pub async fn get(&self, _who: &Who, id: &str) -> Result<CallView, AdminError> {
        let missing = || AdminError::NotFound {
            what: Thing::Call,
            id: id.to_owned(),
        };
        let known: CallId = id.parse().map_err(|_| missing())?;
        let row = self.admin.store().calls().get(known).await?;
        let mut found = [CallView::of(row.ok_or_else(missing)?)];
        self.note_transcripts(&mut found).await;
        let [call] = found;
        Ok(call)
    }

    /// Every attempt of a call that was tried at several endpoints, whichever of them is named, the first one
    /// first. Empty where it was not, and where there is no such call.
    ///
    /// # Errors
    /// [`AdminError::Unavailable`].
    pub async fn attempts(&self, _who: &Who, id: CallId) -> Result<Vec<CallView>, AdminError> {
        let calls = self.admin.store().calls();
        let Some(row) = calls.get(id).await? else {
            return Ok(vec![]);
        };
        let rows = calls
            .attempts(row.call.start.attempt_of.unwrap_or(id))
            .await?;
        if rows.len() < 2 {
            return Ok(vec![]);
        }
        Ok(rows.into_iter().map(CallView::of).collect())
    }

    /// Says of calls whether bodies of them are recorded.
    async fn note_transcripts(&self, calls: &mut [CallView]) {
        let ids: Vec<CallId> = calls.iter().map(|call| call.id).collect();
        let having = self.admin.transcripts().of_calls(&ids).await;
        for call in calls {
            call.has_transcript = having.as_ref().map(|having| having.contains(&call.id));
        }
    }

    /// Those of these calls that are in the ledger.
    pub(crate) async fn by_ids(
        &self,
        ids: &[CallId],
    ) -> Result<HashMap<CallId, CallView>, AdminError> {
        let rows = self.admin.store().calls().by_ids(ids).await?;
        let rows = rows.into_iter().map(CallView::of);
        Ok(rows.map(|row| (row.id, row)).collect())
    }

    /// Calls, newest first. With `after` instead: those recorded later, oldest first, for a list that
    /// goes on.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] for a cursor that no page gave.
    pub async fn list(&self, _who: &Who, query: &CallQuery) -> Result<CallsPage, AdminError> {
        let cursor = query.page.store_cursor()?;
        let limit = u64::from(query.page.limit);
        let page = self
            .admin
            .store()
            .calls()
            .list(&query.filter, limit, cursor)
            .await?;
        let deleted_before = self.admin.store().retention().calls_from().await?;
        let mut items: Vec<CallView> = page.items.into_iter().map(CallView::of).collect();
        self.note_transcripts(&mut items).await;
        Ok(CallsPage {
            deleted_before,
            items,
            next_cursor: page.next.map(|cursor| cursor.to_string()),
            searched_back_to: page.searched_back_to,
        })
    }
}
