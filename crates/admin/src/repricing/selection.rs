//! Which calls are to be priced again.

use domain::{ProviderId, Timestamp, pricing::PriceState};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{CallFilter, Choice, REPRICING_VALUES_MOST};

use super::write_json;
use crate::{
    error::{AdminError, FieldError, shown},
    fields::{Object, all_right},
};

/// Which calls are to be priced again: those of a range that cost something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = RepricingSelection)]
pub struct Selection {
    /// Started at this time or later.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// Started before this time. Left out: up to now.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Providers, deleted ones too. Empty: all.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub providers: Vec<ProviderId>,
    /// Models as they were asked for; an empty text stands for calls that named none. Empty: all.
    #[serde(default)]
    pub models: Vec<String>,
    /// Whether only calls without a price are in it. Else also those that have one.
    #[serde(default)]
    pub only_unpriced: bool,
}

impl Selection {
    /// Reads `from`, `to`, `providers`, `models` and `only_unpriced`.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub(super) fn read(json: Value, now: Timestamp) -> Result<Self, AdminError> {
        let mut object = Object::new("", json);
        let from = object.text("from");
        let to = object.text("to");
        let providers = object.texts("providers").unwrap_or_default();
        let models = object.texts("models").unwrap_or_default();
        let only_unpriced = object.flag("only_unpriced").unwrap_or(false);
        let mut errors = object.end();
        if from.is_none() && !errors.iter().any(|error| error.field == "from") {
            errors.push(FieldError::new(
                "from",
                "required",
                "say from when on calls are to be priced again",
            ));
        }
        let from = from.and_then(|text| moment("from", &text, &mut errors));
        let to = to.map_or(Some(now), |text| moment("to", &text, &mut errors));
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            errors.push(FieldError::new(
                "to",
                "empty_range",
                "the end must be after the beginning",
            ));
        }
        let ids = providers
            .iter()
            .enumerate()
            .filter_map(|(place, text)| {
                let id = ProviderId::new(text.as_str()).ok();
                if id.is_none() {
                    errors.push(FieldError::new(
                        format!("providers[{place}]"),
                        "invalid_id",
                        format!("{} is no provider’s id", shown(text)),
                    ));
                }
                id
            })
            .collect();
        for (field, count) in [("providers", providers.len()), ("models", models.len())] {
            if count > REPRICING_VALUES_MOST {
                errors.push(FieldError::new(
                    field,
                    "too_many",
                    format!("name {REPRICING_VALUES_MOST} at most, or none for all; for more ask for several re-pricings"),
                ));
            }
        }
        let is_blank = |model: &String| !model.is_empty() && model.trim().is_empty();
        if let Some(place) = models.iter().position(is_blank) {
            errors.push(FieldError::new(
                format!("models[{place}]"),
                "required",
                "write the id of a model, or leave the list empty for all",
            ));
        }
        all_right(errors)?;
        Ok(Self {
            from: from.unwrap_or(now),
            to: to.unwrap_or(now),
            providers: ids,
            models,
            only_unpriced,
        })
    }

    /// As the database and the audit keep it.
    pub(super) fn json(&self) -> Result<Value, AdminError> {
        write_json("selection", self)
    }

    /// The calls of it that cost something.
    pub(super) fn filter(&self) -> CallFilter {
        let any_of = if self.only_unpriced {
            vec![PriceState::Unpriced]
        } else {
            vec![
                PriceState::Unpriced,
                PriceState::Priced,
                PriceState::Estimated,
            ]
        };
        CallFilter {
            providers: Choice {
                any_of: self.providers.clone(),
                none_of: vec![],
            },
            models: Choice {
                any_of: self.models.iter().map(|model| named(model)).collect(),
                none_of: vec![],
            },
            price_states: Choice {
                any_of,
                none_of: vec![],
            },
            since: Some(self.from),
            until: Some(self.to),
            ..CallFilter::default()
        }
    }
}

/// The model of a call. `None`: it named none.
fn named(model: &str) -> Option<String> {
    (!model.is_empty()).then(|| model.to_owned())
}

fn moment(field: &'static str, text: &str, errors: &mut Vec<FieldError>) -> Option<Timestamp> {
    let read = text.trim().parse().ok();
    if read.is_none() {
        errors.push(FieldError::new(
            field,
            "invalid_time",
            "write date, time and offset as in 2026-11-01T00:00:00Z",
        ));
    }
    read
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;
    use serde_json::json;

    use super::Selection;
    use crate::AdminError;

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        let json =
            json!({"to": "yesterday", "providers": ["Not An Id"], "models": [" "], "model": "x"});
        let AdminError::Invalid(errors) = Selection::read(json, now()).unwrap_err() else {
            panic!("another error");
        };
        let mut fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["from", "model", "models[0]", "providers[0]", "to"]);
        let backwards = json!({"from": "2026-11-20T12:00:00Z"});
        let error = Selection::read(backwards, now()).unwrap_err();
        assert_eq!(error.problem().errors[0].code, "empty_range");
    }

    #[test]
    fn it_ends_now_unless_somebody_says() {
        let json = json!({"from": "2026-11-01T00:00:00Z", "models": ["gpt-4o"]});
        let selection = Selection::read(json, now()).unwrap();
        assert_eq!(selection.to, now());
        assert_eq!(selection.filter().price_states.any_of.len(), 3);
        assert!(selection.providers.is_empty() && !selection.only_unpriced);
    }

    #[test]
    fn a_model_is_taken_as_it_is_and_an_empty_one_is_none() {
        let json = json!({"from": "2026-11-01T00:00:00Z", "models": ["a,b", ""]});
        let selection = Selection::read(json, now()).unwrap();
        assert_eq!(
            selection.filter().models.any_of,
            [Some("a,b".to_owned()), None]
        );
    }

    #[test]
    fn no_more_are_named_than_an_index_can_find() {
        let named = |field: &str, count: usize| {
            let names: Vec<String> = (0..count).map(|n| format!("name-{n}")).collect();
            let mut json = json!({"from": "2026-11-01T00:00:00Z"});
            json[field] = json!(names);
            Selection::read(json, now()).map_err(|error| error.problem().errors)
        };
        for field in ["models", "providers"] {
            assert!(named(field, 40).is_ok());
            let errors = named(field, 41).unwrap_err();
            assert_eq!(
                (errors[0].field.as_str(), errors[0].code),
                (field, "too_many")
            );
        }
    }
}
