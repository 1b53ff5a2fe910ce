//! Each source against the stand-in, which issues tokens and knows those that it issued.

use std::{
    collections::HashMap,
    fs,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use credentials::{Fetch, Fetched, NetworkSettings};
use secrecy::SecretString;
use service_account::ServiceAccountKey;
use standin::{OAuthSettings, Settings, Standin, TokenFor, TokenState};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};
use url::Url;

use super::*;

const AZURE_SCOPE: &str = "https://cognitiveservices.azure.com/.default";

fn network(allows: fn(IpAddr) -> bool) -> Network {
    Network::new(NetworkSettings {
        proxy: None,
        proxy_authorization: None,
        extra_ca_pem: None,
        connect_timeout: Duration::from_secs(2),
        allows,
    })
    .unwrap()
}

/// Tokens in an environment that has only what is said.
fn tokens(source: TokenSource, environment: &[(&str, &str)]) -> Tokens {
    let environment: HashMap<String, String> = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Tokens::in_environment(
        source,
        &network(|_| true),
        &Handle::current(),
        Environment::new(move |name| environment.get(name).cloned()),
    )
}

async fn standin() -> Standin {
    Standin::start(Settings::default()).await.unwrap()
}

fn application(standin: &Standin) -> TokenSource {
    let known = OAuthSettings::default();
    TokenSource::ClientCredentials {
        token_url: entra(standin, &known.tenant),
        client_id: known.client_id,
        client_secret: known.client_secret.into(),
        scope: AZURE_SCOPE.to_owned(),
    }
}

fn entra(standin: &Standin, tenant: &str) -> Url {
    let base = standin.base_url();
    Url::parse(&format!("{base}/{tenant}/oauth2/v2.0/token")).unwrap()
}

async fn refused(source: TokenSource, environment: &[(&str, &str)]) -> String {
    let error = tokens(source, environment).token().await.unwrap_err();
    error.to_string()
}

#[tokio::test]
async fn an_application_gets_entras_tokens() {
    let standin = standin().await;
    let tokens = tokens(application(&standin), &[]);
    let token = tokens.token().await.unwrap();
    assert_eq!(
        standin.token_state(token.text(), TokenFor::Azure),
        TokenState::Good
    );
    assert_eq!(
        standin.token_state(token.text(), TokenFor::Google),
        TokenState::ForAnother
    );
    assert!(token.whose().starts_with("the application 6a3c9f50"));
    assert!(!format!("{token:?} {tokens:?}").contains(token.text()));
    for _ in 0..100 {
        assert_eq!(tokens.token().await.unwrap().text(), token.text());
    }
    assert_eq!(standin.issued_tokens().entra, 1);
}

#[tokio::test]
async fn each_wrong_field_of_an_application_is_told_with_what_to_do() {
    let standin = standin().await;
    let right = || {
        let TokenSource::ClientCredentials {
            token_url,
            client_id,
            client_secret,
            scope,
        } = application(&standin)
        else {
            panic!("another source");
        };
        (token_url, client_id, client_secret, scope)
    };
    let source = |(token_url, client_id, client_secret, scope)| TokenSource::ClientCredentials {
        token_url,
        client_id,
        client_secret,
        scope,
    };
    let (mut tenant, mut id, mut secret, mut scope, mut path) =
        (right(), right(), right(), right(), right());
    tenant.0 = entra(&standin, "nobody");
    id.1 = "another".to_owned();
    secret.2 = SecretString::from("S3CR3T");
    scope.3 = "S3CR3T".to_owned();
    path.0 = Url::parse(&format!("{}/nothing", standin.base_url())).unwrap();
    for (changed, words) in [
        (tenant, "check the tenant in the token URL"),
        (id, "check the client id, and that the tenant"),
        (
            secret,
            "the secret is wrong: it must be the client secret's value",
        ),
        (scope, "check the scope"),
        (path, "is the one of a token endpoint"),
    ] {
        let error = refused(source(changed), &[]).await;
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("Trace ID"), "{error}");
    }
    assert_eq!(standin.issued_tokens().total(), 0);
}

#[tokio::test]
async fn a_service_account_gets_googles_tokens() {
    let standin = standin().await;
    let key = ServiceAccountKey::parse(&standin.service_account()).unwrap();
    let token = tokens(TokenSource::ServiceAccount(key), &[]);
    let token = token.token().await.unwrap();
    assert_eq!(
        standin.token_state(token.text(), TokenFor::Google),
        TokenState::Good
    );
    let whose = "the service account caller@standin-project.iam.gserviceaccount.com";
    assert_eq!(token.whose(), whose);
    assert_eq!(standin.issued_tokens().service_account, 1);

    let other = standin.service_account().replace("caller@", "other@");
    let key = ServiceAccountKey::parse(&other).unwrap();
    let error = refused(TokenSource::ServiceAccount(key), &[]).await;
    assert!(
        error.contains("invalid_grant") && error.contains("this machine's clock"),
        "{error}"
    );
}

#[tokio::test]
async fn an_admins_address_is_held_to_the_rule_of_upstreams() {
    let standin = standin().await;
    let tokens = Tokens::in_environment(
        application(&standin),
        &network(|address| !address.is_loopback()),
        &Handle::current(),
        Environment::new(|_| None),
    );
    let error = tokens.token().await.unwrap_err().to_string();
    assert!(error.contains("link-local"), "{error}");
    assert_eq!(standin.issued_tokens().total(), 0);
}

fn file(dir: &TempDir, name: &str, content: &str) -> String {
    let path = dir.path().join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
}

#[tokio::test]
async fn application_default_credentials_are_looked_for_in_googles_order() {
    let standin = standin().await;
    let (host, dir) = (standin.address().to_string(), TempDir::new().unwrap());
    let folder = dir.path().display().to_string();
    let metadata = ("GCE_METADATA_HOST", &*host);
    let gcloud = ("CLOUDSDK_CONFIG", &*folder);
    let get = async |environment: &[(&str, &str)]| {
        let tokens = tokens(TokenSource::ApplicationDefault, environment);
        tokens.token().await.unwrap()
    };

    let token = get(&[metadata, gcloud, ("HOME", &folder)]).await;
    assert_eq!(token.whose(), "this machine's service account");
    assert_eq!(standin.issued_tokens().metadata, 1);

    let known = OAuthSettings::default();
    let user = format!(
        r#"{{"type":"authorized_user","client_id":"{}","client_secret":"{}","refresh_token":"{}","quota_project_id":"billed","token_uri":"{}/token"}}"#,
        known.client_id,
        known.client_secret,
        known.refresh_token,
        standin.base_url()
    );
    file(&dir, "application_default_credentials.json", &user);
    let token = get(&[metadata, gcloud]).await;
    assert_eq!(token.quota_project(), Some("billed"));
    assert_eq!(standin.issued_tokens().user, 1);

    let key = file(&dir, "key.json", &standin.service_account());
    let token = get(&[metadata, gcloud, ("GOOGLE_APPLICATION_CREDENTIALS", &key)]).await;
    assert_eq!(token.quota_project(), None);
    assert_eq!(standin.issued_tokens().service_account, 1);
    assert_eq!(
        standin.token_state(token.text(), TokenFor::Google),
        TokenState::Good
    );
}

#[tokio::test]
async fn files_that_cannot_be_used_say_why() {
    let dir = TempDir::new().unwrap();
    let program = r#"{"type":"external_account","credential_source":{"executable":{"command":"/bin/S3CR3T"}}}"#;
    for (content, words) in [
        ("S3CR3T", "it is no JSON object"),
        (r#"{"client_secret":"S3CR3T"}"#, "it has no type"),
        (program, "Weir runs none"),
        (
            r#"{"type":"external_account","credential_source":{"file":"S3CR3T"}}"#,
            "are of the type external_account, which Weir does not support",
        ),
        (
            r#"{"type":"impersonated_service_account"}"#,
            "are of the type impersonated_service_account",
        ),
        (
            r#"{"type":"authorized_user","client_id":"a","client_secret":"S3CR3T"}"#,
            "refresh_token is missing",
        ),
        (
            r#"{"type":"service_account","private_key":"S3CR3T"}"#,
            "client_email is missing",
        ),
    ] {
        let path = file(&dir, "adc.json", content);
        let variable = [("GOOGLE_APPLICATION_CREDENTIALS", &*path)];
        let error = refused(TokenSource::ApplicationDefault, &variable).await;
        assert!(error.contains(words) && error.contains(&path), "{error}");
        assert!(!error.contains("S3CR3T"), "{error}");
    }
    let gone = dir.path().join("gone").display().to_string();
    let variable = [("GOOGLE_APPLICATION_CREDENTIALS", &*gone)];
    let error = refused(TokenSource::ApplicationDefault, &variable).await;
    assert!(error.contains("there is no such file"), "{error}");
}

#[tokio::test]
async fn without_anything_it_is_said_where_was_looked() {
    let gone = standin().await;
    let host = gone.address().to_string();
    gone.stop().await;
    let nothing = [("GCE_METADATA_HOST", &*host)];
    let error = refused(TokenSource::ApplicationDefault, &nothing).await;
    assert!(
        error.contains("found no Google credentials") && error.contains("127.0.0.1"),
        "{error}"
    );
}

#[tokio::test]
async fn short_tokens_are_renewed_in_time_and_an_ended_one_is_never_given() {
    let standin = standin().await;
    standin.set_credential_lifetime(2 * SECOND);
    let tokens = tokens(application(&standin), &[]);
    let began = std::time::Instant::now();
    let mut calls = 0;
    while began.elapsed() < 7 * SECOND {
        let token = tokens.token().await.unwrap();
        let state = standin.token_state(token.text(), TokenFor::Azure);
        assert_eq!(state, TokenState::Good, "after {:?}", began.elapsed());
        calls += 1;
        sleep(Duration::from_millis(5)).await;
    }
    let issued = standin.issued_tokens().entra;
    assert!(calls > 500 && (4..=6).contains(&issued), "{calls} {issued}");

    // While nothing is issued the last one is used until it ends.
    standin.refuse_issuing(true);
    tokens.token().await.unwrap();
    sleep(3 * SECOND).await;
    let error = tokens.token().await.unwrap_err().to_string();
    assert!(error.contains("temporarily_unavailable"), "{error}");
}

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Gives a new token each time, which lives for an hour.
struct Fake(Arc<Mutex<Vec<Instant>>>);

impl Fetch for Fake {
    type Credential = AccessToken;
    type Error = TokenError;

    async fn fetch(&self) -> Result<Fetched<AccessToken>, TokenError> {
        sleep(2 * SECOND).await;
        let number = {
            let mut fetched = self.0.lock().unwrap();
            fetched.push(Instant::now());
            fetched.len()
        };
        Ok(Fetched {
            credential: AccessToken {
                text: Arc::new(format!("token-{number}").into()),
                whose: "a test".into(),
                quota_project: None,
            },
            lives: Some(HOUR),
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_across_three_renewals_neither_fail_nor_wait() {
    let fetched = Arc::<Mutex<Vec<Instant>>>::default();
    let tokens = Tokens(Renewed::new(Fake(fetched.clone()), &Handle::current()));
    assert_eq!(tokens.token().await.unwrap().text(), "token-1");
    for _ in 0..1000 {
        sleep(Duration::from_millis(10_500)).await;
        let began = Instant::now();
        let token = tokens.token().await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
        let number = fetched.lock().unwrap().len();
        assert_eq!(token.text(), format!("token-{number}"));
    }
    assert_eq!(fetched.lock().unwrap().len(), 1 + 3);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_for_later_calls() {
    let fetched = Arc::<Mutex<Vec<Instant>>>::default();
    let tokens = Tokens(Renewed::new(Fake(fetched.clone()), &Handle::current()));
    tokens.token().await.unwrap();
    sleep(60 * SECOND).await;
    for _ in 0..10 {
        tokens.invalidate();
    }
    assert_eq!(tokens.token().await.unwrap().text(), "token-1");
    sleep(3 * SECOND).await;
    assert_eq!(tokens.token().await.unwrap().text(), "token-2");
    sleep(HOUR / 2).await;
    assert_eq!(fetched.lock().unwrap().len(), 2);
}
