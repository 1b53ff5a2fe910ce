//! The paths of Google's API. It knows no bodies.

use http::Method;

const VERSIONS: [&str; 3] = ["v1", "v1beta", "v1alpha"];
const GENERATE: &str = "generateContent";
const STREAM: &str = "streamGenerateContent";
const COUNT: &str = "countTokens";
const EMBED: &str = "embedContent";
const EMBED_ALL: &str = "batchEmbedContents";

/// How an answer is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Whole,
    /// Server-sent events.
    Events,
    /// One JSON array, piece by piece.
    Array,
}

/// What is asked for, with the model as it stands in the path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation<'p> {
    Generate(&'p str, Form),
    CountTokens(&'p str),
    Embed(&'p str),
    EmbedAll(&'p str),
    Models,
    Model(&'p str),
}

impl<'p> Operation<'p> {
    /// `/v1beta/models` as `v1beta` and `/models`.
    pub(crate) fn split_version(path: &str) -> Option<(&str, &str)> {
        let rest = path.strip_prefix('/')?;
        let place = rest.find('/')?;
        let (version, rest) = rest.split_at_checked(place)?;
        VERSIONS.contains(&version).then_some((version, rest))
    }

    /// Whether a path without its version calls a model.
    pub(crate) fn is_call(path: &str) -> bool {
        Self::split_call(path).is_some()
    }

    /// The operation of a path without its version, and its method.
    pub(crate) fn find(path: &'p str, query: &str) -> Option<(Method, Self)> {
        if path == "/models" {
            return Some((Method::GET, Self::Models));
        }
        let Some((model, verb)) = Self::split_call(path) else {
            let id = path.strip_prefix("/models/")?;
            return (!id.contains('/')).then_some((Method::GET, Self::Model(id)));
        };
        let operation = match verb {
            GENERATE => Self::Generate(model, Form::Whole),
            STREAM if query.split('&').any(|pair| pair == "alt=sse") => {
                Self::Generate(model, Form::Events)
            }
            STREAM => Self::Generate(model, Form::Array),
            COUNT => Self::CountTokens(model),
            EMBED => Self::Embed(model),
            EMBED_ALL => Self::EmbedAll(model),
            _ => return None,
        };
        Some((Method::POST, operation))
    }

    fn split_call(path: &str) -> Option<(&str, &str)> {
        let rest = path
            .strip_prefix("/models/")
            .or_else(|| path.strip_prefix("/tunedModels/"))
            // Tuned models of Vertex AI.
            .or_else(|| path.strip_prefix("/endpoints/"))?;
        let (model, verb) = rest.rsplit_once(':')?;
        let known = [GENERATE, STREAM, COUNT, EMBED, EMBED_ALL].contains(&verb);
        (known && !model.is_empty() && !model.contains('/')).then_some((model, verb))
    }
}
