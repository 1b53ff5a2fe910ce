//! Instructions that the hot functions take, held below bounds. Callgrind counts the same on a busy machine as on
//! a quiet one, so what makes a function dearer shows in the change that does it.
//!
//! Counted is the build that tests have, which is not optimised, since it is there anyway. What takes more work
//! there takes more in a release too; what the compiler makes of it is not seen here.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is how tests report surprises"
)]

use std::{
    collections::HashMap,
    env,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    process::Command,
};

/// A function's name, and the instructions of one run of it.
type Count<'a> = (&'a str, u64);

/// Counts when they were last looked at, on x86-64. A function may take half as much again.
const EXPECTED: &[Count<'_>] = &[
    ("path of a request", 28_217),
    ("request of 1 KB", 82_118),
    ("request of 50 KB", 3_388_747),
    ("request of 1 MB", 67_433_883),
    ("usage asked for in a request of 50 KB", 3_436_841),
    ("plain answer of 1 KB", 310_138),
    ("plain answer of 50 KB", 7_320_975),
    ("usage chunk filter, in one piece", 719_606),
    ("usage chunk filter, in 52 pieces", 768_716),
    ("stream of chat, in one piece", 1_283_106),
    ("stream of chat, in 52 pieces", 1_316_675),
    ("stream of chat with running usage, in one piece", 4_606_349),
    ("stream of chat with running usage, in 52 pieces", 4_644_394),
    ("stream of responses, in one piece", 1_267_305),
    ("stream of responses, in 52 pieces", 1_311_445),
    ("stream of messages, in one piece", 1_080_858),
    ("stream of messages, in 52 pieces", 1_138_278),
    ("stream of generate, in one piece", 5_842_051),
    ("stream of generate, in 52 pieces", 5_863_830),
    ("stream of converse, in one piece", 1_274_550),
    ("stream of converse, in 52 pieces", 1_291_578),
    ("price of a call", 30_867),
    ("price on a tier, of a long prompt", 45_125),
    ("start of a call, written", 174_316),
    ("end of a call, written", 510_098),
    ("32 starts and ends, read", 17_139_415),
];

/// Set where everything must run (`scripts/test`): what is missing then fails.
const EVERYTHING: &str = "WEIR_TEST_EVERYTHING";

#[test]
#[cfg_attr(
    not(debug_assertions),
    ignore = "the counts are those of a build that is not optimised"
)]
fn no_function_takes_much_more_than_it_did() {
    let Some((names, counts)) = count() else {
        assert!(
            env::var_os(EVERYTHING).is_none(),
            "valgrind is missing: scripts/setup test installs it"
        );
        writeln!(
            io::stderr(),
            "NOT RUN: counts of hot functions: valgrind is missing"
        )
        .unwrap();
        return;
    };
    let counted: Vec<Count<'_>> = names.lines().zip(counts).collect();
    let complaints = complaints(EXPECTED, &counted);
    assert!(
        complaints.is_empty(),
        "\n{}\nTo count again: cargo test -p weir-hot --test counts. Where it is meant to be so, EXPECTED in \
         crates/hot/tests/counts.rs becomes\n{}",
        complaints.join("\n"),
        as_expected(&counted)
    );
}

/// Runs each function under callgrind: names, one a line, and instructions. `None`: there is no valgrind.
fn count() -> Option<(String, Vec<u64>)> {
    let folder = tempfile::tempdir().unwrap();
    let written = folder.path().join("counts");
    let run = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--collect-atstart=no"])
        // Only what happens inside of the program's `counted` is counted, and each run of it is a part of its own.
        .args([
            "--toggle-collect=weir_hot::counted",
            "--dump-after=weir_hot::counted",
            "--combine-dumps=yes",
        ])
        .arg(format!("--callgrind-out-file={}", written.display()))
        .arg(env!("CARGO_BIN_EXE_weir-hot"))
        .output();
    let run = match run {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        run => run.unwrap(),
    };
    assert!(run.status.success(), "{run:?}");
    let names = String::from_utf8(run.stdout).unwrap();
    let written = fs::read_to_string(written).unwrap();
    let mut counts: Vec<u64> = written
        .lines()
        .filter_map(|line| Some(line.strip_prefix("totals: ")?.parse().unwrap()))
        .collect();
    assert_eq!(
        counts.pop(),
        Some(0),
        "the last part is what came after the last function"
    );
    assert_eq!(
        counts.len(),
        names.lines().count(),
        "a part for each function"
    );
    Some((names, counts))
}

/// What differs too much, a line each.
fn complaints(expected: &[Count<'_>], counted: &[Count<'_>]) -> Vec<String> {
    let mut not_counted: HashMap<&str, u64> = expected.iter().copied().collect();
    let mut complaints: Vec<String> = counted
        .iter()
        .filter_map(|(name, count)| complaint(name, *count, not_counted.remove(name)))
        .collect();
    complaints.extend(
        not_counted
            .keys()
            .map(|name| format!("{name}: there is no such function any more")),
    );
    complaints
}

/// What is wrong with one count.
fn complaint(name: &str, count: u64, expected: Option<u64>) -> Option<String> {
    let Some(expected) = expected else {
        return Some(format!(
            "{name}: {count} instructions, and nothing is expected of it yet"
        ));
    };
    let most = expected + expected / 2;
    if count > most {
        Some(format!(
            "{name}: {count} instructions; the bound is {most}, {expected} were expected"
        ))
    } else if count < expected / 2 {
        Some(format!(
            "{name}: {count} instructions, where {expected} were expected: it does less than it should, or the bound \
             is to come down"
        ))
    } else {
        None
    }
}

/// Counts as they stand in [`EXPECTED`].
fn as_expected(counted: &[Count<'_>]) -> String {
    counted
        .iter()
        .fold(String::new(), |mut lines, (name, count)| {
            writeln!(lines, "    ({name:?}, {count}),").unwrap();
            lines
        })
}

#[test]
fn each_function_does_its_work() {
    let mut streams: HashMap<String, u64> = HashMap::new();
    for mut function in weir_hot::all() {
        let figure = function.run();
        assert_ne!(figure, 0, "{}", function.name);
        assert_eq!(
            function.run(),
            figure,
            "{} does the same again",
            function.name
        );
        // However a stream is cut, the same comes out.
        for cut in [", in one piece", ", in 52 pieces"] {
            if let Some(stream) = function.name.strip_suffix(cut) {
                let other = *streams.entry(stream.to_owned()).or_insert(figure);
                assert_eq!(figure, other, "{}", function.name);
            }
        }
    }
    assert_eq!(streams.len(), 7, "{streams:?}");
}

#[test]
fn a_function_that_takes_twice_as_much_is_told_with_its_count_and_bound() {
    let complaints = |counted: &[Count<'_>]| complaints(&[("price", 1_000)], counted);
    for fine in [500, 1_000, 1_500] {
        assert_eq!(complaints(&[("price", fine)]), Vec::<String>::new());
    }
    assert_eq!(
        complaints(&[("price", 2_000)]),
        ["price: 2000 instructions; the bound is 1500, 1000 were expected"]
    );
    assert_eq!(
        complaints(&[("price", 499)]),
        [
            "price: 499 instructions, where 1000 were expected: it does less than it should, or the bound is to come down"
        ]
    );
    assert_eq!(
        complaints(&[("new", 7)]),
        [
            "new: 7 instructions, and nothing is expected of it yet",
            "price: there is no such function any more"
        ]
    );
}
