//! Checking what only Azure OpenAI providers have: the resource's address in any form, version, data zone,
//! key or service principal.

use domain::provider::{
    ApiVersion, AzureAddress, AzureCredentials, BaseUrl, DataZone, InvalidApiVersion,
    InvalidBaseUrl, InvalidVisibleText, ServicePrincipal, UnknownDataZone, Upstream,
};

use super::{Check, credentials::Modes};
use crate::{fields::filled, providers::draft::CredentialsDraft};

/// The modes of credentials, each with the fields that it has.
const MODES: Modes = &[(
    "service_principal",
    &["client_id", "client_secret", "token_url", "scope"],
)];
const TOKEN_URL: &str = "credentials.token_url";

impl Check<'_> {
    pub(super) fn azure_openai(&mut self) -> Option<Upstream> {
        let address = self.azure_address();
        let said = self.api_version();
        let data_zone = self.data_zone();
        let credentials = self.azure_credentials();
        let AzureAddress {
            base_url,
            api_version: pasted,
        } = address?;
        Some(Upstream::AzureOpenAi {
            base_url,
            api_version: said.or(pasted),
            credentials: credentials?,
            data_zone,
        })
    }

    fn azure_address(&mut self) -> Option<AzureAddress> {
        let Some(text) = filled(self.draft.base_url.as_deref()) else {
            self.require(
                "base_url",
                "write the endpoint of the resource, such as https://my-resource.openai.azure.com",
            );
            return None;
        };
        let address: AzureAddress = text
            .parse()
            .map_err(|error: InvalidBaseUrl| {
                let message = match error {
                    InvalidBaseUrl::NotHttp => {
                        "write a whole address, such as https://my-resource.openai.azure.com"
                            .to_owned()
                    }
                    InvalidBaseUrl::HasQuery => {
                        "leave out everything from ? or # on; api-version alone may stand there"
                            .to_owned()
                    }
                    InvalidBaseUrl::HasCredentials => error.to_string(),
                };
                self.wrong("base_url", "invalid_base_url", message);
            })
            .ok()?;
        let AzureAddress {
            base_url,
            api_version,
        } = address;
        Some(AzureAddress {
            base_url: self.reachable("base_url", base_url)?,
            api_version,
        })
    }

    fn api_version(&mut self) -> Option<ApiVersion> {
        let text = filled(self.draft.api_version.as_deref())?;
        text.parse()
            .map_err(|error: InvalidApiVersion| {
                self.wrong("api_version", "invalid_api_version", error.to_string());
            })
            .ok()
    }

    fn data_zone(&mut self) -> Option<DataZone> {
        let text = filled(self.draft.data_zone.as_deref())?;
        text.parse()
            .map_err(|error: UnknownDataZone| {
                self.wrong("data_zone", "invalid_data_zone", error.to_string());
            })
            .ok()
    }

    fn azure_credentials(&mut self) -> Option<AzureCredentials> {
        let Some(draft) = self.draft.credentials.clone() else {
            let key = self.api_key();
            if key.is_none() {
                self.require(
                    "api_key",
                    "name the secret that holds a key of the resource, or give the credentials of a service principal",
                );
            }
            return key.map(AzureCredentials::Key);
        };
        if filled(self.draft.api_key.as_deref()).is_some() {
            self.wrong(
                "api_key",
                "must_be_absent",
                "with credentials of a service principal no key is sent: clear one of them",
            );
        }
        self.credential_mode(&draft, MODES)?;
        let client_id = self.visible_text(
            "credentials.client_id",
            draft.client_id.as_deref(),
            "write the client id of the application, as its page in Entra ID shows it",
        );
        let client_secret = self.needed_reference(
            "credentials.client_secret",
            draft.client_secret.as_deref(),
            "name the secret that holds the application's client secret",
        );
        let token_url = self.token_url(&draft);
        let scope = match filled(draft.scope.as_deref()) {
            None => None,
            scope => Some(self.visible_text("credentials.scope", scope, "")?),
        };
        Some(AzureCredentials::ServicePrincipal(ServicePrincipal {
            client_id: client_id?,
            client_secret: client_secret?,
            token_url: token_url?,
            scope,
        }))
    }

    fn visible_text<T: std::str::FromStr<Err = InvalidVisibleText>>(
        &mut self,
        field: &str,
        text: Option<&str>,
        needed: &str,
    ) -> Option<T> {
        let Some(text) = filled(text) else {
            self.require(field, needed);
            return None;
        };
        text.parse()
            .map_err(|error: InvalidVisibleText| {
                self.wrong(field, "invalid_text", error.to_string());
            })
            .ok()
    }

    fn token_url(&mut self, draft: &CredentialsDraft) -> Option<BaseUrl> {
        const EXAMPLE: &str = "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token";
        let Some(text) = filled(draft.token_url.as_deref()) else {
            self.require(
                TOKEN_URL,
                format!("write where tokens are got, such as {EXAMPLE}"),
            );
            return None;
        };
        let url: BaseUrl = text
            .parse()
            .map_err(|error: InvalidBaseUrl| {
                let message = match error {
                    InvalidBaseUrl::NotHttp => format!("write a whole address, such as {EXAMPLE}"),
                    InvalidBaseUrl::HasQuery => "leave out everything from ? or # on".to_owned(),
                    InvalidBaseUrl::HasCredentials => {
                        "leave user name and password out of the address".to_owned()
                    }
                };
                self.wrong(TOKEN_URL, "invalid_token_url", message);
            })
            .ok()?;
        let path = url.url().path();
        if path == "/" || path.ends_with("/oauth2/token") {
            self.wrong(
                TOKEN_URL,
                "invalid_token_url",
                format!("write the whole address of the tenant's version 2.0, such as {EXAMPLE}"),
            );
            return None;
        }
        self.reachable(TOKEN_URL, url)
    }
}
