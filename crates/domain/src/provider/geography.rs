//! Bedrock's system inference profiles: the geography that stands before a model's id.
//!
//! Prefixes: the ids of AWS' system profiles, November 2026.

/// Where a profile runs its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Geography {
    /// Any region.
    Global,
    /// The United States.
    Us,
    /// The European Union.
    Eu,
    /// Asia and the Pacific.
    Apac,
    /// Australia.
    Au,
    /// Japan.
    Jp,
    /// India.
    In,
    /// Canada.
    Ca,
    /// The government's regions of the United States.
    UsGov,
}

impl Geography {
    /// Every geography, the one for all regions first.
    pub const ALL: &'static [Self] = &[
        Self::Global,
        Self::Us,
        Self::Eu,
        Self::Apac,
        Self::Au,
        Self::Jp,
        Self::In,
        Self::Ca,
        Self::UsGov,
    ];

    /// What stands before the model's id, without the dot.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Us => "us",
            Self::Eu => "eu",
            Self::Apac => "apac",
            Self::Au => "au",
            Self::Jp => "jp",
            Self::In => "in",
            Self::Ca => "ca",
            Self::UsGov => "us-gov",
        }
    }

    /// What a person reads.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Global => "Any region",
            Self::Us => "US",
            Self::Eu => "EU",
            Self::Apac => "Asia Pacific",
            Self::Au => "Australia",
            Self::Jp => "Japan",
            Self::In => "India",
            Self::Ca => "Canada",
            Self::UsGov => "GovCloud",
        }
    }

    /// The geography of a profile and the id of its model. `None`: it is no system profile.
    #[must_use]
    pub fn split(id: &str) -> Option<(Self, &str)> {
        let (prefix, model) = id.split_once('.')?;
        let geography = Self::ALL.iter().find(|one| one.prefix() == prefix)?;
        // The maker stands before the model's own name.
        model.contains('.').then_some((*geography, model))
    }

    /// The id of a model's profile here.
    #[must_use]
    pub fn profile(self, model: &str) -> String {
        format!("{}.{model}", self.prefix())
    }

    /// Whether its profiles are called from a region, as far as the names tell.
    #[must_use]
    pub fn is_called_from(self, region: &str) -> bool {
        let begins = |with: &[&str]| with.iter().any(|start| region.starts_with(start));
        match self {
            Self::Global => !begins(&["us-gov-"]),
            Self::Us => begins(&["us-", "ca-"]) && !begins(&["us-gov-"]),
            Self::Eu => begins(&["eu-"]),
            Self::Apac => begins(&["ap-"]),
            Self::Au => begins(&["ap-southeast-2", "ap-southeast-4", "ap-southeast-6"]),
            Self::Jp => begins(&["ap-northeast-1", "ap-northeast-3"]),
            Self::In => begins(&["ap-south-"]),
            Self::Ca => begins(&["ca-"]),
            Self::UsGov => begins(&["us-gov-"]),
        }
    }

    /// The ids of the profiles that a model may have, by its bare id.
    pub fn profiles_of(model: &str) -> impl Iterator<Item = String> {
        Self::ALL.iter().map(move |one| one.profile(model))
    }
}

#[cfg(test)]
mod tests {
    use super::Geography;

    #[test]
    fn profiles_name_their_geography() {
        for (id, geography, model) in [
            (
                "us.amazon.nova-pro-v1:0",
                Geography::Us,
                "amazon.nova-pro-v1:0",
            ),
            (
                "us-gov.anthropic.claude-sonnet-5",
                Geography::UsGov,
                "anthropic.claude-sonnet-5",
            ),
            (
                "in.openai.gpt-5.6-luna",
                Geography::In,
                "openai.gpt-5.6-luna",
            ),
        ] {
            assert_eq!(Geography::split(id), Some((geography, model)));
            assert_eq!(geography.profile(model), id);
        }
        for id in [
            "amazon.nova-pro-v1:0",
            "deepseek.v3.2",
            "us.thing",
            "arn:aws:bedrock:us-east-1::foundation-model/us.x.y",
        ] {
            assert_eq!(Geography::split(id), None, "{id}");
        }
    }
}
