//! Changing a provider.

use admin::{
    AdminError,
    providers::{BasedOn, Conflict, Part, ProviderDraft, ProviderView},
};
use axum::{extract::Path, response::Response};
use http::StatusCode;

use super::{
    again::{self, Told},
    conflict::{self, Both},
    deleted, doubt,
    draft::{draft, form_field},
    saved, secrets, status_of, steps,
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
    let mut fields = saved::fields_of(&provider.draft());
    fields.push("version", provider.version.to_string());
    let asked = page.query().text("price").to_owned();
    let mut notes = vec![];
    if !asked.is_empty() && !fields.has("model", &asked) {
        notes.push((Tone::Warning, not_listed(&asked)));
    }
    let nothing = Wrong::NOTHING;
    let shown = Shown {
        notes,
        priced: Some(asked),
        unsaved: false,
        ..Shown::new(Mode::of(&provider), &fields, &nothing)
    };
    answer(&page, StatusCode::OK, shown).await
}

fn not_listed(model: &str) -> String {
    format!(
        "{model} is not in this provider’s list of models, so its rates cannot be overridden. Select it under Models first; \
         from then on only selected models may be called."
    )
}

/// `POST /providers/{id}/edit`
pub(crate) async fn submit(
    page: Page,
    Path(id): Path<String>,
    mut fields: Fields,
) -> Result<Response, Failure> {
    let provider = match page.admin().providers().get(page.who()?, &id).await {
        Ok(provider) => provider,
        Err(AdminError::NotFound { .. }) => return deleted::answer(&page, &id, fields).await,
        Err(error) => return Err(error.into()),
    };
    // Whatever was sent, these never change.
    fields.set("id", provider.id.as_str());
    fields.set("type", provider.provider_type.key());
    let step = steps::take(&mut fields);
    let told = match again::carry_out(&page, &mut fields, step).await? {
        Some(told) => told,
        None => {
            let of_it = SecretField::that_count(&fields);
            let mut told = Told::from(secrets::save(&page, &mut fields, of_it).await?);
            if told.wrong.is_empty() {
                match save(&page, &provider, &fields).await? {
                    Outcome::Saved(done) => return Ok(page.go_on(&address(&id), done).await),
                    Outcome::Wrong(of_both, wrong) => (fields, told.wrong) = (of_both, wrong),
                    Outcome::Conflict(conflict, open) => {
                        let both = Both {
                            provider: &provider,
                            fields: &fields,
                            conflict,
                            open,
                        };
                        return Ok(conflict::answer(&page, both, told.notes).await);
                    }
                }
            }
            told
        }
    };
    let shown = Shown {
        notes: told.notes,
        listing: told.listing,
        ..Shown::new(Mode::of(&provider), &fields, &told.wrong)
    };
    answer(&page, status_of(&told.wrong), shown).await
}

/// What came of saving.
enum Outcome {
    /// It is saved, and this is said of it.
    Saved(Flash),
    /// These fields cannot be saved, and why.
    Wrong(Fields, Wrong),
    /// Somebody else has changed it, and one must be asked; the parts that were to be chosen and are not.
    Conflict(Conflict, Vec<Part>),
}

/// Saves what the form holds; on top of what somebody else has saved meanwhile, where that loses nothing of
/// theirs or where it was chosen so.
async fn save(page: &Page, provider: &ProviderView, fields: &Fields) -> Result<Outcome, Failure> {
    let (who, providers) = (page.who()?, page.admin().providers());
    let id = provider.id.as_str();
    let mut draft = draft(fields);
    // The form does not show it: switching on and off is an act of its own.
    draft.enabled = Some(provider.enabled);
    let opened = conflict::opened(fields);
    let based_on = BasedOn::OneOf(opened.into_iter().collect());
    match providers.replace(who, id, based_on, &draft).await {
        Err(AdminError::VersionConflict { .. }) => {}
        Ok(saved) if saved.version == provider.version => {
            let done = Flash::new("Nothing was changed", "What you saved is what it was.");
            return Ok(Outcome::Saved(done));
        }
        Ok(saved) => return Ok(Outcome::Saved(done(&saved, fields))),
        Err(error) => return refused(error, fields.clone()),
    }
    let conflict = match providers.conflict(who, id, opened, &draft).await {
        Ok(conflict) => conflict,
        Err(error) => return refused(error, fields.clone()),
    };
    let answers = conflict.must_be_asked();
    if answers && !conflict::is_answer_to(fields, &conflict) {
        return Ok(Outcome::Conflict(conflict, vec![]));
    }
    let together = match conflict.together(|part| conflict::chosen(fields, part)) {
        Ok(together) => together,
        Err(open) => return Ok(Outcome::Conflict(conflict, open)),
    };
    let current = conflict.current;
    match providers
        .replace(who, id, BasedOn::version(current), &together)
        .await
    {
        Ok(saved) if answers && saved.version == current => {
            let detail = "With your choices it is as the others have saved it.";
            Ok(Outcome::Saved(Flash::new("Nothing was changed", detail)))
        }
        Ok(saved) => Ok(Outcome::Saved(done(&saved, fields))),
        // A third change came in between: it is told like the first.
        Err(AdminError::VersionConflict { .. }) => {
            match providers.conflict(who, id, opened, &draft).await {
                Ok(conflict) => Ok(Outcome::Conflict(conflict, vec![])),
                Err(error) => refused(error, fields.clone()),
            }
        }
        Err(error) => refused(error, fields_of_both(&together, current)),
    }
}

/// The form of two changes together, which are based on the newest version from now on.
fn fields_of_both(together: &ProviderDraft, current: u64) -> Fields {
    let mut fields = saved::fields_of(together);
    fields.push("version", current.to_string());
    fields
}

fn refused(error: AdminError, fields: Fields) -> Result<Outcome, Failure> {
    let wrong = Wrong::read_as(error, |error| form_field(error, &fields))?;
    Ok(Outcome::Wrong(fields, wrong))
}

fn done(saved: &ProviderView, fields: &Fields) -> Flash {
    Flash::new(
        format!("{} is saved", saved.display_name),
        doubt(fields).unwrap_or_else(|| "Calls that begin from now on follow it.".to_owned()),
    )
}
