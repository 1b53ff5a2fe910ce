//! What a Vertex AI provider is configured with: project, location, credentials; and how its models are called.
//!
//! Hosts and names: Google's SDKs and the documentation of Vertex AI, November 2026.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::id::SecretName;

/// Longest name of a location, in characters.
const LOCATION_MAX: usize = 40;
/// Longest id of a project without the domain before it, in characters.
const PROJECT_MAX: usize = 30;
/// Longest domain before the id of an old project, in characters.
const DOMAIN_MAX: usize = 100;
/// The location that is nowhere in particular.
const GLOBAL: &str = "global";
/// Publishers whose models go by their bare ids, as the price lists name them.
const BARE: [&str; 4] = ["google", "anthropic", "mistralai", "ai21"];
/// What the ids of models end in that Google serves for others to call.
const AS_A_SERVICE: &str = "-maas";

/// The id or the number of a Google Cloud project, such as `my-project`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GoogleProject(String);

/// Why a text names no project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "write the id of a Google Cloud project, such as my-project: 6 to 30 small letters, digits and hyphens; its number does as well"
)]
pub struct InvalidProject;

/// A location of Vertex AI: `global`, a multi-region such as `eu`, or a region such as `us-central1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GoogleLocation(String);

/// Why a text names no location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a location of Vertex AI: global, us, eu, or a region such as us-central1")]
pub struct InvalidLocation;

impl GoogleProject {
    /// The id or number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GoogleProject {
    type Err = InvalidProject;
    fn from_str(text: &str) -> Result<Self, InvalidProject> {
        // Old projects of companies have their domain before a colon.
        let (domain, id) = text.split_once(':').unwrap_or(("", text));
        let is_number = domain.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        let begins = id.starts_with(|c: char| c.is_ascii_lowercase());
        let in_domain = |byte: u8| named(byte) || byte == b'.';
        let fits = (6..=PROJECT_MAX).contains(&id.len())
            && (is_number || begins)
            && !id.ends_with('-')
            && id.bytes().all(named)
            && domain.len() <= DOMAIN_MAX
            && domain.bytes().all(in_domain)
            && (text.contains(':') != domain.is_empty());
        fits.then(|| Self(text.to_owned())).ok_or(InvalidProject)
    }
}

impl GoogleLocation {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the one that is nowhere in particular: calls may run anywhere, at the ordinary price.
    #[must_use]
    pub fn is_global(&self) -> bool {
        is_global(&self.0)
    }

    /// The address of Vertex AI for this location.
    #[must_use]
    pub fn vertex_ai(&self) -> String {
        match self.0.as_str() {
            GLOBAL => "https://aiplatform.googleapis.com".to_owned(),
            many @ ("us" | "eu") => format!("https://aiplatform.{many}.rep.googleapis.com"),
            region => format!("https://{region}-aiplatform.googleapis.com"),
        }
    }
}

impl FromStr for GoogleLocation {
    type Err = InvalidLocation;
    fn from_str(text: &str) -> Result<Self, InvalidLocation> {
        let fits = (2..=LOCATION_MAX).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.contains("--")
            && text.bytes().all(named);
        fits.then(|| Self(text.to_owned())).ok_or(InvalidLocation)
    }
}

/// A character of the names of projects and locations.
const fn named(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

/// Whether a location, by its name, is the one that is nowhere in particular.
#[must_use]
pub fn is_global(location: &str) -> bool {
    location == GLOBAL
}

macro_rules! texts {
    ($name:ident, $error:ident) => {
        impl TryFrom<String> for $name {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

texts!(GoogleProject, InvalidProject);
texts!(GoogleLocation, InvalidLocation);

/// Where the credentials of a Vertex AI provider come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum GoogleCredentials {
    /// What the machine has: Google's application default credentials.
    DefaultChain,
    /// The key of a service account out of a secret.
    ServiceAccount {
        /// Its value is the JSON of the key's file.
        service_account: SecretName,
    },
}

impl GoogleCredentials {
    /// The secrets that it refers to.
    #[must_use]
    pub fn secrets(&self) -> Vec<&SecretName> {
        match self {
            Self::DefaultChain => vec![],
            Self::ServiceAccount { service_account } => vec![service_account],
        }
    }
}

/// The one name of a model of Vertex AI, however it is written: `gemini-3-pro` of `google/gemini-3-pro`, and of
/// `publishers/google/models/gemini-3-pro`. Models of most other publishers keep the publisher before theirs, as
/// the price lists and the bodies of calls have it.
#[must_use]
pub fn vertex_model(name: &str) -> Cow<'_, str> {
    let whole = name
        .strip_prefix("publishers/")
        .and_then(|rest| rest.split_once("/models/"));
    let (publisher, id) = match whole.or_else(|| name.split_once('/')) {
        Some(parts) => parts,
        None => return Cow::Borrowed(name),
    };
    // Google's own among the models as a service have its name before theirs.
    let keeps = publisher == "google" && id.ends_with(AS_A_SERVICE);
    if BARE.contains(&publisher) && !keeps && !id.is_empty() {
        Cow::Borrowed(id)
    } else if whole.is_some() {
        Cow::Owned(format!("{publisher}/{id}"))
    } else {
        Cow::Borrowed(name)
    }
}

/// Publishers whose models Vertex AI serves, and whose lists of models it has.
pub const VERTEX_PUBLISHERS: &[&str] = &[
    "google",
    "anthropic",
    "mistralai",
    "ai21",
    "meta",
    "deepseek-ai",
    "qwen",
    "openai",
    "xai",
    "zai-org",
    "moonshotai",
    "minimaxai",
];

/// By which of Vertex AI's APIs a model is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VertexApi {
    /// Google's own, at a publisher's model or an endpoint of the project's.
    Google,
    /// Anthropic's Messages.
    Anthropic,
    /// That of its publisher, which is named.
    Partner(&'static str),
    /// The imitation of OpenAI's.
    OpenAiStyle,
}

impl VertexApi {
    /// Of a model by its one name.
    #[must_use]
    pub fn of(model: &str) -> Self {
        const MISTRALS: [&str; 4] = ["mistral-", "codestral", "ministral-", "magistral-"];
        let begins = |starts: &[&str]| starts.iter().any(|start| model.starts_with(start));
        if begins(&["endpoints/"]) {
            Self::Google
        } else if model.contains('/') {
            Self::OpenAiStyle
        } else if begins(&["claude-"]) {
            Self::Anthropic
        } else if begins(&MISTRALS) {
            Self::Partner("mistralai")
        } else if begins(&["jamba-"]) {
            Self::Partner("ai21")
        } else {
            Self::Google
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_have_their_form() {
        for text in [
            "my-project",
            "p12345",
            "123456789012",
            "example.com:my-project",
        ] {
            let project = text.parse::<GoogleProject>();
            assert_eq!(project.map(String::from), Ok(text.to_owned()));
        }
        for text in [
            "",
            "short",
            "My-project",
            "my_project",
            "my-project-",
            "-my-project",
            "my-project/locations/x",
            "my-project?x",
            ":my-project",
            "example.com:",
            "a/b:my-project",
            "my project",
            "a-project-with-too-many-letters-in-it",
        ] {
            assert_eq!(text.parse::<GoogleProject>(), Err(InvalidProject), "{text}");
        }
    }

    #[test]
    fn locations_have_their_form_and_hosts() {
        for (text, host) in [
            ("global", "aiplatform.googleapis.com"),
            ("us", "aiplatform.us.rep.googleapis.com"),
            ("eu", "aiplatform.eu.rep.googleapis.com"),
            ("us-central1", "us-central1-aiplatform.googleapis.com"),
            (
                "northamerica-northeast1",
                "northamerica-northeast1-aiplatform.googleapis.com",
            ),
        ] {
            let location = text.parse::<GoogleLocation>().unwrap();
            assert_eq!(location.vertex_ai(), format!("https://{host}"));
            assert_eq!(location.is_global(), text == "global");
        }
        for text in [
            "",
            "u",
            "US",
            "us central1",
            "us-",
            "us--central1",
            "evil.com/",
            "1us",
        ] {
            assert_eq!(
                text.parse::<GoogleLocation>(),
                Err(InvalidLocation),
                "{text}"
            );
        }
    }

    #[test]
    fn each_model_has_its_api() {
        for (model, api) in [
            ("gemini-3-pro", VertexApi::Google),
            ("endpoints/1234", VertexApi::Google),
            ("text-embedding-005", VertexApi::Google),
            ("claude-opus-4-5@20251101", VertexApi::Anthropic),
            ("codestral-2@001", VertexApi::Partner("mistralai")),
            ("mistral-small-2503", VertexApi::Partner("mistralai")),
            ("jamba-1.5-large", VertexApi::Partner("ai21")),
            ("meta/llama-4-maas", VertexApi::OpenAiStyle),
            ("google/gemma-4-maas", VertexApi::OpenAiStyle),
        ] {
            assert_eq!(VertexApi::of(model), api, "{model}");
        }
    }

    #[test]
    fn a_model_has_one_name() {
        for (written, name) in [
            ("gemini-3-pro", "gemini-3-pro"),
            ("google/gemini-3-pro", "gemini-3-pro"),
            ("publishers/google/models/gemini-3-pro", "gemini-3-pro"),
            ("publishers/anthropic/models/claude-opus-5", "claude-opus-5"),
            ("mistralai/codestral-2", "codestral-2"),
            ("publishers/meta/models/llama-x-maas", "meta/llama-x-maas"),
            ("meta/llama-x-maas", "meta/llama-x-maas"),
            ("google/gemma-4-maas", "google/gemma-4-maas"),
            (
                "publishers/google/models/gemma-4-maas",
                "google/gemma-4-maas",
            ),
            ("google/", "google/"),
        ] {
            assert_eq!(vertex_model(written), name);
        }
    }
}
