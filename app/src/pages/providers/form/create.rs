//! Making a provider.

use admin::providers::ProviderDraft;
use axum::response::{IntoResponse, Response};
use domain::{ProviderId, provider::ProviderType};
use http::StatusCode;

use super::{
    again, doubt,
    draft::{draft, form_field},
    saved, secrets, status_of, steps,
    view::{Mode, Shown, answer},
};
use crate::{
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    pages::providers::address,
    provider_form::{notes::sentence, secret_field::SecretField},
};

/// `GET /new-provider`
pub(crate) async fn show(page: Page) -> Result<Response, Failure> {
    let fields = saved::blank(page.query());
    let nothing = Wrong::NOTHING;
    let shown = Shown {
        unsaved: false,
        ..Shown::new(Mode::Create, &fields, &nothing)
    };
    answer(&page, StatusCode::OK, shown).await
}

/// `POST /new-provider`
pub(crate) async fn submit(page: Page, mut fields: Fields) -> Result<Response, Failure> {
    let step = steps::take(&mut fields);
    let Some(told) = again::carry_out(&page, &mut fields, step).await? else {
        return save(&page, fields).await;
    };
    let shown = Shown {
        notes: told.notes,
        listing: told.listing,
        ..Shown::new(Mode::Create, &fields, &told.wrong)
    };
    answer(&page, status_of(&told.wrong), shown).await
}

async fn save(page: &Page, mut fields: Fields) -> Result<Response, Failure> {
    let of_it = SecretField::that_count(&fields);
    let mut saved = secrets::save(page, &mut fields, of_it).await?;
    let draft = draft(&fields);
    if saved.wrong.is_empty() {
        match page.admin().providers().create(page.who()?, &draft).await {
            Ok(provider) => {
                let detail = doubt(&fields).unwrap_or_else(|| {
                    "Applications reach it at its proxy URL, with a gateway token.".to_owned()
                });
                let done = Flash::new(format!("{} is made", provider.display_name), detail);
                return Ok(page.go_on(&address(provider.id.as_str()), done).await);
            }
            Err(error) => {
                saved.wrong = Wrong::read_as(error, |error| form_field(error, &fields))?;
            }
        }
    } else {
        // A secret is wrong; what else is wrong is told at once, but for the reference that it would have been.
        for error in page.admin().providers().check(page.who()?, &draft).await? {
            let field = form_field(&error, &fields);
            if !saved.has_refused(&field) {
                saved.wrong.add(field, sentence(&error.message));
            }
        }
    }
    let shown = Shown {
        notes: saved.notes,
        ..Shown::new(Mode::Create, &fields, &saved.wrong)
    };
    answer(page, StatusCode::UNPROCESSABLE_ENTITY, shown).await
}

/// `GET /new-provider/free-id`: with `name`, the id that it would get; with `id`, whether that is `free`
/// or `taken`. For checks while one types.
pub(crate) async fn free_id(page: Page) -> Result<Response, Failure> {
    let query = page.query();
    let (name, id) = (query.text("name"), query.text("id"));
    let (who, providers) = (page.who()?, page.admin().providers());
    if let Ok(id) = ProviderId::new(id) {
        let asked = ProviderDraft {
            id: Some(id.to_string()),
            ..ProviderDraft::default()
        };
        let errors = providers.check(who, &asked).await?;
        let is_free = errors.iter().all(|error| error.field != "id");
        return Ok(if is_free { "free" } else { "taken" }.into_response());
    }
    if ProviderId::derive(name).is_none() {
        return Ok(String::new().into_response());
    }
    // The type matters only where nothing can be made of the name.
    let suggested = providers
        .suggested_id(who, name, ProviderType::OpenAi)
        .await?;
    Ok(suggested.to_string().into_response())
}
