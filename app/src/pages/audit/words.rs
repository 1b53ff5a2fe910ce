//! What the audit's stable words are called in the console. A word that came later is shown as it is.

use std::collections::HashSet;

use admin::audit::{AuditView, Objects};

use crate::pages::{providers, repricing, secrets, settings, tokens, transcripts};

/// Who made a change, by name.
pub(crate) fn actor(label: &str) -> String {
    match label {
        "admin_token" => "Admin token".to_owned(),
        "system" => "Weir itself".to_owned(),
        "unknown" => "Not signed in".to_owned(),
        other => other.strip_prefix("person:").unwrap_or(other).to_owned(),
    }
}

/// A kind of object, as it begins a line.
pub(super) fn kind(key: &str) -> String {
    kind_word(key).map_or_else(|| plain(key), str::to_owned)
}

fn kind_word(key: &str) -> Option<&'static str> {
    Some(match key {
        "provider" => "Provider",
        "secret" => "Secret",
        "token" => "Gateway token",
        "api_token" => "API token",
        "person" => "Person",
        "settings" => "Settings",
        "one_time_link" => "One-time link",
        "master_key" => "Master key",
        "catalog" => "Catalog",
        "ledger" => "Ledger",
        "repricing" => "Re-pricing",
        "conversation" => "Conversation",
        "transcript" => "Transcript of a call",
        "transcripts" => "Transcripts",
        _ => return None,
    })
}

/// What was done.
pub(super) fn action(key: &str) -> String {
    action_word(key).map_or_else(|| plain(key), str::to_owned)
}

fn action_word(key: &str) -> Option<&'static str> {
    Some(match key {
        "create" => "Created",
        "update" => "Changed",
        "delete" => "Deleted",
        "enable" => "Enabled",
        "disable" => "Disabled",
        "revoke" => "Revoked",
        "replace_value" => "Value replaced",
        "sign_in" => "Sign-in",
        "set_password" => "Password set by link",
        "change_password" => "Password change",
        "make_link" => "One-time link made",
        "rotate" => "Rotated",
        "propose" => "Proposed",
        "apply" => "Applied",
        "discard" => "Discarded",
        "finish" => "Finished",
        "open" => "Opened",
        "export" => "Exported",
        _ => return None,
    })
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

/// What is known of the objects that rows may tell of.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// What is there, with its name.
    pub(super) objects: Objects,
    /// The ids of one's own API tokens. Those of others have no page that one may open.
    pub(super) own_tokens: HashSet<String>,
    /// The ids of re-pricings that are there: one that was discarded has no page any more.
    pub(super) repricings: HashSet<String>,
    /// The ids of conversations, and of calls with a transcript, that are there.
    pub(super) transcripts: HashSet<String>,
}

/// The object of a row, by its name of today or, where it is gone, by the one that it had.
pub(super) fn object(row: &AuditView, known: &Known) -> Object {
    let (kind, id) = (row.object_kind.as_str(), row.object_id.as_str());
    let name_of_today = known.objects.name(kind, id);
    let is_listed = matches!(kind, "provider" | "secret" | "token" | "person");
    let href = match kind {
        "api_token" => known
            .own_tokens
            .contains(id)
            .then(|| settings::api_token_address(id)),
        "settings" if id == "retention" => Some(settings::storage::PATH.to_owned()),
        "ledger" => Some(settings::storage::PATH.to_owned()),
        "settings" => Some("/settings".to_owned()),
        "catalog" => Some("/settings/catalog".to_owned()),
        "repricing" => known
            .repricings
            .contains(id)
            .then(|| repricing::address(id)),
        "conversation" | "transcript" if !known.transcripts.contains(id) => None,
        "conversation" => Some(transcripts::of(id)),
        "transcript" => Some(transcripts::of_call(id)),
        _ if name_of_today.is_none() => None,
        "provider" => Some(providers::address(id)),
        "secret" => Some(secrets::address(id)),
        "token" => Some(tokens::address(id)),
        "person" => Some("/settings/people".to_owned()),
        _ => None,
    };
    let name = match (name_of_today, kind) {
        (Some(name), _) => name.to_owned(),
        _ if id.is_empty() => "no account of this name".to_owned(),
        _ if is_listed || kind == "api_token" => told_name(row).unwrap_or_else(|| id.to_owned()),
        (None, "settings" | "one_time_link" | "ledger") => plain(id).to_lowercase(),
        _ => id.to_owned(),
    };
    let gone = match kind {
        "api_token" => row.action == "revoke",
        _ => is_listed && name_of_today.is_none() && !id.is_empty(),
    };
    Object { name, href, gone }
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
    use std::{collections::BTreeSet, fs, path::Path};

    use admin::audit::AuditView;
    use serde_json::json;

    use super::{Known, Object, action, action_word, actor, kind, kind_word, object, plain};

    /// What stands in quotes in the lines that begin so, in every source file of a folder.
    fn quoted(folder: &Path, beginning: &str, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                quoted(&path, beginning, found);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            let lines = source.lines().map(str::trim);
            for line in lines.filter(|line| line.starts_with(beginning)) {
                found.extend(line.split('"').skip(1).step_by(2).map(str::to_owned));
            }
        }
    }

    #[test]
    fn everything_that_admin_writes_into_the_audit_has_a_word() {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/admin/src");
        let (mut kinds, mut actions) = (BTreeSet::new(), BTreeSet::new());
        quoted(&sources, "kind: ", &mut kinds);
        quoted(&sources, "action: ", &mut actions);
        // Those that are handed to a function which writes the row.
        for handed in [
            "update",
            "delete",
            "sign_in",
            "change_password",
            "set_password",
        ] {
            actions.insert(handed.to_owned());
        }
        kinds.extend(["conversation", "transcript", "transcripts"].map(str::to_owned));
        actions.extend(["open", "export"].map(str::to_owned));
        assert!(
            kinds.len() >= 8 && actions.len() >= 11,
            "{kinds:?} {actions:?}"
        );
        kinds.retain(|key| kind_word(key).is_none());
        actions.retain(|key| action_word(key).is_none());
        assert!(
            kinds.is_empty() && actions.is_empty(),
            "{kinds:?} {actions:?}"
        );
    }

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

    #[test]
    fn an_api_token_has_its_name_and_only_ones_own_has_a_page() {
        let row = |action: &str, id: &str| AuditView {
            id: 1,
            at: "2026-11-19T00:00:00Z".parse().unwrap(),
            actor: "person:Ada".to_owned(),
            action: action.to_owned(),
            object_kind: "api_token".to_owned(),
            object_id: id.to_owned(),
            address: None,
            result: "done",
            times: 1,
            before: Some(json!({ "name": "laptop" })),
            after: None,
        };
        let known = Known {
            own_tokens: ["own".to_owned()].into(),
            ..Known::default()
        };
        let told = |href: Option<&str>, gone| Object {
            name: "laptop".to_owned(),
            href: href.map(str::to_owned),
            gone,
        };
        let own = told(Some("/settings/api-tokens/own"), false);
        assert_eq!(object(&row("create", "own"), &known), own);
        assert_eq!(object(&row("create", "other"), &known), told(None, false));
        assert_eq!(object(&row("revoke", "other"), &known), told(None, true));
    }

    #[test]
    fn what_was_said_is_linked_as_long_as_it_is_there() {
        let row = |kind: &str, id: &str| AuditView {
            id: 1,
            at: "2026-11-20T10:00:00Z".parse().unwrap(),
            actor: "admin_token".to_owned(),
            action: "open".to_owned(),
            object_kind: kind.to_owned(),
            object_id: id.to_owned(),
            address: None,
            result: "done",
            times: 1,
            before: None,
            after: None,
        };
        let known = Known {
            transcripts: ["there".to_owned()].into(),
            ..Known::default()
        };
        for (kind, id, href) in [
            ("conversation", "there", Some("/transcripts/there")),
            ("conversation", "deleted", None),
            ("transcript", "there", Some("/transcripts/call/there")),
            ("transcript", "deleted", None),
            ("transcripts", "openai-main", None),
        ] {
            let told = object(&row(kind, id), &known);
            assert_eq!((told.href.as_deref(), told.gone), (href, false), "{kind}");
        }
    }
}
