//! The dialog in which a model's rates are overridden. It is a part of the form: its fields are sent and
//! saved with all others.

use domain::Bucket;
use leptos::prelude::*;

use super::{facts::Selected, models::dialog_id};
use crate::{
    http::{fields::Fields, wrong::Wrong},
    islands::RateField,
    kit::{
        field::TextField,
        icon::{Drawn, Icon},
        note::{NoteBox, Tone},
    },
    provider_form::{price_as, rate},
};

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

/// One field per bucket, in the order of the rate card.
#[component]
pub(super) fn PricingDialog(
    model: Selected,
    place: usize,
    fields: Fields,
    wrong: Wrong,
) -> impl IntoView {
    let id = model.id;
    let dialog = dialog_id(place);
    let title = format!("{dialog}-title");
    let (close, done, labelled) = (dialog.clone(), dialog.clone(), title.clone());
    let rows: Vec<_> = model
        .buckets
        .into_iter()
        .map(|(bucket, list)| {
            let name = rate(bucket.key(), &id);
            let typed = wrong.typed(&fields, &name);
            html! {
                <RateField name=name label=bucket.label().to_owned() small=holds(bucket).to_owned() catalog=list.unwrap_or_default()
                    value=typed.value error=typed.error/>
            }
        })
        .collect();
    let as_name = price_as(&id);
    let as_typed = wrong.typed(&fields, &as_name);
    // Only where the catalog does not know the model by its own id is there something to say here.
    let asks = model.card.is_none() || !as_typed.value.is_empty();
    let priced_as = if asks {
        html! {
            <TextField name=as_name label="Price as" typed=as_typed optional=true mono=true
                help="The catalog does not know this id. Name a model of the catalog whose prices hold for it, or set its rates here."/>
        }
    } else {
        ().into_any()
    };
    html! {
        <dialog class="dialog" id=dialog popover="auto" aria-labelledby=labelled>
            <header>
                <h2 id=title>"Override pricing"</h2>
                <p><code class="break">{id.clone()}</code></p>
                <button class="btn ghost icon" type="button" popovertarget=close popovertargetaction="hide" aria-label="Close">
                    <Drawn icon=Icon::Close/>
                </button>
            </header>
            <div class="body">
                {priced_as}
                <div class="rates">{rows}</div>
                <NoteBox tone=Tone::Info>
                    "A blank field keeps the catalog’s rate, a value replaces it, and 0 means free. Overrides change what Weir reports from the \
                     next call on, not what the provider charges you. A cache write of unknown lifetime stays at the catalog’s rate."
                </NoteBox>
            </div>
            <footer>
                <button class="btn ghost" type="submit" name="do" value=format!("clear:{id}")>"Clear all overrides"</button>
                <div class="end">
                    <span class="help">"Saved with the provider"</span>
                    <button class="btn primary" type="button" popovertarget=done popovertargetaction="hide">"Done"</button>
                </div>
            </footer>
        </dialog>
    }
}
