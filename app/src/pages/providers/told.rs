//! What an upstream said when it was asked in vain, and what to do about it.

use admin::probe::FailureView;
use leptos::prelude::*;

use crate::kit::words::Words;

/// Its own words, then the cure.
pub(super) fn told(failure: FailureView) -> AnyView {
    let said = failure.message.map(|words| {
        let from = failure.status.map_or_else(
            || "word for word".to_owned(),
            |status| format!("{status}, word for word"),
        );
        html! { <div class="said"><q>{words}</q><span class="from">{from}</span></div> }
    });
    html! { {said}<div class="cure"><p><Words text=failure.advice/></p></div> }
}
