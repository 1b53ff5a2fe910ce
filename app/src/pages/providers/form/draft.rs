//! Between the form's fields and what admin takes and gives.

use admin::{
    FieldError,
    providers::{ModelDraft, ProviderDraft, ProviderView},
};
use domain::{Bucket, provider::ProviderType};

use super::{chosen_type, passes_through};
use crate::{
    http::fields::Fields,
    provider_form::{model_name, of_type, price_as, rate},
};

/// What the form says, as admin takes it. Fields of other types than the chosen one are left out.
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
    let has_key =
        !passes_through(fields, ty.key()) && fields.text(&of_type(ty.key(), "key_from")) != "new";
    draft.api_key = if has_key { of_it("key") } else { None };
    match ty {
        ProviderType::OpenAi => {
            draft.organization = of_it("organization");
            draft.project = of_it("project");
        }
        ProviderType::Anthropic => {
            draft.authorization_passthrough = Some(fields.ticked("anthropic.passthrough"));
        }
        ProviderType::OpenAiCompatible => {
            draft.preset = of_it("preset");
            draft.inject_stream_usage =
                Some(fields.ticked("openai_compatible.inject_stream_usage"));
        }
    }
    draft
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
        "api_key" if fields.text(&of_type(ty, "key_from")) == "new" => of_type(ty, "new_key"),
        "api_key" => of_type(ty, "key"),
        "authorization_passthrough" => of_type(ty, "passthrough"),
        "base_url" | "organization" | "project" | "preset" | "inject_stream_usage" => {
            of_type(ty, &error.field)
        }
        "models" => "model".to_owned(),
        other => other.to_owned(),
    }
}

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
        ("other_paths".to_owned(), provider.other_paths),
        ("record_inputs".to_owned(), provider.record_inputs),
        ("record_outputs".to_owned(), provider.record_outputs),
    ] {
        fill(name, on.then_some("on"));
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

/// A form that nobody has typed in yet.
pub(super) fn blank(query: &Fields) -> Fields {
    let mut fields = Fields::from([("openai_compatible.inject_stream_usage", "on")]);
    if let Some(ty) = chosen_type(query) {
        fields.push("type", ty.key());
    }
    fields
}

#[cfg(test)]
mod tests {
    use admin::FieldError;

    use super::{draft, form_field};
    use crate::http::fields::Fields;

    #[test]
    fn passthrough_goes_without_the_key_that_the_form_still_holds() {
        let mut fields = Fields::from([
            ("type", "anthropic"),
            ("anthropic.key_from", "existing"),
            ("anthropic.key", "ANTHROPIC_API_KEY"),
        ]);
        assert_eq!(draft(&fields).api_key.as_deref(), Some("ANTHROPIC_API_KEY"));
        fields.push("anthropic.passthrough", "on");
        let passing = draft(&fields);
        assert_eq!(
            (passing.api_key, passing.authorization_passthrough),
            (None, Some(true))
        );
    }

    #[test]
    fn only_fields_of_the_chosen_type_are_sent() {
        let mut fields = Fields::from([
            ("display_name", " Main "),
            ("type", "openai"),
            ("openai.base_url", ""),
            ("openai.key_from", "existing"),
            ("openai.key", "OPENAI_API_KEY"),
            ("openai.organization", "org-1"),
            ("anthropic.passthrough", "on"),
            ("openai_compatible.base_url", "http://a/v1"),
            ("record_outputs", "on"),
        ]);
        let of_openai = draft(&fields);
        assert_eq!(of_openai.display_name.as_deref(), Some("Main"));
        assert_eq!(of_openai.api_key.as_deref(), Some("OPENAI_API_KEY"));
        assert_eq!(of_openai.organization.as_deref(), Some("org-1"));
        assert_eq!(
            (of_openai.authorization_passthrough, of_openai.preset),
            (None, None)
        );
        assert_eq!(
            (of_openai.record_inputs, of_openai.record_outputs),
            (Some(false), Some(true))
        );

        fields.set("type", "openai_compatible");
        let compatible = draft(&fields);
        assert_eq!(compatible.base_url.as_deref(), Some("http://a/v1"));
        assert_eq!(
            (compatible.inject_stream_usage, compatible.organization),
            (Some(false), None)
        );
    }

    #[test]
    fn blank_rates_keep_the_catalogs_and_zero_is_free() {
        let fields = Fields::from([
            ("model", "a.b"),
            ("model_name.a.b", "Alpha"),
            ("rate.input.a.b", " 0 "),
            ("rate.output.a.b", ""),
            ("rate.input.other", "9"),
        ]);
        let draft = draft(&fields);
        let model = &draft.models[0];
        assert_eq!(
            (model.id.as_str(), model.display_name.as_deref()),
            ("a.b", Some("Alpha"))
        );
        assert_eq!(
            model.rates.clone().into_iter().collect::<Vec<_>>(),
            [("input".to_owned(), Some("0".to_owned()))]
        );
    }

    #[test]
    fn errors_find_the_field_that_they_are_about() {
        let fields = Fields::from([
            ("type", "anthropic"),
            ("model", "a"),
            ("model", "b.c"),
            ("anthropic.key_from", "existing"),
        ]);
        let check = |field: &str, expected: &str| {
            assert_eq!(
                form_field(&FieldError::new(field, "code", ""), &fields),
                expected,
                "{field}"
            );
        };
        check("models[1].rates.cache_write_5m", "rate.cache_write_5m.b.c");
        check("models[0].display_name", "model_name.a");
        check("models[0].id", "model");
        check("models[7].price_as", "price_as.");
        check("api_key", "anthropic.key");
        check("authorization_passthrough", "anthropic.passthrough");
        check("base_url", "anthropic.base_url");
        check("id", "id");
    }
}
