//! Which calls a filter of conversations wants.

use domain::{ProviderId, TokenId, call::Outcome};
use sea_orm::{
    ConnectionTrait, Value,
    sea_query::{Condition, Expr, ExprTrait, Query},
};

use super::{columns::TRANSCRIPTS, types::ConversationFilter};
use crate::{
    Choice, StoreError,
    calls::selection::{any_of, choice, none_of, opaque},
    error::database,
    time::to_us,
};

/// Calls that are so few that all of them are gone through, rather than conversations one by one.
const FEW: u64 = 10_000;

impl ConversationFilter {
    fn choices(&self) -> [(&'static str, Choice<Option<Value>>); 6] {
        let Self {
            providers,
            models,
            agents,
            users,
            tokens,
            outcomes,
            ..
        } = self;
        [
            ("user_name", choice::<Option<String>>(users)),
            ("token", choice::<Option<TokenId>>(tokens)),
            ("agent", choice::<Option<String>>(agents)),
            ("model", choice::<Option<String>>(models)),
            ("outcome", choice::<Outcome>(outcomes)),
            ("provider", choice::<ProviderId>(providers)),
        ]
    }

    /// Whether every call fits, as far as its columns go.
    pub(super) fn takes_every_call(&self) -> bool {
        let all = Self {
            text: self.text.clone(),
            ..Self::default()
        };
        *self == all
    }

    /// The condition on calls. No index is chosen by it.
    pub(super) fn condition(&self) -> Condition {
        let mut all = Condition::all();
        for (column, choice) in self.choices() {
            all = all
                .add(any_of(&opaque(column), choice.any_of))
                .add(none_of(&opaque(column), choice.none_of));
        }
        if let Some(since) = self.since {
            all = all.add(opaque("started_at_us").gte(to_us(since)));
        }
        if let Some(until) = self.until {
            all = all.add(opaque("started_at_us").lt(to_us(until)));
        }
        all
    }

    /// A condition by whose index few calls are found. `None`: there is none.
    pub(super) async fn few(
        &self,
        connection: &impl ConnectionTrait,
    ) -> Result<Option<Condition>, StoreError> {
        let mut found_by: Vec<Condition> = self
            .choices()
            .into_iter()
            .filter(|(_, choice)| !choice.any_of.is_empty())
            .map(|(column, choice)| any_of(&Expr::col(column), choice.any_of))
            .collect();
        if self.since.is_some() || self.until.is_some() {
            let at = || Expr::col("started_at_us");
            let since = self.since.map(|since| at().gte(to_us(since)));
            let until = self.until.map(|until| at().lt(to_us(until)));
            let both = [since, until].into_iter().flatten();
            found_by.push(both.fold(Condition::all(), Condition::add));
        }
        for condition in found_by {
            let mut some = Query::select();
            some.expr(Expr::val(1))
                .from(TRANSCRIPTS)
                .cond_where(condition.clone())
                .limit(FEW.saturating_add(1));
            let mut query = Query::select();
            query
                .expr(Expr::cust("COUNT(*)"))
                .from_subquery(some, "some");
            let row = connection.query_one(&query).await.map_err(database)?;
            let counted: i64 = row
                .map_or(Ok(0), |row| row.try_get_by_index(0))
                .map_err(database)?;
            if u64::try_from(counted).is_ok_and(|counted| counted <= FEW) {
                return Ok(Some(condition));
            }
        }
        Ok(None)
    }
}
