//! An `Admin` on a database of its own.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use admin::{
    Actor, Admin, AdminError, Live, LiveProvider, Options, Probe, Who,
    live::LiveToken,
    probe::{Failure, GuardrailCheck, Stage, StageName, StageOutcome, Symptom, TestReport},
    providers::{ProviderDraft, ProviderView},
};
use catalog::Catalog;
use domain::{ProviderId, provider::Guardrail, token::TokenHash};
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{AuditEntry, MasterKey, Store};

/// An `Admin` and what stands around it.
pub(crate) struct App {
    pub(crate) admin: Admin,
    pub(crate) store: Store,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) key: MasterKey,
    pub(crate) dir: tempfile::TempDir,
}

/// Stands where the data plane is: does what it is told to, and remembers what it was asked.
#[derive(Default)]
pub(crate) struct Upstream {
    pub(crate) fails_with: Mutex<Option<Symptom>>,
    pub(crate) asked: Mutex<Vec<(Option<String>, Option<String>)>>,
    /// What AWS says of guardrails. `None`: it cannot be asked.
    pub(crate) guardrail: Mutex<Option<GuardrailCheck>>,
    /// The model that AWS says is behind a profile.
    pub(crate) behind: Mutex<Option<String>>,
    /// Whether AWS never answers.
    pub(crate) hangs: AtomicBool,
    /// How often AWS was asked.
    pub(crate) aws_asked: AtomicU32,
}

impl Probe for Upstream {
    fn test<'a>(
        &'a self,
        _: &'a LiveProvider,
        model: Option<&'a str>,
        authorization: Option<SecretString>,
    ) -> BoxFuture<'a, TestReport> {
        let authorization = authorization.map(|text| text.expose_secret().to_owned());
        self.asked
            .lock()
            .unwrap()
            .push((model.map(str::to_owned), authorization));
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
                detail: None,
            }],
            call_id: None,
            model: model.map(str::to_owned),
            cost: None,
            price_state: None,
            vector: None,
            failure: symptom.map(|symptom| Failure {
                symptom,
                status: Some(401),
                message: Some("no".to_owned()),
            }),
        };
        Box::pin(async move { report })
    }

    fn list_models<'a>(
        &'a self,
        provider: &'a LiveProvider,
        _: Option<SecretString>,
    ) -> BoxFuture<'a, Result<Vec<String>, Failure>> {
        let symptom = *self.fails_with.lock().unwrap();
        let answer = match symptom {
            Some(symptom) => Err(Failure {
                symptom,
                status: None,
                message: None,
            }),
            None => Ok(vec![provider.provider.upstream.base_url().into_owned()]),
        };
        Box::pin(async move { answer })
    }

    fn check_guardrail<'a>(
        &'a self,
        _: &'a LiveProvider,
        _: &'a Guardrail,
    ) -> BoxFuture<'a, GuardrailCheck> {
        let check = self.guardrail.lock().unwrap().clone();
        let answering = self.aws_answers();
        Box::pin(async move {
            answering.await;
            check.unwrap_or(GuardrailCheck::Unknown)
        })
    }

    fn model_behind<'a>(
        &'a self,
        _: &'a LiveProvider,
        _: &'a str,
    ) -> BoxFuture<'a, Option<String>> {
        let model = self.behind.lock().unwrap().clone();
        let answering = self.aws_answers();
        Box::pin(async move {
            answering.await;
            model
        })
    }
}

impl Upstream {
    fn aws_answers(&self) -> impl Future<Output = ()> + Send + use<> {
        self.aws_asked.fetch_add(1, Ordering::SeqCst);
        let hangs = self.hangs.load(Ordering::SeqCst);
        async move {
            if hangs {
                std::future::pending().await
            }
        }
    }
}

impl App {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let key = MasterKey::generate().unwrap();
        let store = Store::open(store::Options {
            database_url: format!("sqlite:{}", dir.path().join("weir.db").display()),
            master_key: key.clone(),
            readers: 2,
        })
        .await
        .unwrap();
        let live = Live::load(&store, Arc::new(Catalog::builtin().unwrap()))
            .await
            .unwrap();
        let upstream = Arc::new(Upstream::default());
        let options = Options {
            public_url: "https://weir.example.com/".to_owned(),
            allow_link_local_upstreams: false,
            vertex: admin::providers::VertexDefaults::default(),
        };
        let admin = Admin::new(store.clone(), live, upstream.clone(), options);
        Self {
            admin,
            store,
            upstream,
            key,
            dir,
        }
    }

    /// An `App` with the secret `OPENAI_API_KEY`.
    pub(crate) async fn with_secret() -> Self {
        let app = Self::new().await;
        app.put_secret("OPENAI_API_KEY", "sk-first").await.unwrap();
        app
    }

    /// What a new start of the program would read.
    pub(crate) async fn read_again(&self) -> Arc<Live> {
        Live::load(&self.store, Arc::new(Catalog::builtin().unwrap()))
            .await
            .unwrap()
    }

    pub(crate) async fn put_secret(&self, name: &str, value: &str) -> Result<(), AdminError> {
        self.admin
            .secrets()
            .put(&who(), name, SecretString::from(value))
            .await
    }

    pub(crate) async fn create(&self, json: Value) -> Result<ProviderView, AdminError> {
        self.admin
            .providers()
            .create(&who(), &ProviderDraft::read(json))
            .await
    }

    /// A provider of type openai with this name.
    pub(crate) async fn openai(&self, name: &str) -> ProviderView {
        self.create(json!({"display_name": name, "type": "openai", "api_key": "OPENAI_API_KEY"}))
            .await
            .unwrap()
    }

    pub(crate) fn live_provider(&self, id: &str) -> Option<Arc<LiveProvider>> {
        self.admin.live().now().providers.get(id).cloned()
    }

    pub(crate) fn live_token(&self, plain: &SecretString) -> Option<Arc<LiveToken>> {
        let hash = TokenHash(Sha256::digest(plain.expose_secret().as_bytes()).into());
        self.admin.live().now().tokens.get(&hash).cloned()
    }

    /// The credential that calls of a provider are sent with.
    pub(crate) fn credential(&self, id: &str) -> Option<String> {
        let live = self.live_provider(id)?;
        let name = live.provider.upstream.secrets().into_iter().next()?;
        live.secret(name)
            .map(|value| value.expose_secret().to_owned())
    }
}

/// The audit's row of a change that is made behind the admin's back.
pub(crate) fn noted() -> AuditEntry {
    AuditEntry {
        at: domain::Timestamp::UNIX_EPOCH,
        actor: "system".to_owned(),
        action: "update".to_owned(),
        object_kind: "test".to_owned(),
        object_id: "test".to_owned(),
        before: None,
        after: None,
        address: None,
    }
}

pub(crate) fn who() -> Who {
    Who::checked(Actor::AdminToken, Some(address("192.0.2.1")))
}

pub(crate) fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub(crate) fn id(text: &str) -> ProviderId {
    ProviderId::new(text).unwrap()
}

/// Status and code of an error, and its fields with their codes.
pub(crate) fn told(error: &AdminError) -> (u16, &'static str, Vec<(String, &'static str)>) {
    let problem = error.problem();
    assert!(
        !problem.detail.is_empty() || problem.status == 422,
        "{problem:?}"
    );
    let fields = problem
        .errors
        .into_iter()
        .map(|error| (error.field, error.code))
        .collect();
    (problem.status, problem.code, fields)
}
