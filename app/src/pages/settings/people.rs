//! The list of people, and letting them in no more or again.

use admin::{Actor, people::PersonView};
use axum::{extract::Path, response::Response};
use domain::{AdminId, Timestamp};
use http::StatusCode;
use leptos::prelude::*;

use super::{Head, Tab};
use crate::{
    format::{count::plural, time},
    http::{
        failure::Failure,
        fields::{Fields, local_path, path_part},
        flash::{Flash, Undo},
        page::Page,
    },
    kit::{
        empty::AllHidden,
        figures::{When, WhenOr},
        filters::{ChoiceFilter, SearchField},
        icon::{Drawn, Icon},
        marks::{Standing, Status},
        menu::{AtOnce, MenuAction, RowMenu},
        pager::{Pager, Slice},
        sort::{Order, SortHead, SortKey},
    },
    pages::audit,
    shell::nav::Place,
};

pub(super) const PATH: &str = "/settings/people";

/// What is done to one person.
pub(super) fn action(id: &str, what: &str) -> String {
    format!("{PATH}/{}/{what}", path_part(id))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Name,
    SignedIn,
    Added,
}

impl SortKey for By {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::SignedIn => "signed_in",
            Self::Added => "added",
        }
    }

    fn first_ascending(self) -> bool {
        self == Self::Name
    }
}

/// How an account stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    Invited,
    Disabled,
}

impl State {
    const ALL: [Self; 3] = [Self::Active, Self::Invited, Self::Disabled];

    const fn of(enabled: bool, has_password: bool) -> Self {
        match (enabled, has_password) {
            (false, _) => Self::Disabled,
            (true, true) => Self::Active,
            (true, false) => Self::Invited,
        }
    }

    const fn standing(self) -> Standing {
        match self {
            Self::Active => Standing::Good,
            Self::Invited | Self::Disabled => Standing::Off,
        }
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Invited => "invited",
            Self::Disabled => "disabled",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Invited => "No password yet",
            Self::Disabled => "Disabled",
        }
    }
}

/// `GET /settings/people`
pub(super) async fn show(page: Page) -> Result<Response, Failure> {
    let who = page.who()?;
    let all = page.admin().people().all(who).await?;
    let own_id = match &who.actor {
        Actor::Person { id, .. } => Some(*id),
        Actor::AdminToken | Actor::System => None,
    };
    let (query, here, now) = (page.query().clone(), page.here().to_owned(), time::now());
    let order = Order::read(
        &query,
        &[By::Name, By::SignedIn, By::Added],
        Order {
            key: By::Name,
            ascending: true,
        },
    );
    let there_are = all.len();
    let mut found: Vec<PersonView> = all
        .into_iter()
        .filter(|person| matches(person, &query))
        .collect();
    sort(&mut found, order);
    let slice = Slice::read(&query, found.len());
    let rows = slice.of(found);
    Ok(page
        .html(StatusCode::OK, "People", Place::Settings, move || {
            let hidden = there_are - slice.total;
            let rows = rows
                .into_iter()
                .map(|person| row(person, own_id, &here, now))
                .collect();
            view(hidden, rows, slice, &query, order)
        })
        .await)
}

fn matches(person: &PersonView, query: &Fields) -> bool {
    let named = person
        .name
        .to_lowercase()
        .contains(&query.text("q").to_lowercase());
    let status = query.text("status").is_empty()
        || query.has(
            "status",
            State::of(person.enabled, person.has_password).key(),
        );
    named && status
}

fn sort(people: &mut [PersonView], order: Order<By>) {
    match order.key {
        By::Name => people.sort_by_key(|person| person.name.to_lowercase()),
        By::SignedIn => people.sort_by_key(|person| person.last_signed_in_at),
        By::Added => people.sort_by_key(|person| (person.created_at, person.id)),
    }
    if !order.ascending {
        people.reverse();
    }
}

fn view(
    hidden: usize,
    rows: Vec<AnyView>,
    slice: Slice,
    query: &Fields,
    order: Order<By>,
) -> AnyView {
    let found = slice.total;
    let statuses = State::ALL.map(|state| (state.key().to_owned(), state.label().to_owned()));
    let body = if rows.is_empty() {
        html! { <AllHidden there_are=hidden one="person" many="people" clear=PATH/> }
    } else {
        html! {
            <div class="table-wrap" role="region" aria-label="Table of people" tabindex="0">
                <table class="table roomy stackable">
                    <thead>
                        <tr>
                            <SortHead label="Person" key=By::Name order=order query=query.clone() path=PATH/>
                            <th scope="col">"Status"</th>
                            <SortHead label="Last signed in" key=By::SignedIn order=order query=query.clone() path=PATH/>
                            <th scope="col">"API tokens"</th>
                            <SortHead label="Added" key=By::Added order=order query=query.clone() path=PATH class="mid-hide"/>
                            <th scope="col"><span class="sr">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <Pager slice=slice query=query.clone() path=PATH.to_owned()/>
        }
    };
    html! {
        <Head tab=Tab::People lede="Who may sign in here. Everybody can do everything; the audit says who did what.">
            <a class="btn" href=audit::of_kind("person")>"Changes"</a>
            <a class="btn primary" href="/settings/people/new" data-key="n"><Drawn icon=Icon::Plus/>"Add person"</a>
        </Head>
        <div class="stack list" data-live="list-chips list-card search-carried">
            <div class="tools">
                <SearchField query=query.clone() path=PATH label="Name"/>
                <div class="chips" id="list-chips">
                    <ChoiceFilter query=query.clone() path=PATH name="status" label="Status" choices=statuses.to_vec()/>
                    <span class="end muted xs tnum" role="status">{plural(found, "person", "people")}</span>
                </div>
            </div>
            <section class="card" id="list-card">{body}</section>
        </div>
    }
}

fn row(person: PersonView, own_id: Option<AdminId>, here: &str, now: Timestamp) -> AnyView {
    let id = person.id.to_string();
    let is_you = own_id == Some(person.id);
    let standing = standing(&person, now);
    let link = person.enabled.then(|| {
        html! { <MenuAction action=action(&id, "link") back=here icon=Icon::Key label="Make a one-time link"/> }
    });
    let cell = format!("status-{id}");
    let at_once = |enabled| {
        let state = State::of(enabled, person.has_password);
        AtOnce {
            element: cell.clone(),
            class: state.standing().class(),
            words: state.label(),
        }
    };
    let switch = if !person.enabled {
        Some(
            html! { <MenuAction action=action(&id, "enable") back=here icon=Icon::Play label="Enable" at_once=at_once(true)/> },
        )
    } else if is_you {
        None
    } else {
        Some(
            html! { <MenuAction action=action(&id, "disable") back=here icon=Icon::Pause label="Disable" at_once=at_once(false)/> },
        )
    };
    html! {
        <tr>
            <td>
                <span class="name">{person.name.clone()}</span>
                {is_you.then(|| html! { " "<span class="badge">"you"</span> })}
            </td>
            <td id=cell>{standing}</td>
            <td class="soft nowrap">
                <span class="only-narrow muted">"Last signed in "</span>
                <WhenOr moment=person.last_signed_in_at now=now none="never"/>
            </td>
            <td class="soft tnum"><span class="only-narrow muted">"API tokens "</span>{person.api_tokens}</td>
            <td class="soft nowrap mid-hide"><span class="only-narrow muted">"Added "</span><When moment=person.created_at now=now/></td>
            <td class="menu-cell">
                <RowMenu id=format!("menu-{id}") of=person.name>{link}{switch}</RowMenu>
            </td>
        </tr>
    }
}

/// How the account stands, with the link that its owner has.
fn standing(person: &PersonView, now: Timestamp) -> AnyView {
    let state = State::of(person.enabled, person.has_password);
    let why = match (state, person.link_expires_at) {
        (State::Disabled, _) | (State::Active, None) => None,
        (State::Active | State::Invited, Some(until)) => Some(
            html! { <span class="why">"one-time link, expires "<When moment=until now=now/></span> },
        ),
        (State::Invited, None) => {
            Some(html! { <span class="why">"The one-time link has expired. Make another."</span> })
        }
    };
    html! { <Status standing=state.standing() label=state.label()/>{why} }
}

/// `POST /settings/people/{id}/disable`
pub(super) async fn disable(
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    switch(&page, &id, &fields, false).await
}

/// `POST /settings/people/{id}/enable`
pub(super) async fn enable(
    page: Page,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Failure> {
    switch(&page, &id, &fields, true).await
}

async fn switch(
    page: &Page,
    id: &str,
    fields: &Fields,
    enabled: bool,
) -> Result<Response, Failure> {
    let people = page.admin().people();
    let person = people.set_enabled(page.who()?, id, enabled).await?;
    let back = match fields.text("back") {
        "" => PATH,
        back => local_path(back),
    };
    let name = &person.name;
    let (title, detail, undo) = if enabled {
        (
            format!("{name} is enabled"),
            "They sign in anew; their API tokens work again.",
            "disable",
        )
    } else {
        (
            format!("{name} is disabled"),
            "Their sessions have ended, and their API tokens are refused.",
            "enable",
        )
    };
    let mut flash = Flash::new(title, detail);
    flash.undo = Some(Undo {
        action: action(id, undo),
        back: back.to_owned(),
    });
    Ok(page.go_on(back, flash).await)
}
