use super::*;

fn pruned(body: &str, size: usize) -> String {
    let (mut pruner, mut copy) = (Pruner::default(), Pieces::default());
    body.as_bytes()
        .chunks(size)
        .for_each(|chunk| pruner.push(chunk, &mut copy));
    String::from_utf8(copy.joined()).unwrap()
}

#[test]
fn only_the_entries_of_the_outermost_data_array_are_left_out() {
    let cases = [
        (
            r#"{"data":[{"embedding":[1,2,-3e4]},{"embedding":"a]\"}b"}],"usage":{"x":1}}"#,
            r#"{"data":[],"usage":{"x":1}}"#,
        ),
        (
            r#"{ "model" : "data", "data" : [ [ ] ] , "n": 1 }"#,
            r#"{ "model" : "data", "data" : [] , "n": 1 }"#,
        ),
        (
            r#"{"other":{"data":[1]},"list":[{"data":[2]}]}"#,
            r#"{"other":{"data":[1]},"list":[{"data":[2]}]}"#,
        ),
        (
            r#"{"data":{"x":[1]},"database":[2],"dat":[3],"a":"data","b":[4]}"#,
            r#"{"data":{"x":[1]},"database":[2],"dat":[3],"a":"data","b":[4]}"#,
        ),
        (
            r#"{"data":null,"data\"":[1],"x\\":["data"]}"#,
            r#"{"data":null,"data\"":[1],"x\\":["data"]}"#,
        ),
        (r#"["data",[1]]"#, r#"["data",[1]]"#),
    ];
    check(&cases);
}

#[test]
fn of_predictions_only_the_vectors_are_left_out() {
    let cases = [
        (
            r#"{"predictions":[{"embeddings":{"values":[0.1,-2e3],"statistics":{"token_count":4,"truncated":false}}},{"embeddings":{"statistics":{"token_count":3},"values" : [ 0.3 ]}}],"metadata":{"values":[1]}}"#,
            r#"{"predictions":[{"embeddings":{"values":[],"statistics":{"token_count":4,"truncated":false}}},{"embeddings":{"statistics":{"token_count":3},"values" : []}}],"metadata":{"values":[1]}}"#,
        ),
        (
            r#"{"predictions":[{"textEmbedding":[1],"imageEmbedding":[2],"videoEmbeddings":[{"startOffsetSec":0,"embedding":[3,[4]],"endOffsetSec":5}]}],"deployedModelId":"values"}"#,
            r#"{"predictions":[{"textEmbedding":[],"imageEmbedding":[],"videoEmbeddings":[{"startOffsetSec":0,"embedding":[],"endOffsetSec":5}]}],"deployedModelId":"values"}"#,
        ),
        (
            r#"{"embedding":{"values":[0.1,0.2]},"usageMetadata":{"promptTokenCount":4},"values":[1]}"#,
            r#"{"embedding":{"values":[]},"usageMetadata":{"promptTokenCount":4},"values":[1]}"#,
        ),
        // Names of other things, and what is no list.
        (
            r#"{"predictions":[{"value":[1],"valuess":[2],"a":"values","b":[3],"values":"x","values\"":[4],"values":{"c":[5]}}]}"#,
            r#"{"predictions":[{"value":[1],"valuess":[2],"a":"values","b":[3],"values":"x","values\"":[4],"values":{"c":[5]}}]}"#,
        ),
        (
            r#"{"a":"predictions","b":[{"values":[1]}],"c":{"predictions":[{"values":[2]}]}}"#,
            r#"{"a":"predictions","b":[{"values":[1]}],"c":{"predictions":[{"values":[2]}]}}"#,
        ),
    ];
    check(&cases);
}

fn check(cases: &[(&str, &str)]) {
    for (body, expected) in cases {
        for size in 1..=body.len() {
            assert_eq!(pruned(body, size), *expected, "in pieces of {size}");
        }
    }
}
