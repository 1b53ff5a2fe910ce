//! Which rows of the audit are looked for, and by which index they are found.
//!
//! As with calls: each index ends with the order of the list, so that one value of one column (the drive)
//! gives a page without sorting, one query for each of its values; every other column is hidden from the
//! planner, lest it choose an index that then needs a sort. Where several columns could drive, the one with
//! the fewest rows does, counted in its index up to a bound.

use jiff::Timestamp;
use sea_orm::{
    Value,
    sea_query::{Condition, Expr, ExprTrait},
};

use super::AuditResult;
use crate::{
    calls::selection::{Choice, Comparable, any_of, choice, none_of, opaque, values},
    time::to_us,
};

/// A column with more wanted values than this drives nothing: it would take as many queries.
const DRIVE_VALUES_MAX: usize = 40;

/// Which rows are looked for. Different fields are "and".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// By who made the change.
    pub actors: Choice<String>,
    /// By what was done.
    pub actions: Choice<String>,
    /// By the kind of thing that it was done to.
    pub object_kinds: Choice<String>,
    /// By which one it was done to.
    pub object_ids: Choice<String>,
    /// By what became of it.
    pub results: Choice<AuditResult>,
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

/// A column by whose index rows are found, and the values that are wanted of it.
#[derive(Debug)]
pub(super) struct Drive {
    column: &'static str,
    values: Vec<Value>,
}

impl Drive {
    /// The rows of each value.
    pub(super) fn conditions(&self) -> impl Iterator<Item = Condition> {
        self.values.iter().map(|value| {
            Condition::all().add(match self.column {
                // In the very words of the partial index, by which the planner knows it.
                "result" => Expr::cust("\"result\" <> 'done'"),
                column => Expr::col(column).eq(value.clone()),
            })
        })
    }
}

impl Comparable for String {
    fn value(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

impl Comparable for AuditResult {
    fn value(&self) -> Option<Value> {
        Some(self.key().into())
    }
}

impl AuditFilter {
    /// The queries that together give what is wanted, each as its condition, by one of the
    /// [`AuditFilter::drives`]. `before`: only rows that stand behind this place, a time and a number.
    pub(super) fn conditions(
        &self,
        drive: Option<&Drive>,
        before: Option<(i64, i64)>,
    ) -> Vec<Condition> {
        let columns = self.columns();
        match drive {
            None => vec![self.rest(&columns, None, before)],
            Some(drive) => drive
                .conditions()
                .map(|found| self.rest(&columns, Some(drive.column), before).add(found))
                .collect(),
        }
    }

    fn columns(&self) -> [(&'static str, Choice<Option<Value>>); 5] {
        [
            ("object_id", choice(&self.object_ids)),
            ("result", choice(&self.results)),
            ("actor", choice(&self.actors)),
            ("action", choice(&self.actions)),
            ("object_kind", choice(&self.object_kinds)),
        ]
    }

    /// The columns of which some values are wanted, so that each could drive.
    pub(super) fn drives(&self) -> Vec<Drive> {
        let only_refused = self.results.any_of.contains(&AuditResult::Refused)
            && !self.results.takes(&AuditResult::Done);
        let refused = only_refused.then_some(AuditResult::Refused);
        let columns = [
            ("object_id", values(&self.object_ids.any_of)),
            ("result", values(refused.as_slice())),
            ("actor", values(&self.actors.any_of)),
            ("action", values(&self.actions.any_of)),
            ("object_kind", values(&self.object_kinds.any_of)),
        ];
        columns
            .into_iter()
            .filter(|(_, wanted)| !wanted.is_empty() && wanted.len() <= DRIVE_VALUES_MAX)
            .map(|(column, wanted)| {
                let mut values: Vec<Value> = vec![];
                for value in wanted.into_iter().flatten() {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
                Drive { column, values }
            })
            .collect()
    }

    /// Everything but the drive.
    fn rest(
        &self,
        columns: &[(&'static str, Choice<Option<Value>>)],
        drive: Option<&'static str>,
        before: Option<(i64, i64)>,
    ) -> Condition {
        let mut all = Condition::all();
        for (column, choice) in columns {
            let expression = opaque(column);
            if drive != Some(*column) {
                all = all.add(any_of(&expression, choice.any_of.clone()));
            }
            all = all.add(none_of(&expression, choice.none_of.clone()));
        }
        let at = || Expr::col("at_us");
        if let Some(since) = self.since {
            all = all.add(at().gte(to_us(since)));
        }
        if let Some(until) = self.until {
            all = all.add(at().lt(to_us(until)));
        }
        if let Some((at_us, seq)) = before {
            let same_time = Condition::all()
                .add(opaque("at_us").eq(at_us))
                .add(opaque("seq").lt(seq));
            all = all.add(at().lte(at_us)).add(
                Condition::any()
                    .add(opaque("at_us").lt(at_us))
                    .add(same_time),
            );
        }
        all
    }
}
