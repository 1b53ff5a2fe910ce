//! Following the list while calls come: the switch, and what a script asks to know whether there are new ones.

use admin::{
    AdminError,
    calls::{CallQuery, NewCalls},
};
use axum::response::{IntoResponse, Response};
use domain::Timestamp;
use leptos::prelude::*;

use super::{
    list::PATH,
    query::{filters_for_admin, on_purpose},
};
use crate::{
    format::time,
    http::{failure::Failure, fields::Fields, page::Page},
    kit::filters::Carried,
};

/// What the switch is called in the address.
const FOLLOW: &str = "follow";

/// From where a list goes on.
#[derive(Debug, Clone)]
pub(super) struct Following {
    /// The place of the call that was recorded last.
    after: i64,
    /// Where a script asks how many came since.
    address: String,
}

impl Following {
    /// `None`: the list is not followed, or is not its first page.
    pub(super) async fn read(
        page: &Page,
        query: &Fields,
        now: Timestamp,
    ) -> Result<Option<Self>, Failure> {
        if !query.ticked(FOLLOW) || !query.text("cursor").is_empty() {
            return Ok(None);
        }
        let after = page.admin().calls().last_recorded(page.who()?).await?;
        let asked = filters_for_admin(query, &page.zone(), now);
        Ok(Some(Self {
            after,
            address: asked.address("/calls/new"),
        }))
    }
}

/// `GET /calls/new`: how many calls that fit were recorded since, and up to which place was looked:
/// `3 12345`; `many 12345` where too many came to look through.
pub(super) async fn count(page: Page) -> Result<Response, Failure> {
    let query = on_purpose(page.query());
    let asked = filters_for_admin(&query, &page.zone(), time::now());
    let text = asked
        .with("after", query.text("after"))
        .with("since", query.text("since"))
        .with("until", query.text("until"))
        .address("");
    let asked = CallQuery::read(text.trim_start_matches('?'))?;
    let Some(after) = asked.filter.after_recorded_seq else {
        return Err(Failure::NotFound);
    };
    let who = page.who()?;
    let NewCalls { count, up_to } = page
        .admin()
        .calls()
        .new_since(who, &asked.filter, after)
        .await
        .map_err(|error: AdminError| Failure::from(error))?;
    let count = count.map_or_else(|| "many".to_owned(), |count| count.to_string());
    Ok(format!("{count} {up_to}").into_response())
}

/// The switch, and beside it what is going on. It needs script, and is not there without.
#[component]
pub(super) fn Switch(following: Option<Following>, query: Fields) -> impl IntoView {
    let is_on = following.is_some();
    let (after, address) = following
        .map(|it| (it.after.to_string(), it.address))
        .unzip();
    let turn_on = (!is_on).then(|| html! { <input type="hidden" name=FOLLOW value="on"/> });
    let words = if is_on { "New calls come in here" } else { "" };
    html! {
        <div class="follow" id="list-follow" data-follow=after data-new=address>
            <span class="soft" id="follow-words">{words}</span>
            <button class="btn sm" type="button" id="follow-show" hidden=true>"Show new calls"</button>
            <span class="sr" role="status" id="follow-said"></span>
            <form method="get" action=PATH>
                <Carried query=query.with("open", "") without=FOLLOW/>
                {turn_on}
                <button class="switch" type="submit" id="follow-switch" role="switch" aria-checked=if is_on { "true" } else { "false" }>
                    <span class="track" aria-hidden="true"></span>"Follow live"
                </button>
            </form>
        </div>
    }
}
