//! The address of an Azure OpenAI resource, in whatever form somebody copied it.
//!
//! Azure's pages show one and the same resource as `https://res.openai.azure.com/`, with `/openai`, with
//! `/openai/v1` and as the whole address of a deployment's call, with its `?api-version=`. What calls are
//! added to is the part before `/openai`. In front of it a gateway of one's own may have a path.

use super::{ApiVersion, BaseUrl, InvalidBaseUrl};

/// What follows `/openai` in the addresses of Azure's API.
const BEHIND_OPENAI: [&str; 5] = ["v1", "deployments", "responses", "models", "openai"];

/// An address as it is kept, and the version that stood in what was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzureAddress {
    /// Where `/openai/…` is added.
    pub base_url: BaseUrl,
    /// The dated version that the address named. `None`: none, or one that is no date.
    pub api_version: Option<ApiVersion>,
}

impl std::str::FromStr for AzureAddress {
    type Err = InvalidBaseUrl;

    fn from_str(text: &str) -> Result<Self, InvalidBaseUrl> {
        let (address, query) = match text.trim().split_once('?') {
            Some((address, query)) => (address, Some(query)),
            None => (text, None),
        };
        let api_version = query.map(version_of).transpose()?.flatten();
        let whole: BaseUrl = address.parse()?;
        let base_url = before_openai(whole.as_str()).parse()?;
        Ok(Self {
            base_url,
            api_version,
        })
    }
}

/// The version in a query that has nothing else.
fn version_of(query: &str) -> Result<Option<ApiVersion>, InvalidBaseUrl> {
    let mut found = None;
    for member in query.split('&').filter(|member| !member.is_empty()) {
        match member.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("api-version") => {
                found = value.parse().ok().or(found);
            }
            _ => return Err(InvalidBaseUrl::HasQuery),
        }
    }
    Ok(found)
}

/// An address up to the segment `openai` with which Azure's API begins, if it has one.
fn before_openai(address: &str) -> &str {
    let host = address.find("://").map_or(0, |at| at.saturating_add(3));
    let mut from = host;
    while let Some(slash) = address
        .get(from..)
        .and_then(|rest| rest.find('/'))
        .map(|at| at.saturating_add(from))
    {
        from = slash.saturating_add(1);
        let mut names = address.get(from..).unwrap_or_default().split('/');
        let is_openai = names
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case("openai"));
        let fits = names.next().is_none_or(|next| {
            BEHIND_OPENAI
                .iter()
                .any(|name| name.eq_ignore_ascii_case(next))
        });
        if is_openai && fits {
            return address.get(..slash).unwrap_or(address);
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(typed: &str, base_url: &str, version: Option<&str>) {
        let read: AzureAddress = typed.parse().unwrap();
        assert_eq!(read.base_url.as_str(), base_url, "{typed}");
        let told = read.api_version.as_ref().map(ApiVersion::as_str);
        assert_eq!(told, version, "{typed}");
        let again: AzureAddress = base_url.parse().unwrap();
        assert_eq!(again.base_url, read.base_url, "{typed}");
    }

    #[test]
    fn every_form_that_azure_shows_is_the_same_resource() {
        let resource = "https://res.openai.azure.com";
        for tail in [
            "",
            "/",
            "//",
            "/openai",
            "/openai/",
            "/openai/v1",
            "/openai/v1/",
        ] {
            check(&format!("{resource}{tail}"), resource, None);
        }
        check(
            " https://res.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2025-01-01-preview ",
            resource,
            Some("2025-01-01-preview"),
        );
        check(
            "https://res.openai.azure.com/openai/responses?api-version=2025-04-01-preview",
            resource,
            Some("2025-04-01-preview"),
        );
        check(
            "https://res.openai.azure.com/openai/v1/?api-version=preview",
            resource,
            None,
        );
        check(
            "https://res.openai.azure.com/openai/v1/chat/completions",
            resource,
            None,
        );
        check("https://res.openai.azure.com/?", resource, None);
        check(
            "https://res.services.ai.azure.com/OpenAI/V1",
            "https://res.services.ai.azure.com",
            None,
        );
    }

    #[test]
    fn a_path_in_front_and_a_deployment_of_any_name_stay_apart() {
        let gateway = "https://apim.example.com/team";
        check(&format!("{gateway}/openai/deployments/x"), gateway, None);
        check(gateway, gateway, None);
        check(
            "https://res.openai.azure.com/openai/deployments/openai",
            "https://res.openai.azure.com",
            None,
        );
        check("http://openai/openai/v1", "http://openai", None);
        check(
            "https://llm.example.com/my-openai/v1",
            "https://llm.example.com/my-openai/v1",
            None,
        );
        check(
            "https://llm.example.com/openai/team",
            "https://llm.example.com/openai/team",
            None,
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (typed, why) in [
            ("res.openai.azure.com", InvalidBaseUrl::NotHttp),
            ("", InvalidBaseUrl::NotHttp),
            (
                "https://user:pw@res.openai.azure.com/openai",
                InvalidBaseUrl::HasCredentials,
            ),
            (
                "https://res.openai.azure.com/openai?api-key=x",
                InvalidBaseUrl::HasQuery,
            ),
            (
                "https://res.openai.azure.com/openai?api-version=2024-10-21&x=1",
                InvalidBaseUrl::HasQuery,
            ),
            (
                "https://res.openai.azure.com/openai#x",
                InvalidBaseUrl::HasQuery,
            ),
        ] {
            assert_eq!(typed.parse::<AzureAddress>(), Err(why), "{typed}");
        }
    }
}
