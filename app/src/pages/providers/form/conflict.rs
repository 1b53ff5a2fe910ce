//! Two people have changed one provider: the second chooses, part by part, what is to hold.
//!
//! The page carries what the form held, all but secret values, and its own fields:
//!
//! | field | holds |
//! |---|---|
//! | `version` | the version that the form was opened with, as in the form |
//! | `seen` | the version that stands beside it: choices count for no other |
//! | `keep.{part}` | `theirs` or `yours` |
//! | `do` | `merge` saves, `back` shows the form again |

use admin::providers::{Conflict, Difference, Meanwhile, Part, ProviderView, Side};
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;

use super::{
    pasted::without_pasted,
    versions::{self, Lines},
};
use crate::{
    format::{count, time},
    http::{fields::Fields, page::Page},
    kit::{
        figures::When,
        head::PageHead,
        note::{NoteBox, Tone},
        note_line::NoteLine,
    },
    pages::{
        audit::actor,
        providers::{address, edit_address},
    },
    provider_form::{notes::Note, without_new_values},
    shell::nav::Place,
};

/// What the page is made of.
pub(super) struct Both<'a> {
    /// The provider as it is saved.
    pub(super) provider: &'a ProviderView,
    /// What the form holds.
    pub(super) fields: &'a Fields,
    pub(super) conflict: Conflict,
    /// Parts that were to be chosen and are not.
    pub(super) open: Vec<Part>,
}

/// The version that the form was opened with.
pub(super) fn opened(fields: &Fields) -> Option<u64> {
    fields.text("version").parse().ok()
}

/// Whether choices were made with this very version in sight.
pub(super) fn is_answer_to(fields: &Fields, conflict: &Conflict) -> bool {
    fields.text("seen").parse() == Ok(conflict.current)
}

/// Whose a part is to be.
pub(super) fn chosen(fields: &Fields, part: &Part) -> Option<Side> {
    match fields.text(&field_of(part)) {
        THEIRS => Some(Side::Theirs),
        YOURS => Some(Side::Yours),
        _ => None,
    }
}

const THEIRS: &str = "theirs";
const YOURS: &str = "yours";
const KEEP: &str = "keep.";

fn field_of(part: &Part) -> String {
    format!("{KEEP}{}", part.key())
}

/// What was done, in words that go on after a name.
fn deed(action: &str) -> &'static str {
    match action {
        "enable" => "enabled it",
        "disable" => "disabled it",
        _ => "changed it",
    }
}

/// Who changed it, each once, the newest first.
fn names(meanwhile: &[Meanwhile]) -> String {
    let mut names: Vec<String> = vec![];
    for change in meanwhile {
        let name = actor(&change.actor);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.as_slice() {
        [] => "Somebody else".to_owned(),
        [one] => one.clone(),
        [first, second] => format!("{first} and {second}"),
        [first, rest @ ..] => format!("{first} and {} others", rest.len()),
    }
}

/// What the form held, without what belongs to a single view of it.
fn carried(fields: &Fields) -> Vec<(String, String)> {
    let passing = ["do", "seen", "q", "pick", "shown", "listed", "listed_by"];
    without_new_values(&without_pasted(fields))
        .iter()
        .filter(|(name, value)| {
            !value.is_empty() && !name.starts_with(KEEP) && !passing.contains(name)
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Answers the page. `notes`: what to say above.
pub(super) async fn answer(page: &Page, both: Both<'_>, notes: Vec<(Tone, String)>) -> Response {
    let Both {
        provider,
        fields,
        conflict,
        open,
    } = both;
    // Choices that were made beside an older version are gone: they may have been about something else.
    let again = fields.ticked("seen") && !is_answer_to(fields, &conflict);
    let status = if open.is_empty() {
        StatusCode::PRECONDITION_FAILED
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let id = provider.id.to_string();
    let name = provider.display_name.clone();
    let fields = fields.clone();
    page.html(status, TITLE, Place::Providers, move || {
        let who = names(&conflict.meanwhile);
        let choices = if again { Fields::default() } else { fields.clone() };
        let first_open = open.first().cloned();
        let rows = conflict.differences.iter().map(|difference| {
            let is_open = open.contains(&difference.part);
            let first = first_open.as_ref() == Some(&difference.part);
            row(difference, chosen(&choices, &difference.part), is_open, first)
        });
        let rows = rows.collect_view();
        let hidden = carried(&fields).into_iter().map(|(name, value)| html! { <input type="hidden" name=name value=value/> });
        let crumbs = vec![
            ("LLM Providers", "/providers".to_owned()),
        ];
        let notes = notes.into_iter().map(|(tone, words)| html! { <NoteBox tone=tone>{words}</NoteBox> }).collect_view();
        html! {
            <PageHead title=TITLE crumbs=crumbs here=name lede=lede(&who)/>
            {notes}
            {again.then(|| html! {
                <NoteBox tone=Tone::Bad>"It was changed once more while you were choosing. Nothing is saved yet: please choose again."</NoteBox>
            })}
            <form class="stack conflict" method="post" action=edit_address(&id) novalidate>
                {hidden.collect_view()}
                <input type="hidden" name="seen" value=conflict.current.to_string()/>
                <section class="card" aria-labelledby="differences">
                    <div class="card-head">
                        <h2 id="differences">{count::plural(conflict.differences.len(), "difference", "differences")}</h2>
                    </div>
                    <table class="table roomy versions">
                        <thead>
                            <tr>
                                <th scope="col">"Field"</th>
                                <th scope="col">"When you opened it"</th>
                                <th scope="col">"Theirs now"</th>
                                <th scope="col">"Yours"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                    <div class="card-foot">
                        <button class="btn primary" type="submit" name="do" value="merge">"Save with these choices"</button>
                        <button class="btn" type="submit" name="do" value="back">"Back to the form"</button>
                        <a class="btn ghost" href=address(&id)>"Drop my changes"</a>
                    </div>
                </section>
                {happened(&conflict.meanwhile)}
            </form>
        }
    })
    .await
}

const TITLE: &str = "Somebody else changed this provider";

fn lede(who: &str) -> String {
    format!(
        "{who} saved it while you had it open. Nothing of yours is saved yet. Only what differs stands here: choose what is to hold."
    )
}

/// What was done meanwhile, and by whom.
fn happened(meanwhile: &[Meanwhile]) -> Option<AnyView> {
    let now = time::now();
    let lines = meanwhile.iter().map(|change| {
        html! { <li><b>{actor(&change.actor)}</b>" "{deed(&change.action)}" "<When moment=change.at now=now/></li> }
    });
    (!meanwhile.is_empty()).then(|| {
        html! {
            <section class="card" aria-labelledby="meanwhile">
                <div class="card-head"><h2 id="meanwhile">"What happened since you opened it"</h2></div>
                <div class="card-body"><ul class="plain-list">{lines.collect_view()}</ul></div>
            </section>
        }
    })
}

/// One part: what it was, and both versions to choose from.
fn row(difference: &Difference, chosen: Option<Side>, is_open: bool, first: bool) -> AnyView {
    let name = field_of(&difference.part);
    let row_id = format!("{name}-of");
    let about = format!("{name}-about");
    let side = chosen.or(difference.settled);
    let told = if is_open {
        html! { <NoteLine note=Note::Wrong("Choose one of the two.".to_owned())/> }
    } else {
        match difference.settled {
            Some(Side::Theirs) => html! { <span class="help">"Only they changed it"</span> },
            Some(Side::Yours) => html! { <span class="help">"Only you changed it"</span> },
            None => html! { <NoteLine note=Note::Warning("Both changed it: choose".to_owned())/> },
        }
    };
    let choice = |of: Side, value: &'static str, words: &'static str, lines: Lines| {
        let label = format!("{name}-{value}");
        html! {
            <td data-label=words>
                <label class="check">
                    <input type="radio" name=name.clone() value=value checked=side == Some(of) aria-labelledby=format!("{row_id} {label}")
                        aria-describedby=about.clone() aria-invalid=is_open.then_some("true") autofocus=first && of == Side::Theirs/>
                    <span id=label><b>{words}</b>{shown(lines)}</span>
                </label>
            </td>
        }
    };
    let lines = |value| versions::lines(&difference.part, value);
    html! {
        <tr class:open-choice=side.is_none()>
            <th scope="row"><span id=row_id.clone()>{versions::label(&difference.part)}</span><br/><span id=about.clone()>{told}</span></th>
            <td data-label="When you opened it">{match &difference.base {
                Some(base) => shown(lines(base)),
                None => html! { <span class="muted">"not known any more"</span> },
            }}</td>
            {choice(Side::Theirs, THEIRS, "Keep theirs", lines(&difference.theirs))}
            {choice(Side::Yours, YOURS, "Take mine", lines(&difference.yours))}
        </tr>
    }
}

fn shown(lines: Lines) -> AnyView {
    let lines = lines.into_iter().map(|line| {
        let words = line.words;
        html! {
            <span class="version-line">
                {(!line.label.is_empty()).then(|| html! { <span class="muted">{line.label}" "</span> })}
                {if line.is_code { html! { <code class="break">{words}</code> } } else { html! { {words} } }}
            </span>
        }
    });
    lines.collect_view().into_any()
}

#[cfg(test)]
mod tests {
    use admin::providers::Meanwhile;

    use super::{carried, names};
    use crate::http::fields::Fields;

    fn by(actor: &str) -> Meanwhile {
        Meanwhile {
            at: "2026-11-01T00:00:00Z".parse().unwrap(),
            actor: actor.to_owned(),
            action: "update".to_owned(),
        }
    }

    #[test]
    fn whoever_changed_it_is_named_once() {
        assert_eq!(names(&[by("person:Grace: H")]), "Grace: H");
        assert_eq!(names(&[]), "Somebody else");
        assert_eq!(names(&[by("person:Ada"), by("person:Ada")]), "Ada");
        let three = [by("person:Ada"), by("admin_token"), by("system")];
        assert_eq!(names(&three[..2]), "Ada and Admin token");
        assert_eq!(names(&three), "Ada and 2 others");
    }

    #[test]
    fn no_secret_value_and_no_choice_is_carried_along() {
        let fields = Fields::from([
            ("display_name", "A"),
            ("openai.new_value", "sk-hush"),
            ("keep.display_name", "yours"),
            ("seen", "3"),
            ("version", "1"),
            ("q", "gpt"),
            ("rate.input.a", ""),
        ]);
        let names: Vec<String> = carried(&fields).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["display_name", "version"]);
    }
}
