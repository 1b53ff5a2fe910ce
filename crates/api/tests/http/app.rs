//! The API on a database of its own, and a way to ask it.

use std::sync::{Arc, Mutex};

use admin::{
    Actor, Admin, Live, LiveProvider, Options, Probe, Who,
    api_tokens::ApiTokenDraft,
    probe::{Failure, GuardrailCheck, Stage, StageName, StageOutcome, Symptom, TestReport},
};
use api::{ApiState, Authorizer};
use axum::{Router, body::Body};
use catalog::Catalog;
use domain::{AdminId, provider::Guardrail};
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use store::{MasterKey, Store};
use tower::ServiceExt;
use transcripts::Recorder;

/// The admin token in tests.
pub(crate) const TOKEN: &str = "test-admin-token";

/// The API and what stands behind it.
pub(crate) struct App {
    pub(crate) router: Router,
    pub(crate) admin: Admin,
    pub(crate) store: Store,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) dir: tempfile::TempDir,
}

/// Stands where the data plane is.
#[derive(Default)]
pub(crate) struct Upstream {
    pub(crate) fails_with: Mutex<Option<Symptom>>,
}

impl Probe for Upstream {
    fn test<'a>(
        &'a self,
        _: &'a LiveProvider,
        model: Option<&'a str>,
        _: Option<SecretString>,
    ) -> BoxFuture<'a, TestReport> {
        let symptom = *self.fails_with.lock().unwrap();
        let outcome = if symptom.is_some() {
            StageOutcome::Failed
        } else {
            StageOutcome::Passed
        };
        let report = TestReport {
            stages: vec![Stage {
                name: StageName::SignIn,
                outcome,
                ms: Some(3),
                detail: Some("said hello".to_owned()),
            }],
            call_id: Some("01932c07-0000-7000-8000-000000000000".parse().unwrap()),
            model: model.map(str::to_owned),
            cost: Some(domain::NanoUsd(12_000)),
            price_state: Some(domain::pricing::PriceState::Priced),
            vector: None,
            failure: symptom.map(|symptom| Failure {
                symptom,
                status: Some(401),
                message: Some("Invalid key".to_owned()),
            }),
        };
        Box::pin(async move { report })
    }

    fn list_models<'a>(
        &'a self,
        _: &'a LiveProvider,
        _: Option<SecretString>,
    ) -> BoxFuture<'a, Result<Vec<String>, Failure>> {
        Box::pin(async { Ok(vec![]) })
    }

    fn check_guardrail<'a>(
        &'a self,
        _: &'a LiveProvider,
        _: &'a Guardrail,
    ) -> BoxFuture<'a, GuardrailCheck> {
        Box::pin(async { GuardrailCheck::Unknown })
    }

    fn model_behind<'a>(
        &'a self,
        _: &'a LiveProvider,
        _: &'a str,
    ) -> BoxFuture<'a, Option<String>> {
        Box::pin(async { None })
    }
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The JSON of the answer, which must have this status.
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_str(&self.text).unwrap()
    }

    /// Expects an answer without a body.
    pub(crate) fn empty(&self, status: u16) {
        assert_eq!((self.status.as_u16(), self.text.as_str()), (status, ""));
    }

    /// Expects a problem document with this status and code. Returns its fields with their codes.
    pub(crate) fn problem(&self, status: u16, code: &str) -> Vec<(String, String)> {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let document: Value = serde_json::from_str(&self.text).unwrap();
        let mut names: Vec<&String> = document.as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(
            names,
            ["code", "detail", "errors", "status", "title", "type"]
        );
        assert_eq!(document["code"], code, "{}", self.text);
        assert_eq!(document["status"], status);
        assert_eq!(document["type"], format!("/api/docs#error-{code}"));
        assert!(
            document["detail"].as_str().unwrap().len() > 10,
            "{}",
            self.text
        );
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let errors = document["errors"].as_array().unwrap().iter();
        errors
            .map(|error| {
                assert!(!text(&error["message"]).is_empty());
                (text(&error["field"]), text(&error["code"]))
            })
            .collect()
    }

    /// Expects a problem document about exactly these fields.
    pub(crate) fn fields(&self, status: u16, code: &str, expected: &[(&str, &str)]) {
        let found = self.problem(status, code);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|(field, code)| (field.as_str(), code.as_str()))
            .collect();
        assert_eq!(found, expected, "{}", self.text);
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

impl App {
    pub(crate) async fn new() -> Self {
        Self::with(Some(TOKEN), None).await
    }

    pub(crate) async fn with(
        token: Option<&str>,
        docs_readers: Option<Arc<dyn Authorizer>>,
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(store::Options {
            database_url: format!("sqlite:{}", dir.path().join("weir.db").display()),
            master_key: MasterKey::generate().unwrap(),
            readers: 2,
        })
        .await
        .unwrap();
        let live = Live::load(&store, Arc::new(Catalog::builtin().unwrap()))
            .await
            .unwrap();
        let upstream = Arc::new(Upstream::default());
        let options = Options {
            public_url: "https://weir.example.com".to_owned(),
            allow_link_local_upstreams: false,
            vertex: admin::providers::VertexDefaults::default(),
        };
        let admin = Admin::new(store.clone(), live, upstream.clone(), options);
        let router = api::router(ApiState {
            admin: admin.clone(),
            admin_token: token.map(SecretString::from),
            docs_readers,
        });
        Self {
            router,
            admin,
            store,
            upstream,
            dir,
        }
    }

    /// The same `App`, which records what is said in calls.
    pub(crate) fn recording(mut self, recorder: Recorder) -> Self {
        self.admin = self.admin.with_transcripts(recorder);
        self.router = api::router(ApiState {
            admin: self.admin.clone(),
            admin_token: Some(TOKEN.into()),
            docs_readers: None,
        });
        self
    }

    /// An `App` with the secret `KEY`.
    pub(crate) async fn with_secret() -> Self {
        let app = Self::new().await;
        app.put("/api/v1/secrets/KEY", json!({"value": "sk-first"}))
            .await
            .empty(204);
        app
    }

    /// An `App` with the secret `KEY` and the openai provider `main`.
    pub(crate) async fn with_provider() -> Self {
        let app = Self::with_secret().await;
        app.post(
            "/api/v1/providers",
            json!({"display_name": "Main", "type": "openai", "api_key": "KEY"}),
        )
        .await
        .json(201);
        app
    }

    /// Adds a person, who then sets a password, and makes them an API token of their own.
    pub(crate) async fn person_with_token(&self, name: &str) -> (AdminId, SecretString) {
        let people = self.admin.people();
        let link = if people.is_first_start().await.unwrap() {
            people.make_link(&Who::system()).await.unwrap()
        } else {
            let new = people.add(&Who::system(), name).await.unwrap();
            let (_, link) = new.address.expose_secret().split_once("link=").unwrap();
            link.into()
        };
        let signed_in = people
            .use_link(link, name, "correct horse battery".into(), None)
            .await
            .unwrap();
        let actor = Actor::Person {
            id: signed_in.id,
            name: name.to_owned(),
            by_token: None,
        };
        let draft = ApiTokenDraft {
            name: Some("laptop".to_owned()),
            ..ApiTokenDraft::default()
        };
        let tokens = self.admin.api_tokens();
        let who = Who::checked(actor, None);
        let new = tokens.create(&who, &draft).await.unwrap();
        (signed_in.id, new.plain)
    }

    /// The same request as somebody else.
    pub(crate) async fn send_as(&self, token: &SecretString, mut request: Request<Body>) -> Answer {
        let value = format!("Bearer {}", token.expose_secret());
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, value.parse().unwrap());
        self.send(request).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(ask(Method::GET, path, None)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(ask(Method::DELETE, path, None)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(ask(Method::POST, path, Some(body))).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(ask(Method::PUT, path, Some(body))).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(ask(Method::PATCH, path, Some(body))).await
    }

    /// A patch based on a version.
    pub(crate) async fn patch_if(&self, path: &str, tag: &str, body: Value) -> Answer {
        let mut request = ask(Method::PATCH, path, Some(body));
        request
            .headers_mut()
            .insert(header::IF_MATCH, tag.parse().unwrap());
        self.send(request).await
    }
}

/// A request with the admin token.
pub(crate) fn ask(method: Method, path: &str, body: Option<Value>) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"));
    match body {
        None => request.body(Body::empty()).unwrap(),
        Some(json) => request
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(json.to_string()))
            .unwrap(),
    }
}

/// Every route with a method that it takes.
pub(crate) fn every_route() -> Vec<(Method, &'static str)> {
    vec![
        (Method::GET, "/api/v1/providers"),
        (Method::POST, "/api/v1/providers"),
        (Method::POST, "/api/v1/providers/import"),
        (Method::GET, "/api/v1/providers/main"),
        (Method::PATCH, "/api/v1/providers/main"),
        (Method::DELETE, "/api/v1/providers/main"),
        (Method::GET, "/api/v1/providers/main/endpoints"),
        (Method::POST, "/api/v1/providers/main/test"),
        (Method::GET, "/api/v1/secrets"),
        (Method::PUT, "/api/v1/secrets/KEY"),
        (Method::DELETE, "/api/v1/secrets/KEY"),
        (Method::GET, "/api/v1/tokens"),
        (Method::POST, "/api/v1/tokens"),
        (
            Method::DELETE,
            "/api/v1/tokens/01932c07-0000-7000-8000-000000000000",
        ),
        (Method::GET, "/api/v1/catalog"),
        (Method::POST, "/api/v1/catalog"),
        (Method::GET, "/api/v1/catalog/models"),
        (Method::POST, "/api/v1/catalog/refresh"),
        (Method::POST, "/api/v1/catalog/builtin"),
        (Method::POST, "/api/v1/catalog/apply"),
        (Method::DELETE, "/api/v1/catalog/pending"),
        (Method::GET, "/api/v1/calls"),
        (
            Method::GET,
            "/api/v1/calls/01932c07-0000-7000-8000-000000000000",
        ),
        (Method::GET, "/api/v1/conversations"),
        (
            Method::GET,
            "/api/v1/conversations/01932c07-0000-7000-8000-000000000000",
        ),
        (
            Method::DELETE,
            "/api/v1/conversations/01932c07-0000-7000-8000-000000000000",
        ),
        (
            Method::GET,
            "/api/v1/conversations/01932c07-0000-7000-8000-000000000000/export",
        ),
        (
            Method::GET,
            "/api/v1/transcripts/01932c07-0000-7000-8000-000000000000",
        ),
        (Method::GET, "/api/v1/transcripts/deletions"),
        (Method::POST, "/api/v1/transcripts/deletions"),
        (Method::GET, "/api/v1/usage"),
        (Method::GET, "/api/v1/repricings"),
        (Method::POST, "/api/v1/repricings"),
        (
            Method::GET,
            "/api/v1/repricings/01932c07-0000-7000-8000-000000000000",
        ),
        (
            Method::DELETE,
            "/api/v1/repricings/01932c07-0000-7000-8000-000000000000",
        ),
        (
            Method::POST,
            "/api/v1/repricings/01932c07-0000-7000-8000-000000000000/apply",
        ),
        (Method::GET, "/api/v1/usage/report.csv"),
        (Method::GET, "/api/v1/people"),
        (Method::POST, "/api/v1/people"),
        (
            Method::PATCH,
            "/api/v1/people/01932c07-0000-7000-8000-000000000000",
        ),
        (
            Method::POST,
            "/api/v1/people/01932c07-0000-7000-8000-000000000000/link",
        ),
        (Method::GET, "/api/v1/api-tokens"),
        (Method::POST, "/api/v1/api-tokens"),
        (
            Method::DELETE,
            "/api/v1/api-tokens/01932c07-0000-7000-8000-000000000000",
        ),
        (Method::GET, "/api/v1/settings"),
        (Method::PATCH, "/api/v1/settings"),
        (Method::GET, "/api/v1/system"),
        (Method::GET, "/metrics"),
        (Method::GET, "/api/v1/audit"),
        (Method::GET, "/api/openapi.json"),
        (Method::GET, "/api/docs"),
    ]
}
