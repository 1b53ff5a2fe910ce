//! The paths of Cohere's API. It knows no bodies.

use http::Method;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation<'p> {
    Chat,
    Embed,
    Rerank,
    Tokenize,
    Models,
    Model(&'p str),
}

impl<'p> Operation<'p> {
    /// The operation of a path, and its method.
    pub(crate) fn find(path: &'p str) -> Option<(Method, Self)> {
        Some(match path {
            "/v2/chat" => (Method::POST, Self::Chat),
            "/v2/embed" => (Method::POST, Self::Embed),
            "/v2/rerank" => (Method::POST, Self::Rerank),
            "/v1/tokenize" => (Method::POST, Self::Tokenize),
            "/v1/models" => (Method::GET, Self::Models),
            _ => {
                let id = path.strip_prefix("/v1/models/")?;
                (Method::GET, Self::Model(id))
            }
        })
    }
}
