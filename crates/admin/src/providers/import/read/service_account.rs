//! The key of a service account as it stands in an endpoint: the file that Google hands out, as an object.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use service_account::{InvalidServiceAccountKey, ServiceAccountKey, Wrong};

use super::{is_placeholder, placeholder};
use crate::{
    error::FieldError,
    fields::{Object, filled},
    providers::import::tell,
};

/// All that Google writes into the file: texts, of which some are needed.
const FIELDS: [&str; 11] = [
    "type",
    "project_id",
    "private_key_id",
    "private_key",
    "client_email",
    "client_id",
    "auth_uri",
    "token_uri",
    "auth_provider_x509_cert_url",
    "client_x509_cert_url",
    "universe_domain",
];
/// What the file says of itself.
const TYPE: &str = "type";
const SERVICE_ACCOUNT: &str = "service_account";
/// The universe that Weir's addresses of Vertex AI are in.
const UNIVERSE: &str = "googleapis.com";

/// What could be read of it.
pub(super) struct ServiceAccount {
    /// The project that it belongs to.
    pub(super) project: Option<String>,
    /// The whole, where nothing is wrong with it.
    pub(super) json: Option<SecretString>,
}

/// Reads it. `path` stands before the name of each field.
pub(super) fn read(
    path: &str,
    info: Map<String, Value>,
    errors: &mut Vec<FieldError>,
) -> ServiceAccount {
    let before = errors.len();
    let mut wrong = vec![];
    let mut project = None;
    let mut object = Object::new(path, Value::Object(info.clone()));
    for name in FIELDS {
        let text = object.text(name);
        let Some(text) = filled(text.as_deref()) else {
            continue;
        };
        if is_placeholder(text) {
            wrong.push(placeholder(object.at(name)));
        } else if name == "universe_domain" && text != UNIVERSE {
            wrong.push(FieldError::new(
                object.at(name),
                "unsupported_universe",
                "this account is of another cloud than Google's public one, googleapis.com, which is the only one that Weir calls",
            ));
        } else if name == "project_id" {
            project = Some(text.to_owned());
        }
    }
    let of_its_fields = object.end();
    if !is_of_another_kind(&info) {
        tell(errors, of_its_fields);
    }
    tell(errors, wrong);
    let told = wrong_in(&info).into_iter().map(|wrong| {
        let message = format!("{} {}", wrong.field, wrong.reason);
        let field = format!("{path}.{}", wrong.field);
        FieldError::new(field, "invalid_service_account", message)
    });
    tell(errors, told);
    ServiceAccount {
        project,
        json: (errors.len() == before).then(|| text_of(info)),
    }
}

/// Whether it is a whole file of another kind, such as what gcloud writes for people: it has other fields, and that it
/// is another file is all there is to say.
fn is_of_another_kind(info: &Map<String, Value>) -> bool {
    let says = info.get(TYPE).and_then(Value::as_str);
    says.is_some_and(|says| says != SERVICE_ACCOUNT) && !info.contains_key("private_key")
}

/// What a key must have to be used.
fn wrong_in(info: &Map<String, Value>) -> Vec<Wrong> {
    let mut wrong = parsed(info.clone());
    // A key is not looked at further where it says to be something else; here all is told at once.
    if wrong.iter().any(|wrong| wrong.field == TYPE) && !is_of_another_kind(info) {
        let mut as_if = info.clone();
        as_if.insert(TYPE.to_owned(), json!(SERVICE_ACCOUNT));
        wrong.extend(parsed(as_if));
    }
    wrong
}

fn parsed(info: Map<String, Value>) -> Vec<Wrong> {
    match ServiceAccountKey::parse(text_of(info).expose_secret()) {
        // It is an object here.
        Ok(_) | Err(InvalidServiceAccountKey::NotAnObject) => vec![],
        Err(InvalidServiceAccountKey::Fields(wrong)) => wrong,
    }
}

fn text_of(info: Map<String, Value>) -> SecretString {
    Value::Object(info).to_string().into()
}
