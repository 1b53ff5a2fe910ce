//! Odd values for every parameter of every list: each is taken or refused by its name.

use admin::{
    AdminError,
    audit::AuditQuery,
    calls::CallQuery,
    catalog::ModelQuery,
    page::LIMIT_MOST,
    providers::{ItsTranscripts, ProviderQuery},
    transcripts::{ConversationQuery, ExportFormat},
    usage::{read_query, read_report_query},
};
use domain::Timestamp;
use url::form_urlencoded::byte_serialize;

use crate::app::told;

const NAMES: &[&str] = &[
    "provider",
    "provider.not",
    "model",
    "agent",
    "user.not",
    "token",
    "outcome",
    "outcome.not",
    "price_state",
    "status",
    "operation",
    "since",
    "until",
    "range",
    "cost_above",
    "latency_above",
    "limit",
    "cursor",
    "sort",
    "order",
    "q",
    "metric",
    "bucket",
    "group_by",
    "by",
    "zone",
    "timezone",
    "type",
    "kind",
    "state",
    "attention",
    "action",
    "actor",
    "target",
    "format",
    "transcripts",
    "region",
    "unknown",
    "",
];

const ODD: &[&str] = &[
    "",
    " ",
    "0",
    "-0",
    "-1",
    "+1",
    "1e999",
    "NaN",
    "inf",
    "0.0000000001",
    "99999999999999999999",
    "18446744073709551615",
    "9223372036854775808",
    "4294967296",
    "0x10",
    "1_000",
    "١",
    "1;2",
    "null",
    "true",
    "[]",
    "{}",
    "a,b",
    "a=b&c",
    "'; DROP TABLE calls; --",
    "\" OR \"\" MATCH \"",
    "%",
    "%25",
    "_",
    "*",
    "\\",
    "../..",
    "\u{0}",
    "\n",
    "\r\n",
    "\u{202e}",
    "\u{feff}",
    "é",
    "e\u{301}",
    "2026-02-30T00:00:00Z",
    "2026-11-20",
    "-009999-01-01T00:00:00Z",
    "+009999-12-31T23:59:60Z",
    "9999-12-31T23:59:59.999999999Z",
    "2026-11-20T24:00:00+99:99",
    "now",
    "24h",
    "0d",
    "-1d",
    "99999999999999999999d",
    "4xx",
    "999",
    "01932c07-0000-7000-8000-000000000000",
    "00000000-0000-0000-0000-000000000000",
    "Mars/Olympus",
    "Europe/../UTC",
    "/etc/passwd",
    "1:2:3",
    "a\u{1f}b",
    "AAAAAAAAAAAAAAAAAAAAAAAA",
];

type Read = Box<dyn Fn(&str) -> Result<(), AdminError>>;

fn check(read: &Read, query: &str) {
    if let Err(error) = read(query) {
        let (status, _, fields) = told(&error);
        assert_eq!(status, 400, "{query}");
        for (field, _) in fields {
            let unnamed = query.split('&').any(|it| it.starts_with('='));
            assert!(!field.is_empty() || unnamed, "{query}");
        }
    }
}

#[test]
fn whatever_a_parameter_says_is_taken_or_refused() {
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let most = LIMIT_MOST;
    let readers: [Read; 9] = [
        Box::new(move |query| {
            CallQuery::read(query).map(|it| assert!((1..=most).contains(&it.page.limit), "{query}"))
        }),
        Box::new(move |query| {
            ConversationQuery::read(query)
                .map(|it| assert!((1..=most).contains(&it.page.limit), "{query}"))
        }),
        Box::new(|query| AuditQuery::read(query).map(drop)),
        Box::new(|query| ModelQuery::read(query).map(drop)),
        Box::new(|query| ProviderQuery::read(query).map(drop)),
        Box::new(|query| ItsTranscripts::read(query).map(drop)),
        Box::new(|query| ExportFormat::read(query).map(drop)),
        Box::new(move |query| read_query(query, now).map(drop)),
        Box::new(move |query| read_report_query(query, now).map(drop)),
    ];
    let long = "9".repeat(5_000);
    for read in readers {
        for name in NAMES {
            for odd in ODD.iter().copied().chain([long.as_str()]) {
                let odd: String = byte_serialize(odd.as_bytes()).collect();
                check(&read, &format!("{name}={odd}"));
                check(&read, &format!("{name}={odd}&{name}={odd}&since=24h"));
            }
        }
        for broken in [
            "%",
            "%f",
            "%ff=%fe",
            "&&&",
            "=",
            "===",
            "a&b=c&=d",
            "?",
            "#",
            "a[]=1&a[b]=2",
        ] {
            check(&read, broken);
        }
    }
}
