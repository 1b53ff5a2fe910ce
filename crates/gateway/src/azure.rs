//! The `api-version` of Azure's dated paths: added where a client names none, and what it says of streams.

use domain::provider::{ApiVersion, Upstream};
use wire::route;

use crate::query;

/// The member of the query.
const API_VERSION: &str = "api-version";
/// From this day on versions take `stream_options`.
const STREAM_OPTIONS_SINCE: &str = "2024-09-01";

/// The query of a call as it goes up to this path. `None`: there is none.
pub(crate) fn query(upstream: &Upstream, path: &str, query: Option<String>) -> Option<String> {
    let Upstream::AzureOpenAi { api_version, .. } = upstream else {
        return query;
    };
    let named = query.as_deref().and_then(named_version);
    if !route::is_dated(path) || named.is_some() {
        return query;
    }
    let version = api_version
        .as_ref()
        .map_or(ApiVersion::DEFAULT, ApiVersion::as_str);
    let member = format!("{API_VERSION}={version}");
    // An empty one beside it would be read by some.
    let others = query.iter().flat_map(|query| query.split('&'));
    let others = others.filter(|member| !is_empty_version(member));
    Some(
        others
            .chain([member.as_str()])
            .collect::<Vec<_>>()
            .join("&"),
    )
}

fn is_empty_version(member: &str) -> bool {
    let name = member.strip_suffix('=').unwrap_or(member);
    name.eq_ignore_ascii_case(API_VERSION) || name.is_empty()
}

/// Whether what is called at an address takes `stream_options`: the paths without a version do.
pub(crate) fn takes_stream_options(address: &str) -> bool {
    version_at(address).is_none_or(|version| {
        // What is no date is a word for the newest.
        version.parse::<ApiVersion>().is_err()
            || version
                .get(..STREAM_OPTIONS_SINCE.len())
                .is_none_or(|date| date >= STREAM_OPTIONS_SINCE)
    })
}

/// Whether calls on dated paths that name no version know `max_completion_tokens`; older ones know `max_tokens`.
pub(crate) fn knows_completion_tokens(api_version: Option<&ApiVersion>) -> bool {
    let version = api_version.map_or(ApiVersion::DEFAULT, ApiVersion::as_str);
    takes_stream_options(&format!("?{API_VERSION}={version}"))
}

/// The version that an address names.
pub(crate) fn version_at(address: &str) -> Option<String> {
    let query = address.split_once('?').map(|(_, query)| query);
    query.and_then(named_version)
}

/// The version that a query names, in either case of its letters. An empty one counts as not named.
fn named_version(query: &str) -> Option<String> {
    query::members(query)
        .find(|(name, value)| name.eq_ignore_ascii_case(API_VERSION) && !value.is_empty())
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use domain::{SecretName, provider::AzureCredentials};

    use super::*;

    fn azure(api_version: Option<&str>) -> Upstream {
        Upstream::AzureOpenAi {
            base_url: "https://res.openai.azure.com".parse().unwrap(),
            api_version: api_version.map(|version| version.parse().unwrap()),
            credentials: AzureCredentials::Key(SecretName::new("KEY").unwrap()),
            data_zone: None,
        }
    }

    #[test]
    fn a_version_is_added_where_the_path_wants_one_and_the_client_names_none() {
        let dated = "/openai/deployments/d/chat/completions";
        for (own, path, asked, expected) in [
            (None, dated, None, Some("api-version=2024-10-21")),
            (
                Some("2025-04-01-preview"),
                dated,
                None,
                Some("api-version=2025-04-01-preview"),
            ),
            (None, dated, Some("a=1"), Some("a=1&api-version=2024-10-21")),
            (
                None,
                dated,
                Some("api-version=2023-05-15"),
                Some("api-version=2023-05-15"),
            ),
            (
                None,
                dated,
                Some("API-Version=2023-05-15&a"),
                Some("API-Version=2023-05-15&a"),
            ),
            (
                None,
                dated,
                Some("api-version="),
                Some("api-version=2024-10-21"),
            ),
            (
                None,
                "/openai/responses/resp_1",
                None,
                Some("api-version=2024-10-21"),
            ),
            (None, "/openai/v1/chat/completions", None, None),
            (
                None,
                "/openai/v1/responses",
                Some("api-version=preview"),
                Some("api-version=preview"),
            ),
            (None, "/anthropic/v1/messages", None, None),
        ] {
            let told = query(&azure(own), path, asked.map(str::to_owned));
            assert_eq!(told.as_deref(), expected, "{path} {asked:?}");
        }
        let openai = Upstream::OpenAi {
            base_url: None,
            api_key: SecretName::new("KEY").unwrap(),
            organization: None,
            project: None,
        };
        assert_eq!(query(&openai, dated, None), None);
    }

    #[test]
    fn versions_before_september_2024_take_no_stream_options() {
        let takes = |query: &str| takes_stream_options(&format!("https://x/openai/y{query}"));
        for query in [
            "",
            "?api-version=2024-10-21",
            "?api-version=2024-09-01-preview",
            "?api-version=preview",
            "?api-version=v1",
        ] {
            assert!(takes(query), "{query}");
        }
        for query in [
            "?api-version=2024-08-01-preview",
            "?a=1&api-version=2023-05-15",
        ] {
            assert!(!takes(query), "{query}");
        }
    }
}
