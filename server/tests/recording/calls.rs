//! One call of each API, streamed and not.

use serde_json::{Value, json};

/// A call that can be made.
pub struct Call {
    pub kind: &'static str,
    pub path: String,
    /// Its body, which asks for this.
    pub body: fn(&str) -> Value,
    pub streamed: bool,
    /// Whether its answer has a text.
    pub says: bool,
}

fn chat(asked: &str) -> Value {
    json!({ "model": "gpt-5-mini", "max_tokens": 3, "messages": [
        { "role": "system", "content": "Be kind." }, { "role": "user", "content": asked }] })
}

fn completion(asked: &str) -> Value {
    json!({ "model": "gpt-3.5-turbo-instruct", "max_tokens": 3, "prompt": asked })
}

fn response(asked: &str) -> Value {
    // The answer repeats the instructions, as do events of a stream.
    json!({ "model": "gpt-5-mini", "max_output_tokens": 3, "instructions": asked, "input": asked })
}

fn embedding(asked: &str) -> Value {
    json!({ "model": "text-embedding-3-small", "input": asked, "dimensions": 4 })
}

fn message(asked: &str) -> Value {
    json!({ "model": "claude-sonnet-5-5", "max_tokens": 3, "messages": [{ "role": "user", "content": asked }] })
}

fn counted(asked: &str) -> Value {
    json!({ "model": "claude-sonnet-5-5", "messages": [{ "role": "user", "content": asked }] })
}

fn contents(asked: &str) -> Value {
    json!({ "contents": [{ "role": "user", "parts": [{ "text": asked }] }], "generationConfig": { "maxOutputTokens": 3 } })
}

fn converse(asked: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": asked }] }], "inferenceConfig": { "maxTokens": 3 } })
}

fn claude(asked: &str) -> Value {
    json!({ "anthropic_version": "bedrock-2023-05-31", "max_tokens": 3, "messages": [{ "role": "user", "content": asked }] })
}

fn raw(asked: &str) -> Value {
    json!({ "anthropic_version": "vertex-2023-10-16", "max_tokens": 3, "messages": [{ "role": "user", "content": asked }] })
}

fn raw_stream(asked: &str) -> Value {
    with_stream(raw(asked))
}

fn chat_stream(asked: &str) -> Value {
    with_stream(chat(asked))
}

fn with_stream(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body
}

fn instances(asked: &str) -> Value {
    json!({ "instances": [{ "content": asked }], "parameters": { "outputDimensionality": 4 } })
}

fn llama(asked: &str) -> Value {
    json!({ "prompt": asked, "max_gen_len": 3 })
}

fn mistral(asked: &str) -> Value {
    json!({ "prompt": asked, "max_tokens": 3 })
}

fn titan(asked: &str) -> Value {
    json!({ "inputText": asked, "textGenerationConfig": { "maxTokenCount": 3 } })
}

fn cohere(asked: &str) -> Value {
    // The answer repeats the conversation, in a frame of a stream, too.
    json!({ "message": asked, "max_tokens": 3 })
}

fn cohere_prompt(asked: &str) -> Value {
    // The answer repeats the prompt.
    json!({ "prompt": asked, "max_tokens": 3 })
}

fn cohere_chat(asked: &str) -> Value {
    // What it rests on is repeated in the answer.
    json!({ "model": "command-a-03-2025", "max_tokens": 3, "documents": [{ "data": { "text": asked } }],
        "messages": [{ "role": "user", "content": asked }] })
}

fn cohere_embedding(asked: &str) -> Value {
    // The answer repeats the texts.
    json!({ "model": "embed-v4.0", "texts": [asked], "input_type": "search_query", "output_dimension": 256 })
}

fn cohere_ranking(asked: &str) -> Value {
    json!({ "model": "rerank-v3.5", "query": asked, "documents": [asked, "b"], "return_documents": true })
}

fn tokenized(asked: &str) -> Value {
    json!({ "model": "command-a-03-2025", "text": asked })
}

type Row = (&'static str, &'static str, fn(&str) -> Value, bool, bool);

impl Call {
    /// Whether its prompt is only counted, and so said to nobody.
    pub fn is_only_counted(&self) -> bool {
        self.path.ends_with("/count_tokens") || self.path.ends_with("/tokenize")
    }
}

/// Every call.
pub fn all() -> Vec<Call> {
    /// Type, path, body, streamed, whether it says something.
    const CALLS: &[Row] = &[
        ("openai", "/chat/completions", chat, false, true),
        ("openai", "/chat/completions", chat, true, true),
        ("openai", "/completions", completion, false, true),
        ("openai", "/completions", completion, true, true),
        ("openai", "/responses", response, false, true),
        ("openai", "/responses", response, true, true),
        ("openai", "/embeddings", embedding, false, false),
        ("anthropic", "/v1/messages", message, false, true),
        ("anthropic", "/v1/messages", message, true, true),
        (
            "anthropic",
            "/v1/messages/count_tokens",
            counted,
            false,
            false,
        ),
        (
            "azure_openai",
            "/openai/deployments/front-desk/chat/completions",
            chat,
            false,
            true,
        ),
        (
            "azure_openai",
            "/openai/deployments/front-desk/chat/completions",
            chat,
            true,
            true,
        ),
        (
            "azure_openai",
            "/openai/deployments/text-embedding-3-small/embeddings",
            embedding,
            false,
            false,
        ),
        ("azure_openai", "/openai/v1/responses", response, true, true),
        ("openai_compatible", "/chat/completions", chat, false, true),
        ("openai_compatible", "/chat/completions", chat, true, true),
        ("cohere", "/v2/chat", cohere_chat, false, true),
        ("cohere", "/v2/chat", cohere_chat, true, true),
        ("cohere", "/v2/embed", cohere_embedding, false, false),
        ("cohere", "/v2/rerank", cohere_ranking, false, false),
        ("cohere", "/v1/tokenize", tokenized, false, false),
        (
            "cohere",
            "/compatibility/v1/chat/completions",
            chat,
            true,
            true,
        ),
        (
            "cohere",
            "/compatibility/v1/embeddings",
            embedding,
            false,
            false,
        ),
    ];
    /// The same at Vertex AI, in the provider's own project and location.
    const VERTEX: &[Row] = &[
        (
            "google",
            "gemini-3-pro-preview:generateContent",
            contents,
            false,
            true,
        ),
        (
            "google",
            "gemini-3-pro-preview:streamGenerateContent",
            contents,
            true,
            true,
        ),
        (
            "google",
            "gemini-3-pro-preview:streamGenerateContent?alt=sse",
            contents,
            true,
            true,
        ),
        (
            "google",
            "text-embedding-005:predict",
            instances,
            false,
            false,
        ),
        ("anthropic", "claude-opus-5:rawPredict", raw, false, true),
        (
            "anthropic",
            "claude-opus-5:streamRawPredict",
            raw_stream,
            true,
            true,
        ),
        ("mistralai", "codestral-2:rawPredict", chat, false, true),
        (
            "mistralai",
            "codestral-2:streamRawPredict",
            chat_stream,
            true,
            true,
        ),
    ];
    const MODELS: &[Row] = &[
        (
            "gemini-3-pro-preview",
            "generateContent",
            contents,
            false,
            true,
        ),
        (
            "gemini-3-pro-preview",
            "streamGenerateContent",
            contents,
            true,
            true,
        ),
        (
            "gemini-3-pro-preview",
            "streamGenerateContent?alt=sse",
            contents,
            true,
            true,
        ),
        (
            "us.amazon.nova-lite-v1%3A0",
            "converse",
            converse,
            false,
            true,
        ),
        (
            "us.amazon.nova-lite-v1%3A0",
            "converse-stream",
            converse,
            true,
            true,
        ),
        (
            "us.amazon.nova-lite-v1%3A0",
            "invoke",
            converse,
            false,
            true,
        ),
        (
            "us.amazon.nova-lite-v1%3A0",
            "invoke-with-response-stream",
            converse,
            true,
            true,
        ),
        (
            "us.anthropic.claude-opus-5-5",
            "invoke",
            claude,
            false,
            true,
        ),
        (
            "us.anthropic.claude-opus-5-5",
            "invoke-with-response-stream",
            claude,
            true,
            true,
        ),
        (
            "meta.llama3-1-8b-instruct-v1%3A0",
            "invoke",
            llama,
            false,
            true,
        ),
        (
            "meta.llama3-1-8b-instruct-v1%3A0",
            "invoke-with-response-stream",
            llama,
            true,
            true,
        ),
        (
            "mistral.mistral-large-2402-v1%3A0",
            "invoke-with-response-stream",
            mistral,
            true,
            true,
        ),
        ("amazon.titan-text-lite-v1", "invoke", titan, false, true),
        (
            "amazon.titan-text-lite-v1",
            "invoke-with-response-stream",
            titan,
            true,
            true,
        ),
        ("cohere.command-r-v1%3A0", "invoke", cohere, false, true),
        (
            "cohere.command-r-v1%3A0",
            "invoke-with-response-stream",
            cohere,
            true,
            true,
        ),
        (
            "cohere.command-text-v14",
            "invoke-with-response-stream",
            cohere_prompt,
            true,
            true,
        ),
    ];
    let plain = CALLS.iter().map(|(kind, path, body, streamed, says)| Call {
        kind,
        path: (*path).to_owned(),
        body: *body,
        streamed: *streamed,
        says: *says,
    });
    let with_model = MODELS.iter().map(|(model, method, body, streamed, says)| {
        let google = model.starts_with("gemini");
        Call {
            kind: if google { "google_ai" } else { "bedrock" },
            path: if google {
                format!("/v1beta/models/{model}:{method}")
            } else {
                format!("/model/{model}/{method}")
            },
            body: *body,
            streamed: *streamed,
            says: *says,
        }
    });
    let of_vertex = VERTEX
        .iter()
        .map(|(publisher, call, body, streamed, says)| Call {
            kind: "vertex_ai",
            path: format!("/v1/publishers/{publisher}/models/{call}"),
            body: *body,
            streamed: *streamed,
            says: *says,
        });
    plain.chain(with_model).chain(of_vertex).collect()
}

impl Call {
    /// The body, which asks for a text.
    pub fn asking(&self, asked: &str) -> Value {
        let mut body = (self.body)(asked);
        // Where the path does not say it.
        if self.streamed && !self.path.contains("/model") {
            body["stream"] = json!(true);
        }
        body
    }
}
