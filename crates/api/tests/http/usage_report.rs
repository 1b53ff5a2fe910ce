//! The full report, as programs get it.

use domain::{NanoUsd, call::Outcome, pricing::PriceState};
use serde_json::json;

use crate::{
    app::{Answer, App},
    calls::{call, record},
};

const RANGE: &str = "from=2026-10-24T00:00:00Z&to=2026-10-27T00:00:00Z";

/// The lines of a report, cell by cell; none of the tests' texts needs quotes.
fn lines(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    let text = answer.text.strip_suffix("\r\n").unwrap();
    text.split("\r\n")
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

/// The cells of a column, without its name.
fn column(lines: &[Vec<String>], name: &str) -> Vec<String> {
    let place = lines[0].iter().position(|column| column == name).unwrap();
    lines[1..].iter().map(|line| line[place].clone()).collect()
}

async fn ledger() -> App {
    let app = App::with_provider().await;
    let calls = vec![
        // Half past two comes twice on this night in Berlin.
        call("main", "2026-10-25T00:30:00Z", |_| {}),
        call("main", "2026-10-25T01:30:00Z", |call| {
            call.start.agent = Some("=1+1".to_owned());
        }),
        call("main", "2026-10-25T01:40:00Z", |call| {
            call.start.agent = Some("bot".to_owned());
            call.price_state = PriceState::Unpriced;
            call.charge.total = None;
        }),
        call("main", "2026-10-26T10:00:00Z", |call| {
            call.outcome = Outcome::Rejected;
        }),
    ];
    record(&app, calls).await;
    app
}

#[tokio::test]
async fn a_report_is_a_file_of_lines_in_order_of_time() {
    let app = ledger().await;
    let answer = app
        .get(&format!(
            "/api/v1/usage/report.csv?bucket=hour&by=provider,agent&tz=Europe/Berlin&{RANGE}"
        ))
        .await;
    assert_eq!(
        answer.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"weir-usage-by-hour-2026-10-24-to-2026-10-27.csv\""
    );
    let lines = lines(&answer);
    assert_eq!(
        lines[0][..9],
        [
            "start",
            "provider",
            "provider_name",
            "provider_type",
            "agent",
            "calls",
            "requests",
            "unpriced_calls",
            "estimated_calls"
        ]
    );
    let first: Vec<String> = lines[1..].iter().map(|line| line[..9].join(" ")).collect();
    assert_eq!(
        first,
        [
            "2026-10-25T02:00:00+02:00 main Main openai  1 1 0 0",
            "2026-10-25T02:00:00+01:00 main Main openai '=1+1 1 1 0 0",
            "2026-10-25T02:00:00+01:00 main Main openai bot 1 1 1 0",
            "2026-10-26T11:00:00+01:00 main Main openai  1 0 0 0",
        ]
    );
    assert_eq!(column(&lines, "tokens"), ["100"; 4]);
    assert_eq!(
        column(&lines, "cost_usd"),
        ["0.000250000", "0.000250000", "0.000000000", "0.000250000"]
    );
    assert_eq!(column(&lines, "cost_usd"), column(&lines, "cost_usd_input"));
}

#[tokio::test]
async fn its_sums_are_those_that_are_told_elsewhere() {
    let app = ledger().await;
    let told = |metric: &'static str| {
        let app = &app;
        async move {
            let query = format!("/api/v1/usage?metric={metric}&{RANGE}");
            app.get(&query).await.json(200)["total"].clone()
        }
    };
    for by in [
        "none",
        "provider",
        "outcome,price_state",
        "provider,model,agent,user,token",
    ] {
        for bucket in ["hour", "day", "month", "total"] {
            let query = format!("/api/v1/usage/report.csv?bucket={bucket}&by={by}&{RANGE}");
            let lines = lines(&app.get(&query).await);
            let sum = |name: &str| -> i64 {
                let cells = column(&lines, name);
                cells.iter().map(|cell| cell.parse::<i64>().unwrap()).sum()
            };
            let cost: NanoUsd = column(&lines, "cost_usd")
                .iter()
                .map(|cell| cell.parse::<NanoUsd>().unwrap())
                .sum();
            assert_eq!(json!(cost.to_string()), told("spend").await, "{query}");
            assert_eq!(json!(sum("requests")), told("requests").await, "{query}");
            assert_eq!(json!(sum("tokens")), told("tokens").await, "{query}");
            assert_eq!((sum("calls"), sum("unpriced_calls")), (4, 1), "{query}");
        }
    }
}

#[tokio::test]
async fn how_calls_ended_makes_lines_of_their_own() {
    let app = ledger().await;
    let query = format!("/api/v1/usage/report.csv?bucket=total&by=outcome&by=price_state&{RANGE}");
    let lines = lines(&app.get(&query).await);
    assert_eq!(column(&lines, "outcome"), ["ok", "ok", "rejected"]);
    assert_eq!(
        column(&lines, "price_state"),
        ["priced", "unpriced", "priced"]
    );
    assert_eq!(column(&lines, "start"), ["2026-10-24T00:00:00+00:00"; 3]);
}

#[tokio::test]
async fn an_empty_report_has_its_first_line() {
    let app = App::new().await;
    let answer = app.get("/api/v1/usage/report.csv").await;
    assert_eq!(lines(&answer).len(), 1);
    assert!(answer.text.starts_with("start,provider,"));
}

#[tokio::test]
async fn wrong_parameters_of_a_report_are_named() {
    let app = App::new().await;
    for (query, field, code) in [
        ("bucket=week", "bucket", "invalid_value"),
        ("by=colour", "by", "invalid_value"),
        ("by=outcome,agent", "by", "not_together"),
        ("by=price_state&user=ada", "by", "not_together"),
        ("metric=spend", "metric", "unknown_parameter"),
        ("tz=Mars/Olympus", "tz", "invalid_time_zone"),
    ] {
        let answer = app.get(&format!("/api/v1/usage/report.csv?{query}")).await;
        assert_eq!(
            answer.problem(400, "invalid_query"),
            [(field.to_owned(), code.to_owned())],
            "{query}"
        );
    }
}
