//! Counts of tokens as Google reports them: cached tokens are inside the prompt's count, thoughts
//! and the results of tools are beside all others, zero counts are left out. It knows nothing of
//! requests.

use super::contents::Modalities;
use crate::json::{Object, object_string};

/// The counts of one answer.
#[derive(Clone, Copy)]
pub(super) struct Counts<'t> {
    pub(super) prompt: Modalities,
    pub(super) cached: u64,
    pub(super) tool_use: u64,
    pub(super) visible: u64,
    pub(super) thoughts: u64,
    /// The kind of traffic, which Vertex AI tells.
    pub(super) traffic: Option<&'t str>,
}

impl Counts<'_> {
    /// With another output, for the middle of a stream.
    pub(super) fn with_output(self, visible: u64, thoughts: u64) -> Self {
        Self {
            visible,
            thoughts,
            ..self
        }
    }

    /// `usageMetadata`.
    pub(super) fn metadata(&self) -> String {
        let total = self.prompt.total() + self.tool_use + self.visible + self.thoughts;
        object_string(|usage| {
            known(usage, "promptTokenCount", self.prompt.total());
            known(usage, "cachedContentTokenCount", self.cached);
            known(usage, "candidatesTokenCount", self.visible);
            known(usage, "toolUsePromptTokenCount", self.tool_use);
            known(usage, "thoughtsTokenCount", self.thoughts);
            usage.number("totalTokenCount", total);
            write_traffic(usage, self.traffic);
            details(usage, "promptTokensDetails", &self.prompt.named());
            details(usage, "cacheTokensDetails", &[("TEXT", self.cached)]);
            details(usage, "candidatesTokensDetails", &[("TEXT", self.visible)]);
            details(
                usage,
                "toolUsePromptTokensDetails",
                &[("TEXT", self.tool_use)],
            );
        })
    }
}

/// The kind of traffic, where it is told.
pub(super) fn write_traffic(usage: &mut Object<'_>, traffic: Option<&str>) {
    if let Some(traffic) = traffic {
        usage.text("trafficType", traffic);
    }
}

/// A count unless it is zero.
pub(super) fn known(usage: &mut Object<'_>, name: &str, count: u64) {
    if count > 0 {
        usage.number(name, count);
    }
}

/// The counts by modality that are not zero.
pub(super) fn details(usage: &mut Object<'_>, name: &str, counts: &[(&str, u64)]) {
    if counts.iter().all(|(_, count)| *count == 0) {
        return;
    }
    usage.array(name, |list| {
        for (modality, count) in counts.iter().filter(|(_, count)| *count > 0) {
            list.object(|entry| {
                entry
                    .text("modality", modality)
                    .number("tokenCount", *count);
            });
        }
    });
}
