//! The paths of Bedrock's runtime and of its control plane. It knows no bodies.

use http::Method;

/// What is asked for, with ids as they stand in the path: still percent-encoded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation<'p> {
    Converse(&'p str),
    ConverseStream(&'p str),
    Invoke(&'p str),
    InvokeStream(&'p str),
    CountTokens(&'p str),
    FoundationModels,
    InferenceProfiles,
    InferenceProfile(&'p str),
    Guardrail(&'p str),
}

impl<'p> Operation<'p> {
    /// The operation of a path, and its method. An id is one segment.
    pub(crate) fn find(path: &'p str) -> Option<(Method, Self)> {
        let mut segments = path.strip_prefix('/')?.split('/');
        let names = (
            segments.next()?,
            segments.next(),
            segments.next(),
            segments.next(),
        );
        Some(match names {
            ("foundation-models", None, None, None) => (Method::GET, Self::FoundationModels),
            ("inference-profiles", None, None, None) => (Method::GET, Self::InferenceProfiles),
            ("inference-profiles", Some(id), None, None) => {
                (Method::GET, Self::InferenceProfile(id))
            }
            ("guardrails", Some(id), None, None) => (Method::GET, Self::Guardrail(id)),
            ("model", Some(id), Some(verb), None) => {
                let operation = match verb {
                    "converse" => Self::Converse(id),
                    "converse-stream" => Self::ConverseStream(id),
                    "invoke" => Self::Invoke(id),
                    "invoke-with-response-stream" => Self::InvokeStream(id),
                    "count-tokens" => Self::CountTokens(id),
                    _ => return None,
                };
                (Method::POST, operation)
            }
            _ => return None,
        })
    }
}
