//! Several endpoints in one provider: their turns, what happens when some of them fail, and the rows.

mod place;
mod sparing;
mod tested;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use self::place::{Does, Place};
use crate::support::{World, a_chat, call_id, streamed, world, world_with};

const NAMES: [&str; 3] = ["one", "two", "three"];

/// A provider `several` with an endpoint at each of three places.
async fn places(world: &World) -> [Place; 3] {
    let [one, two, three] = NAMES;
    let places = [
        Place::open(one).await,
        Place::open(two).await,
        Place::open(three).await,
    ];
    let endpoints: Vec<Value> = places
        .iter()
        .map(|place| json!({ "name": place.name, "base_url": place.base_url(), "api_key": "UPSTREAM_KEY" }))
        .collect();
    let provider = json!({ "id": "several", "display_name": "Several", "type": "openai", "endpoints": endpoints });
    world.api(Method::POST, "/api/v1/providers", provider).await;
    places
}

async fn chat(world: &World, body: &Value) -> reqwest::Response {
    let call = world.call("several", "/chat/completions", body);
    call.send().await.unwrap()
}

/// The rows of the provider, newest first, once there are so many.
async fn rows(world: &World, count: usize) -> Vec<Value> {
    world.rows_when(count).await;
    // No more come.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let rows = world.rows().await;
    assert_eq!(rows.len(), count, "{rows:#?}");
    rows
}

/// The rows, once so many are of calls that were answered.
async fn answered_rows(world: &World, answered: usize) -> Vec<Value> {
    let began = Instant::now();
    loop {
        let rows = world.rows().await;
        let there = rows.iter().filter(|row| is_ok(row)).count();
        if there == answered {
            return rows;
        }
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{there} of {answered} have a row"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How many of the rows that fit each endpoint has.
fn shares(rows: &[Value], fits: impl Fn(&Value) -> bool) -> BTreeMap<String, usize> {
    let mut shares = BTreeMap::new();
    for row in rows.iter().filter(|row| fits(row)) {
        let name = row["endpoint"].as_str().unwrap().to_owned();
        *shares.entry(name).or_insert(0) += 1;
    }
    shares
}

fn is_ok(row: &Value) -> bool {
    row["outcome"] == "ok"
}

async fn health(world: &World) -> Vec<bool> {
    let told = world.get("/api/v1/providers/several/endpoints").await;
    let items = told["items"].as_array().unwrap();
    items.iter().map(|item| item["healthy"] == true).collect()
}

#[tokio::test]
async fn calls_go_to_each_in_turn_and_say_where_they_went() {
    let world = world().await;
    let places = places(&world).await;
    for n in 0..6 {
        let body = if n % 2 == 0 {
            a_chat()
        } else {
            streamed(a_chat())
        };
        let response = chat(&world, &body).await;
        assert_eq!(response.status(), 200);
        let text = response.text().await.unwrap();
        assert!(text.contains(NAMES[n % 3]), "call {n}: {text}");
    }
    let rows = rows(&world, 6).await;
    assert!(shares(&rows, is_ok).values().all(|share| *share == 2));
    for row in &rows {
        assert_eq!(
            (&row["attempt_of"], &row["price_state"]),
            (&Value::Null, &json!("priced"))
        );
    }
    let told = world.get("/api/v1/providers/several/endpoints").await;
    for (item, place) in told["items"].as_array().unwrap().iter().zip(&places) {
        assert_eq!(item["name"], place.name);
        assert_eq!(item["address"], place.base_url());
        assert_eq!(
            (&item["healthy"], &item["why"]),
            (&json!(true), &Value::Null)
        );
        assert_eq!(
            (&item["calls"], &item["failed_calls"]),
            (&json!(2), &json!(0))
        );
        // 10 × 0.25 + 5 × 2 = 12.5 µ$ for each.
        assert_eq!(item["spend_usd"], "0.000025000");
    }
    assert_eq!(told["only_newest"], false);
    let of_one = world
        .get("/api/v1/calls?provider=several&endpoint=one")
        .await;
    assert_eq!(of_one["items"].as_array().unwrap().len(), 2);
    let of_others = world
        .get("/api/v1/calls?provider=several&endpoint.not=one")
        .await;
    assert_eq!(of_others["items"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_dead_one_of_three_fails_no_call_and_comes_back_by_itself() {
    let world = world().await;
    let mut places = places(&world).await;
    places[1].close().await;
    for n in 0..40 {
        let body = if n % 2 == 0 {
            a_chat()
        } else {
            streamed(a_chat())
        };
        let response = chat(&world, &body).await;
        assert_eq!(response.status(), 200, "call {n}");
        response.bytes().await.unwrap();
    }
    assert_eq!(health(&world).await, [true, false, true]);
    let tried = answered_rows(&world, 40).await;
    let answered = shares(&tried, is_ok);
    assert_eq!(
        answered,
        BTreeMap::from([("one".to_owned(), 20), ("three".to_owned(), 20)])
    );
    let failed: Vec<&Value> = tried.iter().filter(|row| !is_ok(row)).collect();
    assert!(
        (1..10).contains(&failed.len()),
        "it was asked {} times",
        failed.len()
    );
    for row in &failed {
        assert_eq!(
            (&row["endpoint"], &row["outcome"]),
            (&json!("two"), &json!("upstream_error"))
        );
        assert_eq!(
            (&row["status"], &row["price_state"]),
            (&json!(502), &json!("not_billed"))
        );
        let next = tried.iter().find(|other| other["attempt_of"] == row["id"]);
        assert!(is_ok(next.expect("the call went on")));
    }
    places[1].open_again().await;
    let began = Instant::now();
    while health(&world).await != [true, true, true] {
        assert!(
            began.elapsed() < Duration::from_secs(70),
            "it does not come back"
        );
        assert_eq!(chat(&world, &a_chat()).await.status(), 200);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let before = places[1].asked();
    for _ in 0..9 {
        assert_eq!(chat(&world, &a_chat()).await.status(), 200);
    }
    assert_eq!(places[1].asked() - before, 3, "it has its turns again");
}

#[tokio::test]
async fn each_attempt_is_a_row_that_names_the_first() {
    let world = world().await;
    let places = places(&world).await;
    places[0].does(Does::Fail(500, ""));
    places[1].does(Does::HangUp);
    let response = chat(&world, &a_chat()).await;
    assert_eq!(response.status(), 200);
    let id = call_id(response.headers());
    let rows = rows(&world, 3).await;
    let [third, second, first] = &rows[..] else {
        panic!()
    };
    assert_eq!(third["id"], id.as_str(), "the attempt that answered");
    let of = |row: &Value| {
        (
            row["endpoint"].clone(),
            row["status"].clone(),
            row["attempt_of"].clone(),
        )
    };
    assert_eq!(of(first), (json!("one"), json!(500), Value::Null));
    assert_eq!(of(second), (json!("two"), json!(502), first["id"].clone()));
    assert_eq!(of(third), (json!("three"), json!(200), first["id"].clone()));
    for row in [first, second] {
        assert_eq!(
            (&row["price_state"], &row["cost_usd"]["total"]),
            (&json!("not_billed"), &Value::Null)
        );
    }
    assert_eq!(third["cost_usd"]["total"], "0.000012500");
    let day = first["started_at"]
        .as_str()
        .unwrap()
        .split('T')
        .next()
        .unwrap();
    let usage = format!(
        "/api/v1/usage?metric=requests&group_by=provider&bucket=hour&from={day}T00:00:00Z&to={day}T23:59:59Z"
    );
    let usage = world.get(&usage).await;
    assert_eq!(
        usage["total"].to_string().trim_matches('"'),
        "3",
        "each attempt is a request: {usage}"
    );
}

#[tokio::test]
async fn where_all_fail_the_last_ones_own_answer_passes() {
    let world = world().await;
    let places = places(&world).await;
    for place in &places {
        place.does(Does::Fail(503, "retry-after: 7\r\n"));
    }
    let response = chat(&world, &a_chat()).await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "7");
    let id = call_id(response.headers());
    let body = response.text().await.unwrap();
    assert!(body.contains("three is not well"), "{body}");
    let first = rows(&world, 3).await;
    assert_eq!(first[0]["id"], id.as_str());
    assert_eq!(health(&world).await, [false, false, false]);
    // All are passed over: the one whose time ends first is tried, and no other.
    let response = chat(&world, &a_chat()).await;
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["retry-after"]
        ),
        (503, &"7".parse().unwrap())
    );
    let asked: Vec<usize> = places.iter().map(Place::asked).collect();
    assert_eq!(asked, [2, 1, 1]);
}

#[tokio::test]
async fn where_none_is_reached_weir_says_so() {
    let world = world().await;
    let mut places = places(&world).await;
    for place in &mut places {
        place.close().await;
    }
    let response = chat(&world, &a_chat()).await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    let id = call_id(response.headers());
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], "upstream_unreachable");
    let rows = rows(&world, 3).await;
    assert_eq!(rows[0]["id"], id.as_str());
    assert!(rows.iter().all(|row| row["outcome"] == "upstream_error"));
}

#[tokio::test]
async fn an_answer_passes_before_a_refusal_of_weirs_own() {
    let world = world().await;
    let mut places = places(&world).await;
    places[0].does(Does::Fail(429, "retry-after: 3\r\n"));
    places[1].close().await;
    places[2].close().await;
    let response = chat(&world, &a_chat()).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "3");
    let id = call_id(response.headers());
    let rows = rows(&world, 3).await;
    assert_eq!(rows[2]["id"], id.as_str(), "the attempt that answered");
}

#[tokio::test]
async fn how_long_one_asks_to_be_left_alone_is_honoured() {
    let world = world().await;
    let places = places(&world).await;
    places[0].does(Does::Fail(429, "retry-after: 3\r\n"));
    let began = Instant::now();
    assert_eq!(chat(&world, &a_chat()).await.status(), 200);
    places[0].does(Does::Answer);
    let told = world.get("/api/v1/providers/several/endpoints").await;
    assert_eq!(told["items"][0]["why"], "it answered 429 Too Many Requests");
    assert_eq!(told["items"][0]["failed_in_a_row"], 1);
    while began.elapsed() < Duration::from_millis(2_800) {
        assert_eq!(chat(&world, &a_chat()).await.status(), 200);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(places[0].asked(), 1, "before its time is over");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(chat(&world, &a_chat()).await.status(), 200);
    assert_eq!(places[0].asked(), 2, "the next call is its trial");
    assert_eq!(health(&world).await, [true, true, true]);
}

#[tokio::test]
async fn other_errors_pass_at_once() {
    let world = world().await;
    let places = places(&world).await;
    for (status, place) in [(400, 0), (401, 1), (404, 2)] {
        places[place].does(Does::Fail(status, ""));
        assert_eq!(chat(&world, &a_chat()).await.status().as_u16(), status);
    }
    assert_eq!(health(&world).await, [true, true, true]);
    rows(&world, 3).await;
}

#[tokio::test]
async fn what_must_not_be_done_twice_is_not() {
    let world = world().await;
    let places = places(&world).await;
    world
        .api(
            Method::PATCH,
            "/api/v1/providers/several",
            json!({ "other_paths": true }),
        )
        .await;
    for place in &places {
        place.does(Does::HangUp);
    }
    for path in ["/responses", "/batches"] {
        let response = world.call("several", path, &a_chat()).send().await.unwrap();
        assert_eq!(response.status(), 502, "{path}");
    }
    assert_eq!(places.iter().map(Place::asked).sum::<usize>(), 2);
}

#[tokio::test]
async fn one_that_keeps_silent_is_passed_over_and_the_call_fails() {
    let world = world_with(&["--first-byte-timeout", "1s"]).await;
    let places = places(&world).await;
    places[0].does(Does::KeepSilent);
    assert_eq!(chat(&world, &a_chat()).await.status(), 504);
    assert_eq!(health(&world).await, [false, true, true]);
    rows(&world, 1).await;
}

#[tokio::test]
async fn a_stored_response_is_read_where_it_is() {
    let world = world().await;
    let places = places(&world).await;
    let body = json!({ "model": "gpt-5-mini", "input": "Hello" });
    for name in NAMES {
        let response = world
            .call("several", "/responses", &body)
            .send()
            .await
            .unwrap();
        let answer: Value = response.json().await.unwrap();
        assert_eq!(answer["id"], format!("resp_{name}"));
    }
    let read = async |world: &World, name: &str| {
        let url = world.url(&format!("/llm/v1/providers/several/responses/resp_{name}"));
        let read = world.client.get(url).header("x-weir-token", &world.token);
        read.send().await.unwrap().status()
    };
    let asked = |places: &[Place]| places.iter().map(Place::asked).sum::<usize>();
    for name in ["three", "one", "one", "two"] {
        assert_eq!(read(&world, name).await, 200, "{name}");
        let goes_on = json!({ "model": "gpt-5-mini", "input": "More", "previous_response_id": format!("resp_{name}") });
        let response = world
            .call("several", "/responses", &goes_on)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{name}");
    }
    assert_eq!(asked(&places), 3 + 8, "each went straight to its place");
    // Where it is, is the only place that can tell.
    places[2].does(Does::Fail(503, ""));
    assert_eq!(read(&world, "three").await, 503);
    places[2].does(Does::Answer);
    // Nobody remembers it any more: each is asked until one has it, and none is passed over.
    let world = world.restart().await;
    assert_eq!(read(&world, "three").await, 200);
    let goes_on =
        json!({ "model": "gpt-5-mini", "input": "More", "previous_response_id": "resp_two" });
    let response = world
        .call("several", "/responses", &goes_on)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(read(&world, "nobodys").await, 404);
    assert_eq!(health(&world).await, [true, true, true]);
}

#[tokio::test]
async fn faults_under_load_fail_no_call() {
    let world = world().await;
    let mut places = places(&world).await;
    let mut sent = 0;
    for round in 0..6 {
        match round {
            1 => places[0].close().await,
            2 => places[1].does(Does::Fail(503, "")),
            3 => {
                places[0].open_again().await;
                places[1].does(Does::HangUp);
            }
            4 => places[1].does(Does::Answer),
            5 => places[2].does(Does::Fail(429, "retry-after: 1\r\n")),
            _ => {}
        }
        if round == 3 {
            // So that its trial finds it well.
            tokio::time::sleep(Duration::from_millis(1_100)).await;
        }
        let calls = (0..50).map(|n| {
            let body = if n % 3 == 0 {
                streamed(a_chat())
            } else {
                a_chat()
            };
            let world = &world;
            async move { chat(world, &body).await.status() }
        });
        for status in join_all(calls).await {
            assert_eq!(status, 200, "round {round}");
        }
        sent += 50;
    }
    let rows = answered_rows(&world, sent).await;
    for row in rows.iter().filter(|row| !is_ok(row)) {
        let first = if row["attempt_of"].is_null() {
            &row["id"]
        } else {
            &row["attempt_of"]
        };
        let ends = rows
            .iter()
            .filter(|other| is_ok(other) && other["attempt_of"] == *first);
        assert_eq!(ends.count(), 1, "{row}");
    }
}

#[tokio::test]
async fn endpoints_can_be_replaced_and_their_secrets_are_in_use() {
    let world = world().await;
    let places = places(&world).await;
    world
        .api(
            Method::PUT,
            "/api/v1/secrets/OTHER",
            json!({ "value": "sk-other" }),
        )
        .await;
    let endpoints = json!([
        { "name": "one", "base_url": places[0].base_url(), "api_key": "OTHER" },
        { "name": "two", "base_url": places[1].base_url(), "api_key": "UPSTREAM_KEY" },
    ]);
    let changed = world
        .api(
            Method::PATCH,
            "/api/v1/providers/several",
            json!({ "endpoints": endpoints }),
        )
        .await;
    assert_eq!(changed["endpoints"], endpoints);
    assert!(changed.get("base_url").is_none() && changed.get("api_key").is_none());
    let (status, _) = world
        .try_api(Method::DELETE, "/api/v1/secrets/OTHER", Value::Null)
        .await;
    assert_eq!(status, StatusCode::CONFLICT, "an endpoint uses it");
    for _ in 0..4 {
        assert_eq!(chat(&world, &a_chat()).await.status(), 200);
    }
    assert_eq!(
        [places[0].asked(), places[1].asked(), places[2].asked()],
        [2, 2, 0]
    );
}

#[tokio::test]
async fn of_several_attempts_only_the_one_that_answers_is_recorded() {
    let world = world().await;
    let places = places(&world).await;
    let on = json!({ "record_inputs": true, "record_outputs": true });
    world
        .api(Method::PATCH, "/api/v1/providers/several", on)
        .await;
    places[0].does(Does::Fail(500, ""));
    places[1].does(Does::HangUp);
    let response = chat(&world, &a_chat()).await;
    let id = call_id(response.headers());
    response.bytes().await.unwrap();
    let began = Instant::now();
    loop {
        let rows = world.rows().await;
        let recorded: Vec<&Value> = rows
            .iter()
            .filter(|row| row["has_transcript"] == true)
            .map(|row| &row["id"])
            .collect();
        if rows.len() == 3 && recorded == [&json!(id)] {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{recorded:?} of {rows:#?}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn metrics_tell_of_endpoints_only_where_there_are_several() {
    let world = world().await;
    let places = places(&world).await;
    places[0].does(Does::Fail(500, ""));
    assert_eq!(chat(&world, &a_chat()).await.status(), 200);
    assert_eq!(world.chat(&a_chat()).send().await.unwrap().status(), 200);
    let request = world
        .client
        .get(world.url("/metrics"))
        .bearer_auth(crate::support::ADMIN_TOKEN);
    let text = request.send().await.unwrap().text().await.unwrap();
    for line in [
        r#"weir_endpoint_attempts_total{provider="several",endpoint="one",result="failed"} 1"#,
        r#"weir_endpoint_attempts_total{provider="several",endpoint="two",result="answered"} 1"#,
        r#"weir_endpoint_healthy{provider="several",endpoint="one"} 0"#,
        r#"weir_endpoint_healthy{provider="several",endpoint="three"} 1"#,
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains(r#"provider="openai-main",endpoint"#));
}
