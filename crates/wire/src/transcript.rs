//! What was said in a call, read from its recorded bodies: every API of the provider types in one form.
//!
//! | API | module | what is one message here |
//! |---|---|---|
//! | OpenAI's chat and completions, and whoever imitates them | `chat` | a message; a choice of an answer |
//! | OpenAI's Responses | `responses` | all items that the model says in one go |
//! | Anthropic's Messages | `anthropic` | a message; results of tools in a user's are one of the tool |
//! | Google's generate | `google` | a content, or several that the model says in one go; a candidate |
//! | Bedrock's Converse | `converse` | as with Anthropic |
//! | Bedrock's invoke | `invoke`, `vendor` | as in the API of the model's maker |
//! | Cohere's chat and rerank | `cohere` | a message; the query with its documents |
//! | embeddings | `embeddings` | all that is embedded; how many vectors |
//!
//! Reading is lenient: a body that was cut is read as far as it goes, what nobody knows is kept as the
//! JSON that it stands in, and nothing of it is ever run, fetched or unpacked further.
//!
//! Knows nothing of where bodies are kept, nor of how they are shown.

mod anthropic;
mod blocks;
mod canonical;
mod chat;
mod cohere;
mod converse;
mod embeddings;
mod error;
mod export;
mod files;
mod google;
mod invoke;
mod json;
mod named;
mod numbered;
mod openai;
mod parts;
mod plain_text;
mod reader;
mod repeated;
mod responses;
mod vendor;

use domain::{call::Operation, provider::ProviderType};

use crate::{json as bytes, meter::Shape};
use json::Json;
use reader::Reader;

pub use canonical::canonical;
pub use export::OpenAiExport;
pub use plain_text::plain_text;
pub use repeated::without_input;

/// Whose API a body is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Api<'a> {
    /// What was asked for.
    pub operation: Operation,
    /// Of whom.
    pub provider_type: ProviderType,
    /// The model that was asked for: Bedrock's invoke has the API of the model's maker.
    pub model: Option<&'a str>,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The application's instructions.
    System,
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
    /// A tool that the model called.
    Tool,
}

impl Role {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order.
    pub parts: Vec<Part>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text, as it was written: it may be markdown, HTML or anything else.
    Text(String),
    /// What the model thought. `None`: it is there, but sealed by the provider.
    Reasoning(Option<String>),
    /// A refusal, where the API tells it apart.
    Refusal(String),
    /// The model calls a tool.
    ToolCall {
        /// By which the result refers to it.
        id: Option<String>,
        /// The tool.
        name: String,
        /// Its arguments: mostly JSON, as it was written.
        arguments: String,
    },
    /// What a tool gave.
    ToolResult {
        /// The call that it answers.
        id: Option<String>,
        /// The tool, where it is named.
        name: Option<String>,
        /// What it gave.
        parts: Vec<Part>,
        /// Whether it says of itself that it failed.
        failed: bool,
    },
    /// An image or another file: only that it is there.
    File(File),
    /// Something else, as its JSON.
    Other {
        /// What it calls itself.
        kind: String,
        /// All of it.
        json: String,
    },
}

/// A file in a message. Its content is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What it is.
    pub kind: FileKind,
    /// Its media type, as it was written.
    pub media_type: Option<String>,
    /// Its size. `None`: it is not in the body.
    pub bytes: Option<u64>,
    /// Its name, id or address.
    pub name: Option<String>,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A picture.
    Image,
    /// Sound.
    Audio,
    /// A film.
    Video,
    /// Anything else.
    Document,
}

impl FileKind {
    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::Document => "document",
        }
    }
}

/// What a request says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Talk {
    /// Its messages, the system's first.
    pub messages: Vec<Message>,
    /// The names of the tools that it offers.
    pub tools: Vec<String>,
    /// Whether the body ended before its end: messages may be missing.
    pub cut: bool,
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Said {
    /// One message for each choice.
    pub messages: Vec<Message>,
    /// The provider's id of a response, by which a later request can go on from it.
    pub response_id: Option<String>,
    /// Why it ended, in the provider's word.
    pub stopped_by: Option<String>,
    /// What went wrong, in the provider's words.
    pub error: Option<String>,
    /// Whether the body ended before its end, or there is more in it than anyone reads.
    pub cut: bool,
}

/// By what a request names the conversation that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Named {
    /// The conversation's own id: OpenAI's `conversation`, the session in what Claude Code sends as
    /// `metadata.user_id`.
    pub conversation: Option<String>,
    /// The response that it goes on from: OpenAI's `previous_response_id`.
    pub previous_response: Option<String>,
}

/// Reads a request's body. `None`: it is nothing of this API.
#[must_use]
pub fn request(api: Api<'_>, body: &[u8]) -> Option<Talk> {
    let text = text(body);
    let (body, cut) = json::read(&text)?;
    let talk = match api.operation {
        // Agents behind the path of a chat take what the Responses API takes.
        Operation::Chat => chat::request(&body).or_else(|| responses::request(&body)),
        Operation::Completions => chat::request(&body),
        Operation::Responses => responses::request(&body),
        Operation::Embeddings => embeddings::request(&body),
        Operation::Messages => anthropic::request(&body),
        Operation::Generate => google::request(&body),
        Operation::Converse => converse::request(&body),
        Operation::Invoke => invoke::request(&body),
        Operation::CohereChat => cohere::request(&body),
        Operation::Rerank => cohere::ranking(&body),
        Operation::CountTokens => counted(api.provider_type, &body),
        Operation::Models | Operation::StoredResponse | Operation::Other => return None,
    };
    // Of a body that is cut early, what it is may stand behind its end.
    let talk = talk.or_else(|| (cut && body.is_object()).then(Talk::default))?;
    Some(Talk { cut, ..talk })
}

/// Reads a request to count tokens: it holds the request whose tokens they would be.
fn counted(provider_type: ProviderType, body: &Json<'_>) -> Option<Talk> {
    match provider_type {
        ProviderType::OpenAi | ProviderType::AzureOpenAi | ProviderType::OpenAiCompatible => {
            responses::request(body)
        }
        ProviderType::Anthropic => anthropic::request(body),
        ProviderType::GoogleAi => {
            let inner = body.first(&["generateContentRequest", "generate_content_request"]);
            google::request(if inner.is_null() { body } else { inner })
        }
        ProviderType::VertexAi => google::request(body).or_else(|| anthropic::request(body)),
        // Text of its own, which no conversation is made of.
        ProviderType::Cohere => embeddings::request(body),
        ProviderType::Bedrock => {
            let input = body.get("input");
            converse::request(input.get("converse"))
                .or_else(|| invoke::wrapped(input.get("invokeModel")))
                // Below `/anthropic` and `/openai/v1` it is theirs.
                .or_else(|| anthropic::request(body))
                .or_else(|| responses::request(body))
        }
    }
}

/// Reads an answer's body, a stream as the message that it makes. `None`: it is nothing of this API.
#[must_use]
pub fn answer(api: Api<'_>, shape: Shape, body: &[u8]) -> Option<Said> {
    let reader: Option<Box<dyn Reader>> = match api.operation {
        Operation::Chat | Operation::Completions => Some(Box::<chat::Chat>::default()),
        Operation::Responses | Operation::StoredResponse => {
            Some(Box::<responses::Answer>::default())
        }
        Operation::Embeddings => Some(Box::<embeddings::Answer>::default()),
        Operation::Messages => Some(Box::<anthropic::Answer>::default()),
        Operation::Generate => Some(Box::<google::Answer>::default()),
        Operation::Converse => Some(Box::<converse::Answer>::default()),
        Operation::Invoke => Some(Box::<invoke::Answer>::default()),
        Operation::CohereChat => Some(Box::<cohere::Answer>::default()),
        Operation::Rerank => Some(Box::<cohere::Ranking>::default()),
        // Nothing is said in them but errors.
        Operation::CountTokens | Operation::Models => None,
        // Nobody knows whose these are.
        Operation::Other => return None,
    };
    reader::read(reader, shape, body)
}

/// How many numbers the vectors of an answer have, whoever's embeddings it holds. `None`: it has none.
#[must_use]
pub fn dimensions(answer: &[u8]) -> Option<u64> {
    let text = text(answer);
    let (answer, _) = json::read(&text)?;
    embeddings::measured(&answer).map(|(_, dimensions)| dimensions)
}

/// By what a request's body names its conversation.
#[must_use]
pub fn named(operation: Operation, body: &[u8]) -> Named {
    let text = text(body);
    let Some((body, _)) = json::read(&text) else {
        return Named::default();
    };
    match operation {
        Operation::Responses => named::of_responses(&body),
        Operation::Messages | Operation::Invoke => named::of_messages(&body),
        Operation::Chat
        | Operation::Completions
        | Operation::Embeddings
        | Operation::Generate
        | Operation::Converse
        | Operation::CohereChat
        | Operation::Rerank
        | Operation::CountTokens
        | Operation::Models
        | Operation::StoredResponse
        | Operation::Other => Named::default(),
    }
}

/// A body as text, which may be cut within a character.
fn text(body: &[u8]) -> std::borrow::Cow<'_, str> {
    bytes::text(reader::without_open_character(body))
}
