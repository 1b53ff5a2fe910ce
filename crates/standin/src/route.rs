//! Which operation a method and path stand for, and whose server is meant. It knows no bodies.
//!
//! | path | server |
//! |---|---|
//! | `/as/{name}/…` | the compatible server of that name, with the rest of the path; `x-standin-host` says the same |
//! | `/v1beta/…`, `/v1alpha/…`, `/v1/models/{m}:generateContent` and the like, `/v1/models` with `x-goog-api-key` or `?key=` | Google |
//! | `/v1…/openai/…` | Google in OpenAI's style |
//! | `/v1/projects/…`, `/v1/publishers/…`, the same below `/v1beta1` | Vertex AI; in OpenAI's style below `…/endpoints/openapi` |
//! | `/as/azure/openai/…`, and `/openai/deployments/…` without that | Azure |
//! | `/model/…` | Bedrock's runtime; in OpenAI's style below `/openai/v1`, in Anthropic's below `/anthropic/v1` |
//! | `/foundation-models`, `/inference-profiles`, `/guardrails` | Bedrock's control plane |
//! | `/v2/…`, `/v1/tokenize`, `/v1/models` with `page_size` | Cohere; in OpenAI's style below `/compatibility/v1` |
//! | `/serving-endpoints/…`, `/api/2.0/serving-endpoints` | Databricks |
//! | `/invocations` | MLflow |
//! | all others, at the root and under `/v1` | OpenAI; Anthropic for its paths and where its headers came |

use http::Method;
use http::request::Parts;

use crate::anthropic::Operation as AnthropicOperation;
use crate::azure;
use crate::bedrock::Operation as BedrockOperation;
use crate::cohere::Operation as CohereOperation;
use crate::google::Operation as GoogleOperation;
use crate::host::Host;
use crate::openai::Operation as OpenAiOperation;
use crate::vertex::{Operation as VertexOperation, Place};

/// Whose API is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    OpenAi,
    Anthropic,
    Google,
    Bedrock,
    Cohere,
}

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Operation<'p> {
    OpenAi(OpenAiOperation<'p>),
    Anthropic(AnthropicOperation<'p>),
    Google(GoogleOperation<'p>),
    Bedrock(BedrockOperation<'p>),
    Vertex(VertexOperation<'p>),
    Cohere(CohereOperation<'p>),
    /// The path exists, but not with this method.
    WrongMethod(Api),
    UnknownPath(Api),
}

/// Where a request leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Route<'p> {
    pub(crate) host: Host,
    pub(crate) operation: Operation<'p>,
    /// The deployment that the path names, at Azure.
    pub(crate) deployment: Option<&'p str>,
}

impl<'p> Route<'p> {
    /// Never fails: what is unknown has a value of its own. `wished` is the server that a header
    /// asks for.
    pub(crate) fn of(request: &'p Parts, wished: Option<Host>) -> Self {
        let (named, path) = split_name(request.uri.path());
        let host = named
            .or(wished)
            .unwrap_or_else(|| guessed_host(path, request.uri.query()));
        let mut deployment = None;
        let (api, found) = match host {
            Host::Azure => {
                let split = azure::split(path);
                deployment = split.and_then(|(deployment, _)| deployment);
                (Api::OpenAi, split.and_then(|(_, rest)| openai(rest)))
            }
            Host::Google => google(request, path),
            Host::Bedrock => bedrock(path),
            Host::Vertex => vertex(request, path),
            Host::Cohere => cohere(path),
            Host::Own
            | Host::Groq
            | Host::DeepSeek
            | Host::Xai
            | Host::Mistral
            | Host::Together
            | Host::Fireworks
            | Host::Cerebras
            | Host::SambaNova
            | Host::Perplexity
            | Host::Databricks
            | Host::Vllm
            | Host::Ollama
            | Host::MlFlow => compatible(request, host, path),
        };
        let operation = match found {
            None => Operation::UnknownPath(api),
            Some((method, operation)) if request.method == method => operation,
            Some(_) => Operation::WrongMethod(api),
        };
        let host = match (host, api) {
            // `/v1/models` alone does not say whose it is.
            (Host::Own, Api::Google) => Host::Google,
            (host, _) => host,
        };
        Self {
            host,
            operation,
            deployment,
        }
    }

    /// Whose API is spoken.
    pub(crate) fn api(&self) -> Api {
        match self.operation {
            Operation::OpenAi(_) => Api::OpenAi,
            Operation::Anthropic(_) => Api::Anthropic,
            Operation::Google(_) => Api::Google,
            Operation::Bedrock(_) => Api::Bedrock,
            Operation::Vertex(VertexOperation::Claude { .. } | VertexOperation::CountClaude) => {
                Api::Anthropic
            }
            Operation::Vertex(_) => Api::Google,
            Operation::Cohere(_) => Api::Cohere,
            Operation::WrongMethod(api) | Operation::UnknownPath(api) => api,
        }
    }
}

type Found<'p> = (Api, Option<(Method, Operation<'p>)>);

/// `/as/together/v1/models` as Together and `/v1/models`.
fn split_name(path: &str) -> (Option<Host>, &str) {
    let split = path.strip_prefix("/as/").and_then(|rest| {
        let place = rest.find('/')?;
        let (name, rest) = rest.split_at_checked(place)?;
        Some((Host::named(name)?, rest))
    });
    match split {
        Some((host, rest)) => (Some(host), rest),
        None => (None, path),
    }
}

fn guessed_host(path: &str, query: Option<&str>) -> Host {
    const BEDROCK: [&str; 6] = [
        "/model/",
        "/openai/v1/",
        "/anthropic/v1/",
        "/foundation-models",
        "/inference-profiles",
        "/guardrails",
    ];
    const DATABRICKS: [&str; 3] = [
        "/serving-endpoints/",
        "/api/2.0/serving-endpoints",
        "/ai-gateway/",
    ];
    const MLFLOW: [&str; 4] = ["/invocations", "/ping", "/health", "/version"];
    const COHERE: [&str; 3] = ["/v2/", "/v1/tokenize", "/compatibility/"];
    let pages = || query.is_some_and(|query| query.contains("page_size="));
    if COHERE.iter().any(|start| path.starts_with(start)) || (path == "/v1/models" && pages()) {
        return Host::Cohere;
    }
    if path.starts_with("/openai/deployments/") {
        Host::Azure
    } else if BEDROCK.iter().any(|start| path.starts_with(start)) {
        Host::Bedrock
    } else if DATABRICKS.iter().any(|start| path.starts_with(start)) {
        Host::Databricks
    } else if MLFLOW.contains(&path) {
        Host::MlFlow
    } else if Place::has(path) {
        Host::Vertex
    } else if is_googles(path) {
        Host::Google
    } else {
        Host::Own
    }
}

fn is_googles(path: &str) -> bool {
    match GoogleOperation::split_version(path) {
        Some(("v1", rest)) => rest.starts_with("/openai/") || GoogleOperation::is_call(rest),
        Some(_) => true,
        None => false,
    }
}

fn google<'p>(request: &'p Parts, path: &'p str) -> Found<'p> {
    let rest = GoogleOperation::split_version(path).map(|(_, rest)| rest);
    match rest.and_then(|rest| rest.strip_prefix("/openai")) {
        Some(rest) if rest.starts_with('/') => (Api::OpenAi, openai(rest)),
        _ => {
            let query = request.uri.query().unwrap_or_default();
            let found = rest.and_then(|rest| GoogleOperation::find(rest, query));
            let found = found.map(|(method, call)| (method, Operation::Google(call)));
            (Api::Google, found)
        }
    }
}

fn vertex<'p>(request: &'p Parts, path: &'p str) -> Found<'p> {
    let query = request.uri.query().unwrap_or_default();
    match Place::find(path, query) {
        None => (Api::Google, None),
        Some((_, Place::OpenAi(rest))) => (Api::OpenAi, openai(rest)),
        Some((method, Place::Google(call))) => {
            (Api::Google, Some((method, Operation::Google(call))))
        }
        Some((method, Place::Vertex(call))) => {
            (Api::Google, Some((method, Operation::Vertex(call))))
        }
    }
}

fn bedrock(path: &str) -> Found<'_> {
    if let Some(rest) = path.strip_prefix("/openai/v1") {
        return (Api::OpenAi, openai(rest));
    }
    if let Some(rest) = path.strip_prefix("/anthropic/v1") {
        return (Api::Anthropic, anthropic(rest));
    }
    let found = BedrockOperation::find(path);
    let found = found.map(|(method, call)| (method, Operation::Bedrock(call)));
    (Api::Bedrock, found)
}

fn cohere(path: &str) -> Found<'_> {
    if let Some(rest) = path.strip_prefix("/compatibility/v1") {
        return (Api::OpenAi, openai(rest));
    }
    let found = CohereOperation::find(path);
    let found = found.map(|(method, call)| (method, Operation::Cohere(call)));
    (Api::Cohere, found)
}

fn compatible<'p>(request: &'p Parts, host: Host, path: &'p str) -> Found<'p> {
    let path = without_base(host, path);
    let api = likely_api(request);
    if api == Api::Google && (path == "/models" || path.starts_with("/models/")) {
        return google(request, request.uri.path());
    }
    let anthropics_alone = path.starts_with("/messages");
    if anthropics_alone || (api == Api::Anthropic && path.starts_with("/models")) {
        return (Api::Anthropic, anthropic(path));
    }
    (
        if api == Api::Google { Api::OpenAi } else { api },
        openai(path),
    )
}

/// What one base leaves may begin with the next.
fn without_base(host: Host, path: &str) -> &str {
    let mut path = path;
    for base in host.base_paths().iter().chain(&["/v1"]) {
        path = path
            .strip_prefix(base)
            .filter(|rest| rest.starts_with('/'))
            .unwrap_or(path);
    }
    path
}

fn openai(path: &str) -> Option<(Method, Operation<'_>)> {
    OpenAiOperation::find(path).map(|(method, call)| (method, Operation::OpenAi(call)))
}

fn anthropic(path: &str) -> Option<(Method, Operation<'_>)> {
    AnthropicOperation::find(path).map(|(method, call)| (method, Operation::Anthropic(call)))
}

/// For the paths that several have: Anthropic's and Google's clients send their own headers.
fn likely_api(request: &Parts) -> Api {
    let has = |name: &str| request.headers.contains_key(name);
    let key_in_query = request.uri.query().is_some_and(|query| {
        query
            .split('&')
            .any(|pair| pair == "key" || pair.starts_with("key="))
    });
    if has("anthropic-version") || has("x-api-key") {
        Api::Anthropic
    } else if has("x-goog-api-key") || key_in_query {
        Api::Google
    } else {
        Api::OpenAi
    }
}

#[cfg(test)]
mod tests;
