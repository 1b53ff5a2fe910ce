//! Bedrock's control plane, for admins: which models and profiles there are, whether a guardrail exists,
//! which model is behind a profile. No call of an application comes here, and no row is made.

use std::collections::BTreeSet;

use admin::{
    live::LiveProvider,
    probe::{Failure, GuardrailCheck, Symptom},
};
use bytes::Bytes;
use domain::provider::{Guardrail, Region, Upstream};
use http::{Method, Request, Uri, header::ACCEPT};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::time::timeout;
use wire::route::Dialect;

use crate::{
    Gateway,
    credential::{Bound, Credential},
    probe::{ANSWER_MAX_BYTES, PATIENCE, failure, refused, symptom_of},
    upstream::{self, UpstreamClient},
};

/// What stays as it is in one segment of a path.
pub(crate) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// Profiles that one page of their list has at most.
const PAGE: u32 = 1000;
/// Pages of a list that are read at most.
const PAGES_MAX: usize = 10;

impl Gateway {
    /// What can be called: the models that are served by their own id, then the profiles. Models that AWS
    /// serves only by profile are left out. What the credentials may not list is left out too.
    ///
    /// # Errors
    /// Where nothing could be listed: why.
    pub(crate) async fn bedrock_models(
        &self,
        provider: &LiveProvider,
    ) -> Result<Vec<String>, Failure> {
        let control = self.control(provider).await?;
        let models = control.get("/foundation-models").await;
        let models = models.map(|models| on_demand(&models));
        let own = control.profiles("SYSTEM_DEFINED").await;
        let accounts = control.profiles("APPLICATION").await;
        // Those of the account are called by their ARN.
        listed([
            models,
            own.map(|profiles| texts(&profiles, "inferenceProfileId")),
            accounts.map(|profiles| texts(&profiles, "inferenceProfileArn")),
        ])
    }

    /// Whether a guardrail exists, as far as the credentials may know.
    pub(crate) async fn guardrail_check(
        &self,
        provider: &LiveProvider,
        guardrail: &Guardrail,
    ) -> GuardrailCheck {
        let id = utf8_percent_encode(&guardrail.id, SEGMENT);
        let version = utf8_percent_encode(&guardrail.version, SEGMENT);
        let path = format!("/guardrails/{id}?guardrailVersion={version}");
        let asked = match self.control(provider).await {
            Ok(control) => control.get(&path).await,
            Err(failure) => Err(failure),
        };
        match asked {
            Ok(_) => GuardrailCheck::Exists,
            // AWS answers a form that no guardrail has with 400.
            Err(Failure {
                status: Some(400 | 404),
                message,
                ..
            }) => GuardrailCheck::Missing { message },
            Err(_) => GuardrailCheck::Unknown,
        }
    }

    /// The id of the model or profile whose price holds for an application's own profile: the model's own
    /// where the profile leads only to the provider's region, else that of AWS' profile which leads to
    /// the same regions. `None`: the upstream does not tell, or there is no such profile.
    pub(crate) async fn model_behind(&self, provider: &LiveProvider, arn: &str) -> Option<String> {
        let region = provider.provider.upstream.region()?;
        let control = self.control(provider).await.ok()?;
        let path = format!("/inference-profiles/{}", utf8_percent_encode(arn, SEGMENT));
        let profile = control.get(&path).await.ok()?;
        if let Some(model) = model_of_region(&profile, region) {
            return Some(model);
        }
        same_models(&profile, &control.profiles("SYSTEM_DEFINED").await.ok()?)
    }

    /// The control plane, to be asked with the provider's own credentials.
    async fn control<'a>(&'a self, provider: &'a LiveProvider) -> Result<Control<'a>, Failure> {
        let upstream = &provider.provider.upstream;
        let Upstream::Bedrock { region, fips, .. } = upstream else {
            return Err(failure(Symptom::NotTheApi, None, b"only Bedrock has this"));
        };
        let credential = self.credential(provider, &http::HeaderMap::new()).await;
        Ok(Control {
            client: &self.client,
            upstream,
            base: control_base(self.connect.bedrock_control.as_deref(), region, *fips),
            credential: credential.map_err(|refusal| refused(&refusal))?,
        })
    }
}

/// Where the control plane is: everywhere at the same address where there is one, but for providers that
/// are called at their region's FIPS address.
fn control_base(everywhere: Option<&str>, region: &Region, fips: bool) -> String {
    match everywhere {
        Some(everywhere) if !fips => everywhere.trim_end_matches('/').to_owned(),
        _ => region.bedrock_control(fips),
    }
}

/// The control plane of a provider's region, or whatever else is only asked for admins.
pub(crate) struct Control<'a> {
    pub(crate) client: &'a UpstreamClient,
    pub(crate) upstream: &'a Upstream,
    pub(crate) base: String,
    pub(crate) credential: Credential,
}

impl Control<'_> {
    /// The profiles of one kind: AWS' own, or the account's. Where a later page fails, those before it.
    async fn profiles(&self, kind: &str) -> Result<Vec<Value>, Failure> {
        let mut profiles = Vec::new();
        let mut next: Option<String> = None;
        for number in 0..PAGES_MAX {
            let mut path = format!("/inference-profiles?maxResults={PAGE}&type={kind}");
            if let Some(next) = &next {
                path.push_str("&nextToken=");
                path.extend(utf8_percent_encode(next, SEGMENT));
            }
            let page = match self.get(&path).await {
                Ok(page) => page,
                Err(failure) if number == 0 => return Err(failure),
                Err(_) => break,
            };
            profiles.extend(list(&page, "inferenceProfileSummaries").cloned());
            next = text(&page, "nextToken");
            if next.is_none() {
                break;
            }
        }
        Ok(profiles)
    }

    /// What a path answers.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        let address = format!("{}{path}", self.base);
        let unusable = || {
            failure(
                Symptom::UpstreamError,
                None,
                b"the request for it cannot be made",
            )
        };
        let uri: Uri = address.parse().map_err(|_| unusable())?;
        let mut request = Request::new(Full::new(Bytes::new()));
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, http::HeaderValue::from_static("application/json"));
        let bound = Bound {
            upstream: self.upstream,
            dialect: Dialect::Aws,
            method: &Method::GET,
            address: &address,
            body: &[],
        };
        let signed = self.credential.add_to(headers, &bound);
        signed.map_err(|_| unusable())?;
        let answered = timeout(PATIENCE, self.client.request(request)).await;
        let response = answered
            .map_err(|_| failure(Symptom::TimedOut, None, b"no answer within a minute"))?
            .map_err(|error| refused(&upstream::refusal(&error)))?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), ANSWER_MAX_BYTES);
        let body = timeout(PATIENCE, body.collect())
            .await
            .map_err(|_| failure(Symptom::TimedOut, Some(status), b"the answer did not end"))?
            .map_err(|error| {
                failure(
                    Symptom::UpstreamError,
                    Some(status),
                    if error.is::<LengthLimitError>() {
                        b"the answer is too large"
                    } else {
                        b"the answer broke off"
                    },
                )
            })?
            .to_bytes();
        told(status, &body, &self.credential.secrets())
    }
}

/// What an answer says. Should AWS repeat a secret in an error, it is blanked.
fn told(status: u16, body: &[u8], secrets: &[&str]) -> Result<Value, Failure> {
    let symptom = if status >= 400 {
        symptom_of(status)
    } else {
        match serde_json::from_slice(body) {
            Ok(json) => return Ok(json),
            Err(_) => Symptom::NotTheApi,
        }
    };
    let blanked = secrets.iter().fold(body.to_vec(), |body, secret| {
        wire::error::redact(&body, secret).unwrap_or(body)
    });
    Err(failure(symptom, Some(status), &blanked))
}

/// Everything that could be listed. What failed is left out, unless everything did.
pub(crate) fn listed(
    lists: impl IntoIterator<Item = Result<Vec<String>, Failure>>,
) -> Result<Vec<String>, Failure> {
    let mut all: Option<Vec<String>> = None;
    let mut first_failure = None;
    for list in lists {
        match list {
            Ok(ids) => all.get_or_insert_default().extend(ids),
            Err(failure) => {
                first_failure.get_or_insert(failure);
            }
        }
    }
    match (all, first_failure) {
        (None, Some(failure)) => Err(failure),
        (all, _) => Ok(all.unwrap_or_default()),
    }
}

/// The models that are served by their own id.
fn on_demand(models: &Value) -> Vec<String> {
    let served = |model: &&Value| {
        let on_demand = model
            .get("inferenceTypesSupported")
            .and_then(Value::as_array)
            .is_some_and(|types| types.iter().any(|one| one == "ON_DEMAND"));
        let status = model.pointer("/modelLifecycle/status");
        on_demand && status.is_none_or(|status| status == "ACTIVE")
    };
    list(models, "modelSummaries")
        .filter(served)
        .filter_map(|model| text(model, "modelId"))
        .collect()
}

/// The model of a profile that leads to this region and to no other.
fn model_of_region(profile: &Value, region: &Region) -> Option<String> {
    let models = models_of(profile);
    let arn = models.first().filter(|_| models.len() == 1)?;
    // arn:aws:bedrock:us-east-1::foundation-model/x
    let (region_of_it, resource) = (arn.split(':').nth(3)?, arn.rsplit_once('/')?.1);
    (region_of_it == region.as_str()).then(|| resource.to_owned())
}

/// The id of the profile that leads to the very models, in the very regions, of another one.
fn same_models(profile: &Value, profiles: &[Value]) -> Option<String> {
    let models = models_of(profile);
    let same = |other: &&Value| !models.is_empty() && models_of(other) == models;
    text(profiles.iter().find(same)?, "inferenceProfileId")
}

/// The ARNs of the models that a profile leads to.
fn models_of(profile: &Value) -> BTreeSet<String> {
    list(profile, "models")
        .filter_map(|model| text(model, "modelArn"))
        .collect()
}

pub(crate) fn list<'a>(json: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    json.get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

pub(crate) fn text(json: &Value, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

fn texts(entries: &[Value], key: &str) -> Vec<String> {
    entries
        .iter()
        .filter_map(|entry| text(entry, key))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn region() -> Region {
        "us-east-1".parse().unwrap()
    }

    fn profile(id: &str, regions: &[&str], model: &str) -> Value {
        let models: Vec<_> = regions
            .iter()
            .map(|region| {
                json!({ "modelArn": format!("arn:aws:bedrock:{region}::foundation-model/{model}") })
            })
            .collect();
        json!({ "inferenceProfileId": id, "models": models })
    }

    #[test]
    fn a_profile_is_priced_by_where_it_leads() {
        let known = [
            profile("us.m", &["us-east-1", "us-west-2"], "m"),
            profile("us.other", &["us-east-1", "us-west-2"], "other"),
            profile("eu.m", &["eu-west-1"], "m"),
            profile("global.m", &["us-east-1", ""], "m"),
        ];
        let priced = |regions: &[&str]| {
            let profile = profile("own", regions, "m");
            model_of_region(&profile, &region()).or_else(|| same_models(&profile, &known))
        };
        for (regions, id) in [
            (&["us-east-1"][..], Some("m")),
            (&["us-west-2", "us-east-1"], Some("us.m")),
            (&["", "us-east-1"], Some("global.m")),
            (&["eu-west-1"], Some("eu.m")),
            (&["us-west-2"], None),
            (&["us-east-1", "us-east-2"], None),
            (&[], None),
        ] {
            assert_eq!(priced(regions).as_deref(), id, "{regions:?}");
        }
    }

    #[test]
    fn a_secret_that_aws_repeats_is_blanked() {
        let said = |status| {
            let body = br#"{"message": "the token s3cr\u0065t of AKID is no good"}"#;
            let failed = told(status, body, &["other", "s3cret", "AKID"]);
            failed.unwrap_err().message.unwrap()
        };
        assert_eq!(said(403), "the token [redacted] of [redacted] is no good");
        let odd = told(200, b"<p>s3cret</p>", &["s3cret"]).unwrap_err();
        assert_eq!(odd.message.as_deref(), Some("<p>[redacted]</p>"));
        assert_eq!(told(200, b"{}", &["s3cret"]), Ok(json!({})));
    }

    #[test]
    fn what_may_not_be_listed_does_not_take_the_rest_away() {
        let ids = |ids: &[&str]| Ok(ids.iter().map(ToString::to_string).collect());
        let failed = |status| Err(failure(symptom_of(status), Some(status), b"no"));
        assert_eq!(
            listed([ids(&["a"]), failed(403), ids(&["b"])]),
            ids(&["a", "b"])
        );
        assert_eq!(listed([failed(403), ids(&[])]), ids(&[]));
        assert_eq!(listed([failed(403), failed(500)]), failed(403));
    }

    #[test]
    fn a_fips_provider_is_asked_at_its_own_address() {
        let base = |everywhere, fips| control_base(everywhere, &region(), fips);
        assert_eq!(base(Some("http://vpce/"), false), "http://vpce");
        let own = "https://bedrock-fips.us-east-1.amazonaws.com";
        assert_eq!(base(Some("http://vpce/"), true), own);
        assert_eq!(base(None, false), "https://bedrock.us-east-1.amazonaws.com");
    }
}
