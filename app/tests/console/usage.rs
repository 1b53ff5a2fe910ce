//! Cost & Usage: what the page shows against the rows that it is of, its CSV, and addresses that are no good.

use domain::{
    CallId, NanoUsd, PerBucket, ProviderId, Timestamp, TokenId,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{Charge, PriceState},
    provider::ProviderType,
    usage::Usage,
};
use journal::{Entry, Journal, Position, SyncPolicy};
use store::ledger::Writer;
use uuid::Uuid;

use crate::browser::{Browser, Page};

const TOKEN: &str = "01932c07-0000-7000-8000-000000000001";

/// A call so many minutes ago: its tokens and its costs are all different, so that no mistake cancels out.
fn call(number: u64, minutes_ago: u64) -> Call {
    let nth = |names: &[&'static str], by: u64| {
        let place = usize::try_from(number / by).unwrap() % names.len();
        names[place].to_owned()
    };
    let named = |name: String| Some(name).filter(|name| !name.is_empty());
    let now = i64::try_from(
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_millis(),
    )
    .unwrap();
    let at = now - i64::try_from(minutes_ago * 60_000).unwrap();
    let started_at = Timestamp::from_millisecond(at).unwrap();
    let id = Uuid::now_v7().as_u128() & ((1 << 80) - 1) | (u128::try_from(at).unwrap() << 80);
    let provider = nth(&["main", "spare", "old"], 1);
    let state = match number % 7 {
        3 => PriceState::Unpriced,
        5 => PriceState::Estimated,
        _ => PriceState::Priced,
    };
    let token: TokenId = TOKEN.parse().unwrap();
    let [input, cached, writes, output, reasoning] =
        [101, 7, 3, 53, 19].map(|step: u64| step * (number + 1));
    let cost = |tokens: u64| NanoUsd(i64::try_from(tokens).unwrap() * 1_237);
    let (searches, total) = (cost(11), cost(input + cached + writes + output + 11));
    Call {
        start: CallStart {
            id: CallId(Uuid::from_u128(id)),
            started_at,
            provider: ProviderId::new(provider).unwrap(),
            provider_type: ProviderType::OpenAiCompatible,
            model: Some(nth(
                &[
                    "llama-4", "=own", "qwen", "phi", "m5", "m6", "m7", "m8", "m9", "m10",
                ],
                2,
            )),
            requested_model: None,
            operation: Operation::Chat,
            streamed: false,
            agent: named(nth(&["support-bot", "code-review", ""], 3)),
            user: named(nth(&["ada", "bo", "eve", ""], 4)),
            conversation: None,
            token: number.is_multiple_of(2).then_some(token),
            endpoint: None,
            attempt_of: None,
            catalog_version: "2026-11-15".to_owned(),
            estimated_input: None,
        },
        status: 200,
        outcome: Outcome::Ok,
        latency_us: 2_000_000,
        ttfb_us: None,
        overhead_us: 80,
        replied_model: None,
        upstream_request_id: None,
        service_tier: None,
        geography: None,
        background_response: None,
        usage: Usage {
            tokens: PerBucket {
                input: Some(input),
                cached_input: Some(cached),
                cache_write_5m: Some(writes),
                output: Some(output),
                ..PerBucket::default()
            },
            reasoning: Some(reasoning),
            searches: Some(1),
            provider_total: None,
        },
        usage_mismatch: false,
        price_state: state,
        charge: Charge {
            total: (state != PriceState::Unpriced).then_some(total),
            cost: PerBucket {
                input: Some(cost(input)),
                cached_input: Some(cost(cached)),
                cache_write_5m: Some(cost(writes)),
                output: Some(cost(output)),
                ..PerBucket::default()
            },
            reasoning: Some(cost(reasoning)),
            searches: Some(searches),
            ..Charge::default()
        },
    }
}

/// A console with two providers, one that was deleted, and calls of the last four months.
async fn with_calls() -> (Browser, Vec<Call>) {
    let mut browser = Browser::signed_in().await;
    for name in ["Main", "Spare", "Old"] {
        let fields = [
            ("do", "save"),
            ("display_name", name),
            ("type", "openai_compatible"),
            ("openai_compatible.base_url", "http://llm.example/v1"),
        ];
        browser.post("/new-provider", &fields).await.is(303);
    }
    let calls: Vec<Call> = (0..90)
        .map(|number| call(number, 1 + number * number * 23))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let (_, reader) = Journal::open(&folder.path().join("journal"), SyncPolicy::Off).unwrap();
    let mut writer = Writer::new(browser.store.clone(), reader).unwrap();
    let entries = calls
        .iter()
        .cloned()
        .map(|call| Entry::Finish(Box::new(call)));
    writer
        .record(entries.collect(), Position::default())
        .await
        .unwrap();
    let gone = [("confirm", "old")];
    browser.post("/providers/old/delete", &gone).await.is(303);
    (browser, calls)
}

/// What stands between two texts, the first time.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before}"));
    rest.split_once(after).unwrap().0
}

/// The cells of the rows of a chart's table, the head's first, the foot's last.
fn table(page: &Page, chart: &str) -> Vec<Vec<String>> {
    let table = between(&page.text, &format!("id=\"{chart}-table\""), "</table>");
    let rows = table.split("<tr>").skip(1);
    rows.map(|row| {
        let cells = row
            .split("<t")
            .skip(1)
            .filter(|cell| cell.starts_with(['h', 'd']));
        let cells = cells.filter(|cell| !cell.starts_with("head"));
        let cells = cells.map(|cell| cell.split_once('>').unwrap().1.split('<').next().unwrap());
        cells.map(|cell| cell.replace("&#x27;", "'")).collect()
    })
    .collect()
}

/// A figure without its separators and its point.
fn nano(figure: &str) -> i64 {
    let figure = figure.replace(',', "");
    match figure.split_once('.') {
        None => figure.parse().unwrap(),
        Some((whole, decimals)) => format!("{whole}{decimals:0<9}").parse().unwrap(),
    }
}

/// Spend, requests and tokens of calls.
fn sums<'a>(calls: impl Iterator<Item = &'a Call>) -> [i64; 3] {
    calls.fold([0; 3], |[spend, requests, tokens], call| {
        [
            spend + call.charge.total.map_or(0, |total| total.0),
            requests + 1,
            tokens + i64::try_from(call.usage.total_tokens()).unwrap(),
        ]
    })
}

/// The totals of a page, once its tables add up: cells to rows, rows and columns to the total, parts of the
/// spend to the spend, and each CSV is its table.
async fn totals(browser: &mut Browser, query: &str) -> [i64; 3] {
    let page = browser.get(&format!("/usage{query}")).await;
    page.is(200);
    let mut totals = [0; 3];
    for (place, chart) in ["spend", "requests", "tokens"].into_iter().enumerate() {
        if !page.text.contains(&format!("id=\"{chart}-table\"")) {
            continue;
        }
        let rows = table(&page, chart);
        let (foot, body) = rows[1..].split_last().unwrap();
        let total = nano(foot.last().unwrap());
        let mut columns = vec![0; foot.len() - 1];
        for row in body {
            let cells: Vec<i64> = row[1..].iter().map(|cell| nano(cell)).collect();
            let (sum, series) = cells.split_last().unwrap();
            if !series.is_empty() {
                assert_eq!(series.iter().sum::<i64>(), *sum, "{query} {row:?}");
            }
            for (column, cell) in columns.iter_mut().zip(&cells) {
                *column += cell;
            }
        }
        let told: Vec<i64> = foot[1..].iter().map(|cell| nano(cell)).collect();
        assert_eq!(columns, told, "{query} {chart}");
        totals[place] = total;
        let csv = browser.get(&format!("/usage/{chart}.csv{query}")).await;
        csv.is(200);
        let lines: Vec<&str> = csv.text.split_terminator("\r\n").collect();
        let of_csv: Vec<i64> = lines[1..]
            .iter()
            .map(|line| nano(line.rsplit(',').next().unwrap()))
            .collect();
        let of_page: Vec<i64> = body.iter().map(|row| nano(row.last().unwrap())).collect();
        assert_eq!(of_csv, of_page, "{query} {chart}");
        for line in &lines[1..] {
            let cells: Vec<i64> = line.split(',').skip(1).map(nano).collect();
            let (sum, series) = cells.split_last().unwrap();
            assert!(
                series.is_empty() || series.iter().sum::<i64>() == *sum,
                "{line}"
            );
        }
    }
    let parts = between(&page.text, "<dl class=\"sum\">", "</dl>");
    let parts: Vec<i64> = parts
        .split("<dd>$")
        .skip(1)
        .map(|part| nano(part.split('<').next().unwrap()))
        .collect();
    assert_eq!(parts[0], totals[0], "{query}");
    assert_eq!(parts[1..6].iter().sum::<i64>(), totals[0], "{query}");
    assert!(parts[6] <= parts[4], "reasoning is a part of output");
    totals
}

fn minutes_since(call: &Call) -> i64 {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    i64::try_from(now.as_secs()).unwrap() / 60 - call.start.started_at.as_second() / 60
}

#[tokio::test]
async fn every_range_and_grouping_shows_the_sums_of_its_rows() {
    let (mut browser, calls) = with_calls().await;
    let day = 24 * 60;
    // How long a range is at least and at most, wherever today has come to.
    for (range, least, most) in [
        ("24h", 22 * 60, day),
        ("7d", 6 * day, 7 * day),
        ("14d", 13 * day, 14 * day),
        ("30d", 29 * day, 30 * day),
        ("90d", 89 * day, 90 * day),
        ("mtd", 0, 31 * day),
        ("qtd", 0, 92 * day),
        ("ytd", 0, 366 * day),
    ] {
        let [shortest, longest] = [least, most + 61]
            .map(|minutes| sums(calls.iter().filter(|call| minutes_since(call) <= minutes)));
        let mut of_range = None;
        for group in ["provider", "model", "agent", "user", "none", "token"] {
            let told = totals(&mut browser, &format!("?range={range}&group_by={group}")).await;
            for place in 0..3 {
                assert!(
                    (shortest[place]..=longest[place]).contains(&told[place]),
                    "{range} {group}: {told:?} is not between {shortest:?} and {longest:?}"
                );
            }
            assert_eq!(*of_range.get_or_insert(told), told, "{range} {group}");
        }
        let by_type = totals(&mut browser, &format!("?range={range}&group_by=token_type")).await;
        let all = of_range.unwrap();
        assert_eq!(by_type, [all[0], 0, all[2]], "{range}");
    }
}

#[tokio::test]
async fn every_filter_alone_and_together_leaves_its_rows() {
    let (mut browser, calls) = with_calls().await;
    let all = "?customStart=2020-01-01&group_by=model";
    let is = |value: &Option<String>, name: &str| value.as_deref() == Some(name);
    let priced = |call: &&Call| call.charge.total.is_some();
    type Takes = fn(&Call) -> bool;
    let filters: [(&str, Takes); 12] = [
        ("", |_| true),
        ("&provider=main", |call| {
            call.start.provider.as_str() == "main"
        }),
        ("&provider=main&provider=old", |call| {
            call.start.provider.as_str() != "spare"
        }),
        ("&provider.not=old", |call| {
            call.start.provider.as_str() != "old"
        }),
        ("&model=%3Down", |call| {
            call.start.model.as_deref() == Some("=own")
        }),
        ("&agent=support-bot", |call| {
            call.start.agent.as_deref() == Some("support-bot")
        }),
        ("&agent=", |call| call.start.agent.is_none()),
        ("&agent.not=", |call| call.start.agent.is_some()),
        ("&user=ada&user=", |call| {
            call.start.user.is_none() || call.start.user.as_deref() == Some("ada")
        }),
        ("&token=01932c07-0000-7000-8000-000000000001", |call| {
            call.start.token.is_some()
        }),
        ("&provider=spare&agent.not=code-review&user=bo", |call| {
            call.start.provider.as_str() == "spare"
                && call.start.agent.as_deref() != Some("code-review")
                && call.start.user.as_deref() == Some("bo")
        }),
        ("&token.not=&model.not=qwen&compare=previous", |call| {
            call.start.token.is_some() && call.start.model.as_deref() != Some("qwen")
        }),
    ];
    for (filter, takes) in filters {
        let told = totals(&mut browser, &format!("{all}{filter}")).await;
        assert_eq!(
            told,
            sums(calls.iter().filter(|call| takes(call))),
            "{filter}"
        );
    }
    let money = |part: fn(&Call) -> Option<NanoUsd>| -> i64 {
        calls
            .iter()
            .filter(priced)
            .filter_map(part)
            .map(|cost| cost.0)
            .sum()
    };
    let [spend, requests, tokens] = totals(&mut browser, &format!("{all}&cost_type=cached")).await;
    assert_eq!(
        (spend, requests),
        (money(|call| call.charge.cost.cached_input), 0)
    );
    let cached = calls
        .iter()
        .filter_map(|call| call.usage.tokens.cached_input)
        .sum::<u64>();
    assert_eq!(u64::try_from(tokens).unwrap(), cached);
    let [reasoning, ..] = totals(&mut browser, &format!("{all}&token_type=reasoning")).await;
    assert_eq!(reasoning, money(|call| call.charge.reasoning));
    browser
        .get(&format!("/usage{all}&token_type=reasoning"))
        .await
        .says("A request cannot be split by token type or cost type.");
    assert!(calls.iter().any(|call| is(&call.start.model, "=own")));
}

#[tokio::test]
async fn what_the_total_leaves_out_is_told_with_the_way_there() {
    let (mut browser, calls) = with_calls().await;
    let unpriced = calls
        .iter()
        .filter(|call| call.charge.total.is_none())
        .count();
    let page = browser
        .get("/usage?customStart=2020-01-01&agent.not=probe&cost_type=input")
        .await;
    page.says(&format!("and {unpriced} unpriced calls"));
    let badge = page
        .text
        .split('<')
        .find(|tag| tag.contains("\"badge warn\""));
    let way = between(badge.unwrap(), "href=\"", "\"").replace("&amp;", "&");
    assert!(
        way.starts_with(
            "/calls?agent.not=probe&price_state=unpriced&from=2020-01-01T00:00:00&to=20"
        ),
        "{way}"
    );
    let listed = browser.get(&way).await;
    listed.is(200).says_not("cannot be used");
    assert_eq!(listed.text.matches("<tr id=\"call-").count(), unpriced);
    let estimated = calls
        .iter()
        .filter(|call| call.price_state == PriceState::Estimated)
        .count();
    page.says(&format!("{estimated} estimated"));
    page.says("/usage/report?customStart=2020-01-01&amp;agent.not=probe&amp;cost_type=input\"");
}

#[tokio::test]
async fn deleted_providers_stay_and_top_lists_narrow() {
    let (mut browser, _) = with_calls().await;
    // Whatever its place was: those that there are come first, and have each their own.
    let page = browser
        .get("/usage?customStart=2020-01-01&compare=previous")
        .await;
    page.is(200)
        .says("Old (deleted)")
        .says(">deleted</span>")
        .says("swatch ty-compatible h2\"")
        .says("href=\"/usage?customStart=2020-01-01&amp;compare=previous&amp;provider=old\"")
        .says("href=\"/usage?customStart=2020-01-01&amp;compare=previous&amp;agent=\"")
        .says("Stop comparing");
    let listed = browser.get("/calls?provider=old").await;
    listed.says("swatch ty-compatible h2\"");
    // The series of a model have the colours of the palette, the others are one. There are charts only where
    // their script was built: `cargo xtask wasm`.
    let page = browser
        .get("/usage?customStart=2020-01-01&group_by=model")
        .await;
    page.says("swatch pal-8")
        .says("swatch pal-rest")
        .says(">2 more<");
    let csv = browser
        .get("/usage/spend.csv?customStart=2020-01-01&group_by=model")
        .await;
    let head = csv.text.lines().next().unwrap();
    assert_eq!(head.split(',').count(), 12, "{head}");
    assert!(
        head.starts_with("start,") && head.ends_with(",total") && head.contains(",'=own,"),
        "{head}"
    );
    let disposition = csv.header("content-disposition");
    assert!(
        disposition.starts_with("attachment; filename=\"weir-spend-by-model-2020-01-01-to-"),
        "{disposition}"
    );
    assert_eq!(csv.header("cache-control"), "no-store");
    assert!(
        csv.header("content-type")
            .starts_with("text/csv; charset=utf-8")
    );
}

#[tokio::test]
async fn an_agent_leaves_only_the_providers_that_it_used() {
    let (mut browser, _) = with_calls().await;
    let offered = |page: &Page| {
        let panel = between(&page.text, "id=\"filter-provider\"", "</form>");
        let boxes = panel
            .split("type=\"checkbox\" name=\"provider\" value=\"")
            .skip(1);
        let mut boxes: Vec<String> = boxes
            .map(|rest| rest.split('"').next().unwrap().to_owned())
            .collect();
        boxes.sort();
        boxes
    };
    let page = browser
        .get("/usage?customStart=2020-01-01&provider=main")
        .await;
    assert_eq!(offered(&page), ["main", "old", "spare"]);
    // The calls of this day for which no agent was named are of two providers.
    for query in ["?range=24h&agent=", "?range=24h&agent=&provider=main"] {
        let page = browser.get(&format!("/usage{query}")).await;
        assert_eq!(offered(&page), ["main", "spare"], "{query}");
    }
    let page = browser
        .get("/usage?range=24h&agent=nobody&provider=main")
        .await;
    page.says("No call of this range fits the filters.");
    assert_eq!(offered(&page), ["main"], "what is chosen stays on offer");
}

#[tokio::test]
async fn an_address_that_is_no_good_says_so_and_loses_nothing() {
    let (mut browser, _) = with_calls().await;
    for (query, words) in [
        ("?range=8d&agent=probe", "There is no such range."),
        (
            "?customStart=2026-11-08&customEnd=2026-11-01&agent=probe",
            "its end must be after its beginning",
        ),
        (
            "?customStart=soon&agent=probe",
            "The beginning of the range cannot be read.",
        ),
        (
            "?group_by=moon&agent=probe",
            "The calls cannot be grouped so: Use one of:",
        ),
        (
            "?provider=UPPER&agent=probe",
            "The filter provider cannot be used:",
        ),
        (
            "?cost_type=air&agent=probe",
            "The filter cost type cannot be used:",
        ),
        ("?compare=last&agent=probe", "only with the period before"),
        (
            "?customStart=0001-01-01&agent=probe",
            "the range has more than",
        ),
    ] {
        let page = browser.get(&format!("/usage{query}")).await;
        page.is(400);
        assert!(
            page.text.to_lowercase().contains(&words.to_lowercase()),
            "{query}: {}",
            page.text
        );
        page.says("Remove the filter Agent probe");
        let csv = browser.get(&format!("/usage/spend.csv{query}")).await;
        csv.is(400);
    }
    let page = browser.get("/usage?customStart=soon&customEnd=later").await;
    page.says("value=\"soon\"").says("value=\"later\"");
}

#[tokio::test]
async fn forms_lead_on_to_a_plain_address() {
    let mut browser = Browser::signed_in().await;
    let page = browser
        .get("/usage?range=7d&agent=a&agent=b&agent.how=not&user.add=&user.how=is")
        .await;
    assert_eq!(
        page.is(303).leads_to(),
        "/usage?range=7d&agent.not=a&agent.not=b"
    );
}

#[tokio::test]
async fn without_any_call_the_page_teaches() {
    let mut browser = Browser::signed_in().await;
    browser
        .get("/usage")
        .await
        .is(200)
        .says("No calls yet")
        .says("aria-current=\"page\" data-key=\"g u\"");
    let csv = browser.get("/usage/tokens.csv?range=7d").await;
    assert_eq!(csv.is(200).text.lines().count(), 8);
    let (mut browser, _) = with_calls().await;
    browser
        .get("/usage?customStart=2020-01-01&customEnd=2020-02-01")
        .await
        .is(200)
        .says("There was no call in this range.");
}

#[tokio::test]
async fn figures_elsewhere_lead_here() {
    let (mut browser, _) = with_calls().await;
    let week = "href=\"/usage?provider=main&amp;range=7d\"";
    browser
        .get("/providers/main")
        .await
        .says("View more")
        .says(week);
    browser.get("/providers").await.says(week);
    browser.get("/find?q=cost").await.says("Cost &amp; Usage");
}
