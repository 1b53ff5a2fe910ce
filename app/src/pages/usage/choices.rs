//! What can be chosen in the filters of the page.

use admin::usage::{CostType, GroupBy, TokenType, TopView, UsagePageView};

use super::filters::Choices;
use crate::{
    http::{failure::Failure, fields::Fields, page::Page},
    kit::filters::Choice,
    pages::providers,
};

/// What can be chosen: what occurs in the range under the other filters, so that an agent leaves only the
/// providers that it used. Where nothing was found out, every provider.
///
/// # Errors
/// What admin says.
pub(super) async fn choices(
    page: &Page,
    query: &Fields,
    found: Option<&UsagePageView>,
) -> Result<Choices, Failure> {
    let mut choices: Choices = match found {
        Some(read) => occurring(read),
        None => vec![("provider", providers::names(page).await?)],
    };
    choices.push(("token", tokens(page, query).await?));
    choices.extend(kinds());
    Ok(choices)
}

fn occurring(read: &UsagePageView) -> Choices {
    let of = |name: &'static str, group_by: GroupBy, tops: &[TopView]| {
        let narrowed = read.choices.iter().find(|(of, _)| *of == group_by);
        let tops = narrowed.map_or(tops, |(_, others)| others);
        let choice = |top: &TopView| (top.key.clone().unwrap_or_default(), top.label.clone());
        (name, tops.iter().map(choice).collect())
    };
    vec![
        of("provider", GroupBy::Provider, &read.providers),
        of("model", GroupBy::Model, &read.models),
        of("agent", GroupBy::Agent, &read.agents),
    ]
}

/// Kinds of cost and of tokens.
pub(super) fn kinds() -> [(&'static str, Vec<Choice>); 2] {
    let owned = |(key, label): (&str, &str)| (key.to_owned(), label.to_owned());
    let costs = CostType::ALL.iter().map(|kind| (kind.key(), kind.label()));
    let tokens = TokenType::all().map(|kind| (kind.key(), kind.label()));
    [
        ("cost_type", costs.map(owned).collect()),
        ("token_type", tokens.map(owned).collect()),
    ]
}

/// Gateway tokens by name; of revoked ones those that are chosen.
///
/// # Errors
/// What admin says.
pub(super) async fn tokens(page: &Page, query: &Fields) -> Result<Vec<Choice>, Failure> {
    let who = page.who()?;
    let tokens = page.admin().tokens().all(who).await?;
    let mut tokens: Vec<Choice> = tokens
        .into_iter()
        .map(|token| (token.id.to_string(), token.name))
        .collect();
    let chosen: Vec<&str> = query.all("token").chain(query.all("token.not")).collect();
    if chosen
        .iter()
        .any(|id| !id.is_empty() && !tokens.iter().any(|(known, _)| known == id))
    {
        let revoked = page.admin().tokens().revoked(who).await?;
        let chosen = revoked
            .into_iter()
            .map(|(id, name)| (id.to_string(), format!("{name} (revoked)")))
            .filter(|(id, _)| chosen.contains(&id.as_str()));
        tokens.extend(chosen);
    }
    Ok(tokens)
}
