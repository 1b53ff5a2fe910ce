//! One call: what the ledger keeps of it.

use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    id::{CallId, ProviderId, TokenId},
    pricing::{Charge, PriceState},
    provider::ProviderType,
    usage::Usage,
};

macro_rules! keyed_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $key:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $key)] $variant,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in JSON, in the database and in addresses.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownKey;
            fn from_str(text: &str) -> Result<Self, UnknownKey> {
                match text { $($key => Ok(Self::$variant),)+ _ => Err(UnknownKey) }
            }
        }
    };
}

/// A text that is no name of the enum it was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such value")]
pub struct UnknownKey;

keyed_enum! {
    /// What kind of work a call asked for.
    Operation {
        /// OpenAI `/chat/completions`.
        Chat = "chat",
        /// OpenAI `/responses`.
        Responses = "responses",
        /// OpenAI's legacy `/completions`.
        Completions = "completions",
        /// `/embeddings`, Google `:embedContent` and `:batchEmbedContents`, Cohere `/v2/embed`.
        Embeddings = "embeddings",
        /// Anthropic `/v1/messages`.
        Messages = "messages",
        /// Google `:generateContent` and `:streamGenerateContent`.
        Generate = "generate",
        /// Bedrock `/converse` and `/converse-stream`.
        Converse = "converse",
        /// Bedrock `/invoke` and `/invoke-with-response-stream`: the model maker's own API.
        Invoke = "invoke",
        /// Cohere `/v2/chat`.
        CohereChat = "cohere_chat",
        /// Cohere `/v2/rerank`: documents put in order by how well they fit a query.
        Rerank = "rerank",
        /// Counting the tokens of a prompt without running it.
        CountTokens = "count_tokens",
        /// Listing or describing models.
        Models = "models",
        /// Reading back or cancelling a stored response.
        StoredResponse = "stored_response",
        /// Any other path of the provider, where its `other_paths` allows it.
        Other = "other",
    }
}

impl Operation {
    /// Whether the operation runs a model: it needs one named, and is billed.
    #[must_use]
    pub const fn is_inference(self) -> bool {
        match self {
            Self::Chat
            | Self::Responses
            | Self::Completions
            | Self::Embeddings
            | Self::Messages
            | Self::Generate
            | Self::Converse
            | Self::Invoke
            | Self::CohereChat
            | Self::Rerank => true,
            Self::CountTokens | Self::Models | Self::StoredResponse | Self::Other => false,
        }
    }
}

keyed_enum! {
    /// How a call ended.
    Outcome {
        /// Answered whole.
        Ok = "ok",
        /// The upstream answered 400 or above, was unreachable, timed out, sent an error inside a
        /// stream, or a body that is not its API's.
        UpstreamError = "upstream_error",
        /// The client left before the end.
        ClientClosed = "client_closed",
        /// The stream ended without its last event.
        Truncated = "truncated",
        /// Weir stopped while the call was running; written by the replay at the next start.
        Interrupted = "interrupted",
        /// Weir refused the call before it went up.
        Rejected = "rejected",
    }
}

/// The most bytes that a text of a call has in the ledger.
pub const TEXT_MAX_BYTES: usize = 2_048;

/// What is known of a call when it is sent up; journalled so that a crash leaves a trace of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallStart {
    /// The call.
    pub id: CallId,
    /// When the request's head had arrived.
    pub started_at: Timestamp,
    /// The provider it goes to.
    pub provider: ProviderId,
    /// That provider's type at the time.
    pub provider_type: ProviderType,
    /// The model as the provider lists it. `None` where the operation names none.
    pub model: Option<String>,
    /// The model as the request wrote it.
    pub requested_model: Option<String>,
    /// What was asked for.
    pub operation: Operation,
    /// Whether a stream was asked for.
    pub streamed: bool,
    /// The application that the call is for. `None`: nobody said.
    pub agent: Option<String>,
    /// The person that the call is for. `None`: nobody said.
    pub user: Option<String>,
    /// The conversation that the call belongs to, as the request named it.
    pub conversation: Option<String>,
    /// The gateway token. `None` for Weir's own calls (Test Connection).
    pub token: Option<TokenId>,
    /// Which of the provider's addresses served it: the name of the endpoint where the provider has several,
    /// else host and port.
    pub endpoint: Option<String>,
    /// The call's first attempt, where this is a later one, at another endpoint. Not there in journals of
    /// earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt_of: Option<CallId>,
    /// Version of the catalog that the call is priced with.
    pub catalog_version: String,
    /// Weir's own rough count of the prompt's tokens, from its size; the usage of a row whose end a
    /// crash has swallowed. `None` where the operation runs no model.
    pub estimated_input: Option<u64>,
}

/// A background response that has begun and whose usage no row has shown yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueResponse {
    /// The provider that it runs at.
    pub provider: ProviderId,
    /// The provider's id of it.
    pub response: String,
    /// The model that was asked for.
    pub model: Option<String>,
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// What was known at the start.
    pub start: CallStart,
    /// The status that the client got.
    pub status: u16,
    /// How it ended.
    pub outcome: Outcome,
    /// From the request's head to the end of the answer, in microseconds.
    pub latency_us: u64,
    /// From the request's head to the first byte of the answer's body. `None`: there was none.
    pub ttfb_us: Option<u64>,
    /// The part of the time to the first byte that was spent inside Weir, in microseconds.
    pub overhead_us: u64,
    /// The model that the answer names.
    pub replied_model: Option<String>,
    /// The upstream's own id of the call.
    pub upstream_request_id: Option<String>,
    /// The service tier that the answer names, in the provider's own word.
    pub service_tier: Option<String>,
    /// The geography that the call was pinned to, in the provider's own word.
    pub geography: Option<String>,
    /// The upstream's id of a background response which this call began or whose usage it was the
    /// first to show; such a response is billed once. `None` for every other call.
    pub background_response: Option<String>,
    /// Tokens and searches, in buckets as they were priced.
    pub usage: Usage,
    /// Whether the buckets do not add up to the provider's own total.
    pub usage_mismatch: bool,
    /// Whether the cost is known.
    pub price_state: PriceState,
    /// The cost and what explains it.
    pub charge: Charge,
}

impl CallStart {
    /// Cuts texts that are very long and replaces what Postgres takes in no text, so that no caller can
    /// make a row that cannot be written. An empty text becomes none.
    pub fn clean_texts(&mut self) {
        for text in [
            &mut self.model,
            &mut self.requested_model,
            &mut self.agent,
            &mut self.user,
            &mut self.conversation,
            &mut self.endpoint,
        ] {
            clean(text);
        }
    }
}

impl Call {
    /// The same for everything that the upstream told.
    pub fn clean_texts(&mut self) {
        self.start.clean_texts();
        for text in [
            &mut self.replied_model,
            &mut self.upstream_request_id,
            &mut self.service_tier,
            &mut self.geography,
            &mut self.background_response,
        ] {
            clean(text);
        }
    }
}

fn clean(text: &mut Option<String>) {
    let Some(there) = text else { return };
    if there.is_empty() {
        *text = None;
        return;
    }
    if there.contains('\0') {
        *there = there.replace('\0', "\u{fffd}");
    }
    if there.len() > TEXT_MAX_BYTES {
        there.truncate(there.floor_char_boundary(TEXT_MAX_BYTES));
    }
}
