//! What is asked for.

use domain::{ProviderId, call::Outcome};
use jiff::Timestamp;
use store::{Choice, transcripts::ConversationFilter};
use weir_store as store;

use super::{
    Done,
    calls::{MONTH_MS, NEWEST_MS, word},
};

/// Each question, with its name.
pub(super) fn questions() -> Done<Vec<(&'static str, ConversationFilter)>> {
    let all = ConversationFilter::default;
    let text = |text: &str| ConversationFilter {
        text: Some(text.to_owned()),
        ..all()
    };
    let some = |name: &str| Choice::only(Some(name.to_owned()));
    let at = |ms: u64| Timestamp::from_millisecond(i64::try_from(ms).unwrap_or(0));
    let month_ago = NEWEST_MS - MONTH_MS;
    let early = |filter: ConversationFilter| {
        Ok::<_, jiff::Error>(ConversationFilter {
            since: Some(at(month_ago)?),
            until: Some(at(month_ago + 3 * 86_400_000)?),
            ..filter
        })
    };
    let provider = Choice::only(ProviderId::new("anthropic-main")?);
    let common = word(3);
    let both = format!("{} {}", word(2), word(5));
    let rare = word(55_000);
    let short = rare.get(..4).unwrap_or_default().to_owned();
    let common_beginning = common.get(..3).unwrap_or_default().to_owned();
    Ok(vec![
        ("all", all()),
        (
            "common agent",
            ConversationFilter {
                agents: some("agent-1"),
                ..all()
            },
        ),
        (
            "rare user",
            ConversationFilter {
                users: some("rare-user"),
                ..all()
            },
        ),
        (
            "user that is not there",
            ConversationFilter {
                users: some("nobody"),
                ..all()
            },
        ),
        (
            "common provider",
            ConversationFilter {
                providers: provider.clone(),
                ..all()
            },
        ),
        (
            "failed",
            ConversationFilter {
                outcomes: Choice::only(Outcome::Truncated),
                ..all()
            },
        ),
        ("first days", early(all())?),
        (
            "first days, provider",
            early(ConversationFilter {
                providers: provider.clone(),
                ..all()
            })?,
        ),
        (
            "nobody's model of agents",
            ConversationFilter {
                agents: some("agent-1"),
                models: Choice::only(Some("not-there".to_owned())),
                ..all()
            },
        ),
        (
            "two common that never meet",
            ConversationFilter {
                agents: some("agent-1"),
                outcomes: Choice {
                    any_of: vec![],
                    none_of: vec![Outcome::Ok, Outcome::Truncated],
                },
                ..all()
            },
        ),
        ("common word", text(&format!("{common} "))),
        ("common word or beginning", text(&common)),
        ("common beginning", text(&common_beginning)),
        ("two common words", text(&format!("{both} "))),
        ("rare word", text(&format!("{rare} "))),
        ("rare word or beginning", text(&rare)),
        ("beginning of four letters", text(&short)),
        ("rare and common word", text(&format!("{rare} {common} "))),
        (
            "common and rare beginning",
            text(&format!("{common} {rare}")),
        ),
        ("word that nobody said", text("kanarienvogel")),
        (
            "words that never meet",
            text(&format!("{rare} {} ", word(54_999))),
        ),
        (
            "common word, rare user",
            ConversationFilter {
                users: some("rare-user"),
                ..text(&format!("{common} "))
            },
        ),
        (
            "common beginning, rare user",
            ConversationFilter {
                users: some("rare-user"),
                ..text(&common)
            },
        ),
        (
            "common word, provider",
            ConversationFilter {
                providers: provider,
                ..text(&format!("{common} "))
            },
        ),
        (
            "common word, first days",
            early(text(&format!("{common} ")))?,
        ),
        (
            "common word, nobody",
            ConversationFilter {
                users: some("nobody"),
                ..text(&format!("{common} "))
            },
        ),
    ])
}
