//! Further endpoints of a provider: rows of the form. What the form asks for the connection is the first one.
//!
//! | field | holds |
//! |---|---|
//! | `first_endpoint` | the name of the first; empty where there are no others |
//! | `endpoint` (repeated) | a number for each of the others, in order |
//! | `endpoint.{n}.name`, `endpoint.{n}.base_url`, … | what each has for itself |
//! | `endpoint.{n}.credentials` | JSON as the API has it; empty: those of the first |
//! | `endpoint.{n}.project` | empty: that of the first |

use admin::{
    FieldError,
    providers::{CredentialsDraft, EndpointDraft, ProviderDraft},
};
use domain::provider::{ENDPOINTS_MAX, ProviderType};

use super::{chosen_type, saved};
use crate::{http::fields::Fields, provider_form::notes::sentence};

mod view;

pub(super) use view::Endpoints;

/// The field with the name of the first endpoint.
pub(super) const FIRST: &str = "first_endpoint";
/// The field with the number of another.
const ROW: &str = "endpoint";

/// What an endpoint of a type is asked for, beside name and address.
const fn asks(ty: ProviderType) -> &'static [&'static str] {
    match ty {
        ProviderType::OpenAi
        | ProviderType::Anthropic
        | ProviderType::GoogleAi
        | ProviderType::OpenAiCompatible
        | ProviderType::Cohere => &["key"],
        ProviderType::AzureOpenAi => &["key", "credentials", "api_version", "data_zone"],
        ProviderType::Bedrock => &["region", "credentials"],
        ProviderType::VertexAi => &["location", "project", "credentials"],
    }
}

/// Whether a field of a row names the secret with its key.
pub(super) fn is_key(name: &str) -> bool {
    is_of_row(name, ".key")
}

/// Whether a field of a row holds credentials as JSON.
pub(super) fn is_credentials(name: &str) -> bool {
    is_of_row(name, ".credentials")
}

fn is_of_row(name: &str, part: &str) -> bool {
    let of_rows = name
        .strip_prefix(ROW)
        .and_then(|rest| rest.strip_prefix('.'));
    of_rows.is_some_and(|rest| rest.ends_with(part))
}

fn field(row: &str, name: &str) -> String {
    format!("{ROW}.{row}.{name}")
}

/// One row more. The first endpoint gets a name, since it needs one now.
pub(super) fn add(fields: &mut Fields) {
    if fields.text(FIRST).is_empty() {
        fields.set(FIRST, "first");
    }
    if fields.all(ROW).count() >= ENDPOINTS_MAX.saturating_sub(1) {
        return;
    }
    let numbers = fields.all(ROW).filter_map(|row| row.parse::<u32>().ok());
    let next = numbers.max().map_or(2, |last| last.saturating_add(1));
    fields.push(ROW, next.to_string());
}

/// One row less. With the last of them the first one's name goes, too.
pub(super) fn remove(fields: &mut Fields, row: &str) {
    *fields = std::mem::take(fields).without_value(ROW, row);
    let prefix = field(row, "");
    fields.keep(|name, _| !name.starts_with(&prefix));
    if fields.all(ROW).next().is_none() {
        fields.remove(FIRST);
    }
}

/// The first endpoint goes, and the second one's fields become those of the connection.
///
/// # Errors
/// The field that cannot be read, which would be lost, and what is wrong with it.
pub(super) fn remove_first(fields: &mut Fields) -> Result<(), (String, String)> {
    let mut draft = super::draft::draft(fields);
    if let Some(error) = draft.unreadable.first() {
        let field = super::draft::form_field(error, fields);
        return Err((field, sentence(&error.message)));
    }
    if draft.endpoints.len() < 2 {
        return Ok(());
    }
    draft.endpoints.remove(0);
    let of_type = format!("{}.", draft.provider_type.as_deref().unwrap_or_default());
    let of_rows = format!("{ROW}.");
    let moves = |name: &str| {
        name == FIRST || name == ROW || name.starts_with(&of_rows) || name.starts_with(&of_type)
    };
    let mut moved = saved::fields_of(&draft);
    moved.keep(|name, _| moves(name));
    if draft.endpoints.len() == 1 {
        moved.remove(FIRST);
    }
    fields.keep(|name, _| !moves(name));
    for (name, value) in moved.iter() {
        fields.push(name, value);
    }
    Ok(())
}

/// Puts the endpoints of the form into a draft that has the first one's fields.
pub(super) fn draft(fields: &Fields, draft: &mut ProviderDraft) {
    let rows: Vec<&str> = fields.all(ROW).collect();
    if rows.is_empty() && fields.text(FIRST).is_empty() {
        return;
    }
    let asked = chosen_type(fields).map_or(&[][..], asks);
    let asked = |what: &str| asked.contains(&what);
    let first = EndpointDraft {
        name: Some(fields.text(FIRST).to_owned()),
        region: draft.region.take(),
        location: draft.location.take(),
        // Of other types it is the provider's.
        project: asked("project").then(|| draft.project.take()).flatten(),
        base_url: draft.base_url.take(),
        api_key: draft.api_key.take(),
        credentials: draft.credentials.take(),
        api_version: draft.api_version.take(),
        data_zone: draft.data_zone.take(),
    };
    let mut endpoints = vec![];
    for (index, row) in (1..).zip(rows) {
        let text = |name: &str| Some(fields.text(&field(row, name)).to_owned());
        let credentials = match fields.text(&field(row, "credentials")) {
            "" if fields.text(&field(row, "key")).is_empty() => first.credentials.clone(),
            "" => None,
            typed => CredentialsDraft::typed(&format!("endpoints[{index}].credentials"), typed)
                .map_err(|errors: Vec<FieldError>| draft.unreadable.extend(errors))
                .ok(),
        };
        let text_of_type = |name: &str| asked(name).then(|| text(name)).flatten();
        let project = match fields.text(&field(row, "project")) {
            "" => first.project.clone(),
            project => Some(project.to_owned()),
        };
        endpoints.push(EndpointDraft {
            name: text("name"),
            region: text_of_type("region"),
            location: text_of_type("location"),
            project: project.filter(|_| asked("project")),
            base_url: text("base_url"),
            api_key: text_of_type("key"),
            credentials: credentials.filter(|_| asked("credentials")),
            api_version: text_of_type("api_version"),
            data_zone: text_of_type("data_zone"),
        });
    }
    endpoints.insert(0, first);
    draft.endpoints = endpoints;
}

/// The form's fields for the endpoints of a draft but the first.
pub(super) fn fields_of(draft: &ProviderDraft) -> Vec<(String, String)> {
    let Some((first, others)) = draft.endpoints.split_first() else {
        return vec![];
    };
    let mut filled = vec![(FIRST.to_owned(), first.name.clone().unwrap_or_default())];
    for (row, endpoint) in (2..).zip(others) {
        let row = row.to_string();
        filled.push((ROW.to_owned(), row.clone()));
        let own = endpoint
            .credentials
            .as_ref()
            .filter(|own| Some(*own) != first.credentials.as_ref())
            .map(CredentialsDraft::as_typed);
        let project = endpoint.project.clone();
        let project = project.filter(|own| Some(own) != first.project.as_ref());
        for (name, value) in [
            ("name", &endpoint.name),
            ("region", &endpoint.region),
            ("location", &endpoint.location),
            ("project", &project),
            ("base_url", &endpoint.base_url),
            ("key", &endpoint.api_key),
            ("credentials", &own),
            ("api_version", &endpoint.api_version),
            ("data_zone", &endpoint.data_zone),
        ] {
            if let Some(value) = value {
                filled.push((field(&row, name), value.clone()));
            }
        }
    }
    filled
}

/// Where a field of the API is in the form. `Err`: the same field of the provider itself, which is the first
/// endpoint's; `None`: it is no field of an endpoint.
pub(super) fn form_field(name: &str, fields: &Fields) -> Option<Result<String, String>> {
    if name == "endpoints" {
        return Some(Ok(FIRST.to_owned()));
    }
    let (index, rest) = name.strip_prefix("endpoints[")?.split_once(']')?;
    let part = rest.strip_prefix('.').unwrap_or_default();
    let row = match index.parse::<usize>().ok()?.checked_sub(1) {
        None if part == "name" => return Some(Ok(FIRST.to_owned())),
        None => return Some(Err(part.to_owned())),
        Some(row) => fields.all(ROW).nth(row).unwrap_or_default(),
    };
    let part = match part.split('.').next().unwrap_or_default() {
        "api_key" => "key",
        "" => "name",
        part => part,
    };
    Some(Ok(field(row, part)))
}

#[cfg(test)]
mod tests;
