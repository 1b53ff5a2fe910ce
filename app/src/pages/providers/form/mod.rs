//! The form that makes and changes a provider.
//!
//! | file | what for |
//! |---|---|
//! | `steps` | what each button does to what was typed |
//! | `draft`, `saved` | from the form's fields to admin's draft; from a saved provider to the fields |
//! | `secrets` | saving the new secrets that the form holds |
//! | `fetch` | asking the upstream for its models |
//! | `facts` | what the form must know: secrets, models to choose from, prices of what is selected |
//! | `geography`, `regions` | Bedrock's profiles and regions |
//! | `view` | the page; `types`, `bedrock`, `azure`, `vertex`, `models`, `selected` and `pricing` are its larger parts |
//! | `create`, `edit` | the two pages with this form |
//! | `conflict`, `versions` | the page of two changes at once, and what each version has |
//! | `endpoints` | further endpoints: rows that are added and taken away |
//! | `deleted` | the form of a provider that is gone |
//! | `resend` | a form that came after the session had ended |

mod again;
mod azure;
mod bedrock;
mod conflict;
pub(super) mod create;
mod deleted;
mod draft;
pub(super) mod edit;
mod endpoints;
mod facts;
mod fetch;
mod geography;
mod models;
mod pasted;
mod place;
mod pricing;
mod regions;
pub(crate) mod resend;
mod saved;
mod secrets;
mod selected;
mod steps;
mod types;
mod versions;
mod vertex;
mod view;

use domain::provider::ProviderType;
use http::StatusCode;

use crate::{
    http::{fields::Fields, wrong::Wrong},
    provider_form::notes::{Note, on_compatible_address},
};

pub(super) use types::use_when;

/// The type that the form has chosen.
fn chosen_type(fields: &Fields) -> Option<ProviderType> {
    fields.text("type").parse().ok()
}

/// What is said of a provider that is saved, where its address may not be what was meant.
fn doubt(fields: &Fields) -> Option<String> {
    if chosen_type(fields) != Some(ProviderType::OpenAiCompatible) {
        return None;
    }
    let preset = fields.text("openai_compatible.preset");
    match on_compatible_address(preset, fields.text("openai_compatible.base_url")) {
        Note::Warning(words) => Some(words),
        Note::Silent | Note::Busy(_) | Note::Good(_) | Note::Wrong(_) => None,
    }
}

/// The status of a form that is shown again: as it was, or with what is wrong.
fn status_of(wrong: &Wrong) -> StatusCode {
    if wrong.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    }
}
