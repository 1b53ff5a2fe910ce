//! Reading query strings name by name, so that every wrong parameter is named, not just the first.
//!
//! The REST API and the console's addresses use the same names: the same name twice is *or*, different
//! names are *and*, `name.not=` excludes, and an empty value of `agent` or `user` means those without.

use domain::{ProviderId, Timestamp, TokenId, call::Outcome};
use store::Choice;
use url::form_urlencoded;

use crate::{
    error::{AdminError, FieldError, shown},
    page::{LIMIT_DEFAULT, LIMIT_MOST, PageRequest},
};

/// The parameters of a query. Each is taken out once; what is left at the end is unknown.
#[derive(Debug, Clone)]
pub struct Params {
    pairs: Vec<(String, String)>,
    known: Vec<String>,
    errors: Vec<FieldError>,
}

impl Params {
    /// Reads what stands behind the `?` of an address.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        Self {
            pairs,
            known: vec![],
            errors: vec![],
        }
    }

    /// All values of a name.
    pub(crate) fn all(&mut self, name: &str) -> Vec<String> {
        self.known.push(name.to_owned());
        let (taken, left) = std::mem::take(&mut self.pairs)
            .into_iter()
            .partition(|(other, _)| other == name);
        self.pairs = left;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    /// The value of a name that may stand there once. An empty one is none.
    pub(crate) fn one(&mut self, name: &str) -> Option<String> {
        let mut values = self.all(name);
        if values.len() > 1 {
            self.wrong(name, "given_twice", "give this once");
        }
        values.pop().filter(|value| !value.is_empty())
    }

    /// A value that must be of some form. `wants` says which.
    pub(crate) fn read<T>(
        &mut self,
        name: &str,
        code: &'static str,
        wants: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.one(name)?;
        let read = parse(&value);
        if read.is_none() {
            self.wrong(name, code, wants);
        }
        read
    }

    /// One of a few words.
    pub(crate) fn keyed<T>(
        &mut self,
        name: &str,
        keys: impl Iterator<Item = &'static str>,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        self.read(name, "invalid_value", &one_of(keys), parse)
    }

    /// A time.
    pub(crate) fn time(&mut self, name: &str) -> Option<Timestamp> {
        self.read(
            name,
            "invalid_time",
            "write date, time and offset as in 2026-11-01T00:00:00Z (a + is written %2B in an address)",
            |text| text.parse().ok(),
        )
    }

    /// `name=` and `name.not=`, each value of some form.
    pub(crate) fn matching<T>(
        &mut self,
        name: &str,
        wants: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Choice<T> {
        let not = format!("{name}.not");
        let read = |params: &mut Self, name: &str| -> Vec<T> {
            let values = params.all(name);
            let parsed: Vec<Option<T>> = values.iter().map(|value| parse(value)).collect();
            if parsed.iter().any(Option::is_none) {
                params.wrong(name, "invalid_value", wants);
            }
            parsed.into_iter().flatten().collect()
        };
        Choice {
            any_of: read(self, name),
            none_of: read(self, &not),
        }
    }

    /// `provider`.
    pub(crate) fn providers(&mut self) -> Choice<ProviderId> {
        self.matching("provider", "write a provider's id", |text| {
            ProviderId::new(text).ok()
        })
    }

    /// `model`.
    pub(crate) fn models(&mut self) -> Choice<Option<String>> {
        self.matching("model", "write a model's id", named)
    }

    /// `agent`.
    pub(crate) fn agents(&mut self) -> Choice<Option<String>> {
        self.matching("agent", "write an agent's name", named)
    }

    /// `user`.
    pub(crate) fn users(&mut self) -> Choice<Option<String>> {
        self.matching("user", "write a user's name", named)
    }

    /// `endpoint`.
    pub(crate) fn endpoints(&mut self) -> Choice<Option<String>> {
        self.matching(
            "endpoint",
            "write the name of an endpoint, or host and port",
            named,
        )
    }

    /// `token`.
    pub(crate) fn tokens(&mut self) -> Choice<Option<TokenId>> {
        self.matching(
            "token",
            "write the id of a gateway token, not the token",
            token,
        )
    }

    /// `outcome`.
    pub(crate) fn outcomes(&mut self) -> Choice<Outcome> {
        let wants = one_of(Outcome::ALL.iter().map(|it| it.key()));
        self.matching("outcome", &wants, |text| text.parse().ok())
    }

    /// `limit` and `cursor`.
    pub(crate) fn page(&mut self) -> PageRequest {
        self.page_or(LIMIT_DEFAULT)
    }

    /// `limit`, which is so much unless given, and `cursor`.
    fn page_or(&mut self, limit_default: u32) -> PageRequest {
        let wants = format!("write a whole number from 1 to {LIMIT_MOST}");
        let limit = self.read("limit", "invalid_limit", &wants, |text| {
            text.parse()
                .ok()
                .filter(|limit| (1..=LIMIT_MOST).contains(limit))
        });
        PageRequest {
            limit: limit.unwrap_or(limit_default),
            cursor: self.one("cursor"),
        }
    }

    /// Notes what is wrong.
    pub(crate) fn wrong(&mut self, name: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError::new(name, code, message));
    }

    /// Every parameter has been asked for; names those that are left as unknown.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with everything that is wrong.
    pub fn end(mut self) -> Result<(), AdminError> {
        for (name, _) in std::mem::take(&mut self.pairs) {
            let known = if self.known.is_empty() {
                "there is no such parameter; this address takes none".to_owned()
            } else {
                format!(
                    "there is no such parameter; there are: {}",
                    self.known.join(", ")
                )
            };
            self.wrong(&shown(&name), "unknown_parameter", known);
        }
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(AdminError::BadQuery(self.errors))
        }
    }
}

/// A text; an empty one means that none was named.
fn named(text: &str) -> Option<Option<String>> {
    Some(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// The id of a token; an empty text means calls without one.
fn token(text: &str) -> Option<Option<TokenId>> {
    if text.is_empty() {
        Some(None)
    } else {
        text.parse().ok().map(Some)
    }
}

/// What to write where only a few words will do.
pub(crate) fn one_of(keys: impl Iterator<Item = &'static str>) -> String {
    format!("use one of: {}", keys.collect::<Vec<_>>().join(", "))
}

/// Reads a query that asks for a page of a list and nothing else: `limit` and `cursor`.
///
/// # Errors
/// [`AdminError::BadQuery`] with every parameter that is wrong.
pub fn page(query: &str) -> Result<PageRequest, AdminError> {
    page_or(query, LIMIT_DEFAULT)
}

/// The same for a list whose pages have so many rows unless `limit` is given.
///
/// # Errors
/// [`AdminError::BadQuery`] with every parameter that is wrong.
pub fn page_or(query: &str, limit_default: u32) -> Result<PageRequest, AdminError> {
    let mut params = Params::parse(query);
    let page = params.page_or(limit_default);
    params.end()?;
    Ok(page)
}
