//! A browser without scripts: follows nothing, keeps cookies, sends forms.

use std::{collections::BTreeMap, sync::Arc};

use ::transcripts::Recorder;
use admin::{
    Admin, Live, LiveProvider, Options, Probe, Who,
    probe::{Failure, GuardrailCheck, Symptom, TestReport, Vector},
};
use axum::{Router, body::Body};
use catalog::Catalog;
use domain::provider::Guardrail;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use secrecy::{ExposeSecret, SecretString};
use store::{MasterKey, Store, transcripts::TranscriptsOptions};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tower_sessions::SessionStore;
use weir_app::{ConsoleState, console};

pub(crate) const HOST: &str = "weir.example";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Upstreams that only know which models they have, and how long some vectors are; their address says how they answer. The one guardrail
/// that is missing is called so.
struct Upstreams;

impl Probe for Upstreams {
    fn test<'a>(
        &'a self,
        _: &'a LiveProvider,
        model: Option<&'a str>,
        _: Option<SecretString>,
    ) -> BoxFuture<'a, TestReport> {
        let vector = |dimensions, in_catalog| {
            Some(Vector {
                dimensions,
                in_catalog,
            })
        };
        let report = TestReport {
            stages: vec![],
            call_id: None,
            model: model.map(str::to_owned),
            cost: None,
            price_state: None,
            vector: match model {
                Some("embed-v4.0") => vector(1536, Some(1536)),
                Some("embed-v5.0-fast") => vector(1024, Some(2048)),
                Some(model) if model.starts_with("embed-") => vector(8, None),
                _ => None,
            },
            failure: None,
        };
        Box::pin(async { report })
    }

    fn list_models<'a>(
        &'a self,
        provider: &'a LiveProvider,
        _: Option<SecretString>,
    ) -> BoxFuture<'a, Result<Vec<String>, Failure>> {
        let address = provider.provider.upstream.base_url();
        let answer = if address.contains("//refuses") {
            Err(Failure {
                symptom: Symptom::Unauthorized,
                status: Some(401),
                message: Some("no such key".to_owned()),
            })
        } else if address.contains("//empty") {
            Ok(vec![])
        } else {
            Ok(vec!["gpt-4o-mini".to_owned(), "its/own-model".to_owned()])
        };
        Box::pin(async { answer })
    }

    fn check_guardrail<'a>(
        &'a self,
        _: &'a LiveProvider,
        guardrail: &'a Guardrail,
    ) -> BoxFuture<'a, GuardrailCheck> {
        let answer = if guardrail.id == "missing" {
            GuardrailCheck::Missing { message: None }
        } else {
            GuardrailCheck::Exists
        };
        Box::pin(async { answer })
    }

    fn model_behind<'a>(
        &'a self,
        _: &'a LiveProvider,
        _: &'a str,
    ) -> BoxFuture<'a, Option<String>> {
        Box::pin(async { None })
    }
}

/// The console and a browser's cookies.
pub(crate) struct Browser {
    pub(crate) admin: Admin,
    pub(crate) store: Store,
    pub(crate) recorder: Recorder,
    router: Router,
    cookies: BTreeMap<String, String>,
    pub(crate) folder: TempDir,
}

/// What records, into a database of its own; it is written down until the test ends.
async fn recording(folder: &TempDir) -> Recorder {
    let options = TranscriptsOptions {
        database_url: format!("sqlite:{}", folder.path().join("transcripts.db").display()),
        readers: 2,
    };
    let (recorder, writer) = Recorder::open(options).await;
    tokio::spawn(writer.run(CancellationToken::new()));
    recorder
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    /// Where the answer leads on.
    pub(crate) fn leads_to(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map(|to| to.to_str().unwrap())
            .unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(
            self.text.contains(words),
            "“{words}” is not in:\n{}",
            self.text
        );
        self
    }

    #[track_caller]
    pub(crate) fn says_not(&self, words: &str) -> &Self {
        assert!(!self.text.contains(words), "“{words}” is in the page");
        self
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }
}

/// The value of the first input of a name.
pub(crate) fn value_of<'a>(page: &'a Page, name: &str) -> &'a str {
    let tag = page
        .text
        .split('<')
        .find(|tag| tag.starts_with("input") && tag.contains(&format!("name=\"{name}\"")))
        .unwrap();
    tag.split(" value=\"")
        .nth(1)
        .map(|rest| rest.split('"').next().unwrap())
        .unwrap_or_default()
}

impl Browser {
    /// A console without an admin.
    pub(crate) async fn new() -> Self {
        Self::with_sessions(|store| store.sessions()).await
    }

    /// A console without an admin that keeps its sessions elsewhere.
    pub(crate) async fn with_sessions<S: SessionStore + Clone>(
        sessions: impl FnOnce(&Store) -> S,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(store::Options {
            database_url: format!("sqlite:{}", folder.path().join("weir.db").display()),
            master_key: MasterKey::generate().unwrap(),
            readers: 2,
        })
        .await
        .unwrap();
        let live = Live::load(&store, Arc::new(Catalog::builtin().unwrap()))
            .await
            .unwrap();
        let public_url = format!("https://{HOST}");
        let options = Options {
            public_url: public_url.clone(),
            allow_link_local_upstreams: false,
            vertex: admin::providers::VertexDefaults::default(),
        };
        let admin = Admin::new(store.clone(), live, Arc::new(Upstreams), options);
        let recorder = recording(&folder).await;
        let admin = admin.with_transcripts(recorder.clone());
        let state = ConsoleState {
            admin: admin.clone(),
            public_url,
            secure_cookies: true,
            version: "0.0.0",
        };
        let router = console(state, sessions(&store));
        Self {
            admin,
            store,
            recorder,
            router,
            cookies: BTreeMap::new(),
            folder,
        }
    }

    /// A console with an admin, Ada, who has signed in.
    pub(crate) async fn signed_in() -> Self {
        let mut browser = Self::new().await;
        browser.make_admin().await;
        browser
    }

    /// Makes the first admin, Ada, who is then signed in.
    pub(crate) async fn make_admin(&mut self) {
        let link = self.link().await;
        self.post(
            "/welcome",
            &[("link", &link), ("name", "Ada"), ("password", PASSWORD)],
        )
        .await
        .is(303);
    }

    pub(crate) async fn link(&self) -> String {
        self.admin
            .people()
            .make_link(&Who::system())
            .await
            .unwrap()
            .expose_secret()
            .to_owned()
    }

    pub(crate) fn forget_cookies(&mut self) {
        self.cookies.clear();
    }

    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// `name=value` of every cookie.
    pub(crate) fn cookies(&self) -> impl Iterator<Item = String> {
        self.cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
    }

    /// The console itself, for requests of which several run at once.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    /// Sends a form as a page of the console does.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_from("same-origin", path, fields).await
    }

    /// Sends a form as a page of some site does.
    pub(crate) async fn post_from(
        &mut self,
        site: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let form: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("sec-fetch-site", site)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Page {
        request
            .headers_mut()
            .insert(header::HOST, HOST.parse().unwrap());
        let cookies: Vec<String> = self.cookies().collect();
        if !cookies.is_empty() {
            request
                .headers_mut()
                .insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (pair, _) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let text = body.collect().await.unwrap().to_bytes();
        Page {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }
}
