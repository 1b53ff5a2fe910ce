//! A provider that somebody deleted while another had its form open: what was typed becomes a new one.

use admin::{AdminError, Thing};
use axum::response::Response;
use http::StatusCode;

use super::view::{self, Mode, Shown};
use crate::{
    format::time,
    http::{failure::Failure, fields::Fields, page::Page, wrong::Wrong},
    kit::note::Tone,
    pages::audit::actor,
    provider_form::without_new_values,
};

/// Answers the form of a new provider that holds what was typed.
///
/// # Errors
/// [`Failure::Missing`] where there never was such a provider.
pub(super) async fn answer(page: &Page, id: &str, fields: Fields) -> Result<Response, Failure> {
    let deletion = page.admin().providers().deletion(page.who()?, id).await?;
    let Some(deletion) = deletion else {
        let missing = AdminError::NotFound {
            what: Thing::Provider,
            id: id.to_owned(),
        };
        return Err(missing.into());
    };
    let words = format!(
        "{} deleted this provider {}, while you had it open. Nothing that you typed is lost: it stands here, to be made anew. \
         If the id {id} is not free any more, the new one gets another, and with it another proxy URL.",
        actor(&deletion.actor),
        time::relative(deletion.at, time::now()),
    );
    let fields = without_new_values(&fields)
        .with("version", "")
        .with("do", "")
        .with("id", "");
    let nothing = Wrong::NOTHING;
    let shown = Shown {
        notes: vec![(Tone::Bad, words)],
        ..Shown::new(Mode::Create, &fields, &nothing)
    };
    view::answer(page, StatusCode::NOT_FOUND, shown).await
}
