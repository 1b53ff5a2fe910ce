//! Before and after, field by field. What is nested has a line of its own for each of its fields, found by
//! names that stay when a list is sorted anew: `Models › gpt-4o › Rates › Input`.

use std::collections::BTreeMap;

use admin::audit::AuditView;
use leptos::prelude::*;
use serde_json::Value;

use super::words::plain;
use crate::format::count::plural;

/// One field, before and after. `None`: it was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    field: String,
    before: Option<String>,
    after: Option<String>,
}

impl Line {
    fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// Every field of either, in the order in which they stand there.
fn lines(before: Option<&Value>, after: Option<&Value>) -> Vec<Line> {
    let flat = |json: Option<&Value>| {
        let mut fields = Vec::new();
        if let Some(json) = json {
            flatten(json, &mut vec![], &mut fields);
        }
        fields
    };
    let (before, after) = (flat(before), flat(after));
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut lines: Vec<Line> = vec![];
    for (is_after, (field, value)) in before
        .into_iter()
        .map(|field| (false, field))
        .chain(after.into_iter().map(|field| (true, field)))
    {
        let place = *places.entry(field.clone()).or_insert_with(|| {
            lines.push(Line {
                field,
                before: None,
                after: None,
            });
            lines.len().saturating_sub(1)
        });
        if let Some(line) = lines.get_mut(place) {
            let side = if is_after {
                &mut line.after
            } else {
                &mut line.before
            };
            *side = Some(value);
        }
    }
    lines
}

fn flatten(json: &Value, path: &mut Vec<String>, fields: &mut Vec<(String, String)>) {
    match json {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                path.push(plain(name));
                flatten(value, path, fields);
                path.pop();
            }
        }
        Value::Array(entries) if entries.iter().any(Value::is_object) => {
            for (place, entry) in entries.iter().enumerate() {
                let name = entry.get("id").or_else(|| entry.get("name"));
                let name = name.and_then(Value::as_str).map(str::to_owned);
                path.push(name.unwrap_or_else(|| place.saturating_add(1).to_string()));
                flatten(entry, path, fields);
                path.pop();
            }
        }
        other => fields.push((path.join(" › "), in_words(other))),
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "not set".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(entries) if entries.is_empty() => "none".to_owned(),
        Value::Array(entries) => entries.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(_) => "none".to_owned(),
    }
}

/// Before and after, side by side.
#[component]
pub(super) fn Difference(row: AuditView) -> impl IntoView {
    let (before, after) = (row.before.as_ref(), row.after.as_ref());
    if before.is_none() && after.is_none() {
        return html! { <p class="soft">"Nothing of it is kept but what stands at the side."</p> };
    }
    let (changed, same): (Vec<Line>, Vec<Line>) =
        lines(before, after).into_iter().partition(Line::is_changed);
    let note = match (before, after) {
        (None, Some(_)) => Some("It was not there before."),
        (Some(_), None) => Some("It is gone."),
        _ if changed.is_empty() => Some("No field that is shown has changed."),
        _ => None,
    };
    let (was, is) = (before.is_some(), after.is_some());
    let count = plural(same.len(), "field", "fields");
    html! {
        {note.map(|note| html! { <p class="soft">{note}</p> })}
        {(!changed.is_empty()).then(|| html! { <Fields lines=changed was=was is=is label="What changed"/> })}
        {(!same.is_empty()).then(|| html! {
            <details class="fold">
                <summary>{format!("{count} unchanged")}</summary>
                <Fields lines=same was=was is=is label="What did not change"/>
            </details>
        })}
    }
}

#[component]
fn Fields(lines: Vec<Line>, was: bool, is: bool, label: &'static str) -> impl IntoView {
    let rows = lines.into_iter().map(|line| {
        let changed = line.is_changed() && was && is;
        let mark = changed.then(|| html! { <span class="sr">" changed"</span> });
        html! {
            <tr class=changed.then_some("changed")>
                <th scope="row">{line.field}{mark}</th>
                {was.then(|| html! { <td class="before">{side(line.before, changed, true)}</td> })}
                {is.then(|| html! { <td class="after">{side(line.after, changed, false)}</td> })}
            </tr>
        }
    });
    html! {
        <div class="table-wrap scroll" role="region" aria-label=label tabindex="0">
            <table class="difference">
                <thead>
                    <tr>
                        <th scope="col">"Field"</th>
                        {was.then(|| html! { <th scope="col">"Before"</th> })}
                        {is.then(|| html! { <th scope="col">"After"</th> })}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
}

fn side(value: Option<String>, changed: bool, before: bool) -> AnyView {
    match value {
        None => {
            html! { <span class="muted">{if before { "not there yet" } else { "gone" }}</span> }
        }
        Some(value) if changed && before => html! { <del>{value}</del> },
        Some(value) if changed => html! { <ins>{value}</ins> },
        Some(value) => html! { <span>{value}</span> },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Line, lines};

    fn line(field: &str, before: Option<&str>, after: Option<&str>) -> Line {
        Line {
            field: field.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    }

    #[test]
    fn nested_fields_have_lines_of_their_own_and_lists_are_matched_by_id() {
        let before =
            json!({"enabled": true, "models": [{"id": "a", "rates": {"input": "1"}}, {"id": "b"}]});
        let after = json!({"enabled": true, "models": [{"id": "b"}, {"id": "a", "rates": {"input": "2", "output": null}}]});
        assert_eq!(
            lines(Some(&before), Some(&after)),
            [
                line("Enabled", Some("yes"), Some("yes")),
                line("Models › a › Id", Some("a"), Some("a")),
                line("Models › a › Rates › Input", Some("1"), Some("2")),
                line("Models › b › Id", Some("b"), Some("b")),
                line("Models › a › Rates › Output", None, Some("not set")),
            ]
        );
    }

    #[test]
    fn what_was_made_has_no_before_and_what_is_gone_no_after() {
        let json = json!({"name": "ci", "providers": [], "scopes": ["a", "b"], "agent": ""});
        let made = lines(None, Some(&json));
        assert!(
            made.iter()
                .all(|line| line.before.is_none() && line.is_changed())
        );
        let gone = lines(Some(&json), None);
        let values: Vec<_> = gone.iter().map(|line| line.before.as_deref()).collect();
        assert_eq!(values.len(), 4);
        for value in ["ci", "none", "a, b", "empty"] {
            assert!(values.contains(&Some(value)), "{value}");
        }
        assert!(lines(None, None).is_empty());
    }
}
