//! Values that are wanted or not, as conditions on a column.

use domain::{
    ProviderId, TokenId,
    call::{Operation, Outcome},
    pricing::PriceState,
};
use sea_orm::{
    Value,
    sea_query::{Condition, Expr, ExprTrait, Func},
};

/// Values of one field that are wanted, and values that are not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice<T> {
    /// One of these. Empty: any.
    pub any_of: Vec<T>,
    /// None of these.
    pub none_of: Vec<T>,
}

impl<T> Default for Choice<T> {
    fn default() -> Self {
        Self {
            any_of: vec![],
            none_of: vec![],
        }
    }
}

impl<T> Choice<T> {
    /// Only this value.
    #[must_use]
    pub fn only(value: T) -> Self {
        Self {
            any_of: vec![value],
            none_of: vec![],
        }
    }

    /// Whether every value is wanted.
    pub(crate) fn is_any(&self) -> bool {
        self.any_of.is_empty() && self.none_of.is_empty()
    }

    /// Whether a value is wanted.
    #[must_use]
    pub fn takes(&self, value: &T) -> bool
    where
        T: PartialEq,
    {
        (self.any_of.is_empty() || self.any_of.contains(value)) && !self.none_of.contains(value)
    }
}

/// A column as an expression by which no index is chosen.
pub(crate) fn opaque(column: &'static str) -> Expr {
    Func::coalesce([Expr::col(column), Expr::col(column)]).into()
}

/// Something that a column can be compared with; `None` for one that is missing.
pub(crate) trait Comparable {
    /// The value that the column has.
    fn value(&self) -> Option<Value>;
}

impl Comparable for ProviderId {
    fn value(&self) -> Option<Value> {
        Some(self.as_str().into())
    }
}

impl Comparable for Outcome {
    fn value(&self) -> Option<Value> {
        Some(self.key().into())
    }
}

impl Comparable for PriceState {
    fn value(&self) -> Option<Value> {
        Some(self.key().into())
    }
}

impl Comparable for Operation {
    fn value(&self) -> Option<Value> {
        Some(self.key().into())
    }
}

impl Comparable for Option<String> {
    fn value(&self) -> Option<Value> {
        self.as_deref().map(Into::into)
    }
}

impl Comparable for Option<TokenId> {
    fn value(&self) -> Option<Value> {
        self.map(|token| token.0.into())
    }
}

/// Values as those of a column.
pub(crate) fn values<T: Comparable>(of: &[T]) -> Vec<Option<Value>> {
    of.iter().map(Comparable::value).collect()
}

/// A choice as values of a column.
pub(crate) fn choice<T: Comparable>(of: &Choice<T>) -> Choice<Option<Value>> {
    Choice {
        any_of: values(&of.any_of),
        none_of: values(&of.none_of),
    }
}

/// That a column has one of these values, or that anything goes where there are none.
pub(crate) fn any_of(column: &Expr, values: Vec<Option<Value>>) -> Condition {
    let missing = values.contains(&None);
    let there: Vec<Value> = values.into_iter().flatten().collect();
    if !missing && there.is_empty() {
        return Condition::all();
    }
    let mut any = Condition::any();
    if missing {
        any = any.add(column.clone().is_null());
    }
    if !there.is_empty() {
        any = any.add(column.clone().is_in(there));
    }
    any
}

/// That a column has none of these values.
pub(crate) fn none_of(column: &Expr, values: Vec<Option<Value>>) -> Condition {
    let missing = values.contains(&None);
    let there: Vec<Value> = values.into_iter().flatten().collect();
    let mut all = Condition::all();
    if missing {
        all = all.add(column.clone().is_not_null());
    }
    if !there.is_empty() {
        // What is missing is none of them, which SQL would not say.
        all = all.add(
            Condition::any()
                .add(column.clone().is_null())
                .add(column.clone().is_not_in(there)),
        );
    }
    all
}
