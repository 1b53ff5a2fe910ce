//! The cards of the provider types, and the fields that go with each.

use domain::provider::ProviderType;
use leptos::prelude::*;

use super::{azure, bedrock, facts::OwnAddresses, vertex};
use crate::{
    http::{fields::Fields, wrong::Wrong},
    islands::CompatibleAddress,
    kit::{
        field::{TextField, Toggle},
        marks::Tile,
        note::{NoteBox, Tone},
        note_line::NoteLine,
        reference::Reference,
    },
    provider_form::{notes::Note, of_type, secret_field::SecretField},
};

/// When one uses a type.
pub(crate) const fn use_when(ty: ProviderType) -> &'static str {
    match ty {
        ProviderType::OpenAi => "Use when you call OpenAI’s own API with an OpenAI key.",
        ProviderType::Anthropic => {
            "Use when you call Claude at Anthropic, with your key or the caller’s."
        }
        ProviderType::GoogleAi => {
            "Use when you call Gemini at Google AI Studio with an API key of yours."
        }
        ProviderType::Bedrock => {
            "Use when you call Claude, Nova, Llama and others in your AWS account, with its credentials."
        }
        ProviderType::VertexAi => {
            "Use when you call Gemini, Claude, Mistral or Llama in your Google Cloud project."
        }
        ProviderType::AzureOpenAi => {
            "Use when you call GPT and others that are deployed in an Azure OpenAI or Foundry resource of yours."
        }
        ProviderType::OpenAiCompatible => {
            "Use for any server that speaks OpenAI’s chat API: vLLM, Ollama, Groq and others."
        }
        ProviderType::Cohere => {
            "Use when you call Command, Embed or Rerank at Cohere with an API key of yours."
        }
    }
}

/// The choice of a type. It opens the fields of its own below, without any script.
#[component]
pub(super) fn TypeCards(fields: Fields, wrong: Wrong) -> impl IntoView {
    let error = wrong.of("type");
    let focus = wrong.is_first("type");
    let cards = ProviderType::ALL.iter().enumerate().map(|(place, ty)| {
        let on = fields.text("type") == ty.key();
        html! {
            <label class="type-card">
                <Tile ty=*ty/>
                <b>{ty.label()}</b>
                <input type="radio" name="type" value=ty.key() checked=on autofocus=focus && place == 0
                    aria-describedby="type-about"/>
                <span class="use">{use_when(*ty)}</span>
            </label>
        }
    });
    html! {
        <fieldset>
            <legend class="sr">"Provider type"</legend>
            <div class="type-cards">{cards.collect_view()}</div>
        </fieldset>
        <span id="type-about" class="under">{(!error.is_empty()).then(|| html! { <NoteLine note=Note::Wrong(error)/> })}</span>
    }
}

/// The fields of one type.
#[component]
pub(super) fn TypeFields(
    ty: ProviderType,
    fields: Fields,
    wrong: Wrong,
    secrets: usize,
    /// Where calls go without a base URL.
    own_addresses: OwnAddresses,
) -> impl IntoView {
    let body = match ty {
        ProviderType::OpenAi => openai(&fields, &wrong, secrets),
        ProviderType::Anthropic => anthropic(&fields, &wrong, secrets),
        ProviderType::GoogleAi => google_ai(&fields, &wrong, secrets),
        ProviderType::Bedrock => bedrock::fields(&fields, &wrong, secrets, own_addresses.bedrock),
        ProviderType::VertexAi => vertex::fields(&fields, &wrong, secrets, own_addresses.vertex),
        ProviderType::AzureOpenAi => azure::fields(&fields, &wrong, secrets),
        ProviderType::OpenAiCompatible => compatible(&fields, &wrong, secrets),
        ProviderType::Cohere => cohere(&fields, &wrong, secrets),
    };
    html! { <div class=format!("type-fields of-{}", ty.key())>{body}</div> }
}

fn base_url(ty: ProviderType, fields: &Fields, wrong: &Wrong, help: &'static str) -> AnyView {
    let name = of_type(ty.key(), "base_url");
    let typed = wrong.typed(fields, &name);
    let default = ty.default_base_url().unwrap_or_default();
    html! { <TextField name=name label="Base URL" typed=typed optional=true mono=true placeholder=default help=help/> }
}

/// A reference to a secret. `secrets`: how many there are.
pub(super) fn reference(
    of: SecretField,
    label: &'static str,
    fields: &Fields,
    wrong: &Wrong,
    secrets: usize,
    optional: bool,
    help: &'static str,
) -> AnyView {
    let typed = |part: &str| wrong.typed(fields, &of.part(part));
    // With no secret to choose from, making one is what is meant.
    let unsaid = fields.text(&of.part("key_from")).is_empty();
    let new = of.is_new(fields) || (unsaid && secrets == 0 && !optional);
    html! {
        <Reference prefix=of.prefix() label=label secrets=secrets new=new existing=typed("key") new_name=typed("new_key")
            new_value=typed("new_value") suggested=of.suggested() optional=optional help=help/>
    }
}

/// The one key that most types have.
fn api_key(of: SecretField, fields: &Fields, wrong: &Wrong, secrets: usize) -> AnyView {
    let help = "The secret that holds the key. Applications never see it.";
    reference(of, "API key", fields, wrong, secrets, false, help)
}

fn openai(fields: &Fields, wrong: &Wrong, secrets: usize) -> AnyView {
    let ty = ProviderType::OpenAi;
    let typed = |name: &str| wrong.typed(fields, name);
    html! {
        {base_url(ty, fields, wrong, "Only for a regional address or a proxy of yours.")}
        {api_key(SecretField::OpenAi, fields, wrong, secrets)}
        <div class="grid-2">
            <TextField name="openai.organization" label="Organization" typed=typed("openai.organization") optional=true mono=true
                placeholder="org-…" help="Sent as the header OpenAI-Organization."/>
            <TextField name="openai.project" label="Project" typed=typed("openai.project") optional=true mono=true
                placeholder="proj_…" help="Sent as the header OpenAI-Project."/>
        </div>
    }
}

fn anthropic(fields: &Fields, wrong: &Wrong, secrets: usize) -> AnyView {
    let ty = ProviderType::Anthropic;
    let error = wrong.of("anthropic.passthrough");
    html! {
        {base_url(ty, fields, wrong, "Only for a proxy of yours.")}
        <Toggle name="anthropic.passthrough" label="Authorization passthrough" on=fields.ticked("anthropic.passthrough") error=error
            first=wrong.is_first("anthropic.passthrough")
            words="The caller’s own Authorization goes to Anthropic, for clients that sign in with Claude Pro, Max, Team or Enterprise. \
                   The provider must then have no key, and callers show their gateway token in x-weir-token."/>
        <div class="unless-passthrough">
            {api_key(SecretField::Anthropic, fields, wrong, secrets)}
        </div>
    }
}

fn google_ai(fields: &Fields, wrong: &Wrong, secrets: usize) -> AnyView {
    html! {
        {base_url(ProviderType::GoogleAi, fields, wrong, "Only for a proxy of yours.")}
        {api_key(SecretField::GoogleAi, fields, wrong, secrets)}
        <NoteBox tone=Tone::Info>
            "Applications show their gateway token in "<code>"x-goog-api-key"</code>", as Google’s own SDKs do with a key, not as Bearer."
        </NoteBox>
    }
}

fn cohere(fields: &Fields, wrong: &Wrong, secrets: usize) -> AnyView {
    html! {
        {base_url(ProviderType::Cohere, fields, wrong, "Only for a proxy of yours, without /v1 or /v2 at its end.")}
        {api_key(SecretField::Cohere, fields, wrong, secrets)}
        <NoteBox tone=Tone::Info>
            "Cohere’s own API is called at the proxy URL, and OpenAI’s below "<code>"/compatibility/v1"</code>
            ". Rerank bills search units, which have no list price: such calls are told as unpriced."
        </NoteBox>
    }
}

fn compatible(fields: &Fields, wrong: &Wrong, secrets: usize) -> AnyView {
    let text = |name: &str| fields.get(name).unwrap_or_default().to_owned();
    let on = fields.ticked("openai_compatible.inject_stream_usage");
    html! {
        <CompatibleAddress preset=text("openai_compatible.preset") address=text("openai_compatible.base_url")
            preset_error=wrong.of("openai_compatible.preset") address_error=wrong.of("openai_compatible.base_url")
            focus_preset=wrong.is_first("openai_compatible.preset") focus_address=wrong.is_first("openai_compatible.base_url")/>
        {reference(SecretField::Compatible, "API key", fields, wrong, secrets, true, "Blank where the server asks for none.")}
        <Toggle name="openai_compatible.inject_stream_usage" label="Ask for usage in streams" on=on
            words="Adds stream_options.include_usage to streams whose caller did not, and takes the extra chunk out of the answer. \
                   Without it such a stream may tell no usage, and its tokens are estimated."/>
    }
}
