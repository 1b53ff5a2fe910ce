//! Which model an id in a path means, and whether it may be called by that id. It knows nothing of
//! bodies.

use percent_encoding::percent_decode_str;

use crate::failures::Failure;

/// What profiles of several regions begin with.
const PROFILES: [&str; 9] = [
    "us.", "eu.", "apac.", "au.", "jp.", "in.", "ca.", "us-gov.", "global.",
];
/// Claude from this version on is served by profile alone.
const FIRST_BY_PROFILE: (u32, u32) = (4, 6);
/// Longer numbers in a model's name are dates.
const LONGEST_VERSION: usize = 2;

/// Whose model it is, and so whose bodies InvokeModel takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vendor {
    /// Also what an id that does not tell is taken for.
    Claude,
    Nova,
    Llama,
    Mistral,
    Titan,
    TitanEmbeddings,
    Cohere,
    CohereEmbeddings,
    OpenAi,
    Other,
}

/// A model's id, decoded.
#[derive(Debug)]
pub(super) struct ModelId {
    pub(super) id: String,
    pub(super) vendor: Vendor,
}

impl ModelId {
    /// Fails with 400 for what is no id, for a model that does not exist, and for one that is
    /// served by profile alone where no profile is named.
    pub(super) fn invoked(segment: &str) -> Result<Self, Failure> {
        let (model, bare) = Self::parse(segment)?;
        if bare && is_by_profile(&model.id) {
            return Err(Failure::invalid(format!(
                "Invocation of model ID {} with on-demand throughput isn\u{2019}t supported. Retry \
                 your request with the ID or ARN of an inference profile that contains this model.",
                model.id
            )));
        }
        Ok(model)
    }

    /// The same, but any model that exists.
    pub(super) fn named(segment: &str) -> Result<Self, Failure> {
        Self::parse(segment).map(|(model, _)| model)
    }

    /// And whether it is a model's own id, not a profile's.
    fn parse(segment: &str) -> Result<(Self, bool), Failure> {
        let refused = || Failure::invalid("The provided model identifier is invalid.");
        let id = percent_decode_str(segment)
            .decode_utf8()
            .map_err(|_| refused())?
            .into_owned();
        if id.is_empty() || id == "." || id == ".." || id.starts_with(';') || id.contains("missing")
        {
            return Err(refused());
        }
        let (name, bare) = match id.strip_prefix("arn:") {
            Some(rest) => {
                let resource = rest.splitn(5, ':').last().unwrap_or_default();
                let (kind, name) = resource.split_once('/').ok_or_else(refused)?;
                let profile = without_region(name).is_some();
                (name, kind == "foundation-model" && !profile)
            }
            None => (id.as_str(), without_region(&id).is_none()),
        };
        let vendor = vendor(without_region(name).unwrap_or(name));
        Ok((Self { id, vendor }, bare))
    }
}

/// Whether AWS serves a model by profile alone. `id` is the model's own.
pub(super) fn is_by_profile(id: &str) -> bool {
    let name = id.rsplit('/').next().unwrap_or(id);
    let Some(rest) = name.strip_prefix("anthropic.claude-") else {
        return false;
    };
    let words: Vec<Option<u32>> = rest
        .split(['-', ':'])
        .map(|word| {
            let short = word.len() <= LONGEST_VERSION;
            short.then(|| word.parse().ok()).flatten()
        })
        .collect();
    let Some(place) = words.iter().position(Option::is_some) else {
        return false;
    };
    let number = |place: usize| words.get(place).copied().flatten();
    let version = (
        number(place).unwrap_or_default(),
        number(place + 1).unwrap_or_default(),
    );
    version >= FIRST_BY_PROFILE
}

fn without_region(id: &str) -> Option<&str> {
    PROFILES.iter().find_map(|prefix| id.strip_prefix(prefix))
}

fn vendor(name: &str) -> Vendor {
    const STARTS: [(&str, Vendor); 9] = [
        ("anthropic.", Vendor::Claude),
        ("amazon.nova", Vendor::Nova),
        ("amazon.titan-embed", Vendor::TitanEmbeddings),
        ("amazon.titan", Vendor::Titan),
        ("meta.", Vendor::Llama),
        ("mistral.", Vendor::Mistral),
        ("cohere.embed", Vendor::CohereEmbeddings),
        ("cohere.", Vendor::Cohere),
        ("openai.", Vendor::OpenAi),
    ];
    let found = STARTS.iter().find(|(start, _)| name.starts_with(start));
    match found {
        Some((_, vendor)) => *vendor,
        // The id of an application's own profile does not tell what is behind it.
        None if !name.contains('.') => Vendor::Claude,
        None => Vendor::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_models_of_claude_are_called_by_profile() {
        for (id, by_profile) in [
            ("anthropic.claude-3-haiku-20240307-v1:0", false),
            ("anthropic.claude-3-5-sonnet-20241022-v2:0", false),
            ("anthropic.claude-instant-v1", false),
            ("anthropic.claude-sonnet-4-20250514-v1:0", false),
            ("anthropic.claude-sonnet-4-5-20250929-v1:0", false),
            ("anthropic.claude-opus-4-6-v1", true),
            ("anthropic.claude-sonnet-5", true),
            ("anthropic.claude-opus-5-5", true),
            ("amazon.nova-pro-v1:0", false),
        ] {
            assert_eq!(is_by_profile(id), by_profile, "{id}");
            assert_eq!(ModelId::invoked(id).is_err(), by_profile, "{id}");
            let arn = format!("arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2F{id}");
            assert_eq!(ModelId::invoked(&arn).is_err(), by_profile, "{arn}");
            assert!(ModelId::invoked(&format!("us.{id}")).is_ok());
        }
    }

    #[test]
    fn an_id_tells_the_vendor() {
        for (segment, vendor) in [
            ("global.anthropic.claude-opus-5", Vendor::Claude),
            ("eu.amazon.nova-lite-v1%3A0", Vendor::Nova),
            ("amazon.titan-embed-text-v2:0", Vendor::TitanEmbeddings),
            ("amazon.titan-text-lite-v1", Vendor::Titan),
            ("cohere.command-r-v1:0", Vendor::Cohere),
            ("openai.gpt-oss-120b-1:0", Vendor::OpenAi),
            ("ai21.jamba-1-5-mini-v1:0", Vendor::Other),
            (
                "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fabc",
                Vendor::Claude,
            ),
            (
                "arn:aws:bedrock:us-east-1:1:inference-profile%2Fus.meta.llama3-1-8b-instruct-v1:0",
                Vendor::Llama,
            ),
        ] {
            let model = ModelId::invoked(segment).ok().expect(segment);
            assert_eq!(model.vendor, vendor, "{segment}");
        }
        for refused in ["%2E", "..", "%3Bx", "missing.model", "arn%3Ax"] {
            assert!(ModelId::named(refused).is_err(), "{refused}");
        }
    }
}
