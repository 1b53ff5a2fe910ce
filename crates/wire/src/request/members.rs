//! The members of a request body that matter, each as the text it stands in, and each at most once.

use crate::{json, request::RequestError};

/// The members that matter. Values are slices of the body; `null` is a value.
#[derive(Debug, Default)]
pub(super) struct Members<'a> {
    pub(super) model: Option<&'a str>,
    pub(super) stream: Option<&'a str>,
    pub(super) stream_options: Option<&'a str>,
    pub(super) max_tokens: Option<&'a str>,
    pub(super) max_completion_tokens: Option<&'a str>,
    pub(super) max_output_tokens: Option<&'a str>,
    pub(super) n: Option<&'a str>,
    pub(super) best_of: Option<&'a str>,
    pub(super) service_tier: Option<&'a str>,
    /// `serviceTier`: Google's and Amazon's spelling.
    pub(super) service_tier_camel: Option<&'a str>,
    /// Google's `generationConfig`, in either spelling of protobuf's JSON.
    pub(super) generation_config: Option<&'a str>,
    /// Converse, and Nova's bodies.
    pub(super) inference_config: Option<&'a str>,
    /// Titan's bodies.
    pub(super) text_generation_config: Option<&'a str>,
    /// Llama's bodies.
    pub(super) max_gen_len: Option<&'a str>,
    /// Claude's old text completions.
    pub(super) max_tokens_to_sample: Option<&'a str>,
    /// `maxTokens`: AI21's older bodies.
    pub(super) max_tokens_camel: Option<&'a str>,
    /// Cohere's bodies.
    pub(super) num_generations: Option<&'a str>,
    /// AI21's older bodies.
    pub(super) num_results: Option<&'a str>,
    pub(super) background: Option<&'a str>,
    pub(super) previous_response_id: Option<&'a str>,
    /// The body from behind its opening brace on.
    pub(super) inside: &'a str,
    /// Whether the object has no members at all.
    pub(super) is_empty: bool,
}

/// What `stream_options` says of `include_usage`.
#[derive(Debug)]
pub(super) enum IncludeUsage<'a> {
    /// Its value, as text.
    Is(&'a str),
    /// `stream_options` is an object without it.
    Absent {
        /// The object from behind its opening brace on.
        inside: &'a str,
        /// Whether it has no members at all.
        is_empty: bool,
    },
    /// `stream_options` is absent or no object.
    NoObject,
}

impl<'a> Members<'a> {
    pub(super) fn read(body: &'a [u8]) -> Result<Self, RequestError> {
        let text = str::from_utf8(body).map_err(|_| RequestError::NotJson)?;
        let mut members = Members {
            inside: inside(text),
            is_empty: true,
            ..Members::default()
        };
        let mut twice = None;
        walk(text, |key, value| {
            members.is_empty = false;
            if let Some((name, member)) = members.member(key)
                && member.replace(value).is_some()
            {
                twice.get_or_insert(name);
            }
        })?;
        twice.map_or(Ok(members), |name| Err(RequestError::Duplicate(name)))
    }

    /// The place of a member that matters, and its name.
    fn member(&mut self, key: &str) -> Option<(&'static str, &mut Option<&'a str>)> {
        Some(match key {
            "stream" => ("stream", &mut self.stream),
            "stream_options" => ("stream_options", &mut self.stream_options),
            "max_tokens" => ("max_tokens", &mut self.max_tokens),
            "max_completion_tokens" => ("max_completion_tokens", &mut self.max_completion_tokens),
            "max_output_tokens" => ("max_output_tokens", &mut self.max_output_tokens),
            "n" => ("n", &mut self.n),
            "best_of" => ("best_of", &mut self.best_of),
            "service_tier" => ("service_tier", &mut self.service_tier),
            "background" => ("background", &mut self.background),
            "previous_response_id" => ("previous_response_id", &mut self.previous_response_id),
            "serviceTier" => ("serviceTier", &mut self.service_tier_camel),
            "generationConfig" | "generation_config" => {
                ("generationConfig", &mut self.generation_config)
            }
            "inferenceConfig" => ("inferenceConfig", &mut self.inference_config),
            "textGenerationConfig" => ("textGenerationConfig", &mut self.text_generation_config),
            "max_gen_len" => ("max_gen_len", &mut self.max_gen_len),
            "max_tokens_to_sample" => ("max_tokens_to_sample", &mut self.max_tokens_to_sample),
            "maxTokens" => ("maxTokens", &mut self.max_tokens_camel),
            "num_generations" => ("num_generations", &mut self.num_generations),
            "numResults" => ("numResults", &mut self.num_results),
            key if key.eq_ignore_ascii_case("model") => ("model", &mut self.model),
            _ => return None,
        })
    }

    /// What `stream_options` says of `include_usage`.
    pub(super) fn include_usage(&self) -> Result<IncludeUsage<'a>, RequestError> {
        let Some(options) = self.stream_options.filter(|text| text.starts_with('{')) else {
            return Ok(IncludeUsage::NoObject);
        };
        let (mut value, mut twice, mut is_empty) = (None, false, true);
        json::walk(options, |key, text| {
            is_empty = false;
            if key == "include_usage" {
                twice |= value.replace(text).is_some();
            }
        })
        .map_err(|_| RequestError::NotJson)?;
        match value {
            _ if twice => Err(RequestError::Duplicate("include_usage")),
            Some(value) => Ok(IncludeUsage::Is(value)),
            None => Ok(IncludeUsage::Absent {
                inside: inside(options),
                is_empty,
            }),
        }
    }
}

/// Calls `each` with name and text of every member of a body, in order.
pub(super) fn walk<'a>(body: &'a str, each: impl FnMut(&str, &'a str)) -> Result<(), RequestError> {
    json::walk(body, each).map_err(|error| {
        if error.is_data() {
            RequestError::NotAnObject
        } else {
            RequestError::NotJson
        }
    })
}

/// An object's text from behind its opening brace on.
pub(super) fn inside(object: &str) -> &str {
    object.split_once('{').map_or("", |(_, inside)| inside)
}
