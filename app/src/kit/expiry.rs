//! When a token ends: never, after a while, or with a day of one's choice.
//!
//! The field has no name of its own in a form: `expires` says which, `expires_on` is the last day.

use admin::FieldError;
use domain::Timestamp;
use leptos::prelude::*;

use super::field::Under;
use crate::{
    format::{time, zone::Zone},
    http::{fields::Fields, wrong::Wrong},
};

/// How long a token may be good for: value, words, days.
const LIVES: [(&str, &str, i64); 3] = [
    ("30d", "In 30 days", 30),
    ("90d", "In 90 days", 90),
    ("365d", "In a year", 365),
];

/// What a form holds of it.
#[derive(Debug, Clone)]
pub(crate) struct TypedExpiry {
    chosen: String,
    day: String,
    error: String,
    first: bool,
}

/// When the token ends, in RFC 3339: the choice counted from now, or the end of the day that was chosen.
/// `None`, which is never, only where that was chosen: whatever cannot be read goes to admin as a text that
/// it refuses.
pub(crate) fn read(fields: &Fields, zone: &Zone) -> Option<String> {
    const DAY_SECONDS: i64 = 24 * 60 * 60;
    let unreadable = |text: &str| format!("cannot be read: {text}");
    let chosen = match fields.text("expires") {
        "never" => return None,
        chosen => chosen,
    };
    if chosen == "on" {
        let day = fields.text("expires_on");
        let end = (day.len() == 10)
            .then(|| zone.moment(&format!("{day}T23:59:59")))
            .flatten();
        return Some(end.map_or_else(|| unreadable(day), |end| end.to_string()));
    }
    let Some((_, _, days)) = LIVES.iter().find(|(value, _, _)| *value == chosen) else {
        return Some(unreadable(chosen));
    };
    let end = time::now()
        .as_second()
        .saturating_add(days.saturating_mul(DAY_SECONDS));
    Some(Timestamp::from_second(end).map_or_else(|_| unreadable(chosen), |end| end.to_string()))
}

/// Whether a token with such an end is refused by now.
pub(crate) fn has_expired(expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    expires_at.is_some_and(|at| at <= now)
}

/// What is said of an end that was refused. A form asks for a day, where the API asks for a moment.
pub(crate) fn day_wanted(error: &mut FieldError) {
    if error.field == "expires_at" && error.code == "invalid_time" {
        "choose the last day, such as 2027-01-31".clone_into(&mut error.message);
    }
}

/// What a form holds of it, where what is wrong is told of `expires_on`.
pub(crate) fn typed(fields: &Fields, wrong: &Wrong) -> TypedExpiry {
    let error = wrong.of("expires_on");
    let chosen = match fields.text("expires") {
        // What is wrong with the end stands beside the day, which is shown where it is asked for.
        _ if !error.is_empty() => "on",
        "" => "never",
        chosen => chosen,
    };
    TypedExpiry {
        chosen: chosen.to_owned(),
        day: fields.text("expires_on").to_owned(),
        first: wrong.is_first("expires_on"),
        error,
    }
}

/// The choice.
#[component]
pub(crate) fn ExpiryField(typed: TypedExpiry) -> impl IntoView {
    let TypedExpiry {
        chosen,
        day,
        error,
        first,
    } = typed;
    let lives =
        std::iter::once(("never", "Never")).chain(LIVES.map(|(value, words, _)| (value, words)));
    let lives = lives.chain(std::iter::once(("on", "On a day of your choice"))).map(|(value, words)| {
        html! {
            <label class="check">
                <input type="radio" name="expires" value=value checked=chosen == value/><span>{words}</span>
            </label>
        }
    });
    html! {
        <fieldset class="field wide expiry">
            <legend class="label">"Expires"</legend>
            <div class="boxes">{lives.collect_view()}</div>
            <div class="field day">
                <label for="expires_on">{format!("Last day, {}", Zone::here().name())}</label>
                <input class="input" type="date" id="expires_on" name="expires_on" value=day
                    aria-invalid=(!error.is_empty()).then_some("true") aria-describedby="expires_on-about" autofocus=first/>
                <Under id="expires_on-about" error=error help="It is refused from the end of this day on.".to_owned()/>
            </div>
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use admin::usage::ReportZone;

    use super::read;
    use crate::{format::zone::Zone, http::fields::Fields};

    #[test]
    fn the_last_day_ends_where_the_zone_has_its_midnight() {
        let check = |zone: &str, end: &str| {
            let zone = Zone::of(Arc::new(ReportZone::new(zone).unwrap()));
            let fields = Fields::from([("expires", "on"), ("expires_on", "2099-01-31")]);
            assert_eq!(read(&fields, &zone).as_deref(), Some(end));
        };
        check("UTC", "2099-01-31T23:59:59Z");
        check("Europe/Berlin", "2099-01-31T22:59:59Z");
        check("Asia/Kathmandu", "2099-01-31T18:14:59Z");
    }
}
