//! What a re-pricing changes: in all, by provider and model, and by day.
//!
//! Models are of all calls, and add up to the whole. Lines of days are told only where something changes. Clients
//! make up names of models, so both are limited: what is beyond goes into one sum of all other models.

use std::collections::BTreeMap;

use domain::{NanoUsd, ProviderId, call::Call, pricing::PriceState, provider::ProviderType};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::usage::ReportZone;

use super::rates::Again;

/// Models, and lines, that are kept at most. With more lines days are put together into months, and months into
/// the whole range, which the models are.
const LINES_MOST: usize = 5_000;
/// Models, and lines, that are held at most while it is computed, those without any change among them.
const HELD_MOST: usize = 50_000;

/// How long a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RepricingSpan)]
pub enum Span {
    /// A day of the report's zone.
    #[default]
    Day,
    /// A month, since there are too many days and models.
    Month,
    /// The whole range.
    Range,
}

impl Span {
    /// Characters of `2026-11-20` that tell it.
    const fn digits(self) -> usize {
        match self {
            Self::Day => 10,
            Self::Month => 7,
            Self::Range => 0,
        }
    }

    const fn longer(self) -> Option<Self> {
        match self {
            Self::Day => Some(Self::Month),
            Self::Month => Some(Self::Range),
            Self::Range => None,
        }
    }
}

/// Calls that were looked at, and what they cost before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = RepricingTotals)]
pub struct Totals {
    /// Calls that were looked at.
    pub calls: u64,
    /// Those of them that get another price.
    pub changed: u64,
    /// Those that keep their price, since there is no rate for them today, or their provider is deleted.
    pub kept: u64,
    /// What all of them cost before, as far as known.
    #[schema(value_type = String)]
    pub before_usd: NanoUsd,
    /// What all of them cost after, as far as known.
    #[schema(value_type = String)]
    pub after_usd: NanoUsd,
    /// Those without a price before.
    pub unpriced_before: u64,
    /// Those without a price after.
    pub unpriced_after: u64,
}

impl Totals {
    fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.calls, other.calls),
            (&mut self.changed, other.changed),
            (&mut self.kept, other.kept),
            (&mut self.unpriced_before, other.unpriced_before),
            (&mut self.unpriced_after, other.unpriced_after),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.before_usd = self.before_usd.saturating_add(other.before_usd);
        self.after_usd = self.after_usd.saturating_add(other.after_usd);
    }

    fn of(call: &Call, again: &Again) -> Self {
        let after = match again {
            Again::Changed(after) => after,
            Again::Same | Again::Kept => call,
        };
        let cost = |call: &Call| call.charge.total.unwrap_or_default();
        let unpriced = |call: &Call| u64::from(call.price_state == PriceState::Unpriced);
        Self {
            calls: 1,
            changed: u64::from(matches!(again, Again::Changed(_))),
            kept: u64::from(matches!(again, Again::Kept)),
            before_usd: cost(call),
            after_usd: cost(after),
            unpriced_before: unpriced(call),
            unpriced_after: unpriced(after),
        }
    }

    /// How much more they cost after.
    #[must_use]
    pub const fn difference(&self) -> NanoUsd {
        NanoUsd(self.after_usd.0.saturating_sub(self.before_usd.0))
    }

    /// Whether there is something to tell.
    const fn matters(&self) -> bool {
        self.changed > 0 || self.kept > 0 || self.unpriced_before > 0
    }
}

/// What changes of one model of a provider, on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = RepricingLine)]
pub struct Line {
    /// The day as `2026-11-20`, the month as `2026-11`, or empty for the whole range.
    pub day: String,
    /// The provider.
    #[schema(value_type = String)]
    pub provider: ProviderId,
    /// Its type.
    #[schema(value_type = String)]
    pub provider_type: ProviderType,
    /// The model that was asked for. Null: none was named.
    pub model: Option<String>,
    /// The figures.
    #[serde(flatten)]
    pub totals: Totals,
}

/// A model of a provider.
type Model = (ProviderId, ProviderType, Option<String>);

/// What changes, gathered call by call.
#[derive(Debug)]
pub(super) struct Gathering {
    zone: ReportZone,
    span: Span,
    totals: Totals,
    models: BTreeMap<Model, Totals>,
    other_models: Totals,
    /// None where the whole range is one line: that is what the models are.
    lines: BTreeMap<(String, Model), Totals>,
}

/// What changes, as it is kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Difference {
    pub(super) span: Span,
    pub(super) time_zone: String,
    pub(super) models: Vec<Line>,
    pub(super) other_models: Option<Totals>,
    pub(super) lines: Vec<Line>,
}

impl Gathering {
    /// By days of a zone.
    pub(super) fn new(zone: ReportZone) -> Self {
        Self {
            zone,
            span: Span::Day,
            totals: Totals::default(),
            models: BTreeMap::new(),
            other_models: Totals::default(),
            lines: BTreeMap::new(),
        }
    }

    /// Adds a call.
    pub(super) fn add(&mut self, call: &Call, again: &Again) {
        let of_call = Totals::of(call, again);
        self.totals.add(&of_call);
        let start = &call.start;
        let model = (
            start.provider.clone(),
            start.provider_type,
            start.model.clone(),
        );
        if self.models.len() < HELD_MOST || self.models.contains_key(&model) {
            let of_model = self.models.entry(model.clone()).or_default();
            of_model.add(&of_call);
        } else {
            self.other_models.add(&of_call);
        }
        if self.span == Span::Range {
            return;
        }
        let day = self.zone.local(start.started_at).date().to_string();
        let day = day.get(..self.span.digits()).unwrap_or_default();
        let line = self.lines.entry((day.to_owned(), model)).or_default();
        line.add(&of_call);
        if self.lines.len() > HELD_MOST {
            self.lengthen();
        }
    }

    /// Puts lines together that are of one longer span.
    fn lengthen(&mut self) {
        let Some(longer) = self.span.longer() else {
            return;
        };
        self.span = longer;
        let lines = std::mem::take(&mut self.lines);
        if longer == Span::Range {
            return;
        }
        for ((mut day, model), totals) in lines {
            day.truncate(longer.digits());
            self.lines.entry((day, model)).or_default().add(&totals);
        }
    }

    /// What changes in all, by model with the largest difference first, and line by line, the newest first.
    pub(super) fn end(mut self) -> (Totals, Difference) {
        self.lines.retain(|_, totals| totals.matters());
        while self.lines.len() > LINES_MOST {
            self.lengthen();
        }
        let models = self.models.into_iter();
        let mut models: Vec<Line> = models
            .map(|(model, totals)| line(String::new(), model, totals))
            .collect();
        models.sort_by_key(|line| {
            let difference = line.totals.difference().0.unsigned_abs();
            std::cmp::Reverse((difference, line.totals.changed, line.totals.calls))
        });
        for line in models.split_off(models.len().min(LINES_MOST)) {
            self.other_models.add(&line.totals);
        }
        let lines: Vec<Line> = match self.span {
            Span::Range => {
                let telling = models.iter().filter(|line| line.totals.matters());
                telling.cloned().collect()
            }
            Span::Day | Span::Month => {
                let lines = self.lines.into_iter().rev();
                lines
                    .map(|((day, model), totals)| line(day, model, totals))
                    .collect()
            }
        };
        let difference = Difference {
            span: self.span,
            time_zone: self.zone.name().to_owned(),
            models,
            other_models: (self.other_models.calls > 0).then_some(self.other_models),
            lines,
        };
        (self.totals, difference)
    }
}

fn line(day: String, (provider, provider_type, model): Model, totals: Totals) -> Line {
    Line {
        day,
        provider,
        provider_type,
        model,
        totals,
    }
}

impl Difference {
    /// Old and new figures for the audit: of each model that changes, and what was chosen.
    pub(super) fn for_audit(&self, selection: &Value) -> (Value, Value) {
        let told = |id: String, totals: &Totals, after: bool| {
            let (usd, unpriced) = match after {
                false => (totals.before_usd, totals.unpriced_before),
                true => (totals.after_usd, totals.unpriced_after),
            };
            json!({
                "id": id,
                "calls_changed": totals.changed,
                "spend_usd": usd,
                "unpriced_calls": unpriced,
            })
        };
        let side = |after: bool| {
            let models = self.models.iter().map(|line| {
                let model = line.model.as_deref().unwrap_or_default();
                let id = format!("{} {model}", line.provider).trim_end().to_owned();
                (id, &line.totals)
            });
            let others = self.other_models.iter();
            let others = others.map(|totals| ("other models".to_owned(), totals));
            let figures: Vec<Value> = models
                .chain(others)
                .filter(|(_, totals)| totals.changed > 0)
                .map(|(id, totals)| told(id, totals, after))
                .collect();
            json!({"selection": selection, "models": figures})
        };
        (side(false), side(true))
    }
}

#[cfg(test)]
mod tests;
