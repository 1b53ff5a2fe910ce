//! The fields of one endpoint, by kind, and all that is wrong with them.

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use service_account::{InvalidServiceAccountKey, ServiceAccountKey};

use super::kind::ImportKind;
use crate::{
    error::FieldError,
    fields::{Object, filled},
    secrets::check_value_of,
};

/// The most endpoints that a provider has.
pub(super) const ENDPOINTS_MAX: usize = 20;

/// What an endpoint becomes.
pub(super) struct Endpoint {
    pub(super) region: Option<String>,
    /// Fields of a provider's JSON, without those that name secrets.
    pub(super) fields: Map<String, Value>,
    pub(super) secrets: Vec<Secret>,
}

/// A value that becomes a secret.
pub(super) struct Secret {
    /// Whether the field that names it stands in `credentials`.
    pub(super) in_credentials: bool,
    pub(super) field: &'static str,
    pub(super) value: SecretString,
}

/// Reads an endpoint. `path` stands before the name of each field.
pub(super) fn endpoint(
    kind: ImportKind,
    path: &str,
    json: Value,
    errors: &mut Vec<FieldError>,
) -> Endpoint {
    let mut reader = Reader {
        object: Object::new(path, json),
        errors: vec![],
        endpoint: Endpoint {
            region: None,
            fields: Map::new(),
            secrets: vec![],
        },
    };
    match kind {
        ImportKind::Azure => reader.azure(),
        ImportKind::Aws => reader.aws(),
        ImportKind::Google => reader.google(),
        ImportKind::Anthropic
        | ImportKind::Cerebras
        | ImportKind::TogetherAi
        | ImportKind::Cohere
        | ImportKind::OpenAi
        | ImportKind::Groq => reader.keyed(kind),
    }
    let unreadable = reader.object.end();
    // What is of the wrong kind is not missing as well.
    reader
        .errors
        .retain(|error| !unreadable.iter().any(|other| other.field == error.field));
    errors.extend(unreadable);
    errors.extend(reader.errors);
    reader.endpoint
}

struct Reader {
    object: Object,
    errors: Vec<FieldError>,
    endpoint: Endpoint,
}

impl Reader {
    fn keyed(&mut self, kind: ImportKind) {
        // Where such hosts are is fixed; the region only says so.
        self.endpoint.region = self.text("region");
        self.secret("api_key", false, "api_key");
        if let Some(preset) = kind.preset() {
            self.set("base_url", json!(preset.base_url()));
        }
    }

    fn azure(&mut self) {
        self.endpoint.region = self.text("region");
        if let Some(api_type) = self.needed("api_type")
            && api_type != "azure"
        {
            self.wrong(
                "api_type",
                "invalid_api_type",
                "this must be azure; tokens of Entra ID are set up with a service principal in the provider's form",
            );
        }
        if let Some(address) = self.needed("api_base") {
            self.set("base_url", json!(address));
        }
        if let Some(version) = self.needed("api_version") {
            if is_api_version(&version) {
                self.set("api_version", json!(version));
            } else {
                self.wrong(
                    "api_version",
                    "invalid_api_version",
                    "a version is a date, such as 2024-10-21 or 2025-04-01-preview",
                );
            }
        }
        self.secret("api_key", false, "api_key");
    }

    fn aws(&mut self) {
        if let Some(region) = self.needed("region") {
            self.set("region", json!(region));
            self.endpoint.region = Some(region);
        }
        let role = self.text("role_arn");
        let web_identity = self.object.flag("use_web_identity").unwrap_or(false);
        if self.object.flag("use_fips_endpoint") == Some(true) {
            self.set("fips", json!(true));
        }
        let keys = ["access_key_id", "secret_access_key", "session_token"];
        let given = keys.map(|name| self.text(name));
        let [key_id, key, token] = &given;
        let any_key = given.iter().any(Option::is_some);
        match role {
            Some(_) if any_key => {
                for name in keys
                    .iter()
                    .zip(&given)
                    .filter_map(|(name, value)| value.as_ref().map(|_| name))
                {
                    self.wrong(
                        name,
                        "keys_and_role",
                        "there is a role_arn as well: give either keys or a role",
                    );
                }
            }
            Some(role) if web_identity => {
                self.set(
                    "credentials",
                    json!({"mode": "web_identity", "role_arn": role}),
                );
            }
            Some(role) => {
                self.set(
                    "credentials",
                    json!({"mode": "assume_role", "role_arn": role}),
                );
            }
            None if web_identity => self.wrong(
                "role_arn",
                "required",
                "use_web_identity is on: name the role that is assumed with the token",
            ),
            None => {
                if !any_key {
                    self.wrong(
                        "access_key_id",
                        "required",
                        "give access_key_id and secret_access_key, or role_arn",
                    );
                } else {
                    for (name, value) in [("access_key_id", key_id), ("secret_access_key", key)] {
                        if value.is_none() {
                            self.wrong(name, "required", "an access key has an id and a secret");
                        }
                    }
                }
                self.set("credentials", json!({"mode": "static_keys"}));
                for (name, value) in [
                    ("access_key_id", key_id),
                    ("secret_access_key", key),
                    ("session_token", token),
                ] {
                    if let Some(value) = value {
                        self.keep_secret(name, true, name, value.as_str().into());
                    }
                }
            }
        }
    }

    fn google(&mut self) {
        if let Some(region) = self.needed("region") {
            self.set("location", json!(region));
            self.endpoint.region = Some(region);
        }
        let field = "service_account_info";
        let Some(info) = self.object.map(field) else {
            self.wrong(
                field,
                "required",
                "put the JSON file of the service account here, as an object",
            );
            return;
        };
        let before = self.errors.len();
        let path = self.object.at(field);
        for (name, value) in &info {
            if value.as_str().is_some_and(is_placeholder) {
                self.errors
                    .push(placeholder(format!("{path}.{}", crate::error::shown(name))));
            }
        }
        let text = SecretString::from(Value::Object(info).to_string());
        match ServiceAccountKey::parse(text.expose_secret()) {
            Ok(key) => {
                self.set("project", json!(key.project_id()));
                self.set("credentials", json!({"mode": "service_account"}));
                if self.errors.len() == before {
                    self.keep_secret(field, true, "service_account", text);
                }
            }
            Err(InvalidServiceAccountKey::NotAnObject) => {
                self.wrong(
                    field,
                    "invalid_service_account",
                    "this is no service account",
                );
            }
            Err(InvalidServiceAccountKey::Fields(wrong)) => {
                for wrong in wrong {
                    let field = format!("{path}.{}", wrong.field);
                    // A placeholder is told as one.
                    if !self.errors.iter().any(|error| error.field == field) {
                        let message = format!("{} {}", wrong.field, wrong.reason);
                        let error = FieldError::new(field, "invalid_service_account", message);
                        self.errors.push(error);
                    }
                }
            }
        }
    }

    fn set(&mut self, field: &str, value: Value) {
        self.endpoint.fields.insert(field.to_owned(), value);
    }

    fn wrong(&mut self, field: &str, code: &'static str, message: &str) {
        let field = self.object.at(field);
        self.errors.push(FieldError::new(field, code, message));
    }

    /// A text that is neither empty nor the placeholder of an example.
    fn text(&mut self, field: &'static str) -> Option<String> {
        let text = self.object.text(field)?;
        let text = filled(Some(&text))?.to_owned();
        if is_placeholder(&text) {
            self.errors.push(placeholder(self.object.at(field)));
            return None;
        }
        Some(text)
    }

    fn needed(&mut self, field: &'static str) -> Option<String> {
        let text = self.text(field);
        self.require(field, text.is_some());
        text
    }

    fn require(&mut self, field: &str, is_there: bool) {
        let at = self.object.at(field);
        if !is_there && !self.errors.iter().any(|error| error.field == at) {
            self.errors
                .push(FieldError::new(at, "required", "this is missing or empty"));
        }
    }

    fn secret(&mut self, field: &'static str, in_credentials: bool, becomes: &'static str) {
        let text = self.object.text(field).map(SecretString::from);
        let text = text.filter(|text| !text.expose_secret().trim().is_empty());
        self.require(field, text.is_some());
        if let Some(text) = text {
            self.keep_secret(field, in_credentials, becomes, text);
        }
    }

    fn keep_secret(
        &mut self,
        field: &str,
        in_credentials: bool,
        becomes: &'static str,
        value: SecretString,
    ) {
        let at = self.object.at(field);
        let is_json = becomes == "service_account";
        if !is_json && is_placeholder(value.expose_secret()) {
            self.errors.push(placeholder(at));
            return;
        }
        match check_value_of(&at, &value) {
            Ok(()) => self.endpoint.secrets.push(Secret {
                in_credentials,
                field: becomes,
                value,
            }),
            Err(error) => self.errors.push(error),
        }
    }
}

/// Whether a text has something in angle brackets, as examples have where one's own is to stand.
fn is_placeholder(text: &str) -> bool {
    text.split_once('<')
        .is_some_and(|(_, rest)| rest.contains('>'))
}

fn placeholder(field: String) -> FieldError {
    FieldError::new(
        field,
        "placeholder",
        "this is still the placeholder of an example, in angle brackets; put your own here",
    )
}

/// A date, and `-preview` where it is one.
fn is_api_version(text: &str) -> bool {
    let date = text.strip_suffix("-preview").unwrap_or(text);
    let digits = |part: &str, most: usize| {
        part.len() == most && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = date.split('-');
    let [year, month, day, end] = [parts.next(), parts.next(), parts.next(), parts.next()];
    year.is_some_and(|part| digits(part, 4))
        && month.is_some_and(|part| digits(part, 2))
        && day.is_some_and(|part| digits(part, 2))
        && end.is_none()
}
