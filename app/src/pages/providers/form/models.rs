//! The card of the models: what the catalog has, and what is selected.

use admin::catalog::CatalogModelView;
use domain::{Bucket, UsdPerMtok};
use leptos::prelude::*;

use super::{
    facts::{Facts, Found, Selected},
    pricing::PricingDialog,
};
use crate::{
    format::{ability, count, money},
    http::{fields::Fields, wrong::Wrong},
    islands::LiveModels,
    kit::{
        icon::{Drawn, Icon},
        note_line::NoteLine,
    },
    provider_form::{model_name, notes::Note, price_as, rate},
};

/// Search, what was found, what is selected.
#[component]
pub(super) fn ModelsCard(
    step: &'static str,
    fields: Fields,
    wrong: Wrong,
    facts: Facts,
) -> impl IntoView {
    let query = fields.get("q").unwrap_or_default().to_owned();
    let errors = [wrong.of("q"), wrong.of("model")]
        .into_iter()
        .filter(|error| !error.is_empty());
    let errors = errors
        .map(|error| html! { <NoteLine note=Note::Wrong(error)/> })
        .collect_view();
    html! {
        <section class="card" id="models" aria-labelledby="models-title">
            <div class="card-head"><span class="step-n" aria-hidden="true">{step}</span><h2 id="models-title">"Models"</h2></div>
            <div class="card-body">
                <div class="row">
                    <div class="affix grow">
                        <Drawn icon=Icon::Search/>
                        <input class="input" id="q" name="q" type="search" value=query autocomplete="off" spellcheck="false"
                            placeholder="Search, or type an id and press Enter" aria-label="Search the catalog, or type the id of a model"
                            aria-describedby="q-about" autofocus=wrong.is_first("q")/>
                    </div>
                    <button class="btn without-script" type="submit" name="do" value="search">"Search"</button>
                    <button class="btn" type="submit" name="do" value="add"><Drawn icon=Icon::Plus/>"Add this id"</button>
                </div>
                <span id="q-about" class="under">{errors}</span>
                <div id="models-found"><FoundModels found=facts.found fields=fields.clone()/></div>
                <div id="models-selected"><SelectedModels selected=facts.selected fields=fields wrong=wrong/></div>
                <LiveModels/>
            </div>
        </section>
    }
}

#[component]
fn FoundModels(found: Found, fields: Fields) -> impl IntoView {
    let query = fields.text("q").to_owned();
    let (models, fit) = match found {
        Found::NoType => {
            return html! { <p class="help">"Choose a provider type, and its models are listed here."</p> };
        }
        Found::NoCatalog => {
            let words = "The catalog has no list for a server of this kind. Type the ids of its models; without a rate of yours their calls are unpriced.";
            return html! { <p class="help">{words}</p> };
        }
        Found::Models { models, .. } if models.is_empty() => {
            let words = if query.is_empty() {
                "The catalog has no models of this provider. Type their ids.".to_owned()
            } else {
                format!(
                    "The catalog has nothing for “{query}”. If it is an id of the upstream, add it as it is."
                )
            };
            return html! { <p class="help">{words}</p> };
        }
        Found::Models { models, fit } => (models, fit),
    };
    let head = match (models.len() == fit, query.is_empty()) {
        (true, true) => count::plural(fit, "model", "models"),
        (true, false) => format!("{} for “{query}”", count::plural(fit, "model", "models")),
        (false, true) => format!(
            "{} of {} models",
            models.len(),
            count::grouped(u64::try_from(fit).unwrap_or(u64::MAX))
        ),
        (false, false) => format!("{} of {fit} for “{query}”", models.len()),
    };
    let rows = models
        .into_iter()
        .map(|model| found_row(model, &fields))
        .collect_view();
    html! {
        <div class="table-wrap scroll found" role="region" aria-label="Models found" tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{head}</th>
                        <th scope="col" class="num">"Input $/1M"</th>
                        <th scope="col" class="num">"Output $/1M"</th>
                        <th scope="col" class="num">"Context"</th>
                        <th scope="col">"Can"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <div class="row without-script"><button class="btn sm" type="submit" name="do" value="pick">"Select what is ticked"</button></div>
    }
}

fn found_row(model: CatalogModelView, fields: &Fields) -> impl IntoView {
    let on = fields.has("model", &model.id);
    let id = model.id;
    let can = ability::in_words(&model.capabilities);
    let list = |bucket: Bucket| {
        model
            .rates
            .get(bucket.key())
            .map_or_else(|| "–".to_owned(), |rate| money::rate(*rate))
    };
    html! {
        <tr aria-selected=on.then_some("true")>
            <td>
                <input type="hidden" name="shown" value=id.clone()/>
                <label class="check">
                    <input type="checkbox" id=format!("pick-{id}") name="pick" value=id.clone() checked=on/>
                    <span><b class="strong">{model.display_name}</b><br/><code class="muted">{id}</code></span>
                </label>
            </td>
            <td class="num">{list(Bucket::Input)}</td>
            <td class="num">{list(Bucket::Output)}</td>
            <td class="num">{model.context_window.map_or_else(|| "–".to_owned(), count::headline)}</td>
            <td class="soft"><span class="cut can" title=can.clone()>{can.clone()}</span></td>
        </tr>
    }
}

#[component]
fn SelectedModels(selected: Vec<Selected>, fields: Fields, wrong: Wrong) -> impl IntoView {
    let count = selected.len();
    if count == 0 {
        return html! { <p class="help">"None selected: every model is allowed, also those that come later."</p> };
    }
    let (rows, dialogs): (Vec<_>, Vec<_>) = selected
        .into_iter()
        .zip(0_usize..)
        .map(|(model, place)| {
            let row = selected_row(&model, place, &fields, &wrong);
            let dialog = html! { <PricingDialog model=model place=place fields=fields.clone() wrong=wrong.clone()/> };
            (row, dialog)
        })
        .unzip();
    html! {
        <h3 id="selected-title">{format!("Selected, {count}")}</h3>
        <div class="table-wrap scroll" role="region" aria-labelledby="selected-title" tabindex="0">
            <table class="table bare selected">
                <thead>
                    <tr>
                        <th scope="col">"Model"</th>
                        <th scope="col">"Display name"</th>
                        <th scope="col" class="num">"Input $/1M"</th>
                        <th scope="col" class="num">"Output $/1M"</th>
                        <th scope="col"><span class="sr">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {dialogs}
        <p class="help">
            {if count == 1 {
                "Calls to any other model are refused with 403. Remove it to allow every model.".to_owned()
            } else {
                format!("Calls to any other model are refused with 403. Remove all {count} to allow every model.")
            }}
        </p>
    }
}

/// The id of a model's pricing dialog.
pub(super) fn dialog_id(place: usize) -> String {
    format!("pricing-{place}")
}

fn selected_row(
    model: &Selected,
    place: usize,
    fields: &Fields,
    wrong: &Wrong,
) -> impl IntoView + use<> {
    let id = model.id.clone();
    let name = model_name(&id);
    let typed = wrong.typed(fields, &name);
    let offered = model
        .card
        .as_ref()
        .map_or_else(|| "none".to_owned(), |card| card.display_name.clone());
    let errors = model
        .buckets
        .iter()
        .map(|(bucket, _)| rate(bucket.key(), &id))
        .chain([price_as(&id)])
        .any(|field| !wrong.of(&field).is_empty());
    let trouble = errors.then(|| {
        let words = "Something in its pricing is wrong; open it.".to_owned();
        html! { <NoteLine note=Note::Wrong(words)/> }
    });
    let name_error = (!typed.error.is_empty())
        .then(|| html! { <NoteLine note=Note::Wrong(typed.error.clone())/> });
    html! {
        <tr>
            <td><input type="hidden" name="model" value=id.clone()/><code class="break">{id.clone()}</code>{trouble}</td>
            <td>
                <input class="input sm" id=name.clone() name=name value=typed.value placeholder=offered autocomplete="off"
                    aria-label=format!("Display name of {id}") aria-invalid=(!typed.error.is_empty()).then_some("true") autofocus=typed.first/>
                {name_error}
            </td>
            <td class="num" data-rates="" id=format!("rate-{place}-input")>{rate_cell(model, Bucket::Input, fields)}</td>
            <td class="num" data-rates="" id=format!("rate-{place}-output")>{rate_cell(model, Bucket::Output, fields)}</td>
            <td class="num">
                <span class="acts">
                    <button class="copy" type="button" popovertarget=dialog_id(place) aria-label=format!("Override pricing of {id}")
                        title="Override pricing"><Drawn icon=Icon::Pencil small=true/></button>
                    <button class="copy" type="submit" name="do" value=format!("remove:{id}") aria-label=format!("Remove {id}") title="Remove">
                        <Drawn icon=Icon::Close small=true/>
                    </button>
                </span>
            </td>
        </tr>
    }
}

/// The rate of a bucket; where it is overridden, both.
fn rate_cell(model: &Selected, bucket: Bucket, fields: &Fields) -> AnyView {
    let list = model
        .buckets
        .iter()
        .find(|(of, _)| *of == bucket)
        .and_then(|(_, list)| list.clone());
    let typed = fields.text(&rate(bucket.key(), &model.id)).to_owned();
    match (list, typed.is_empty()) {
        (Some(list), true) => html! { {list} },
        (None, true) => {
            html! { <span class="muted" title="No rate: calls are unpriced">"–"</span> }
        }
        (list, false) => {
            let shown = match typed.parse() {
                Ok(rate) if rate == UsdPerMtok::FREE => "free".to_owned(),
                Ok(rate) => money::rate(rate),
                Err(_) => typed,
            };
            html! { {list.map(|list| html! { <span class="was">{list}</span>" " })}<span class="override">{shown}</span> }
        }
    }
}
