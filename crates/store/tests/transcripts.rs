//! What was said in calls: to which conversation each goes, and how it is found and read again.
#![expect(clippy::unwrap_used, clippy::as_conversions, reason = "test code")]

mod common;

use std::collections::HashMap;

use common::{
    Dice, at,
    said::{link, listed, looking_for, open, said, said_by},
};
use domain::{ConversationId, NanoUsd, ProviderId, Timestamp, call::Outcome, pricing::PriceState};
use jiff::SignedDuration;
use store::{
    Choice,
    transcripts::{ConversationFilter, FOUND_BEGINS, FOUND_ENDS, NewTranscript, Transcripts},
};
use weir_store as store;

fn minutes(n: i64) -> Timestamp {
    at("2025-11-20T10:00:00Z") + SignedDuration::from_mins(n)
}

async fn all(transcripts: &Transcripts) -> Vec<store::transcripts::Conversation> {
    let found = listed(transcripts, &ConversationFilter::default(), 100).await;
    found
        .into_iter()
        .map(|(conversation, _)| conversation)
        .collect()
}

async fn titles(transcripts: &Transcripts, filter: &ConversationFilter) -> Vec<String> {
    let found = listed(transcripts, filter, 2).await;
    found
        .into_iter()
        .map(|(conversation, _)| conversation.title.unwrap())
        .collect()
}

/// Of each call, in which conversation it is and how many messages were known.
async fn places(transcripts: &Transcripts) -> HashMap<u64, (ConversationId, u64)> {
    let mut places = HashMap::new();
    for conversation in all(transcripts).await {
        for turn in transcripts
            .turns(conversation.id, 100, None)
            .await
            .unwrap()
            .items
        {
            let n = (turn.call.0.as_u128() & 0xffff_ffff) as u64;
            places.insert(n, (conversation.id, turn.known_messages));
        }
    }
    places
}

#[tokio::test]
async fn messages_that_go_on_are_one_conversation() {
    let dir = tempfile::tempdir().unwrap();
    let transcripts = open(dir.path()).await;
    let first = said(1, minutes(0), &["hello"], "hi");
    let second = said(2, minutes(1), &["hello", "hi", "how are you"], "well");
    let other = said(3, minutes(2), &["bonjour"], "salut");
    // Calls of one batch may continue each other.
    transcripts
        .add(&[first, second.clone(), other])
        .await
        .unwrap();
    let third = said(
        4,
        minutes(3),
        &["hello", "hi", "how are you", "well", "and now"],
        "still",
    );
    // What is there already stays as it is.
    transcripts.add(&[second, third]).await.unwrap();

    let found = all(&transcripts).await;
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].title.as_deref(), Some("hello"));
    assert_eq!((found[0].calls, found[0].tokens), (3, 3_300));
    assert_eq!(found[0].cost, NanoUsd(10_500_000));
    assert_eq!(
        (found[0].started_at, found[0].last_at),
        (minutes(0), minutes(3))
    );
    let places = places(&transcripts).await;
    assert_eq!(places[&1].1, 0);
    assert_eq!(places[&2], (found[0].id, 2));
    assert_eq!(places[&4], (found[0].id, 4));
    assert_eq!(places[&3].0, found[1].id);
}

#[tokio::test]
async fn the_longest_beginning_wins_then_the_newest_and_only_for_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let transcripts = open(dir.path()).await;
    transcripts
        .add(&[
            said(1, minutes(0), &["q"], "a"),
            said(2, minutes(1), &["q"], "a"),
            said(3, minutes(2), &["q", "a", "left"], "x"),
        ])
        .await
        .unwrap();
    transcripts
        .add(&[
            // A retry goes where its parent is, which is its own earlier try's conversation.
            said(4, minutes(3), &["q", "a", "left"], "y"),
            said(5, minutes(4), &["q", "a", "left", "y", "z"], "w"),
            said(6, minutes(24 * 60 + 30), &["q", "a", "late"], "w"),
            // The same as call 1, with no earlier message: by itself.
            said(7, minutes(5), &["q"], "b"),
        ])
        .await
        .unwrap();
    let places = places(&transcripts).await;
    assert_ne!(places[&1].0, places[&2].0);
    assert_eq!(places[&3], (places[&2].0, 2));
    assert_eq!(places[&4], (places[&2].0, 2));
    assert_eq!(places[&5], (places[&2].0, 4));
    assert_eq!(places[&6].1, 0);
    assert!(![1, 2, 7].iter().any(|n| places[n].0 == places[&6].0));
    assert!(![1, 2].iter().any(|n| places[n].0 == places[&7].0));
}

#[tokio::test]
async fn a_long_history_finds_a_short_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let transcripts = open(dir.path()).await;
    let texts: Vec<String> = (0..120).map(|n| format!("message {n}")).collect();
    let messages: Vec<&str> = texts.iter().map(String::as_str).collect();
    transcripts
        .add(&[said(1, minutes(0), &messages[..3], "not it")])
        .await
        .unwrap();
    transcripts
        .add(&[said(2, minutes(1), &messages, "it")])
        .await
        .unwrap();
    let places = places(&transcripts).await;
    assert_eq!(places[&2], (places[&1].0, 3));
    assert!(
        listed(&transcripts, &looking_for("\"message 2\""), 9)
            .await
            .len()
            == 1
    );
}

#[tokio::test]
async fn names_lead_to_their_conversation_however_old() {
    let dir = tempfile::tempdir().unwrap();
    let transcripts = open(dir.path()).await;
    let named = |n, minute, names: &[&str], messages: &[&str]| {
        let mut new = said(n, minutes(minute), messages, "fine");
        new.names = names.iter().map(|name| link(name)).collect();
        new
    };
    transcripts
        .add(&[
            named(1, 0, &["weir:a", "session:1"], &["hello"]),
            named(2, 1, &["weir:b"], &["hello"]),
        ])
        .await
        .unwrap();
    transcripts
        .add(&[
            named(3, 60 * 24 * 40, &["weir:a"], &["hello", "fine", "again"]),
            named(4, 3, &["weir:unknown", "session:1"], &["something else"]),
            // Its client says that it is another one, whatever its messages are.
            named(5, 4, &["weir:c"], &["hello", "fine", "more"]),
        ])
        .await
        .unwrap();
    let places = places(&transcripts).await;
    assert_ne!(places[&1].0, places[&2].0);
    // Also where another conversation had the same messages since.
    assert_eq!(places[&3], (places[&1].0, 2));
    assert_eq!(places[&4], (places[&1].0, 0));
    assert!(![1, 2].iter().any(|n| places[n].0 == places[&5].0));
}

#[tokio::test]
async fn bodies_come_back_as_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let transcripts = open(dir.path()).await;
    let mut new = said(1, minutes(0), &["hello"], "hi");
    new.response = None;
    if let Some(request) = &mut new.request {
        request.bytes = 9_000;
        request.content_type = None;
    }
    transcripts.add(std::slice::from_ref(&new)).await.unwrap();
    let call = new.call.start.id;
    let read = transcripts.transcript(call).await.unwrap().unwrap();
    let request = read.request.unwrap();
    assert_eq!(request.bytes, b"hello");
    assert_eq!((request.info.bytes, request.info.kept_bytes), (9_000, 5));
    assert_eq!(read.turn.request, Some(request.info));
    assert_eq!((read.response, read.turn.response), (None, None));
    let unknown = common::call_id(minutes(0), 77);
    assert_eq!(transcripts.transcript(unknown).await.unwrap(), None);
    assert_eq!(transcripts.has(&[unknown, call]).await.unwrap(), [call]);
    let room = transcripts.room().await.unwrap();
    assert_eq!((room.transcripts, room.conversations), (1, 1));
    assert_eq!(room.oldest_at, Some(minutes(0)));
}

#[tokio::test]
async fn turns_come_in_pages_oldest_first() {
    let dir = tempfile::tempdir().unwrap();
    let transcripts = open(dir.path()).await;
    let mut new: Vec<NewTranscript> = (0..7)
        .map(|n| said(n, minutes(n as i64 / 3), &[], ""))
        .collect();
    for new in &mut new {
        new.names = vec![link("one")];
    }
    new.reverse();
    transcripts.add(&new).await.unwrap();
    let id = all(&transcripts).await[0].id;
    let (mut calls, mut cursor) = (vec![], None);
    loop {
        let page = transcripts.turns(id, 2, cursor).await.unwrap();
        calls.extend(page.items.iter().map(|turn| turn.started_at));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let expected: Vec<Timestamp> = (0..7).map(|n| minutes(n / 3)).collect();
    assert_eq!(calls, expected);
}

#[tokio::test]
async fn whatever_is_looked_for_is_harmless() {
    let dir = tempfile::tempdir().unwrap();
    let transcripts = open(dir.path()).await;
    transcripts
        .add(&[
            said(
                1,
                minutes(0),
                &["Der Ärger mit dem Kanarienvogel\0"],
                "naïve café",
            ),
            said(2, minutes(1), &["foo-bar near the OR gate"], "東京都に住む"),
        ])
        .await
        .unwrap();
    let one = |text: &'static str| {
        let transcripts = transcripts.clone();
        async move { titles(&transcripts, &looking_for(text)).await.len() }
    };
    for (text, found) in [
        ("arger", 1),
        ("ÄRGER kanarien", 1),
        ("kanarien ärger", 0),
        ("cafe", 1),
        ("foo-bar", 1),
        ("bar-foo", 0),
        ("foo gate", 1),
        ("NEAR", 1),
        ("OR", 1),
        ("京都", 1),
        ("都京", 0),
        ("住", 1),
        ("ärger foo", 0),
        ("", 2),
        ("  ", 2),
        ("\"", 0),
        ("*", 0),
        ("NOT", 0),
        ("kanarienvogel\"*", 1),
        ("NEAR(foo bar, 2)", 0),
        ("text:foo", 0),
        ("foo AND", 0),
        ("foo\0bar", 1),
        ("{a b}: x + ^y", 0),
        ("(((((", 0),
        ("'; DROP TABLE transcripts --", 0),
        ("\u{e000}\u{202e}\u{200b}", 0),
    ] {
        assert_eq!(one(text).await, found, "{text:?}");
    }
    let mut dice = Dice(7);
    let odd: Vec<char> = "\"'*()^:+-{}[]~,.&|!<>\\\0 aA%_$\u{e000}\u{200b}é東NEAR OR"
        .chars()
        .collect();
    for _ in 0..300 {
        let text: String = (0..dice.roll(12)).map(|_| dice.one_of(&odd)).collect();
        transcripts
            .conversations(&looking_for(&text), 5, None)
            .await
            .unwrap_or_else(|error| panic!("{text:?}: {error}"));
    }
    let found = listed(&transcripts, &looking_for("kanarienv"), 5).await;
    let snippet = found[0].1.clone().unwrap();
    assert!(
        snippet.contains(&format!("{FOUND_BEGINS}Kanarienvogel{FOUND_ENDS}")),
        "{snippet:?}"
    );
}

#[tokio::test]
async fn lists_and_searches_page_without_gaps_and_twice() {
    let dir = tempfile::tempdir().unwrap();
    let transcripts = open(dir.path()).await;
    let mut dice = Dice(3);
    let mut new = vec![];
    for n in 0..400 {
        let words: Vec<&str> = (0..6)
            .map(|_| dice.one_of(&["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]))
            .collect();
        let mut one = said_by(
            n,
            minutes(dice.roll(90) as i64),
            &[],
            &words.join(" "),
            |call| {
                call.start.agent = Some(dice.one_of(&["one", "two"]).to_owned());
                call.start.model =
                    (dice.roll(3) > 0).then(|| dice.one_of(&["m-1", "m-2"]).to_owned());
                call.outcome = dice.one_of(&[Outcome::Ok, Outcome::Ok, Outcome::UpstreamError]);
                call.start.provider = ProviderId::new(dice.one_of(&["p-1", "p-2"])).unwrap();
            },
        );
        one.names = vec![link(&format!("conversation {}", dice.roll(60)))];
        new.push(one);
    }
    for part in new.chunks(37) {
        transcripts.add(part).await.unwrap();
    }
    let some = |value: &str| Choice::only(Some(value.to_owned()));
    let filters = [
        ConversationFilter::default(),
        ConversationFilter {
            agents: some("one"),
            ..Default::default()
        },
        ConversationFilter {
            agents: some("two"),
            models: Choice::only(None),
            ..Default::default()
        },
        ConversationFilter {
            outcomes: Choice {
                any_of: vec![],
                none_of: vec![Outcome::Ok],
            },
            since: Some(minutes(20)),
            until: Some(minutes(40)),
            ..Default::default()
        },
        ConversationFilter {
            models: Choice {
                any_of: vec![],
                none_of: vec![Some("m-1".to_owned())],
            },
            ..Default::default()
        },
    ];
    for filter in filters {
        for text in [
            None,
            Some("alpha"),
            Some("beta gam"),
            Some("alpha beta gamma delta"),
            Some("nothing"),
        ] {
            let filter = ConversationFilter {
                text: text.map(str::to_owned),
                ..filter.clone()
            };
            // By name: the newest call that fits, by the order of recording and by time.
            let mut expected: HashMap<_, (usize, Timestamp)> = HashMap::new();
            let mut last: HashMap<_, Timestamp> = HashMap::new();
            for (seq, new) in new.iter().enumerate() {
                let start = &new.call.start;
                let newest = last.entry(new.names[0]).or_insert(start.started_at);
                *newest = start.started_at.max(*newest);
                let words: Vec<&str> = text.into_iter().flat_map(str::split_whitespace).collect();
                let is_said = words.iter().enumerate().all(|(place, word)| {
                    let ends = place + 1 == words.len();
                    new.answer
                        .split(' ')
                        .any(|said| said == *word || ends && said.starts_with(word))
                });
                let fits = is_said
                    && filter.agents.takes(&start.agent)
                    && filter.models.takes(&start.model)
                    && filter.outcomes.takes(&new.call.outcome)
                    && filter.since.is_none_or(|since| start.started_at >= since)
                    && filter.until.is_none_or(|until| start.started_at < until);
                if fits {
                    expected.insert(new.names[0], (seq, start.started_at));
                }
            }
            for limit in [1, 7, 100] {
                let found = listed(&transcripts, &filter, limit).await;
                assert_eq!(found.len(), expected.len(), "{filter:?}");
                let mut ids: Vec<ConversationId> =
                    found.iter().map(|(found, _)| found.id).collect();
                ids.sort_unstable_by_key(|id| id.0);
                ids.dedup();
                assert_eq!(ids.len(), expected.len(), "{filter:?}");
                if text.is_none() {
                    assert!(found.is_sorted_by(|(a, _), (b, _)| a.last_at >= b.last_at));
                    let mut times: Vec<Timestamp> =
                        expected.keys().map(|name| last[name]).collect();
                    times.sort_unstable_by(|a, b| b.cmp(a));
                    let found: Vec<Timestamp> =
                        found.iter().map(|(found, _)| found.last_at).collect();
                    assert_eq!(found, times);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_beginning_of_very_many_words_is_found_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let transcripts = open(dir.path()).await;
    let mut dice = Dice(5);
    let mut new = vec![];
    for n in 0..500 {
        let words = (0..2_000).map(|_| format!("common{} ", dice.roll(4_000)));
        let mut answer: String = words.collect();
        answer.push_str(if n % 7 == 0 {
            "foo needle"
        } else {
            "needle foo"
        });
        let mut one = said(n, minutes(n as i64), &[], &answer);
        one.names = vec![link(&format!("conversation {}", n / 2))];
        new.push(one);
    }
    transcripts.add(&new).await.unwrap();
    for (text, found) in [
        ("comm", 250),
        ("common", 250),
        ("common ", 0),
        ("needle comm", 250),
        ("foo-needle comm", 72),
        ("nothing comm", 0),
        ("comm nothing", 0),
    ] {
        let listed = listed(&transcripts, &looking_for(text), 40).await;
        assert_eq!(listed.len(), found, "{text:?}");
        let mut ids: Vec<_> = listed.iter().map(|(found, _)| found.id.0).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), found, "{text:?}");
    }
}

#[tokio::test]
async fn other_prices_are_put_right() {
    let dir = tempfile::tempdir().unwrap();
    let transcripts = open(dir.path()).await;
    let first = said(1, minutes(0), &["hello"], "hi");
    let second = said_by(2, minutes(1), &["hello", "hi", "more"], "well", |call| {
        call.charge.total = None;
        call.price_state = PriceState::Unpriced;
    });
    let ids = [first.call.start.id, second.call.start.id];
    transcripts.add(&[first, second]).await.unwrap();
    let sums = || async {
        let found = all(&transcripts).await;
        (found[0].cost, found[0].unpriced)
    };
    assert_eq!(sums().await, (NanoUsd(3_500_000), 1));
    transcripts
        .refresh_costs(&[
            (ids[0], None, PriceState::Unpriced),
            (ids[1], Some(NanoUsd(7)), PriceState::Priced),
            (
                common::call_id(minutes(9), 9),
                Some(NanoUsd(9)),
                PriceState::Priced,
            ),
        ])
        .await
        .unwrap();
    assert_eq!(sums().await, (NanoUsd(7), 1));
    let turn = transcripts.transcript(ids[1]).await.unwrap().unwrap().turn;
    assert_eq!(
        (turn.cost, turn.price_state),
        (Some(NanoUsd(7)), PriceState::Priced)
    );
}
