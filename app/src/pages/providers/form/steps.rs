//! What each button of the form does to what was typed.

use domain::{ModelId, provider::Preset};

use super::{endpoints, fetch};
use crate::{
    http::fields::Fields,
    provider_form::{model_name, notes::sentence, price_as, rate_of, secret_field::SecretField},
};

/// What is to be done with the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Save it.
    Save,
    /// Save it with what was chosen of another's change.
    Merge,
    /// Show it again, changed as it was asked for.
    Show,
    /// Save the new secrets that are complete, whose values are not sent back, and show the form again.
    Keep,
    /// The same, and then without the first endpoint.
    RemoveFirst,
    /// Show it again with this wrong.
    Wrong(&'static str, String),
    /// Save the new secret of this field, and show the form again.
    SaveSecret(SecretField),
    /// Ask the upstream for its models, and show the form again.
    Fetch,
}

/// Does what the pressed button says.
pub(super) fn take(fields: &mut Fields) -> Step {
    let what = fields.text("do").to_owned();
    fields.remove("do");
    follow_ticks(fields);
    fill_in_address(fields);
    fetch::forget_others(fields);
    if let Some(id) = what.strip_prefix("remove:") {
        remove(fields, id);
        return Step::Show;
    }
    if let Some(row) = what.strip_prefix("remove_endpoint:") {
        if row == "first" {
            return Step::RemoveFirst;
        }
        endpoints::remove(fields, row);
        return Step::Keep;
    }
    if let Some(id) = what.strip_prefix("clear:") {
        clear_rates(fields, id);
        return Step::Show;
    }
    if let Some(prefix) = what.strip_prefix("secret:") {
        return SecretField::of_prefix(prefix).map_or(Step::Show, Step::SaveSecret);
    }
    match what.as_str() {
        "search" | "pick" | "show" | "back" => Step::Show,
        "add_endpoint" => {
            endpoints::add(fields);
            Step::Keep
        }
        "merge" => Step::Merge,
        "add" => add_typed(fields),
        "fetch" => Step::Fetch,
        "catalog" => {
            fetch::forget(fields);
            Step::Show
        }
        // Enter, where no script runs: with a search typed, that is what is meant.
        "enter" if !fields.text("q").is_empty() => Step::Show,
        _ => Step::Save,
    }
}

/// The address of a known server, where none was typed.
fn fill_in_address(fields: &mut Fields) {
    let preset = fields.text("openai_compatible.preset").parse::<Preset>();
    if let Ok(preset) = preset
        && fields.text("openai_compatible.base_url").is_empty()
    {
        fields.set("openai_compatible.base_url", preset.base_url());
    }
}

/// Selects what is ticked in the list of what was found, and takes away what is not ticked any more.
fn follow_ticks(fields: &mut Fields) {
    let shown: Vec<String> = fields.all("shown").map(str::to_owned).collect();
    for id in shown {
        match (fields.has("pick", &id), fields.has("model", &id)) {
            (true, false) => fields.push("model", id),
            (false, true) => remove(fields, &id),
            _ => {}
        }
    }
    fields.remove("shown");
    fields.remove("pick");
}

/// Selects the id that was typed into the search field.
fn add_typed(fields: &mut Fields) -> Step {
    let typed = fields.text("q").to_owned();
    if typed.is_empty() {
        return Step::Show;
    }
    match ModelId::new(typed) {
        Ok(id) => {
            if !fields.has("model", id.as_str()) {
                fields.push("model", id.as_str());
            }
            fields.remove("q");
            Step::Show
        }
        Err(error) => Step::Wrong("q", sentence(&error.to_string())),
    }
}

fn remove(fields: &mut Fields, id: &str) {
    *fields = std::mem::take(fields).without_value("model", id);
    fields.remove(&model_name(id));
    fields.remove(&price_as(id));
    clear_rates(fields, id);
}

fn clear_rates(fields: &mut Fields, id: &str) {
    fields.keep(|name, _| rate_of(name).is_none_or(|(_, model)| model != id));
}

#[cfg(test)]
mod tests {
    use super::{Step, take};
    use crate::{
        http::fields::Fields,
        provider_form::{rate_of, secret_field::SecretField},
    };

    fn models(fields: &Fields) -> Vec<&str> {
        fields.all("model").collect()
    }

    #[test]
    fn ticks_select_and_take_away() {
        let mut fields = Fields::from([
            ("do", "pick"),
            ("model", "a"),
            ("model_name.a", "Alpha"),
            ("model", "typed"),
            ("shown", "a"),
            ("shown", "b"),
            ("shown", "c"),
            ("pick", "b"),
        ]);
        assert_eq!(take(&mut fields), Step::Show);
        assert_eq!(
            models(&fields),
            ["typed", "b"],
            "what was found and is not ticked goes; what was typed stays"
        );
        assert!(
            !fields.ticked("model_name.a")
                && !fields.ticked("shown")
                && !fields.ticked("pick")
                && !fields.ticked("do")
        );
    }

    #[test]
    fn ticks_count_whichever_button_is_pressed() {
        let mut fields = Fields::from([("do", "save"), ("shown", "a"), ("pick", "a")]);
        assert_eq!(take(&mut fields), Step::Save);
        assert_eq!(models(&fields), ["a"]);
        let mut fields = Fields::from([
            ("do", "remove:a"),
            ("model", "a"),
            ("shown", "a"),
            ("pick", "a"),
        ]);
        take(&mut fields);
        assert_eq!(
            models(&fields),
            Vec::<&str>::new(),
            "the button is newer than the tick"
        );
    }

    #[test]
    fn a_typed_id_is_added_once() {
        let mut fields = Fields::from([("do", "add"), ("q", " my/model.v1 ")]);
        assert_eq!(take(&mut fields), Step::Show);
        assert_eq!(
            (models(&fields), fields.text("q")),
            (vec!["my/model.v1"], "")
        );
        fields.push("do", "add");
        fields.push("q", "my/model.v1");
        take(&mut fields);
        assert_eq!(models(&fields), ["my/model.v1"]);
        let mut fields = Fields::from([("do", "add"), ("q", "a\tb")]);
        assert!(matches!(take(&mut fields), Step::Wrong("q", _)));
    }

    #[test]
    fn enter_searches_where_a_search_is_typed() {
        assert_eq!(
            take(&mut Fields::from([("do", "enter"), ("q", "gpt")])),
            Step::Show
        );
        assert_eq!(
            take(&mut Fields::from([("do", "enter"), ("q", " ")])),
            Step::Save
        );
        assert_eq!(take(&mut Fields::from([("display_name", "x")])), Step::Save);
    }

    #[test]
    fn overrides_are_cleared_for_one_model() {
        let mut fields = Fields::from([
            ("do", "clear:a.b"),
            ("rate.input.a.b", "1"),
            ("rate.input.a", "2"),
            ("model", "a.b"),
        ]);
        assert_eq!(take(&mut fields), Step::Show);
        assert!(
            !fields.ticked("rate.input.a.b")
                && fields.ticked("rate.input.a")
                && fields.has("model", "a.b")
        );
        assert_eq!(
            rate_of("rate.cache_write_5m.ft:x.y"),
            Some(("cache_write_5m", "ft:x.y"))
        );
        assert_eq!(rate_of("model"), None);
    }

    #[test]
    fn a_known_server_has_an_address() {
        let mut fields = Fields::from([
            ("openai_compatible.preset", "groq"),
            ("openai_compatible.base_url", " "),
        ]);
        take(&mut fields);
        assert_eq!(
            fields.text("openai_compatible.base_url"),
            "https://api.groq.com/openai/v1"
        );
        let mut fields = Fields::from([
            ("openai_compatible.preset", "groq"),
            ("openai_compatible.base_url", "http://a/v1"),
        ]);
        take(&mut fields);
        assert_eq!(fields.text("openai_compatible.base_url"), "http://a/v1");
    }

    #[test]
    fn a_secret_can_be_saved_by_itself() {
        for of in SecretField::ALL {
            let what = format!("secret:{}", of.prefix());
            let step = take(&mut Fields::from([("do", what.as_str())]));
            assert_eq!(step, Step::SaveSecret(*of));
        }
        let step = take(&mut Fields::from([("do", "secret:nothing")]));
        assert_eq!(step, Step::Show);
    }
    #[test]
    fn the_upstreams_list_goes_when_the_catalogs_is_asked_for() {
        let listed = [
            ("type", "openai"),
            ("listed_by", "openai  "),
            ("listed", "a"),
        ];
        let with = |what: &str| {
            let mut fields = Fields::from(listed);
            fields.push("do", what);
            fields
        };
        let mut fields = with("search");
        assert_eq!(take(&mut fields), Step::Show);
        assert!(fields.has("listed", "a"));
        let mut fields = with("catalog");
        assert_eq!(take(&mut fields), Step::Show);
        assert!(!fields.ticked("listed"));
        assert_eq!(take(&mut with("fetch")), Step::Fetch);
    }
}
