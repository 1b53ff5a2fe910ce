//! What to do where Azure OpenAI does not take a call.
//!
//! What it answers to what: wire-format notes of Azure's documentation, November 2026.

use domain::provider::{AzureCredentials, BaseUrl};

/// The request itself was not taken.
pub(super) const REFUSED: &str = "Azure did not take the request; its own words say why. Often the deployment is of a model that answers no chat: \
     say in its pricing which model it is priced as, and the test asks what that model answers. It may also be that the api-version is older than the model.";

/// The credential was not taken.
pub(super) fn unauthorized(credentials: &AzureCredentials, base_url: &BaseUrl) -> String {
    match credentials {
        AzureCredentials::Key(key) => format!(
            "The key in secret {key} is wrong, was regenerated, or is of another resource than {base_url}. Put one of the two keys that the resource shows under Keys and Endpoint. A resource may also be set to take no keys: then use a service principal."
        ),
        AzureCredentials::ServicePrincipal(_) => format!(
            "Azure did not take the token of the service principal: its scope may be for another service or cloud, its tenant may not be that of the resource, or {base_url} may be a regional address, which takes keys only. Use the resource’s own address."
        ),
    }
}

/// The credential is known and may not do this.
pub(super) fn forbidden(credentials: &AzureCredentials) -> String {
    match credentials {
        AzureCredentials::Key(_) => "The key is known, but the call is not let in: the resource may be closed to public networks, so that Weir must run in its virtual network or be allowed in its firewall.".to_owned(),
        AzureCredentials::ServicePrincipal(principal) => format!(
            "The service principal {} is known but may not do this. Assign it the role Cognitive Services OpenAI User on the resource (Azure AI User on a Foundry resource); a new assignment takes some minutes. If it has the role, the resource may be closed to public networks.",
            principal.client_id.as_str()
        ),
    }
}

/// There is nothing of this name.
pub(super) fn not_found(base_url: &BaseUrl) -> String {
    format!(
        "Use the name of a deployment in this resource, which may be unlike its model’s; Azure’s portal lists them. A deployment that was just made takes up to five minutes. Where Azure says that the resource is not found, look at the address ({base_url}) and at the api-version."
    )
}

/// No token is to be had for the service principal.
pub(super) fn no_token(credentials: &AzureCredentials) -> String {
    match credentials {
        AzureCredentials::Key(key) => format!("Check the value of secret {key}."),
        AzureCredentials::ServicePrincipal(principal) => format!(
            "No token came from {}. Where Entra ID refused it, check the tenant in that address, the client id {}, and that the secret {} holds the value of a client secret (not its id) that has not expired. Where it was not reached or said nothing in time, check the name, and that firewalls and the proxy let Weir through to it. An address that is link-local or of a metadata service is called only where Weir is started with --allow-link-local-upstreams.",
            principal.token_url,
            principal.client_id.as_str(),
            principal.client_secret
        ),
    }
}
