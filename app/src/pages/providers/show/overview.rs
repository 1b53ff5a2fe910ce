//! The overview of a provider.

use admin::{
    AdminError,
    providers::{ProviderStatus, ProviderUse},
    transcripts::Forget,
};
use axum::response::Response;
use domain::{ProviderId, provider::ProviderType};
use leptos::prelude::*;

use super::{
    Answer, Head, Subject, Tab, connection::Connection, endpoints::Endpoints, test::Verify,
};
use crate::{
    format::{count, money},
    http::{failure::Failure, page::Page},
    kit::{
        danger::DangerZone,
        figures::{Delta, Spent},
        note::{NoteBox, Tone},
        spark::Line,
    },
    pages::{
        providers::{
            address,
            standing::cure,
            week::{self, LastWeek, Week, Weeks},
        },
        repricing, tokens,
        transcripts::recording::plural_counted,
    },
    shell::nav::Place,
};

/// Answers the overview.
///
/// # Errors
/// What admin says.
pub(super) async fn answer(page: &Page, id: &str, answer: Answer<'_>) -> Result<Response, Failure> {
    let who = page.who()?;
    let subject = Subject::read(page, who, id).await?;
    let days = LastWeek::until(subject.now, &page.zone());
    let weeks = week::of_provider(page, who, &subject.provider.id, days).await?;
    let endpoints = page.admin().providers().endpoints(who, id).await?;
    let used_by = page.admin().providers().used_by(who, id).await?;
    let said = transcripts_of(page, &subject.provider.id).await?;
    let confirm = answer.wrong.typed(answer.fields, "confirm");
    let (fields, wrong) = (answer.fields.clone(), answer.wrong.clone());
    let forget = fields.ticked(FORGET);
    let title = subject.provider.display_name.clone();
    Ok(page.html(answer.status, &title, Place::Providers, move || {
        let provider = subject.provider.clone();
        let now = subject.now;
        let status = subject.status.clone();
        let id = provider.id.to_string();
        let attention = match &subject.status {
            ProviderStatus::NeedsAttention(reason) => {
                let words = cure(&id, reason.clone(), now);
                Some(html! { <NoteBox tone=Tone::Bad>{words}</NoteBox> })
            }
            ProviderStatus::Active | ProviderStatus::Disabled => None,
        };
        let unpriced = (weeks.spend.unpriced > 0).then(|| {
            let words = format!("Without a price in these days: {}. ", repricing::calls(weeks.spend.unpriced));
            let href = repricing::for_unpriced(&[("provider", &id)], Some(days.beginning()), None);
            html! { <NoteBox tone=Tone::Info>{words}<a href=href>"Price again"</a>" once the models have rates."</NoteBox> }
        });
        html! {
            <Head subject=subject tab=Tab::Overview/>
            {attention}
            <Strip weeks=weeks ty=provider.provider_type id=id.clone() days=days/>
            {unpriced}
            <Endpoints id=id.clone() health=endpoints now=now/>
            <div class="cols-2">
                <Connection provider=provider.clone() status=status now=now/>
                <Verify provider=provider.clone() tested=answer.tested fields=fields wrong=wrong/>
            </div>
            <DangerZone title="Delete this provider" action=format!("{}/delete", address(&id)) expected=id button="Delete provider" typed=confirm>
                {what_breaks(used_by)}
                {said.map(|count| what_was_said(count, forget))}
            </DangerZone>
        }
    })
        .await)
}

/// The field that says that what was said to a provider is to be deleted with it.
pub(in crate::pages::providers) const FORGET: &str = "transcripts";

/// How many transcripts a provider has. `None`: that cannot be told at the moment.
async fn transcripts_of(page: &Page, id: &ProviderId) -> Result<Option<u64>, Failure> {
    let of_it = Forget::Provider(id.clone());
    match page.admin().transcripts().count(page.who()?, &of_it).await {
        Ok(count) => Ok(Some(count)),
        Err(AdminError::TranscriptsUnavailable) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Asks whether what was said to the provider goes with it.
fn what_was_said(count: u64, forget: bool) -> Option<AnyView> {
    let kept = plural_counted(count);
    (count > 0).then(|| {
        html! {
            <label class="check">
                <input type="checkbox" name=FORGET value="on" checked=forget/>
                <span>{format!("Delete its {kept} for good, too. Otherwise they stay as long as transcripts are kept.")}</span>
            </label>
        }
    })
}

/// The last seven days: spend, requests, tokens; of a provider, or of whatever else calls are filtered by.
#[component]
pub(in crate::pages) fn Strip(
    weeks: Weeks,
    #[prop(into)] ty: Option<ProviderType>,
    /// By what calls are filtered.
    #[prop(default = "provider")]
    of: &'static str,
    id: String,
    days: LastWeek,
) -> impl IntoView {
    let usage = LastWeek::usage([(of, &id)]);
    let of_figure = usage.clone();
    let unpriced = days.calls([(of, &id), ("price_state", "unpriced")]);
    let words = days.in_words();
    let spend = weeks.spend.money();
    let tokens = weeks.tokens.total;
    let missing = weeks.spend.unpriced;
    let no_calls = "no calls";
    let no_spend = match (weeks.requests.total, missing) {
        (0, _) => no_calls,
        (_, 0) => "nothing was billed",
        (_, _) => "no call has a rate",
    };
    html! {
        <section class="stack tight" aria-labelledby="week-title">
            <div class="row"><h2 id="week-title">"Last 7 days"</h2><span class="muted xs">{words}</span></div>
            <div class="stats">
                <Stat title="TOTAL SPEND" exact=money::hover(spend) week=weeks.spend ty=ty label="Spend per day" none=no_spend
                    more=usage.clone()>
                    <Spent amount=spend unpriced=missing href=unpriced usage=of_figure/>
                </Stat>
                <Stat title="REQUESTS" exact=String::new() week=weeks.requests.clone() ty=ty label="Requests per day" none=no_calls
                    more=usage.clone()>
                    {count::grouped(weeks.requests.total)}
                </Stat>
                <Stat title="TOKENS" exact=format!("{} tokens", count::grouped(tokens)) week=weeks.tokens ty=ty label="Tokens per day"
                    none=no_calls more=usage>
                    {count::headline(tokens)}
                </Stat>
            </div>
        </section>
    }
}

#[component]
fn Stat(
    title: &'static str,
    exact: String,
    week: Week,
    ty: Option<ProviderType>,
    label: &'static str,
    none: &'static str,
    more: String,
    children: Children,
) -> impl IntoView {
    let nothing = week.total == 0 && week.days.iter().all(|day| *day == 0);
    html! {
        <div class="stat">
            <span class="k">{title}<a href=more aria-label=format!("View more of {}", title.to_lowercase())>"View more"</a></span>
            <span class="v" title=exact>{children()}</span>
            <Line days=week.days ty=ty label=label/>
            {if nothing {
                html! { <span class="d">{none}</span> }
            } else {
                html! { <Delta change=week.change/> }
            }}
        </div>
    }
}

/// What a deletion breaks.
fn what_breaks(used_by: ProviderUse) -> AnyView {
    let calls = calls_in_words(used_by.calls_last_hour);
    let limited: Vec<_> = used_by.tokens.into_iter().map(|token| {
        let only = token.providers.len() == 1;
        html! {
            <li><a href=tokens::address(&token.id.to_string())>{token.name}</a>{only.then_some(" works with nothing else")}</li>
        }
    }).collect();
    let tokens = (!limited.is_empty()).then(|| {
        html! { <p>"Gateway tokens that are limited to it:"</p><ul class="dots-list">{limited}</ul> }
    });
    html! {
        <p>{calls}" Callers will get 404 at once; running calls end as they began. Its calls and costs stay in the ledger."</p>
        {tokens}
    }
}

/// How many calls of the last hour came through something.
pub(in crate::pages) fn calls_in_words(last_hour: u64) -> String {
    match last_hour {
        0 => "No calls came through it in the last hour.".to_owned(),
        1 => "1 call came through it in the last hour.".to_owned(),
        many if many > 1_000 => {
            "More than 1,000 calls came through it in the last hour.".to_owned()
        }
        many => format!(
            "{} calls came through it in the last hour.",
            count::grouped(many)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::calls_in_words;

    #[test]
    fn calls_are_told_exactly_up_to_a_thousand() {
        for (count, begins) in [
            (0, "No calls came"),
            (1, "1 call came"),
            (999, "999 calls came"),
            (1_000, "1,000 calls came"),
            (1_001, "More than 1,000 calls came"),
        ] {
            let words = calls_in_words(count);
            assert!(words.starts_with(begins), "{words}");
        }
    }
}
