//! What is to be done with the answer to a call: which meter reads it, what is taken out of it, where the
//! upstream's own id of it stands.

use std::sync::Arc;

use domain::{call::Operation, provider::ProviderType};
use http::{
    HeaderMap, Response, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use wire::{
    meter::{Meter, Metered, Shape},
    strip::UsageChunkFilter,
};

use crate::{call::OpenCall, intake::BufferBudget, metering::Metering, upstream::UpstreamBody};

/// What is to be done with the answer.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) operation: Operation,
    pub(crate) provider_type: ProviderType,
    /// The model that was asked for, as what it is priced.
    pub(crate) model: Option<String>,
    pub(crate) streamed: bool,
    /// The request was changed so that the stream tells its usage; the chunk that does is taken out.
    pub(crate) take_usage_out: bool,
    /// The memory for all calls, of which the meter's copy takes its share.
    pub(crate) budget: Arc<BufferBudget>,
}

impl Plan {
    /// Notes status and the upstream's id on the call.
    pub(crate) fn note(&self, response: &Response<UpstreamBody>, call: &mut OpenCall) {
        self.note_head(response.status(), response.headers(), call);
    }

    /// The same of a head whose body has been looked through.
    pub(crate) fn note_head(&self, status: StatusCode, headers: &HeaderMap, call: &mut OpenCall) {
        let names: &[&str] = match self.provider_type {
            ProviderType::OpenAi | ProviderType::GoogleAi | ProviderType::VertexAi => {
                &["x-request-id", "request-id"]
            }
            ProviderType::Anthropic => &["request-id"],
            ProviderType::Bedrock => &["x-amzn-requestid"],
            ProviderType::AzureOpenAi => &["apim-request-id", "x-request-id"],
            // It stands in the body alone.
            ProviderType::Cohere => &[],
            ProviderType::OpenAiCompatible => &[
                "x-request-id",
                "mistral-correlation-id",
                "x-databricks-request-id",
            ],
        };
        let id = names
            .iter()
            .find_map(|name| headers.get(*name)?.to_str().ok());
        call.answered(status.as_u16(), id.map(str::to_owned));
    }

    /// The meter for an answer. `None`: nothing of it is metered.
    pub(crate) fn metering(&self, response: &Response<UpstreamBody>) -> Option<Metering> {
        // A stored response may show the usage of one that ran in the background.
        let told = self.operation.is_inference() || self.operation == Operation::StoredResponse;
        if !told || !response.status().is_success() {
            return None;
        }
        let headers = response.headers();
        let mut meter = Meter::new(&Metered {
            operation: self.operation,
            provider_type: self.provider_type,
            shape: Shape::of(self.operation, self.streamed, text(headers, &CONTENT_TYPE)),
            model: self.model.as_deref(),
        });
        meter.headers(&|name| headers.get(name)?.to_str().ok());
        let encoding = text(headers, &CONTENT_ENCODING).unwrap_or("identity");
        Some(Metering::new(meter, encoding, &self.budget))
    }

    /// What takes Weir's own chunk out again. `None`: there is none.
    pub(crate) fn filter(&self, response: &Response<UpstreamBody>) -> Option<UsageChunkFilter> {
        let plain = text(response.headers(), &CONTENT_ENCODING)
            .is_none_or(|encoding| encoding.eq_ignore_ascii_case("identity"));
        (self.take_usage_out && plain && response.status().is_success()).then(UsageChunkFilter::new)
    }
}

pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
