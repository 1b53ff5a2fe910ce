//! What a re-pricing changes: in all, and by day, provider and model.

use std::collections::BTreeMap;

use domain::{NanoUsd, ProviderId, call::Call, pricing::PriceState, provider::ProviderType};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::usage::ReportZone;

use super::rates::Again;

/// Lines that are kept at most; above, days are put together into months, and months into the whole range.
const LINES_MOST: usize = 5_000;
/// Lines that are held at most while it is computed, those of models without any change among them.
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
    /// Those that keep their price, since there is no rate for them today.
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

type Key = (String, ProviderId, ProviderType, Option<String>);

/// What changes, gathered call by call.
#[derive(Debug)]
pub(super) struct Gathering {
    zone: ReportZone,
    span: Span,
    totals: Totals,
    lines: BTreeMap<Key, Totals>,
}

/// What changes, as it is kept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Difference {
    pub(super) span: Span,
    pub(super) time_zone: String,
    pub(super) lines: Vec<Line>,
}

impl Gathering {
    /// By days of a zone.
    pub(super) fn new(zone: ReportZone) -> Self {
        Self {
            zone,
            span: Span::Day,
            totals: Totals::default(),
            lines: BTreeMap::new(),
        }
    }

    /// Adds a call.
    pub(super) fn add(&mut self, call: &Call, again: &Again) {
        let of_call = Totals::of(call, again);
        self.totals.add(&of_call);
        let start = &call.start;
        let day = self.zone.local(start.started_at).date().to_string();
        let day = day.get(..self.span.digits()).unwrap_or_default();
        let key = (
            day.to_owned(),
            start.provider.clone(),
            start.provider_type,
            start.model.clone(),
        );
        self.lines.entry(key).or_default().add(&of_call);
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
        for ((mut day, provider, ty, model), totals) in std::mem::take(&mut self.lines) {
            day.truncate(longer.digits());
            let line = self.lines.entry((day, provider, ty, model)).or_default();
            line.add(&totals);
        }
    }

    /// What changes in all, and line by line, the newest first.
    pub(super) fn end(mut self) -> (Totals, Difference) {
        self.lines.retain(|_, totals| totals.matters());
        while self.lines.len() > LINES_MOST && self.span != Span::Range {
            self.lengthen();
        }
        let lines = self.lines.into_iter().rev();
        let lines = lines.map(|((day, provider, provider_type, model), totals)| Line {
            day,
            provider,
            provider_type,
            model,
            totals,
        });
        let difference = Difference {
            span: self.span,
            time_zone: self.zone.name().to_owned(),
            lines: lines.collect(),
        };
        (self.totals, difference)
    }
}

impl Difference {
    /// The lines put together by provider and model, the largest difference first.
    pub(super) fn models(&self) -> Vec<Line> {
        let mut models: BTreeMap<Key, Totals> = BTreeMap::new();
        for line in &self.lines {
            let key = (
                String::new(),
                line.provider.clone(),
                line.provider_type,
                line.model.clone(),
            );
            models.entry(key).or_default().add(&line.totals);
        }
        let mut models: Vec<Line> = models
            .into_iter()
            .map(|((day, provider, provider_type, model), totals)| Line {
                day,
                provider,
                provider_type,
                model,
                totals,
            })
            .collect();
        models.sort_by_key(|line| std::cmp::Reverse(line.totals.difference().0.unsigned_abs()));
        models
    }

    /// Old and new figures for the audit: of each model that changes, and what was chosen.
    pub(super) fn for_audit(&self, selection: &Value) -> (Value, Value) {
        let models: Vec<Line> = self
            .models()
            .into_iter()
            .filter(|line| line.totals.changed > 0)
            .collect();
        let side = |after: bool| {
            let figures: Vec<Value> = models
                .iter()
                .map(|line| {
                    let totals = &line.totals;
                    let (usd, unpriced) = match after {
                        false => (totals.before_usd, totals.unpriced_before),
                        true => (totals.after_usd, totals.unpriced_after),
                    };
                    let model = line.model.as_deref().unwrap_or_default();
                    json!({
                        "id": format!("{} {model}", line.provider).trim_end(),
                        "calls_changed": totals.changed,
                        "spend_usd": usd,
                        "unpriced_calls": unpriced,
                    })
                })
                .collect();
            json!({"selection": selection, "models": figures})
        };
        (side(false), side(true))
    }
}
