//! Verify connection: one real, small call, stage by stage.

use admin::{
    probe::{Stage, StageName, StageOutcome, TestRequest, TestView, Vector},
    providers::ProviderView,
};
use axum::{extract::Path, response::Response};
use domain::provider::ProviderType;
use http::StatusCode;
use leptos::prelude::*;
use secrecy::SecretString;

use super::{Answer, commands::Commands, overview};
use crate::{
    format::{ability, count, money, time},
    http::{failure::Failure, fields::Fields, page::Page, wrong::Wrong},
    islands::Testing,
    kit::{
        field::Under,
        icon::{Drawn, Icon},
        note::{NoteBox, Tone},
    },
    pages::providers::{address, told::told},
};

/// `POST /providers/{id}/test`
pub(crate) async fn submit(
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let typed = |name| Some(fields.text(name)).filter(|text| !text.is_empty());
    // A button of the last answer names a model to try, listed or not; else the field does.
    let tried = typed("try");
    let request = TestRequest {
        model: tried.or_else(|| typed("model")).map(str::to_owned),
        endpoint: typed("endpoint").map(str::to_owned),
        authorization: typed("authorization").map(SecretString::from),
        unlisted: tried.is_some(),
    };
    match page
        .admin()
        .providers()
        .test(page.who()?, &id, request)
        .await
    {
        Ok(tested) => {
            let answer = Answer {
                status: StatusCode::OK,
                fields: &fields,
                wrong: &Wrong::NOTHING,
                tested: Some(tested),
            };
            overview::answer(&page, &id, answer).await
        }
        Err(error) => {
            let wrong = Wrong::read(error)?;
            let answer = Answer {
                status: StatusCode::UNPROCESSABLE_ENTITY,
                fields: &fields,
                wrong: &wrong,
                tested: None,
            };
            overview::answer(&page, &id, answer).await
        }
    }
}

/// The card with the test's form and, after it, its result.
#[component]
pub(super) fn Verify(
    provider: ProviderView,
    tested: Option<TestView>,
    fields: Fields,
    wrong: Wrong,
) -> impl IntoView {
    let action = format!("{}/test#verify", address(provider.id.as_str()));
    let tested_model = tested.as_ref().and_then(|tested| tested.model.clone());
    let asked = tested_model
        .clone()
        .unwrap_or_else(|| fields.text("model").to_owned());
    let model_error = wrong.of("model");
    let field = if provider.models.is_empty() {
        html! {
            <input class="input mono" id="model" name="model" value=asked.clone() placeholder="Id of a model" aria-label="Model to test with"
                autocomplete="off" spellcheck="false" aria-describedby="model-about" aria-invalid=(!model_error.is_empty()).then_some("true")
                autofocus=wrong.is_first("model")/>
        }
    } else {
        let options = provider.models.iter().map(|model| {
            html! { <option value=model.id.clone() selected=model.id == asked>{model.id.clone()}</option> }
        });
        let unlisted = tested_model
            .clone()
            .filter(|tested| !provider.models.iter().any(|model| model.id == *tested))
            .map(|model| {
                let words = format!("{model} (tried, not in its list)");
                html! { <option value="" selected=true disabled=true>{words}</option> }
            });
        html! {
            <select class="input mono" id="model" name="model" aria-label="Model to test with" aria-describedby="model-about">
                {unlisted}
                {options.collect_view()}
            </select>
        }
    };
    let authorization = (provider.authorization_passthrough == Some(true)).then(|| {
        let error = wrong.of("authorization");
        html! {
            <div class="field">
                <label for="authorization">"Authorization of a caller"</label>
                <input class="input mono" id="authorization" name="authorization" type="password" autocomplete="off" placeholder="Bearer …"
                    aria-describedby="authorization-about" aria-invalid=(!error.is_empty()).then_some("true")
                    autofocus=wrong.is_first("authorization")/>
                <Under id="authorization-about" error=error help="Used for this one call, and kept nowhere.".to_owned()/>
            </div>
        }
    });
    let endpoint = (!provider.endpoints.is_empty()).then(|| {
        let chosen = fields.text("endpoint").to_owned();
        let options = provider.endpoints.iter().map(|endpoint| {
            let name = endpoint.name.to_string();
            html! { <option value=name.clone() selected=name == chosen>{name.clone()}</option> }
        });
        let error = wrong.of("endpoint");
        html! {
            <div class="field">
                <label for="endpoint">"Endpoint"</label>
                <select class="input mono" id="endpoint" name="endpoint" aria-describedby="endpoint-about">{options.collect_view()}</select>
                <Under id="endpoint-about" error=error help=String::new()/>
            </div>
        }
    });
    let again = tested.is_some();
    let badge = tested.as_ref().map_or_else(
        || html! { <span class="badge">"Not tested yet"</span> },
        verdict,
    );
    let ty = provider.provider_type;
    let model = Some(asked.clone()).filter(|asked| !asked.is_empty());
    html! {
        <section class="card" id="verify" aria-labelledby="verify-title">
            <div class="card-head"><h2 id="verify-title">"Verify connection"</h2><span data-last-test="">{badge}</span></div>
            <form class="card-body" method="post" action=action>
                {authorization}
                {endpoint}
                <div class="row">
                    <div class="grow">{field}</div>
                    <button class="btn" type="submit"><Drawn icon=Icon::Play/>{if again { "Test again" } else { "Test connection" }}</button>
                </div>
                <Under id="model-about" error=model_error help=String::new()/>
                {match tested {
                    Some(tested) => html! { <div class="stack" role="status" data-last-test=""><Result tested=tested ty=ty/></div> },
                    None => html! {
                        <p class="soft" data-last-test="">"Sends one short question, by the very path of real traffic. It is a row in the ledger and costs next to nothing."</p>
                    },
                }}
                <div role="status">{testing(ty)}</div>
                <Testing/>
                <Commands provider=provider model=model/>
            </form>
        </section>
    }
}

/// What shows while the answer is awaited. The seconds are not read out, each of them.
fn testing(ty: ProviderType) -> AnyView {
    let stages = StageName::ALL.iter().map(|name| {
        html! {
            <li class="skip">
                <span class="dot"><Drawn icon=Icon::Dash/></span>
                <b>{label(*name, ty)}</b>
                <span class="d">"Not reached yet"</span>
            </li>
        }
    });
    html! {
        <div class="stack" data-testing="" hidden>
            <p>"Testing… "<span class="muted tnum" aria-hidden="true" data-seconds="">"0 s"</span></p>
            <ol class="stages">{stages.collect_view()}</ol>
        </div>
    }
}

fn verdict(tested: &TestView) -> AnyView {
    let took: u64 = tested.stages.iter().filter_map(|stage| stage.ms).sum();
    if tested.ok {
        let words = format!("Passed in {}", time::millis(took));
        return html! { <span class="badge ok"><Drawn icon=Icon::Check/>{words}</span> };
    }
    let failed = tested
        .stages
        .iter()
        .position(|stage| stage.outcome == StageOutcome::Failed);
    let words = failed.map_or_else(
        || "Failed".to_owned(),
        |place| format!("Failed at {} of {}", place + 1, tested.stages.len()),
    );
    html! { <span class="badge bad"><Drawn icon=Icon::Close/>{words}</span> }
}

#[component]
fn Result(tested: TestView, ty: ProviderType) -> impl IntoView {
    let cost = tested.cost_usd.map(
        |cost| html! { <p class="help">{format!("The answer cost {}.", money::exact(cost))}</p> },
    );
    let call = tested.call_id.map(|id| {
        let ledger =
            Fields::from([("agent", "weir:test"), ("open", &id.to_string())]).address("/calls");
        html! { <a href=ledger>"See it in the ledger"</a> }
    });
    html! {
        <ol class="stages">{tested.stages.into_iter().map(|it| stage(it, ty)).collect_view()}</ol>
        {tested.failure.map(told)}
        {tested.vector.map(length)}
        {cost}
        {call}
    }
}

/// How long the vector is that came, and whether the catalog says so, too.
fn length(vector: Vector) -> AnyView {
    let came = ability::dimensions(vector.dimensions);
    match vector.in_catalog {
        None => html! {
            <p class="help">{format!("The vector has {came}. The catalog does not say how many it should have.")}</p>
        },
        Some(_) if !vector.differs() => {
            html! { <p class="help">{format!("The vector has {came}, as the catalog says.")}</p> }
        }
        Some(listed) => html! {
            <NoteBox tone=Tone::Warning>
                {format!(
                    "The vector has {came}, and the catalog says {}. An index that was made for the one does not take the other: \
                     make it for what came, or ask for another length in each call where the model has several.",
                    count::grouped(listed),
                )}
            </NoteBox>
        },
    }
}

const fn label(name: StageName, ty: ProviderType) -> &'static str {
    match name {
        StageName::Secret => match ty {
            ProviderType::Bedrock | ProviderType::VertexAi => "Credentials found",
            ProviderType::OpenAi
            | ProviderType::Anthropic
            | ProviderType::GoogleAi
            | ProviderType::AzureOpenAi
            | ProviderType::OpenAiCompatible
            | ProviderType::Cohere => "Secret found",
        },
        StageName::Resolve => "Name resolved",
        StageName::Connect => "Connected",
        StageName::Tls => "TLS agreed",
        StageName::SignIn => "Signed in",
        StageName::Answer => "Model answered",
        StageName::Usage => "Usage understood",
    }
}

fn stage(stage: Stage, ty: ProviderType) -> AnyView {
    let (class, icon, word) = match stage.outcome {
        StageOutcome::Passed => ("pass", Icon::Check, "passed"),
        StageOutcome::Failed => ("fail", Icon::Close, "failed"),
        StageOutcome::NotNeeded => ("skip", Icon::Dash, "not needed"),
        StageOutcome::NotTried => ("skip", Icon::Dash, "not reached"),
    };
    let detail = stage.detail.or_else(|| match stage.outcome {
        StageOutcome::NotNeeded => Some("Not needed".to_owned()),
        StageOutcome::NotTried => Some("Not reached".to_owned()),
        StageOutcome::Passed | StageOutcome::Failed => None,
    });
    html! {
        <li class=class>
            <span class="dot"><Drawn icon=icon/></span>
            <b>{label(stage.name, ty)}<span class="sr">{format!(": {word}")}</span></b>
            <span class="t">{stage.ms.map(time::millis)}</span>
            <span class="d">{detail}</span>
        </li>
    }
}
