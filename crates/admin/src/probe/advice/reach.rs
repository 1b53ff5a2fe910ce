//! What to do where the upstream was not reached: name, address, connection, TLS, silence.

use std::net::{IpAddr, Ipv4Addr};

use domain::provider::{AwsCredentials, GoogleCredentials, Upstream, is_azures};
use url::{Host, Url};

use super::{Symptom, azure};

/// What to do, for the address that was called.
pub(super) fn advice(symptom: Symptom, upstream: &Upstream) -> String {
    let address = upstream.base_url();
    let host = host(&address);
    match symptom {
        Symptom::NotResolved => not_resolved(upstream, &address),
        Symptom::AddressRefused => format!(
            "{address} leads to a link-local or cloud metadata address, which Weir does not connect to unless it is started with --allow-link-local-upstreams."
        ),
        Symptom::ConnectionRefused => format!(
            "Nothing listens at {address}. Is the server running, is the port right, and does it listen on more than its own loopback address?{}",
            hint(&host)
        ),
        Symptom::TimedOut => format!(
            "No connection to {address} came about in time. A firewall or a security group may drop the packets, or the address is not routed from here.{}",
            hint(&host)
        ),
        Symptom::NoAnswer => format!(
            "{address} took the request and said nothing. It may be overloaded or still loading the model: try again, or test a smaller model. Calls of applications are waited for as long as --first-byte-timeout says."
        ),
        Symptom::UnknownIssuer => format!(
            "The certificate of {address} comes from an issuer that Weir does not trust. If it is one of your own, start Weir with --upstream-ca and the issuer’s certificate in a PEM file; if not, somebody may stand in between."
        ),
        Symptom::CertificateExpired => format!(
            "The certificate of {address} is over or not valid yet. Whoever runs that server must renew it. If it is good, look at this machine’s clock."
        ),
        Symptom::OtherName => format!(
            "The certificate of {address} is for another name. Use the name that it is for as the base URL, or have a certificate made for this one."
        ),
        Symptom::NotTls => format!(
            "What answers at {address} does not speak TLS. If it is meant to be called without, write http:// in place of https://; else the port may be another one."
        ),
        _ => format!(
            "The TLS connection to {address} failed. The server may speak only versions older than TLS 1.2, or ask for a certificate of the client, which Weir does not have."
        ),
    }
}

fn not_resolved(upstream: &Upstream, address: &str) -> String {
    match upstream {
        Upstream::Bedrock { region, fips, .. } if address.contains(".amazonaws.") => {
            let fips = if *fips {
                " Not every region has a FIPS endpoint: try without."
            } else {
                ""
            };
            format!(
                "There is no {address}: {region} may be misspelled, or a region without Bedrock. Choose the region in which your models are enabled.{fips} If the region is right, this machine may not resolve names of AWS: a private network needs a VPC endpoint."
            )
        }
        Upstream::VertexAi { location, .. } if address.contains(".googleapis.com") => format!(
            "There is no {address}: {location} may be misspelled, or a place without Vertex AI. Choose global, us, eu, or the region in which your models are. If it is right, this machine may not resolve names of Google: a private network needs Private Service Connect."
        ),
        Upstream::AzureOpenAi { base_url, .. } if is_azures(base_url) => format!(
            "There is no {address}: the name of the resource may be misspelled, or the resource is gone. Its page in Azure shows the address under Keys and Endpoint. A resource with a private endpoint resolves only where its private DNS zone does."
        ),
        Upstream::OpenAi { .. }
        | Upstream::Anthropic { .. }
        | Upstream::GoogleAi { .. }
        | Upstream::Bedrock { .. }
        | Upstream::VertexAi { .. }
        | Upstream::AzureOpenAi { .. }
        | Upstream::OpenAiCompatible { .. }
        | Upstream::Cohere { .. } => format!(
            "The name in {address} is not known to this machine’s resolver. Check its spelling. Names of a private network, of docker compose or of a cluster resolve only inside of it."
        ),
    }
}

fn host(address: &str) -> Option<Host> {
    Some(Url::parse(address).ok()?.host()?.to_owned())
}

/// What an address of a private network needs.
fn hint(host: &Option<Host>) -> &'static str {
    const LOOPBACK: &str = " Where Weir runs in a container, localhost is the container itself: call the machine by host.docker.internal, or the other container by its service’s name.";
    const DOCKER: &str = " On Linux, host.docker.internal is known only where the container is started with --add-host=host.docker.internal:host-gateway.";
    const PRIVATE: &str = " It is an address of a private network: Weir must run in that network, or reach it by VPN or peering.";
    match host {
        Some(Host::Domain(name)) if name == "localhost" || name.ends_with(".localhost") => LOOPBACK,
        Some(Host::Domain(name)) if name == "host.docker.internal" => DOCKER,
        Some(Host::Ipv4(address)) => of_address(IpAddr::V4(*address), LOOPBACK, PRIVATE),
        Some(Host::Ipv6(address)) => of_address(IpAddr::V6(*address), LOOPBACK, PRIVATE),
        Some(Host::Domain(_)) | None => "",
    }
}

fn of_address(address: IpAddr, loopback: &'static str, private: &'static str) -> &'static str {
    let is_private = match address {
        IpAddr::V4(address) => address.is_private() || is_shared(address),
        IpAddr::V6(address) => address.is_unique_local(),
    };
    if address.is_loopback() || address.is_unspecified() {
        loopback
    } else if is_private {
        private
    } else {
        ""
    }
}

/// 100.64.0.0/10, which carriers and overlay networks share.
const fn is_shared(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && second >= 64 && second < 128
}

/// Where nothing gives the credentials.
pub(super) fn credentials_missing(upstream: &Upstream) -> String {
    let credentials = match upstream {
        Upstream::Bedrock { credentials, .. } => credentials,
        Upstream::VertexAi { credentials, .. } => return google_credentials_missing(credentials),
        Upstream::AzureOpenAi { credentials, .. } => return azure::no_token(credentials),
        Upstream::OpenAi { .. }
        | Upstream::Anthropic { .. }
        | Upstream::GoogleAi { .. }
        | Upstream::OpenAiCompatible { .. }
        | Upstream::Cohere { .. } => {
            return "Name the secret that holds the key.".to_owned();
        }
    };
    match credentials {
        AwsCredentials::DefaultChain => "Nothing on the machine that Weir runs on gives AWS credentials: set them in Weir's environment, give the machine or pod a role, or choose another credential type.".to_owned(),
        AwsCredentials::StaticKeys { .. } | AwsCredentials::Bearer { .. } => {
            "Check the values of the secrets that this provider names.".to_owned()
        }
        AwsCredentials::AssumeRole { role_arn, external_id, .. } => format!(
            "AWS did not let Weir assume {}. The role's trust policy must name the identity that Weir runs as{}, and that identity needs sts:AssumeRole on it.",
            role_arn.as_str(),
            if external_id.is_some() { " and this external ID" } else { "" }
        ),
        AwsCredentials::WebIdentity { role_arn } => format!(
            "AWS did not let Weir assume {} with its web identity. AWS_WEB_IDENTITY_TOKEN_FILE must name a fresh token, and the role's trust policy its issuer and subject.",
            role_arn.as_str()
        ),
    }
}

fn google_credentials_missing(credentials: &GoogleCredentials) -> String {
    match credentials {
        GoogleCredentials::DefaultChain => "Nothing on the machine that Weir runs on gives Google credentials: name a key's file in GOOGLE_APPLICATION_CREDENTIALS for Weir (where one is named above, mend it), give the machine or pod a service account, or choose the key of a service account as the credential type.".to_owned(),
        GoogleCredentials::ServiceAccount { service_account } => format!(
            "No token came for the key in secret {service_account}. Where Google refused it, the key may be disabled, deleted or of another service account: make a new one, and put its whole JSON as the secret's value. Where the token_uri that stands in it was not reached, or answered something else, look at that address, and whether firewalls and the proxy let Weir through to it."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_come_with_a_hint() {
        for (address, says) in [
            ("http://localhost:11434/v1", "host.docker.internal"),
            ("http://127.0.0.1:8000/v1", "host.docker.internal"),
            ("http://[::1]:8000/v1", "host.docker.internal"),
            ("http://host.docker.internal:8000/v1", "host-gateway"),
            ("http://10.1.2.3:8000/v1", "private network"),
            ("http://172.20.0.4/v1", "private network"),
            ("http://192.168.1.10/v1", "private network"),
            ("http://100.100.1.1/v1", "private network"),
            ("http://[fd12::1]/v1", "private network"),
        ] {
            let told = hint(&host(address));
            assert!(told.contains(says), "{address}: {told}");
        }
        for address in [
            "https://api.openai.com/v1",
            "http://172.32.0.1/v1",
            "http://8.8.8.8",
        ] {
            assert_eq!(hint(&host(address)), "", "{address}");
        }
    }
}
