//! The demo's past: some weeks of calls that were made up, so that charts and lists have something to show.

use admin::{Admin, Who, calls::CallQuery, page::PageRequest, tokens::TokenDraft};
use domain::{Timestamp, provider::Provider};
use journal::JournalError;
use sample::{Caller, Past, World};

use super::DemoError;
use crate::wiring::Running;

const DAYS: u16 = 24;
const CALLS: u64 = 18_000;
const PEOPLE: u16 = 40;
/// The applications that called; each has a gateway token.
const AGENTS: [&str; 5] = [
    "support-bot",
    "code-review",
    "research",
    "triage",
    "search-index",
];

/// Gives a demo whose books are empty a past. It goes the way of every call: into the journal, and from
/// there into the ledger.
pub(super) async fn make(running: &Running) -> Result<(), DemoError> {
    let (admin, who) = (&running.admin, Who::system());
    if has_one(admin, &who).await? {
        return Ok(());
    }
    let end = Timestamp::now();
    let callers = callers(admin, &who).await?;
    let snapshot = admin.live().keep();
    let mut providers: Vec<Provider> = snapshot
        .providers
        .values()
        .map(|live| live.provider.clone())
        .collect();
    providers.sort_by(|a, b| a.id.cmp(&b.id));
    let world = World::new(&providers, &snapshot.catalog, callers, PEOPLE);
    let past = Past {
        calls: CALLS,
        days: DAYS,
        end,
        seed: 1,
    };
    let journal = running.journal.clone();
    // Beside the threads that answer requests: each call waits for the disk.
    tokio::task::spawn_blocking(move || {
        let mut calls = world.calls(&past).into_iter().flatten();
        calls.try_for_each(|call| journal.finish(&call))
    })
    .await
    .map_err(|_| JournalError::Broken)??;
    Ok(())
}

/// Whether there is a past. It may still be on its way from the journal into the ledger; the tokens of those
/// who called were made before it.
async fn has_one(admin: &Admin, who: &Who) -> Result<bool, DemoError> {
    let one = CallQuery::read("limit=1")?;
    if !admin.calls().list(who, &one).await?.items.is_empty() {
        return Ok(true);
    }
    let tokens = admin.tokens().list(who, &PageRequest::default()).await?;
    let names = AGENTS.map(token_name);
    Ok(tokens.items.iter().any(|token| names.contains(&token.name)))
}

/// What the token of an application is called.
fn token_name(agent: &str) -> String {
    agent.replace('-', " ")
}

async fn callers(admin: &Admin, who: &Who) -> Result<Vec<Caller>, DemoError> {
    let mut callers = vec![];
    for agent in AGENTS {
        let draft = TokenDraft {
            name: Some(token_name(agent)),
            agent: Some(agent.to_owned()),
            ..TokenDraft::default()
        };
        let token = admin.tokens().create(who, &draft).await?.token;
        callers.push(Caller {
            token: token.id,
            agent: token.agent,
        });
    }
    Ok(callers)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::{settings::ServeArgs, wiring};

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        serve: ServeArgs,
    }

    #[tokio::test]
    async fn a_second_start_right_after_the_first_makes_no_second_past() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().display().to_string();
        let words = ["weir", "--listen", "127.0.0.1:0", "--data-dir", &dir];
        let running = wiring::start(&Command::parse_from(words).serve)
            .await
            .unwrap();
        // Without providers there is nobody to call: the ledger stays empty, as it is until the journal is read.
        make(&running).await.unwrap();
        make(&running).await.unwrap();
        let page = PageRequest::default();
        let tokens = running.admin.tokens().list(&Who::system(), &page).await;
        assert_eq!(tokens.unwrap().items.len(), AGENTS.len());
        running.stop();
        running.ended().await;
    }
}
