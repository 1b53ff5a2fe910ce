//! The card of the models: what there is to choose from, and what is selected.

use admin::probe::FailureView;
use domain::Bucket;
use leptos::prelude::*;

use super::{
    facts::{Facts, Found, ListOf, Offered, Runs},
    fetch::Listing,
    selected::SelectedModels,
};
use crate::{
    format::{ability, count, money},
    http::{fields::Fields, wrong::Wrong},
    islands::LiveModels,
    kit::{
        icon::{Drawn, Icon},
        note::{NoteBox, Tone},
        note_line::NoteLine,
    },
    pages::providers::told::told,
    provider_form::notes::Note,
};

/// Search, what was found, what is selected.
#[component]
pub(super) fn ModelsCard(
    step: &'static str,
    fields: Fields,
    wrong: Wrong,
    facts: Facts,
    listing: Listing,
    /// The model whose pricing dialog is open from the start.
    priced: Option<String>,
    /// Where the form is posted.
    action: String,
) -> impl IntoView {
    // Without script the answer begins where the button was.
    let here = format!("{action}#models");
    let query = fields.get("q").unwrap_or_default().to_owned();
    let errors = [wrong.of("q"), wrong.of("model")]
        .into_iter()
        .filter(|error| !error.is_empty());
    let mut errors = errors.peekable();
    let has_errors = errors.peek().is_some();
    let errors = errors
        .map(|error| html! { <NoteLine note=Note::Wrong(error)/> })
        .collect_view();
    html! {
        <section class="card" id="models" aria-labelledby="models-title">
            <div class="card-head">
                <span class="step-n" aria-hidden="true">{step}</span><h2 id="models-title">"Models"</h2>
                <div class="end">
                    <button class="btn sm" id="fetch" type="submit" name="do" value="fetch" formaction=here><Drawn icon=Icon::Fetch/>"Fetch from upstream"</button>
                </div>
            </div>
            <div class="card-body">
                <div class="row">
                    <div class="affix grow">
                        <Drawn icon=Icon::Search/>
                        <input class="input" id="q" name="q" type="search" value=query autocomplete="off" spellcheck="false"
                            placeholder="Search, or type an id and press Enter" aria-label="Search the models, or type the id of one"
                            aria-describedby="q-about" aria-invalid=has_errors.then_some("true") autofocus=wrong.is_first("q") || wrong.is_first("model")/>
                    </div>
                    <button class="btn without-script" type="submit" name="do" value="search">"Search"</button>
                    <button class="btn" type="submit" name="do" value="add"><Drawn icon=Icon::Plus/>"Add this id"</button>
                </div>
                <span id="q-about" class="under">{errors}</span>
                <div id="models-listing" class="stack tight">
                    <ListingNote listing=listing/>
                    <Listed found=&facts.found fields=fields.clone()/>
                </div>
                <div id="models-found" class="stack tight"><FoundModels found=facts.found fields=fields.clone()/></div>
                <div id="models-selected">
                    <SelectedModels selected=facts.selected fields=fields wrong=wrong priced=priced action=action/>
                </div>
                <LiveModels/>
            </div>
        </section>
    }
}

/// What came of asking the upstream, where that is not its list.
#[component]
fn ListingNote(listing: Listing) -> impl IntoView {
    match listing {
        Listing::Told => ().into_any(),
        Listing::Nothing(words) => html! { <NoteBox tone=Tone::Info>{words}</NoteBox> },
        Listing::NotAsked(why) => {
            let why = why
                .into_iter()
                .map(|words| format!(" {words}"))
                .collect::<String>();
            html! { <NoteBox tone=Tone::Bad>"The upstream was not asked."{why}</NoteBox> }
        }
        Listing::Failed(failure) => failed(failure),
    }
}

fn failed(failure: FailureView) -> AnyView {
    html! {
        <div class="stack tight" role="alert">
            <NoteLine note=Note::Wrong("The upstream did not list its models.".to_owned())/>
            {told(failure)}
        </div>
    }
}

#[component]
fn FoundModels(found: Found, fields: Fields) -> impl IntoView {
    let query = fields.text("q").to_owned();
    let (of, models, fit) = match found {
        Found::NoType => {
            return html! { <p class="help">"Choose a provider type, and its models are listed here."</p> };
        }
        Found::NoCatalog => {
            let words = "The catalog has no list for a server of this kind. Fetch it from the upstream, or type the ids; without a rate \
                         of yours their calls are unpriced.";
            return html! { <p class="help">{words}</p> };
        }
        Found::Models { of, models, fit } => (of, models, fit),
    };
    if models.is_empty() {
        return html! { <p class="help" data-told="">{nothing_found(of, &query)}</p> };
    }
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
    let runs = models.iter().any(|model| model.runs.is_some());
    let rows = models
        .into_iter()
        .map(|model| found_row(model, &fields))
        .collect_view();
    html! {
        <div class="table-wrap scroll found" role="region" aria-label="Models found" tabindex="0">
            <table class="table" class:wider=runs>
                <thead>
                    <tr>
                        <th scope="col" data-told="">{head}</th>
                        {runs.then(|| html! { <th scope="col">"Runs in"</th> })}
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

/// The upstream's list goes with the form as long as it is shown, and can be put away.
#[component]
fn Listed<'a>(found: &'a Found, fields: Fields) -> impl IntoView + use<> {
    let Found::Models {
        of: ListOf::Upstream { has_catalog },
        ..
    } = *found
    else {
        return ().into_any();
    };
    let ids = ["listed_by", "listed_in_all", "listed"]
        .into_iter()
        .flat_map(|name| {
            let values = fields.all(name);
            values.map(move |id| html! { <input type="hidden" name=name value=id.to_owned()/> })
        });
    let kept = fields.all("listed").count();
    let count = count::plural(kept, "model", "models");
    let told = match fields.text("listed_in_all").parse::<usize>() {
        Ok(all) if all > kept => format!(
            "It lists {} models, more than the form can hold: the first {count} are here. Type the id of any other.",
            count::grouped(u64::try_from(all).unwrap_or(u64::MAX))
        ),
        _ => format!("It lists {count}."),
    };
    let back = if has_catalog {
        "Back to the catalog"
    } else {
        "Put the list away"
    };
    html! {
        {ids.collect_view()}
        <div class="row">
            <span class="badge ok"><Drawn icon=Icon::Check/>"From the upstream"</span>
            <span class="help">{told}</span>
            <button class="btn ghost sm push" id="back-to-catalog" type="submit" name="do" value="catalog">{back}</button>
        </div>
    }
}

fn nothing_found(of: ListOf, query: &str) -> String {
    match (of, query) {
        (ListOf::Catalog, "") => {
            "The catalog has no models of this provider. Type their ids.".to_owned()
        }
        (ListOf::Catalog, query) => format!(
            "The catalog has nothing for “{query}”. If it is an id of the upstream, add it as it is."
        ),
        (ListOf::Upstream { .. }, query) => {
            format!("The upstream lists nothing with “{query}”. An id can be added as it is.")
        }
    }
}

fn found_row(model: Offered, fields: &Fields) -> impl IntoView + use<> {
    let Offered { id, card, runs } = model;
    let on = fields.has("model", &id);
    let can = card.as_ref().map(ability::of).unwrap_or_default();
    let list = |bucket: Bucket| {
        let rate = card.as_ref().and_then(|card| card.rates.get(bucket.key()));
        rate.map_or_else(|| "–".to_owned(), |rate| money::rate(*rate))
    };
    let (input, output) = (list(Bucket::Input), list(Bucket::Output));
    let context = card.as_ref().and_then(|card| card.context_window);
    // A name that only repeats the id tells nothing.
    let name = card
        .map(|card| card.display_name)
        .filter(|name| *name != id);
    html! {
        <tr aria-selected=on.then_some("true")>
            <td>
                <input type="hidden" name="shown" value=id.clone()/>
                <label class="check">
                    <input type="checkbox" id=format!("pick-{id}") name="pick" value=id.clone() checked=on/>
                    {match name {
                        Some(name) => html! { <span><b class="strong">{name}</b><br/><code class="muted">{id}</code></span> },
                        None => html! { <code class="break">{id}</code> },
                    }}
                </label>
            </td>
            {runs.map(runs_cell)}
            <td class="num">{input}</td>
            <td class="num">{output}</td>
            <td class="num">{context.map_or_else(|| "–".to_owned(), count::headline)}</td>
            <td class="soft"><span class="cut can" title=can.clone()>{can.clone()}</span></td>
        </tr>
    }
}

fn runs_cell(runs: Runs) -> AnyView {
    let place = runs
        .geography
        .map_or("This region", super::geography::Geography::label);
    let premium = runs.premium.map(|words| {
        html! { <br/><span class="muted xs nowrap" title="Beside the same model’s global. profile">{words}</span> }
    });
    html! { <td class="nowrap">{place}{premium}</td> }
}
