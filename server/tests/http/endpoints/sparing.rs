//! What is asked of endpoints, and what not: nothing is done twice, no error is lost, and none is forgotten that a
//! client did not wait for.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    NAMES, chat, health,
    place::{Does, Place},
    places, rows,
};
use crate::support::{World, a_chat, world, world_with};

fn asked(places: &[Place]) -> usize {
    places.iter().map(Place::asked).sum()
}

async fn status(world: &World, path: &str, body: &Value) -> u16 {
    let call = world.call("several", path, body);
    call.send().await.unwrap().status().as_u16()
}

async fn read(world: &World, path: &str) -> u16 {
    let url = world.url(&format!("/llm/v1/providers/several{path}"));
    let read = world.client.get(url).header("x-weir-token", &world.token);
    read.send().await.unwrap().status().as_u16()
}

async fn allow_other_paths(world: &World) {
    let allowed = json!({ "other_paths": true });
    world
        .api(Method::PATCH, "/api/v1/providers/several", allowed)
        .await;
}

#[tokio::test]
async fn what_may_have_begun_is_not_begun_elsewhere() {
    let body = json!({ "model": "gpt-5-mini", "input": "Hello" });
    let mut background = body.clone();
    background["background"] = json!(true);
    for (path, body, fails_with, asks) in [
        ("/batches", &body, 504, 1),
        ("/batches", &body, 500, 1),
        ("/batches", &body, 503, 3),
        ("/batches", &body, 429, 3),
        ("/responses", &background, 504, 1),
        ("/responses", &background, 503, 3),
        ("/responses", &body, 504, 3),
        ("/chat/completions", &a_chat(), 504, 3),
    ] {
        let world = world().await;
        let places = places(&world).await;
        allow_other_paths(&world).await;
        for place in &places {
            place.does(Does::Fail(fails_with, ""));
        }
        assert_eq!(status(&world, path, body).await, fails_with, "{path}");
        assert_eq!(asked(&places), asks, "{path} {fails_with}");
    }
}

#[tokio::test]
async fn an_error_that_is_cut_off_is_still_an_answer() {
    for (path, fails_with, asks) in [
        ("/batches", 500, 1),
        ("/batches", 503, 3),
        ("/chat/completions", 500, 3),
    ] {
        let world = world().await;
        let places = places(&world).await;
        allow_other_paths(&world).await;
        for place in &places {
            place.does(Does::CutOff(fails_with));
        }
        assert_eq!(status(&world, path, &a_chat()).await, fails_with, "{path}");
        assert_eq!(asked(&places), asks, "{path} {fails_with}");
    }
}

#[tokio::test]
async fn an_error_whose_words_do_not_come_holds_up_no_call() {
    let world = world_with(&["--idle-timeout", "1s"]).await;
    let places = places(&world).await;
    places[0].does(Does::Stall(503));
    assert_eq!(chat(&world, &a_chat()).await.status(), 200);
    assert_eq!(health(&world).await, [false, true, true]);
    let rows = rows(&world, 2).await;
    assert_eq!(
        (&rows[1]["endpoint"], &rows[1]["status"]),
        (&json!("one"), &json!(503))
    );
    assert_eq!(rows[0]["attempt_of"], rows[1]["id"]);
}

#[tokio::test]
async fn one_that_hangs_is_passed_over_though_no_client_waits_so_long() {
    // As it is with the usual limits: a call that nobody waits for is given up before the first-byte timeout.
    let world = world_with(&["--drain-timeout", "1s"]).await;
    let places = places(&world).await;
    places[0].does(Does::KeepSilent);
    let call = world
        .call("several", "/chat/completions", &a_chat())
        .timeout(Duration::from_millis(300));
    assert!(call.send().await.unwrap_err().is_timeout());
    let began = Instant::now();
    while health(&world).await != [false, true, true] {
        assert!(began.elapsed() < Duration::from_secs(5), "nobody noticed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Nor does its trial keep others waiting.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    for _ in 0..2 {
        let call = world
            .call("several", "/chat/completions", &a_chat())
            .timeout(Duration::from_millis(300));
        let _the_first_is_the_trial = call.send().await;
    }
    assert_eq!(asked(&places), 3);
    assert_eq!(places[0].asked(), 2);
}

#[tokio::test]
async fn one_that_dies_with_connections_that_are_kept_fails_no_call() {
    let world = world().await;
    let mut places = places(&world).await;
    for _ in 0..6 {
        assert_eq!(chat(&world, &a_chat()).await.status(), 200);
    }
    places[0].close().await;
    for n in 0..12 {
        assert_eq!(chat(&world, &a_chat()).await.status(), 200, "call {n}");
    }
    assert_eq!(health(&world).await, [false, true, true]);
}

#[tokio::test]
async fn all_are_back_soon_after_a_failure_of_all() {
    let world = world().await;
    let places = places(&world).await;
    for place in &places {
        place.does(Does::Fail(503, ""));
    }
    for _ in 0..30 {
        assert_eq!(chat(&world, &a_chat()).await.status(), 503);
    }
    for place in &places {
        place.does(Does::Answer);
    }
    // However many calls failed in the meantime: a second, or two where a trial was among them.
    let began = Instant::now();
    while health(&world).await != [true, true, true] {
        assert!(
            began.elapsed() < Duration::from_secs(8),
            "they do not come back"
        );
        assert_eq!(chat(&world, &a_chat()).await.status(), 200);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn that_others_have_not_got_it_is_no_answer_while_one_fails() {
    let world = world().await;
    let places = places(&world).await;
    places[0].does(Does::Fail(503, ""));
    // Nobody remembers it: the one that may have it fails, the others have it not.
    assert_eq!(read(&world, "/responses/resp_one").await, 503);
    assert_eq!(asked(&places), 3);
    // Passed over, it is asked all the same.
    places[0].does(Does::Answer);
    assert_eq!(read(&world, "/responses/resp_one").await, 200);
    assert_eq!(read(&world, "/responses/resp_nobody").await, 404);
}

#[tokio::test]
async fn an_error_that_is_about_something_else_passes_at_once() {
    let world = world().await;
    let places = places(&world).await;
    let body =
        json!({ "model": "gpt-5-mini", "input": "More", "previous_response_id": "resp_three" });
    for place in &places {
        place.does(Does::Fail(400, ""));
    }
    assert_eq!(status(&world, "/responses", &body).await, 400);
    assert_eq!(asked(&places), 1);
    for place in &places {
        place.does(Does::Answer);
    }
    assert_eq!(status(&world, "/responses", &body).await, 200);
}

#[tokio::test]
async fn what_one_of_them_keeps_is_looked_for_at_each() {
    let world = world().await;
    let places = places(&world).await;
    allow_other_paths(&world).await;
    for place in &places {
        place.does(Does::Fail(404, ""));
    }
    for _ in NAMES {
        assert_eq!(read(&world, "/files/file_1").await, 404);
    }
    assert_eq!(asked(&places), 9);
    places[2].does(Does::Answer);
    assert_eq!(read(&world, "/files/file_1").await, 200);
    assert_eq!(health(&world).await, [true, true, true]);
}
