//! What the names of a path ask for, by the provider's type; Azure's and Vertex AI's are in `azure` and `vertex`.

use domain::call::Operation;

/// What the names of a path ask for.
pub(super) struct Asked {
    pub(super) operation: Operation,
    pub(super) model: Option<String>,
    pub(super) streamed: Option<bool>,
}

impl Asked {
    /// An operation of which the body tells the rest.
    pub(super) const fn by_body(operation: Operation) -> Self {
        Self {
            operation,
            model: None,
            streamed: None,
        }
    }

    /// An operation on the model that the path names.
    pub(super) const fn on(model: String, operation: Operation, streamed: bool) -> Self {
        Self {
            operation,
            model: Some(model),
            streamed: Some(streamed),
        }
    }
}

pub(super) fn openai(method: &str, names: &[&str]) -> Asked {
    let operation = match (method, names) {
        ("POST", ["chat", "completions"]) => Operation::Chat,
        ("POST", ["completions"]) => Operation::Completions,
        ("POST", ["embeddings"]) => Operation::Embeddings,
        ("POST", ["responses"] | ["responses", "compact"]) => Operation::Responses,
        ("POST", ["responses", "input_tokens"]) => Operation::CountTokens,
        ("GET" | "DELETE", ["responses", _])
        | ("GET", ["responses", _, "input_items"])
        | ("POST", ["responses", _, "cancel"]) => Operation::StoredResponse,
        ("GET", ["models"]) => Operation::Models,
        ("GET", ["models", id]) => return described((*id).to_owned()),
        _ => Operation::Other,
    };
    Asked::by_body(operation)
}

/// The description of one model.
pub(super) const fn described(model: String) -> Asked {
    Asked {
        operation: Operation::Models,
        model: Some(model),
        streamed: None,
    }
}

pub(super) fn compatible(method: &str, names: &[&str]) -> Asked {
    match (method, names) {
        ("POST", ["fim", "completions"]) => Asked::by_body(Operation::Completions),
        ("POST", ["invocations"]) => Asked::by_body(Operation::Chat),
        ("POST", [endpoint, "invocations"]) => Asked {
            model: Some((*endpoint).to_owned()),
            ..Asked::by_body(Operation::Chat)
        },
        // Ids with slashes in them.
        ("GET", ["models", id @ ..]) if !id.is_empty() => described(id.join("/")),
        _ => openai(method, names),
    }
}

pub(super) fn anthropic(method: &str, names: &[&str]) -> Asked {
    let operation = match (method, names) {
        ("POST", ["v1", "messages"]) => Operation::Messages,
        ("POST", ["v1", "messages", "count_tokens"]) => Operation::CountTokens,
        ("GET", ["v1", "models"]) => Operation::Models,
        ("GET", ["v1", "models", id]) => return described((*id).to_owned()),
        _ => Operation::Other,
    };
    Asked::by_body(operation)
}

pub(super) fn google(method: &str, names: &[&str]) -> Asked {
    let ["v1" | "v1beta" | "v1alpha", names @ ..] = names else {
        return Asked::by_body(Operation::Other);
    };
    match (method, names) {
        ("GET", ["models"]) => Asked::by_body(Operation::Models),
        (_, ["models" | "tunedModels", name]) => {
            let (id, action) = name.split_once(':').unwrap_or((name, ""));
            let model = match names {
                ["tunedModels", ..] => format!("tunedModels/{id}"),
                _ => id.to_owned(),
            };
            match (method, action) {
                ("GET", "") => described(model),
                ("POST", "generateContent") => Asked::on(model, Operation::Generate, false),
                ("POST", "streamGenerateContent") => Asked::on(model, Operation::Generate, true),
                ("POST", "countTokens") => Asked::on(model, Operation::CountTokens, false),
                ("POST", "embedContent" | "batchEmbedContents") => {
                    Asked::on(model, Operation::Embeddings, false)
                }
                _ => Asked {
                    model: Some(model),
                    ..Asked::by_body(Operation::Other)
                },
            }
        }
        (_, ["openai", names @ ..]) => google_as_openai(method, names),
        _ => Asked::by_body(Operation::Other),
    }
}

/// Google's imitation of OpenAI's API, which lists its models as `models/{id}`.
fn google_as_openai(method: &str, names: &[&str]) -> Asked {
    match (method, names) {
        ("POST", ["chat", "completions"]) => Asked::by_body(Operation::Chat),
        ("POST", ["embeddings"]) => Asked::by_body(Operation::Embeddings),
        ("GET", ["models"]) => Asked::by_body(Operation::Models),
        ("GET", ["models", id] | ["models", "models", id]) => {
            described(id.strip_prefix("models/").unwrap_or(id).to_owned())
        }
        _ => Asked::by_body(Operation::Other),
    }
}

pub(super) fn bedrock(method: &str, names: &[&str]) -> Asked {
    match names {
        ["openai", "v1", names @ ..] => openai(method, names),
        ["anthropic", names @ ..] => anthropic(method, names),
        ["model", id @ .., action] if is_bedrock_id(id) => {
            let model = id.join("/");
            match (method, *action) {
                ("POST", "converse") => Asked::on(model, Operation::Converse, false),
                ("POST", "converse-stream") => Asked::on(model, Operation::Converse, true),
                ("POST", "invoke") => Asked::on(model, Operation::Invoke, false),
                ("POST", "invoke-with-response-stream") => {
                    Asked::on(model, Operation::Invoke, true)
                }
                ("POST", "count-tokens") => Asked::on(model, Operation::CountTokens, false),
                _ => Asked {
                    model: Some(model),
                    ..Asked::by_body(Operation::Other)
                },
            }
        }
        _ => Asked::by_body(Operation::Other),
    }
}

pub(super) fn cohere(method: &str, names: &[&str]) -> Asked {
    let operation = match (method, names) {
        ("POST", ["v2", "chat"]) => Operation::CohereChat,
        ("POST", ["v2", "embed"] | ["compatibility", "v1", "embeddings"]) => Operation::Embeddings,
        ("POST", ["v2", "rerank"]) => Operation::Rerank,
        ("POST", ["v1", "tokenize"]) => Operation::CountTokens,
        ("POST", ["compatibility", "v1", "chat", "completions"]) => Operation::Chat,
        ("GET", ["v1", "models"]) => Operation::Models,
        ("GET", ["v1", "models", id]) => return described((*id).to_owned()),
        _ => Operation::Other,
    };
    Asked::by_body(operation)
}

/// Whether the names between `/model` and the action are one model id: only an ARN has raw slashes.
fn is_bedrock_id(names: &[&str]) -> bool {
    match names {
        [] => false,
        [_] => true,
        [first, ..] => first.starts_with("arn:"),
    }
}
