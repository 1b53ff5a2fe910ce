use super::*;

fn view(bytes: &[u8], whole: u64) -> (&'static str, String, bool) {
    let view = BodyView::of(Body {
        info: BodyInfo {
            content_type: None,
            bytes: whole,
            kept_bytes: u64::try_from(bytes.len()).unwrap(),
        },
        bytes: bytes.to_vec(),
    });
    assert_eq!(view.bytes, whole);
    (view.encoding, view.body, view.truncated)
}

#[test]
fn a_body_is_text_where_it_is_one() {
    assert_eq!(
        view("für".as_bytes(), 4),
        ("utf-8", "für".to_owned(), false)
    );
    assert_eq!(view(b"", 0), ("utf-8", String::new(), false));
    assert_eq!(
        view(b"\xff\xfe", 2),
        ("base64", "//4=".to_owned(), false),
        "no text"
    );
}

#[test]
fn a_text_may_be_cut_inside_a_character() {
    assert_eq!(view(b"f\xc3", 4), ("utf-8", "f".to_owned(), true));
    assert_eq!(
        view(b"f\xc3", 2),
        ("base64", "ZsM=".to_owned(), false),
        "not cut, so it is no text"
    );
    assert_eq!(view(b"\xc3f\xc3", 9).0, "base64", "broken before the cut");
}
