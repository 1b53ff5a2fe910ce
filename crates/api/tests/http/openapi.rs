use std::collections::BTreeSet;

use http::Method;
use serde_json::Value;

use crate::app::{App, ask, every_route};

async fn document(app: &App) -> Value {
    app.get("/api/openapi.json").await.json(200)
}

/// Method and path of every operation, with the path's parameters filled in.
fn operations(document: &Value) -> Vec<(Method, String, Value)> {
    let mut operations = vec![];
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            operations.push((method, path.clone(), operation.clone()));
        }
    }
    operations
}

fn filled(path: &str) -> String {
    let id = "01932c07-0000-7000-8000-000000000000";
    let of_uuids = [
        "tokens",
        "people",
        "api-tokens",
        "repricings",
        "calls",
        "conversations",
        "transcripts",
    ];
    of_uuids
        .iter()
        .fold(path.to_owned(), |path, of| {
            path.replace(&format!("/{of}/{{id}}"), &format!("/{of}/{id}"))
        })
        .replace("{id}", "main")
        .replace("{name}", "KEY")
}

#[tokio::test]
async fn the_document_describes_exactly_the_routes_that_there_are() {
    let app = App::new().await;
    let described: BTreeSet<(String, String)> = operations(&document(&app).await)
        .into_iter()
        .map(|(method, path, _)| (method.to_string(), filled(&path)))
        .collect();
    let there: BTreeSet<(String, String)> = every_route()
        .into_iter()
        .filter(|(_, path)| path.starts_with("/api/v1/") || *path == "/metrics")
        .map(|(method, path)| (method.to_string(), path.to_owned()))
        .collect();
    assert_eq!(described, there);
    for (method, path) in described {
        let answer = app.send(ask(method.parse().unwrap(), &path, None)).await;
        assert!(
            !matches!(answer.status.as_u16(), 405 | 401),
            "{method} {path}: {}",
            answer.text
        );
        assert!(!answer.text.contains("path_not_found"), "{method} {path}");
    }
}

#[tokio::test]
async fn it_is_openapi_3_1_with_the_bearer_scheme() {
    let app = App::new().await;
    let document = document(&app).await;
    assert_eq!(document["openapi"], "3.1.0");
    let scheme = &document["components"]["securitySchemes"]["admin_token"];
    assert_eq!(
        (scheme["type"].as_str(), scheme["scheme"].as_str()),
        (Some("http"), Some("bearer"))
    );
    assert!(document["security"][0].get("admin_token").is_some());
}

#[tokio::test]
async fn every_operation_names_its_errors_as_problem_documents() {
    let app = App::new().await;
    for (method, path, operation) in operations(&document(&app).await) {
        let responses = operation["responses"].as_object().unwrap();
        let mut wanted = vec!["400", "401", "500", "503"];
        if operation.get("requestBody").is_some() {
            wanted.extend(["413", "415", "422"]);
        }
        if path.contains('{') && method != Method::PUT {
            wanted.push("404");
        }
        for status in wanted {
            let response = responses
                .get(status)
                .unwrap_or_else(|| panic!("{method} {path} {status}"));
            let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(
                schema, "#/components/schemas/Problem",
                "{method} {path} {status}"
            );
        }
        for text in ["operationId", "summary", "tags"] {
            assert!(operation.get(text).is_some(), "{method} {path} {text}");
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_field_is_described() {
    let app = App::new().await;
    let document = document(&app).await;
    let text = document.to_string();
    for place in text
        .split("\"$ref\":\"#")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        assert!(document.pointer(place).is_some(), "{place}");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let described = property.get("description").is_some()
                || property.pointer("/oneOf/0/description").is_some()
                || property.get("$ref").is_some()
                || name == "CallRates";
            assert!(described, "{name}.{field}: {property}");
        }
    }
}

#[tokio::test]
async fn the_fields_of_the_answers_are_those_of_the_document() {
    let app = App::with_provider().await;
    let document = document(&app).await;
    let provider = app.get("/api/v1/providers/main").await.json(200);
    let schema = &document["components"]["schemas"]["Provider"];
    for field in provider.as_object().unwrap().keys() {
        assert!(schema["properties"].get(field).is_some(), "{field}");
    }
    for required in schema["required"].as_array().unwrap() {
        assert!(
            provider.get(required.as_str().unwrap()).is_some(),
            "{required}"
        );
    }
}
