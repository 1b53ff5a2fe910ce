//! The paths of Vertex AI. It knows no bodies.

use http::Method;

use crate::google::Operation as GoogleOperation;

const VERSIONS: [&str; 2] = ["/v1/", "/v1beta1/"];

/// What is asked for, but for what Google's own models are asked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation<'p> {
    Claude { model: &'p str, streamed: bool },
    CountClaude,
    Partner { model: &'p str, streamed: bool },
    Predict(&'p str),
    Models(&'p str),
    Model(&'p str, &'p str),
}

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place<'p> {
    /// One of the operations here, or of Google's own models.
    Vertex(Operation<'p>),
    Google(GoogleOperation<'p>),
    /// The imitation of OpenAI's API, with the rest of the path.
    OpenAi(&'p str),
}

impl<'p> Place<'p> {
    /// Whether a path is one of Vertex AI's at all.
    pub(crate) fn has(path: &str) -> bool {
        let below = without_version(path);
        below.is_some_and(|rest| rest.starts_with("projects/") || rest.starts_with("publishers/"))
    }

    /// The place of a path, and its method. Models are called only in a project and a location.
    pub(crate) fn find(path: &'p str, query: &str) -> Option<(Method, Self)> {
        let rest = without_version(path)?;
        if let Some(of_publishers) = rest.strip_prefix("publishers/") {
            return catalog(of_publishers);
        }
        let (_project, _location, rest) = split_home(rest)?;
        if let Some(style) = rest
            .strip_prefix("/endpoints/openapi")
            .or_else(|| rest.strip_prefix("/publishers/openai/v1"))
        {
            return Some((Method::POST, Self::OpenAi(style)));
        }
        if rest.starts_with("/endpoints/") {
            return generate(rest, query);
        }
        let (publisher, call) = rest.strip_prefix("/publishers/")?.split_once('/')?;
        if publisher == "google" {
            let call = rest.get("/publishers/google".len()..)?;
            return predict(call).or_else(|| generate(call, query));
        }
        let (model, verb) = call.strip_prefix("models/")?.rsplit_once(':')?;
        let streamed = match verb {
            "rawPredict" => false,
            "streamRawPredict" => true,
            _ => return None,
        };
        let operation = match (publisher, model) {
            ("anthropic", "count-tokens") if !streamed => Operation::CountClaude,
            ("anthropic", _) => Operation::Claude { model, streamed },
            _ => Operation::Partner { model, streamed },
        };
        Some((Method::POST, Self::Vertex(operation)))
    }
}

/// The project that a path names.
pub(super) fn project(path: &str) -> Option<&str> {
    let (project, _, _) = split_home(without_version(path)?)?;
    Some(project)
}

fn without_version(path: &str) -> Option<&str> {
    VERSIONS
        .iter()
        .find_map(|version| path.strip_prefix(version))
}

/// `projects/p/locations/l/x` as `p`, `l` and `/x`.
fn split_home(rest: &str) -> Option<(&str, &str, &str)> {
    let (project, rest) = rest.strip_prefix("projects/")?.split_once('/')?;
    let rest = rest.strip_prefix("locations/")?;
    let (location, rest) = rest.split_at_checked(rest.find('/')?)?;
    (!project.is_empty() && !location.is_empty()).then_some((project, location, rest))
}

fn catalog(rest: &str) -> Option<(Method, Place<'_>)> {
    let (publisher, models) = rest.split_once('/')?;
    let operation = match models.strip_prefix("models/") {
        None if models == "models" => Operation::Models(publisher),
        Some(id) if !id.contains(['/', ':']) => Operation::Model(publisher, id),
        _ => return None,
    };
    Some((Method::GET, Place::Vertex(operation)))
}

fn predict(call: &str) -> Option<(Method, Place<'_>)> {
    let (model, verb) = call.strip_prefix("/models/")?.rsplit_once(':')?;
    let embeds = verb == "predict" && model.contains("embedding");
    embeds.then_some((Method::POST, Place::Vertex(Operation::Predict(model))))
}

fn generate<'p>(call: &'p str, query: &str) -> Option<(Method, Place<'p>)> {
    let (method, operation) = GoogleOperation::find(call, query)?;
    match operation {
        GoogleOperation::Generate(..)
        | GoogleOperation::CountTokens(_)
        | GoogleOperation::Embed(_) => Some((method, Place::Google(operation))),
        GoogleOperation::EmbedAll(_) | GoogleOperation::Models | GoogleOperation::Model(_) => None,
    }
}
