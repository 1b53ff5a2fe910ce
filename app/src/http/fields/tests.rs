use super::{Fields, local_path, path_part};

#[test]
fn names_may_repeat_and_keep_their_order() {
    let fields = Fields::parse(b"model=b&q=+two+words+&model=a%2Fc&empty=");
    assert_eq!(fields.all("model").collect::<Vec<_>>(), ["b", "a/c"]);
    assert_eq!(fields.text("q"), "two words");
    assert_eq!(fields.get("q"), Some(" two words "));
    assert_eq!(fields.get("empty"), Some(""));
    assert_eq!(fields.get("missing"), None);
    assert!(fields.ticked("empty") && !fields.ticked("missing"));
    assert!(fields.has("model", "a/c") && !fields.has("model", "c"));
}

#[test]
fn an_address_can_be_read_back() {
    let fields = Fields::from([
        ("type", "openai"),
        ("type", "anthropic"),
        ("q", "a&b=c d+é"),
    ]);
    let address = fields.address("/providers");
    assert_eq!(
        address,
        "/providers?type=openai&type=anthropic&q=a%26b%3Dc%20d%2B%C3%A9"
    );
    let query = address.split_once('?').unwrap().1;
    assert_eq!(Fields::parse(query.as_bytes()), fields);
}

#[test]
fn a_value_is_put_in_place_of_all() {
    let fields = Fields::from([("page", "3"), ("q", "x"), ("page", "4")]);
    assert_eq!(
        fields.clone().with("page", "1").address("/a"),
        "/a?q=x&page=1"
    );
    assert_eq!(fields.clone().with("page", "").address("/a"), "/a?q=x");
    assert_eq!(
        fields.without_value("page", "3").address("/a"),
        "/a?q=x&page=4"
    );
}

#[test]
fn only_paths_of_this_console_are_gone_on_to() {
    assert_eq!(local_path("/providers?page=2"), "/providers?page=2");
    for bad in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "",
        "providers",
        "/a\r\nb",
        "javascript:1",
    ] {
        assert_eq!(local_path(bad), "/", "{bad}");
    }
}

#[test]
fn a_part_of_a_path_cannot_leave_it() {
    assert_eq!(path_part("OPENAI_API_KEY"), "OPENAI_API_KEY");
    assert_eq!(path_part("../a b?c"), "..%2Fa%20b%3Fc");
}
