//! What a form holds before anybody types in it: nothing, or a saved provider.

use admin::providers::ProviderView;
use domain::provider::AwsCredentials;

use super::chosen_type;
use crate::{
    http::fields::Fields,
    provider_form::{mode::Mode, model_name, of_type, price_as, rate, secret_field::SecretField},
};

/// A saved provider as the form holds it.
pub(super) fn fields_of(provider: &ProviderView) -> Fields {
    let ty = provider.provider_type.key();
    let mut fields = Fields::from([("type", ty), ("id", provider.id.as_str())]);
    let mut fill = |name: String, value: Option<&str>| {
        if let Some(value) = value {
            fields.push(name, value);
        }
    };
    fill("display_name".to_owned(), Some(&provider.display_name));
    fill("version".to_owned(), Some(&provider.version.to_string()));
    fill(of_type(ty, "base_url"), provider.base_url.as_deref());
    fill(of_type(ty, "key"), provider.api_key.as_deref());
    fill(of_type(ty, "region"), provider.region.as_deref());
    fill(
        of_type(ty, "organization"),
        provider.organization.as_deref(),
    );
    fill(of_type(ty, "project"), provider.project.as_deref());
    fill(of_type(ty, "preset"), provider.preset);
    for (name, on) in [
        (
            of_type(ty, "passthrough"),
            provider.authorization_passthrough == Some(true),
        ),
        (
            of_type(ty, "inject_stream_usage"),
            provider.inject_stream_usage == Some(true),
        ),
        (of_type(ty, "fips"), provider.fips == Some(true)),
        ("other_paths".to_owned(), provider.other_paths),
        ("record_inputs".to_owned(), provider.record_inputs),
        ("record_outputs".to_owned(), provider.record_outputs),
    ] {
        fill(name, on.then_some("on"));
    }
    if let Some(guardrail) = &provider.guardrail {
        fields.push("bedrock.guardrail_id", &guardrail.id);
        fields.push("bedrock.guardrail_version", &guardrail.version);
    }
    if let Some(credentials) = &provider.credentials {
        fill_credentials(&mut fields, credentials);
    }
    for model in &provider.models {
        fields.push("model", &model.id);
        fields.push(
            model_name(&model.id),
            model.display_name.clone().unwrap_or_default(),
        );
        fields.push(
            price_as(&model.id),
            model.price_as.clone().unwrap_or_default(),
        );
        for (bucket, value) in model.rates.0.iter() {
            if let Some(value) = value {
                fields.push(rate(bucket.key(), &model.id), value.to_string());
            }
        }
    }
    fields
}

fn fill_credentials(fields: &mut Fields, credentials: &AwsCredentials) {
    let mut refer = |of: SecretField, name: &domain::SecretName| {
        fields.push(of.part("key"), name.to_string());
    };
    let (mode, texts) = match credentials {
        AwsCredentials::DefaultChain => (Mode::DefaultChain, vec![]),
        AwsCredentials::StaticKeys {
            access_key_id,
            secret_access_key,
            session_token,
        } => {
            refer(SecretField::AccessKeyId, access_key_id);
            refer(SecretField::SecretAccessKey, secret_access_key);
            if let Some(name) = session_token {
                refer(SecretField::SessionToken, name);
            }
            (Mode::StaticKeys, vec![])
        }
        AwsCredentials::AssumeRole {
            role_arn,
            external_id,
            session_name,
        } => (
            Mode::AssumeRole,
            vec![
                ("bedrock.role_arn", Some(role_arn.as_str())),
                ("bedrock.external_id", external_id.as_deref()),
                ("bedrock.session_name", session_name.as_deref()),
            ],
        ),
        AwsCredentials::WebIdentity { role_arn } => (
            Mode::WebIdentity,
            vec![("bedrock.role_arn", Some(role_arn.as_str()))],
        ),
        AwsCredentials::Bearer { api_key } => {
            refer(SecretField::Bedrock, api_key);
            (Mode::Bearer, vec![])
        }
    };
    fields.push(Mode::FIELD, mode.key());
    for (name, value) in texts {
        if let Some(value) = value {
            fields.push(name, value);
        }
    }
}

/// A form that nobody has typed in yet.
pub(super) fn blank(query: &Fields) -> Fields {
    let mut fields = Fields::from([
        ("openai_compatible.inject_stream_usage", "on"),
        (Mode::FIELD, Mode::DefaultChain.key()),
    ]);
    if let Some(ty) = chosen_type(query) {
        fields.push("type", ty.key());
    }
    fields
}
