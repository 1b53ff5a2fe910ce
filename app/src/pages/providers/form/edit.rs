//! Changing a provider.

use admin::{AdminError, providers::BasedOn};
use axum::{extract::Path, response::Response};
use http::StatusCode;

use super::{
    chosen_type,
    draft::{draft, fields_of, form_field},
    save_new_secret, status_of,
    steps::{self, Step},
    view::{Mode, Shown, answer},
};
use crate::{
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::note::Tone,
    pages::providers::address,
};

/// `GET /providers/{id}/edit`
pub(crate) async fn show(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let provider = page.admin().providers().get(page.who()?, &id).await?;
    let mode = Mode::Edit {
        id,
        name: provider.display_name.clone(),
    };
    let fields = fields_of(&provider);
    answer(
        &page,
        StatusCode::OK,
        Shown {
            mode,
            fields: &fields,
            wrong: &Wrong::NOTHING,
            notes: vec![],
        },
    )
    .await
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
    match steps::take(&mut fields) {
        Step::Show => {}
        Step::Wrong(field, words) => wrong.add(field, words),
        Step::SaveSecret(prefix) => {
            note_secret(&page, &mut fields, &prefix, &mut wrong, &mut notes).await?
        }
        Step::Save => {
            if let Some(ty) = chosen_type(&fields) {
                note_secret(&page, &mut fields, ty.key(), &mut wrong, &mut notes).await?;
            }
            if wrong.is_empty() {
                match save(&page, &id, &fields).await {
                    Ok(response) => return Ok(response),
                    Err(AdminError::VersionConflict { current }) => {
                        fields.set("version", current.to_string());
                        let words = "Somebody else has changed this provider since you opened it. Nothing of yours is saved yet. Save again to \
                                     put what stands here in the place of their change, or open the page anew to see it.";
                        notes.push((Tone::Bad, words.to_owned()));
                        let shown = Shown {
                            mode,
                            fields: &fields,
                            wrong: &wrong,
                            notes,
                        };
                        return answer(&page, StatusCode::PRECONDITION_FAILED, shown).await;
                    }
                    Err(error) => {
                        wrong.extend(Wrong::read_as(error, |error| form_field(error, &fields))?)
                    }
                }
            }
        }
    }
    let status = status_of(&wrong);
    answer(
        &page,
        status,
        Shown {
            mode,
            fields: &fields,
            wrong: &wrong,
            notes,
        },
    )
    .await
}

async fn note_secret(
    page: &Page,
    fields: &mut Fields,
    prefix: &str,
    wrong: &mut Wrong,
    notes: &mut Vec<(Tone, String)>,
) -> Result<(), Failure> {
    match save_new_secret(page, fields, prefix).await? {
        Some(Ok(name)) => {
            notes.push((
                Tone::Good,
                format!("{name} is saved and chosen. Its value will not be shown again."),
            ));
        }
        Some(Err(refused)) => wrong.extend(refused),
        None => {}
    }
    Ok(())
}

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
            "Calls that begin from now on follow it.",
        )
    };
    Ok(page.go_on(&address(id), done).await)
}
