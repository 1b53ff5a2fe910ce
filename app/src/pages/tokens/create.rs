//! Making a gateway token, and showing it this once.

use std::collections::BTreeSet;

use admin::{
    AdminError, FieldError,
    tokens::{NewToken, TokenDraft},
};
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;
use secrecy::ExposeSecret;

use super::address;
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
        expiry::{self, ExpiryField, has_expired},
        field::{TextField, Under},
        filters::NARROWED_FROM,
        head::{Crumb, PageHead},
        note::{NoteBox, Tone},
        once_card::{Once, OnceCard, TokenWarning},
    },
    pages::{made_before, providers},
    shell::nav::Place,
};

const FIELDS: &[&str] = &["name", "agent", "user", "provider", "expires_on"];
/// The address of the form.
const NEW: &str = "/new-token";
/// The address of the list.
const LIST: &str = "/tokens";

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
            new: NEW.to_owned(),
            list: LIST,
            of: made_before::TOKEN,
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
                errors.iter_mut().for_each(untick_wanted);
                errors.dedup_by(|one, other| one.message == other.message);
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

/// What is said of a ticked provider that does not exist. It has a box of its own in the form.
fn untick_wanted(error: &mut FieldError) {
    if error.code == "provider_not_found" {
        "untick what is deleted; with nothing ticked the token is for every provider"
            .clone_into(&mut error.message);
    }
}

fn crumbs() -> Vec<Crumb> {
    vec![("Gateway tokens", LIST.to_owned())]
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
    let (provider_error, begins_at_providers) = (wrong.of("provider"), wrong.is_first("provider"));
    Ok(page.html(status, "Create gateway token", Place::Tokens, move || {
        let boxes = boxes(all, &ticked, &provider_error, begins_at_providers);
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
                    <a class="btn ghost" href=LIST>"Cancel"</a>
                </div>
            </form>
        }
    })
        .await)
}

/// A box for each provider. What is ticked and does not exist has one too: left out, it would be a token for
/// every provider.
fn boxes(all: Vec<(String, String)>, ticked: &[String], error: &str, begins_here: bool) -> AnyView {
    let gone: BTreeSet<&String> = ticked
        .iter()
        .filter(|id| !id.trim().is_empty() && !all.iter().any(|(there, _)| there == *id))
        .collect();
    if all.is_empty() && gone.is_empty() {
        return html! { <p class="help">"There are no providers yet. The token may use each one that is made later."</p> };
    }
    let narrow = (all.len() > NARROWED_FROM)
        .then(|| html! { <NarrowBoxes label="Find a provider".to_owned()/> });
    let gone = gone.into_iter().map(|id| {
        let label = html! { <code>{id.clone()}</code>" (deleted)" };
        (id.clone(), label)
    });
    // Those that are ticked stand where one sees them.
    let (on, off): (Vec<_>, Vec<_>) = all.iter().partition(|(id, _)| ticked.contains(id));
    let there = on.into_iter().chain(off).map(|(id, name)| {
        let label = html! { {name.clone()}" "<code class="muted">{id.clone()}</code> };
        (id.clone(), label)
    });
    let is_wrong = !error.is_empty();
    let boxes = gone.chain(there).enumerate().map(|(place, (id, label))| {
        let on = ticked.contains(&id);
        html! {
            <label class="check">
                <input type="checkbox" name="provider" value=id checked=on aria-invalid=is_wrong.then_some("true")
                    aria-describedby="provider-about" autofocus=begins_here && place == 0/>
                <span>{label}</span>
            </label>
        }
    });
    html! { {narrow}<div class="boxes many">{boxes.collect_view()}</div> }
}

/// The token, this once. The way on opens when one says that it is saved.
async fn made(page: &Page, new: &NewToken) -> Response {
    let once = Once {
        title: "Copy the token now",
        id: "token",
        plain: new.plain.expose_secret().to_owned(),
        copy: "Copy token",
        did: "saved",
        done: LIST,
        own_page: Some(address(&new.token.id.to_string())),
    };
    let name = new.token.name.clone();
    let expired = has_expired(new.token.expires_at, time::now());
    page.html(StatusCode::OK, "Gateway token made", Place::Tokens, move || {
        html! {
            <PageHead title=format!("{name} is made") crumbs=crumbs() here=name/>
            <OnceCard once=once warning=html! { <TokenWarning/> }>
                <p class="soft">
                    "Applications show it where their SDK expects the API key: as "<code>"Authorization: Bearer"</code>
                    ", with Anthropic’s SDK as "<code>"x-api-key"</code>", or in "<code>"x-weir-token"</code>" with any of them."
                </p>
                {expired.then(|| html! { <NoteBox tone=Tone::Bad>"It has expired already."</NoteBox> })}
            </OnceCard>
        }
    })
        .await
}
