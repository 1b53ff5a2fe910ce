use domain::{SecretName, provider::AwsCredentials};

use super::*;

fn name() -> SecretName {
    SecretName::new("KEY").unwrap()
}

fn added(upstream: &Upstream, dialect: Dialect, credential: &Credential) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let bound = Bound {
        upstream,
        dialect,
        method: &Method::POST,
        address: "https://upstream.test/model/m%3A0/converse",
        body: b"{}",
    };
    credential.add_to(&mut headers, &bound).unwrap();
    headers
}

#[test]
fn each_type_has_its_own_place_for_the_key() {
    let key = Credential::Key(SecretString::from("sk-upstream"));
    let openai = Upstream::OpenAi {
        base_url: None,
        api_key: name(),
        organization: None,
        project: None,
    };
    let anthropic = Upstream::Anthropic {
        base_url: None,
        auth: AnthropicAuth::Key(name()),
    };
    let google = Upstream::GoogleAi {
        base_url: None,
        api_key: name(),
    };
    let azure = Upstream::AzureOpenAi {
        base_url: "https://res.openai.azure.com".parse().unwrap(),
        api_version: None,
        credentials: AzureCredentials::Key(name()),
        data_zone: None,
    };
    for (upstream, dialect, place, value) in [
        (&azure, Dialect::OpenAi, API_KEY, "sk-upstream"),
        (
            &openai,
            Dialect::OpenAi,
            AUTHORIZATION,
            "Bearer sk-upstream",
        ),
        (&anthropic, Dialect::Anthropic, X_API_KEY, "sk-upstream"),
        (&google, Dialect::Google, X_GOOG_API_KEY, "sk-upstream"),
        (
            &google,
            Dialect::OpenAi,
            AUTHORIZATION,
            "Bearer sk-upstream",
        ),
    ] {
        let headers = added(upstream, dialect, &key);
        assert_eq!(headers.len(), 1, "{upstream:?}");
        assert_eq!(headers[&place], value);
        assert!(headers[&place].is_sensitive());
    }
    for own in ["Bearer  sk-ant-oat-1", "sk-ant-oat-1"] {
        let own = Credential::Client(HeaderValue::from_static(own));
        assert!(own.secrets().is_empty());
        let sent: Vec<_> = own.sent();
        let sent = sent.iter().map(SecretString::expose_secret);
        assert!(sent.eq(["sk-ant-oat-1"]));
    }
    let own = Credential::Client(HeaderValue::from_static("Bearer sk-ant-oat-1"));
    let headers = added(&anthropic, Dialect::Anthropic, &own);
    assert_eq!(headers[AUTHORIZATION], "Bearer sk-ant-oat-1");
    assert!(!headers.contains_key(X_API_KEY));
    assert!(added(&openai, Dialect::OpenAi, &Credential::None).is_empty());
}

#[test]
fn a_key_of_bedrock_is_a_bearer() {
    let bedrock = Upstream::Bedrock {
        region: "us-east-1".parse().unwrap(),
        base_url: None,
        credentials: AwsCredentials::Bearer { api_key: name() },
        fips: false,
        guardrail: None,
    };
    let key = Credential::Aws(aws::Credential::Bearer("bedrock-api-key-1".into()));
    let headers = added(&bedrock, Dialect::Aws, &key);
    assert_eq!(headers[AUTHORIZATION], "Bearer bedrock-api-key-1");
    assert_eq!(key.secrets(), ["bedrock-api-key-1"]);
}
