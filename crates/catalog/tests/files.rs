//! Files that are refused, with the line at fault; and files that read back as they were written.
#![cfg(test)]

use catalog::Catalog;
use weir_catalog as catalog;

const HEADER: &str = r#"{"format":1,"version":"2026-12-01","models":1}"#;
const A: &str =
    r#"{"kind":"k","id":"a","display_name":"A","mode":"chat","card":{"standard":{"input":"1"}}}"#;

#[track_caller]
fn refused(lines: &[&str], because: &str) {
    let error = Catalog::from_bytes(lines.join("\n").into_bytes())
        .unwrap_err()
        .to_string();
    assert!(error.contains(because), "{error}");
}

#[track_caller]
fn refused_row(from: &str, to: &str, because: &str) {
    assert!(A.contains(from));
    refused(&[HEADER, &A.replace(from, to)], because);
}

#[test]
fn a_newer_file_takes_the_place_of_the_builtin_one() {
    for end in ["", "\n"] {
        let catalog = Catalog::from_bytes(format!("{HEADER}\n{A}{end}").into_bytes()).unwrap();
        assert_eq!(catalog.version(), "2026-12-01");
        assert_eq!(catalog.kinds(), ["k"]);
        assert_eq!(catalog.find("k", "a", None).unwrap().display_name, "A");
    }
}

#[test]
fn a_file_reads_back_as_it_was_written_whatever_the_order() {
    let builtin = Catalog::builtin().unwrap();
    let mut models: Vec<_> = builtin
        .kinds()
        .into_iter()
        .flat_map(|k| builtin.list(k))
        .collect();
    models.reverse();
    let text = catalog::write(builtin.version(), models).unwrap();
    assert_eq!(text.as_bytes(), include_bytes!("../data/models.jsonl"));
}

#[test]
fn an_empty_catalog_finds_nothing() {
    let text = catalog::write("2026-12-01", Vec::new()).unwrap();
    let catalog = Catalog::from_bytes(text.into_bytes()).unwrap();
    assert_eq!(catalog.find("openai", "gpt-4o", None), None);
    assert!(catalog.kinds().is_empty());
    assert!(catalog.list("openai").is_empty());
    assert!(catalog.search("openai", "", 9).is_empty());
}

#[test]
fn the_header_must_be_one_that_this_weir_reads() {
    refused(&[""], "line 1 of the catalog");
    refused(&[A, A], "line 1 of the catalog");
    refused(
        &[&HEADER.replace(":1,", ":2,"), A],
        "has format 2; this Weir reads format 1",
    );
    refused(
        &[&HEADER.replace("2026-12-01", "latest"), A],
        "begins with its date",
    );
    for day in [
        "2026-12-0x",
        "2026-02-30",
        "9999-99-99",
        "2026-1-1",
        "20261201-1",
    ] {
        refused(
            &[&HEADER.replace("2026-12-01", day), A],
            "begins with its date",
        );
    }
    let long = format!("2026-12-01.{}", "1".repeat(22));
    for odd in [&long, "2026-12-01 b", "2026-12-01/x", "2026-12-01é"] {
        refused(
            &[&HEADER.replace("2026-12-01", odd), A],
            "32 characters at most",
        );
    }
    let longest = HEADER.replace("2026-12-01", long.strip_suffix('1').unwrap());
    Catalog::from_bytes(format!("{longest}\n{A}").into_bytes()).unwrap();
}

#[test]
fn lost_and_added_lines_are_noticed() {
    refused(&[HEADER], "promises 1 models, and 0 follow");
    refused(
        &[HEADER, A, &A.replace(r#""a""#, r#""b""#)],
        "promises 1 models, and 2 follow",
    );
}

#[test]
fn rows_stand_in_order_and_once() {
    let b = A.replace(r#""a""#, r#""b""#);
    refused(
        &[HEADER, A, A],
        "line 3 of the catalog: it does not come after",
    );
    refused(
        &[HEADER, &b, A],
        "line 3 of the catalog: it does not come after",
    );
}

#[test]
fn a_row_begins_with_a_plain_key() {
    refused_row(
        r#""kind":"k","id""#,
        r#""kind": "k","id""#,
        "it does not begin with kind",
    );
    refused_row(
        r#""id":"a""#,
        r#""id":"\u0061""#,
        "it does not begin with kind",
    );
    refused_row(
        r#""kind":"k","id":"a""#,
        r#""id":"a","kind":"k""#,
        "it does not begin with kind",
    );
    let region_later = r#""mode":"chat","region":"eu""#;
    refused_row(
        r#""mode":"chat""#,
        region_later,
        "it does not begin with kind",
    );
    refused_row(r#""id":"a""#, r#""id":" a""#, "is not a model's id");
    refused_row(r#""id":"a""#, r#""id":"""#, "is not a model's id");
}

#[test]
fn what_could_change_a_price_unnoticed_is_refused() {
    refused_row(
        r#""input":"1""#,
        r#""input":1"#,
        "line 2 of the catalog: invalid type",
    );
    refused_row(r#""input":"1""#, r#""input":"-1""#, "a rate is 0 or more");
    refused_row(
        r#""input":"1""#,
        r#""input":"1.0000001""#,
        "more than 6 decimals",
    );
    refused_row(r#""input":"1""#, r#""imput":"1""#, "unknown field");
    refused_row(
        r#""mode":"chat""#,
        r#""mode":"chat","per_call":"1""#,
        "unknown field",
    );
    let card = r#""card":{"standard":{"input":"1"}}"#;
    let with = |more: &str| format!(r#""card":{{"standard":{{"input":"1"}},{more}}}"#);
    let cases = [
        (
            r#""long_context":{"threshold":0,"rates":{}}"#,
            "threshold of 0",
        ),
        (r#""regional_multiplier":"0""#, "a multiplier is above 0"),
        (r#""regional_multiplier":1.1"#, "invalid type"),
        (
            r#""tiers":[{"tier":"batch","rates":{}},{"tier":"batch","rates":{}}]"#,
            "Batch is there twice",
        ),
        (r#""tiers":[{"tier":"warp","rates":{}}]"#, "unknown variant"),
        (
            r#""tiers":[{"tier":"batch","rates":{"output":"0.0000001"}}]"#,
            "more than 6 decimals",
        ),
    ];
    for (more, because) in cases {
        refused_row(card, &with(more), because);
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let error = Catalog::from_bytes(vec![0xff, 0xfe]).unwrap_err();
    assert_eq!(error.to_string(), "the catalog is not UTF-8 text");
}
