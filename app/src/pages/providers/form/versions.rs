//! What a version of a provider has of one of its parts, in words.

use admin::providers::Part;
use domain::{Bucket, UsdPerMtok};
use serde_json::Value;

use crate::{
    format::money,
    provider_form::{azure_mode::AzureMode, google_mode::GoogleMode, mode::Mode},
};

/// Lines of words.
pub(super) type Lines = Vec<Line>;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// What it is of. Empty: that is clear.
    pub(super) label: String,
    pub(super) words: String,
    /// Whether it is to be read letter by letter.
    pub(super) is_code: bool,
}

impl Line {
    fn words(words: &str) -> Self {
        Self {
            label: String::new(),
            words: words.to_owned(),
            is_code: false,
        }
    }

    fn code(label: &str, words: &str) -> Self {
        Self {
            label: label.to_owned(),
            words: words.to_owned(),
            is_code: true,
        }
    }
}

/// The name of a part, as its field has it.
pub(super) fn label(part: &Part) -> String {
    match part {
        Part::Model(id) => format!("Model {id}"),
        Part::Field(name) => label_of(name).to_owned(),
    }
}

fn label_of(field: &str) -> &str {
    match field {
        "display_name" => "Display name",
        "region" => "Region",
        "location" => "Location",
        "preset" => "Which server",
        "endpoints" => "Endpoints",
        "base_url" => "Base URL",
        "credentials" => "Credentials",
        "organization" => "Organization",
        "project" => "Project",
        "inject_stream_usage" => "Ask for usage in streams",
        "fips" => "FIPS endpoint",
        "guardrail" => "Guardrail",
        "other_paths" => "Let other paths through",
        "models" => "Models",
        "record_inputs" => "Record inputs",
        "record_outputs" => "Record outputs",
        "access_key_id" => "Access key ID",
        "secret_access_key" => "Secret access key",
        "service_account" => "Service account key",
        "session_token" => "Session token",
        "role_arn" => "Role ARN",
        "external_id" => "External ID",
        "session_name" => "Session name",
        "api_version" => "API version",
        "data_zone" => "Data zone",
        "client_id" => "Client ID",
        "client_secret" => "Client secret",
        "token_url" => "Token URL",
        "scope" => "Scope",
        other => other,
    }
}

/// What a version has of a part.
pub(super) fn lines(part: &Part, value: &Value) -> Lines {
    match (part, value) {
        (Part::Model(_), Value::Null) => vec![Line::words("not selected")],
        (Part::Model(_), model) => of_model(model),
        (Part::Field(_), Value::Null) => vec![Line::words("none")],
        (Part::Field(_), Value::Bool(true)) => vec![Line::words("on")],
        (Part::Field(_), Value::Bool(false)) => vec![Line::words("off")],
        (Part::Field("display_name"), Value::String(name)) => vec![Line::words(name)],
        (Part::Field(_), Value::String(text)) => vec![Line::code("", text)],
        (Part::Field("models"), Value::Array(models)) => of_list(models),
        (Part::Field("endpoints"), Value::Array(endpoints)) => of_endpoints(endpoints),
        (Part::Field("credentials"), auth) => match auth.get("credentials") {
            Some(credentials) => of_credentials(credentials),
            None => vec![of_key(auth)],
        },
        (Part::Field("guardrail"), guardrail) => {
            let text = |name| text(guardrail, name).unwrap_or_default();
            let version = format!("version {}", text("version"));
            vec![Line::code("", text("id")), Line::words(&version)]
        }
        (Part::Field(_), other) => vec![Line::code("", &other.to_string())],
    }
}

fn text<'a>(json: &'a Value, field: &str) -> Option<&'a str> {
    json.get(field)?.as_str()
}

fn of_key(auth: &Value) -> Line {
    if auth.get("authorization_passthrough") == Some(&Value::Bool(true)) {
        return Line::words("the caller’s own, passed through");
    }
    text(auth, "api_key").map_or_else(|| Line::words("none"), |name| Line::code("", name))
}

/// Each with where it is.
fn of_endpoints(endpoints: &[Value]) -> Lines {
    let line = |endpoint: &Value| {
        let name = text(endpoint, "name").unwrap_or_default();
        let place = text(endpoint, "base_url").or_else(|| text(endpoint, "region"));
        Line::code(
            name,
            place.or_else(|| text(endpoint, "api_key")).unwrap_or(name),
        )
    };
    endpoints.iter().map(line).collect()
}

fn of_credentials(credentials: &Value) -> Lines {
    let key = text(credentials, "mode").unwrap_or_default();
    let of_aws = Mode::ALL.iter().find(|mode| mode.key() == key);
    let of_azure = || AzureMode::ALL.iter().find(|mode| mode.key() == key);
    let of_google = || GoogleMode::ALL.iter().find(|mode| mode.key() == key);
    let label = of_aws
        .map(|mode| mode.label())
        .or_else(|| of_azure().map(|mode| mode.label()))
        .or_else(|| of_google().map(|mode| mode.label()));
    let mut lines = vec![Line::words(label.unwrap_or(key))];
    let fields = credentials.as_object().into_iter().flatten();
    lines.extend(
        fields
            .filter(|(name, _)| *name != "mode")
            .filter_map(|(name, value)| Some(Line::code(label_of(name), value.as_str()?))),
    );
    lines
}

/// The first few ids of a list of models.
fn of_list(models: &[Value]) -> Lines {
    const FEW: usize = 4;
    if models.is_empty() {
        return vec![Line::words("every model is allowed")];
    }
    let ids = models.iter().filter_map(|model| text(model, "id"));
    let mut lines: Lines = ids.take(FEW).map(|id| Line::code("", id)).collect();
    if let Some(more) = models.len().checked_sub(FEW).filter(|more| *more > 0) {
        lines.push(Line::words(&format!("and {more} more")));
    }
    lines
}

fn of_model(model: &Value) -> Lines {
    let mut lines = vec![Line::words("selected")];
    if let Some(name) = text(model, "display_name") {
        let mut line = Line::words(name);
        "called".clone_into(&mut line.label);
        lines.push(line);
    }
    if let Some(id) = text(model, "price_as") {
        lines.push(Line::code("priced as", id));
    }
    let rates = model.get("rates");
    lines.extend(Bucket::ALL.iter().filter_map(|bucket| {
        let typed = text(rates?, bucket.key())?;
        let shown = match typed.parse() {
            Ok(rate) if rate == UsdPerMtok::FREE => "free".to_owned(),
            Ok(rate) => format!("${}", money::rate(rate)),
            Err(_) => typed.to_owned(),
        };
        Some(Line {
            label: bucket.label().to_owned(),
            words: shown,
            is_code: false,
        })
    }));
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Part, lines};

    #[track_caller]
    fn check(part: &'static str, value: &Value, expected: &[&str]) {
        let part = match part.strip_prefix("model.") {
            Some(id) => Part::Model(id.to_owned()),
            None => Part::Field(part),
        };
        let told: Vec<String> = lines(&part, value)
            .into_iter()
            .map(|line| format!("{} {}", line.label, line.words).trim().to_owned())
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn every_part_reads_in_words() {
        check("organization", &Value::Null, &["none"]);
        check("fips", &json!(true), &["on"]);
        check("base_url", &json!("https://a/v1"), &["https://a/v1"]);
        check(
            "credentials",
            &json!({"authorization_passthrough": true}),
            &["the caller’s own, passed through"],
        );
        check("credentials", &json!({"api_key": "K"}), &["K"]);
        check(
            "credentials",
            &json!({"credentials": {"mode": "assume_role", "role_arn": "arn:x", "session_name": "s"}}),
            &["Assume IAM role", "Role ARN arn:x", "Session name s"],
        );
        check(
            "guardrail",
            &json!({"id": "g", "version": "DRAFT"}),
            &["g", "version DRAFT"],
        );
        check("models", &json!([]), &["every model is allowed"]);
        let six: Vec<Value> = (0..6).map(|id| json!({"id": id.to_string()})).collect();
        check("models", &json!(six), &["0", "1", "2", "3", "and 2 more"]);
        check(
            "model.m",
            &json!({"id": "m", "display_name": "M", "rates": {"output": "0", "input": "2.5"}}),
            &["selected", "called M", "Input $2.50", "Output free"],
        );
        check("model.m", &Value::Null, &["not selected"]);
    }
}
