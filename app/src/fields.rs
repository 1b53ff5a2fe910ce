//! Names and values, in order, names may repeat: what a form or an address carries. Known to the server
//! and to the browser alike.

/// Names and values, as they were sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

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
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
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
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Adds a value of a name behind those that it has.
    pub(crate) fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Takes a name away, with all its values.
    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(key, _)| key != name);
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
        self.0.retain(|(key, given)| key != name || given != value);
        self
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Fields {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }
}
