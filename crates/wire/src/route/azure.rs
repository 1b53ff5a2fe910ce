//! Azure's two families of paths.
//!
//! Dated ones (`/openai/deployments/{deployment}/…`, `/openai/responses`) want an `api-version` in the query;
//! those below `/openai/v1` are OpenAI's own and want none. In both, what stands for the model is the name of
//! a deployment. Azure reads the words of its paths in either case; names are the customer's.

use domain::call::Operation;

use super::{Asked, decoded, openai};

/// The words of the paths. What stands behind the first two is a name.
const WORDS: &[&str] = &[
    "deployments",
    "models",
    "openai",
    "v1",
    "chat",
    "completions",
    "embeddings",
    "responses",
    "compact",
    "input_tokens",
    "input_items",
    "cancel",
];
const BEFORE_NAMES: &[&str] = &["deployments", "models"];

/// A path's names with its words as they are written here.
fn in_small_letters<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let mut read: Vec<&str> = Vec::with_capacity(names.len());
    for name in names {
        let word = WORDS.iter().find(|word| word.eq_ignore_ascii_case(name));
        let is_name = read.last().is_some_and(|last| BEFORE_NAMES.contains(last));
        read.push(word.filter(|_| !is_name).unwrap_or(name));
    }
    read
}

/// What the names of a path ask for.
pub(super) fn asked(method: &str, names: &[&str]) -> Asked {
    match in_small_letters(names).as_slice() {
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
    let mut next_is = |word: &str| {
        let name = names.next();
        name.is_some_and(|name| name.eq_ignore_ascii_case(word))
    };
    next_is("openai") && !next_is("v1")
}
