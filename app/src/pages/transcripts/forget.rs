//! Deleting for good: one conversation, all of a provider, all before a day. Each says first how many
//! transcripts go, and that what the calls cost stays.

use admin::{AdminError, transcripts::Forget};
use axum::{extract::Path, response::Response};
use domain::ProviderId;
use http::StatusCode;
use leptos::prelude::*;

use super::{
    address::{self, DELETE, PATH},
    recording::plural_transcripts,
    table,
};
use crate::{
    format::{time, zone::Zone},
    http::{failure::Failure, fields::Fields, flash::Flash, page::Page, wrong::Wrong},
    kit::{
        danger::{DangerZone, DangerZoneProps},
        field::Typed,
        filters::Choice,
        head::PageHead,
        icon::{Drawn, Icon},
        note::{NoteBox, Tone},
    },
    pages::providers,
    shell::nav::Place,
};

/// All of this provider.
const PROVIDER: &str = "provider";
/// All before this day.
const BEFORE: &str = "before";
/// What stays, said wherever something goes.
const STAYS: &str = "Calls and their costs stay, and so do all figures of Cost & Usage. What is deleted does not come back.";

/// `GET /transcripts/{id}/delete`
pub(super) async fn ask_one(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let (who, transcripts) = (page.who()?, page.admin().transcripts());
    let conversation = transcripts.summary(who, &id).await?;
    let count = transcripts
        .count(who, &Forget::Conversation(conversation.id))
        .await?;
    let path = address::of(&id);
    let words = format!(
        "{} of this conversation: what was asked and answered in it.",
        plural_transcripts(count)
    );
    Ok(page
        .html(StatusCode::OK, "Delete a conversation", Place::Transcripts, move || {
            let crumbs = vec![("Transcripts", PATH.to_owned()), ("Conversation", path.clone())];
            let action = format!("{path}/delete");
            html! {
                <PageHead title="Delete this conversation?" crumbs=crumbs here="Delete"/>
                <form class="card narrow" method="post" action=action aria-labelledby="ask-title">
                    <div class="card-head"><h2 id="ask-title">{table::title(conversation.title)}</h2></div>
                    <div class="card-body">
                        <NoteBox tone=Tone::Warning>"This is for good. Nothing is deleted yet."</NoteBox>
                        <p><b>"What goes: "</b>{words}</p>
                        <p class="soft">{STAYS}</p>
                    </div>
                    <div class="card-foot">
                        <button class="btn danger-solid" type="submit"><Drawn icon=Icon::Bin/>"Delete for good"</button>
                        <a class="btn ghost" href=path>"Cancel"</a>
                    </div>
                </form>
            }
        })
        .await)
}

/// `POST /transcripts/{id}/delete`
pub(super) async fn one(page: Page, Path(id): Path<String>) -> Result<Response, Failure> {
    let transcripts = page.admin().transcripts();
    let count = transcripts.forget_conversation(page.who()?, &id).await?;
    Ok(gone(&page, "The conversation is being deleted", count).await)
}

async fn gone(page: &Page, title: &str, count: u64) -> Response {
    let detail = format!("{}, for good. Costs stay.", plural_transcripts(count));
    page.go_on(PATH, Flash::new(title, detail)).await
}

/// What is chosen to be deleted, as the address or the form says.
enum Chosen {
    Nothing,
    Wrong { name: &'static str, words: String },
    What(Forget, Named),
}

/// What is chosen, for people.
struct Named {
    name: &'static str,
    value: String,
    words: String,
}

impl Chosen {
    async fn read(page: &Page, fields: &Fields) -> Result<Self, Failure> {
        let (provider, before) = (fields.text(PROVIDER).trim(), fields.text(BEFORE).trim());
        if !provider.is_empty() {
            return Self::provider(page, provider).await;
        }
        if before.is_empty() {
            return Ok(Self::Nothing);
        }
        Ok(Self::before(before, &page.zone()))
    }

    async fn provider(page: &Page, id: &str) -> Result<Self, Failure> {
        let Ok(known) = ProviderId::new(id) else {
            return Ok(Self::Wrong {
                name: PROVIDER,
                words: "This is no provider’s id.".to_owned(),
            });
        };
        let names = providers::names(page).await?;
        let name = names.into_iter().find(|(key, _)| key == id);
        let words = match name {
            Some((_, name)) => format!("All transcripts of {name}"),
            None => format!("All transcripts of {id}, a provider that is deleted"),
        };
        let named = Named {
            name: PROVIDER,
            value: id.to_owned(),
            words,
        };
        Ok(Self::What(Forget::Provider(known), named))
    }

    fn before(day: &str, zone: &Zone) -> Self {
        let wrong = |words: &str| Self::Wrong {
            name: BEFORE,
            words: words.to_owned(),
        };
        let Some(moment) = zone.moment(day) else {
            return wrong("Write a day, such as 2026-11-01.");
        };
        if moment > time::now() {
            return wrong("This day is yet to come: choose today or an earlier one.");
        }
        let named = Named {
            name: BEFORE,
            value: day.to_owned(),
            words: format!(
                "All transcripts of calls that began before {}",
                zone.exact(moment)
            ),
        };
        Self::What(Forget::Before(moment), named)
    }
}

/// `GET /transcripts/delete`
pub(super) async fn ask(page: Page) -> Result<Response, Failure> {
    let query = page.query().clone();
    answer(&page, &query, StatusCode::OK, Typed::default()).await
}

/// `POST /transcripts/delete`
pub(super) async fn several(page: Page, fields: Fields) -> Result<Response, Failure> {
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let Chosen::What(what, named) = Chosen::read(&page, &fields).await? else {
        return answer(&page, &fields, unprocessable, Typed::default()).await;
    };
    if fields.text("confirm").trim() != named.value {
        let wrong = Wrong::one(
            "confirm",
            format!("This is not {}. Nothing was deleted.", named.value),
        );
        return answer(
            &page,
            &fields,
            unprocessable,
            wrong.typed(&fields, "confirm"),
        )
        .await;
    }
    match page.admin().transcripts().forget(page.who()?, &what).await {
        Ok(count) => Ok(gone(&page, &format!("{} are being deleted", named.words), count).await),
        Err(error @ AdminError::Invalid(_)) => {
            let wrong = Wrong::read_as(error, |_| "confirm".to_owned())?;
            answer(
                &page,
                &fields,
                unprocessable,
                wrong.typed(&fields, "confirm"),
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

/// The form: what is to be deleted; once that is chosen, how many it is, and whether it may.
async fn answer(
    page: &Page,
    fields: &Fields,
    status: StatusCode,
    confirm: Typed,
) -> Result<Response, Failure> {
    let chosen = Chosen::read(page, fields).await?;
    let count = match &chosen {
        Chosen::What(what, _) => Some(page.admin().transcripts().count(page.who()?, what).await?),
        Chosen::Nothing | Chosen::Wrong { .. } => None,
    };
    let status = match &chosen {
        Chosen::Wrong { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Chosen::Nothing | Chosen::What(..) => status,
    };
    let all = providers::names(page).await?;
    let fields = fields.clone();
    let today = page.zone().of_field(time::now());
    Ok(page
        .html(status, "Delete transcripts", Place::Transcripts, move || {
            let form = match chosen {
                Chosen::What(_, named) => confirmation(named, count.unwrap_or_default(), confirm),
                Chosen::Nothing => choice(&all, &fields, None, &today),
                Chosen::Wrong { name, words } => choice(&all, &fields, Some((name, words)), &today),
            };
            let crumbs = vec![("Transcripts", PATH.to_owned())];
            html! {
                <PageHead title="Delete transcripts" lede="For good: from the tables, the search, the log and the free pages of the file." crumbs=crumbs here="Delete"/>
                {form}
            }
        })
        .await)
}

fn choice(
    all: &[Choice],
    fields: &Fields,
    wrong: Option<(&'static str, String)>,
    today: &str,
) -> AnyView {
    let chosen = fields.text(PROVIDER).to_owned();
    let options: Vec<_> = all
        .iter()
        .map(|(id, name)| html! { <option value=id.clone() selected=*id == chosen>{name.clone()}</option> })
        .collect();
    let error = |name: &str| {
        wrong
            .iter()
            .find(|(field, _)| *field == name)
            .map(|(_, words)| words.clone())
            .unwrap_or_default()
    };
    let (of_provider, of_before) = (error(PROVIDER), error(BEFORE));
    let latest: String = today.chars().take(10).collect();
    html! {
        <div class="cols-2">
            <form class="card" method="get" action=DELETE aria-labelledby="of-provider">
                <div class="card-head"><h2 id="of-provider">"All of a provider"</h2></div>
                <div class="card-body">
                    <div class="field">
                        <label for=PROVIDER>"Provider"</label>
                        <select class="input" id=PROVIDER name=PROVIDER aria-describedby="provider-about">{options}</select>
                        <crate::kit::field::Under id="provider-about" error=of_provider help="Of a provider that is deleted: open the list narrowed to it, and delete from there.".to_owned()/>
                    </div>
                </div>
                <div class="card-foot"><button class="btn" type="submit">"See how many"</button></div>
            </form>
            <form class="card" method="get" action=DELETE novalidate aria-labelledby="of-before">
                <div class="card-head"><h2 id="of-before">"All before a day"</h2></div>
                <div class="card-body">
                    <div class="field">
                        <label for=BEFORE>"Calls that began before"</label>
                        <input class="input" type="date" id=BEFORE name=BEFORE max=latest value=fields.text(BEFORE).to_owned() aria-describedby="before-about"
                            aria-invalid=(!of_before.is_empty()).then_some("true") autofocus=!of_before.is_empty()/>
                        <crate::kit::field::Under id="before-about" error=of_before help=format!("The day begins at midnight, {}.", Zone::here().name())/>
                    </div>
                </div>
                <div class="card-foot"><button class="btn" type="submit">"See how many"</button></div>
            </form>
        </div>
        <p class="help">{STAYS}</p>
    }
}

fn confirmation(named: Named, count: u64, confirm: Typed) -> AnyView {
    if count == 0 {
        return html! {
            <NoteBox tone=Tone::Info>{format!("{}: there is none. ", named.words)}<a href=DELETE>"Choose something else"</a></NoteBox>
        };
    }
    let (name, value) = (named.name, named.value.clone());
    let words = format!(
        "{}: {} at the moment.",
        named.words,
        plural_transcripts(count)
    );
    DangerZone(DangerZoneProps {
        title: "Delete for good?".to_owned(),
        action: DELETE.to_owned(),
        expected: named.value,
        button: "Delete for good".to_owned(),
        typed: confirm,
        children: Box::new(move || {
            html! {
                <input type="hidden" name=name value=value/>
                <p><b>{words}</b></p>
                <p>{STAYS}" Nothing is deleted yet."</p>
                <p><a href=DELETE>"Choose something else"</a></p>
            }
        }),
    })
    .into_any()
}
