//! Who calls what: the models on offer, the tokens, the people, and how often each.

use catalog::{Catalog, Mode};
use domain::{
    ProviderId, Timestamp, TokenId,
    call::Operation,
    pricing::{RateCard, RateOverrides},
    provider::{Provider, ProviderType},
    token::GatewayToken,
};
use rand::{
    SeedableRng as _, distr::weighted::WeightedIndex, rngs::Xoshiro256PlusPlus,
    seq::SliceRandom as _,
};
use uuid::Uuid;

/// Models that providers of an empty list are called for.
const MODELS_OF_EMPTY_LIST: usize = 3;
/// Decides which models are called most.
const ORDER: u64 = 7;
/// Applications by name; further ones are numbered.
const AGENTS: [&str; 10] = [
    "support-bot",
    "code-review",
    "research",
    "triage",
    "search-index",
    "contract-reader",
    "release-notes",
    "translation",
    "meeting-minutes",
    "data-cleaning",
];
/// People by name; further ones are numbered.
const USERS: [&str; 12] = [
    "ada", "grace", "edsger", "barbara", "linus", "margaret", "donald", "frances", "tony", "radia",
    "leslie", "shafi",
];

/// One model at one provider.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub(crate) provider: ProviderId,
    pub(crate) provider_type: ProviderType,
    pub(crate) model: String,
    pub(crate) operation: Operation,
    pub(crate) card: Option<RateCard>,
    pub(crate) overrides: RateOverrides,
    pub(crate) endpoint: String,
}

/// An application, by the gateway token that it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token.
    pub token: TokenId,
    /// The application. `None`: the token does not say.
    pub agent: Option<String>,
}

impl From<GatewayToken> for Caller {
    fn from(token: GatewayToken) -> Self {
        let GatewayToken { id, agent, .. } = token;
        Self { token: id, agent }
    }
}

/// Those who call, and what they can call.
#[derive(Debug, Clone)]
pub struct World {
    pub(crate) offers: Vec<Offer>,
    pub(crate) callers: Vec<Caller>,
    pub(crate) users: Vec<String>,
    pub(crate) catalog_version: String,
}

impl World {
    /// A world in which these providers are called by these applications, for so many people.
    #[must_use]
    pub fn new(
        providers: &[Provider],
        catalog: &Catalog,
        callers: Vec<Caller>,
        users: u16,
    ) -> Self {
        let mut offers: Vec<Offer> = providers
            .iter()
            .flat_map(|provider| offers(provider, catalog))
            .collect();
        // The first are called most: let them not be all of one provider.
        offers.shuffle(&mut Xoshiro256PlusPlus::seed_from_u64(ORDER));
        Self {
            offers,
            callers,
            users: names(&USERS, "user", users).collect(),
            catalog_version: catalog.version().to_owned(),
        }
    }
}

/// Gateway tokens, shared out among so many applications.
#[must_use]
pub fn tokens(count: u16, agents: u16, made: Timestamp) -> Vec<GatewayToken> {
    let agents: Vec<String> = names(&AGENTS, "agent", agents).collect();
    agents
        .iter()
        .cycle()
        .zip(1..=count)
        .map(|(agent, n)| token(agent, n, made))
        .collect()
}

/// Names that are given, then numbered ones.
fn names(given: &'static [&str], kind: &str, count: u16) -> impl Iterator<Item = String> {
    let numbered = (1..).map(move |n: u32| format!("{kind}-{n:04}"));
    given
        .iter()
        .map(|name| (*name).to_owned())
        .chain(numbered)
        .take(count.into())
}

fn token(agent: &str, n: u16, made: Timestamp) -> GatewayToken {
    // Not of any clock, so that the same past has the same tokens.
    let id = TokenId(Uuid::from_u128(0x5a4d_504c_u128 << 96 | u128::from(n)));
    GatewayToken {
        id,
        name: format!("{agent} {n}"),
        first_characters: format!("wr_sample{n:03}"),
        agent: Some(agent.to_owned()),
        user: None,
        providers: vec![],
        created_at: made,
        expires_at: None,
        last_used_at: None,
    }
}

fn offers(provider: &Provider, catalog: &Catalog) -> Vec<Offer> {
    let upstream = &provider.upstream;
    let kind = upstream.catalog_kind();
    let region = upstream.price_region();
    let listed: Vec<(String, RateOverrides)> = if provider.models.is_empty() {
        let found = kind.map(|kind| catalog.search(kind, "", usize::MAX));
        // The names of newer models come later.
        let found = found.unwrap_or_default().into_iter();
        found
            .filter(|model| model.deprecation_date.is_none() && model.mode == Mode::Chat)
            .map(|model| (model.id, RateOverrides::default()))
            .rev()
            .take(MODELS_OF_EMPTY_LIST)
            .collect()
    } else {
        let models = provider.models.iter();
        models
            .map(|model| (model.id.to_string(), model.rates))
            .collect()
    };
    let url = upstream.base_url();
    let endpoint = url.split("://").nth(1).unwrap_or(&url);
    let host = endpoint.split('/').next().unwrap_or(endpoint).to_owned();
    listed
        .into_iter()
        .map(|(model, overrides)| {
            let known = kind.and_then(|kind| catalog.find(kind, &model, region));
            let embeds = known
                .as_ref()
                .is_some_and(|model| model.mode == Mode::Embedding);
            let operation = match (provider.upstream.provider_type(), embeds) {
                (ProviderType::Bedrock, _) => Operation::Converse,
                (_, true) => Operation::Embeddings,
                (ProviderType::Anthropic, _) => Operation::Messages,
                (ProviderType::GoogleAi | ProviderType::VertexAi, _) => Operation::Generate,
                (ProviderType::Cohere, _) => Operation::CohereChat,
                (
                    ProviderType::OpenAi
                    | ProviderType::AzureOpenAi
                    | ProviderType::OpenAiCompatible,
                    _,
                ) => Operation::Chat,
            };
            Offer {
                provider: provider.id.clone(),
                provider_type: upstream.provider_type(),
                model,
                operation,
                card: known.map(|model| model.card),
                overrides,
                endpoint: host.clone(),
            }
        })
        .collect()
}

/// Draws one of several, of which few are drawn often: the n-th is as likely as one in n (Zipf).
#[derive(Debug, Clone)]
pub(crate) struct Draw<'a, T> {
    from: &'a [T],
    by: WeightedIndex<u32>,
}

impl<'a, T> Draw<'a, T> {
    /// `None`: there is nothing to draw from.
    pub(crate) fn new(from: &'a [T]) -> Option<Self> {
        const HEAVIEST: u32 = 1_000_000;
        let weights = (1..)
            .take(from.len())
            .map(|rank: u32| HEAVIEST.checked_div(rank).unwrap_or(0).max(1));
        let by = WeightedIndex::new(weights).ok()?;
        Some(Self { from, by })
    }

    pub(crate) fn one(&self, random: &mut Xoshiro256PlusPlus) -> Option<&'a T> {
        use rand::distr::Distribution as _;
        self.from.get(self.by.sample(random))
    }
}
