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
    for (body, expected) in cases {
        for size in 1..=body.len() {
            assert_eq!(pruned(body, size), expected, "in pieces of {size}");
        }
    }
}
