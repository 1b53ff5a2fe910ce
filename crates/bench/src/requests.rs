//! The requests that are sent: as the providers' SDKs write them.

use bytes::Bytes;
use serde_json::json;

use crate::side::Side;

/// A model of each API whose price the catalog has.
const OPENAI_MODEL: &str = "gpt-4o-mini";
const ANTHROPIC_MODEL: &str = "claude-sonnet-4-5";
/// About what a request has beside its prompt.
const REST_OF_BODY: usize = 120;

/// Whose API a request speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    OpenAi,
    Anthropic,
}

/// How an answer that is whole ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastBytes {
    /// `data: [DONE]`.
    Done,
    /// The event `message_stop`.
    MessageStop,
    /// The brace that closes an object.
    Brace,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) api: Api,
    pub(crate) streamed: bool,
    /// OpenAI streams: whether the client itself wants the usage. Where it does not, Weir asks for
    /// it and takes it out again.
    pub(crate) usage: bool,
    /// About the size of the body.
    pub(crate) body_bytes: usize,
    /// Headers for the stand-in, without their prefix.
    pub(crate) wishes: Vec<(&'static str, u64)>,
}

impl Ask {
    /// A plain chat call with a body of 1 KB.
    pub(crate) fn plain() -> Self {
        Self {
            api: Api::OpenAi,
            streamed: false,
            usage: false,
            body_bytes: 1_000,
            wishes: Vec::new(),
        }
    }

    /// A chat stream of so many frames: one with the role, those with text, one each with the finish
    /// reason, the usage and the end.
    pub(crate) fn stream(frames: u64) -> Self {
        Self {
            streamed: true,
            usage: true,
            wishes: vec![("frames", frames.saturating_sub(4))],
            ..Self::plain()
        }
    }

    pub(crate) fn with(mut self, wish: &'static str, value: u64) -> Self {
        self.wishes.push((wish, value));
        self
    }

    pub(crate) fn last_bytes(&self) -> LastBytes {
        match (self.streamed, self.api) {
            (false, _) => LastBytes::Brace,
            (true, Api::OpenAi) => LastBytes::Done,
            (true, Api::Anthropic) => LastBytes::MessageStop,
        }
    }

    /// The request for one side, head and body.
    pub(crate) fn request(&self, side: &Side) -> Bytes {
        let (path, credential) = match self.api {
            Api::OpenAi => (
                format!("{}/chat/completions", side.openai_base),
                format!("authorization: Bearer {}", side.key),
            ),
            Api::Anthropic => (
                format!("{}/v1/messages", side.anthropic_base),
                format!("x-api-key: {}\r\nanthropic-version: 2023-06-01", side.key),
            ),
        };
        let body = self.body();
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\nuser-agent: weir-bench\r\naccept: application/json\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n{credential}\r\n",
            side.address,
            body.len(),
        );
        for (wish, value) in &self.wishes {
            request.push_str(&format!("x-standin-{wish}: {value}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(&body);
        Bytes::from(request)
    }

    fn body(&self) -> String {
        let words = "The level of the river at the weir is read each morning. ";
        let prompt: String = words
            .chars()
            .cycle()
            .take(self.body_bytes.saturating_sub(REST_OF_BODY))
            .collect();
        let messages = json!([{ "role": "user", "content": prompt }]);
        let mut body = match self.api {
            Api::OpenAi => json!({ "model": OPENAI_MODEL, "messages": messages }),
            Api::Anthropic => {
                json!({ "model": ANTHROPIC_MODEL, "max_tokens": 48, "messages": messages })
            }
        };
        if let (true, Some(members)) = (self.streamed, body.as_object_mut()) {
            members.insert("stream".to_owned(), json!(true));
            if self.usage && self.api == Api::OpenAi {
                members.insert(
                    "stream_options".to_owned(),
                    json!({ "include_usage": true }),
                );
            }
        }
        body.to_string()
    }
}
