//! The query of a request: clients may show a key in it, or a signature of theirs; neither goes further. Nor
//! does what some servers take for another method, header or body than those that Weir has looked at.

use std::borrow::Cow;

use domain::provider::ProviderType;
use percent_encoding::percent_decode_str;

use crate::leak::holds_token;

/// The member of the query that holds a key of Google's.
const KEY: &str = "key";
/// Those that show Google a credential, or name the project whose quota a call counts against and who is billed for
/// it: what `x-goog-api-key`, `authorization` and `x-goog-user-project` are among the headers.
const OF_GOOGLE: &[&str] = &[
    KEY,
    "$key",
    "access_token",
    "oauth_token",
    "$userproject",
    "userproject",
];
/// Those that hold a key of Azure's, or of what Azure's customers put in front of it.
const OF_AZURE: &[&str] = &["api-key", "subscription-key"];
/// What the members of a signature in the query begin with.
const OF_AWS: &str = "x-amz-";
/// Members by which Google's and other servers take a request for another one.
const REWRITING: &[&str] = &[
    "$httpmethod",
    "$httpheaders",
    "$req",
    "$ct",
    "_method",
    "x-http-method-override",
];

/// The key in a query.
pub(crate) fn key(query: &str) -> Option<Cow<'_, str>> {
    let (_, value) = query
        .split('&')
        .map(|member| member.split_once('=').unwrap_or((member, "")))
        .find(|(name, _)| decoded(name) == KEY)?;
    percent_decode_str(value).decode_utf8().ok()
}

/// The members of a query that are a credential in the API of a type, or name who is billed; in small letters.
const fn keys(provider_type: ProviderType) -> &'static [&'static str] {
    match provider_type {
        ProviderType::GoogleAi | ProviderType::VertexAi => OF_GOOGLE,
        ProviderType::AzureOpenAi => OF_AZURE,
        ProviderType::OpenAi
        | ProviderType::Anthropic
        | ProviderType::Bedrock
        | ProviderType::OpenAiCompatible
        | ProviderType::Cohere => &[],
    }
}

/// The query as it may go up: without what shows a credential or makes another request of it, every other
/// member as it was. `None`: nothing is left.
pub(crate) fn without_credentials(query: &str, provider_type: ProviderType) -> Option<String> {
    let keys = keys(provider_type);
    let rest: Vec<&str> = query
        .split('&')
        .filter(|member| {
            let name = decoded(member.split('=').next().unwrap_or_default());
            let small = name.to_ascii_lowercase();
            let shown = keys.contains(&small.as_str())
                || small.starts_with(OF_AWS)
                || REWRITING.contains(&small.as_str())
                || holds_token(decoded(member).as_bytes());
            !shown
        })
        .collect();
    (!rest.is_empty()).then(|| rest.join("&"))
}

/// The value of a member, decoded; of several the last.
pub(crate) fn value<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    members(query)
        .filter(|(found, _)| found == name)
        .last()
        .map(|(_, value)| value)
}

/// Names and values of a query's members, decoded.
pub(crate) fn members(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    query.split('&').map(|member| {
        let (name, value) = member.split_once('=').unwrap_or((member, ""));
        (decoded(name), decoded(value))
    })
}

fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "wr_0123456789012345678901234567890123456789012";

    #[test]
    fn the_key_is_found_and_taken_out_however_it_is_written() {
        for (query, value, rest) in [
            ("key=wr_1", Some("wr_1"), None),
            ("alt=sse&key=wr_1", Some("wr_1"), Some("alt=sse")),
            ("k%65y=wr%5F1&alt=sse&key=x", Some("wr_1"), Some("alt=sse")),
            ("key", Some(""), None),
            (
                "alt=sse&keys=1&pageToken=a%26b",
                None,
                Some("alt=sse&keys=1&pageToken=a%26b"),
            ),
        ] {
            assert_eq!(key(query).as_deref(), value, "{query}");
            let left = without_credentials(query, ProviderType::GoogleAi);
            assert_eq!(left.as_deref(), rest, "{query}");
        }
        assert_eq!(value("alt=json&%61lt=sse", "alt").as_deref(), Some("sse"));
        assert_eq!(value("b=1", "alt"), None);
    }

    #[test]
    fn tokens_and_signatures_are_taken_out_of_every_query() {
        let rest = |query: &str| without_credentials(query, ProviderType::OpenAi);
        assert_eq!(rest("key=AIza&a=1").as_deref(), Some("key=AIza&a=1"));
        let of_azure = |query: &str| without_credentials(query, ProviderType::AzureOpenAi);
        assert_eq!(
            of_azure("API-Key=1&api-version=x&subscription-key=2&key=3").as_deref(),
            Some("api-version=x&key=3")
        );
        assert_eq!(rest(&format!("key={TOKEN}&a=1")).as_deref(), Some("a=1"));
        assert_eq!(rest(&format!("b={}", TOKEN.replace('_', "%5F"))), None);
        assert_eq!(
            rest("X-Amz-Credential=x&x-amz%2Dsecurity-token=y&X-Amz-Signature=z&a=1").as_deref(),
            Some("a=1")
        );
    }
    #[test]
    fn nobody_names_another_project_or_shows_google_another_credential() {
        for provider_type in [ProviderType::GoogleAi, ProviderType::VertexAi] {
            for query in [
                "$userProject=their-project",
                "%24user%50roject=their-project",
                "userProject=their-project",
                "$key=AIza",
                "Key=AIza",
                "access_token=ya29.x",
                "oauth_token=ya29.x",
            ] {
                let left = without_credentials(&format!("alt=sse&{query}"), provider_type);
                assert_eq!(left.as_deref(), Some("alt=sse"), "{query}");
            }
        }
        let others = "access_token=x&userProject=p";
        let left = without_credentials(others, ProviderType::OpenAiCompatible);
        assert_eq!(left.as_deref(), Some(others));
    }

    #[test]
    fn what_makes_another_request_of_it_is_taken_out() {
        let rest = |query: &str| without_credentials(query, ProviderType::GoogleAi);
        assert_eq!(
            rest("$httpMethod=DELETE&%24httpHeaders=x:y&alt=sse&$req=%7B%7D&$CT=a&_method=PUT&$fields=id").as_deref(),
            Some("alt=sse&$fields=id")
        );
    }
}
