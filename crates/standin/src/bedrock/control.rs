//! Bedrock's control plane: which models, profiles and guardrails there are. It knows nothing of
//! calls.

use percent_encoding::percent_decode_str;

use super::model_id::is_by_profile;
use crate::ask::Ask;
use crate::failures::Failure;
use crate::json::Object;
use crate::reply::Reply;

use http::StatusCode;

const REGION: &str = "us-east-1";
const ACCOUNT: &str = "123456789012";
const MADE: &str = "2026-06-01T00:00:00Z";
const USUAL_PAGE: usize = 100;

/// Ids, names and vendors.
const MODELS: &[(&str, &str, &str)] = &[
    (
        "anthropic.claude-3-haiku-20240307-v1:0",
        "Claude 3 Haiku",
        "Anthropic",
    ),
    (
        "anthropic.claude-haiku-4-5-20251001-v1:0",
        "Claude Haiku 4.5",
        "Anthropic",
    ),
    (
        "anthropic.claude-opus-4-6-v1",
        "Claude Opus 4.6",
        "Anthropic",
    ),
    ("anthropic.claude-sonnet-5", "Claude Sonnet 5", "Anthropic"),
    ("anthropic.claude-opus-5-5", "Claude Opus 5.5", "Anthropic"),
    ("amazon.nova-lite-v1:0", "Nova Lite", "Amazon"),
    ("amazon.nova-pro-v1:0", "Nova Pro", "Amazon"),
    (
        "amazon.titan-text-lite-v1",
        "Titan Text G1 - Lite",
        "Amazon",
    ),
    (
        "amazon.titan-embed-text-v2:0",
        "Titan Text Embeddings V2",
        "Amazon",
    ),
    ("cohere.command-r-v1:0", "Command R", "Cohere"),
    ("cohere.embed-english-v3", "Embed English", "Cohere"),
    (
        "meta.llama3-1-8b-instruct-v1:0",
        "Llama 3.1 8B Instruct",
        "Meta",
    ),
    (
        "mistral.mistral-large-2402-v1:0",
        "Mistral Large",
        "Mistral AI",
    ),
    ("openai.gpt-oss-120b-1:0", "gpt-oss-120b", "OpenAI"),
];

/// Prefix and model of each profile that AWS made.
const PROFILES: &[(&str, &str)] = &[
    ("us", "amazon.nova-lite-v1:0"),
    ("us", "anthropic.claude-haiku-4-5-20251001-v1:0"),
    ("us", "anthropic.claude-opus-4-6-v1"),
    ("us", "anthropic.claude-opus-5-5"),
    ("us", "anthropic.claude-sonnet-5"),
    ("global", "anthropic.claude-opus-5-5"),
    ("global", "anthropic.claude-sonnet-5"),
];

/// The profile of an application, and the model behind it.
const APPLICATION: (&str, &str) = ("abc123standin", "anthropic.claude-sonnet-5");

/// A profile.
struct Profile {
    id: String,
    arn: String,
    model: &'static str,
    kind: &'static str,
}

/// GET /foundation-models.
pub(super) fn foundation_models() -> Reply {
    Reply::object(|body| {
        body.array("modelSummaries", |list| {
            for (id, name, vendor) in MODELS {
                list.object(|model| write_model(model, id, name, vendor));
            }
        });
    })
}

/// GET /inference-profiles, with `maxResults`, `nextToken` and `type`.
pub(super) fn inference_profiles(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let kind = match ask.parameter("type") {
        None => "SYSTEM_DEFINED",
        Some(kind @ ("SYSTEM_DEFINED" | "APPLICATION")) => kind,
        Some(_) => return Err(Failure::invalid("type is not one of its values")),
    };
    let number = |name: &str| -> Option<usize> { ask.parameter(name)?.parse().ok() };
    let size = number("maxResults").unwrap_or(USUAL_PAGE).max(1);
    let start = number("nextToken").unwrap_or(0);
    let all: Vec<Profile> = profiles().filter(|profile| profile.kind == kind).collect();
    let page = all.iter().skip(start).take(size);
    Ok(Reply::object(|body| {
        body.array("inferenceProfileSummaries", |list| {
            for profile in page {
                list.object(|entry| profile.write(entry));
            }
        });
        let next = start.saturating_add(size);
        if next < all.len() {
            body.text("nextToken", &next.to_string());
        }
    }))
}

/// GET /inference-profiles/{id}, by id or ARN.
pub(super) fn inference_profile(segment: &str) -> Result<Reply, Failure> {
    let id = decoded(segment)?;
    let found = profiles().find(|profile| profile.id == id || profile.arn == id);
    match found {
        Some(profile) => Ok(Reply::object(|body| profile.write(body))),
        None => Err(not_found("inference profile")),
    }
}

/// GET /guardrails/{id}, with `guardrailVersion`: any but those with `missing` in the id exist, in
/// the versions `DRAFT` and 1 to 9.
pub(super) fn guardrail(ask: &Ask<'_>, segment: &str) -> Result<Reply, Failure> {
    let given = decoded(segment)?;
    let id = given.rsplit('/').next().unwrap_or(&given);
    let version = ask.parameter("guardrailVersion").unwrap_or("DRAFT");
    let numbered = matches!(version.as_bytes(), [b'1'..=b'9']);
    if id.contains("missing") || !(numbered || version == "DRAFT") {
        return Err(not_found("guardrail"));
    }
    Ok(Reply::object(|body| {
        body.text("guardrailId", id)
            .text("guardrailArn", &arn(&format!("guardrail/{id}")))
            .text("name", "stand-in")
            .text("version", version)
            .text("status", "READY")
            .text("blockedInputMessaging", "Not that.")
            .text("blockedOutputsMessaging", "Not this.")
            .text("createdAt", MADE)
            .text("updatedAt", MADE);
    }))
}

fn profiles() -> impl Iterator<Item = Profile> {
    let of_aws = PROFILES.iter().map(|(prefix, model)| {
        let id = format!("{prefix}.{model}");
        Profile {
            arn: arn(&format!("inference-profile/{id}")),
            id,
            model,
            kind: "SYSTEM_DEFINED",
        }
    });
    let (id, model) = APPLICATION;
    of_aws.chain(std::iter::once(Profile {
        id: id.to_owned(),
        arn: arn(&format!("application-inference-profile/{id}")),
        model,
        kind: "APPLICATION",
    }))
}

impl Profile {
    fn write(&self, entry: &mut Object<'_>) {
        entry
            .text("inferenceProfileId", &self.id)
            .text("inferenceProfileArn", &self.arn)
            .text("inferenceProfileName", &self.id)
            .text("createdAt", MADE)
            .text("updatedAt", MADE)
            .array("models", |models| {
                models.object(|model| {
                    model.text("modelArn", &model_arn(self.model));
                });
            })
            .text("status", "ACTIVE")
            .text("type", self.kind);
    }
}

fn write_model(model: &mut Object<'_>, id: &str, name: &str, vendor: &str) {
    let embeds = id.contains("embed");
    model
        .text("modelId", id)
        .text("modelArn", &model_arn(id))
        .text("modelName", name)
        .text("providerName", vendor)
        .array("inputModalities", |list| list.text("TEXT"))
        .array("outputModalities", |list| {
            list.text(if embeds { "EMBEDDING" } else { "TEXT" });
        })
        .flag("responseStreamingSupported", !embeds)
        .array("customizationsSupported", |_| {})
        .array("inferenceTypesSupported", |list| {
            list.text(if is_by_profile(id) {
                "INFERENCE_PROFILE"
            } else {
                "ON_DEMAND"
            });
        })
        .object("modelLifecycle", |lifecycle| {
            lifecycle.text("status", "ACTIVE");
        });
}

fn model_arn(id: &str) -> String {
    format!("arn:aws:bedrock:{REGION}::foundation-model/{id}")
}

fn arn(resource: &str) -> String {
    format!("arn:aws:bedrock:{REGION}:{ACCOUNT}:{resource}")
}

fn decoded(segment: &str) -> Result<String, Failure> {
    let decoded = percent_decode_str(segment).decode_utf8();
    let decoded = decoded.map_err(|_| Failure::invalid("The identifier is invalid."))?;
    Ok(decoded.into_owned())
}

fn not_found(what: &str) -> Failure {
    let sentence = format!("The {what} does not exist or you do not have access to it.");
    Failure::new(StatusCode::NOT_FOUND, sentence)
}
