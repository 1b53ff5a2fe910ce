use bytes::Bytes;

use super::*;
use crate::{
    RecordedBody,
    recorder::tests::{call, recorded},
};

fn read(recorded: Recorded) -> NewTranscript {
    let mut reader = Reader::new(Keeping::default()).unwrap();
    reader.read(recorded).unwrap()
}

fn json(text: &str) -> RecordedBody {
    RecordedBody {
        content_type: Some("application/json".to_owned()),
        content_encoding: None,
        bytes: length(text.len()),
        kept: Bytes::copy_from_slice(text.as_bytes()),
    }
}

fn hello(answer: Option<&str>) -> Recorded {
    let request = r#"{"messages":[{"role":"user","content":"hello"}]}"#;
    let mut recorded = recorded(Bytes::from_static(request.as_bytes()));
    recorded.response = answer.map(json);
    recorded
}

#[test]
fn of_very_many_messages_the_last_ones_are_heard() {
    const MESSAGES: usize = 250_000;
    let mut body = r#"{"messages":[{"role":"user","content":"first"}"#.to_owned();
    for _ in 1..MESSAGES {
        body.push_str(r#",{"role":"user"}"#);
    }
    body.push_str("]}");
    let new = read(recorded(Bytes::from(body)));
    assert_eq!(new.asked.len(), HEARD);
    assert_eq!(new.earlier_messages, MESSAGES - HEARD);
    assert_eq!(new.title.as_deref(), Some("first"));
}

#[test]
fn messages_alone_lead_on_only_where_the_answer_is_not_known() {
    let answer = r#"{"choices":[{"message":{"role":"assistant","content":"hi"}}]}"#;
    let leads = |recorded| {
        let new = read(recorded);
        let last = new.asked.last().unwrap().link;
        (new.continued_by.len(), new.continued_by.contains(&last))
    };
    assert_eq!(leads(hello(Some(answer))), (1, false));
    assert_eq!(leads(hello(None)), (1, true));
    let mut failed = hello(Some(answer));
    failed.call.outcome = Outcome::UpstreamError;
    assert_eq!(leads(failed), (2, true));
    let mut cut = hello(Some(answer));
    cut.response.as_mut().unwrap().bytes += 1;
    assert_eq!(leads(cut), (2, true));
}

#[test]
fn an_answer_that_is_asked_for_again_names_its_conversation() {
    let answer = r#"{"id":"resp_1","object":"response","status":"completed","output":[]}"#;
    let mut asked = hello(Some(answer));
    asked.request = Some(json(r#"{"input":"hello","background":true}"#));
    asked.call.start.operation = Operation::Responses;
    let asked = read(asked);
    let mut poll = hello(Some(answer));
    poll.request = None;
    poll.call = call();
    poll.call.start.operation = Operation::StoredResponse;
    let poll = read(poll);
    let link = links::response(None, "resp_1");
    assert!(asked.continued_by.contains(&link));
    assert_eq!((poll.names, poll.continued_by), (vec![link], vec![]));
}
