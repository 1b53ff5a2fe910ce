//! Names and values, in order, names may repeat: what a form or an address carries. Known to the server
//! and to the browser alike.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

/// From how many on an index finds them.
const INDEXED_FROM: usize = 100;

/// Names and values, as they were sent. Cheap to clone, and as quick to look into with the thousands of a
/// provider of many models as with few.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    pairs: Vec<(String, String)>,
    /// Where each name stands. Made when it is first asked for.
    places: OnceLock<HashMap<String, Vec<usize>>>,
}

impl Clone for Inner {
    /// Clones are made to be changed: they have an index of their own.
    fn clone(&self) -> Self {
        Self {
            pairs: self.pairs.clone(),
            places: OnceLock::new(),
        }
    }
}

impl Inner {
    fn places(&self) -> &HashMap<String, Vec<usize>> {
        self.places.get_or_init(|| {
            let mut places: HashMap<String, Vec<usize>> = HashMap::new();
            for (place, (name, _)) in self.pairs.iter().enumerate() {
                match places.get_mut(name) {
                    Some(of_name) => of_name.push(place),
                    None => drop(places.insert(name.clone(), vec![place])),
                }
            }
            places
        })
    }
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.0.pairs == other.0.pairs
    }
}

impl Eq for Fields {}

impl FromIterator<(String, String)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(Arc::new(Inner {
            pairs: pairs.into_iter().collect(),
            places: OnceLock::new(),
        }))
    }
}

impl Fields {
    /// The first value of a name, with spaces around it taken off. Empty where there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default().trim()
    }

    /// The first value of a name, as it was typed.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of a name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let inner = &*self.0;
        let (places, pairs) = if inner.pairs.len() < INDEXED_FROM {
            (&[][..], inner.pairs.as_slice())
        } else {
            let places = inner.places().get(name);
            (places.map_or(&[][..], Vec::as_slice), &[][..])
        };
        let indexed = places.iter().filter_map(|place| inner.pairs.get(*place));
        let few = pairs.iter().filter(move |(key, _)| key == name);
        indexed.chain(few).map(|(_, value)| value.as_str())
    }

    /// The pairs, to be changed.
    fn pairs_mut(&mut self) -> &mut Vec<(String, String)> {
        let inner = Arc::make_mut(&mut self.0);
        inner.places = OnceLock::new();
        &mut inner.pairs
    }

    /// Whether a box of this name is ticked: boxes that are not are not sent.
    pub(crate) fn ticked(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether a name has this value among its values.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|given| given == value)
    }

    /// Every name and value, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Adds a value of a name behind those that it has.
    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.pairs_mut().push((name.into(), value.into()));
    }

    /// Takes a name away, with all its values.
    pub(crate) fn remove(&mut self, name: &str) {
        self.keep(|key, _| key != name);
    }

    /// Takes away all that is not to be kept.
    pub(crate) fn keep(&mut self, keep: impl Fn(&str, &str) -> bool) {
        // What changes nothing copies nothing.
        if !self.iter().all(|(name, value)| keep(name, value)) {
            self.pairs_mut().retain(|(name, value)| keep(name, value));
        }
    }

    /// Puts one value of a name in place of all that it had.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.push(name, value);
    }

    /// The same with one value of a name in place of all that it had; an empty value just takes it away.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.remove(name);
        if !value.is_empty() {
            self.push(name, value);
        }
        self
    }

    /// The same without one value of a name.
    #[must_use]
    pub(crate) fn without_value(mut self, name: &str, value: &str) -> Self {
        self.keep(|key, given| key != name || given != value);
        self
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Fields {
    fn from(pairs: [(&str, &str); N]) -> Self {
        pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Fields, INDEXED_FROM};

    #[test]
    fn many_are_found_as_few_are() {
        let mut fields = Fields::from([("model", "a"), ("x", "1"), ("model", "b")]);
        let few: Vec<String> = fields.all("model").map(str::to_owned).collect();
        for place in 0..INDEXED_FROM {
            fields.push(format!("name.{place}"), place.to_string());
        }
        let before = fields.clone();
        let many: Vec<&str> = fields.all("model").collect();
        assert_eq!((few, many), (vec!["a".into(), "b".into()], vec!["a", "b"]));
        assert_eq!((fields.text("name.77"), fields.get("name")), ("77", None));
        fields.push("model", "c");
        fields.set("x", "2");
        fields.remove("name.77");
        assert!(fields.has("model", "c") && !fields.ticked("name.77"));
        assert_eq!((fields.text("x"), fields.text("name.99")), ("2", "99"));
        assert!(!before.has("model", "c") && before.text("x") == "1");
    }
}
