//! What is said beside a field while one types. Warnings, not refusals: the server has the last word.

use domain::{
    ProviderId, SecretName, UsdPerMtok,
    provider::{DISPLAY_NAME_MAX, lacks_v1},
};
use rust_decimal::Decimal;

/// One line beside a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// Nothing to say.
    Silent,
    /// Something is being waited for.
    Busy(String),
    /// It is as it should be, and this is what it means.
    Good(String),
    /// It is taken, but may not be what was meant.
    Warning(String),
    /// It will be refused.
    Wrong(String),
}

/// On the display name.
pub(crate) fn on_display_name(name: &str) -> Note {
    let length = name.trim().chars().count();
    if length > DISPLAY_NAME_MAX {
        let over = length - DISPLAY_NAME_MAX;
        return Note::Wrong(format!(
            "{DISPLAY_NAME_MAX} characters at most: take {over} away."
        ));
    }
    Note::Silent
}

/// On the form of a resource id; whether it is free is for the server to say.
pub(crate) fn on_id(id: &str) -> Note {
    match id.trim() {
        "" => Note::Silent,
        id => match ProviderId::new(id) {
            Ok(_) => Note::Silent,
            Err(error) => Note::Wrong(sentence(&error.to_string())),
        },
    }
}

/// On the address of an OpenAI-compatible server. `preset`: the key of the server that is chosen, if any.
pub(crate) fn on_compatible_address(preset: &str, address: &str) -> Note {
    let address = address.trim().trim_end_matches('/');
    if address.contains("WORKSPACE") {
        return Note::Warning(
            "Put the name of your workspace in the place of WORKSPACE.".to_owned(),
        );
    }
    if address.is_empty() || !lacks_v1(preset.parse().ok(), address) {
        return Note::Silent;
    }
    Note::Warning("Most servers of this kind want an address that ends in /v1.".to_owned())
}

/// On an override of a rate, against the catalog's.
pub(crate) fn on_rate(typed: &str, catalog: Option<&str>) -> Note {
    let typed = typed.trim();
    if typed.is_empty() {
        return Note::Silent;
    }
    let rate: UsdPerMtok = match typed.parse() {
        Ok(rate) => rate,
        Err(error) => return Note::Wrong(sentence(&error.to_string())),
    };
    if rate == UsdPerMtok::FREE {
        return Note::Good("Free: these tokens will cost $0.".to_owned());
    }
    let Some((list, shown)) =
        catalog.and_then(|text| Some((text.parse::<UsdPerMtok>().ok()?, text)))
    else {
        return Note::Silent;
    };
    against(rate, list, shown)
}

/// How far a rate is from the catalog's. Beyond three times, either way, it may be a slip.
fn against(rate: UsdPerMtok, list: UsdPerMtok, shown: &str) -> Note {
    let (rate, list) = (rate.usd(), list.usd());
    if rate == list {
        return Note::Good(format!("The same as the catalog’s {shown}."));
    }
    let Some(ratio) = rate.checked_div(list) else {
        return Note::Warning(
            "The catalog has it free. It is saved as typed if you mean it.".to_owned(),
        );
    };
    let three = Decimal::from(3);
    if ratio > three {
        return Note::Warning(format!(
            "{} × the catalog’s {shown}. It is saved as typed if you mean it.",
            ratio.round_dp(1)
        ));
    }
    if ratio * three < Decimal::ONE {
        return Note::Warning(format!(
            "Less than a third of the catalog’s {shown}. It is saved as typed if you mean it."
        ));
    }
    let percent = ((ratio - Decimal::ONE) * Decimal::ONE_HUNDRED).round_dp(1);
    let direction = if rate > list { "above" } else { "below" };
    Note::Good(format!(
        "{:.1} % {direction} the catalog’s {shown}.",
        percent.abs()
    ))
}

/// On the name of a secret that is to be made. `taken`: whether there is one of this name.
pub(crate) fn on_new_secret(name: &str, taken: bool) -> Note {
    let name = name.trim();
    match SecretName::new(name) {
        _ if name.is_empty() => Note::Silent,
        Ok(_) if taken => Note::Wrong(SECRET_TAKEN.to_owned()),
        Ok(_) => Note::Silent,
        Err(error) => {
            let words = sentence(&error.to_string());
            let meant = meant(name).map(|close| format!(" {close}"));
            Note::Wrong(format!("{words}{}", meant.unwrap_or_default()))
        }
    }
}

/// What is said of a new secret whose name is not free.
pub(crate) const SECRET_TAKEN: &str =
    "There is a secret of this name. Choose it under Existing, or make one under another name.";

/// The question whether somebody meant another name. `None`: there is no telling.
pub(crate) fn meant(name: &str) -> Option<String> {
    Some(format!("Did you mean {}?", closest_name(name)?))
}

/// The name of a secret that somebody most likely meant.
fn closest_name(typed: &str) -> Option<String> {
    let name: String = typed
        .trim()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    let name = name.trim_start_matches(|c: char| !c.is_ascii_uppercase());
    SecretName::new(name).ok().map(String::from)
}

/// On the name of a secret that is to be referred to. `known`: the names of those that there are; `done`: whether
/// it is typed to its end.
pub(crate) fn on_secret(name: &str, known: &[String], done: bool) -> Note {
    let name = name.trim();
    let fits = |one: &String| {
        if done {
            one == name
        } else {
            one.contains(name)
        }
    };
    if name.is_empty() || known.iter().any(fits) {
        return Note::Silent;
    }
    if SecretName::new(name).is_err() {
        return Note::Wrong(
            "Write the name of a secret, such as OPENAI_API_KEY, never the key itself.".to_owned(),
        );
    }
    Note::Warning(format!(
        "There is no secret {name}. Choose another, or make it under New."
    ))
}

/// An error's words as a sentence of their own.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let mut sentence: String = first.to_uppercase().chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}
