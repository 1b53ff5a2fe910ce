//! Azure's two families of paths.
//!
//! Dated ones (`/openai/deployments/{deployment}/…`, `/openai/responses`) want an `api-version` in the query;
//! those below `/openai/v1` are OpenAI's own and want none. In both, what stands for the model is the name of
//! a deployment.

use domain::call::Operation;

use super::{Asked, decoded, openai};

/// What the names of a path ask for.
pub(super) fn asked(method: &str, names: &[&str]) -> Asked {
    match names {
        ["openai", "v1", names @ ..] => openai(method, names),
        ["openai", "deployments", deployment, names @ ..] => {
            let operation = match (method, names) {
                ("POST", ["chat", "completions"]) => Operation::Chat,
                ("POST", ["completions"]) => Operation::Completions,
                ("POST", ["embeddings"]) => Operation::Embeddings,
                _ => Operation::Other,
            };
            Asked {
                model: Some((*deployment).to_owned()),
                ..Asked::by_body(operation)
            }
        }
        ["openai", rest @ ..] if matches!(rest, ["responses" | "models", ..]) => {
            openai(method, rest)
        }
        _ => Asked::by_body(Operation::Other),
    }
}

/// Whether a path of Azure's is one that wants an `api-version`.
#[must_use]
pub fn is_dated(path: &str) -> bool {
    let mut names = path.split('/').filter(|name| !name.is_empty()).map(decoded);
    names.next().as_deref() == Some("openai") && names.next().as_deref() != Some("v1")
}
