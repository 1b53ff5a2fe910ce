//! Lists, turns, bodies and files.

use admin::{
    PageRequest,
    calls::CallQuery,
    transcripts::{ExportFormat, Message, Part, Role, Side, Transcripts, Turn, TurnView},
};
use domain::{NanoUsd, pricing::PriceState};
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};

use super::{Recording, answer, chat, later, replies, says};
use crate::{
    app::{App, told, who},
    repricing::{AT, apply, call, computed, override_rate, priced, provider, record},
};

fn text(role: Role, text: &str) -> Message {
    Message {
        role,
        parts: vec![Part::Text(text.to_owned())],
    }
}

async fn turns(of: &Recording, id: &str) -> Vec<Turn> {
    let page = PageRequest::first(Transcripts::TURNS_DEFAULT);
    let detail = of.transcripts().conversation(&who(), id, &page).await;
    detail.unwrap().turns
}

async fn export(of: &Recording, id: &str, format: ExportFormat) -> Value {
    let export = of.transcripts().export(&who(), id, format).await.unwrap();
    let pieces: Vec<String> = export.pieces.try_collect().await.unwrap();
    serde_json::from_str(&pieces.concat()).unwrap()
}

#[tokio::test]
async fn a_turn_has_what_is_new_and_says_how_much_was_there() {
    let of = Recording::new().await;
    let (id, calls) = of.two_turns().await;
    let turns = turns(&of, &id).await;
    let ids: Vec<_> = turns.iter().map(|turn| turn.call_id).collect();
    assert_eq!(ids, calls.map(|call| call.start.id));
    let [first, second] = <[Turn; 2]>::try_from(turns).unwrap();
    let asked = first.asked.as_ref().unwrap();
    let new: Vec<Message> = asked.new_messages().cloned().collect();
    assert_eq!(
        new,
        [
            text(Role::System, "Be brief."),
            text(Role::User, "What is a weir?")
        ]
    );
    assert_eq!((asked.earlier(), asked.cut), (0, false));
    let said = first.answer.unwrap();
    assert_eq!(said.messages, [text(Role::Assistant, "A low dam.")]);
    let asked = second.asked.as_ref().unwrap();
    let new: Vec<Message> = asked.new_messages().cloned().collect();
    assert_eq!(new, [text(Role::User, "What is it for?")]);
    assert_eq!(asked.earlier(), 3, "instructions, question and answer");
    let json = json!(TurnView::from(second));
    assert_eq!(json["earlier_messages"], 3);
    assert_eq!(
        json["messages"],
        json!([{"role": "user", "parts": [{"type": "text", "text": "What is it for?"}]}])
    );
    assert_eq!(
        json["answer"][0]["parts"][0]["text"],
        "To measure the flow."
    );
    assert_eq!(json["stopped_by"], "stop");
}

#[tokio::test]
async fn the_list_tells_of_conversations_and_finds_words() {
    let of = Recording::new().await;
    let (id, calls) = of.two_turns().await;
    let mut other = call("other", "gpt-4o", "2026-11-11T10:00:00Z");
    other.start.agent = Some("ci".to_owned());
    of.record(&other, Some(&says("Count the rivers")), None)
        .await;

    let all = of.list("").await;
    let titles: Vec<_> = all.iter().map(|it| it.title.as_deref()).collect();
    assert_eq!(titles, [Some("Count the rivers"), Some("What is a weir?")]);
    let weir = &all[1];
    assert_eq!((weir.turns, weir.unpriced_turns), (2, 2));
    assert_eq!(weir.tokens, 2 * 1_001_000);
    assert_eq!(weir.started_at, calls[0].start.started_at);
    assert_eq!(weir.last_at, calls[1].start.started_at);
    assert_eq!(weir.snippet, None);

    for (query, found) in [
        ("provider=main", vec![id.as_str()]),
        ("provider.not=main&provider.not=other", vec![]),
        ("agent=&q=weir", vec![id.as_str()]),
        ("q=weir+river", vec![]),
        ("q=dam", vec![id.as_str()]),
        ("q=measu", vec![id.as_str()]),
        ("until=2026-11-10T10:00:00Z", vec![]),
        ("until=2026-11-10T10:00:01Z", vec![id.as_str()]),
    ] {
        let list = of.list(query).await;
        let list: Vec<String> = list.iter().map(|it| it.id.to_string()).collect();
        assert_eq!(list, found, "{query}");
    }
    let found = of.list("q=RIVERS").await;
    let pieces = found[0].snippet.as_ref().unwrap();
    let marked: Vec<&str> = pieces
        .iter()
        .filter(|piece| piece.found)
        .map(|piece| piece.text.as_str())
        .collect();
    assert_eq!(marked, ["rivers"]);

    let query = |cursor| admin::transcripts::ConversationQuery {
        page: PageRequest { limit: 1, cursor },
        ..Default::default()
    };
    let first = of.transcripts().list(&who(), &query(None)).await.unwrap();
    let next = query(first.next_cursor);
    let second = of.transcripts().list(&who(), &next).await.unwrap();
    assert_eq!(first.items[0].id, all[0].id);
    assert_eq!((second.items[0].id, second.next_cursor), (all[1].id, None));
}

#[tokio::test]
async fn costs_are_those_of_the_ledger_where_it_has_the_call() {
    let of = Recording::new().await;
    let (id, calls) = of.two_turns().await;
    // Priced since it was recorded; the other one's row is not there.
    record(&of.app, &[priced(calls[0].clone(), 5_000)]).await;
    let turns = turns(&of, &id).await;
    assert_eq!(turns[0].cost, Some(NanoUsd(5_000)));
    assert_eq!(turns[0].price_state, PriceState::Priced);
    assert_eq!(turns[0].row.as_ref().unwrap().id, calls[0].start.id);
    assert_eq!(turns[0].tokens, Some(1_001_000));
    assert_eq!((turns[1].cost, turns[1].row.is_none()), (None, true));
    assert_eq!(turns[1].price_state, PriceState::Unpriced);
    assert_eq!(turns[1].tokens, Some(1_001_000));

    let listed = of.admin.calls().list(&who(), &CallQuery::default()).await;
    assert_eq!(listed.unwrap().items[0].has_transcript, Some(true));
    let unrecorded = call("main", "gpt-4o", AT);
    record(&of.app, std::slice::from_ref(&unrecorded)).await;
    let ledger = of.admin.calls();
    let found = ledger.get(&who(), &unrecorded.start.id.to_string()).await;
    assert_eq!(found.unwrap().has_transcript, Some(false));
    let missing = ledger.get(&who(), &id).await.unwrap_err();
    assert_eq!(told(&missing).1, "call_not_found");
}

#[tokio::test]
async fn conversations_tell_what_their_calls_cost_after_they_are_priced_again() {
    let of = Recording::of(App::with_secret().await).await;
    provider(&of.app, None).await;
    let mut first = call("main", "own-model", AT);
    first.start.conversation = Some("one".to_owned());
    let second = later(&first, 1);
    for call in [&first, &second] {
        of.record(call, Some(&says("weir")), None).await;
    }
    record(&of.app, &[first, second]).await;
    let told = async || {
        let list = of.list("").await;
        (list.len(), list[0].cost_usd, list[0].unpriced_turns)
    };
    assert_eq!(told().await, (1, NanoUsd(0), 2));
    override_rate(&of.app, "2").await;
    let seen = computed(&of.app, json!({})).await;
    apply(&of.app, &seen).await.unwrap();
    of.admin.repricing().work().await.unwrap();
    assert_eq!(told().await, (1, NanoUsd(2 * 2_002_000_000), 0));
}

#[tokio::test]
async fn bodies_are_as_they_were_recorded() {
    let of = Recording::new().await;
    let call = call("main", "gpt-4o", AT);
    let asked = says("What is a weir?");
    of.record(&call, Some(&asked), None).await;
    let id = call.start.id.to_string();
    let transcripts = of.transcripts();
    let transcript = transcripts.transcript(&who(), &id).await.unwrap();
    let text = asked.to_string();
    assert_eq!(
        json!(transcript),
        json!({
            "call_id": id,
            "request": {
                "content_type": "application/json", "encoding": "utf-8", "body": text,
                "bytes": text.len(), "truncated": false,
            },
            "response": null,
        })
    );
    let body = transcripts.body(&who(), &id, Side::Request).await.unwrap();
    assert_eq!(body.bytes, text.as_bytes());
    for missing in [
        transcripts.body(&who(), &id, Side::Response).await.err(),
        transcripts.transcript(&who(), "x").await.err(),
        transcripts.turn(&who(), "").await.err(),
    ] {
        assert_eq!(told(&missing.unwrap()).1, "transcript_not_found");
    }
    let page = PageRequest::default();
    let missing = transcripts.conversation(&who(), &id, &page).await;
    assert_eq!(told(&missing.unwrap_err()).1, "conversation_not_found");
}

#[tokio::test]
async fn a_long_body_is_cut_and_says_so_everywhere() {
    let of = Recording::new().await;
    let body = admin::settings::BodyBytes::Of(16 * 1024);
    let patch = admin::settings::SettingsPatch {
        transcript_max_body_bytes: Some(body),
        ..Default::default()
    };
    of.admin.settings().update(&who(), &patch).await.unwrap();
    let call = call("main", "gpt-4o", AT);
    let long = says(&"weir ".repeat(10_000));
    of.record(&call, Some(&long), Some(&replies("short"))).await;
    let id = call.start.id.to_string();
    let transcript = of.transcripts().transcript(&who(), &id).await.unwrap();
    let request = transcript.request.unwrap();
    assert_eq!((request.truncated, request.body.len()), (true, 16 * 1024));
    assert_eq!(
        request.bytes,
        u64::try_from(long.to_string().len()).unwrap()
    );
    assert!(!transcript.response.unwrap().truncated);
    let turn = of.transcripts().turn(&who(), &id).await.unwrap();
    let asked = turn.asked.unwrap();
    assert!(asked.cut, "its messages are read as far as they go");
    assert_eq!(asked.messages.len(), 1);
    assert!(!turn.answer.unwrap().cut);
    assert!(turn.request.unwrap().kept_bytes == 16 * 1024);
}

#[tokio::test]
async fn a_conversation_is_taken_out_with_every_message_once() {
    let of = Recording::new().await;
    let (id, calls) = of.two_turns().await;
    assert_eq!(
        export(&of, &id, ExportFormat::OpenAi).await,
        json!({
            "conversation_id": id,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "What is a weir?"},
                {"role": "assistant", "content": "A low dam."},
                {"role": "user", "content": "What is it for?"},
                {"role": "assistant", "content": "To measure the flow."},
            ],
        })
    );
    let raw = export(&of, &id, ExportFormat::Raw).await;
    let told = raw["calls"].as_array().unwrap();
    assert_eq!(told.len(), 2);
    for (told, call) in told.iter().zip(&calls) {
        let id = call.start.id.to_string();
        let transcript = of.transcripts().transcript(&who(), &id).await.unwrap();
        assert_eq!(*told, json!(transcript));
    }
}

#[tokio::test]
async fn calls_of_tools_keep_their_ids_from_turn_to_turn() {
    let of = Recording::new().await;
    let mut first = call("main", "gemini-2.5-pro", AT);
    first.start.provider_type = domain::provider::ProviderType::GoogleAi;
    first.start.operation = domain::call::Operation::Generate;
    let second = later(&first, 1);
    let user = json!({"role": "user", "parts": [{"text": "Weather?"}]});
    let calls = json!({"role": "model", "parts": [{"functionCall": {"name": "sky", "args": {}}}]});
    let gives = json!({"role": "user", "parts": [
        {"functionResponse": {"name": "sky", "response": {"is": "blue"}}},
    ]});
    let says = json!({"role": "model", "parts": [{"text": "Blue."}]});
    let reply =
        |content: &Value| json!({"candidates": [{"content": content, "finishReason": "STOP"}]});
    let asked = json!({"contents": [user]});
    of.record(&first, Some(&asked), Some(&reply(&calls))).await;
    let asked = json!({"contents": [user, calls, gives]});
    of.record(&second, Some(&asked), Some(&reply(&says))).await;
    let list = of.list("").await;
    assert_eq!(list.len(), 1);
    let export = export(&of, &list[0].id.to_string(), ExportFormat::OpenAi).await;
    let messages = export["messages"].as_array().unwrap();
    let roles: Vec<_> = messages
        .iter()
        .map(|it| it["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ["user", "assistant", "tool", "assistant"]);
    let id = &messages[1]["tool_calls"][0]["id"];
    assert!(id.as_str().is_some_and(|id| !id.is_empty()));
    assert_eq!(messages[2]["tool_call_id"], *id);
}

#[tokio::test]
async fn a_long_conversation_is_read_in_pages_and_a_call_is_found_in_it() {
    let of = Recording::new().await;
    let mut call = call("main", "gpt-4o", AT);
    call.start.conversation = Some("long".to_owned());
    let mut calls = vec![];
    for n in 0..50 {
        call = later(&call, 1);
        let asked = says(&format!("number {n}"));
        calls.push(call.start.id);
        of.record(&call, Some(&asked), None).await;
    }
    let id = of.list("").await[0].id.to_string();
    let transcripts = of.transcripts();
    let (mut seen, mut cursor) = (vec![], None);
    loop {
        let page = PageRequest {
            limit: Transcripts::TURNS_DEFAULT,
            cursor,
        };
        let detail = transcripts.conversation(&who(), &id, &page).await.unwrap();
        seen.extend(detail.turns.iter().map(|turn| turn.call_id));
        cursor = detail.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, calls);
    for (index, call) in calls.iter().enumerate() {
        let place = transcripts.place(&who(), &call.to_string()).await.unwrap();
        assert_eq!(place.conversation.to_string(), id);
        assert_eq!(place.cursor.is_none(), index < 20, "{index}");
        let page = PageRequest {
            limit: Transcripts::TURNS_DEFAULT,
            cursor: place.cursor.clone(),
        };
        let detail = transcripts.conversation(&who(), &id, &page).await.unwrap();
        let on_page: Vec<_> = detail.turns.iter().map(|turn| turn.call_id).collect();
        assert!(on_page.contains(call), "{index}");
        if place.cursor.is_some() {
            assert_eq!(on_page[0], *call, "its page begins with it");
        }
    }
    let missing = transcripts.place(&who(), &id).await.unwrap_err();
    assert_eq!(told(&missing).1, "transcript_not_found");
}

#[tokio::test]
async fn a_page_of_very_long_bodies_is_short() {
    let of = Recording::new().await;
    let mut call = call("main", "gpt-4o", AT);
    call.start.conversation = Some("heavy".to_owned());
    for n in 0..12 {
        call = later(&call, 1);
        let content = format!("{n} {}", "weir ".repeat(250_000));
        let asked = chat(&[json!({"role": "user", "content": content})]);
        of.record(
            &call,
            Some(&asked),
            Some(&answer(&json!({"role": "assistant", "content": "so"}))),
        )
        .await;
    }
    let id = of.list("").await[0].id.to_string();
    let first = PageRequest::first(20);
    let detail = of.transcripts().conversation(&who(), &id, &first).await;
    let detail = detail.unwrap();
    assert_eq!(
        detail.turns.len(),
        7,
        "eight megabytes of a megabyte and a little each"
    );
    let page = PageRequest {
        limit: 20,
        cursor: detail.next_cursor,
    };
    let rest = of.transcripts().conversation(&who(), &id, &page).await;
    let rest = rest.unwrap();
    assert_eq!((rest.turns.len(), rest.next_cursor), (5, None));
}

#[tokio::test]
async fn without_recording_it_says_so_and_the_rest_goes_on() {
    let app = App::new().await;
    let transcripts = app.admin.transcripts();
    let refused = transcripts.list(&who(), &Default::default()).await;
    let refused = told(&refused.unwrap_err());
    assert_eq!((refused.0, refused.1), (503, "transcripts_unavailable"));
    let state = app.admin.system().get(&who()).await.unwrap().transcripts;
    assert!(!state.answers && state.transcripts.is_none());
    record(&app, &[call("main", "gpt-4o", AT)]).await;
    let listed = app.admin.calls().list(&who(), &CallQuery::default()).await;
    assert_eq!(listed.unwrap().items[0].has_transcript, None);
}

#[tokio::test]
async fn the_state_tells_who_records_what_and_what_is_kept() {
    let of = Recording::new().await;
    for (name, inputs, outputs) in [("B", true, false), ("A", false, true), ("C", false, false)] {
        let provider = json!({
            "display_name": name, "type": "openai", "api_key": "OPENAI_API_KEY",
            "record_inputs": inputs, "record_outputs": outputs,
        });
        of.app.create(provider).await.unwrap();
    }
    of.two_turns().await;
    let state = of.admin.system().get(&who()).await.unwrap().transcripts;
    let recording: Vec<_> = state
        .recording
        .iter()
        .map(|it| (it.id.as_str(), it.inputs, it.outputs))
        .collect();
    assert_eq!(recording, [("a", false, true), ("b", true, false)]);
    assert!(state.answers && state.bytes > Some(4_096));
    assert_eq!((state.transcripts, state.conversations), (Some(2), Some(1)));
    assert_eq!(state.oldest_at, Some(AT.parse().unwrap()));
    assert_eq!((state.waiting, state.lost, state.trouble), (0, 0, None));
}
