//! How to call a provider from each client: what to install, what to set, what to run, ready to be copied.
//!
//! The one source of these texts: the Connect tab shows them, Test Connection shows some of them, and the
//! browser tests read them off the page and run them as they are printed. What no test runs is not offered;
//! hence the gaps in [`offered`]. The token is never in a text: each reads `WEIR_TOKEN`.
//!
//! Codes stand in `texts/`, in which `PROXY_URL`, `REGION`, `PROJECT`, `LOCATION`, `API_VERSION`, `MODEL` and
//! `QUESTION` are put as literals.

mod shell;
mod vertex;

use admin::providers::ProviderView;
use domain::provider::{ApiVersion, ProviderType};
use serde_json::Value;

/// What is asked.
const QUESTION: &str = "What is a weir?";

/// Whose code calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    ClaudeCode,
    Curl,
    Python,
    TypeScript,
    LangChain,
    LiteLlm,
}

impl Client {
    /// The name in addresses.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
            Self::Curl => "curl",
            Self::Python => "python",
            Self::TypeScript => "typescript",
            Self::LangChain => "langchain",
            Self::LiteLlm => "litellm",
        }
    }

    /// What a person reads.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::Curl => "curl",
            Self::Python => "Python",
            Self::TypeScript => "TypeScript",
            Self::LangChain => "LangChain",
            Self::LiteLlm => "LiteLLM",
        }
    }
}

/// A text to be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    /// What stands above it: the shell, or the file that it is saved as.
    pub(super) title: &'static str,
    pub(super) text: String,
}

/// How a client is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setup {
    /// What is called, such as "OpenAI’s SDK for Python".
    pub(super) name: &'static str,
    /// `None`: there is nothing to install.
    pub(super) install: Option<Block>,
    /// What is set before it runs, beside `WEIR_TOKEN`. `None`: nothing.
    pub(super) environment: Option<Block>,
    /// What runs: commands, or a file.
    pub(super) code: Block,
    /// How the file is run. `None`: the code is a command itself.
    pub(super) run: Option<Block>,
    /// What to know, a sentence each.
    pub(super) notes: Vec<&'static str>,
}

/// The clients that fit a provider, as people look for them.
pub(super) fn offered(provider: &ProviderView) -> &'static [Client] {
    use Client::{ClaudeCode, Curl, LangChain, LiteLlm, Python, TypeScript};
    match provider.provider_type {
        ProviderType::OpenAi | ProviderType::OpenAiCompatible | ProviderType::Bedrock => {
            &[Curl, Python, TypeScript, LangChain, LiteLlm]
        }
        // With passthrough two credentials go along, which the frameworks do not make easy.
        ProviderType::Anthropic if passes(provider) => &[ClaudeCode, Curl, Python, TypeScript],
        ProviderType::Anthropic => &[ClaudeCode, Curl, Python, TypeScript, LangChain, LiteLlm],
        // Each model has an SDK of its own, which the frameworks do not tell apart.
        ProviderType::VertexAi => &[Curl, Python, TypeScript],
        ProviderType::AzureOpenAi => &[Curl, Python, TypeScript, LangChain],
        // LiteLLM changes the path where Gemini is not at its own address.
        ProviderType::GoogleAi => &[Curl, Python, TypeScript, LangChain],
        ProviderType::Cohere => &[Curl, Python, TypeScript],
    }
}

/// How a client calls a model of a provider.
pub(super) fn setup(provider: &ProviderView, client: Client, model: &str) -> Setup {
    match client {
        Client::ClaudeCode => claude_code(provider, model),
        Client::Curl => curl(provider, model),
        Client::Python | Client::LangChain | Client::LiteLlm => python(provider, client, model),
        Client::TypeScript => typescript(provider, model),
    }
}

/// Whether callers sign in upstream themselves.
pub(super) fn passes(provider: &ProviderView) -> bool {
    provider.authorization_passthrough == Some(true)
}

const OWN_SIGN_IN: &str = "Two credentials go along: the gateway token in `x-weir-token`, and your own sign-in at Anthropic in `Authorization`, which this provider passes on. Put your own into `ANTHROPIC_AUTH_TOKEN`.";

fn curl(provider: &ProviderView, model: &str) -> Setup {
    Setup {
        name: "curl",
        install: None,
        environment: None,
        code: Block {
            title: "Shell",
            text: shell::call(provider, model, QUESTION),
        },
        run: None,
        notes: passes(provider)
            .then_some(OWN_SIGN_IN)
            .into_iter()
            .collect(),
    }
}

fn claude_code(provider: &ProviderView, model: &str) -> Setup {
    let token = if passes(provider) {
        (
            "ANTHROPIC_CUSTOM_HEADERS",
            "\"x-weir-token: $WEIR_TOKEN\"".to_owned(),
        )
    } else {
        ("ANTHROPIC_AUTH_TOKEN", "\"$WEIR_TOKEN\"".to_owned())
    };
    let model = shell::quoted(model);
    let variables = [
        ("ANTHROPIC_BASE_URL", shell::quoted(&provider.proxy_url)),
        token,
        ("ANTHROPIC_MODEL", model.clone()),
        ("ANTHROPIC_DEFAULT_HAIKU_MODEL", model),
    ];
    let notes = if passes(provider) {
        "Claude Code stays signed in with your own account; the gateway token goes along in a header of its own."
    } else {
        "If Claude Code is signed in with an account of its own, sign out first with `claude auth logout`."
    };
    Setup {
        name: "Claude Code",
        install: Some(Block {
            title: "Shell",
            text: "npm install -g @anthropic-ai/claude-code".to_owned(),
        }),
        environment: Some(shell::environment(&variables)),
        code: Block {
            title: "Shell",
            text: format!("claude -p {}", shell::quoted(QUESTION)),
        },
        run: None,
        notes: vec![
            notes,
            "Without `-p` and the question it opens as usual. The last variable is the model of its small tasks: any that this provider allows.",
        ],
    }
}

fn python(provider: &ProviderView, client: Client, model: &str) -> Setup {
    let (name, packages, text) = python_text(provider, client, model);
    Setup {
        name,
        install: install("pip install", packages),
        environment: aws_environment(provider, client),
        code: Block {
            title: "ask.py",
            text: filled(text, provider, model),
        },
        run: Some(Block {
            title: "Shell",
            text: "python3 ask.py".to_owned(),
        }),
        notes: notes(provider),
    }
}

fn python_text(
    provider: &ProviderView,
    client: Client,
    model: &str,
) -> (&'static str, &'static str, &'static str) {
    let passes = matches!(provider.authorization_passthrough, Some(true));
    match (provider.provider_type, client) {
        (ProviderType::OpenAi | ProviderType::OpenAiCompatible, Client::LangChain) => (
            "LangChain for Python",
            "langchain-openai",
            include_str!("texts/openai.langchain.py"),
        ),
        (ProviderType::OpenAi | ProviderType::OpenAiCompatible, Client::LiteLlm) => (
            "LiteLLM for Python",
            "litellm",
            include_str!("texts/openai.litellm.py"),
        ),
        (ProviderType::OpenAi | ProviderType::OpenAiCompatible, _) => (
            "OpenAI’s SDK for Python",
            "openai",
            include_str!("texts/openai.py"),
        ),
        (ProviderType::Anthropic, Client::LangChain) => (
            "LangChain for Python",
            "langchain-anthropic",
            include_str!("texts/anthropic.langchain.py"),
        ),
        (ProviderType::Anthropic, Client::LiteLlm) => (
            "LiteLLM for Python",
            "litellm",
            include_str!("texts/anthropic.litellm.py"),
        ),
        (ProviderType::Anthropic, _) if passes => (
            "Anthropic’s SDK for Python",
            "anthropic",
            include_str!("texts/passthrough.py"),
        ),
        (ProviderType::Anthropic, _) => (
            "Anthropic’s SDK for Python",
            "anthropic",
            include_str!("texts/anthropic.py"),
        ),
        (ProviderType::GoogleAi, Client::LangChain) => (
            "LangChain for Python",
            "langchain-google-genai",
            include_str!("texts/google.langchain.py"),
        ),
        (ProviderType::GoogleAi, _) => (
            "Google’s Gen AI SDK for Python",
            "google-genai",
            include_str!("texts/google.py"),
        ),
        (ProviderType::VertexAi, _) => vertex::python(model),
        (ProviderType::AzureOpenAi, Client::LangChain) => (
            "LangChain for Python",
            "langchain-openai",
            include_str!("texts/azure.langchain.py"),
        ),
        (ProviderType::AzureOpenAi, _) => (
            "OpenAI’s SDK for Python",
            "openai",
            include_str!("texts/azure.py"),
        ),
        (ProviderType::Cohere, _) => (
            "Cohere’s SDK for Python",
            "cohere",
            include_str!("texts/cohere.py"),
        ),
        (ProviderType::Bedrock, Client::LangChain) => (
            "LangChain for Python",
            "langchain-aws",
            include_str!("texts/bedrock.langchain.py"),
        ),
        (ProviderType::Bedrock, Client::LiteLlm) => (
            "LiteLLM for Python",
            "litellm boto3",
            include_str!("texts/bedrock.litellm.py"),
        ),
        (ProviderType::Bedrock, _) => (
            "AWS’ SDK for Python",
            "boto3",
            include_str!("texts/bedrock.py"),
        ),
    }
}

fn typescript(provider: &ProviderView, model: &str) -> Setup {
    let (name, package, text) = match provider.provider_type {
        ProviderType::OpenAi | ProviderType::OpenAiCompatible => (
            "OpenAI’s SDK for TypeScript and JavaScript",
            "openai",
            include_str!("texts/openai.mjs"),
        ),
        ProviderType::Anthropic => (
            "Anthropic’s SDK for TypeScript and JavaScript",
            "@anthropic-ai/sdk",
            if passes(provider) {
                include_str!("texts/passthrough.mjs")
            } else {
                include_str!("texts/anthropic.mjs")
            },
        ),
        ProviderType::GoogleAi => (
            "Google’s Gen AI SDK for TypeScript and JavaScript",
            "@google/genai",
            include_str!("texts/google.mjs"),
        ),
        ProviderType::VertexAi => vertex::typescript(model),
        ProviderType::AzureOpenAi => (
            "OpenAI’s SDK for TypeScript and JavaScript",
            "openai",
            include_str!("texts/azure.mjs"),
        ),
        ProviderType::Cohere => (
            "Cohere’s SDK for TypeScript and JavaScript",
            "cohere-ai",
            include_str!("texts/cohere.mjs"),
        ),
        ProviderType::Bedrock => (
            "AWS’ SDK for TypeScript and JavaScript",
            "@aws-sdk/client-bedrock-runtime",
            include_str!("texts/bedrock.mjs"),
        ),
    };
    let mut notes = notes(provider);
    notes.push("The same text is TypeScript: save it as `ask.mts` where your set-up runs that.");
    Setup {
        name,
        install: install("npm install", package),
        environment: aws_environment(provider, Client::TypeScript),
        code: Block {
            title: "ask.mjs",
            text: filled(text, provider, model),
        },
        run: Some(Block {
            title: "Shell",
            text: "node ask.mjs".to_owned(),
        }),
        notes,
    }
}

/// `None`: there is nothing to install.
fn install(command: &str, packages: &str) -> Option<Block> {
    (!packages.is_empty()).then(|| Block {
        title: "Shell",
        text: format!("{command} {packages}"),
    })
}

/// AWS' SDKs take the token from the environment alone.
fn aws_environment(provider: &ProviderView, client: Client) -> Option<Block> {
    let takes = provider.provider_type == ProviderType::Bedrock && client != Client::LiteLlm;
    takes.then(|| shell::environment(&[("AWS_BEARER_TOKEN_BEDROCK", "\"$WEIR_TOKEN\"".to_owned())]))
}

fn notes(provider: &ProviderView) -> Vec<&'static str> {
    if passes(provider) {
        vec![OWN_SIGN_IN]
    } else if needs_tls(provider) {
        vec![
            "AWS’ SDKs send such a token over https only, and this Weir’s address begins with http: serve it with `--tls-cert` and `--tls-key`, or behind a proxy that does, and say so with `WEIR_PUBLIC_URL`.",
        ]
    } else {
        vec![]
    }
}

/// Whether the SDKs refuse to call Weir at the address that it has.
fn needs_tls(provider: &ProviderView) -> bool {
    provider.provider_type == ProviderType::Bedrock && provider.proxy_url.starts_with("http://")
}

/// The version that Azure's clients are told to name, since they want one.
fn api_version(provider: &ProviderView) -> &str {
    provider.any_api_version().unwrap_or(ApiVersion::DEFAULT)
}

/// A text with its places filled in. A literal of JSON is one of Python and of JavaScript, too. Ids come
/// last, so that nothing in them is taken for a place.
fn filled(text: &str, provider: &ProviderView, model: &str) -> String {
    let literal = |text: &str| Value::from(text).to_string();
    let text_of = |value: Option<&str>| literal(value.unwrap_or_default());
    let (address, model) = match provider.provider_type {
        ProviderType::VertexAi => (
            vertex::address(provider, model),
            vertex::name(provider, model),
        ),
        ProviderType::OpenAi
        | ProviderType::Anthropic
        | ProviderType::GoogleAi
        | ProviderType::Bedrock
        | ProviderType::AzureOpenAi
        | ProviderType::OpenAiCompatible
        | ProviderType::Cohere => (provider.proxy_url.clone(), model.to_owned()),
    };
    text.replace("PROXY_URL", &literal(&address))
        .replace("PROJECT", &text_of(provider.any_project()))
        .replace("LOCATION", &text_of(provider.any_location()))
        .replace("REGION", &text_of(provider.any_region()))
        .replace("API_VERSION", &literal(api_version(provider)))
        .replace("QUESTION", &literal(QUESTION))
        .replace("MODEL", &literal(&model))
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests;
