//! The Connect tab: a gateway token, a client, and how it is set up, ready to be copied.

use admin::{catalog::Mode, tokens::TokenView};
use axum::{extract::Path, response::Response};
use domain::{
    pricing::expected_card,
    provider::{Preset, ProviderType},
};
use http::StatusCode;
use leptos::prelude::*;

use super::{Head, Subject, Tab};
use crate::{
    format::time,
    http::{failure::Failure, fields::Fields, page::Page},
    kit::{
        code::Code,
        empty::Empty,
        icon::{Drawn, Icon},
        note::{NoteBox, Tone},
        words::Words,
    },
    pages::{
        providers::{
            self, edit_address,
            setups::{self, Block, Client, Setup},
        },
        tokens,
    },
    shell::nav::Place,
};

/// How many tokens are listed; the rest is behind a link.
const TOKENS_SHOWN: usize = 6;
/// How many ids are offered where the provider lists none.
const OFFERED: u32 = 200;

/// The address of the tab, with what is chosen on it.
pub(super) fn address(provider: &str, client: Option<Client>, model: Option<&str>) -> String {
    Fields::default()
        .with("client", client.map(Client::key).unwrap_or_default())
        .with("model", model.unwrap_or_default())
        .address(&format!("{}/connect", providers::address(provider)))
}

/// The models that the set-ups can ask.
struct Models {
    /// Those of the provider's list that chat, as far as is known. Empty: it lists none.
    listed: Vec<String>,
    /// How many of its list do not.
    left_out: usize,
    /// Ids to type, where it lists none.
    offered: Vec<String>,
    /// The one of them that can do most, by the catalog.
    likely: Option<String>,
}

/// `GET /providers/{id}/connect`
pub(crate) async fn show(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let who = page.who()?;
    let subject = Subject::read(&page, who, &id).await?;
    let models = models(&page, &subject)?;
    let now = subject.now;
    let mut may_call: Vec<TokenView> = page.admin().tokens().all(who).await?;
    may_call.retain(|token| {
        let allowed = token.providers.is_empty() || token.providers.contains(&subject.provider.id);
        allowed && token.expires_at.is_none_or(|at| at > now)
    });
    let query = page.query().clone();
    let clients = setups::offered(&subject.provider);
    let client = clients
        .iter()
        .copied()
        .find(|client| client.key() == query.text("client"))
        .or_else(|| clients.first().copied())
        .unwrap_or(Client::Curl);
    let asked = query.text("model");
    let model = if asked.is_empty()
        || (!models.listed.is_empty() && !models.listed.iter().any(|id| id == asked))
    {
        models.listed.first().or(models.likely.as_ref()).cloned()
    } else {
        Some(asked.to_owned())
    };
    let title = format!("Connect to {}", subject.provider.display_name);
    Ok(page.html(StatusCode::OK, &title, Place::Providers, move || {
        let provider = subject.provider.clone();
        let provider_type = provider.provider_type;
        let own = provider.id.to_string();
        let disabled = (!provider.enabled).then(|| html! {
            <NoteBox tone=Tone::Warning>"This provider is disabled: until it is enabled, each call is answered with 403."</NoteBox>
        });
        let none_chats = models.listed.is_empty() && models.left_out > 0;
        let edit = format!("{}#models", edit_address(&own));
        let body = match &model {
            Some(model) if !none_chats => {
                let setup = setups::setup(&provider, client, model);
                html! { <How setup=setup/> }
            }
            _ if none_chats => html! {
                <Empty icon=Icon::Rows title="No model to ask" words="The set-ups ask a question, and none of this provider’s models answers one.">
                    <a class="btn" href=edit>"Change its models"</a>
                </Empty>
            },
            _ => html! { <p class="soft">"Type the id of a model, and the set-up is shown."</p> },
        };
        let segments = clients.iter().map(|one| {
            let href = address(&own, Some(*one), model.as_deref());
            html! { <a href=href aria-current=(*one == client).then_some("true")>{one.label()}</a> }
        });
        let picker = (!none_chats).then(|| html! { <Picker models=models client=client model=model.clone() provider=own.clone() ty=provider_type/> });
        html! {
            <Head subject=subject tab=Tab::Connect/>
            {disabled}
            <TokenStep tokens=may_call provider=own.clone() now=now/>
            <section class="card" aria-labelledby="client-title">
                <div class="card-head"><span class="step-n" aria-hidden="true">"2"</span><h2 id="client-title">"Set up the client"</h2></div>
                <div class="card-body">
                    <nav class="seg wide" aria-label="Client">{segments.collect_view()}</nav>
                    {picker}
                    {body}
                </div>
            </section>
        }
    })
        .await)
}

fn models(page: &Page, subject: &Subject) -> Result<Models, Failure> {
    let who = page.who()?;
    let provider = &subject.provider;
    let preset = provider.preset.and_then(|key| key.parse::<Preset>().ok());
    let kind = provider.provider_type.catalog_kind(preset);
    let ty = provider.provider_type;
    let place = &provider.price_place;
    let catalog = page.admin().catalog();
    let chats = |mode: Mode| mode == Mode::Chat;
    let listed: Vec<String> = provider
        .models
        .iter()
        .filter(|model| {
            let priced_as = expected_card(ty, model.price_as.as_deref(), &model.id);
            let card = kind
                .zip(priced_as)
                .and_then(|(kind, id)| catalog.model(who, kind, id, place));
            card.is_none_or(|card| chats(card.mode))
        })
        .map(|model| model.id.clone())
        .collect();
    let (mut offered, mut likely) = (vec![], None);
    // Deployments are called as their owner likes: no model of the catalog can be meant.
    if provider.models.is_empty() && ty != ProviderType::AzureOpenAi {
        let query = admin::catalog::ModelQuery {
            kind,
            region: place.region.clone(),
            text: String::new(),
            page: admin::page::PageRequest {
                limit: OFFERED,
                cursor: None,
            },
        };
        let found = catalog.models(who, &query)?.items;
        let chatting = found
            .into_iter()
            .filter(|model| chats(model.mode) && model.deprecation_date.is_none());
        let chatting: Vec<_> = chatting
            .map(|model| (model.capabilities.len(), model.id))
            .collect();
        likely = chatting.iter().max().map(|(_, id)| id.clone());
        offered = chatting.into_iter().map(|(_, id)| id).collect();
    }
    Ok(Models {
        left_out: provider.models.len().saturating_sub(listed.len()),
        listed,
        offered,
        likely,
    })
}

/// Which tokens may call the provider, and the way to another.
#[component]
fn TokenStep(tokens: Vec<TokenView>, provider: String, now: domain::Timestamp) -> impl IntoView {
    let of_provider = Fields::from([("provider", provider.as_str())]);
    let (make, all) = (
        of_provider.address("/new-token"),
        of_provider.address("/tokens"),
    );
    let count = tokens.len();
    let rows = tokens.into_iter().take(TOKENS_SHOWN).map(|token| {
        let only = token.providers.len() == 1;
        let used = token.last_used_at.map_or_else(
            || "never used".to_owned(),
            |at| format!("used {}", time::relative(at, now)),
        );
        html! {
            <li>
                <a href=tokens::address(&token.id.to_string())>{token.name}</a>" "<code class="muted">{token.first_characters}"…"</code>
                <span class="muted xs">{if only { " only this provider, " } else { " " }}{used}</span>
            </li>
        }
    });
    let list = if count == 0 {
        html! { <p class="soft">"No token may call this provider yet."</p> }
    } else {
        html! {
            <p class="soft">"These may call it. A token is shown once, when it is made: whoever has it can use it here, too."</p>
            <ul class="dots-list">{rows.collect_view()}</ul>
            {(count > TOKENS_SHOWN).then(|| html! { <p class="help"><a href=all>{format!("All {count}")}</a></p> })}
        }
    };
    html! {
        <section class="card" aria-labelledby="token-title">
            <div class="card-head">
                <span class="step-n" aria-hidden="true">"1"</span>
                <h2 id="token-title">"Have a gateway token"</h2>
                <div class="end"><a class="btn sm" href=make><Drawn icon=Icon::Plus/>"Make one for this provider"</a></div>
            </div>
            <div class="card-body">
                {list}
                <div class="stack tight">
                    <p class="soft">"Put it into "<code>"WEIR_TOKEN"</code>". This asks for it, and keeps it out of the shell’s history:"</p>
                    <Code language="Shell" text="read -rsp 'Gateway token: ' WEIR_TOKEN && export WEIR_TOKEN"/>
                </div>
            </div>
        </section>
    }
}

/// Which model is asked.
#[component]
fn Picker(
    models: Models,
    client: Client,
    model: Option<String>,
    provider: String,
    ty: ProviderType,
) -> impl IntoView {
    let action = format!("{}/connect", providers::address(&provider));
    let chosen = model.unwrap_or_default();
    let (field, help) = if models.listed.is_empty() {
        let options = models
            .offered
            .into_iter()
            .map(|id| html! { <option value=id></option> });
        let field = html! {
            <input class="input mono" id="model" name="model" value=chosen list="model-list" autocomplete="off" spellcheck="false"
                placeholder="Id of a model" aria-describedby="model-about"/>
            <datalist id="model-list">{options.collect_view()}</datalist>
        };
        let help = if ty == ProviderType::AzureOpenAi {
            "This provider allows every deployment: type the name of one."
        } else {
            "This provider allows every model: choose one of the catalog, or type an id."
        };
        (field, help.to_owned())
    } else {
        let options = models.listed.into_iter().map(|id| {
            html! { <option value=id.clone() selected=id == chosen>{id.clone()}</option> }
        });
        let field = html! {
            <select class="input mono" id="model" name="model" aria-describedby="model-about">{options.collect_view()}</select>
        };
        let help = match models.left_out {
            0 => String::new(),
            1 => "One model of this provider is left out, since it answers no chat.".to_owned(),
            many => {
                format!("{many} models of this provider are left out, since they answer no chat.")
            }
        };
        (field, help)
    };
    html! {
        <form class="field" method="get" action=action>
            <label for="model">"Model"</label>
            <input type="hidden" name="client" value=client.key()/>
            <div class="row"><div class="grow">{field}</div><button class="btn" type="submit">"Show"</button></div>
            <span class="help" id="model-about">{help}</span>
        </form>
    }
}

/// The set-up, step by step.
#[component]
fn How(setup: Setup) -> impl IntoView {
    let part = |id: &'static str, title: &'static str, block: Option<Block>| {
        block.map(|block| {
            html! {
                <div class="stack tight" id=id>
                    <h3>{title}</h3>
                    <Code language=block.title text=block.text/>
                </div>
            }
        })
    };
    let is_file = setup.run.is_some();
    let notes = setup
        .notes
        .into_iter()
        .map(|note| html! { <p class="soft"><Words text=note/></p> })
        .collect_view();
    html! {
        <div class="stack" id="setup" aria-label=setup.name role="group">
            <div class="stack tight"><p class="strong">{setup.name}</p>{notes}</div>
            {part("setup-install", "Install", setup.install)}
            {part("setup-environment", "Environment", setup.environment)}
            {part("setup-code", if is_file { "Code" } else { "Call" }, Some(setup.code))}
            {part("setup-run", "Run", setup.run)}
        </div>
    }
}
