//! What was said is forgotten for good: words are looked for in every file of the folder, as they stand there
//! and in everything compressed, before a deletion and after it.
//!
//! All of it is about SQLite's files; what a server of Postgres does with its own is not looked into.

use std::{collections::BTreeSet, fs, io::Read, path::Path};

use crate::common::{
    Dice, at,
    said::{link, listed, looking_for, open_at, said, said_by, sqlite},
};
use domain::{NanoUsd, ProviderId, Timestamp};
use jiff::SignedDuration;
use sea_orm::{ConnectionTrait, Database, TransactionTrait};
use store::transcripts::{Conversation, ConversationFilter, Forget, NewTranscript, Transcripts};
use weir_store as store;

/// How a piece that zstd has packed begins.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// How the words begin that are looked for; a number follows.
const CANARY: &str = "kanarienvogel";

fn minutes(n: u64) -> Timestamp {
    at("2025-11-20T10:00:00Z") + SignedDuration::from_mins(n as i64)
}

/// The word of call `n`. All have the same length, and none begins another.
fn canary(n: u64) -> String {
    format!("{CANARY}{n:05}x")
}

/// The numbers of all words in these bytes.
fn canaries(bytes: &[u8], found: &mut BTreeSet<u64>) {
    let lower = bytes.to_ascii_lowercase();
    for (place, _) in lower
        .windows(CANARY.len())
        .enumerate()
        .filter(|(_, at)| *at == CANARY.as_bytes())
    {
        let digits = lower.get(place + CANARY.len()..place + CANARY.len() + 5);
        let number = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        found.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
}

/// The numbers of all words in any file of a folder, raw and in whatever is packed; a piece that is broken off
/// counts as far as it can be read.
fn everywhere(folder: &Path) -> (BTreeSet<u64>, BTreeSet<u64>) {
    let (mut raw, mut inside) = (BTreeSet::new(), BTreeSet::new());
    for file in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        canaries(&bytes, &mut raw);
        for (place, _) in bytes.windows(4).enumerate().filter(|(_, at)| *at == ZSTD) {
            let Ok(mut packed) = zstd::stream::read::Decoder::new(&bytes[place..]) else {
                continue;
            };
            let mut unpacked = vec![];
            let mut piece = [0; 512];
            while let Ok(read @ 1..) = packed.read(&mut piece) {
                unpacked.extend_from_slice(&piece[..read]);
                if unpacked.len() > 1 << 20 {
                    break;
                }
            }
            canaries(&unpacked, &mut inside);
        }
    }
    (raw, inside)
}

/// A call whose bodies, text and title have its word, and random words besides, so that packing does not take
/// the word apart.
fn with_canary(dice: &mut Dice, n: u64) -> NewTranscript {
    let noise = |dice: &mut Dice, words: u64| {
        (0..words)
            .map(|_| format!("{:x} ", dice.roll(u64::MAX)))
            .collect::<String>()
    };
    let words = dice.roll(40) * dice.roll(8);
    let asked = format!("{} {}", canary(n), noise(dice, words));
    let answer = format!("{} {}", noise(dice, 5), canary(n));
    let provider = ["p-one", "p-two", "p-three"][(n % 3) as usize];
    let mut new = said_by(n, minutes(n), &[&asked], &answer, |call| {
        call.start.provider = ProviderId::new(provider).unwrap();
    });
    new.names = vec![link(&format!("conversation {}", dice.roll(150)))];
    new.title = Some(format!("About {}", canary(n)));
    new
}

async fn filled(folder: &Path, calls: u64) -> (Transcripts, Vec<NewTranscript>) {
    let transcripts = open_at(sqlite(folder)).await;
    let mut dice = Dice(11);
    let all: Vec<NewTranscript> = (0..calls).map(|n| with_canary(&mut dice, n)).collect();
    for part in all.chunks(30) {
        transcripts.add(part).await.unwrap();
    }
    (transcripts, all)
}

/// Deletes in small steps.
async fn forget(transcripts: &Transcripts, what: &Forget) -> u64 {
    let expected = transcripts.count(what, 1_000_000).await.unwrap();
    let mut gone = 0;
    loop {
        let step = transcripts.forget(what, 17).await.unwrap();
        gone += step.transcripts;
        if step.is_over {
            assert_eq!(gone, expected);
            assert_eq!(transcripts.count(what, 10).await.unwrap(), 0);
            return gone;
        }
    }
}

async fn conversations(transcripts: &Transcripts) -> Vec<Conversation> {
    let found = listed(transcripts, &ConversationFilter::default(), 1_000).await;
    found
        .into_iter()
        .map(|(conversation, _)| conversation)
        .collect()
}

/// That exactly these calls are there: in every file, in the search, and in the sums.
async fn check_left(folder: &Path, transcripts: &Transcripts, left: &[&NewTranscript]) {
    let expected: BTreeSet<u64> = left.iter().map(|new| number(new)).collect();
    let (raw, inside) = everywhere(folder);
    // What should be gone, or should be there.
    let differ = |found: &BTreeSet<u64>| -> Vec<u64> {
        found.symmetric_difference(&expected).copied().collect()
    };
    assert_eq!(differ(&inside), [0_u64; 0], "in bodies");
    assert_eq!(differ(&raw), [0_u64; 0], "in texts and titles");
    let database = Database::connect(sqlite(folder)).await.unwrap();
    let whole = "INSERT INTO transcript_texts (transcript_texts) VALUES ('integrity-check')";
    database.execute_unprepared(whole).await.unwrap();
    database.close().await.unwrap();
    for new in left.iter().step_by(40) {
        let found = listed(transcripts, &looking_for(&canary(number(new))), 10).await;
        assert_eq!(found.len(), 1);
        let read = transcripts
            .transcript(new.call.start.id)
            .await
            .unwrap()
            .unwrap();
        assert!(
            String::from_utf8(read.request.unwrap().bytes)
                .unwrap()
                .contains(CANARY)
        );
    }
    let all = conversations(transcripts).await;
    let calls: u64 = all.iter().map(|conversation| conversation.calls).sum();
    assert_eq!(calls, left.len() as u64);
    for conversation in all {
        let turns = transcripts
            .turns(conversation.id, 10_000, None)
            .await
            .unwrap()
            .items;
        let (first, last) = (turns.first().unwrap(), turns.last().unwrap());
        let title = left
            .iter()
            .find(|new| new.call.start.id == first.call)
            .unwrap()
            .title
            .clone();
        assert_eq!(
            conversation,
            Conversation {
                started_at: first.started_at,
                last_at: last.started_at,
                provider: last.provider.clone(),
                model: last.model.clone(),
                calls: turns.len() as u64,
                tokens: turns.iter().filter_map(|turn| turn.tokens).sum(),
                cost: turns.iter().filter_map(|turn| turn.cost).sum::<NanoUsd>(),
                title,
                ..conversation.clone()
            }
        );
    }
}

fn number(new: &NewTranscript) -> u64 {
    (new.call.start.id.0.as_u128() & 0xffff_ffff) as u64
}

#[tokio::test]
async fn nothing_is_left_of_what_is_deleted_and_all_of_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let (transcripts, all) = filled(dir.path(), 1_500).await;
    let mut left: Vec<&NewTranscript> = all.iter().collect();
    assert!(transcripts.scrub().await.unwrap());
    check_left(dir.path(), &transcripts, &left).await;

    // Conversations one by one, whose rows stand between those of others.
    let some: Vec<Conversation> = conversations(&transcripts)
        .await
        .into_iter()
        .step_by(3)
        .collect();
    for conversation in some {
        let turns = transcripts
            .turns(conversation.id, 10_000, None)
            .await
            .unwrap();
        let gone: BTreeSet<_> = turns.items.iter().map(|turn| turn.call).collect();
        let deleted = forget(&transcripts, &Forget::Conversation(conversation.id)).await;
        assert_eq!(deleted, gone.len() as u64);
        left.retain(|new| !gone.contains(&new.call.start.id));
        assert_eq!(
            transcripts.conversation(conversation.id).await.unwrap(),
            None
        );
    }
    assert!(transcripts.scrub().await.unwrap());
    check_left(dir.path(), &transcripts, &left).await;

    let provider = ProviderId::new("p-two").unwrap();
    forget(&transcripts, &Forget::Provider(provider.clone())).await;
    left.retain(|new| new.call.start.provider != provider);
    assert!(transcripts.scrub().await.unwrap());
    check_left(dir.path(), &transcripts, &left).await;

    forget(&transcripts, &Forget::Before(minutes(700))).await;
    left.retain(|new| new.call.start.started_at >= minutes(700));
    assert!(transcripts.scrub().await.unwrap());
    check_left(dir.path(), &transcripts, &left).await;

    forget(&transcripts, &Forget::Before(minutes(100_000))).await;
    assert!(transcripts.scrub().await.unwrap());
    check_left(dir.path(), &transcripts, &[]).await;
    assert_eq!(transcripts.room().await.unwrap().conversations, 0);
}

#[tokio::test]
async fn links_go_with_their_calls() {
    let dir = tempfile::tempdir().unwrap();
    let transcripts = open_at(sqlite(dir.path())).await;
    let mut first = said(1, minutes(0), &["hello"], "hi");
    let mut second = said(2, minutes(1), &["something"], "else");
    for new in [&mut first, &mut second] {
        new.names = vec![link("one")];
    }
    second.call.start.provider = ProviderId::new("other").unwrap();
    transcripts.add(&[first, second]).await.unwrap();
    let provider = ProviderId::new("openai-main").unwrap();
    forget(&transcripts, &Forget::Provider(provider)).await;
    // Its messages lead nowhere any more; its name does, since another call has it.
    let mut named = said(4, minutes(3), &["more"], "!");
    named.names = vec![link("one")];
    transcripts
        .add(&[said(3, minutes(2), &["hello", "hi", "again"], "?"), named])
        .await
        .unwrap();
    let mut calls: Vec<(u64, Option<String>)> = conversations(&transcripts)
        .await
        .into_iter()
        .map(|conversation| (conversation.calls, conversation.title))
        .collect();
    calls.sort_unstable();
    assert_eq!(
        calls,
        [
            (1, Some("hello".to_owned())),
            (2, Some("something".to_owned()))
        ]
    );
}

#[tokio::test]
async fn somebody_who_reads_is_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let (transcripts, all) = filled(dir.path(), 60).await;
    let url = sqlite(dir.path());
    let reader = Database::connect(&url).await.unwrap();
    let reading = reader.begin().await.unwrap();
    reading
        .execute_unprepared("SELECT COUNT(*) FROM transcripts")
        .await
        .unwrap();

    let provider = ProviderId::new("p-one").unwrap();
    forget(&transcripts, &Forget::Provider(provider.clone())).await;
    assert!(!transcripts.scrub().await.unwrap());
    let (_, inside) = everywhere(dir.path());
    assert_eq!(inside.len(), 60);

    reading.rollback().await.unwrap();
    reader.close().await.unwrap();
    assert!(transcripts.scrub().await.unwrap());
    let left: Vec<&NewTranscript> = all
        .iter()
        .filter(|new| new.call.start.provider != provider)
        .collect();
    check_left(dir.path(), &transcripts, &left).await;
}

#[tokio::test]
async fn its_files_are_its_owners_only_and_shrink() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("data");
    let (transcripts, _) = filled(&folder, 400).await;
    for file in fs::read_dir(&folder).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
    assert_eq!(
        fs::metadata(&folder).unwrap().permissions().mode() & 0o077,
        0
    );
    assert!(transcripts.scrub().await.unwrap());
    let before = transcripts.room().await.unwrap().bytes.unwrap();
    forget(&transcripts, &Forget::Before(minutes(390))).await;
    assert!(transcripts.scrub().await.unwrap());
    let after = transcripts.room().await.unwrap().bytes.unwrap();
    assert!(after < before / 2, "{before} {after}");
    transcripts.close().await.unwrap();
}
