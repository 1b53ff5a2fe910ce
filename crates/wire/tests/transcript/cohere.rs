//! Cohere: chats, embeddings, rankings.

use domain::call::Operation;

use crate::{
    shown::{asked, at, check_plain, check_request, lines, said},
    support::{COHERE, fixture},
};
use weir_wire::{
    meter::Shape,
    transcript::{Part, answer, canonical, dimensions, request},
};

const CHAT: Operation = Operation::CohereChat;

const CONVERSATION: &str = r#"{"model":"command-a","documents":["Rain falls",{"id":"d2","data":"Rivers rise"},{"data":{"title":"T"}}],
    "tools":[{"type":"function","function":{"name":"look","parameters":{}}}],
    "messages":[
    {"role":"system","content":"Be kind"},
    {"role":"user","content":[{"type":"text","text":"Hi"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
    {"role":"assistant","tool_plan":"I will look.","tool_calls":[{"id":"t1","type":"function","function":{"name":"look","arguments":"{\"q\":1}"}}]},
    {"role":"tool","tool_call_id":"t1","content":[{"type":"document","document":{"id":"1","data":"A cat"}}]},
    {"role":"assistant","content":[{"type":"thinking","thinking":"Hm"},{"type":"text","text":"A cat."}],"citations":[{"start":0,"end":5}]},
    {"role":"tool","tool_call_id":"t2","content":"plain"}]}"#;

#[test]
fn requests() {
    check_request(
        CHAT,
        CONVERSATION,
        &[
            "system: Rain falls | Rivers rise | <document {\"data\":{\"title\":\"T\"}}>",
            "system: Be kind",
            "user: Hi | <image image/png 3>",
            "assistant: <thinks I will look.> | look#t1({\"q\":1})",
            "tool: #t1 gave [A cat]",
            "assistant: <thinks Hm> | A cat. | <citations [{\"start\":0,\"end\":5}]>",
            "tool: #t2 gave [plain]",
        ],
    );
    assert_eq!(asked(CHAT, CONVERSATION).tools, ["look"]);
}

#[test]
fn answers() {
    let stream = fixture("streams/cohere_chat.sse");
    let streamed = answer(at(COHERE, CHAT), Shape::Stream, &stream).unwrap();
    assert_eq!(streamed.stopped_by.as_deref(), Some("COMPLETE"));
    assert_eq!(streamed.response_id.as_deref(), Some("c1"));
    let [
        Part::Reasoning(Some(thoughts)),
        Part::Text(_),
        Part::Other { kind, json },
    ] = streamed.messages[0].parts.as_slice()
    else {
        panic!("{:?}", streamed.messages);
    };
    assert_eq!(thoughts, "Let me see. ");
    assert_eq!(kind, "citations");
    assert!(json.contains("Salmon"), "{json}");
    check_plain(
        CHAT,
        &String::from_utf8(fixture("plain/cohere_tools.json")).unwrap(),
        &["assistant: <thinks I will look.> | weather#w1({\"city\":\"Köln\"})"],
        "TOOL_CALL",
    );
    let failed = fixture("streams/cohere_error.sse");
    let failed = answer(at(COHERE, CHAT), Shape::Stream, &failed).unwrap();
    assert_eq!(failed.error.as_deref(), Some("the model failed"));
    let refused = said(
        CHAT,
        Shape::Plain,
        br#"{"id":"e","message":"invalid api token"}"#,
    );
    assert_eq!(refused.error.as_deref(), Some("invalid api token"));
}

#[test]
fn a_message_is_the_same_with_and_without_what_it_rests_on() {
    let of = |citations: &str| {
        let body =
            format!(r#"{{"messages":[{{"role":"assistant","content":"A cat."{citations}}}]}}"#);
        canonical(&asked(CHAT, &body).messages[0])
    };
    assert_eq!(of(""), of(r#","citations":[{"start":0}]"#));
}

#[test]
fn the_length_of_vectors_is_found_in_each_apis_answer() {
    for (answer, length) in [
        (r#"{"data":[{"embedding":[1,2,3]}]}"#, Some(3)),
        (r#"{"data":[{"embedding":"AAAAAAAAAAA="}]}"#, Some(2)),
        (r#"{"embedding":{"values":[1,2]}}"#, Some(2)),
        (r#"{"embeddings":[{"values":[1,2]}]}"#, Some(2)),
        (r#"{"embeddings":{"float":[[1,2,3,4]]}}"#, Some(4)),
        (
            r#"{"embeddings":{"float":[],"int8":null,"ubinary":[[1,2]]}}"#,
            Some(16),
        ),
        (r#"{"embeddings":{"binary":[[-1,2,3]]}}"#, Some(24)),
        (r#"{"embeddings":{"float":[]}}"#, None),
        (r#"{"embeddings":[[1,2]]}"#, Some(2)),
        (
            r#"{"embeddings":[{"embeddingType":"TEXT","embedding":[1,2,3]}]}"#,
            Some(3),
        ),
        (r#"{"embedding":[1,2,3],"inputTextTokenCount":1}"#, Some(3)),
        (
            r#"{"predictions":[{"embeddings":{"values":[1,2]}}]}"#,
            Some(2),
        ),
        (r#"{"predictions":[{"imageEmbedding":[1,2,3]}]}"#, Some(3)),
        (r#"{"choices":[]}"#, None),
        ("", None),
    ] {
        assert_eq!(dimensions(answer.as_bytes()), length, "{answer}");
    }
}

#[test]
fn embeddings_and_rankings() {
    let embed = request(
        at(COHERE, Operation::Embeddings),
        br#"{"texts":["a","b"],"images":["data:image/png;base64,AAAA"],"inputs":[{"content":[{"type":"text","text":"c"}]}]}"#,
    );
    assert_eq!(
        lines(&embed.unwrap().messages),
        ["user: a | b | <image image/png 3> | c"]
    );
    let vectors = answer(
        at(COHERE, Operation::Embeddings),
        Shape::Plain,
        br#"{"id":"e","embeddings":{"float":[[0.1,0.2],[1,2]]},"texts":["a","b"],"meta":{}}"#,
    );
    assert_eq!(
        lines(&vectors.unwrap().messages),
        ["assistant: <embeddings {\"count\":2,\"dimensions\":2}>"]
    );
    check_request(
        Operation::Rerank,
        r#"{"query":"cats?","documents":["A cat",{"text":"A dog"},{"title":"T"}]}"#,
        &["user: cats? | A cat | A dog | <document {\"title\":\"T\"}>"],
    );
    check_plain(
        Operation::Rerank,
        r#"{"id":"r","results":[{"index":1,"relevance_score":0.9}],"meta":{}}"#,
        &["assistant: <ranking [{\"index\":1,\"relevance_score\":0.9}]>"],
        "",
    );
    let counted = request(
        at(COHERE, Operation::CountTokens),
        br#"{"model":"m","text":"How many?"}"#,
    );
    assert_eq!(lines(&counted.unwrap().messages), ["user: How many?"]);
}
