//! Providers of every type, with models of the catalog.

use catalog::{Catalog, CatalogModel, Mode};
use domain::{
    ModelId, ProviderId, SecretName, Timestamp,
    bucket::PerBucket,
    provider::{
        AnthropicAuth, AwsCredentials, Preset, Provider, ProviderModel, Recording, Upstream,
    },
};

/// The secret that the providers name.
pub const SECRET: &str = "SAMPLE_API_KEY";

/// Host, and the words that its providers are named by.
const HOSTS: [(Host, &str); 6] = [
    (Host::OpenAi, "OpenAI"),
    (Host::Anthropic, "Anthropic"),
    (Host::Bedrock, "Bedrock"),
    (Host::Google, "Gemini"),
    (Host::Groq, "Groq"),
    (Host::Own, "vLLM"),
];

/// What a team calls one of several providers of a host.
const TEAMS: [&str; 8] = [
    "main", "support", "research", "search", "claims", "labs", "batch", "mobile",
];

#[derive(Clone, Copy)]
enum Host {
    OpenAi,
    Anthropic,
    Bedrock,
    Google,
    Groq,
    Own,
}

/// This many providers, each with this many models of its host, where it has so many; each of a host begins
/// further down its list. The models of a server of one's own are in no catalog, so its calls are unpriced.
#[must_use]
pub fn providers(
    catalog: &Catalog,
    count: usize,
    models_each: usize,
    now: Timestamp,
) -> Vec<Provider> {
    let hosts = HOSTS.iter().cycle().enumerate().take(count);
    hosts
        .filter_map(|(index, (host, name))| {
            let of_host = index.checked_div(HOSTS.len())?;
            let team = TEAMS.get(of_host % TEAMS.len())?;
            let round = of_host.checked_div(TEAMS.len())?;
            let display_name = match round {
                0 => format!("{name} {team}"),
                round => format!("{name} {team} {}", round.saturating_add(1)),
            };
            let models = host.models(catalog, of_host, models_each)?;
            provider(*host, display_name, models, now)
        })
        .collect()
}

fn provider(
    host: Host,
    display_name: String,
    models: Vec<ProviderModel>,
    now: Timestamp,
) -> Option<Provider> {
    let upstream = host.upstream()?;
    Some(Provider {
        id: ProviderId::derive(&display_name)?,
        display_name,
        enabled: true,
        upstream,
        several: None,
        other_paths: false,
        models,
        recording: Recording::default(),
        version: 1,
        created_at: now,
        updated_at: now,
    })
}

impl Host {
    fn models(self, catalog: &Catalog, of_host: usize, most: usize) -> Option<Vec<ProviderModel>> {
        let skipped = of_host.saturating_mul(most);
        match self.upstream()?.catalog_kind() {
            Some(kind) => Some(listed(catalog, kind, skipped, most)),
            None => (1..=most)
                .map(|n| entry(&format!("own/assistant-{}", skipped.saturating_add(n))))
                .collect(),
        }
    }

    fn upstream(self) -> Option<Upstream> {
        let api_key = SecretName::new(SECRET).ok()?;
        Some(match self {
            Self::OpenAi => Upstream::OpenAi {
                base_url: None,
                api_key,
                organization: None,
                project: None,
            },
            Self::Anthropic => Upstream::Anthropic {
                base_url: None,
                auth: AnthropicAuth::Key(api_key),
            },
            Self::Bedrock => Upstream::Bedrock {
                region: "eu-central-1".parse().ok()?,
                base_url: None,
                credentials: AwsCredentials::Bearer { api_key },
                fips: false,
                guardrail: None,
            },
            Self::Google => Upstream::GoogleAi {
                base_url: None,
                api_key,
            },
            Self::Groq => Upstream::OpenAiCompatible {
                base_url: "https://api.groq.com/openai/v1".parse().ok()?,
                preset: Some(Preset::Groq),
                api_key: Some(api_key),
                inject_stream_usage: true,
            },
            Self::Own => Upstream::OpenAiCompatible {
                base_url: "http://models.internal.example:8000/v1".parse().ok()?,
                preset: None,
                api_key: None,
                inject_stream_usage: true,
            },
        })
    }
}

/// Models of a kind that can still be called: those for conversations first, from some place on, and then
/// again from the first.
fn listed(catalog: &Catalog, kind: &str, skipped: usize, most: usize) -> Vec<ProviderModel> {
    let mut there: Vec<CatalogModel> = catalog.search(kind, "", usize::MAX);
    there.retain(|model| model.deprecation_date.is_none());
    there.sort_by_key(|model| model.mode != Mode::Chat);
    let models = there.iter().filter_map(|model| entry(&model.id));
    let from = skipped.checked_rem(there.len()).unwrap_or(0);
    let most = most.min(there.len());
    models.cycle().skip(from).take(most).collect()
}

fn entry(id: &str) -> Option<ProviderModel> {
    Some(ProviderModel {
        id: ModelId::new(id).ok()?,
        display_name: None,
        price_as: None,
        rates: PerBucket::default(),
    })
}
