//! Asking a provider's upstream: Test Connection, and the models that it lists.

use std::{collections::HashSet, sync::Arc};

use domain::{
    ModelId,
    provider::{AnthropicAuth, Provider, Upstream},
};
use secrecy::SecretString;

use super::{ProviderDraft, Providers, ids, instead, not_found};
use crate::{
    error::{AdminError, FieldError},
    fields::{all_right, filled},
    live::{self, LiveProvider},
    probe::{Action, FailureView, Symptom, TestRequest, TestView},
    who::Who,
};

impl Providers {
    /// Makes one real call to a provider, stage by stage. Works on disabled providers. Where the model was
    /// not the right one, those that may be are offered.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]; [`AdminError::Invalid`] where the model is not allowed or something is
    /// missing. A test that fails is no error: the result says so.
    pub async fn test(
        &self,
        _who: &Who,
        id: &str,
        request: TestRequest,
    ) -> Result<TestView, AdminError> {
        let TestRequest {
            model,
            endpoint,
            authorization,
            unlisted,
        } = request;
        let provider = at_endpoint(self.live(id)?, endpoint.as_deref())?;
        let mut errors = vec![];
        let model = match filled(model.as_deref()).map(ModelId::new).transpose() {
            Ok(model) => model,
            Err(error) => {
                let wrong = FieldError::new("model", "invalid_model_id", error.to_string());
                return Err(AdminError::Invalid(vec![wrong]));
            }
        };
        match &model {
            Some(model) if !unlisted && !provider.allows(model.as_str()) => {
                errors.push(FieldError::new(
                    "model",
                    "model_not_allowed",
                    "this model is not in the provider's list; add it there, or test one that is",
                ))
            }
            None if provider.provider.models.is_empty() => errors.push(FieldError::new(
                "model",
                "required",
                "this provider has no list of models: name the one to test",
            )),
            _ => {}
        }
        errors.extend(wrong_authorization(&provider, authorization.as_ref()));
        all_right(errors)?;
        let allowing = model
            .as_ref()
            .filter(|model| !provider.allows(model.as_str()))
            .map(|model| provider.also_allowing(model.clone()));
        let tested = allowing.as_ref().unwrap_or(&provider);
        let report = self
            .admin
            .probe()
            .test(
                tested,
                model.as_ref().map(ModelId::as_str),
                authorization.clone(),
            )
            .await;
        let mut view = TestView::of(report, tested);
        if let (Some(failure), Some(model)) = (&mut view.failure, &view.model) {
            let instead = self
                .instead_of(&provider, model, failure.symptom, authorization)
                .await?;
            failure.offer(instead);
        }
        Ok(view)
    }

    /// What to call in place of a model that failed, the likeliest first.
    async fn instead_of(
        &self,
        provider: &LiveProvider,
        model: &str,
        symptom: Symptom,
        authorization: Option<SecretString>,
    ) -> Result<Vec<String>, AdminError> {
        Ok(match symptom {
            Symptom::OnDemandUnsupported => {
                let catalog = Arc::clone(&self.admin.live().now().catalog);
                instead::profiles(&catalog, &provider.provider.upstream, model)
            }
            Symptom::NotFound => {
                let probe = self.admin.probe();
                let listed = probe.list_models(provider, authorization).await;
                let (model, listed) = (model.to_owned(), listed.unwrap_or_default());
                // Beside the threads that carry calls: a list may be long.
                tokio::task::spawn_blocking(move || instead::close_to(&model, listed))
                    .await
                    .map_err(|error| AdminError::internal("compare ids of models", &error))?
            }
            _ => vec![],
        })
    }

    /// The models that a saved provider's upstream lists itself.
    ///
    /// # Errors
    /// [`AdminError::NotFound`]. The inner error: why the upstream could not be asked, and what to do.
    pub async fn upstream_models(
        &self,
        _who: &Who,
        id: &str,
        authorization: Option<SecretString>,
    ) -> Result<Result<Vec<String>, FailureView>, AdminError> {
        let provider = self.live(id)?;
        Ok(self.ask_models(&provider, authorization).await)
    }

    /// The models that the upstream of a draft lists, before the draft is saved. Name and models of the
    /// draft may still be missing.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] where the draft's address or credential is wrong. The inner error: why the
    /// upstream could not be asked, and what to do.
    pub async fn upstream_models_of_draft(
        &self,
        _who: &Who,
        draft: &ProviderDraft,
        authorization: Option<SecretString>,
    ) -> Result<Result<Vec<String>, FailureView>, AdminError> {
        let mut draft = draft.clone();
        draft.id = None;
        draft.display_name = Some("draft".to_owned());
        draft.models.clear();
        let checked = self
            .checked(&draft, None, &HashSet::new())
            .await?
            .map_err(AdminError::Invalid)?;
        let now = self.admin.now();
        let provider = Provider {
            id: ids::of_type(checked.upstream.provider_type())?,
            display_name: checked.display_name,
            enabled: true,
            upstream: checked.upstream,
            several: checked.several,
            other_paths: false,
            models: vec![],
            recording: checked.recording,
            version: 0,
            created_at: now,
            updated_at: now,
        };
        let secrets = live::secrets_of(self.admin.store(), &provider).await?;
        let asked = self
            .ask_models(&LiveProvider::new(provider, secrets), authorization)
            .await;
        Ok(asked.map_err(|mut failure| {
            // A draft has no page to open, and is being edited as it is.
            failure
                .actions
                .retain(|action| !matches!(action, Action::Open { href, .. } if href.starts_with("/providers/")));
            failure
        }))
    }

    async fn ask_models(
        &self,
        provider: &LiveProvider,
        authorization: Option<SecretString>,
    ) -> Result<Vec<String>, FailureView> {
        let models = self
            .admin
            .probe()
            .list_models(provider, authorization)
            .await;
        models.map_err(|failure| FailureView::of(failure, None, provider))
    }

    fn live(&self, id: &str) -> Result<Arc<LiveProvider>, AdminError> {
        self.admin
            .live()
            .now()
            .providers
            .get(id)
            .cloned()
            .ok_or_else(|| not_found(id))
    }
}

/// The provider as it is called at one endpoint: the one that is named, else the first.
fn at_endpoint(
    provider: Arc<LiveProvider>,
    endpoint: Option<&str>,
) -> Result<Arc<LiveProvider>, AdminError> {
    let Some(name) = filled(endpoint) else {
        let endpoints = provider.endpoints();
        let first = endpoints.and_then(|endpoints| endpoints.each.first());
        return Ok(first.map_or(provider.clone(), |first| Arc::clone(&first.provider)));
    };
    provider.at(name).map(Arc::clone).ok_or_else(|| {
        let words = match provider.endpoints() {
            Some(endpoints) => {
                let names: Vec<&str> = endpoints.each.iter().map(|it| it.name.as_str()).collect();
                format!(
                    "this provider has no such endpoint; it has: {}",
                    names.join(", ")
                )
            }
            None => "this provider has one endpoint, without a name: leave this out".to_owned(),
        };
        AdminError::field("endpoint", "unknown_endpoint", &words)
    })
}

fn wrong_authorization(
    provider: &LiveProvider,
    authorization: Option<&SecretString>,
) -> Option<FieldError> {
    let passes = matches!(
        provider.provider.upstream,
        Upstream::Anthropic {
            auth: AnthropicAuth::Passthrough,
            ..
        }
    );
    match (passes, authorization) {
        (true, None) => Some(FieldError::new(
            "authorization",
            "required",
            "this provider passes the client's Authorization through: give one to test with; it is used once and never kept",
        )),
        (false, Some(_)) => Some(FieldError::new(
            "authorization",
            "must_be_absent",
            "this provider sends its own key; leave this out",
        )),
        (true, Some(_)) | (false, None) => None,
    }
}
