//! Making a gateway token, and showing it this once.

use admin::{
    AdminError,
    tokens::{NewToken, TokenDraft},
};
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use secrecy::ExposeSecret;

use super::{address, list::has_expired};
use crate::{
    format::{time, zone::Zone},
    http::{
        failure::Failure,
        fields::Fields,
        once::{self, Taken},
        page::{Page, shown_once},
        wrong::Wrong,
    },
    islands::NarrowBoxes,
    kit::{
        copy::CopyWide,
        expiry::{self, ExpiryField},
        field::{TextField, Under},
        filters::NARROWED_FROM,
        head::{Crumb, PageHead},
        note::{NoteBox, Tone},
    },
    pages::{made_before, providers},
    shell::nav::Place,
};

const FIELDS: &[&str] = &["name", "agent", "user", "provider", "expires_on"];
/// The address of the form.
const NEW: &str = "/new-token";

/// `GET /new-token`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let query = page.query().clone();
    form(&page, StatusCode::OK, &query, &Wrong::NOTHING).await
}

/// `POST /new-token`
pub(super) async fn submit(page: Page, fields: Fields) -> Result<Response, Failure> {
    let who = page.who()?;
    let id = fields.text(once::FIELD);
    if let Taken::Again(made) = once::take(page.session(), id).await? {
        let form = made_before::Form {
            place: Place::Tokens,
            crumbs: crumbs(),
            new: NEW,
            list: "/tokens",
        };
        return Ok(made_before::answer(&page, form, made).await);
    }
    match page
        .admin()
        .tokens()
        .create(who, &draft(&fields, &page.zone()))
        .await
    {
        Ok(new) => {
            let own_page = address(&new.token.id.to_string());
            once::note_made(page.session(), id, &own_page).await;
            Ok(shown_once(made(&page, &new).await))
        }
        Err(mut error) => {
            once::give_back(page.session(), id).await?;
            if let AdminError::Invalid(errors) = &mut error {
                errors.iter_mut().for_each(expiry::day_wanted);
            }
            let wrong = Wrong::read_as(error, |error| match error.field.as_str() {
                "expires_at" => "expires_on".to_owned(),
                field if field.starts_with("providers") => "provider".to_owned(),
                field => field.to_owned(),
            })?;
            form(
                &page,
                StatusCode::UNPROCESSABLE_ENTITY,
                &fields,
                &wrong.in_order(FIELDS),
            )
            .await
        }
    }
}

fn crumbs() -> Vec<Crumb> {
    vec![("Gateway tokens", "/tokens".to_owned())]
}

fn draft(fields: &Fields, zone: &Zone) -> TokenDraft {
    let text = |name| Some(fields.text(name).to_owned());
    let ticked: Vec<String> = fields.all("provider").map(str::to_owned).collect();
    TokenDraft {
        name: text("name"),
        agent: text("agent"),
        user: text("user"),
        // As the form says: none ticked is every one.
        providers: (!ticked.is_empty()).then_some(ticked),
        expires_at: expiry::read(fields, zone),
        unreadable: vec![],
    }
}

async fn form(
    page: &Page,
    status: StatusCode,
    fields: &Fields,
    wrong: &Wrong,
) -> Result<Response, Failure> {
    let all = providers::names(page).await?;
    let typed = |name| wrong.typed(fields, name);
    let (name, agent, user) = (typed("name"), typed("agent"), typed("user"));
    let focus = wrong.is_empty();
    let ticked: Vec<String> = fields.all("provider").map(str::to_owned).collect();
    let expiry = expiry::typed(fields, wrong);
    let provider_error = wrong.of("provider");
    Ok(page.html(status, "Create gateway token", Place::Tokens, move || {
        let boxes = if all.is_empty() {
            html! { <p class="help">"There are no providers yet. The token may use each one that is made later."</p> }
        } else {
            let narrow = (all.len() > NARROWED_FROM).then(|| html! { <NarrowBoxes label="Find a provider".to_owned()/> });
            // Those that are ticked stand where one sees them.
            let (on, off): (Vec<_>, Vec<_>) = all.into_iter().partition(|(id, _)| ticked.contains(id));
            let boxes = on.into_iter().chain(off).map(|(id, label)| {
                let on = ticked.contains(&id);
                html! {
                    <label class="check">
                        <input type="checkbox" name="provider" value=id.clone() checked=on/>
                        <span>{label}" "<code class="muted">{id}</code></span>
                    </label>
                }
            });
            html! { {narrow}<div class="boxes many">{boxes.collect_view()}</div> }
        };
        html! {
            <PageHead title="Create gateway token" crumbs=crumbs() here="Create"/>
            <form class="card narrow" method="post" action=NEW>
                <input type="hidden" name=once::FIELD value=once::issue()/>
                <div class="card-body">
                    <TextField name="name" label="Name" typed=name focus=focus
                        help="For people: which application or whose machine it is for."/>
                    <div class="grid-2">
                        <TextField name="agent" label="Agent" typed=agent optional=true
                            help="The application that its calls count for. Blank: the request may say."/>
                        <TextField name="user" label="User" typed=user optional=true
                            help="The person that its calls count for. Blank: the request may say."/>
                    </div>
                    <fieldset class="field wide" aria-describedby="provider-about">
                        <legend class="label">"Providers that it may use"</legend>
                        {boxes}
                        <Under id="provider-about" error=provider_error help="None ticked: every provider, also those made later.".to_owned()/>
                    </fieldset>
                    <ExpiryField typed=expiry/>
                </div>
                <div class="card-foot">
                    <button class="btn primary" type="submit">"Create token"</button>
                    <a class="btn ghost" href="/tokens">"Cancel"</a>
                </div>
            </form>
        }
    })
        .await)
}

/// The token, this once. The way on opens when one says that it is saved.
async fn made(page: &Page, new: &NewToken) -> Response {
    let plain = new.plain.expose_secret().to_owned();
    let name = new.token.name.clone();
    let own_page = address(&new.token.id.to_string());
    let expired = has_expired(&new.token, time::now());
    page.html(StatusCode::OK, "Gateway token made", Place::Tokens, move || {
        html! {
            <PageHead title=format!("{name} is made") crumbs=crumbs() here=name/>
            <section class="card narrow once" aria-labelledby="once-title">
                <div class="card-head"><h2 id="once-title">"Copy the token now"</h2></div>
                <div class="card-body">
                    <NoteBox tone=Tone::Warning>
                        <b>"It is shown this once."</b>" Weir keeps only a hash of it, so nobody can read it again. If it is lost, revoke it and make another."
                    </NoteBox>
                    <div class="plain-token">
                        <code id="token" class="break">{plain.clone()}</code>
                        <CopyWide text=plain label="Copy token"/>
                    </div>
                    <p class="soft">
                        "Applications show it where their SDK expects the API key: as "<code>"Authorization: Bearer"</code>
                        ", with Anthropic’s SDK as "<code>"x-api-key"</code>", or in "<code>"x-weir-token"</code>" with any of them."
                    </p>
                    {expired.then(|| html! { <NoteBox tone=Tone::Bad>"It has expired already."</NoteBox> })}
                    <label class="check"><input type="checkbox" id="saved"/><span>"I saved it"</span></label>
                </div>
                <div class="card-foot">
                    <span class="help until-saved">"Say that you saved it, and you can go on."</span>
                    <a class="btn primary when-saved" href="/tokens">"Done"</a>
                    <a class="btn ghost when-saved" href=own_page>"Open the token’s page"</a>
                </div>
            </section>
        }
    })
        .await
}
