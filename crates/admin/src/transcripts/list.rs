//! The list of conversations: filters, search in what was said, pages.

use domain::{ConversationId, NanoUsd, ProviderId, Timestamp, TokenId, call::Outcome};
use serde::Serialize;
use store::transcripts::{Conversation, ConversationFilter, FOUND_BEGINS, FOUND_ENDS};

use super::{Transcripts, trouble};
use crate::{error::AdminError, page::PageRequest, query::Params, who::Who};

/// The longest search, in characters.
const SEARCH_MAX: usize = 500;

/// Which conversations are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConversationQuery {
    /// What one of their calls must be like.
    pub filter: ConversationFilter,
    /// Which page.
    pub page: PageRequest,
}

impl ConversationQuery {
    /// Reads `provider`, `model`, `agent`, `user`, `token`, `outcome` (each repeatable, each with `.not`;
    /// empty: none was named), `since`, `until`, `q` (words that were said), `limit` and `cursor`.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with every parameter that is wrong.
    pub fn read(query: &str) -> Result<Self, AdminError> {
        let mut params = Params::parse(query);
        let wants = format!("write {SEARCH_MAX} characters at most");
        let text = params.read("q", "too_long", &wants, |text| {
            (text.chars().count() <= SEARCH_MAX).then(|| text.trim().to_owned())
        });
        let filter = ConversationFilter {
            providers: params.providers(),
            models: params.models(),
            agents: params.agents(),
            users: params.users(),
            tokens: params.tokens(),
            outcomes: params.outcomes(),
            since: params.time("since"),
            until: params.time("until"),
            text: text.filter(|text| !text.is_empty()),
        };
        let page = params.page();
        params.end()?;
        Ok(Self { filter, page })
    }
}

/// A conversation as people see it. What it has of its calls is what they told when they were recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Conversation)]
pub struct ConversationView {
    /// The conversation.
    #[schema(value_type = String, format = "uuid")]
    pub id: ConversationId,
    /// When its first recorded call began.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// When its last one began.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// How it begins. Null: inputs were not recorded, or have no text.
    pub title: Option<String>,
    /// The application. Null: nobody said.
    pub agent: Option<String>,
    /// The person. Null: nobody said.
    pub user: Option<String>,
    /// The gateway token. Null: Weir's own calls.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub token: Option<TokenId>,
    /// The provider of the last call.
    #[schema(value_type = String)]
    pub provider: ProviderId,
    /// The model of the last call that names one.
    pub model: Option<String>,
    /// How the last call ended.
    #[schema(value_type = String, example = "ok")]
    pub outcome: Outcome,
    /// How many recorded calls it has.
    pub turns: u64,
    /// Tokens of all of them.
    pub tokens: u64,
    /// What those cost, in dollars, whose price is known.
    #[schema(value_type = String, example = "0.001234567")]
    pub cost_usd: NanoUsd,
    /// How many have no price; their cost is missing from the sum.
    pub unpriced_turns: u64,
    /// The words around what was found. Null: no text was looked for.
    pub snippet: Option<Vec<SnippetPiece>>,
}

/// A piece of the words around what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SnippetPiece {
    /// The words, as they were written.
    pub text: String,
    /// Whether these are what was looked for.
    pub found: bool,
}

/// Conversations, the one that was last spoken in first, as far as they were looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct ConversationsPage {
    /// The conversations.
    pub items: Vec<ConversationView>,
    /// What to ask the next page with. Null: this is the last one.
    pub next_cursor: Option<String>,
    /// How far back was looked, where matches are so rare that it would have taken long to go on; ask again
    /// with the cursor. Null: the page is full, or the last one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub searched_back_to: Option<Timestamp>,
}

impl ConversationView {
    pub(super) fn of(conversation: Conversation, snippet: Option<&str>) -> Self {
        Self {
            id: conversation.id,
            started_at: conversation.started_at,
            last_at: conversation.last_at,
            title: conversation.title,
            agent: conversation.agent,
            user: conversation.user,
            token: conversation.token,
            provider: conversation.provider,
            model: conversation.model,
            outcome: conversation.outcome,
            turns: conversation.calls,
            tokens: conversation.tokens,
            cost_usd: conversation.cost,
            unpriced_turns: conversation.unpriced,
            snippet: snippet.map(pieces),
        }
    }
}

/// Cuts a snippet where its marks are.
fn pieces(snippet: &str) -> Vec<SnippetPiece> {
    let mut pieces = vec![];
    let mut found = false;
    for text in snippet.split_inclusive([FOUND_BEGINS, FOUND_ENDS]) {
        let words = text.trim_end_matches([FOUND_BEGINS, FOUND_ENDS]);
        if !words.is_empty() {
            let text = words.to_owned();
            pieces.push(SnippetPiece { text, found });
        }
        found = text.ends_with(FOUND_BEGINS);
    }
    pieces
}

impl Transcripts {
    /// Conversations, the one that was last spoken in first.
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] for a cursor that no page gave; [`AdminError::TranscriptsUnavailable`].
    pub async fn list(
        &self,
        _who: &Who,
        query: &ConversationQuery,
    ) -> Result<ConversationsPage, AdminError> {
        let cursor = query.page.store_cursor()?;
        let limit = u64::from(query.page.limit);
        let kept = self.kept()?;
        let found = kept.conversations(&query.filter, limit, cursor).await;
        let found = found.map_err(trouble)?;
        let items = found
            .items
            .into_iter()
            .map(|(conversation, snippet)| ConversationView::of(conversation, snippet.as_deref()));
        Ok(ConversationsPage {
            items: items.collect(),
            next_cursor: found.next.map(|cursor| cursor.to_string()),
            searched_back_to: found.searched_back_to,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_cut_where_its_marks_are() {
        let told = |snippet: &str| -> Vec<(String, bool)> {
            let pieces = pieces(snippet).into_iter();
            pieces.map(|piece| (piece.text, piece.found)).collect()
        };
        let piece = |text: &str, found| (text.to_owned(), found);
        assert_eq!(told(""), []);
        assert_eq!(told("no mark"), [piece("no mark", false)]);
        assert_eq!(
            told("… the \u{e000}weir\u{e001} and the \u{e000}river\u{e001}"),
            [
                piece("… the ", false),
                piece("weir", true),
                piece(" and the ", false),
                piece("river", true)
            ]
        );
        // A mark that is never closed, or never opened.
        assert_eq!(told("a\u{e000}b"), [piece("a", false), piece("b", true)]);
        assert_eq!(told("a\u{e001}b"), [piece("a", false), piece("b", false)]);
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let long = "x".repeat(501);
        let query = format!("q={long}&outcome=good&token=wr_x&colour=red&status=200");
        let error = ConversationQuery::read(&query).unwrap_err();
        let fields: Vec<String> = error
            .problem()
            .errors
            .into_iter()
            .map(|it| it.field)
            .collect();
        assert_eq!(fields, ["q", "token", "outcome", "colour", "status"]);
    }

    #[test]
    fn blank_words_are_none() {
        let query = ConversationQuery::read("q=%20%20&agent=&agent=ci").unwrap();
        assert_eq!(query.filter.text, None);
        assert_eq!(query.filter.agents.any_of, [None, Some("ci".to_owned())]);
    }
}
