//! The models that are selected, with their rates.

use domain::{Bucket, UsdPerMtok};
use leptos::prelude::*;

use super::{
    facts::Selected,
    pricing::{dialog_id, pencil_id, pricing_dialog},
};
use crate::{
    format::money,
    http::{fields::Fields, wrong::Wrong},
    kit::{
        icon::{Again, Drawings, Icon},
        note_line::NoteLine,
    },
    provider_form::{model_name, notes::Note, price_as, rate},
};

/// A row for each; a dialog for the pricing of each.
#[component]
pub(super) fn SelectedModels(
    selected: Vec<Selected>,
    fields: Fields,
    wrong: Wrong,
    /// The model whose pricing dialog is open from the start.
    priced: Option<String>,
    /// Where the form is posted.
    action: String,
) -> impl IntoView {
    let count = selected.len();
    if count == 0 {
        return html! { <p class="help" data-told="">"None selected: every model is allowed, also those that come later."</p> };
    }
    let (rows, dialogs): (Vec<_>, Vec<_>) = selected
        .into_iter()
        .map(|model| {
            let row = selected_row(&model, &fields, &wrong);
            let opened = (priced.as_deref() == Some(model.id.as_str())).then_some(action.as_str());
            let dialog = pricing_dialog(model, &fields, &wrong, opened);
            (row, dialog)
        })
        .unzip();
    html! {
        <Drawings icons=&[Icon::Pencil, Icon::Close, Icon::Reset]/>
        <h3 id="selected-title" data-told="">{format!("Selected, {count}")}</h3>
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
                <tbody id="models-rows">{rows}</tbody>
            </table>
        </div>
        <div id="models-dialogs">{dialogs}</div>
        <p class="help" id="selected-help">
            {if count == 1 {
                "Calls to any other model are refused with 403. Remove it to allow every model.".to_owned()
            } else {
                format!("Calls to any other model are refused with 403. Remove all {count} to allow every model.")
            }}
        </p>
    }
}

fn selected_row(model: &Selected, fields: &Fields, wrong: &Wrong) -> impl IntoView + use<> {
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
    let by_profile = model.needs_profile.then(|| {
        let words = "AWS serves this model by an inference profile only: its id with global., us., eu. or another geography before it.";
        html! { <NoteLine note=Note::Warning(words.to_owned())/> }
    });
    let name_about = format!("{name}-about");
    let name_error = (!typed.error.is_empty()).then(|| {
        html! { <span id=name_about.clone()><NoteLine note=Note::Wrong(typed.error.clone())/></span> }
    });
    html! {
        <tr id=format!("row.{id}")>
            <td><input type="hidden" name="model" value=id.clone()/><code class="break">{id.clone()}</code>{trouble}{by_profile}</td>
            <td>
                <input class="input sm" id=name.clone() name=name value=typed.value placeholder=offered
                    aria-label=format!("Display name of {id}") aria-invalid=(!typed.error.is_empty()).then_some("true")
                    aria-describedby=(!typed.error.is_empty()).then_some(name_about) autofocus=typed.first/>
                {name_error}
            </td>
            <td class="num" data-rates="" id=format!("cell.input.{id}")>{rate_cell(model, Bucket::Input, fields)}</td>
            <td class="num" data-rates="" id=format!("cell.output.{id}")>{rate_cell(model, Bucket::Output, fields)}</td>
            <td class="num">
                <span class="acts">
                    <button class="copy" type="button" id=pencil_id(&id) popovertarget=dialog_id(&id) aria-label=format!("Override pricing of {id}")
                        title="Override pricing"><Again icon=Icon::Pencil/></button>
                    <button class="copy" type="submit" id=format!("remove.{id}") name="do" value=format!("remove:{id}") aria-label=format!("Remove {id}") title="Remove">
                        <Again icon=Icon::Close/>
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
        (None, true) if model.told_by_answers => {
            html! { <span class="muted" title="Priced as the model that the answer names">"–"</span> }
        }
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
