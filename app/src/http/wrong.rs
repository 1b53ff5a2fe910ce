//! What is wrong with a form that was sent, field by field.

use admin::{AdminError, FieldError};

use super::{failure::Failure, fields::Fields};
use crate::{kit::field::Typed, provider_form::notes::sentence};

/// Which fields were refused, and why, in the order of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wrong(Vec<(String, String)>);

impl Wrong {
    /// Nothing is wrong.
    pub(crate) const NOTHING: Self = Self(Vec::new());

    /// One field is wrong. An empty name stands for the form as a whole.
    pub(crate) fn one(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self(vec![(field.into(), message.into())])
    }

    /// Reads what admin says of fields. Whatever else it says is a failure of the page.
    ///
    /// # Errors
    /// [`Failure`] where no field is at fault.
    pub(crate) fn read(error: AdminError) -> Result<Self, Failure> {
        Self::read_as(error, |error| error.field.clone())
    }

    /// The same, where the form's names differ from the API's.
    ///
    /// # Errors
    /// [`Failure`] where no field is at fault.
    pub(crate) fn read_as(
        error: AdminError,
        name: impl Fn(&FieldError) -> String,
    ) -> Result<Self, Failure> {
        match error {
            AdminError::Invalid(_) | AdminError::Conflict { .. } => {
                let errors = error.problem().errors;
                Ok(Self(
                    errors
                        .iter()
                        .map(|error| (name(error), sentence(&error.message)))
                        .collect(),
                ))
            }
            other => Err(other.into()),
        }
    }

    /// What admin says of fields, each by its own name and in admin's words.
    ///
    /// # Errors
    /// [`Failure`] where no field is at fault.
    pub(crate) fn read_named(error: AdminError) -> Result<Vec<(String, String)>, Failure> {
        match error {
            AdminError::Invalid(_) | AdminError::Conflict { .. } => {
                let errors = error.problem().errors.into_iter();
                Ok(errors.map(|error| (error.field, error.message)).collect())
            }
            other => Err(other.into()),
        }
    }

    /// Adds a field that is wrong.
    pub(crate) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push((field.into(), message.into()));
    }

    /// Adds all that is wrong elsewhere.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Why a field was refused; several reasons in one line. Empty: it was not.
    pub(crate) fn of(&self, field: &str) -> String {
        let told: Vec<&str> = self
            .0
            .iter()
            .filter(|(name, _)| name == field)
            .map(|(_, words)| words.as_str())
            .collect();
        told.join(" ")
    }

    /// The first field that was refused.
    pub(crate) fn first(&self) -> Option<&str> {
        self.0.first().map(|(name, _)| name.as_str())
    }

    /// Whether a field is the first that was refused.
    pub(crate) fn is_first(&self, field: &str) -> bool {
        self.first() == Some(field)
    }

    /// Whether any field whose name begins so was refused.
    pub(crate) fn any(&self, prefix: &str) -> bool {
        self.0.iter().any(|(name, _)| name.starts_with(prefix))
    }

    /// Puts the fields in the order of the form, so that the page begins at the first. Those that the form
    /// does not list come last.
    pub(crate) fn in_order(mut self, form: &[&str]) -> Self {
        let place = |name: &str| {
            form.iter()
                .position(|field| *field == name)
                .unwrap_or(form.len())
        };
        self.0.sort_by_key(|(name, _)| place(name));
        self
    }

    /// Why fields were refused that are not among those named: what a form has no place for.
    pub(crate) fn elsewhere(&self, fields: &[&str]) -> Vec<String> {
        self.0
            .iter()
            .filter(|(name, _)| !fields.contains(&name.as_str()))
            .map(|(_, words)| words.clone())
            .collect()
    }

    /// What a form holds of a field.
    pub(crate) fn typed(&self, form: &Fields, field: &str) -> Typed {
        Typed {
            value: form.get(field).unwrap_or_default().to_owned(),
            error: self.of(field),
            first: self.is_first(field),
        }
    }
}

#[cfg(test)]
mod tests {
    use admin::{AdminError, FieldError};

    use super::Wrong;
    use crate::http::fields::Fields;

    fn invalid(fields: &[&str]) -> AdminError {
        AdminError::Invalid(
            fields
                .iter()
                .map(|field| FieldError::new(*field, "code", "not so"))
                .collect(),
        )
    }

    #[test]
    fn the_first_field_of_the_form_is_where_the_page_begins() {
        let wrong = Wrong::read(invalid(&["value", "name", "name"]))
            .unwrap()
            .in_order(&["name", "value"]);
        assert!(wrong.is_first("name") && !wrong.is_first("value"));
        assert_eq!(wrong.of("name"), "Not so. Not so.");
        let typed = wrong.typed(&Fields::from([("name", "abc")]), "name");
        assert_eq!((typed.value.as_str(), typed.first), ("abc", true));
        assert_eq!(wrong.elsewhere(&["name"]), ["Not so."]);
        assert!(wrong.any("val") && !wrong.any("x"));
    }

    #[test]
    fn what_is_no_fields_fault_is_no_form() {
        assert_eq!(Wrong::read(AdminError::Internal).unwrap_err().status(), 500);
    }
}
