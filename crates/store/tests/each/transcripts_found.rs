//! What was said in calls is found: by whatever somebody types, by filters, and page after page.

use std::collections::HashMap;

use crate::common::{
    Dice, Place, at,
    said::{link, listed, looking_for, open, said, said_by},
};
use domain::{ConversationId, ProviderId, Timestamp, call::Outcome};
use jiff::SignedDuration;
use store::{
    Choice,
    transcripts::{ConversationFilter, FOUND_BEGINS, FOUND_ENDS, Transcripts},
};
use weir_store as store;

fn minutes(n: i64) -> Timestamp {
    at("2025-11-20T10:00:00Z") + SignedDuration::from_mins(n)
}

async fn titles(transcripts: &Transcripts, filter: &ConversationFilter) -> Vec<String> {
    let found = listed(transcripts, filter, 2).await;
    found
        .into_iter()
        .map(|(conversation, _)| conversation.title.unwrap())
        .collect()
}

#[tokio::test]
async fn whatever_is_looked_for_is_harmless() {
    let place = Place::new();
    let transcripts = open(&place).await;
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
    let place = Place::new();
    let transcripts = open(&place).await;
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
    let place = Place::new();
    let transcripts = open(&place).await;
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
