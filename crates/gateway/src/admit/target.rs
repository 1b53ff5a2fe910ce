//! Which operation a request asks for, and where it is: steps 4 to 6 of the crate's list.

use admin::live::{LiveProvider, LiveToken};
use domain::{
    call::Operation,
    provider::{ProviderType, Upstream},
};
use http::{Method, request};
use wire::route::{self, Route};

use crate::{Gateway, azure, query, refusal::Refusal};

/// Where the discovery document of a provider is, behind its proxy URL.
const DISCOVERY_PATH: &str = "/.well-known/weir";
/// The methods that go up: those of APIs, and none that shows what went up or makes a tunnel.
const FORWARDED: [Method; 7] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
];

impl Gateway {
    /// Steps 4 to 6, for a caller whose token is good.
    pub(super) fn operation(
        &self,
        parts: &request::Parts,
        path: &str,
        provider: &LiveProvider,
        token: &LiveToken,
    ) -> Result<Asked, Refusal> {
        if !token.allows(&provider.provider.id) {
            return Err(Refusal::TokenNotForProvider);
        }
        if !provider.provider.enabled {
            return Err(Refusal::ProviderDisabled);
        }
        if path == DISCOVERY_PATH && parts.method == Method::GET {
            return Ok(Asked::Discovery);
        }
        if !FORWARDED.contains(&parts.method) {
            return Err(Refusal::MethodNotSupported);
        }
        self.target(parts, path, provider).map(Asked::Operation)
    }

    /// Which of an upstream's operations is asked for, and where it is.
    pub(crate) fn target(
        &self,
        parts: &request::Parts,
        path: &str,
        provider: &LiveProvider,
    ) -> Result<Target, Refusal> {
        let upstream = &provider.provider.upstream;
        let path = if path.is_empty() { "/" } else { path };
        let route = route::route(upstream.provider_type(), parts.method.as_str(), path)?;
        let route = at_home(route, upstream);
        if route.operation == Operation::Other && !provider.provider.other_paths {
            let hint = beside_the_api(upstream.provider_type(), path);
            return Err(Refusal::OperationNotAllowed { hint });
        }
        let mut address = route.url(&self.base_url(upstream));
        let query = parts.uri.query();
        let google = matches!(
            upstream,
            Upstream::GoogleAi { .. } | Upstream::VertexAi { .. }
        );
        if google && route.operation.is_inference() && !is_readable_form(query.unwrap_or_default())
        {
            return Err(Refusal::FormUnreadable);
        }
        let query =
            query.and_then(|query| query::without_credentials(query, upstream.provider_type()));
        if let Some(query) = azure::query(upstream, path, query) {
            address.push('?');
            address.push_str(&query);
        }
        Ok(Target {
            operation: route.operation,
            address,
            model: route.model,
            streamed: route.streamed,
        })
    }
}

/// What is behind a provider's proxy URL.
pub(super) enum Asked {
    Discovery,
    Operation(Target),
}

/// Which of an upstream's operations is asked for, and where it is.
pub(crate) struct Target {
    pub(crate) operation: Operation,
    pub(crate) address: String,
    /// The model that the path names.
    pub(crate) model: Option<String>,
    /// Whether the path asks for a stream. `None`: the body says.
    pub(crate) streamed: Option<bool>,
}

/// A route in the provider's own project and location, where its type has such.
pub(crate) fn at_home<'a>(route: Route<'a>, upstream: &Upstream) -> Route<'a> {
    match upstream.google_home() {
        Some((project, location)) => route.at_home(project.as_str(), location.as_str()),
        None => route,
    }
}

/// Whether Google is asked for a form of answer that can be metered.
fn is_readable_form(query: &str) -> bool {
    ["alt", "$alt"].iter().all(|name| {
        query::value(query, name).is_none_or(|form| {
            let form = form.split(';').next().unwrap_or_default();
            matches!(form, "" | "json" | "sse")
        })
    })
}

/// Where the paths of a type are, where this one is none of them: clients of OpenAI's API forget what stands before.
fn beside_the_api(provider_type: ProviderType, path: &str) -> Option<&'static str> {
    let begins_with = |beginnings: &[&str]| {
        beginnings.iter().any(|beginning| {
            path.get(..beginning.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(beginning))
        })
    };
    match provider_type {
        ProviderType::AzureOpenAi if !begins_with(&["/openai/"]) => Some(
            "Paths of Azure OpenAI begin with /openai/deployments/ or, for clients of OpenAI's API, with /openai/v1/.",
        ),
        ProviderType::Cohere
            if begins_with(&[
                "/chat/completions",
                "/embeddings",
                "/v1/chat",
                "/v1/embed",
                "/v1/rerank",
            ]) =>
        {
            Some(
                "Cohere's paths here begin with /v2/; clients of OpenAI's API use /compatibility/v1/.",
            )
        }
        _ => None,
    }
}
