//! JSON that keeps the order of its fields: a description reads best in the order in which it was written.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};

/// A JSON value, reduced to what a description is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Tree {
    /// A text, or a number, true, false or null as text.
    Text(String),
    /// A list.
    List(Vec<Tree>),
    /// An object, in its own order.
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// What stands at a path of names and indexes with slashes in between. `None`: nothing.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |tree, step| match tree {
            Self::Object(fields) => fields
                .iter()
                .find(|(name, _)| name == step)
                .map(|(_, value)| value),
            Self::List(items) => items.get(step.parse::<usize>().ok()?),
            Self::Text(_) => None,
        })
    }

    /// The text at a path. Empty where there is none.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.at(path).map_or("", Self::as_text)
    }

    /// This value, if it is a text. Empty where it is none.
    pub(crate) fn as_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::List(_) | Self::Object(_) => "",
        }
    }

    /// The items of the list at a path. None where there is no list.
    pub(crate) fn list(&self, path: &str) -> impl Iterator<Item = &Self> {
        let items = match self.at(path) {
            Some(Self::List(items)) => items.as_slice(),
            _ => &[],
        };
        items.iter()
    }

    /// The fields of the object at a path, in their order. None where there is no object.
    pub(crate) fn fields(&self, path: &str) -> impl Iterator<Item = (&str, &Self)> {
        self.at(path).into_iter().flat_map(Self::own_fields)
    }

    /// The fields of this object, in their order. None where it is no object.
    pub(crate) fn own_fields(&self) -> impl Iterator<Item = (&str, &Self)> {
        let fields = match self {
            Self::Object(fields) => fields.as_slice(),
            _ => &[],
        };
        fields.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Text("null".to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = vec![];
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Tree, A::Error> {
        let mut object = vec![];
        while let Some(field) = fields.next_entry()? {
            object.push(field);
        }
        Ok(Tree::Object(object))
    }
}
