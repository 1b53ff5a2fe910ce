//! The paths of Vertex AI: which operation they ask for, and which project and location they name.
//!
//! Everything there lies below `/{version}/projects/{project}/locations/{location}`, and may be written without
//! the middle: [`Home`] puts a provider's own in, over what the client wrote, so that no client calls, or bills,
//! another project. Only publishers' lists of models lie outside of every project. What begins with no version
//! (`/upload/v1/projects/…`) is refused: a project could stand anywhere in it.

use std::borrow::Cow;

use domain::{call::Operation, provider::vertex_model};

use super::{Asked, PathError, asked::described, openai};

/// The versions of the API.
pub(super) const VERSIONS: &[&str] = &["/v1", "/v1beta1"];

/// What the names of a path ask for. They begin with the version.
pub(super) fn asked(method: &str, names: &[&str]) -> Asked {
    let ["v1" | "v1beta1", names @ ..] = names else {
        return Asked::by_body(Operation::Other);
    };
    let names = match names {
        ["projects", _, "locations", location, names @ ..] if !location.contains(':') => names,
        names => names,
    };
    match (method, names) {
        ("GET", ["publishers", _, "models"]) => Asked::by_body(Operation::Models),
        (_, ["publishers", "openai", "v1", names @ ..] | ["endpoints", "openapi", names @ ..]) => {
            as_openai(method, names)
        }
        (_, ["publishers", publisher, "models", name]) => of_publisher(method, publisher, name),
        (_, ["endpoints", name]) => of_endpoint(method, name),
        _ => Asked::by_body(Operation::Other),
    }
}

/// The imitation of OpenAI's API, of which only what runs a model is metered.
fn as_openai(method: &str, names: &[&str]) -> Asked {
    let asked = openai(method, names);
    match (method, names) {
        ("GET", ["models", id @ ..]) if !id.is_empty() => {
            described(vertex_model(&id.join("/")).into_owned())
        }
        _ => asked,
    }
}

/// A call of a publisher's model.
fn of_publisher(method: &str, publisher: &str, name: &str) -> Asked {
    let (id, action) = name.split_once(':').unwrap_or((name, ""));
    let model = vertex_model(&format!("publishers/{publisher}/models/{id}")).into_owned();
    let other = |model| Asked {
        model: Some(model),
        ..Asked::by_body(Operation::Other)
    };
    match (method, publisher, action) {
        ("GET", _, "") => described(model),
        ("POST", "anthropic", "rawPredict") if id == "count-tokens" => {
            Asked::by_body(Operation::CountTokens)
        }
        ("POST", "anthropic", "rawPredict") => Asked::on(model, Operation::Messages, false),
        ("POST", "anthropic", "streamRawPredict") => Asked::on(model, Operation::Messages, true),
        ("POST", "google", "rawPredict" | "streamRawPredict") => other(model),
        // What reads documents answers in pages.
        ("POST", _, "rawPredict" | "streamRawPredict") if id.contains("-ocr") => other(model),
        ("POST", _, "rawPredict") => Asked::on(model, Operation::Chat, false),
        ("POST", _, "streamRawPredict") => Asked::on(model, Operation::Chat, true),
        // Images and films are made by the same word.
        ("POST", _, "predict") if id.contains("embedding") => {
            Asked::on(model, Operation::Embeddings, false)
        }
        ("POST", _, _) => generating(model, action),
        _ => other(model),
    }
}

/// A call of a model that was tuned, which goes by the endpoint that it was put behind.
fn of_endpoint(method: &str, name: &str) -> Asked {
    let (id, action) = name.split_once(':').unwrap_or((name, ""));
    let model = format!("endpoints/{id}");
    match method {
        "POST" => generating(model, action),
        _ => Asked {
            model: Some(model),
            ..Asked::by_body(Operation::Other)
        },
    }
}

/// What Google's own models are asked for.
fn generating(model: String, action: &str) -> Asked {
    match action {
        "generateContent" => Asked::on(model, Operation::Generate, false),
        "streamGenerateContent" => Asked::on(model, Operation::Generate, true),
        "countTokens" => Asked::on(model, Operation::CountTokens, false),
        "embedContent" => Asked::on(model, Operation::Embeddings, false),
        _ => Asked {
            model: Some(model),
            ..Asked::by_body(Operation::Other)
        },
    }
}

/// Whether a path is of the imitation of OpenAI's API.
pub(super) fn is_openai_style(names: &[Cow<'_, str>]) -> bool {
    pairs(names).any(|pair| matches!(pair, ("endpoints", "openapi") | ("publishers", "openai")))
}

/// Whether a path is of Anthropic's models.
pub(super) fn is_anthropics(names: &[Cow<'_, str>]) -> bool {
    pairs(names).any(|pair| pair == ("publishers", "anthropic"))
}

fn pairs<'n>(names: &'n [Cow<'_, str>]) -> impl Iterator<Item = (&'n str, &'n str)> {
    let firsts = names.iter().map(AsRef::as_ref);
    firsts.zip(names.iter().skip(1).map(AsRef::as_ref))
}

/// Where in a project and location a path lies, which are another's to name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Home<'a> {
    /// Nowhere: it goes up as it is.
    Nowhere,
    /// Below a project and location: the version, and the rest with what it begins with.
    Location { version: &'a str, rest: &'a str },
    /// Below a project alone.
    Project { version: &'a str, rest: &'a str },
}

impl<'a> Home<'a> {
    /// Of a path, whose names are its segments decoded; and the path without project and location.
    ///
    /// # Errors
    /// Where the path does not begin with a version.
    pub(super) fn of(
        method: &str,
        names: &[&str],
        path: &'a str,
    ) -> Result<(Self, Cow<'a, str>), PathError> {
        let (version, names) = match names {
            ["v1", names @ ..] => ("v1", names),
            ["v1beta1", names @ ..] => ("v1beta1", names),
            _ => return Err(PathError::NoVersion),
        };
        let home = match names {
            ["projects", _, "locations", location, ..] if location.contains(':') => {
                let rest = action(behind(path, 5));
                Self::Location { version, rest }
            }
            ["projects", _, "locations", _, names @ ..] => {
                let rest = behind(path, 6);
                if is_catalog(method, names) {
                    return Ok((Self::Nowhere, Cow::Owned(format!("/{version}{rest}"))));
                }
                Self::Location { version, rest }
            }
            ["projects", _, ..] => Self::Project {
                version,
                rest: behind(path, 4),
            },
            names if is_catalog(method, names) => Self::Nowhere,
            _ => Self::Location {
                version,
                rest: behind(path, 2),
            },
        };
        let path = match &home {
            Self::Nowhere => Cow::Borrowed(path),
            Self::Location { rest, .. } | Self::Project { rest, .. } => {
                Cow::Owned(format!("/{version}{rest}"))
            }
        };
        Ok((home, path))
    }

    /// The path in this project and location.
    pub(super) fn at(&self, project: &str, location: &str) -> Option<String> {
        match self {
            Self::Nowhere => None,
            Self::Location { version, rest } => Some(format!(
                "/{version}/projects/{project}/locations/{location}{rest}"
            )),
            Self::Project { version, rest } => Some(format!("/{version}/projects/{project}{rest}")),
        }
    }
}

/// Whether these names, behind the version or the location, are the catalog of models, which is everybody's: a
/// publisher's list, or one model of it. All else of a publisher's is called in a project.
fn is_catalog(method: &str, names: &[&str]) -> bool {
    method == "GET"
        && match names {
            ["publishers", _, "models"] => true,
            ["publishers", _, "models", model] => !model.contains(':'),
            _ => false,
        }
}

/// The path from its slash of this number on, counted from one.
fn behind(path: &str, slash: usize) -> &str {
    let mut slashes = path.match_indices('/');
    slashes
        .nth(slash.saturating_sub(1))
        .and_then(|(at, _)| path.get(at..))
        .unwrap_or_default()
}

/// The same from the colon on that the last segment has.
fn action(path: &str) -> &str {
    path.find(':')
        .and_then(|at| path.get(at..))
        .unwrap_or_default()
}
