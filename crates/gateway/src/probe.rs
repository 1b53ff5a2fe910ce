//! Test Connection and the upstream's own list of models, for admins.
//!
//! Name, connection and TLS are timed on a connection of their own, made by the same rules as those of
//! traffic; the call itself then goes through the very function that traffic goes through, and leaves a
//! row (agent `weir:test`, no token).

mod call;
mod dial;
mod models;
mod report;
mod request;
mod symptoms;

use std::time::{Duration, Instant};

use admin::{
    live::LiveProvider,
    probe::{Failure, GuardrailCheck, Probe, StageName, Symptom, TestReport},
    system::JournalFacts,
};
use catalog::Mode;
use domain::provider::{Guardrail, Upstream};
use futures_util::future::BoxFuture;
use prometheus_client::registry::Registry;
use secrecy::SecretString;

pub(crate) use self::symptoms::{failure, symptom_of};
use self::{report::Report, request::TestRequest};
use crate::{Gateway, credential::Credential, identities::Way, metrics, refusal::Refusal};

/// The largest answer to a test or of a list of models.
pub(crate) const ANSWER_MAX_BYTES: usize = 16 << 20;
/// The most pages of a list of models that are asked for: an upstream may call its next page whatever it
/// likes, this one, too.
const PAGES_MAX: usize = 20;
/// How long such an answer may take to begin, and again to come down.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

impl Probe for Gateway {
    fn test<'a>(
        &'a self,
        provider: &'a LiveProvider,
        model: Option<&'a str>,
        authorization: Option<SecretString>,
    ) -> BoxFuture<'a, TestReport> {
        Box::pin(self.run_test(provider, model, authorization))
    }

    fn bedrock_runtime(&self) -> Option<&str> {
        self.inner.connect.bedrock_runtime.as_deref()
    }

    fn list_models<'a>(
        &'a self,
        provider: &'a LiveProvider,
        authorization: Option<SecretString>,
    ) -> BoxFuture<'a, Result<Vec<String>, Failure>> {
        Box::pin(async move {
            let upstream = &provider.provider.upstream;
            if let Upstream::Bedrock { .. } = upstream {
                return self.bedrock_models(provider).await;
            }
            if let Upstream::VertexAi { .. } = upstream {
                return self.publishers_models(provider).await;
            }
            if let Upstream::AzureOpenAi { .. } = upstream {
                // Its deployments are known to Azure's own management alone; the base models of the
                // region, which it does list, cannot be called by their names.
                return Ok(vec![]);
            }
            let mut request = TestRequest::models(upstream);
            let mut listed = Vec::new();
            for _ in 0..PAGES_MAX {
                let (answer, _) = match self
                    .call_upstream(provider, request, authorization.clone())
                    .await
                {
                    Err(failure) if failure.status.is_none() => {
                        return Err(self.reach(provider).await.err().unwrap_or(failure));
                    }
                    answered => answered?,
                };
                let ids = models::ids(&answer.body).ok_or_else(|| {
                    failure(Symptom::NotTheApi, Some(answer.status), &answer.body)
                })?;
                let is_news = models::add(&mut listed, ids);
                let Upstream::Cohere { .. } = upstream else {
                    break;
                };
                // A page with nothing new is one that was here before: its next one would be, too.
                let Some(next) = models::next_page(&answer.body).filter(|_| is_news) else {
                    break;
                };
                request = TestRequest::next_models(upstream, &next);
            }
            Ok(listed)
        })
    }

    fn check_guardrail<'a>(
        &'a self,
        provider: &'a LiveProvider,
        guardrail: &'a Guardrail,
    ) -> BoxFuture<'a, GuardrailCheck> {
        Box::pin(self.guardrail_check(provider, guardrail))
    }

    fn model_behind<'a>(
        &'a self,
        provider: &'a LiveProvider,
        arn: &'a str,
    ) -> BoxFuture<'a, Option<String>> {
        Box::pin(Gateway::model_behind(self, provider, arn))
    }

    fn register_metrics(&self, registry: &mut Registry) {
        self.books.recorder.register_metrics(registry);
        metrics::register_endpoints(registry, &self.live.now());
    }

    fn journal(&self) -> BoxFuture<'_, Option<JournalFacts>> {
        Box::pin(async {
            let recorder = &self.books.recorder;
            let journal = recorder.journal().clone();
            let bytes = tokio::task::spawn_blocking(move || journal.bytes()).await;
            Some(JournalFacts {
                writable: recorder.is_well(),
                bytes: bytes.ok().and_then(Result::ok),
                ended_calls: recorder.journal().ended(),
            })
        })
    }
}

impl Gateway {
    async fn run_test(
        &self,
        provider: &LiveProvider,
        model: Option<&str>,
        authorization: Option<SecretString>,
    ) -> TestReport {
        let mut report = Report::default();
        if let Some(name) = provider.secret_missing() {
            report.fail(StageName::Secret, None);
            let message = format!("there is no secret {name}");
            return report.end(Some(Failure {
                symptom: Symptom::SecretMissing,
                status: None,
                message: Some(message),
            }));
        }
        let upstream = &provider.provider.upstream;
        let needs_secret = !upstream.secrets().is_empty();
        let began = Instant::now();
        match self.identity_at_hand(provider).await {
            Ok(None) => report.note(StageName::Secret, needs_secret, None, None),
            Ok(Some(detail)) => {
                report.note(StageName::Secret, true, Some(millis(began)), Some(detail));
            }
            Err(message) => {
                report.fail(StageName::Secret, Some(millis(began)));
                return report.end(Some(Failure {
                    symptom: Symptom::CredentialsMissing,
                    status: None,
                    message: Some(message),
                }));
            }
        }
        if let Err(failure) = dial::dial(
            &self.connect,
            self.limits.connect_timeout,
            &self.base_url(upstream),
            &mut report,
        )
        .await
        {
            return report.end(Some(failure));
        }
        let Some(model) = model.or_else(|| {
            provider
                .provider
                .models
                .first()
                .map(|model| model.id.as_str())
        }) else {
            return report.end(Some(Failure {
                symptom: Symptom::NotFound,
                status: None,
                message: Some("name a model to test with: this provider lists none".to_owned()),
            }));
        };
        report.model = Some(model.to_owned());
        let snapshot = self.live.keep();
        let price_as = provider
            .model(model)
            .and_then(|listed| listed.price_as.as_ref());
        let card = |model| self.books.cards.find(&snapshot.catalog, upstream, model);
        let card = price_as
            .and_then(|price_as| card(price_as.as_str()))
            .or_else(|| card(model));
        let mode = card.as_ref().map_or(Mode::Chat, |card| card.mode);
        report.listed_dimensions = card.and_then(|card| card.embedding_dimensions);
        let request = TestRequest::inference(upstream, model, mode);
        match self.call_upstream(provider, request, authorization).await {
            Err(failure) => {
                let stage = symptoms::stage_of(&failure);
                if stage == StageName::Answer && failure.status.is_some() {
                    report.note(StageName::SignIn, needs_secret, None, None);
                }
                report.fail(stage, None);
                report.end(Some(failure))
            }
            Ok((answer, row)) => {
                report.note(StageName::SignIn, true, Some(answer.head_ms), None);
                report.note(StageName::Answer, true, Some(answer.body_ms), None);
                report.judge(row, &answer)
            }
        }
    }

    /// Tries the way to the upstream, stage by stage, for what a failed call does not tell.
    async fn reach(&self, provider: &LiveProvider) -> Result<(), Failure> {
        dial::dial(
            &self.connect,
            self.limits.connect_timeout,
            &self.base_url(&provider.provider.upstream),
            &mut Report::default(),
        )
        .await
    }

    /// Has a credential that ends at hand. What it is, in words; `None`: the provider needs none.
    async fn identity_at_hand(&self, provider: &LiveProvider) -> Result<Option<String>, String> {
        if Way::of(&provider.provider.upstream).is_none() {
            return Ok(None);
        }
        let identity = self
            .identities
            .of(provider)
            .map_err(|refusal| refusal.message())?;
        match identity.credential().await {
            Ok(Credential::Aws(aws::Credential::Bearer(_))) => {
                Ok(Some("an API key of Bedrock".to_owned()))
            }
            Ok(Credential::Aws(aws::Credential::Keys(keys))) => {
                Ok(Some(format!("AWS access key {}", keys.access_key_id())))
            }
            Ok(Credential::Token(token)) => Ok(Some(format!("access token of {}", token.whose()))),
            Ok(Credential::None | Credential::Key(_) | Credential::Client(_)) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

pub(crate) fn refused(refusal: &Refusal) -> Failure {
    let symptom = match refusal {
        Refusal::SecretMissing { .. } => Symptom::SecretMissing,
        Refusal::CredentialsMissing => Symptom::CredentialsMissing,
        Refusal::AddressRefused => Symptom::AddressRefused,
        Refusal::ConnectTimeout => Symptom::TimedOut,
        Refusal::AnswerTimeout => Symptom::NoAnswer,
        Refusal::AuthorizationMissing => Symptom::Unauthorized,
        Refusal::ModelNotAllowed { .. } => Symptom::NotFound,
        Refusal::CannotRecord | Refusal::BuffersFull => Symptom::CannotRecord,
        _ => Symptom::UpstreamError,
    };
    Failure {
        symptom,
        status: None,
        message: Some(refusal.message()),
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
