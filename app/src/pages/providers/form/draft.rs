//! From the form's fields to what admin takes, and from its errors back to the fields.

use admin::{
    FieldError,
    providers::{CredentialsDraft, GuardrailDraft, ModelDraft, ProviderDraft},
};
use domain::{Bucket, provider::ProviderType};

use super::{chosen_type, endpoints};
use crate::{
    http::fields::Fields,
    provider_form::{
        azure_mode::AzureMode, google_mode::GoogleMode, mode::Mode, model_name, of_type, price_as,
        rate, secret_field::SecretField,
    },
};

/// What the form says, as admin takes it. Fields of other types and of other credential modes than the chosen
/// one are left out.
pub(super) fn draft(fields: &Fields) -> ProviderDraft {
    let text = |name: &str| Some(fields.text(name).to_owned());
    let mut draft = ProviderDraft {
        id: text("id"),
        display_name: text("display_name"),
        provider_type: text("type"),
        enabled: None,
        other_paths: Some(fields.ticked("other_paths")),
        models: fields.all("model").map(|id| model(fields, id)).collect(),
        record_inputs: Some(fields.ticked("record_inputs")),
        record_outputs: Some(fields.ticked("record_outputs")),
        ..ProviderDraft::default()
    };
    let Some(ty) = chosen_type(fields) else {
        return draft;
    };
    let of_it = |name: &str| Some(fields.text(&of_type(ty.key(), name)).to_owned());
    draft.base_url = of_it("base_url");
    match ty {
        ProviderType::OpenAi => {
            draft.api_key = secret(fields, SecretField::OpenAi);
            draft.organization = of_it("organization");
            draft.project = of_it("project");
        }
        ProviderType::Anthropic => {
            draft.api_key = secret(fields, SecretField::Anthropic);
            draft.authorization_passthrough = Some(fields.ticked("anthropic.passthrough"));
        }
        ProviderType::GoogleAi => draft.api_key = secret(fields, SecretField::GoogleAi),
        ProviderType::Cohere => draft.api_key = secret(fields, SecretField::Cohere),
        ProviderType::Bedrock => {
            draft.region = of_it("region");
            draft.credentials = Some(credentials(fields));
            draft.fips = Some(fields.ticked("bedrock.fips"));
            draft.guardrail = guardrail(fields);
        }
        ProviderType::VertexAi => {
            draft.project = of_it("project");
            draft.location = of_it("location");
            draft.credentials = Some(CredentialsDraft {
                mode: Some(GoogleMode::of(fields).key().to_owned()),
                service_account: secret(fields, SecretField::ServiceAccount),
                ..CredentialsDraft::default()
            });
        }
        ProviderType::AzureOpenAi => {
            draft.api_version = of_it("api_version");
            draft.data_zone = of_it("data_zone");
            match AzureMode::of(fields) {
                AzureMode::Key => draft.api_key = secret(fields, SecretField::Azure),
                mode @ AzureMode::ServicePrincipal => {
                    draft.credentials = Some(CredentialsDraft {
                        mode: Some(mode.key().to_owned()),
                        client_id: of_it("client_id"),
                        client_secret: secret(fields, SecretField::AzureClientSecret),
                        token_url: of_it("token_url"),
                        scope: of_it("scope"),
                        ..CredentialsDraft::default()
                    });
                }
            }
        }
        ProviderType::OpenAiCompatible => {
            draft.api_key = secret(fields, SecretField::Compatible);
            draft.preset = of_it("preset");
            draft.inject_stream_usage =
                Some(fields.ticked("openai_compatible.inject_stream_usage"));
        }
    }
    endpoints::draft(fields, &mut draft);
    draft
}

/// The secret that a field refers to. `None`: it does not count, or the secret is still to be made.
fn secret(fields: &Fields, of: SecretField) -> Option<String> {
    let counts = SecretField::that_count(fields).contains(&of) && !of.is_new(fields);
    counts.then(|| fields.text(&of.part("key")).to_owned())
}

fn credentials(fields: &Fields) -> CredentialsDraft {
    let mode = Mode::of(fields);
    let text = |name: &str| Some(fields.text(name).to_owned());
    let mut draft = CredentialsDraft {
        mode: Some(mode.key().to_owned()),
        access_key_id: secret(fields, SecretField::AccessKeyId),
        secret_access_key: secret(fields, SecretField::SecretAccessKey),
        session_token: secret(fields, SecretField::SessionToken),
        api_key: secret(fields, SecretField::Bedrock),
        ..CredentialsDraft::default()
    };
    match mode {
        Mode::AssumeRole => {
            draft.role_arn = text("bedrock.role_arn");
            draft.external_id = text("bedrock.external_id");
            draft.session_name = text("bedrock.session_name");
        }
        Mode::WebIdentity => draft.role_arn = text("bedrock.role_arn"),
        Mode::DefaultChain | Mode::StaticKeys | Mode::Bearer => {}
    }
    draft
}

/// With either of its fields blank it is a guardrail that admin will ask for the rest of.
fn guardrail(fields: &Fields) -> Option<GuardrailDraft> {
    let (id, version) = (
        fields.text("bedrock.guardrail_id"),
        fields.text("bedrock.guardrail_version"),
    );
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (!id.is_empty() || !version.is_empty()).then(|| GuardrailDraft {
        id: filled(id),
        version: filled(version),
    })
}

fn model(fields: &Fields, id: &str) -> ModelDraft {
    let text = |name: String| Some(fields.text(&name).to_owned());
    let rates = Bucket::ALL
        .iter()
        .filter(|bucket| bucket.can_be_overridden())
        .filter_map(|bucket| {
            let typed = fields.text(&rate(bucket.key(), id));
            (!typed.is_empty()).then(|| (bucket.key().to_owned(), Some(typed.to_owned())))
        });
    ModelDraft {
        id: id.to_owned(),
        display_name: text(model_name(id)),
        price_as: text(price_as(id)),
        rates: rates.collect(),
    }
}

/// The form's field for a field of the API.
pub(super) fn form_field(error: &FieldError, fields: &Fields) -> String {
    let ty = fields.text("type");
    match endpoints::form_field(&error.field, fields) {
        Some(Ok(field)) => return field,
        Some(Err(of_the_first)) => {
            let error = FieldError {
                field: of_the_first,
                ..error.clone()
            };
            return form_field(&error, fields);
        }
        None => {}
    }
    if let Some((index, rest)) = error
        .field
        .strip_prefix("models[")
        .and_then(|rest| rest.split_once(']'))
    {
        let id = index
            .parse::<usize>()
            .ok()
            .and_then(|index| fields.all("model").nth(index))
            .unwrap_or_default();
        return match rest.strip_prefix('.').unwrap_or_default() {
            "display_name" => model_name(id),
            "price_as" => price_as(id),
            other => other
                .strip_prefix("rates.")
                .map_or_else(|| "model".to_owned(), |bucket| rate(bucket, id)),
        };
    }
    match error.field.as_str() {
        "api_key" => reference_field(ty, fields),
        "authorization_passthrough" => of_type(ty, "passthrough"),
        "base_url"
        | "organization"
        | "project"
        | "preset"
        | "inject_stream_usage"
        | "region"
        | "location"
        | "api_version"
        | "data_zone"
        | "fips" => of_type(ty, &error.field),
        "credentials" => of_type(ty, "mode"),
        "guardrail" | "guardrail.id" => "bedrock.guardrail_id".to_owned(),
        "guardrail.version" => "bedrock.guardrail_version".to_owned(),
        "models" => "model".to_owned(),
        other => match other.strip_prefix("credentials.") {
            Some(part) => reference_field(&of_type(ty, part), fields),
            None => other.to_owned(),
        },
    }
}

/// The field that is at fault where a reference is; any other field is itself.
fn reference_field(prefix: &str, fields: &Fields) -> String {
    match SecretField::of_prefix(prefix) {
        Some(of) if of.is_new(fields) => of.part("new_key"),
        Some(of) => of.part("key"),
        None => prefix.to_owned(),
    }
}

#[cfg(test)]
mod tests;
