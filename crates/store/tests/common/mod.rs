//! What the tests share: a place for a database, and calls to put into it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    missing_docs,
    unreachable_pub,
    reason = "test code; each test program uses a part of it"
)]

pub mod books;
pub mod expected;
pub mod intervene;
pub mod said;

use std::{path::PathBuf, time::Duration};

use domain::{
    AdminId, ApiTokenId, Bucket, CallId, NanoUsd, ProviderId, SecretName, Timestamp, TokenId,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{AppliedRate, AppliedSearchRate, Charge, PriceState, RateSource},
    provider::{Provider, ProviderType, Recording, Upstream},
    token::{ApiToken, GatewayToken},
    usage::Usage,
};
use journal::{Entry, Journal, Position, Reader, SyncPolicy};
use pgserver::TestDatabase;
use store::{
    AdminRow, AuditEntry, LinkRow, MasterKey, Options, RecordedCall, Store, ledger::Writer,
};
use tempfile::TempDir;
use uuid::Uuid;
use weir_store as store;

pub use intervene::*;

/// Whether this test program is the one on Postgres. All others are on SQLite.
pub fn on_postgres() -> bool {
    env!("CARGO_CRATE_NAME") == "postgres"
}

/// How many of so many random ledgers are made. A quarter on Postgres, where each of their thousands of questions
/// is a way to a server and back; SQLite has them all.
pub fn ledgers(all: usize) -> usize {
    if on_postgres() { all.div_ceil(4) } else { all }
}

/// A folder with a journal, and a database: in the folder, or in a server.
pub struct Place {
    pub dir: TempDir,
    pub server: Option<TestDatabase>,
}

impl Place {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            server: on_postgres().then(TestDatabase::in_the_server_of_all),
        }
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("data").join("weir.db")
    }

    pub fn key(&self) -> MasterKey {
        MasterKey::load(None, &self.dir.path().join("master.key")).unwrap()
    }

    pub fn url(&self) -> String {
        match &self.server {
            Some(database) => database.url(),
            None => format!("sqlite:{}", self.file().display()),
        }
    }

    pub fn options(&self) -> Options {
        Options {
            database_url: self.url(),
            master_key: self.key(),
            readers: 2,
        }
    }

    pub async fn open(&self) -> Store {
        Store::open(self.options()).await.unwrap()
    }

    pub fn journal(&self) -> (Journal, Reader) {
        Journal::open(&self.dir.path().join("journal"), SyncPolicy::Off).unwrap()
    }

    /// The database as it is, while nobody has it open.
    pub fn copy(&self) -> DatabaseCopy {
        match &self.server {
            Some(database) => DatabaseCopy::Server(database.copy()),
            None => DatabaseCopy::File(std::fs::read(self.file()).unwrap()),
        }
    }

    /// Puts a copy in the place of the database.
    pub fn bring_back(&mut self, copy: DatabaseCopy) {
        match copy {
            DatabaseCopy::Server(database) => self.server = Some(database),
            DatabaseCopy::File(bytes) => std::fs::write(self.file(), bytes).unwrap(),
        }
    }

    /// A writer with an empty journal, for entries that are given to it directly.
    pub fn writer(&self, store: &Store) -> Writer {
        let (_, reader) = self.journal();
        Writer::new(store.clone(), reader).unwrap()
    }
}

/// A database as it was.
pub enum DatabaseCopy {
    File(Vec<u8>),
    Server(TestDatabase),
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn provider_id(text: &str) -> ProviderId {
    ProviderId::new(text).unwrap()
}

pub fn secret_name(text: &str) -> SecretName {
    SecretName::new(text).unwrap()
}

pub fn token_id(n: u128) -> TokenId {
    TokenId(Uuid::from_u128(n))
}

pub fn provider(id: &str) -> Provider {
    Provider {
        id: provider_id(id),
        display_name: format!("Provider {id}"),
        enabled: true,
        upstream: Upstream::OpenAi {
            base_url: None,
            api_key: secret_name("OPENAI_API_KEY"),
            organization: None,
            project: None,
        },
        several: None,
        other_paths: false,
        models: vec![],
        recording: Recording::default(),
        version: 1,
        created_at: at("2025-11-01T10:00:00Z"),
        updated_at: at("2025-11-01T10:00:00Z"),
    }
}

/// The audit's row of a change that does not matter.
pub fn noted() -> AuditEntry {
    AuditEntry {
        at: at("2025-11-01T10:00:00Z"),
        actor: "system".to_owned(),
        action: "update".to_owned(),
        object_kind: "test".to_owned(),
        object_id: "test".to_owned(),
        before: None,
        after: None,
        address: None,
    }
}

pub fn token(n: u128, name: &str) -> GatewayToken {
    GatewayToken {
        id: token_id(n),
        name: name.to_owned(),
        first_characters: "wr_abcd".to_owned(),
        agent: Some("billing".to_owned()),
        user: None,
        providers: vec![provider_id("openai-main")],
        created_at: at("2025-11-01T10:00:00Z"),
        expires_at: Some(at("2026-11-01T10:00:00Z")),
        last_used_at: None,
    }
}

pub fn account(n: u128, name: &str) -> AdminRow {
    AdminRow::new(
        AdminId(Uuid::from_u128(n)),
        name.to_owned(),
        "$argon2id$1".to_owned(),
        at("2025-11-01T10:00:00Z"),
    )
}

/// A one-time link.
pub fn link_row(
    hash: [u8; 32],
    person: Option<AdminId>,
    created_at: Timestamp,
    expires_at: Timestamp,
) -> LinkRow<'static> {
    LinkRow {
        hash,
        purpose: "test",
        person,
        created_at,
        expires_at,
    }
}

pub fn api_token(n: u128) -> ApiToken {
    ApiToken {
        id: ApiTokenId(Uuid::from_u128(n)),
        person: AdminId(Uuid::from_u128(1)),
        name: format!("API token {n}"),
        first_characters: "wra_abcdef".to_owned(),
        created_at: at("2025-11-01T10:00:00Z"),
        expires_at: None,
        last_used_at: None,
    }
}

/// A call id whose time is that of the call.
pub fn call_id(started_at: Timestamp, n: u64) -> CallId {
    let ms = u128::try_from(started_at.as_millisecond()).unwrap();
    CallId(Uuid::from_u128(
        (ms << 80) | (7 << 76) | (2 << 62) | u128::from(n),
    ))
}

pub fn start(n: u64, started_at: Timestamp) -> CallStart {
    CallStart {
        id: call_id(started_at, n),
        started_at,
        provider: provider_id("openai-main"),
        provider_type: ProviderType::OpenAi,
        model: Some("gpt-4o".to_owned()),
        requested_model: Some("gpt-4o".to_owned()),
        operation: Operation::Chat,
        streamed: false,
        agent: None,
        user: None,
        conversation: None,
        token: Some(token_id(1)),
        endpoint: Some("api.openai.com:443".to_owned()),
        attempt_of: None,
        catalog_version: "2025-11-20".to_owned(),
        estimated_input: None,
    }
}

/// A priced call: 1,000 tokens in, 100 out of which 40 are reasoning.
pub fn call(n: u64, started_at: Timestamp) -> Call {
    let mut usage = Usage::default();
    usage.tokens.input = Some(1_000);
    usage.tokens.output = Some(100);
    usage.reasoning = Some(40);
    usage.provider_total = Some(1_100);
    let mut charge = Charge::default();
    charge.cost.input = Some(NanoUsd(2_500_000));
    charge.cost.output = Some(NanoUsd(1_000_000));
    charge.reasoning = Some(NanoUsd(400_000));
    charge.total = Some(NanoUsd(3_500_000));
    charge.rates.input = Some(rate("2.5", RateSource::Catalog));
    charge.rates.output = Some(rate("10", RateSource::Override));
    Call {
        start: start(n, started_at),
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 812_345,
        ttfb_us: Some(200_000),
        overhead_us: 55,
        replied_model: Some("gpt-4o-2024-08-06".to_owned()),
        upstream_request_id: Some(format!("req_{n}")),
        service_tier: Some("default".to_owned()),
        geography: None,
        background_response: None,
        usage,
        usage_mismatch: false,
        price_state: PriceState::Priced,
        charge,
    }
}

pub fn rate(usd: &str, source: RateSource) -> AppliedRate {
    AppliedRate {
        usd_per_mtok: usd.parse().unwrap(),
        source,
    }
}

pub fn finish(call: &Call) -> Entry {
    Entry::Finish(Box::new(call.clone()))
}

pub fn begin(start: &CallStart) -> Entry {
    Entry::Start(Box::new(start.clone()))
}

/// Records calls without a journal.
pub async fn record(writer: &mut Writer, calls: &[Call]) {
    let entries = calls.iter().map(finish).collect();
    writer.record(entries, Position::default()).await.unwrap();
}

/// Every row, newest first.
pub async fn all(store: &Store) -> Vec<RecordedCall> {
    store
        .calls()
        .list(&store::CallFilter::default(), 100_000, None)
        .await
        .unwrap()
        .items
}

/// Waits until there are so many rows.
pub async fn until_rows(store: &Store, count: usize) {
    for _ in 0..600 {
        if all(store).await.len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!(
        "the rows did not come: {} of {count}",
        all(store).await.len()
    );
}

pub async fn assert_balanced(store: &Store) {
    assert_eq!(store.calls().verify_rollups().await.unwrap(), []);
}

/// Numbers that look random and are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }

    pub fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len() as u64) as usize].clone()
    }

    /// A call with anything in it that a call can have.
    pub fn call(&mut self, n: u64, from: Timestamp, to: Timestamp) -> Call {
        let width = u64::try_from(to.as_microsecond() - from.as_microsecond()).unwrap();
        let started_us = from.as_microsecond() + self.roll(width) as i64;
        let started_at = Timestamp::from_microsecond(started_us).unwrap();
        let mut call = call(n, started_at);
        let who = |dice: &mut Self, kind: &str| {
            let n = dice.roll(4);
            (n > 0).then(|| format!("{kind}-{n}"))
        };
        call.start.provider = provider_id(&format!("provider-{}", self.roll(3)));
        call.start.model = who(self, "model");
        call.start.agent = who(self, "agent");
        call.start.user = who(self, "user");
        call.start.token = self.one_of(&[None, Some(token_id(1)), Some(token_id(2))]);
        call.outcome = self.one_of(Outcome::ALL);
        call.price_state = self.one_of(PriceState::ALL);
        call.usage = Usage::default();
        call.charge = Charge::default();
        for bucket in Bucket::ALL {
            if self.roll(2) == 0 {
                continue;
            }
            *call.usage.tokens.get_mut(*bucket) = Some(self.roll(100_000));
            if self.roll(5) > 0 {
                *call.charge.cost.get_mut(*bucket) = Some(NanoUsd(self.roll(1_000_000_007) as i64));
                *call.charge.rates.get_mut(*bucket) = Some(rate("0.123456", RateSource::Catalog));
            }
        }
        if let Some(output) = call.usage.tokens.output {
            call.usage.reasoning = Some(self.roll(output + 1));
            let cost = call.charge.cost.output;
            call.charge.reasoning = cost.map(|cost| NanoUsd(self.roll(cost.0 as u64 + 1) as i64));
        }
        if self.roll(3) == 0 {
            call.usage.searches = Some(self.roll(9));
            call.charge.searches = Some(NanoUsd(self.roll(90_000_000) as i64));
            call.charge.search_rate = Some(AppliedSearchRate {
                usd_per_thousand: "10".parse().unwrap(),
                source: RateSource::Catalog,
            });
        }
        if matches!(call.price_state, PriceState::Priced | PriceState::Estimated) {
            let costs = call.charge.cost.iter().filter_map(|(_, cost)| *cost);
            call.charge.total = Some(costs.chain(call.charge.searches).sum());
        }
        call
    }
}
