//! Every form of credentials, and for each of its fields what is wrong in it and how that is told: one table for the
//! tests by API and by page.

use serde_json::Value;

/// The stand-in's: it opens nothing.
const PEM: &str = include_str!("../../../../standin/src/oauth/service_account.pem");
/// What stands for it in the table.
const PEM_HERE: &str = "PEM";

/// What stands in the secret fields, and in others that may have been mistaken for them.
const HUSH: &str = "s3cr3t";

/// A form, which kinds of credentials may share.
pub(crate) struct Form {
    pub(crate) kinds: Vec<String>,
    /// An endpoint with every field, all of them right.
    pub(crate) right: Value,
    /// Fields that it may do without.
    pub(crate) may_be_missing: Vec<String>,
    pub(crate) wrong: Vec<Wrong>,
}

/// One value that a field must not have.
pub(crate) struct Wrong {
    /// Its path in the endpoint.
    pub(crate) field: String,
    /// Null: it is not there.
    pub(crate) value: Value,
    /// How that is told.
    pub(crate) code: String,
}

/// Whether a text tells anything of what must never come back.
pub(crate) fn tells_a_secret(text: &str) -> bool {
    // How such a key begins and ends is no secret.
    let mut of_the_key = PEM.lines().filter(|line| !line.starts_with("-----"));
    text.contains(HUSH) || of_the_key.any(|line| text.contains(line))
}

/// The table.
pub(crate) fn all() -> Vec<Form> {
    let table: Value = serde_json::from_str(include_str!("forms.json")).unwrap();
    table.as_array().unwrap().iter().map(form).collect()
}

fn form(row: &Value) -> Form {
    let mut right = row["right"].clone();
    if let Some(key) = right.pointer_mut("/service_account_info/private_key") {
        assert_eq!(*key, PEM_HERE);
        *key = PEM.into();
    }
    let mut wrong = vec![];
    for (field, values) in row["wrong"].as_object().unwrap() {
        for value in values.as_array().unwrap() {
            wrong.push(Wrong {
                field: field.clone(),
                value: value[0].clone(),
                code: value[1].as_str().unwrap().to_owned(),
            });
        }
    }
    Form {
        kinds: texts(&row["kinds"]),
        right,
        may_be_missing: texts(&row["may_be_missing"]),
        wrong,
    }
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().unwrap().iter();
    texts
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

impl Form {
    /// The right endpoint with another value in one field. Null stands there, and is left out as well.
    pub(crate) fn with(&self, field: &str, value: &Value) -> Vec<Value> {
        let mut with = self.right.clone();
        *place(&mut with, field) = value.clone();
        let mut all = vec![with.clone()];
        if value.is_null() {
            let (of, name) = field.rsplit_once('.').unwrap_or(("", field));
            let of = if of.is_empty() {
                &mut with
            } else {
                place(&mut with, of)
            };
            of.as_object_mut().unwrap().remove(name).unwrap();
            all.push(with);
        }
        all
    }
}

fn place<'a>(endpoint: &'a mut Value, field: &str) -> &'a mut Value {
    field
        .split('.')
        .fold(endpoint, |value, name| &mut value[name])
}

/// The paths of all fields of an object.
fn paths(object: &Value) -> Vec<String> {
    let mut paths = vec![];
    for (name, value) in object.as_object().into_iter().flatten() {
        paths.push(name.clone());
        paths.extend(
            self::paths(value)
                .iter()
                .map(|path| format!("{name}.{path}")),
        );
    }
    paths
}

#[test]
fn the_table_has_every_kind_and_every_field_of_each_form() {
    let forms = all();
    let mut kinds: Vec<_> = forms.iter().flat_map(|form| &form.kinds).collect();
    // There are two ways to sign in to AWS.
    kinds.dedup();
    kinds.sort();
    let every = "anthropic aws azure cerebras cohere google groq openai togetherai";
    assert!(kinds.into_iter().eq(every.split(' ')));
    for mut form in forms {
        for field in paths(&form.right) {
            let of = || form.wrong.iter().filter(|wrong| wrong.field == field);
            let is_needed = of().any(|wrong| wrong.value.is_null());
            assert_ne!(is_needed, form.may_be_missing.contains(&field), "{field}");
            assert!(of().any(|wrong| wrong.code == "wrong_type"), "{field}");
            let is_wrong = of().any(|wrong| {
                let is_blank = wrong
                    .value
                    .as_str()
                    .is_none_or(|text| text.trim().is_empty());
                !is_blank && wrong.code != "wrong_type"
            });
            // A flag has no wrong values, and those of an object are its fields'.
            let is_text = place(&mut form.right, &field).is_string();
            assert!(is_wrong || !is_text, "{field}");
        }
    }
}
