//! Which guardrail came with a call, in the body or in the headers. It is remembered and told in
//! the header `x-standin-guardrail`, not applied. It knows nothing of the rest of a call.

use serde::Deserialize;

use crate::ask::{Ask, Label};
use crate::failures::Failure;
use crate::reply::Reply;

const ID_HEADER: &str = "x-amzn-bedrock-guardrailidentifier";
const VERSION_HEADER: &str = "x-amzn-bedrock-guardrailversion";

/// A guardrail that came with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardrailSeen {
    /// The model's id, decoded.
    pub model: String,
    /// The guardrail's id or ARN.
    pub identifier: String,
    /// The guardrail's version, a number or `DRAFT`.
    pub version: String,
    /// Where it stood.
    pub place: GuardrailPlace,
}

/// Where a guardrail stands in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardrailPlace {
    /// `guardrailConfig` of Converse.
    Body,
    /// The headers of InvokeModel.
    Headers,
}

/// `guardrailConfig`.
#[derive(Deserialize)]
pub(super) struct GuardrailConfig<'a> {
    #[serde(borrow, rename = "guardrailIdentifier")]
    identifier: Option<Label<'a>>,
    #[serde(borrow, rename = "guardrailVersion")]
    version: Option<Label<'a>>,
    #[serde(borrow)]
    trace: Option<Label<'a>>,
}

impl GuardrailConfig<'_> {
    /// Whether the answer is to tell what the guardrail found.
    pub(super) fn is_traced(&self) -> bool {
        self.trace
            .as_ref()
            .is_some_and(|trace| trace.as_str() != "disabled")
    }

    /// Remembers it. Fails with 400 if a part of it is missing or it does not exist.
    pub(super) fn remember(&self, ask: &Ask<'_>, model: &str) -> Result<GuardrailSeen, Failure> {
        let identifier = self.identifier.as_ref().map(Label::as_str);
        let version = self.version.as_ref().map(Label::as_str);
        remember(ask, model, identifier, version, GuardrailPlace::Body)
    }
}

/// Remembers the one in the headers, if there is one. Fails with 400 if a part of it is missing or
/// it does not exist.
pub(super) fn in_headers(ask: &Ask<'_>, model: &str) -> Result<Option<GuardrailSeen>, Failure> {
    let header = |name| ask.headers.get(name).and_then(|value| value.to_str().ok());
    let (identifier, version) = (header(ID_HEADER), header(VERSION_HEADER));
    if identifier.is_none() && version.is_none() {
        return Ok(None);
    }
    remember(ask, model, identifier, version, GuardrailPlace::Headers).map(Some)
}

/// The answer with the guardrail told in a header.
pub(super) fn told(reply: Reply, guardrail: Option<&GuardrailSeen>) -> Reply {
    match guardrail {
        Some(seen) => {
            let text = format!("{}@{}", seen.identifier, seen.version);
            reply.with_header("x-standin-guardrail", text)
        }
        None => reply,
    }
}

fn remember(
    ask: &Ask<'_>,
    model: &str,
    identifier: Option<&str>,
    version: Option<&str>,
    place: GuardrailPlace,
) -> Result<GuardrailSeen, Failure> {
    let (Some(identifier), Some(version)) = (identifier, version) else {
        return Err(Failure::invalid(
            "Both a guardrail identifier and a guardrail version are required.",
        ));
    };
    let seen = GuardrailSeen {
        model: model.to_owned(),
        identifier: identifier.to_owned(),
        version: version.to_owned(),
        place,
    };
    ask.state.remember_guardrail(seen.clone());
    if identifier.contains("missing") {
        return Err(Failure::invalid(
            "The guardrail identifier or version provided in the request does not exist.",
        ));
    }
    Ok(seen)
}
