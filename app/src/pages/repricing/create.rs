//! Asking for a re-pricing: which calls.

use std::collections::BTreeSet;

use admin::{AdminError, FieldError, repricing::RateState};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Timestamp;
use http::StatusCode;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{NEW, PATH, address, crumbs};
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
/// How many days the form begins with.
const DAYS: u32 = 30;

/// `GET /repricing/new`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let fields = begun(page.query(), &page.zone(), time::now());
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

/// What the form holds at first: what the address says of range, providers and models.
fn begun(query: &Fields, zone: &Zone, now: Timestamp) -> Fields {
    let mut asked = Fields::default();
    range::ask(query, zone, now, &mut asked);
    let moment = |name: &str| asked.text(name).parse::<Timestamp>().ok();
    let beginning = zone.report().day_before(now, DAYS).unwrap_or(now);
    let mut fields = Fields::default();
    let from = moment("since").unwrap_or(beginning);
    fields.push("from", zone.of_field(from));
    let to = moment("until").map(|to| zone.of_field(to));
    fields.push("to", to.unwrap_or_default());
    for provider in query.all("provider") {
        fields.push("provider", provider);
    }
    let models: Vec<&str> = query.all("model").map(str::trim).collect();
    fields.push("models", models.join(", "));
    if query.ticked("only_unpriced") {
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

fn models(fields: &Fields) -> Vec<&str> {
    let models = fields.text("models").split(',').map(str::trim);
    models.filter(|model| !model.is_empty()).collect()
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
    Ok(page
        .html(status, "New re-pricing", Place::Calls, move || {
            let zone = Zone::here().name().to_owned();
            html! {
                <PageHead title="New re-pricing" crumbs=crumbs(false) here="New"
                    lede="Which calls are to be priced by today’s rates: the overrides of their provider and the catalog in use. You see the difference first; nothing changes before you apply it."/>
                {notes}
                <form class="card narrow" method="post" action=NEW novalidate>
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
                        <TextField name="models" label="Models" typed=models optional=true mono=true
                            help="Ids as applications send them, with commas between. Blank: every model."/>
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
        for model in models {
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
