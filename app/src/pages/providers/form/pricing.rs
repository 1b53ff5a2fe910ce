//! The dialog in which a model's rates are overridden. It is a part of the form: its fields are sent and
//! saved with all others.

use domain::Bucket;
use leptos::prelude::*;

use super::facts::Selected;
use crate::{
    http::{fields::Fields, wrong::Wrong},
    islands::rate::{NO_RATE, line_of},
    kit::{
        field::{TextField, Typed},
        icon::{Again, Icon},
        note_line::NoteLine,
    },
    provider_form::{
        notes::{self, Note},
        price_as, rate,
    },
};

/// The id of a model's pricing dialog.
pub(super) fn dialog_id(model: &str) -> String {
    format!("pricing.{model}")
}

/// The id of the button that opens a model's pricing dialog.
pub(super) fn pencil_id(model: &str) -> String {
    format!("price.{model}")
}

/// What a bucket holds, in a few words.
const fn holds(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::Input => "tokens that no cache served",
        Bucket::Output => "reasoning included",
        Bucket::CachedInput => "tokens read from a cache",
        Bucket::CacheWrite5m => "kept 5 minutes after last use",
        Bucket::CacheWrite1h => "kept 1 hour after last use",
        Bucket::CacheWrite30m => "kept 30 minutes after last use",
        Bucket::CacheWrite12h => "kept 12 hours after last use",
        Bucket::CacheWriteUnknown
        | Bucket::InputAudio
        | Bucket::CachedInputAudio
        | Bucket::InputImage
        | Bucket::OutputAudio
        | Bucket::OutputImage => "",
    }
}

/// One field per bucket, in the order of the rate card. `opened`: where the form is posted, if the dialog is
/// open from the start. No script opened it, so none can be needed to close it: its buttons then ask for the
/// page anew, with all that was typed.
pub(super) fn pricing_dialog(
    model: Selected,
    fields: &Fields,
    wrong: &Wrong,
    opened: Option<&str>,
) -> AnyView {
    let id = model.id;
    let dialog = dialog_id(&id);
    let title = format!("{dialog}-title");
    let rates = format!("{dialog}-rates");
    let (close, done, labelled) = (dialog.clone(), dialog.clone(), title.clone());
    let rows: Vec<_> = model
        .buckets
        .into_iter()
        .map(|(bucket, list)| {
            let name = rate(bucket.key(), &id);
            let typed = wrong.typed(fields, &name);
            rate_row(name, bucket, list, typed)
        })
        .collect();
    let as_name = price_as(&id);
    let as_typed = wrong.typed(fields, &as_name);
    // Only where the catalog does not know the model by its own id is there something to say here.
    let asks = model.card.is_none() || !as_typed.value.is_empty();
    let help = if model.told_by_answers {
        "Blank: priced as the model that the answer names. Else name a model of the catalog whose prices hold for it, or set its rates here."
    } else {
        "The catalog does not know this id. Name a model of the catalog whose prices hold for it, or set its rates here."
    };
    let priced_as = if asks {
        html! {
            <TextField name=as_name label="Price as" typed=as_typed optional=true mono=true help=help/>
        }
    } else {
        ().into_any()
    };
    let kind = if opened.is_some() { "submit" } else { "button" };
    let (asks_anew, to) = (
        opened.map(|_| ("do", "show")),
        opened.map(|action| format!("{action}#models")),
    );
    let (name, value) = asks_anew.unzip();
    html! {
        <dialog class="dialog" id=dialog popover="auto" open=opened.is_some() data-pencil=opened.map(|_| pencil_id(&id)) aria-labelledby=labelled>
            <header>
                <h2 id=title>"Override pricing"</h2>
                <p><code class="break">{id.clone()}</code></p>
                <button class="btn ghost icon" type=kind name=name value=value formaction=to.clone() popovertarget=close
                    popovertargetaction="hide" aria-label="Close">
                    <Again icon=Icon::Close/>
                </button>
            </header>
            <div class="body">
                {priced_as}
                <div class="rates" id=rates>{rows}</div>
                <p class="help">
                    "Blank keeps the catalog’s rate, 0 means free. Overrides change what Weir reports from the next call on, not \
                     what the provider charges. Cache writes of unknown lifetime stay at the catalog’s."
                </p>
            </div>
            <footer>
                <button class="btn ghost" type="submit" name="do" value=format!("clear:{id}")>"Clear all overrides"</button>
                <div class="end">
                    <span class="help">"Saved with the provider"</span>
                    <button class="btn primary" type=kind name=name value=value formaction=to popovertarget=done
                        popovertargetaction="hide">"Done"</button>
                </div>
            </footer>
        </dialog>
    }
}

/// One row: what the bucket is, its rate, and what that means against the catalog's. A provider may have
/// thousands of them, so it is kept short.
fn rate_row(name: String, bucket: Bucket, list: Option<String>, typed: Typed) -> AnyView {
    let line = line_of(&name);
    let note = if typed.error.is_empty() {
        notes::on_rate(&typed.value, list.as_deref())
    } else {
        Note::Wrong(typed.error)
    };
    let reset = list.as_ref().map_or_else(
        || "Clear".to_owned(),
        |list| format!("Back to the catalog’s {list}"),
    );
    let is_wrong = matches!(note, Note::Wrong(_));
    html! {
        <div class="rate">
            <label for=name.clone()>{bucket.label()}<small>{holds(bucket)}</small></label>
            <div class="affix">
                <span class="pre">"$"</span>
                <input class="input num" id=name.clone() name=name inputmode="decimal"
                    placeholder=list.unwrap_or_else(|| NO_RATE.to_owned()) value=typed.value aria-describedby=line.clone()
                    aria-invalid=is_wrong.then_some("true") autofocus=typed.first/>
                <span class="unit">"/ 1M tokens"</span>
            </div>
            <button type="button" class="copy reset" title=reset><Again icon=Icon::Reset/></button>
            <span id=line class="said-line"><NoteLine note=note/></span>
        </div>
    }
}
