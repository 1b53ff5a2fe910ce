//! Addresses of Bedrock that the environment names, for providers without a base URL of their own.
//!
//! | first | then | then, for all of AWS |
//! |---|---|---|
//! | `AWS_BEDROCK_RUNTIME_ENDPOINT` | `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` | `AWS_ENDPOINT_URL` |
//! | | `AWS_ENDPOINT_URL_BEDROCK` (control plane) | `AWS_ENDPOINT_URL` |
//!
//! `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true` switches the second and third off. What is empty is unset.

/// An address that the environment names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The variable that names it.
    pub variable: &'static str,
    /// As it stands there: nobody has looked whether it is an address.
    pub address: String,
}

/// The address of Bedrock's runtime that the environment names.
#[must_use]
pub fn runtime_endpoint_from_env() -> Option<Endpoint> {
    runtime_endpoint(&variable)
}

/// The address of Bedrock's control plane that the environment names.
#[must_use]
pub fn control_endpoint_from_env() -> Option<Endpoint> {
    configured("AWS_ENDPOINT_URL_BEDROCK", &variable)
}

/// A variable of the environment. `None`: unset, empty or not Unicode.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

fn runtime_endpoint(variable: &dyn Fn(&str) -> Option<String>) -> Option<Endpoint> {
    named("AWS_BEDROCK_RUNTIME_ENDPOINT", variable)
        .or_else(|| configured("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", variable))
}

fn configured(
    of_service: &'static str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Option<Endpoint> {
    let ignored = variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if ignored {
        return None;
    }
    named(of_service, variable).or_else(|| named("AWS_ENDPOINT_URL", variable))
}

fn named(name: &'static str, variable: &dyn Fn(&str) -> Option<String>) -> Option<Endpoint> {
    variable(name).map(|address| Endpoint {
        variable: name,
        address,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: &[(&str, &str)], runtime: Option<&str>, control: Option<&str>) {
        let variable = |name: &str| {
            set.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let found = [
            runtime_endpoint(&variable),
            configured("AWS_ENDPOINT_URL_BEDROCK", &variable),
        ];
        for (endpoint, expected) in found.iter().zip([runtime, control]) {
            let address = endpoint.as_ref().map(|endpoint| endpoint.address.as_str());
            assert_eq!(address, expected, "{set:?}");
            if let Some(endpoint) = endpoint {
                assert!(
                    set.contains(&(endpoint.variable, endpoint.address.as_str())),
                    "{endpoint:?}"
                );
            }
        }
    }

    #[test]
    fn the_more_special_address_wins() {
        let weir = ("AWS_BEDROCK_RUNTIME_ENDPOINT", "https://a");
        let runtime = ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "https://b");
        let control = ("AWS_ENDPOINT_URL_BEDROCK", "https://c");
        let all = ("AWS_ENDPOINT_URL", "https://d");
        let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True");
        check(&[], None, None);
        check(&[all], Some("https://d"), Some("https://d"));
        check(&[control], None, Some("https://c"));
        check(
            &[all, runtime, control],
            Some("https://b"),
            Some("https://c"),
        );
        check(&[weir, all, runtime], Some("https://a"), Some("https://d"));
        check(&[weir, all, runtime, ignore], Some("https://a"), None);
        check(&[all, runtime, control, ignore], None, None);
    }
}
