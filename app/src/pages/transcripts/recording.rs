//! How recording is, in words: which providers record what, what is wrong, what is being deleted; and what to
//! do where nothing is recorded.

use admin::transcripts::{COUNTED_MAX, DeletionView, RecordingProvider, TranscriptsView};
use domain::Timestamp;
use leptos::prelude::*;

use crate::{
    format::{
        count::{grouped, plural},
        zone::Zone,
    },
    kit::{
        empty::Empty,
        figures::When,
        filters::Choice,
        icon::Icon,
        note::{NoteBox, Tone},
    },
    pages::{calls::table::Names, providers, settings},
};

/// Providers that are named one by one.
const NAMED: usize = 6;

/// What is wrong with recording, where something is.
pub(in crate::pages) fn trouble(state: &TranscriptsView, now: Timestamp) -> AnyView {
    let waiting = state.trouble.clone().map(|trouble| {
        let waiting = match state.waiting {
            0 => "Nothing waits at the moment.".to_owned(),
            1 => "1 call waits in memory until it can be.".to_owned(),
            calls => format!("{} calls wait in memory until it can be.", grouped(calls)),
        };
        let what = if trouble.slow {
            "Recording has been slow since "
        } else {
            "Nothing could be recorded since "
        };
        html! {
            <NoteBox tone=Tone::Bad>
                <b>{what}<When moment=trouble.since now=now/>"."</b>" The disk or the database says: "
                <code>{trouble.message}</code>". "{waiting}" Calls go on, and so do their costs."
            </NoteBox>
        }
    });
    let lost = (state.lost > 0).then(|| {
        let (calls, were) = match state.lost {
            1 => ("1 call".to_owned(), "was"),
            calls => (format!("{} calls", grouped(calls)), "were"),
        };
        html! {
            <NoteBox tone=Tone::Warning>
                {format!("{calls} that should have been recorded {were} not, since Weir started: there was no room for them in memory. Their costs are in the ledger.")}
            </NoteBox>
        }
    });
    html! { {waiting}{lost} }
}

/// What is being deleted.
pub(in crate::pages) fn under_way(state: &TranscriptsView, names: &Names) -> AnyView {
    let running = state
        .deletions
        .iter()
        .filter(|deletion| deletion.ended_at.is_none());
    let lines: Vec<_> = running
        .map(|deletion| {
            let done = match deletion.transcripts {
                0 => String::new(),
                done => format!(" {} so far.", plural_transcripts(done)),
            };
            let words = format!("Being deleted for good: {}.{done}", what(deletion, names));
            html! { <NoteBox tone=Tone::Info>{words}</NoteBox> }
        })
        .collect();
    html! { {lines} }
}

/// What a deletion deletes, within a sentence.
pub(in crate::pages) fn what(deletion: &DeletionView, names: &Names) -> String {
    match (&deletion.provider, deletion.before) {
        (Some(provider), _) => format!("all transcripts of {}", names.provider(provider)),
        (None, Some(before)) => {
            format!("all transcripts from before {}", Zone::here().exact(before))
        }
        (None, None) => "one conversation".to_owned(),
    }
}

/// So many transcripts, in words.
pub(in crate::pages) fn plural_transcripts(count: u64) -> String {
    plural(
        usize::try_from(count).unwrap_or(usize::MAX),
        "transcript",
        "transcripts",
    )
}

/// So many transcripts that would be deleted, in words; they are counted up to a limit.
pub(in crate::pages) fn plural_counted(count: u64) -> String {
    if count < COUNTED_MAX {
        plural_transcripts(count)
    } else {
        format!("{} or more transcripts", grouped(COUNTED_MAX))
    }
}

/// What a provider records, within a sentence.
const fn recorded(inputs: bool, outputs: bool) -> &'static str {
    match (inputs, outputs) {
        (true, true) => "inputs and outputs",
        (true, false) => "inputs only",
        (false, true) => "outputs only",
        (false, false) => "nothing",
    }
}

/// Which providers record what.
pub(in crate::pages) fn line(state: &TranscriptsView) -> AnyView {
    if state.recording.is_empty() {
        return html! { <p class="help">"No provider records anything at the moment: nothing new comes to this list."</p> };
    }
    html! { <p class="help">"Recorded are "{listed(&state.recording)}". The switches are in each provider’s form and hold for new calls."</p> }
}

fn listed(recording: &[RecordingProvider]) -> AnyView {
    let mut parts: Vec<AnyView> = vec![];
    for (place, provider) in recording.iter().take(NAMED).enumerate() {
        let comma = (place > 0).then_some(", ");
        let href = providers::edit_address(provider.id.as_str());
        let what = format!(" ({})", recorded(provider.inputs, provider.outputs));
        parts.push(html! { {comma}<a href=href>{provider.display_name.clone()}</a>{what} });
    }
    let more = recording.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!(" and {} more", plural(more, "provider", "providers")));
    html! { {parts}{more} }
}

/// The list without a row: what to switch on, or what is awaited.
pub(super) fn nothing_yet(state: &TranscriptsView, all: &[Choice]) -> AnyView {
    if !state.recording.is_empty() {
        let listed = listed(&state.recording);
        return html! {
            <Empty icon=Icon::Talk title="No transcripts yet" words="What is said in new calls stands here once there are some.">
                <p>"Recorded are "{listed}"."</p>
            </Empty>
        };
    }
    if all.is_empty() {
        return html! {
            <Empty icon=Icon::Talk title="Nothing is recorded" words="There is no provider yet. Each has two switches: Record inputs and Record outputs, both off at first.">
                <a class="btn primary" href="/new-provider">"Create provider"</a>
            </Empty>
        };
    }
    let links: Vec<_> = all
        .iter()
        .take(NAMED)
        .map(|(id, name)| {
            html! { <a class="btn sm" href=format!("{}#transcripts", providers::edit_address(id))>{name.clone()}</a> }
        })
        .collect();
    let more = (all.len() > NAMED)
        .then(|| html! { <a class="btn sm" href="/providers">"All providers"</a> });
    html! {
        <Empty icon=Icon::Talk title="Nothing is recorded"
            words="Weir keeps what is said only where a provider is told to: switch on Record inputs, Record outputs or both in its form. It holds for new calls. Tokens and cost are recorded either way.">
            {links}{more}
        </Empty>
        <div class="card-foot"><span>"How long transcripts are kept, and how much of each, is set in "<a href=settings::transcripts::PATH>"Settings, Transcripts"</a>"."</span></div>
    }
}

#[cfg(test)]
mod tests {
    use super::{COUNTED_MAX, plural_counted};

    #[test]
    fn what_is_counted_up_to_a_limit_says_so() {
        assert_eq!(plural_counted(1), "1 transcript");
        assert_eq!(plural_counted(COUNTED_MAX - 1), "99,999 transcripts");
        assert_eq!(plural_counted(COUNTED_MAX), "100,000 or more transcripts");
    }
}
