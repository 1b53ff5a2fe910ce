//! Changing a provider.

use admin::{AdminError, providers::BasedOn};
use axum::{extract::Path, response::Response};
use http::StatusCode;

use super::{
    doubt,
    draft::{draft, form_field},
    fetch, saved, secrets, status_of,
    steps::{self, Step},
    view::{Mode, Shown, answer},
};
use crate::{
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::note::Tone,
    pages::providers::address,
    provider_form::secret_field::SecretField,
};

/// `GET /providers/{id}/edit`
pub(crate) async fn show(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let provider = page.admin().providers().get(page.who()?, &id).await?;
    let mode = Mode::Edit {
        id,
        name: provider.display_name.clone(),
    };
    let fields = saved::fields_of(&provider);
    let nothing = Wrong::NOTHING;
    let shown = Shown::new(mode, &fields, &nothing);
    answer(&page, StatusCode::OK, shown).await
}

/// `POST /providers/{id}/edit`
pub(crate) async fn submit(
    page: Page,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Result<Response, Failure> {
    let provider = page.admin().providers().get(page.who()?, &id).await?;
    let mode = Mode::Edit {
        id: id.clone(),
        name: provider.display_name.clone(),
    };
    // Whatever was sent, these never change.
    fields.set("id", provider.id.as_str());
    fields.set("type", provider.provider_type.key());
    let mut notes = vec![];
    let mut wrong = Wrong::NOTHING;
    let mut listing = fetch::Listing::default();
    let mut status = None;
    match steps::take(&mut fields) {
        Step::Show => {}
        Step::Wrong(field, words) => wrong.add(field, words),
        Step::SaveSecret(of) => {
            // Values are not sent back: what else is complete is saved rather than lost.
            let mut asked = secrets::complete(&fields);
            asked.retain(|other| *other != of);
            asked.push(of);
            let saved = secrets::save(&page, &mut fields, &asked).await?;
            (wrong, notes) = (saved.wrong, saved.notes);
        }
        Step::Fetch => {
            let (saved, told) = fetch::ask(&page, &mut fields).await?;
            (wrong, notes, listing) = (saved.wrong, saved.notes, told);
        }
        Step::Save => {
            let of_it = SecretField::that_count(&fields);
            let saved = secrets::save(&page, &mut fields, of_it).await?;
            (wrong, notes) = (saved.wrong, saved.notes);
            if wrong.is_empty() {
                match save(&page, &id, &fields).await {
                    Ok(response) => return Ok(response),
                    Err(AdminError::VersionConflict { current }) => {
                        fields.set("version", current.to_string());
                        notes.push((Tone::Bad, CONFLICT.to_owned()));
                        status = Some(StatusCode::PRECONDITION_FAILED);
                    }
                    Err(error) => {
                        wrong = Wrong::read_as(error, |error| form_field(error, &fields))?;
                    }
                }
            }
        }
    }
    let status = status.unwrap_or_else(|| status_of(&wrong));
    let shown = Shown {
        notes,
        listing,
        ..Shown::new(mode, &fields, &wrong)
    };
    answer(&page, status, shown).await
}

/// What is said where somebody else was quicker.
const CONFLICT: &str = "Somebody else has changed this provider since you opened it. Nothing of yours is saved yet. Save again to put what \
    stands here in the place of their change, or open the page anew to see it.";

async fn save(page: &Page, id: &str, fields: &Fields) -> Result<Response, AdminError> {
    let Ok(who) = page.who() else {
        return Err(AdminError::SignInFailed);
    };
    let based_on = fields
        .text("version")
        .parse()
        .map_or(BasedOn::Newest, BasedOn::version);
    let current = page.admin().providers().get(who, id).await?;
    let mut draft = draft(fields);
    // The form does not show it: switching on and off is an act of its own.
    draft.enabled = Some(current.enabled);
    let provider = page
        .admin()
        .providers()
        .replace(who, id, based_on, &draft)
        .await?;
    let done = if provider.version == current.version {
        Flash::new("Nothing was changed", "What you saved is what it was.")
    } else {
        Flash::new(
            format!("{} is saved", provider.display_name),
            doubt(fields).unwrap_or_else(|| "Calls that begin from now on follow it.".to_owned()),
        )
    };
    Ok(page.go_on(&address(id), done).await)
}
