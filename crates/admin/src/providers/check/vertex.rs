//! Checking what only Vertex AI providers have: project, location, credentials.

use domain::{
    SecretName,
    provider::{BaseUrl, GoogleCredentials, GoogleLocation, GoogleProject, Upstream},
};

use super::Check;
use crate::{fields::filled, providers::draft::CredentialsDraft};

/// The modes of credentials, each with the fields that it has.
const MODES: &[(&str, &[&str])] = &[
    ("default_chain", &[]),
    ("service_account", &["service_account"]),
];

/// Project and location of providers that name none: what the process was started with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VertexDefaults {
    /// `VERTEXAI_PROJECT`, else `GOOGLE_CLOUD_PROJECT`.
    pub project: Option<String>,
    /// `VERTEXAI_LOCATION`, else `GOOGLE_CLOUD_LOCATION`.
    pub location: Option<String>,
}

impl VertexDefaults {
    /// Those of variables; `variable` gives the value of one.
    #[must_use]
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: [&str; 2]| {
            let mut values = names.into_iter().filter_map(&variable);
            values.find_map(|value| filled(Some(&value)).map(str::to_owned))
        };
        Self {
            project: first(["VERTEXAI_PROJECT", "GOOGLE_CLOUD_PROJECT"]),
            location: first(["VERTEXAI_LOCATION", "GOOGLE_CLOUD_LOCATION"]),
        }
    }
}

impl Check<'_> {
    pub(super) fn vertex(&mut self) -> Option<Upstream> {
        let project = self.google_project();
        let location = self.google_location();
        let base_url = self.base_url();
        if let Some(url) = &base_url
            && names_its_version(url)
        {
            self.wrong(
                "base_url",
                "invalid_base_url",
                "leave out /v1 or /v1beta1 and all that follows it, so that only what stands before is left, such as https://us-central1-aiplatform.googleapis.com: calls write the version themselves, and project and location have fields of their own",
            );
        }
        if filled(self.draft.api_key.as_deref()).is_some() {
            self.wrong(
                "api_key",
                "must_be_absent",
                "Vertex AI takes the key of a service account: {\"credentials\": {\"mode\": \"service_account\", \"service_account\": …}}",
            );
        }
        let credentials = match self.draft.credentials.clone() {
            None => Some(GoogleCredentials::DefaultChain),
            Some(draft) => self.google_credentials(&draft),
        };
        Some(Upstream::VertexAi {
            project: project?,
            location: location?,
            base_url,
            credentials: credentials?,
        })
    }

    fn google_project(&mut self) -> Option<GoogleProject> {
        let given = filled(self.draft.project.as_deref());
        let Some(text) = given.or(self.facts.vertex.project.as_deref()) else {
            self.require(
                "project",
                "name the Google Cloud project that is called and billed, such as my-project; it may be left out where Weir is started with VERTEXAI_PROJECT",
            );
            return None;
        };
        text.parse()
            .map_err(|error: domain::provider::InvalidProject| {
                self.wrong("project", "invalid_project", error.to_string());
            })
            .ok()
    }

    fn google_location(&mut self) -> Option<GoogleLocation> {
        let given = filled(self.draft.location.as_deref());
        let Some(text) = given.or(self.facts.vertex.location.as_deref()) else {
            self.require(
                "location",
                "name the location whose models are called: global, us, eu, or a region such as us-central1; it may be left out where Weir is started with VERTEXAI_LOCATION",
            );
            return None;
        };
        text.parse()
            .map_err(|error: domain::provider::InvalidLocation| {
                self.wrong("location", "invalid_location", error.to_string());
            })
            .ok()
    }

    fn google_credentials(&mut self, draft: &CredentialsDraft) -> Option<GoogleCredentials> {
        let mode = self.credential_mode(draft, MODES)?;
        if mode == "default_chain" {
            return Some(GoogleCredentials::DefaultChain);
        }
        let service_account: Option<SecretName> = self.needed_reference(
            "credentials.service_account",
            draft.service_account.as_deref(),
            "name the secret that holds the JSON of the service account’s key",
        );
        Some(GoogleCredentials::ServiceAccount {
            service_account: service_account?,
        })
    }
}

/// Whether an address goes on to one version of the API, perhaps to a project there: calls name their version
/// themselves, so that those of the other one would go nowhere. An address may have a version of its own before
/// that, as those of other gateways do.
fn names_its_version(url: &BaseUrl) -> bool {
    ["/v1", "/v1beta1"].iter().any(|version| {
        let below = |name: &str| url.as_str().contains(&format!("{version}/{name}/"));
        url.as_str().ends_with(version) || below("projects") || below("publishers")
    })
}
