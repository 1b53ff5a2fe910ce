//! The demo's past: some weeks of calls that were made up, so that charts and lists have something to show.

use admin::{Admin, Who, calls::CallQuery, tokens::TokenDraft};
use domain::{Timestamp, provider::Provider};
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
    let one = CallQuery::read("limit=1")?;
    if !admin.calls().list(&who, &one).await?.items.is_empty() {
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
    for call in world.calls(&past).into_iter().flatten() {
        running.journal.finish(&call)?;
    }
    Ok(())
}

async fn callers(admin: &Admin, who: &Who) -> Result<Vec<Caller>, DemoError> {
    let mut callers = vec![];
    for agent in AGENTS {
        let draft = TokenDraft {
            name: Some(agent.replace('-', " ")),
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
