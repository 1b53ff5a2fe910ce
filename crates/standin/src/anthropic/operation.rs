//! The paths of Anthropic's API, without the version. It knows no bodies.

use http::Method;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation<'p> {
    Messages,
    CountTokens,
    Models,
    Model(&'p str),
}

impl<'p> Operation<'p> {
    /// The operation of a path, and its method.
    pub(crate) fn find(path: &'p str) -> Option<(Method, Self)> {
        Some(match path {
            "/messages" => (Method::POST, Self::Messages),
            "/messages/count_tokens" => (Method::POST, Self::CountTokens),
            "/models" => (Method::GET, Self::Models),
            _ => {
                let id = path.strip_prefix("/models/")?;
                (Method::GET, Self::Model(id))
            }
        })
    }
}
