//! The scanner: fields, line ends, cuts and limits.

use proptest::prelude::*;
use weir_wire::sse::{Event, Scanner};

/// The events of a stream in pieces, as `name|data`.
fn scan<'a>(limit: usize, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut events = vec![];
    let mut scanner = Scanner::with_limit(limit);
    let mut note = |event: Event<'_>| {
        let data = if event.given_up {
            "(given up)".into()
        } else {
            String::from_utf8_lossy(event.data)
        };
        events.push(format!("{}|{data}", String::from_utf8_lossy(event.name)));
    };
    for piece in pieces {
        scanner.push(piece, &mut note);
    }
    scanner.finish(&mut note);
    events
}

#[track_caller]
fn check(stream: &str, expected: &[&str]) {
    for ends in ["\n", "\r\n", "\r"] {
        let stream = stream.replace('\n', ends);
        assert_eq!(scan(1000, [stream.as_bytes()]), expected, "{stream:?}");
        for cut in 0..=stream.len() {
            let (first, second) = stream.as_bytes().split_at(cut);
            assert_eq!(
                scan(1000, [first, second]),
                expected,
                "{stream:?} cut at {cut}"
            );
            assert_eq!(
                scan(1000, [first, b"", second]),
                expected,
                "{stream:?} cut at {cut} twice"
            );
        }
        assert_eq!(
            scan(1000, stream.as_bytes().chunks(1)),
            expected,
            "{stream:?} in single bytes"
        );
    }
}

#[test]
fn fields_are_read_as_the_standard_says() {
    check("data: a\n\n", &["|a"]);
    check("data:a\n\ndata: b\n\n", &["|a", "|b"]);
    check("data:  two spaces\n\n", &["| two spaces"]);
    check("event: x\ndata: a\n\n", &["x|a"]);
    check("data: a\nevent: x\n\n", &["x|a"]);
    check("event: x\nevent: y\ndata: a\n\ndata: b\n\n", &["y|a", "|b"]);
    check(
        "data: a\ndata: b\ndata\ndata:\ndata: c\n\n",
        &["|a\nb\n\n\nc"],
    );
    check(
        ": comment\nid: 7\nretry: 10\ndata: a\nunknown: x\nno colon\n\n",
        &["|a"],
    );
    check(": keep-alive\n\n: keep-alive\n\ndata: a\n\n", &["|a"]);
    check("\n\n\ndata: a\n\n\n\n", &["|a"]);
    check("event: stop\n\ndata: a\n\n", &["stop|", "|a"]);
    check("dataset: x\n data: y\nDATA: z\n\n", &[]);
    check("\u{feff}data: a\n\n\u{feff}data: b\n\n", &["|a"]);
    check("data: ünï😀\n\n", &["|ünï😀"]);
}

#[test]
fn what_a_stream_breaks_off_in_is_reported_at_the_end() {
    check("data: a\n\ndata: b", &["|a", "|b"]);
    check("data: a\n\ndata: b\n", &["|a", "|b"]);
    check("event: x\ndata: b\nda", &["x|b"]);
}

#[test]
fn the_pending_event_is_what_is_known_so_far() {
    let mut scanner = Scanner::default();
    let steps: [(&str, &str, &str); 8] = [
        ("event: me", "me", ""),
        ("ssage\r", "message", ""),
        ("\ndata: [DO", "message", "[DO"),
        ("NE]", "message", "[DONE]"),
        ("\n", "message", "[DONE]"),
        ("data: second", "message", "[DONE]"),
        ("\n\n", "", ""),
        (": comment", "", ""),
    ];
    for (bytes, name, data) in steps {
        scanner.push(bytes.as_bytes(), |_| ());
        let pending = scanner.pending();
        assert_eq!(
            (pending.name, pending.data),
            (name.as_bytes(), data.as_bytes()),
            "{bytes:?}"
        );
    }
}

#[test]
fn an_event_above_the_limit_is_given_up_however_it_comes() {
    let cases: [(String, &[&str]); 5] = [
        (
            format!("event: e\ndata: {}\n\ndata: b\n\n", "x".repeat(100)),
            &["e|(given up)", "|b"],
        ),
        (
            format!(
                "data: {}\ndata: {}\n\ndata: b\n\n",
                "x".repeat(50),
                "y".repeat(50)
            ),
            &["|(given up)", "|b"],
        ),
        (
            format!("event: e\n:{}\ndata: a\n\ndata: b\n\n", "x".repeat(100)),
            &["e|(given up)", "|b"],
        ),
        (
            format!("data: a\nevent: {}\n\ndata: b\n\n", "x".repeat(100)),
            &["|(given up)", "|b"],
        ),
        (
            format!("data: b\n\ndata: {}", "x".repeat(100)),
            &["|b", "|(given up)"],
        ),
    ];
    for (stream, expected) in cases {
        for size in 1..=stream.len() {
            assert_eq!(
                scan(80, stream.as_bytes().chunks(size)),
                expected,
                "{stream:?} in pieces of {size}"
            );
        }
    }
    let fits = format!("data: {}\n\n", "x".repeat(74));
    assert_eq!(
        scan(80, [fits.as_bytes()]),
        [format!("|{}", "x".repeat(74))]
    );
}

#[test]
fn memory_is_bounded() {
    let mut scanner = Scanner::with_limit(1000);
    for _ in 0..10_000 {
        scanner.push(b"data: no line end in sight", |event| panic!("{event:?}"));
        assert!(scanner.held_bytes() <= 4096);
    }
    let mut scanner = Scanner::with_limit(1000);
    for _ in 0..10_000 {
        scanner.push(b"data: no event end in sight\n", |event| {
            panic!("{event:?}")
        });
        assert!(scanner.held_bytes() <= 4096);
    }
}

#[test]
fn lines_of_other_kinds_of_bytes_are_noticed() {
    let foreign = |stream: &str| {
        let mut scanner = Scanner::default();
        scanner.push(stream.as_bytes(), |_| ());
        scanner.finish(|_| ());
        scanner.saw_foreign_line()
    };
    assert!(!foreign(": x\nid: 1\nid\nretry: 3\nevent: e\ndata: d\n\n"));
    assert!(foreign("<html>\n"));
    assert!(foreign("{\"error\":{}}"));
    for broken_off in ["d", "data", "ev", "i", "ret", "", "data: {"] {
        assert!(!foreign(broken_off), "{broken_off}");
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic_and_read_the_same_at_every_cut(
        bytes in prop::collection::vec(prop_oneof![
            any::<u8>(),
            prop::sample::select(b"\r\n:\n\r data event".to_vec()),
        ], 0..200),
        cuts in prop::collection::vec(0_usize..200, 0..6),
        limit in 1_usize..60,
    ) {
        let whole = scan(limit, [bytes.as_slice()]);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        prop_assert_eq!(scan(limit, cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]])), whole);
    }

    #[test]
    fn random_lines_read_the_same_at_every_cut(
        lines in prop::collection::vec(prop::sample::select(vec![
            "data: a", "data:{\"x\":1}", "data", "event: e", ": c", "", "", "id: 3", "x",
        ]), 0..20),
        ends in prop::collection::vec(prop::sample::select(vec!["\n", "\r\n", "\r"]), 20),
        size in 1_usize..9,
    ) {
        let stream: String = lines.iter().zip(&ends).flat_map(|(line, end)| [*line, *end]).collect();
        let whole = scan(1000, [stream.as_bytes()]);
        prop_assert_eq!(scan(1000, stream.as_bytes().chunks(size)), whole);
    }
}
