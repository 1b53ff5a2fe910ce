//! Two changes of a provider that began from the same version: in which parts they differ, and what comes of
//! them together.
//!
//! Pure: it is given the JSON of three versions. The base is what both began from; *theirs* is saved already;
//! *yours* is still to be.
//!
//! | base, theirs, yours | |
//! |---|---|
//! | theirs is yours | no difference |
//! | only yours is not the base | yours, unless one chooses otherwise |
//! | only theirs is not the base | theirs, unless one chooses otherwise |
//! | all differ, or the base is not known | must be chosen |
//!
//! Models are compared one by one, but for one case: an empty list allows every model, so where one side has
//! none the lists are compared as a whole.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// A provider in the JSON of the API.
pub(super) type Json = Map<String, Value>;

/// Parts of a provider in the order of its form, each with the fields that only make sense together. Whether it
/// is enabled is no part of it: that is switched by an act of its own.
const FIELDS: &[(&str, &[&str])] = &[
    ("display_name", &["display_name"]),
    ("endpoints", &["endpoints"]),
    ("region", &["region"]),
    ("location", &["location"]),
    ("preset", &["preset"]),
    ("base_url", &["base_url"]),
    // One way to sign in instead of another: never both.
    (
        "credentials",
        &["credentials", "authorization_passthrough", "api_key"],
    ),
    ("organization", &["organization"]),
    ("project", &["project"]),
    ("inject_stream_usage", &["inject_stream_usage"]),
    ("fips", &["fips"]),
    ("guardrail", &["guardrail"]),
    ("api_version", &["api_version"]),
    ("data_zone", &["data_zone"]),
    ("other_paths", &["other_paths"]),
    (MODELS, &[MODELS]),
    ("record_inputs", &["record_inputs"]),
    ("record_outputs", &["record_outputs"]),
];
const MODELS: &str = "models";

/// A part of a provider that holds as one side has it, whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// A field, and what only makes sense together with it. By the name of the API.
    Field(&'static str),
    /// One model, by its id.
    Model(String),
}

impl Part {
    /// A name that tells it from all others.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Field(name) => (*name).to_owned(),
            Self::Model(id) => format!("model.{id}"),
        }
    }
}

/// Whose a part is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// As it is saved.
    Theirs,
    /// As it is to be saved.
    Yours,
}

/// A part in which the two differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which part.
    pub part: Part,
    /// What both began from. `None`: that is not known; null: it had none.
    pub base: Option<Value>,
    /// As it is saved. Null: it has none.
    pub theirs: Value,
    /// As it is to be saved. Null: it is to have none.
    pub yours: Value,
    /// Whose it is, unless one chooses otherwise. `None`: one must choose.
    pub settled: Option<Side>,
}

impl Difference {
    /// Whether they changed it, as far as is known: saving yours would undo that.
    #[must_use]
    pub fn is_of_theirs(&self) -> bool {
        self.base.as_ref() != Some(&self.theirs)
    }
}

/// The parts in which two versions differ, in the order of the form.
pub(super) fn differences(base: Option<&Json>, theirs: &Json, yours: &Json) -> Vec<Difference> {
    let mut found = vec![];
    for (name, _) in FIELDS {
        if *name == MODELS && models(theirs).is_empty() == models(yours).is_empty() {
            let mut of_models = of_models(base, theirs, yours);
            ask_before_none_is_left(&mut of_models, theirs, yours);
            found.extend(of_models);
        } else {
            let base = base.map(|base| value(base, name));
            let (theirs, yours) = (value(theirs, name), value(yours, name));
            found.extend(difference(Part::Field(name), base, theirs, yours));
        }
    }
    found
}

fn of_models(base: Option<&Json>, theirs: &Json, yours: &Json) -> Vec<Difference> {
    let (of_theirs, of_yours) = (by_id(theirs), by_id(yours));
    let base = base.map(by_id);
    let of = |models: &HashMap<&str, &Value>, id: &str| {
        models.get(id).copied().cloned().unwrap_or_default()
    };
    let ids = ids(theirs).chain(ids(yours).filter(|id| !of_theirs.contains_key(id)));
    ids.filter_map(|id| {
        let base = base.as_ref().map(|base| of(base, id));
        let (theirs, yours) = (of(&of_theirs, id), of(&of_yours, id));
        difference(Part::Model(id.to_owned()), base, theirs, yours)
    })
    .collect()
}

fn difference(part: Part, base: Option<Value>, theirs: Value, yours: Value) -> Option<Difference> {
    if theirs == yours {
        return None;
    }
    let settled = match &base {
        Some(base) if *base == theirs => Some(Side::Yours),
        Some(base) if *base == yours => Some(Side::Theirs),
        _ => None,
    };
    Some(Difference {
        part,
        base,
        theirs,
        yours,
        settled,
    })
}

/// Two lists that each take away what the other keeps would end as none, which allows every model. Nobody meant
/// that, so it is asked.
fn ask_before_none_is_left(found: &mut [Difference], theirs: &Json, yours: &Json) {
    let together = merged(theirs, yours, found, |difference| difference.settled);
    if !models(theirs).is_empty() && models(&together).is_empty() {
        for difference in found {
            difference.settled = None;
        }
    }
}

/// The two together: theirs, but for the parts that are yours.
pub(super) fn merged(
    theirs: &Json,
    yours: &Json,
    differences: &[Difference],
    side: impl Fn(&Difference) -> Option<Side>,
) -> Json {
    let mut merged = theirs.clone();
    let of_yours = differences
        .iter()
        .filter(|difference| side(difference) == Some(Side::Yours));
    for difference in of_yours {
        match &difference.part {
            Part::Field(name) => {
                for field in fields(name) {
                    match yours.get(*field) {
                        Some(value) => merged.insert((*field).to_owned(), value.clone()),
                        None => merged.remove(*field),
                    };
                }
            }
            Part::Model(id) => put_model(&mut merged, id, &difference.yours),
        }
    }
    merged
}

fn put_model(provider: &mut Json, id: &str, wanted: &Value) {
    let Some(Value::Array(list)) = provider.get_mut(MODELS) else {
        return;
    };
    let place = list.iter().position(|model| id_of(model) == Some(id));
    match (place, wanted.is_null()) {
        (Some(place), true) => drop(list.remove(place)),
        (Some(place), false) => {
            if let Some(model) = list.get_mut(place) {
                *model = wanted.clone();
            }
        }
        (None, true) => {}
        (None, false) => list.push(wanted.clone()),
    }
}

fn fields(part: &str) -> &'static [&'static str] {
    let known = FIELDS.iter().find(|(name, _)| *name == part);
    known.map_or(&[], |(_, fields)| fields)
}

/// What a provider has of a part: its one field, or an object of those that go together. Null: nothing.
fn value(provider: &Json, part: &str) -> Value {
    let field = |name: &str| provider.get(name).cloned().unwrap_or_default();
    match fields(part) {
        [one] => field(one),
        together => together
            .iter()
            .map(|name| ((*name).to_owned(), field(name)))
            .filter(|(_, value)| !value.is_null())
            .collect(),
    }
}

fn models(provider: &Json) -> &[Value] {
    match provider.get(MODELS) {
        Some(Value::Array(list)) => list,
        _ => &[],
    }
}

fn ids(provider: &Json) -> impl Iterator<Item = &str> {
    models(provider).iter().filter_map(id_of)
}

fn id_of(model: &Value) -> Option<&str> {
    model.get("id")?.as_str()
}

fn by_id(provider: &Json) -> HashMap<&str, &Value> {
    let models = models(provider).iter();
    models
        .filter_map(|model| Some((id_of(model)?, model)))
        .collect()
}

#[cfg(test)]
mod tests;
