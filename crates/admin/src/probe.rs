//! Test Connection and the upstream's own list of models: what an admin needs of the data plane.
//!
//! [`Probe`] is implemented by the gateway and wired by the server, so that a test takes the very path
//! of real traffic while this crate knows nothing of networks. The advice that goes with a failure is
//! written here: what to do in words, and the steps that a click does ([`Action`]).

mod action;
mod advice;
mod policy;
mod view;

use domain::{CallId, NanoUsd, pricing::PriceState, provider::Guardrail};
use futures_util::future::BoxFuture;
use prometheus_client::registry::Registry;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;

use crate::{
    error::AdminError,
    fields::{Object, all_right},
    live::LiveProvider,
    system::JournalFacts,
};

pub use action::Action;
pub(crate) use policy::Called;
pub use policy::{Policy, Statement};
pub use view::{FailureView, TestView};

/// What is to be tested.
#[derive(Debug, Clone, Default, utoipa::ToSchema)]
pub struct TestRequest {
    /// The model to ask. Left out: the first one that the provider lists.
    #[schema(example = "gpt-4o-mini")]
    pub model: Option<String>,
    /// Which of several endpoints to call, by its name. Left out: the first one.
    #[schema(example = "eu-west")]
    pub endpoint: Option<String>,
    /// Only where the provider passes the client's Authorization through: what the client would send, such
    /// as `Bearer …`. Used once, never kept.
    #[schema(value_type = Option<String>)]
    pub authorization: Option<SecretString>,
    /// Whether the model may be one that is not in the provider's list, to try it before it is put there.
    #[schema(required = false)]
    pub unlisted: bool,
}

impl TestRequest {
    /// Reads its JSON.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub fn read(json: Value) -> Result<Self, AdminError> {
        let mut object = Object::new("", json);
        let request = Self {
            model: object.text("model"),
            endpoint: object.text("endpoint"),
            authorization: object.text("authorization").map(SecretString::from),
            unlisted: object.flag("unlisted").unwrap_or(false),
        };
        all_right(object.end())?;
        Ok(request)
    }
}

/// What the data plane does for an admin.
pub trait Probe: Send + Sync {
    /// Makes one real, small call to the provider and says how far it came. Works on disabled providers.
    ///
    /// `model`: which one to ask; `None` only where the provider lists some. `authorization`: what goes up
    /// where the provider passes the client's own through; used once, never kept.
    fn test<'a>(
        &'a self,
        provider: &'a LiveProvider,
        model: Option<&'a str>,
        authorization: Option<SecretString>,
    ) -> BoxFuture<'a, TestReport>;

    /// Asks the upstream which models it has: their ids, in its order. Empty: it lists none.
    fn list_models<'a>(
        &'a self,
        provider: &'a LiveProvider,
        authorization: Option<SecretString>,
    ) -> BoxFuture<'a, Result<Vec<String>, Failure>>;

    /// Where calls of Bedrock go instead of to the provider's region, if the machine is set up so. A provider with
    /// a base URL of its own or the FIPS address is not meant.
    fn bedrock_runtime(&self) -> Option<&str> {
        None
    }

    /// Asks AWS whether a guardrail exists.
    fn check_guardrail<'a>(
        &'a self,
        provider: &'a LiveProvider,
        guardrail: &'a Guardrail,
    ) -> BoxFuture<'a, GuardrailCheck>;

    /// Puts what the data plane counts into a registry for Prometheus.
    fn register_metrics(&self, _registry: &mut Registry) {}

    /// How the journal is, in which calls are before they are in the ledger. `None`: nobody here keeps one.
    fn journal(&self) -> BoxFuture<'_, Option<JournalFacts>> {
        Box::pin(async { None })
    }

    /// Asks AWS which model is behind the profile of an ARN. `None`: it does not tell.
    fn model_behind<'a>(
        &'a self,
        provider: &'a LiveProvider,
        arn: &'a str,
    ) -> BoxFuture<'a, Option<String>>;
}

/// Whether a guardrail exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuardrailCheck {
    /// It does.
    Exists,
    /// It does not, in the upstream's words.
    Missing {
        /// What the upstream said.
        message: Option<String>,
    },
    /// The credentials may not look, or the upstream could not be asked.
    Unknown,
}

/// A step of a test, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TestStageName)]
pub enum StageName {
    /// The secret was found and decrypted.
    Secret,
    /// The host's name was resolved.
    Resolve,
    /// A connection was made.
    Connect,
    /// TLS was agreed on and the certificate is good.
    Tls,
    /// The upstream took the credential.
    SignIn,
    /// The model answered.
    Answer,
    /// The answer's usage was understood.
    Usage,
}

impl StageName {
    /// Every stage, in order.
    pub const ALL: &'static [Self] = &[
        Self::Secret,
        Self::Resolve,
        Self::Connect,
        Self::Tls,
        Self::SignIn,
        Self::Answer,
        Self::Usage,
    ];
}

/// How a stage went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TestStageOutcome)]
pub enum StageOutcome {
    /// It worked.
    Passed,
    /// It did not; later stages were not tried.
    Failed,
    /// There was nothing to do: no key is needed, the address is a plain IP, it is http.
    NotNeeded,
    /// An earlier stage failed.
    NotTried,
}

/// One stage of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TestStage)]
pub struct Stage {
    /// Which one.
    pub name: StageName,
    /// How it went.
    pub outcome: StageOutcome,
    /// How long it took, in milliseconds. `None`: it did not run.
    pub ms: Option<u64>,
    /// What was found, such as the address that was connected to. Never a credential.
    pub detail: Option<String>,
}

/// What went wrong, as the data plane sees it; decides the advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TestSymptom)]
pub enum Symptom {
    /// The secret that the provider names is not there.
    SecretMissing,
    /// There are no credentials of AWS, and no token of Entra ID.
    CredentialsMissing,
    /// The host's name is unknown.
    NotResolved,
    /// The address is link-local or a metadata service.
    AddressRefused,
    /// Nobody listens there.
    ConnectionRefused,
    /// No connection came about in time.
    TimedOut,
    /// The upstream was reached, and did not begin to answer in time.
    NoAnswer,
    /// TLS failed in another way than the next four.
    Tls,
    /// The certificate's issuer is not trusted, or it is its own.
    UnknownIssuer,
    /// The certificate is over, or not yet valid.
    CertificateExpired,
    /// The certificate is for another name.
    OtherName,
    /// What answers there does not speak TLS.
    NotTls,
    /// The upstream answered 401.
    Unauthorized,
    /// The upstream answered 403.
    Forbidden,
    /// The upstream answered 404, or says that it does not know the model.
    NotFound,
    /// AWS serves this model by inference profile alone, and it was called by its bare id.
    OnDemandUnsupported,
    /// The model, or the credential, does not belong to this region.
    WrongRegion,
    /// The upstream answered 429.
    RateLimited,
    /// The upstream does not take the request: 400, 422 and the like.
    Refused,
    /// The upstream answered another status of 400 or above.
    UpstreamError,
    /// The answer is not of this type's API.
    NotTheApi,
    /// The answer tells no usage.
    NoUsage,
    /// Weir could not record the call.
    CannotRecord,
}

/// A failure and the upstream's own words on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it was.
    pub symptom: Symptom,
    /// The status that the upstream answered.
    pub status: Option<u16>,
    /// The upstream's or the system's own words, cut to a readable length, credentials blanked.
    pub message: Option<String>,
}

/// How a test went, as the data plane tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestReport {
    /// Every stage, in the order of [`StageName::ALL`].
    pub stages: Vec<Stage>,
    /// The ledger row that the test made. `None`: it did not come so far.
    pub call_id: Option<CallId>,
    /// The model that was asked.
    pub model: Option<String>,
    /// What the answer cost.
    pub cost: Option<NanoUsd>,
    /// Whether that is sure.
    pub price_state: Option<PriceState>,
    /// How long the vector is that was answered. `None`: there was none.
    pub vector: Option<Vector>,
    /// What failed.
    pub failure: Option<Failure>,
}

/// The length of a vector that a test was answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[schema(as = TestVector)]
pub struct Vector {
    /// How many numbers came.
    #[schema(example = 1536)]
    pub dimensions: u64,
    /// How many the catalog says that come unless others are asked for. Null: it does not say, or does not know
    /// the model.
    pub in_catalog: Option<u64>,
}

impl Vector {
    /// Whether the catalog says something else.
    #[must_use]
    pub fn differs(self) -> bool {
        self.in_catalog
            .is_some_and(|listed| listed != self.dimensions)
    }
}
