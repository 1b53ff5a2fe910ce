//! The form and the REST API refuse the same things for the same reasons in the same words: each wrong provider of
//! the table goes to both.

use admin::Who;
use api::ApiState;
use axum::{Router, body::Body};
use http::{Request, header};
use http_body_util::BodyExt as _;
use secrecy::SecretString;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::browser::{Browser, Page};

const TOKEN: &str = "admin-token";

/// A provider of each type that is as it should be.
fn good(ty: &str) -> Value {
    let mut provider = json!({"display_name": "Fine", "type": ty});
    let more = match ty {
        "bedrock" => json!({"region": "us-east-1"}),
        "openai_compatible" => json!({"base_url": "http://llm.example/v1"}),
        _ => json!({"api_key": "A_KEY"}),
    };
    merge(&mut provider, more);
    provider
}

fn merge(into: &mut Value, more: Value) {
    let Value::Object(more) = more else {
        panic!("no object")
    };
    into.as_object_mut().unwrap().extend(more);
}

/// Type, what is changed of a good provider, then each field that is wrong with its code.
type Case = (&'static str, Value, Vec<(&'static str, &'static str)>);

fn table() -> Vec<Case> {
    let of_model = |more: Value| {
        let mut model = json!({"id": "m"});
        merge(&mut model, more);
        json!({ "models": [model] })
    };
    let keys = |more: Value| {
        let mut credentials =
            json!({"mode": "static_keys", "access_key_id": "A_KEY", "secret_access_key": "A_KEY"});
        merge(&mut credentials, more);
        json!({ "credentials": credentials })
    };
    let role = |more: Value| {
        let mut credentials =
            json!({"mode": "assume_role", "role_arn": "arn:aws:iam::123456789012:role/caller"});
        merge(&mut credentials, more);
        json!({ "credentials": credentials })
    };
    let mut table = vec![];
    for ty in [
        "openai",
        "anthropic",
        "google_ai",
        "bedrock",
        "openai_compatible",
    ] {
        for (change, wrong) in [
            (
                json!({"display_name": ""}),
                vec![("display_name", "required")],
            ),
            (
                json!({"display_name": "n".repeat(254)}),
                vec![("display_name", "too_long")],
            ),
            (
                json!({"display_name": "a\tb"}),
                vec![("display_name", "control_character")],
            ),
            (json!({"id": "Upper"}), vec![("id", "invalid_id")]),
            (json!({"id": "9lives"}), vec![("id", "invalid_id")]),
            (json!({"id": "a".repeat(64)}), vec![("id", "invalid_id")]),
            (json!({"id": "taken"}), vec![("id", "id_taken")]),
            (
                json!({"base_url": "no address"}),
                vec![("base_url", "invalid_base_url")],
            ),
            (
                json!({"base_url": "ftp://a.example"}),
                vec![("base_url", "invalid_base_url")],
            ),
            (
                json!({"base_url": "https://a.example?key=1"}),
                vec![("base_url", "invalid_base_url")],
            ),
            (
                json!({"base_url": "http://169.254.169.254/"}),
                vec![("base_url", "refused_address")],
            ),
            (
                of_model(json!({"display_name": "n".repeat(254)})),
                vec![("models[0].display_name", "too_long")],
            ),
            (
                of_model(json!({"rates": {"input": "2,5"}})),
                vec![("models[0].rates.input", "invalid_rate")],
            ),
            (
                of_model(json!({"rates": {"output": "-1"}})),
                vec![("models[0].rates.output", "invalid_rate")],
            ),
            (
                of_model(json!({"rates": {"cached_input": "0.1234567"}})),
                vec![("models[0].rates.cached_input", "invalid_rate")],
            ),
            (
                of_model(json!({"rates": {"input": "1e3", "output": "9999999999999"}})),
                vec![
                    ("models[0].rates.input", "invalid_rate"),
                    ("models[0].rates.output", "invalid_rate"),
                ],
            ),
            (
                json!({"models": [{"id": "m"}, {"id": "m"}]}),
                vec![("models[1].id", "duplicate")],
            ),
            (
                json!({"models": [{"id": "a\u{7}b"}]}),
                vec![("models[0].id", "invalid_model_id")],
            ),
        ] {
            table.push((ty, change, wrong));
        }
        if ty != "openai_compatible" {
            table.push((
                ty,
                of_model(json!({"price_as": "no-such-model"})),
                vec![("models[0].price_as", "not_in_catalog")],
            ));
        }
        if ty != "bedrock" {
            table.push((
                ty,
                json!({"api_key": "GONE"}),
                vec![("api_key", "secret_not_found")],
            ));
            table.push((
                ty,
                json!({"api_key": "sk-a-key-itself"}),
                vec![("api_key", "invalid_reference")],
            ));
        }
    }
    for ty in ["openai", "anthropic", "google_ai"] {
        table.push((ty, json!({"api_key": ""}), vec![("api_key", "required")]));
    }
    table.extend([
        (
            "openai",
            json!({"organization": "o".repeat(257), "project": "p q"}),
            vec![("organization", "too_long"), ("project", "not_header_safe")],
        ),
        (
            "openai",
            json!({"display_name": "", "base_url": "x", "api_key": "GONE"}),
            vec![
                ("display_name", "required"),
                ("base_url", "invalid_base_url"),
                ("api_key", "secret_not_found"),
            ],
        ),
        (
            "bedrock",
            json!({"region": ""}),
            vec![("region", "required")],
        ),
        (
            "bedrock",
            json!({"region": "Frankfurt"}),
            vec![("region", "invalid_region")],
        ),
        (
            "bedrock",
            json!({"fips": true, "base_url": "https://vpce.example"}),
            vec![("fips", "must_be_absent")],
        ),
        (
            "bedrock",
            keys(
                json!({"access_key_id": "", "secret_access_key": "GONE", "session_token": "lower"}),
            ),
            vec![
                ("credentials.access_key_id", "required"),
                ("credentials.secret_access_key", "secret_not_found"),
                ("credentials.session_token", "invalid_reference"),
            ],
        ),
        (
            "bedrock",
            role(json!({"role_arn": ""})),
            vec![("credentials.role_arn", "required")],
        ),
        (
            "bedrock",
            role(json!({"role_arn": "arn:aws:iam::12:role/x"})),
            vec![("credentials.role_arn", "invalid_role_arn")],
        ),
        (
            "bedrock",
            role(json!({"external_id": "x", "session_name": "a b"})),
            vec![
                ("credentials.external_id", "invalid_external_id"),
                ("credentials.session_name", "invalid_session_name"),
            ],
        ),
        (
            "bedrock",
            json!({"credentials": {"mode": "web_identity", "role_arn": "role"}}),
            vec![("credentials.role_arn", "invalid_role_arn")],
        ),
        (
            "bedrock",
            json!({"credentials": {"mode": "bearer", "api_key": "GONE"}}),
            vec![("credentials.api_key", "secret_not_found")],
        ),
        (
            "bedrock",
            json!({"guardrail": {"id": "g", "version": ""}}),
            vec![("guardrail.version", "required")],
        ),
        (
            "bedrock",
            json!({"guardrail": {"id": "", "version": "1"}}),
            vec![("guardrail.id", "required")],
        ),
        (
            "bedrock",
            json!({"guardrail": {"id": "g g", "version": "0"}}),
            vec![
                ("guardrail.id", "invalid_guardrail"),
                ("guardrail.version", "invalid_version"),
            ],
        ),
        (
            "bedrock",
            json!({"guardrail": {"id": "missing", "version": "1"}}),
            vec![("guardrail.id", "guardrail_not_found")],
        ),
        (
            "openai_compatible",
            json!({"base_url": ""}),
            vec![("base_url", "required")],
        ),
        (
            "openai_compatible",
            json!({"preset": "no-such-server"}),
            vec![("preset", "invalid_preset")],
        ),
        (
            "openai_compatible",
            of_model(json!({"price_as": "gpt-4o"})),
            vec![("models[0].price_as", "no_catalog")],
        ),
    ]);
    table
}

/// The form's field of a field of the API.
fn field_of(path: &str, ty: &str) -> String {
    if let Some(rest) = path.strip_prefix("models[") {
        let (_, part) = rest.split_once("].").unwrap();
        return match part.split_once('.') {
            Some((_, bucket)) => format!("rate.{bucket}.m"),
            None if part == "id" => "q".to_owned(),
            None if part == "display_name" => "model_name.m".to_owned(),
            None => format!("{part}.m"),
        };
    }
    match path {
        "display_name" | "id" | "type" => path.to_owned(),
        "api_key" => format!("{ty}.key"),
        "guardrail.id" => "bedrock.guardrail_id".to_owned(),
        "guardrail.version" => "bedrock.guardrail_version".to_owned(),
        _ => match path.strip_prefix("credentials.") {
            Some(part @ ("role_arn" | "external_id" | "session_name" | "mode")) => {
                format!("bedrock.{part}")
            }
            Some(reference) => format!("bedrock.{reference}.key"),
            None => format!("{ty}.{path}"),
        },
    }
}

/// What the form would hold.
fn form_of(provider: &Value) -> Vec<(String, String)> {
    let ty = provider["type"].as_str().unwrap();
    let mut form = vec![("do".to_owned(), "save".to_owned())];
    let mut fill = |name: String, value: &Value| match value {
        Value::Bool(true) => form.push((name, "on".to_owned())),
        Value::String(text) => form.push((name, text.clone())),
        other => panic!("{name}: {other}"),
    };
    for (name, value) in provider.as_object().unwrap() {
        match name.as_str() {
            "credentials" | "guardrail" => {
                for (part, value) in value.as_object().unwrap() {
                    fill(field_of(&format!("{name}.{part}"), ty), value);
                }
            }
            "models" => {
                for model in value.as_array().unwrap() {
                    let id = model["id"].as_str().unwrap();
                    fill("model".to_owned(), &model["id"]);
                    for part in ["display_name", "price_as"] {
                        let field = if part == "price_as" {
                            part
                        } else {
                            "model_name"
                        };
                        if let Some(value) = model.get(part) {
                            fill(format!("{field}.{id}"), value);
                        }
                    }
                    for (bucket, rate) in model
                        .get("rates")
                        .and_then(Value::as_object)
                        .into_iter()
                        .flatten()
                    {
                        fill(format!("rate.{bucket}.{id}"), rate);
                    }
                }
            }
            _ => fill(field_of(name, ty), value),
        }
    }
    form
}

/// The tags of inputs and selects of a name.
fn tag_of<'a>(page: &'a Page, name: &str) -> &'a str {
    let named = format!(" name=\"{name}\"");
    page.text
        .split('<')
        .find(|tag| tag.contains(&named) && !tag.contains("type=\"hidden\""))
        .unwrap_or_else(|| panic!("there is no field {name}"))
}

fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let rest = tag.split(&format!(" {name}=\"")).nth(1);
    rest.map_or("", |rest| rest.split('"').next().unwrap())
}

/// The text of what describes a field, as a browser shows it.
fn beside(page: &Page, tag: &str) -> String {
    let ids = attribute(tag, "aria-describedby").split_whitespace();
    let texts = ids.map(|id| {
        let rest = page.text.split(&format!(" id=\"{id}\"")).nth(1);
        let rest = rest.unwrap_or_else(|| panic!("nothing has the id {id}"));
        let near: String = rest.chars().take(1_500).collect();
        let words = near.split('<').filter_map(|part| part.split_once('>'));
        words.map(|(_, words)| words).collect::<String>()
    });
    let text: String = texts.collect();
    text.replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// An API's message as the form writes it.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().unwrap().to_uppercase();
    first.chain(letters).collect()
}

async fn ask_api(router: &Router, provider: &Value) -> (u16, Value) {
    let request = Request::post("/api/v1/providers")
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(provider.to_string()))
        .unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn form_and_api_refuse_the_same_in_the_same_words() {
    let mut browser = Browser::signed_in().await;
    let admin = browser.admin.clone();
    let secrets = admin.secrets();
    secrets
        .put(&Who::system(), "A_KEY", SecretString::from("sk-1"))
        .await
        .unwrap();
    let router = api::router(ApiState {
        admin,
        admin_token: Some(SecretString::from(TOKEN)),
        docs_readers: None,
    });
    let mut taken = good("openai");
    merge(&mut taken, json!({"id": "taken"}));
    assert_eq!(ask_api(&router, &taken).await.0, 201);

    for (ty, change, wrong) in table() {
        let mut provider = good(ty);
        let case = format!("{ty} with {change}");
        merge(&mut provider, change);
        let (status, problem) = ask_api(&router, &provider).await;
        assert!(matches!(status, 409 | 422), "{case}: {status}");
        let told: Vec<(&str, &str)> = problem["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| {
                (
                    error["field"].as_str().unwrap(),
                    error["code"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(told, wrong, "{case}");

        let form = form_of(&provider);
        let form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let page = browser.post("/new-provider", &form).await;
        assert_eq!(page.status.as_u16(), 422, "{case}");
        let fields: Vec<String> = wrong.iter().map(|(path, _)| field_of(path, ty)).collect();
        for (error, field) in problem["errors"].as_array().unwrap().iter().zip(&fields) {
            let tag = tag_of(&page, field);
            let message = sentence(error["message"].as_str().unwrap());
            let beside = beside(&page, tag);
            assert!(
                beside.contains(&message),
                "{case}: “{message}” is not beside {field}, but {beside}"
            );
            assert_eq!(attribute(tag, "aria-invalid"), "true", "{case}: {field}");
        }
        let begins: Vec<&str> = page
            .text
            .split('<')
            .filter(|tag| tag.contains(" autofocus"))
            .map(|tag| attribute(tag, "name"))
            .collect();
        let first = fields.first().map(String::as_str);
        assert_eq!(
            begins,
            first.into_iter().collect::<Vec<_>>(),
            "{case}: the page begins elsewhere"
        );
    }
}
