//! What an upstream said when it was asked in vain, and what to do about it.

use admin::probe::{Action, FailureView};
use leptos::prelude::*;

use crate::kit::{code::Code, words::Words};

/// Its own words, then the cure: in words, then what a click does. Stands in a form: models to try are
/// buttons that send it with the model as `try`.
pub(super) fn told(failure: FailureView) -> AnyView {
    let said = failure.message.map(|words| {
        let from = failure.status.map_or_else(
            || "word for word".to_owned(),
            |status| format!("{status}, word for word"),
        );
        html! { <div class="said"><q>{words}</q><span class="from">{from}</span></div> }
    });
    let mut first = true;
    let buttons: Vec<AnyView> = failure
        .actions
        .iter()
        .filter_map(|action| {
            let class = if std::mem::take(&mut first) {
                "btn primary"
            } else {
                "btn"
            };
            button(action, class)
        })
        .collect();
    let buttons = (!buttons.is_empty()).then(|| html! { <div class="row">{buttons}</div> });
    let texts = failure
        .actions
        .into_iter()
        .filter_map(|action| match action {
            Action::Copy { label, text } => Some(html! { <Code language=label text=text/> }),
            Action::Open { .. } | Action::TryModel { .. } => None,
        });
    html! { {said}<div class="cure"><p><Words text=failure.advice/></p>{texts.collect_view()}{buttons}</div> }
}

fn button(action: &Action, class: &'static str) -> Option<AnyView> {
    match action.clone() {
        Action::Open { label, href } => Some(html! { <a class=class href=href>{label}</a> }),
        Action::TryModel { model, .. } => Some(html! {
            <button class=class type="submit" name="try" value=model.clone()>"Test "<code>{model.clone()}</code></button>
        }),
        Action::Copy { .. } => None,
    }
}
