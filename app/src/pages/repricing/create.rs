//! Asking for a re-pricing: which calls.

use std::collections::BTreeSet;

use admin::{AdminError, FieldError, repricing::RateState};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{LEFT_OUT, NEW, NO_MODEL, PATH, WIDER, address, crumbs, given, words};
use crate::{
    format::{time, zone::Zone},
    http::{failure::Failure, fields::Fields, page::Page, wrong::Wrong},
    islands::NarrowBoxes,
    kit::{
        field::{TextField, Toggle, Typed, Under},
        filters::NARROWED_FROM,
        head::PageHead,
        note::{NoteBox, Tone},
        range,
    },
    pages::providers,
    shell::nav::Place,
};

const FIELDS: &[&str] = &["from", "to", "provider", "models", "only_unpriced"];
/// How many days the form begins with where nobody says.
const DAYS: u32 = 30;

/// `GET /repricing/new`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let oldest = page.admin().repricing().oldest_call(page.who()?).await?;
    let fields = begun(page.query(), &page.zone(), time::now(), oldest);
    form(&page, StatusCode::OK, &fields, &Wrong::NOTHING).await
}

/// `POST /repricing/new`
pub(super) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let repricing = page.admin().repricing();
    let chosen = repricing.select(selection(&fields, &page.zone()));
    let asked = match chosen {
        Ok(chosen) => repricing.create(page.who()?, chosen).await,
        Err(error) => Err(error),
    };
    match asked {
        Ok(asked) => Ok(Redirect::to(&address(&asked.id.to_string())).into_response()),
        Err(mut error) => {
            if let AdminError::Invalid(errors) = &mut error {
                errors.iter_mut().for_each(moment_wanted);
            }
            let wrong = Wrong::read_as(error, |error| match error.field.as_str() {
                field if field.starts_with("providers") => "provider".to_owned(),
                field if field.starts_with("models") => "models".to_owned(),
                field => field.to_owned(),
            })?;
            let wrong = wrong.in_order(FIELDS);
            form(&page, StatusCode::UNPROCESSABLE_ENTITY, &fields, &wrong).await
        }
    }
}

/// What is said of a time that cannot be read. A form asks for less than the API does.
fn moment_wanted(error: &mut FieldError) {
    if error.code == "invalid_time" {
        "choose date and time".clone_into(&mut error.message);
    }
}

/// What the form holds at first: what the address says of range, providers and models. Whoever comes from all calls
/// without a price means all of them: then it begins with the oldest call that there is.
fn begun(query: &Fields, zone: &Zone, now: Timestamp, oldest: Option<Timestamp>) -> Fields {
    let mut asked = Fields::default();
    range::ask(query, zone, now, &mut asked);
    let moment = |name: &str| asked.text(name).parse::<Timestamp>().ok();
    let only_unpriced = query.ticked("only_unpriced");
    let some_days_ago = zone.report().day_before(now, DAYS).unwrap_or(now);
    let beginning = oldest.filter(|_| only_unpriced).unwrap_or(some_days_ago);
    let mut fields = Fields::default();
    let from = moment("since").unwrap_or(beginning);
    fields.push("from", zone.of_field(from));
    let to = moment("until").map(|to| zone.of_field(to));
    fields.push("to", to.unwrap_or_default());
    for name in ["provider", "model", NO_MODEL, WIDER] {
        for value in given(query, name) {
            fields.push(name, value);
        }
    }
    if only_unpriced {
        fields.push("only_unpriced", "on");
    }
    fields
}

/// What the form says, for admin to judge.
fn selection(fields: &Fields, zone: &Zone) -> Value {
    let moment = |name: &str| {
        let text = fields.text(name);
        let read = zone.moment(text).map(|moment| moment.to_string());
        (!text.is_empty()).then(|| read.unwrap_or_else(|| text.to_owned()))
    };
    json!({
        "from": moment("from"),
        "to": moment("to"),
        "providers": fields.all("provider").collect::<Vec<_>>(),
        "models": models(fields),
        "only_unpriced": fields.ticked("only_unpriced"),
    })
}

/// The models that are ticked, which are taken as they are, and those that were written, a line each. An empty one
/// stands for calls without a model.
fn models(fields: &Fields) -> Vec<&str> {
    let written = fields.text("models").lines().map(str::trim);
    let written = written.filter(|model| !model.is_empty());
    let none = fields.ticked(NO_MODEL).then_some("");
    let mut models: Vec<&str> = vec![];
    for model in given(fields, "model").chain(written).chain(none) {
        if !models.contains(&model) {
            models.push(model);
        }
    }
    models
}

async fn form(
    page: &Page,
    status: StatusCode,
    fields: &Fields,
    wrong: &Wrong,
) -> Result<Response, Failure> {
    let all = providers::names(page).await?;
    let ticked: Vec<String> = fields.all("provider").map(str::to_owned).collect();
    let notes = rates(page, &ticked, &models(fields))?;
    let typed = |name| wrong.typed(fields, name);
    let (from, to, models) = (typed("from"), typed("to"), typed("models"));
    let only_unpriced = fields.ticked("only_unpriced");
    let provider_error = wrong.of("provider");
    let chosen: Vec<String> = given(fields, "model").map(str::to_owned).collect();
    let without_model = fields.ticked(NO_MODEL);
    let wider = wider(fields);
    let carried: Vec<String> = fields.all(WIDER).map(str::to_owned).collect();
    let carried = carried
        .into_iter()
        .map(|name| html! { <input type="hidden" name=WIDER value=name/> });
    let carried = carried.collect_view();
    Ok(page
        .html(status, "New re-pricing", Place::Calls, move || {
            let zone = Zone::here().name().to_owned();
            html! {
                <PageHead title="New re-pricing" crumbs=crumbs(false) here="New"
                    lede="Which calls are to be priced by today’s rates: the overrides of their provider and the catalog in use. You see the difference first; nothing changes before you apply it."/>
                {wider}{notes}
                <form class="card narrow" method="post" action=NEW novalidate>
                    {carried}
                    <div class="card-body">
                        <div class="grid-2">
                            <Moment name="from" label=format!("From, {zone}") typed=from help="Calls that began then or later."/>
                            <Moment name="to" label=format!("To, {zone}") typed=to help="Calls that began before. Blank: up to now."/>
                        </div>
                        <fieldset class="field wide" aria-describedby="provider-about">
                            <legend class="label">"Providers"</legend>
                            <Boxes all=all ticked=ticked/>
                            <Under id="provider-about" error=provider_error help="None ticked: every provider, deleted ones too.".to_owned()/>
                        </fieldset>
                        <Models chosen=chosen without_model=without_model written=models/>
                        <Toggle name="only_unpriced" label="Only calls without a price" on=only_unpriced
                            words="Calls that have a price keep it. Off: each call whose price would be another one gets that, whether it had one or not."/>
                    </div>
                    <div class="card-foot">
                        <button class="btn primary" type="submit">"Work out the difference"</button>
                        <a class="btn ghost" href=PATH>"Cancel"</a>
                    </div>
                </form>
            }
        })
        .await)
}

/// What the list of calls was narrowed by that one came from, and this form is not.
fn wider(fields: &Fields) -> Option<AnyView> {
    let names = LEFT_OUT
        .into_iter()
        .filter(|(name, _)| fields.has(WIDER, name));
    let names: Vec<(&str, &str)> = names.collect();
    let all: Vec<&str> = names.iter().map(|(_, words)| *words).collect();
    let all = words::listed(&all);
    (!names.is_empty()).then(|| {
        html! {
            <NoteBox tone=Tone::Warning>
                {format!("The list that you came from was also narrowed by {all}. A re-pricing cannot be: this one is of every call of the range, providers and models below, whatever its {all}.")}
            </NoteBox>
        }
    })
}

/// What must be done first where there is no rate for what was chosen.
fn rates(page: &Page, providers: &[String], models: &[&str]) -> Result<AnyView, Failure> {
    let who = page.who()?;
    let repricing = page.admin().repricing();
    let mut notes = vec![];
    for provider in providers {
        if repricing.rate_state(who, provider, "") == RateState::ProviderDeleted {
            let words = format!(
                "{provider} is deleted, and its overrides with it. Its calls are priced by the catalog alone, as far as it lists their models; a price that a call has is not taken away."
            );
            notes.push(html! { <NoteBox tone=Tone::Info>{words}</NoteBox> });
            continue;
        }
        for model in models.iter().filter(|model| !model.is_empty()) {
            if repricing.rate_state(who, provider, model) == RateState::Missing {
                let pricing = Fields::from([("price", *model)]);
                let pricing = pricing.address(&providers::edit_address(provider));
                let (model, provider) = ((*model).to_owned(), provider.clone());
                notes.push(html! {
                    <NoteBox tone=Tone::Warning>
                        "There is no rate for "<code>{model}</code>" at "{provider}
                        " yet, so its calls would stay without a price. "<a href=pricing>"Set its rates first"</a>", then come back here."
                    </NoteBox>
                });
            }
        }
    }
    Ok(notes.collect_view().into_any())
}

/// A date and time.
#[component]
fn Moment(name: &'static str, label: String, typed: Typed, help: &'static str) -> impl IntoView {
    // A line of text can hold whatever else was sent.
    let is_local = typed.value.is_empty() || Zone::here().moment(typed.value.trim()).is_some();
    let kind = if is_local { "datetime-local" } else { "text" };
    html! { <TextField name=name label=label typed=typed help=help kind=kind optional=name == "to"/> }
}

/// The models that were chosen where one came from, with a box each, and lines for others.
#[component]
fn Models(chosen: Vec<String>, without_model: bool, written: Typed) -> impl IntoView {
    let has_boxes = !chosen.is_empty() || without_model;
    let boxes = chosen.into_iter().map(|id| {
        html! {
            <label class="check">
                <input type="checkbox" name="model" value=id.clone() checked=true/>
                <span><code class="break">{id}</code></span>
            </label>
        }
    });
    let none = without_model.then(|| {
        html! {
            <label class="check">
                <input type="checkbox" name=NO_MODEL value="on" checked=true/>
                <span>"Calls without a model"</span>
            </label>
        }
    });
    let boxes = has_boxes.then(|| {
        html! {
            <fieldset class="field wide">
                <legend class="label">"Models"</legend>
                <div class="boxes many">{boxes.collect_view()}{none}</div>
            </fieldset>
        }
    });
    let (label, help) = if has_boxes {
        (
            "More models",
            "Ids as applications send them, one a line. None here and none ticked: every model.",
        )
    } else {
        (
            "Models",
            "Ids as applications send them, one a line. Blank: every model.",
        )
    };
    html! {
        {boxes}
        <div class="field">
            <label for="models">{label}<span class="opt">"optional"</span></label>
            <textarea class="input mono" id="models" name="models" rows="3" autocomplete="off" spellcheck="false"
                aria-invalid=(!written.error.is_empty()).then_some("true") aria-describedby="models-about"
                autofocus=written.first>{written.value}</textarea>
            <Under id="models-about" error=written.error help=help.to_owned()/>
        </div>
    }
}

/// A box for each provider, and for each deleted one that is chosen.
#[component]
fn Boxes(all: Vec<(String, String)>, ticked: Vec<String>) -> impl IntoView {
    let narrow = (all.len() > NARROWED_FROM)
        .then(|| html! { <NarrowBoxes label="Find a provider".to_owned()/> });
    let gone: BTreeSet<String> = ticked
        .iter()
        .filter(|id| !id.trim().is_empty() && !all.iter().any(|(there, _)| there == *id))
        .cloned()
        .collect();
    // Those that are ticked stand where one sees them.
    let (on, off): (Vec<_>, Vec<_>) = all.into_iter().partition(|(id, _)| ticked.contains(id));
    let gone = gone.into_iter().map(|id| (id, None));
    let there = on.into_iter().chain(off).map(|(id, name)| (id, Some(name)));
    let boxes = gone.chain(there).map(|(id, name)| {
        let on = ticked.contains(&id);
        let name = name.unwrap_or_else(|| "deleted".to_owned());
        html! {
            <label class="check">
                <input type="checkbox" name="provider" value=id.clone() checked=on/>
                <span>{name}" "<code class="muted">{id}</code></span>
            </label>
        }
    });
    html! { {narrow}<div class="boxes many">{boxes.collect_view()}</div> }
}
