//! Google's application default credentials: where they are looked for, in which order, and what of
//! them is supported.
//!
//! | first | then | then |
//! |---|---|---|
//! | the file that `GOOGLE_APPLICATION_CREDENTIALS` names | gcloud's own file, in `CLOUDSDK_CONFIG` or the home folder | the metadata server, at `GCE_METADATA_HOST` or `metadata.google.internal` |

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::{SecretString, zeroize::Zeroizing};
use serde_json::{Map, Value};
use service_account::ServiceAccountKey;
use url::Url;

use crate::error::TokenError;

const GCLOUD_FILE: &str = "application_default_credentials.json";
const METADATA_HOST: &str = "metadata.google.internal";
/// Where people's own sign-ins are exchanged.
const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";

type Variables = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The variables of the process. What is empty is unset.
#[derive(Clone)]
pub(crate) struct Environment(Arc<Variables>);

impl Environment {
    pub(crate) fn new(variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(variable))
    }

    pub(crate) fn of_process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    fn get(&self, name: &str) -> Option<String> {
        let Self(variable) = self;
        variable(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// The folder of gcloud's settings.
    fn gcloud(&self) -> Option<PathBuf> {
        if let Some(folder) = self.get("CLOUDSDK_CONFIG") {
            return Some(folder.into());
        }
        if cfg!(windows) {
            return Some(Path::new(&self.get("APPDATA")?).join("gcloud"));
        }
        Some(Path::new(&self.get("HOME")?).join(".config").join("gcloud"))
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

/// What there is.
pub(crate) enum Found {
    ServiceAccount(ServiceAccountKey),
    User(User),
    /// No file: the metadata server is asked.
    Nothing {
        metadata_host: String,
    },
}

/// A person who signed in with gcloud.
pub(crate) struct User {
    pub(crate) client_id: String,
    pub(crate) client_secret: SecretString,
    pub(crate) refresh_token: SecretString,
    pub(crate) token_uri: Url,
    pub(crate) quota_project: Option<String>,
}

/// Looks for credentials.
pub(crate) async fn find(environment: &Environment) -> Result<Found, TokenError> {
    if let Some(path) = environment.get("GOOGLE_APPLICATION_CREDENTIALS") {
        let path = PathBuf::from(path);
        return match load(&path).await? {
            Some(found) => Ok(found),
            None => Err(file(
                &path,
                "there is no such file; GOOGLE_APPLICATION_CREDENTIALS names it",
            )),
        };
    }
    if let Some(folder) = environment.gcloud()
        && let Some(found) = load(&folder.join(GCLOUD_FILE)).await?
    {
        return Ok(found);
    }
    let host = environment.get("GCE_METADATA_HOST");
    Ok(Found::Nothing {
        metadata_host: host.unwrap_or_else(|| METADATA_HOST.to_owned()),
    })
}

/// `None`: there is no such file.
async fn load(path: &Path) -> Result<Option<Found>, TokenError> {
    let text = match tokio::fs::read_to_string(path).await {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(file(path, error.to_string())),
    };
    let members: Map<String, Value> =
        serde_json::from_str(&text).map_err(|_| file(path, "it is no JSON object"))?;
    let shown = || path.display().to_string();
    let kind = members.get("type").and_then(Value::as_str);
    match kind {
        Some("service_account") => ServiceAccountKey::parse(&text)
            .map(|key| Some(Found::ServiceAccount(key)))
            .map_err(|error| file(path, error.to_string())),
        Some("authorized_user") => user(path, &members).map(|user| Some(Found::User(user))),
        Some("external_account") if names_program(&members) => {
            Err(TokenError::ProgramRefused(shown()))
        }
        Some(kind) => Err(TokenError::NotSupported {
            path: shown(),
            kind: crate::error::cut(kind),
        }),
        None => Err(file(path, "it has no type")),
    }
}

fn names_program(members: &Map<String, Value>) -> bool {
    members
        .get("credential_source")
        .is_some_and(|source| source.get("executable").is_some())
}

fn user(path: &Path, members: &Map<String, Value>) -> Result<User, TokenError> {
    let optional = |name: &str| {
        let text = members.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty())
    };
    let needed = |name: &str| {
        optional(name).ok_or_else(|| {
            file(
                path,
                format!("{name} is missing; sign in with gcloud again"),
            )
        })
    };
    let token_uri = optional("token_uri").unwrap_or(TOKEN_URI);
    Ok(User {
        client_id: needed("client_id")?.to_owned(),
        client_secret: needed("client_secret")?.into(),
        refresh_token: needed("refresh_token")?.into(),
        token_uri: Url::parse(token_uri)
            .map_err(|error| file(path, format!("token_uri is no address: {error}")))?,
        quota_project: optional("quota_project_id").map(ToOwned::to_owned),
    })
}

fn file(path: &Path, reason: impl Into<String>) -> TokenError {
    TokenError::File {
        path: path.display().to_string(),
        reason: reason.into(),
    }
}
