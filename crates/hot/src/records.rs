//! Writing the start and the end of a call into the journal, and reading them again.

use std::hint::black_box;

use domain::{
    CallId, ProviderId, Timestamp, TokenId,
    call::{Call, CallStart, Operation, Outcome},
    pricing::PriceState,
    provider::ProviderType,
};
use journal::{Journal, Position, Reader, SyncPolicy};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{Function, figure, pricing};

/// Calls that are read at a time.
const READ: usize = 32;
/// Entries that are written before files are removed, so that a long measurement does not fill the disk.
const KEPT: u32 = 16_384;

pub(crate) fn functions() -> Vec<Function> {
    let start = start();
    let end = end(start.clone());
    vec![
        writing("start of a call, written", move |journal| {
            journal.start(black_box(&start)).is_ok()
        }),
        writing("end of a call, written", move |journal| {
            journal.finish(black_box(&end)).is_ok()
        }),
        reading(),
    ]
}

fn writing(name: &'static str, write: impl Fn(&Journal) -> bool + 'static) -> Function {
    let (folder, journal, mut reader) = open();
    let mut written = 0_u32;
    Function::new(name, move || {
        let _kept = &folder;
        written += 1;
        if written == KEPT {
            written = 0;
            forget(&mut reader);
        }
        u64::from(write(&journal))
    })
}

fn reading() -> Function {
    let (folder, journal, mut reader) = open();
    let start = start();
    let end = end(start.clone());
    for _ in 0..READ {
        journal
            .start(&start)
            .expect("a journal that can be written");
        journal.finish(&end).expect("a journal that can be written");
    }
    Function::new("32 starts and ends, read", move || {
        let _kept = (&folder, &journal);
        reader
            .seek(Position::default())
            .expect("a journal that can be read");
        figure(reader.read(2 * READ).map_or(0, |entries| entries.len()))
    })
}

fn open() -> (TempDir, Journal, Reader) {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, reader) = Journal::open(folder.path(), SyncPolicy::Off).expect("a journal");
    (folder, journal, reader)
}

/// Removes every file of the journal but the one that is written.
fn forget(reader: &mut Reader) {
    let end = Position {
        segment: u64::MAX,
        offset: 0,
    };
    reader.seek(end).expect("a journal that can be read");
    reader
        .forget_before(reader.position())
        .expect("files that can be removed");
}

/// As calls of applications mostly are: everything named.
fn start() -> CallStart {
    CallStart {
        id: CallId(Uuid::from_u128(0x019a_a39e_0f4b_7c1d_8e2f_3a4b_5c6d_7e8f)),
        started_at: Timestamp::UNIX_EPOCH,
        provider: ProviderId::new("openai-main").expect("an id"),
        provider_type: ProviderType::OpenAi,
        model: Some("gpt-5.6".to_owned()),
        requested_model: Some("gpt-5.6".to_owned()),
        operation: Operation::Chat,
        streamed: true,
        agent: Some("support-desk".to_owned()),
        user: Some("ada@example.com".to_owned()),
        conversation: Some("order-4711".to_owned()),
        token: Some(TokenId(Uuid::from_u128(7))),
        endpoint: Some("api.openai.com:443".to_owned()),
        attempt_of: None,
        catalog_version: "2026-11-15".to_owned(),
        estimated_input: Some(5_100),
    }
}

fn end(start: CallStart) -> Call {
    Call {
        start,
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 2_345_678,
        ttfb_us: Some(456_789),
        overhead_us: 123,
        replied_model: Some("gpt-5.6-2026-08-07".to_owned()),
        upstream_request_id: Some("req_0123456789abcdef0123456789abcdef".to_owned()),
        service_tier: Some("default".to_owned()),
        geography: None,
        background_response: None,
        usage: pricing::used(),
        usage_mismatch: false,
        price_state: PriceState::Priced,
        charge: pricing::charge(),
    }
}
