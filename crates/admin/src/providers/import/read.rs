//! The fields of one endpoint, by kind, and what is wrong with them as far as the pasted text alone tells. Rules
//! that hold for every provider (addresses, regions, roles, versions) are left to the check of providers.

mod service_account;

use std::collections::HashSet;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};

use super::{kind::ImportKind, tell};
use crate::{
    error::FieldError,
    fields::{Object, filled},
    secrets::check_value_of,
};

/// The fields of an access key of AWS.
const ACCESS_KEY: [&str; 3] = ["access_key_id", "secret_access_key", "session_token"];

/// What an endpoint becomes.
#[derive(Default)]
pub(super) struct Endpoint {
    pub(super) region: Option<String>,
    /// Fields of a provider's JSON, without those that name secrets.
    pub(super) fields: Map<String, Value>,
    pub(super) secrets: Vec<Secret>,
}

/// A value that becomes a secret.
pub(super) struct Secret {
    pub(super) place: Place,
    /// The field that names it.
    pub(super) field: &'static str,
    pub(super) value: SecretString,
}

/// Where in a provider's JSON a secret is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Beside the other fields.
    Beside,
    /// In `credentials`.
    Credentials,
}

/// Reads an endpoint. `path` stands before the name of each field.
pub(super) fn endpoint(
    kind: ImportKind,
    path: &str,
    json: Value,
    errors: &mut Vec<FieldError>,
) -> Endpoint {
    let is_object = json.is_object();
    let mut reader = Reader {
        given: given(&json),
        object: Object::new(path, json),
        errors: vec![],
        endpoint: Endpoint::default(),
    };
    match kind {
        // That it is none is all that is wrong with it.
        _ if !is_object => {}
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
    tell(errors, reader.object.end());
    tell(errors, reader.errors);
    reader.endpoint
}

/// The fields of an endpoint that hold anything, right or wrong.
fn given(json: &Value) -> HashSet<String> {
    let fields = json.as_object().into_iter().flatten();
    let fields = fields.filter(|(_, value)| match value {
        Value::Null => false,
        Value::String(text) => filled(Some(text)).is_some(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => true,
    });
    fields.map(|(name, _)| name.clone()).collect()
}

struct Reader {
    given: HashSet<String>,
    object: Object,
    errors: Vec<FieldError>,
    endpoint: Endpoint,
}

impl Reader {
    fn keyed(&mut self, kind: ImportKind) {
        // Where such hosts are is fixed; the region only says so.
        self.endpoint.region = self.text("region");
        self.api_key();
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
            self.set("api_version", json!(version));
        }
        self.api_key();
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
        let keys = ACCESS_KEY.map(|field| (field, self.secret(field)));
        let with_role = |mode| json!({"mode": mode, "role_arn": role});
        let credentials = match (self.gives("role_arn"), self.gives_any(&ACCESS_KEY)) {
            (true, any_key) => {
                if any_key {
                    self.keys_beside_a_role();
                }
                with_role(if web_identity {
                    "web_identity"
                } else {
                    "assume_role"
                })
            }
            (false, false) if web_identity => {
                self.wrong(
                    "role_arn",
                    "required",
                    "use_web_identity is on: name the role that is assumed with the token",
                );
                with_role("web_identity")
            }
            (false, false) => {
                self.wrong(
                    "access_key_id",
                    "required",
                    "give access_key_id and secret_access_key, or role_arn",
                );
                json!({"mode": "static_keys"})
            }
            (false, true) => {
                if web_identity {
                    self.wrong(
                        "use_web_identity",
                        "keys_and_role",
                        "there is an access key as well: to use the token, name its role in role_arn and leave the key out; else leave this out",
                    );
                }
                self.keep_access_key(keys);
                json!({"mode": "static_keys"})
            }
        };
        self.set("credentials", credentials);
    }

    fn keys_beside_a_role(&mut self) {
        for field in ACCESS_KEY {
            if self.gives(field) {
                self.wrong(
                    field,
                    "keys_and_role",
                    "there is a role_arn as well: give either keys or a role",
                );
            }
        }
    }

    fn keep_access_key(&mut self, keys: [(&'static str, Option<SecretString>); 3]) {
        for field in ["access_key_id", "secret_access_key"] {
            if !self.gives(field) {
                self.wrong(field, "required", "an access key has an id and a secret");
            }
        }
        for (field, value) in keys {
            if let Some(value) = value {
                self.keep_secret(Place::Credentials, field, value);
            }
        }
    }

    fn google(&mut self) {
        if let Some(region) = self.needed("region") {
            self.set("location", json!(region));
            self.endpoint.region = Some(region);
        }
        let field = "service_account_info";
        let info = self.object.map(field);
        if !self.gives(field) {
            self.wrong(
                field,
                "required",
                "put the JSON file of the service account here, as an object",
            );
        }
        let Some(info) = info else { return };
        let path = self.object.at(field);
        let read = service_account::read(&path, info, &mut self.errors);
        if let Some(project) = read.project {
            self.set("project", json!(project));
        }
        self.set("credentials", json!({"mode": "service_account"}));
        if let Some(json) = read.json {
            match check_value_of(&path, &json) {
                Ok(()) => self.keep_secret(Place::Credentials, "service_account", json),
                Err(error) => self.errors.push(error),
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

    /// Whether a field holds anything, right or wrong.
    fn gives(&self, field: &str) -> bool {
        self.given.contains(field)
    }

    fn gives_any(&self, fields: &[&str]) -> bool {
        fields.iter().any(|field| self.gives(field))
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
        self.require(field);
        self.text(field)
    }

    fn require(&mut self, field: &str) {
        if !self.gives(field) {
            self.wrong(field, "required", "this is missing or empty");
        }
    }

    /// A value that can be kept as a secret, just as it was sent.
    fn secret(&mut self, field: &'static str) -> Option<SecretString> {
        let value = SecretString::from(self.object.text(field)?);
        if !self.gives(field) {
            return None;
        }
        let at = self.object.at(field);
        if is_placeholder(value.expose_secret()) {
            self.errors.push(placeholder(at));
            return None;
        }
        match check_value_of(&at, &value) {
            Ok(()) => Some(value),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    fn api_key(&mut self) {
        let field = "api_key";
        self.require(field);
        if let Some(value) = self.secret(field) {
            self.keep_secret(Place::Beside, field, value);
        }
    }

    fn keep_secret(&mut self, place: Place, field: &'static str, value: SecretString) {
        self.endpoint.secrets.push(Secret {
            place,
            field,
            value,
        });
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
