//! Making a provider.

use admin::providers::ProviderDraft;
use axum::response::{IntoResponse, Response};
use domain::{ProviderId, provider::ProviderType};
use http::StatusCode;

use super::{
    chosen_type,
    draft::{blank, draft, form_field},
    save_new_secret, status_of,
    steps::{self, Step},
    view::{Mode, Shown, answer},
};
use crate::{
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::note::Tone,
    pages::providers::address,
};

/// `GET /new-provider`
pub(crate) async fn show(page: Page) -> Result<Response, Failure> {
    let fields = blank(page.query());
    again(&page, StatusCode::OK, &fields, &Wrong::NOTHING, vec![]).await
}

/// `POST /new-provider`
pub(crate) async fn submit(page: Page, mut fields: Fields) -> Result<Response, Failure> {
    match steps::take(&mut fields) {
        Step::Show => again(&page, StatusCode::OK, &fields, &Wrong::NOTHING, vec![]).await,
        Step::Wrong(field, words) => {
            again(
                &page,
                StatusCode::UNPROCESSABLE_ENTITY,
                &fields,
                &Wrong::one(field, words),
                vec![],
            )
            .await
        }
        Step::SaveSecret(prefix) => {
            let (wrong, notes) = match save_new_secret(&page, &mut fields, &prefix).await? {
                Some(Ok(name)) => (Wrong::NOTHING, vec![saved(&name)]),
                Some(Err(wrong)) => (wrong, vec![]),
                None => (Wrong::NOTHING, vec![]),
            };
            again(&page, status_of(&wrong), &fields, &wrong, notes).await
        }
        Step::Save => save(&page, fields).await,
    }
}

fn saved(name: &str) -> (Tone, String) {
    (
        Tone::Good,
        format!("{name} is saved and chosen. Its value will not be shown again."),
    )
}

async fn save(page: &Page, mut fields: Fields) -> Result<Response, Failure> {
    let mut wrong = Wrong::NOTHING;
    let mut notes = vec![];
    if let Some(ty) = chosen_type(&fields) {
        match save_new_secret(page, &mut fields, ty.key()).await? {
            Some(Ok(name)) => notes.push(saved(&name)),
            Some(Err(refused)) => wrong.extend(refused),
            None => {}
        }
    }
    let draft = draft(&fields);
    if wrong.is_empty() {
        match page.admin().providers().create(page.who()?, &draft).await {
            Ok(provider) => {
                let detail = "Applications reach it at its proxy URL, with a gateway token.";
                let done = Flash::new(format!("{} is made", provider.display_name), detail);
                return Ok(page.go_on(&address(provider.id.as_str()), done).await);
            }
            Err(error) => wrong.extend(Wrong::read_as(error, |error| form_field(error, &fields))?),
        }
    } else {
        // The secret is wrong; what else is wrong is told at once, but for the key that it would have been.
        let others = page.admin().providers().check(page.who()?, &draft).await?;
        for error in others.iter().filter(|error| error.field != "api_key") {
            wrong.add(
                form_field(error, &fields),
                crate::provider_form::notes::sentence(&error.message),
            );
        }
    }
    again(
        page,
        StatusCode::UNPROCESSABLE_ENTITY,
        &fields,
        &wrong,
        notes,
    )
    .await
}

async fn again(
    page: &Page,
    status: StatusCode,
    fields: &Fields,
    wrong: &Wrong,
    notes: Vec<(Tone, String)>,
) -> Result<Response, Failure> {
    answer(
        page,
        status,
        Shown {
            mode: Mode::Create,
            fields,
            wrong,
            notes,
        },
    )
    .await
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
