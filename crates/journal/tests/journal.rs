//! The journal from outside: what was appended is read, once, across restarts, rotation and damage.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of the tests stop at the first surprise, too"
)]

use std::{fs, io::Write, path::Path, time::Duration};

use domain::{
    CallId, NanoUsd, ProviderId, Timestamp,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{AppliedRate, Charge, PriceState, RateSource},
    provider::ProviderType,
    usage::Usage,
};
use uuid::Uuid;
use weir_journal::{Entry, Journal, Position, Reader, SyncPolicy};

fn start() -> CallStart {
    CallStart {
        id: CallId(Uuid::now_v7()),
        started_at: Timestamp::UNIX_EPOCH,
        provider: ProviderId::new("openai-main").unwrap(),
        provider_type: ProviderType::OpenAi,
        model: Some("gpt-5".to_owned()),
        requested_model: Some("gpt-5".to_owned()),
        operation: Operation::Chat,
        streamed: true,
        agent: None,
        user: Some("ada".to_owned()),
        conversation: None,
        token: None,
        endpoint: None,
        attempt_of: None,
        catalog_version: "test".to_owned(),
        estimated_input: Some(9),
    }
}

fn finish(start: CallStart) -> Call {
    Call {
        start,
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 1,
        ttfb_us: Some(1),
        overhead_us: 1,
        replied_model: None,
        upstream_request_id: None,
        service_tier: None,
        geography: None,
        background_response: None,
        usage: Usage::default(),
        usage_mismatch: false,
        price_state: PriceState::NotBilled,
        charge: Charge::default(),
    }
}

fn open(dir: &Path) -> (Journal, Reader) {
    Journal::open(dir, SyncPolicy::Off).unwrap()
}

fn only_segment(dir: &Path) -> std::path::PathBuf {
    let mut files: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    files.remove(0)
}

#[test]
fn what_is_appended_is_read_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, mut reader) = open(dir.path());
    assert!(reader.read(10).unwrap().is_empty());
    let first = start();
    journal.start(&first).unwrap();
    journal.finish(&finish(first.clone())).unwrap();
    assert_eq!(
        reader.read(1).unwrap(),
        [Entry::Start(Box::new(first.clone()))]
    );
    assert_eq!(
        reader.read(10).unwrap(),
        [Entry::Finish(Box::new(finish(first)))]
    );
    assert!(reader.read(10).unwrap().is_empty());
}

/// A call with something in every part that has a form of its own in the file.
fn rich(number: u64) -> Call {
    let mut call = finish(start());
    call.start.started_at = Timestamp::from_nanosecond(1_795_000_000_123_456_789).unwrap();
    call.start.streamed = number.is_multiple_of(2);
    call.start.agent = Some("„quoted\" \u{1F980}\n".to_owned());
    call.usage.tokens.input = Some(number);
    call.usage.tokens.cache_write_1h = Some(u64::MAX);
    call.price_state = PriceState::Estimated;
    call.charge.total = Some(NanoUsd(i64::MAX));
    call.charge.rates.input = Some(AppliedRate {
        usd_per_mtok: "2.500".parse().unwrap(),
        source: RateSource::Override,
    });
    call
}

#[test]
fn what_a_reader_has_from_memory_is_what_stands_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    // More than memory keeps, so that the reader goes from one to the other and back.
    let (journal, mut reader) = open(dir.path());
    let mut followed = vec![];
    for number in 0..6_000 {
        let call = rich(number);
        journal.start(&call.start).unwrap();
        journal.finish(&call).unwrap();
        if number > 5_000 {
            followed.extend(reader.read(7).unwrap());
        }
    }
    loop {
        let more = reader.read(999).unwrap();
        if more.is_empty() {
            break;
        }
        followed.extend(more);
    }
    let end = reader.position();
    drop((journal, reader));
    let (_journal, mut reader) = open(dir.path());
    let stands = reader.read(usize::MAX).unwrap();
    assert_eq!(stands.len(), 12_000);
    assert!(followed == stands);
    reader.seek(end).unwrap();
    assert!(reader.read(1).unwrap().is_empty());
}

#[test]
fn a_new_process_goes_on_from_the_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let calls: Vec<_> = (0..5).map(|_| start()).collect();
    let checkpoint = {
        let (journal, mut reader) = open(dir.path());
        for call in &calls {
            journal.start(call).unwrap();
        }
        assert_eq!(reader.read(2).unwrap().len(), 2);
        reader.position()
    };
    let (journal, mut reader) = open(dir.path());
    let later = start();
    journal.start(&later).unwrap();
    reader.seek(checkpoint).unwrap();
    let rest = reader.read(10).unwrap();
    assert_eq!(rest.len(), 4);
    assert_eq!(rest.last(), Some(&Entry::Start(Box::new(later))));
    assert_eq!(
        rest.first(),
        Some(&Entry::Start(Box::new(calls[2].clone())))
    );
}

#[test]
fn forgotten_segments_are_removed_and_the_rest_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).0.start(&start()));
    let (journal, mut reader) = open(dir.path());
    journal.start(&start()).unwrap();
    assert_eq!(reader.read(10).unwrap().len(), 2);
    reader.forget_before(reader.position()).unwrap();
    only_segment(dir.path());
    let (_journal, mut reader) = open(dir.path());
    assert_eq!(reader.read(10).unwrap().len(), 1);
}

#[test]
fn segments_rotate_and_are_read_through() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, mut reader) = open(dir.path());
    let mut call = start();
    call.user = Some("x".repeat(900 << 10));
    for _ in 0..80 {
        journal.start(&call).unwrap();
    }
    assert!(fs::read_dir(dir.path()).unwrap().count() >= 3);
    let mut read = 0;
    loop {
        let entries = reader.read(7).unwrap();
        if entries.is_empty() {
            break;
        }
        read += entries.len();
    }
    assert_eq!(read, 80);
}

#[test]
fn a_torn_record_at_the_end_hides_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    {
        let (journal, _) = open(dir.path());
        journal.start(&start()).unwrap();
        journal.start(&start()).unwrap();
    }
    let path = only_segment(dir.path());
    let bytes = fs::read(&path).unwrap();
    for cut in 1..bytes.len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        let (journal, mut reader) = open(dir.path());
        journal.start(&start()).unwrap();
        let whole = usize::from(cut >= bytes.len() / 2);
        assert_eq!(reader.read(10).unwrap().len(), whole + 1, "cut at {cut}");
        for entry in fs::read_dir(dir.path()).unwrap() {
            let other = entry.unwrap().path();
            if other != path {
                fs::remove_file(other).unwrap();
            }
        }
    }
}

#[test]
fn a_damaged_record_is_passed_over_alone() {
    let dir = tempfile::tempdir().unwrap();
    {
        let (journal, _) = open(dir.path());
        for _ in 0..3 {
            journal.start(&start()).unwrap();
        }
    }
    let path = only_segment(dir.path());
    let mut bytes = fs::read(&path).unwrap();
    let second = bytes.len() / 3 + 100;
    bytes[second] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let (_journal, mut reader) = open(dir.path());
    assert_eq!(reader.read(10).unwrap().len(), 2);
}

#[test]
fn a_damaged_length_hides_no_other_record_and_a_copy_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    {
        let (journal, _) = open(dir.path());
        for _ in 0..4 {
            journal.start(&start()).unwrap();
        }
    }
    let path = only_segment(dir.path());
    let whole = fs::read(&path).unwrap();
    let record = whole.len() / 4;
    // Too long for a record, longer than the file, shorter and longer than the record is, and none.
    for length in [
        [0xff; 4],
        [0, 0, 8, 0],
        [9, 0, 0, 0],
        [0xff, 0xff, 0, 0],
        [0; 4],
    ] {
        let mut bytes = whole.clone();
        bytes[record..record + 4].copy_from_slice(&length);
        fs::write(&path, &bytes).unwrap();
        let (journal, mut reader) = open(dir.path());
        journal.start(&start()).unwrap();
        assert_eq!(reader.read(10).unwrap().len(), 4, "{length:?}");
        assert!(reader.read(10).unwrap().is_empty());
        reader.forget_before(reader.position()).unwrap();
        let copy = path.with_extension("damaged");
        assert_eq!(fs::read(&copy).unwrap(), bytes);
        for entry in fs::read_dir(dir.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}

#[test]
fn a_journal_of_a_newer_version_is_not_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    {
        let (journal, _) = open(dir.path());
        journal.start(&start()).unwrap();
        journal.start(&start()).unwrap();
    }
    let path = only_segment(dir.path());
    let mut bytes = fs::read(&path).unwrap();
    let second = bytes.len() / 2;
    bytes[second + 8] = 2;
    let checksum = crc32fast::hash(&bytes[second + 8..]);
    bytes[second + 4..second + 8].copy_from_slice(&checksum.to_le_bytes());
    fs::write(&path, &bytes).unwrap();
    let (_journal, mut reader) = open(dir.path());
    assert_eq!(reader.read(10).unwrap().len(), 1);
    let refused = reader.read(10).unwrap_err().to_string();
    assert!(
        refused.contains("newer Weir") && refused.contains(&path.display().to_string()),
        "{refused}"
    );
    assert_eq!(fs::read(&path).unwrap(), bytes, "it is still there");
}

#[test]
fn a_journal_that_is_removed_while_it_is_written_goes_on_in_a_new_file() {
    for sync in [SyncPolicy::Each, SyncPolicy::Interval, SyncPolicy::Off] {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("journal");
        let (journal, mut reader) = Journal::open(&folder, sync).unwrap();
        assert!(reader.read(10).unwrap().is_empty());
        journal.start(&start()).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let mut written = 1;
        let began = std::time::Instant::now();
        while !folder.exists() {
            assert!(began.elapsed() < Duration::from_secs(20));
            journal.start(&start()).unwrap();
            written += 1;
            std::thread::sleep(Duration::from_millis(10));
        }
        let mut read = 0;
        loop {
            let entries = reader.read(10_000).unwrap();
            if entries.is_empty() {
                break;
            }
            read += entries.len();
        }
        assert_eq!(read, written, "also what the file without a name had");
        drop((journal, reader));
        let (_journal, mut reader) = Journal::open(&folder, sync).unwrap();
        assert_eq!(reader.read(10).unwrap().len(), 1);
    }
}

#[test]
fn rubbish_behind_the_records_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    {
        let (journal, _) = open(dir.path());
        journal.start(&start()).unwrap();
    }
    let path = only_segment(dir.path());
    fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all(&[0xff; 64])
        .unwrap();
    let (journal, mut reader) = open(dir.path());
    journal.start(&start()).unwrap();
    assert_eq!(reader.read(10).unwrap().len(), 2);
}

#[test]
fn a_checkpoint_of_a_journal_that_is_gone_does_not_hide_new_entries() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoint = {
        let (journal, mut reader) = open(dir.path());
        journal.start(&start()).unwrap();
        reader.read(10).unwrap();
        reader.position()
    };
    fs::remove_file(only_segment(dir.path())).unwrap();
    let (journal, mut reader) = open(dir.path());
    reader.seek(checkpoint).unwrap();
    journal.start(&start()).unwrap();
    assert_eq!(reader.read(10).unwrap().len(), 1);
    reader.seek(Position::default()).unwrap();
    assert_eq!(reader.read(10).unwrap().len(), 1);
}

#[tokio::test]
async fn the_reader_is_woken() {
    let dir = tempfile::tempdir().unwrap();
    let (journal, mut reader) = open(dir.path());
    let wait = reader.wait();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(20));
        journal.start(&start()).unwrap();
    });
    tokio::time::timeout(Duration::from_secs(5), wait)
        .await
        .expect("woken");
    assert_eq!(reader.read(10).unwrap().len(), 1);
}

#[test]
fn appending_from_many_threads_keeps_every_entry_whole() {
    for sync in [SyncPolicy::Each, SyncPolicy::Interval, SyncPolicy::Off] {
        append_from_many_threads(sync);
    }
}

fn append_from_many_threads(sync: SyncPolicy) {
    let dir = tempfile::tempdir().unwrap();
    let (journal, mut reader) = Journal::open(dir.path(), sync).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let journal = journal.clone();
            scope.spawn(move || (0..250).for_each(|_| journal.start(&start()).unwrap()));
        }
    });
    let mut ids = std::collections::HashSet::new();
    for entry in reader.read(10_000).unwrap() {
        let Entry::Start(call) = entry else {
            panic!("only starts were written")
        };
        assert!(ids.insert(call.id));
    }
    assert_eq!(ids.len(), 2000);
}
