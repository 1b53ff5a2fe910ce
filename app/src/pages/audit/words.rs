//! What the audit's stable words are called in the console. A word that came later is shown as it is.

use admin::audit::{AuditView, Objects};

use crate::pages::{providers, secrets, tokens};

/// Who made a change.
pub(crate) fn actor(label: &str) -> String {
    match label {
        "admin_token" => "REST API token".to_owned(),
        "system" => "Weir itself".to_owned(),
        "unknown" => "Not signed in".to_owned(),
        other => other.strip_prefix("person:").unwrap_or(other).to_owned(),
    }
}

/// A kind of object, as it begins a line.
pub(super) fn kind(key: &str) -> String {
    match key {
        "provider" => "Provider".to_owned(),
        "secret" => "Secret".to_owned(),
        "token" => "Gateway token".to_owned(),
        "person" => "Person".to_owned(),
        "settings" => "Settings".to_owned(),
        "one_time_link" => "One-time link".to_owned(),
        "master_key" => "Master key".to_owned(),
        "catalog" => "Catalog".to_owned(),
        other => plain(other),
    }
}

/// What was done.
pub(super) fn action(key: &str) -> String {
    match key {
        "create" => "Created".to_owned(),
        "update" => "Changed".to_owned(),
        "delete" => "Deleted".to_owned(),
        "enable" => "Enabled".to_owned(),
        "disable" => "Disabled".to_owned(),
        "revoke" => "Revoked".to_owned(),
        "replace_value" => "Value replaced".to_owned(),
        "sign_in" => "Sign-in".to_owned(),
        "set_password" => "Password set by link".to_owned(),
        "change_password" => "Password change".to_owned(),
        "rotate" => "Rotated".to_owned(),
        "apply" => "Applied".to_owned(),
        other => plain(other),
    }
}

/// What became of it.
pub(super) fn result(key: &str) -> String {
    match key {
        "done" => "Done".to_owned(),
        "refused" => "Refused".to_owned(),
        other => plain(other),
    }
}

/// A key as words: `display_name` is “Display name”.
pub(super) fn plain(key: &str) -> String {
    let words = key.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// The object of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    /// What people call it.
    pub(super) name: String,
    /// Its page. `None`: it has none.
    pub(super) href: Option<String>,
    /// Whether it was there once and is no more.
    pub(super) gone: bool,
}

/// The object of a row, by its name of today or, where it is gone, by the one that it had.
pub(super) fn object(row: &AuditView, objects: &Objects) -> Object {
    let id = row.object_id.as_str();
    if let Some(name) = objects.name(&row.object_kind, id) {
        let href = match row.object_kind.as_str() {
            "provider" => Some(providers::address(id)),
            "secret" => Some(secrets::address(id)),
            "token" => Some(tokens::address(id)),
            "person" => Some("/settings/people".to_owned()),
            _ => None,
        };
        return Object {
            name: name.to_owned(),
            href,
            gone: false,
        };
    }
    let had_page = matches!(
        row.object_kind.as_str(),
        "provider" | "secret" | "token" | "person"
    );
    let name = match row.object_kind.as_str() {
        _ if id.is_empty() => "no account of this name".to_owned(),
        _ if had_page => told_name(row).unwrap_or_else(|| id.to_owned()),
        "settings" | "one_time_link" => plain(id).to_lowercase(),
        _ => id.to_owned(),
    };
    Object {
        name,
        href: (row.object_kind == "catalog").then(|| "/settings/catalog".to_owned()),
        gone: had_page && !id.is_empty(),
    }
}

/// The name that the row itself tells.
fn told_name(row: &AuditView) -> Option<String> {
    [&row.after, &row.before]
        .into_iter()
        .flatten()
        .find_map(|json| {
            let name = json.get("display_name").or_else(|| json.get("name"))?;
            name.as_str().map(str::to_owned)
        })
}

/// Why an attempt was refused.
pub(super) fn reason(row: &AuditView) -> Option<&'static str> {
    let reason = row.after.as_ref()?.get("reason")?.as_str()?;
    Some(match reason {
        "wrong_password" => "The password was wrong.",
        "no_such_account" => {
            "There is no account of the name that was typed. What was typed is not kept."
        }
        "too_many_attempts" => {
            "Too many attempts had failed from this address, so this one was not looked at."
        }
        "disabled" => "The password was right, but the person is disabled.",
        "link_invalid" => "The link was used before, is too old, or was never given out.",
        "many_attempts" => "Attempts from many addresses at once; they are counted together.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{action, actor, kind, plain};

    #[test]
    fn words_that_nobody_knows_yet_are_shown_as_they_are() {
        assert_eq!(actor("person:Ada Lindqvist"), "Ada Lindqvist");
        assert_eq!(actor("api_token:ci"), "api_token:ci");
        assert_eq!(
            (kind("token"), kind("rate_limit")),
            ("Gateway token".into(), "Rate limit".into())
        );
        assert_eq!(
            (action("update"), action("move_up")),
            ("Changed".into(), "Move up".into())
        );
        assert_eq!(plain(""), "");
    }
}
