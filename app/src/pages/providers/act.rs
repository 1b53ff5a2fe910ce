//! Switching a provider on and off, and deleting it.

use admin::providers::{BasedOn, ItsTranscripts};
use axum::{extract::Path, response::Response};
use http::StatusCode;

use super::{
    address,
    show::{self, overview::FORGET},
};
use crate::http::{
    failure::Failure,
    fields::{Fields, local_path},
    flash::{Flash, Undo},
    page::Page,
    wrong::Wrong,
};

/// `POST /providers/{id}/enable`
pub(super) async fn enable(
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    switch(&page, &id, &fields, true).await
}

/// `POST /providers/{id}/disable`
pub(super) async fn disable(
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    switch(&page, &id, &fields, false).await
}

async fn switch(
    page: &Page,
    id: &str,
    fields: &Fields,
    enabled: bool,
) -> Result<Response, Failure> {
    let provider = page
        .admin()
        .providers()
        .set_enabled(page.who()?, id, enabled)
        .await?;
    let own = address(id);
    let back = match fields.text("back") {
        "" => own.as_str(),
        back => local_path(back),
    };
    let name = &provider.display_name;
    let (title, detail, undo) = if enabled {
        (
            format!("{name} is enabled"),
            "It takes calls from now on.",
            "disable",
        )
    } else {
        (
            format!("{name} is disabled"),
            "Its callers get 403 from now on; running calls end as they began.",
            "enable",
        )
    };
    let mut flash = Flash::new(title, detail);
    flash.undo = Some(Undo {
        action: format!("{own}/{undo}"),
        back: back.to_owned(),
    });
    Ok(page.go_on(back, flash).await)
}

/// `POST /providers/{id}/delete`
pub(super) async fn delete(
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    let provider = page.admin().providers().get(page.who()?, &id).await?;
    if fields.text("confirm") != provider.id.as_str() {
        let wrong = Wrong::one("confirm", "This is not its id. Nothing was deleted.");
        return show::with_refused_delete(
            &page,
            &id,
            StatusCode::UNPROCESSABLE_ENTITY,
            &fields,
            &wrong,
        )
        .await;
    }
    let its = if fields.ticked(FORGET) {
        ItsTranscripts::Delete
    } else {
        ItsTranscripts::Keep
    };
    page.admin()
        .providers()
        .delete(page.who()?, &id, BasedOn::Newest, its)
        .await?;
    let done = Flash::new(
        format!("{} is deleted", provider.display_name),
        match its {
            ItsTranscripts::Keep => "Its calls and costs stay in the ledger.",
            ItsTranscripts::Delete => {
                "Its transcripts are being deleted for good. Its calls and costs stay in the ledger."
            }
        },
    );
    Ok(page.go_on("/providers", done).await)
}
