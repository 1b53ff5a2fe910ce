//! What a form holds before anybody types in it: nothing, or a provider as it is to be saved.

use admin::providers::{CredentialsDraft, ModelDraft, ProviderDraft};
use domain::provider::ProviderType;

use super::{chosen_type, endpoints};
use crate::{
    http::fields::Fields,
    provider_form::{
        azure_mode::AzureMode, google_mode::GoogleMode, mode::Mode, model_name, of_type, price_as,
        rate, secret_field::SecretField,
    },
};

/// A provider as the form holds it.
pub(super) fn fields_of(draft: &ProviderDraft) -> Fields {
    let mut filled = Filling::default();
    for (name, value) in endpoints::fields_of(draft) {
        filled.fields.push(name, value);
    }
    // What the form asks for the connection is the first endpoint.
    let first = draft.endpoints.first().map(|first| first.alone(draft));
    let draft = first.as_ref().unwrap_or(draft);
    let ty = draft.provider_type.as_deref().unwrap_or_default();
    for (name, value) in [
        ("type", &draft.provider_type),
        ("id", &draft.id),
        ("display_name", &draft.display_name),
    ] {
        filled.text(name.to_owned(), value);
    }
    for (name, value) in [
        ("base_url", &draft.base_url),
        ("key", &draft.api_key),
        ("region", &draft.region),
        ("location", &draft.location),
        ("organization", &draft.organization),
        ("project", &draft.project),
        ("preset", &draft.preset),
        ("api_version", &draft.api_version),
        ("data_zone", &draft.data_zone),
    ] {
        filled.text(of_type(ty, name), value);
    }
    for (name, on) in [
        (of_type(ty, "passthrough"), draft.authorization_passthrough),
        (
            of_type(ty, "inject_stream_usage"),
            draft.inject_stream_usage,
        ),
        (of_type(ty, "fips"), draft.fips),
        ("other_paths".to_owned(), draft.other_paths),
        ("record_inputs".to_owned(), draft.record_inputs),
        ("record_outputs".to_owned(), draft.record_outputs),
    ] {
        filled.switch(name, on);
    }
    if let Some(guardrail) = &draft.guardrail {
        filled.text("bedrock.guardrail_id".to_owned(), &guardrail.id);
        filled.text("bedrock.guardrail_version".to_owned(), &guardrail.version);
    }
    if ty == ProviderType::Bedrock.key() {
        filled.credentials(draft.credentials.as_ref());
    }
    if ty == ProviderType::VertexAi.key() {
        filled.google_credentials(draft.credentials.as_ref());
    }
    if ty == ProviderType::AzureOpenAi.key() {
        filled.azure_credentials(draft.credentials.as_ref());
    }
    for model in &draft.models {
        filled.model(model);
    }
    filled.fields
}

/// A form that is being filled in.
#[derive(Default)]
struct Filling {
    fields: Fields,
}

impl Filling {
    fn text(&mut self, name: String, value: &Option<String>) {
        if let Some(value) = value {
            self.fields.push(name, value);
        }
    }

    /// A box that is not ticked is not sent.
    fn switch(&mut self, name: String, on: Option<bool>) {
        if on == Some(true) {
            self.fields.push(name, "on");
        }
    }

    fn credentials(&mut self, draft: Option<&CredentialsDraft>) {
        let Some(draft) = draft else {
            self.fields.push(Mode::FIELD, Mode::DefaultChain.key());
            return;
        };
        for (name, value) in [
            (Mode::FIELD.to_owned(), &draft.mode),
            (SecretField::AccessKeyId.part("key"), &draft.access_key_id),
            (
                SecretField::SecretAccessKey.part("key"),
                &draft.secret_access_key,
            ),
            (SecretField::SessionToken.part("key"), &draft.session_token),
            (SecretField::Bedrock.part("key"), &draft.api_key),
            ("bedrock.role_arn".to_owned(), &draft.role_arn),
            ("bedrock.external_id".to_owned(), &draft.external_id),
            ("bedrock.session_name".to_owned(), &draft.session_name),
        ] {
            self.text(name, value);
        }
    }

    fn google_credentials(&mut self, draft: Option<&CredentialsDraft>) {
        let Some(draft) = draft else {
            let default = GoogleMode::DefaultChain.key();
            return self.fields.push(GoogleMode::FIELD, default);
        };
        self.text(GoogleMode::FIELD.to_owned(), &draft.mode);
        self.text(
            SecretField::ServiceAccount.part("key"),
            &draft.service_account,
        );
    }
    fn azure_credentials(&mut self, draft: Option<&CredentialsDraft>) {
        let Some(draft) = draft else {
            self.fields.push(AzureMode::FIELD, AzureMode::Key.key());
            return;
        };
        for (name, value) in [
            (AzureMode::FIELD.to_owned(), &draft.mode),
            (
                SecretField::AzureClientSecret.part("key"),
                &draft.client_secret,
            ),
            ("azure_openai.client_id".to_owned(), &draft.client_id),
            ("azure_openai.token_url".to_owned(), &draft.token_url),
            ("azure_openai.scope".to_owned(), &draft.scope),
        ] {
            self.text(name, value);
        }
    }

    fn model(&mut self, model: &ModelDraft) {
        self.fields.push("model", &model.id);
        self.text(model_name(&model.id), &model.display_name);
        self.text(price_as(&model.id), &model.price_as);
        for (bucket, value) in &model.rates {
            self.text(rate(bucket, &model.id), value);
        }
    }
}

/// A form that nobody has typed in yet.
pub(super) fn blank(query: &Fields) -> Fields {
    let mut fields = Fields::from([
        ("openai_compatible.inject_stream_usage", "on"),
        (Mode::FIELD, Mode::DefaultChain.key()),
        (GoogleMode::FIELD, GoogleMode::DefaultChain.key()),
        (AzureMode::FIELD, AzureMode::Key.key()),
    ]);
    if let Some(ty) = chosen_type(query) {
        fields.push("type", ty.key());
    }
    fields
}
