//! The whole way through: first start, sign-in, providers, calls, usage, transcripts with search, re-pricing,
//! retention, every page of the console, and the commands.

use std::time::{Duration, Instant};

use pgserver::TestDatabase;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    program::{said, weir},
    support::{ADMIN_TOKEN, World, a_chat, a_message, start, streamed, world_with},
};

/// The pages, as far as their addresses do not hang on what is there.
const PAGES: &[&str] = &[
    "/providers",
    "/providers?q=openai&sort=spend",
    "/new-provider",
    "/new-provider?type=bedrock",
    "/providers/openai-main",
    "/providers/openai-main/models",
    "/providers/openai-main/connect",
    "/providers/openai-main/activity",
    "/providers/openai-main/edit",
    "/secrets",
    "/new-secret",
    "/secrets/UPSTREAM_KEY",
    "/tokens",
    "/new-token",
    "/usage",
    "/usage?group_by=model&range=24h&compare=previous",
    "/usage?group_by=token_type&range=90d&agent=nobody",
    "/usage?group_by=user&provider.not=openai-main",
    "/usage/spend.csv?group_by=model",
    "/usage/requests.csv",
    "/usage/tokens.csv?range=7d",
    "/usage/report",
    "/usage/report.csv?range=7d&bucket=total&by=model",
    "/usage/report?provider=openai-main&agent.not=&by=user&by=agent&customStart=2026-11-01",
    "/calls",
    "/calls?price_state=unpriced",
    "/calls?follow=on&agent.not=nobody&cost_above=0.0001&latency_above=1",
    "/transcripts",
    "/transcripts?q=hello",
    "/transcripts/delete",
    "/transcripts/delete?provider=openai-main",
    "/repricing",
    "/repricing/new",
    "/audit",
    "/audit?kind=provider&object=openai-main",
    "/settings",
    "/settings/people",
    "/settings/people/new",
    "/settings/api-tokens",
    "/settings/storage",
    "/settings/api-tokens/new",
    "/settings/transcripts",
    "/settings/catalog",
    "/settings/catalog/changes",
    "/find?q=openai",
    "/find/list?q=openai",
    "/keys",
    "/keys/list",
    "/account/password",
];

async fn signed_in(world: &World) -> String {
    let link = world.weir.first_link.as_ref().unwrap();
    let (_, secret) = link.split_once("link=").unwrap();
    let welcome = world.client.post(world.url("/welcome"));
    let welcome = welcome
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!(
            "link={secret}&name=ada&password=correct+horse+battery"
        ))
        .send()
        .await
        .unwrap();
    assert_eq!(welcome.status(), StatusCode::SEE_OTHER);
    let cookies = welcome.headers().get_all("set-cookie").iter();
    let session = cookies.map(|cookie| cookie.to_str().unwrap());
    let mut session = session.filter(|cookie| cookie.starts_with("weir_session="));
    let session = session.next().unwrap();
    session.split(';').next().unwrap().to_owned()
}

async fn every_page(world: &World, more: &[String]) {
    let cookie = signed_in(world).await;
    for path in PAGES.iter().copied().chain(more.iter().map(String::as_str)) {
        let page = world.client.get(world.url(path)).header("cookie", &cookie);
        let page = page.send().await.unwrap();
        let status = page.status();
        let text = page.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
    }
}

/// Asks again until it is so.
async fn until(world: &World, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let answer = world.get(path).await;
        if is_so(&answer) {
            return answer;
        }
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "{path}: {answer}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn call(world: &World, provider: &str, path: &str, body: &Value) {
    let answer = world.call(provider, path, body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.bytes().await.unwrap();
}

/// Prices what was unpriced, by a rate that comes later.
async fn reprice(world: &World) -> String {
    let rate =
        json!({ "models": [{ "id": "unpriced-model", "rates": { "input": "3", "output": "4" } }] });
    let provider = "/api/v1/providers/compatible-main";
    world.api(Method::PATCH, provider, rate).await;
    let asked = json!({ "from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "only_unpriced": true });
    let asked = world.api(Method::POST, "/api/v1/repricings", asked).await;
    let path = format!("/api/v1/repricings/{}", asked["id"].as_str().unwrap());
    let seen = until(world, &path, |it| it["state"] == "ready").await;
    assert_eq!(seen["totals"]["changed"], 2, "{seen}");
    let apply = json!({ "fingerprint": seen["fingerprint"] });
    world
        .api(Method::POST, &format!("{path}/apply"), apply)
        .await;
    let done = until(world, &path, |it| it["state"] == "applied").await;
    assert_eq!(done["calls_changed"], 2, "{done}");
    format!("/repricing/{}", asked["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn weir_does_with_postgres_what_it_does_with_sqlite() {
    let database = TestDatabase::in_the_server_of_all();
    let url = database.url();
    let mut world = world_with(&["--database-url", &url]).await;
    let data = world.data.path().join("weir");
    let recording = json!({ "record_inputs": true, "record_outputs": true });
    let provider = "/api/v1/providers/openai-main";
    world.api(Method::PATCH, provider, recording).await;
    for _ in 0..3 {
        call(&world, "openai-main", "/chat/completions", &a_chat()).await;
        let stream = streamed(a_chat());
        call(&world, "openai-main", "/chat/completions", &stream).await;
        call(&world, "anthropic-main", "/v1/messages", &a_message()).await;
    }
    let unpriced = json!({ "model": "unpriced-model", "messages": [] });
    for _ in 0..2 {
        call(&world, "compatible-main", "/chat/completions", &unpriced).await;
    }
    assert_eq!(world.rows_when(11).await.len(), 11);
    let usage = "/api/v1/usage?metric=requests&group_by=provider&bucket=month\
                 &from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z";
    assert_eq!(world.get(usage).await["total"], 11);
    let repricing = reprice(&world).await;

    // Words are found in what was said.
    let found = until(&world, "/api/v1/conversations?q=hello", |page| {
        !page["items"].as_array().unwrap().is_empty()
    })
    .await;
    let conversation = found["items"][0]["id"].as_str().unwrap().to_owned();
    let nothing = world.get("/api/v1/conversations?q=nothinglikeit").await;
    assert_eq!(nothing["items"], json!([]));
    let days = json!({ "keep_calls_days": 30, "keep_transcripts_days": 7, "report_time_zone": "Europe/Berlin" });
    world.api(Method::PATCH, "/api/v1/settings", days).await;
    let system = world.get("/api/v1/system").await;
    assert_eq!(system["database"]["kind"], "postgres", "{system}");

    let token = world.get("/api/v1/tokens").await;
    let newest = world.rows().await[0]["id"].as_str().unwrap().to_owned();
    let more = [
        repricing,
        format!("/transcripts/{conversation}"),
        format!("/transcripts/{conversation}/export?format=raw"),
        format!("/transcripts/{conversation}/export?format=openai"),
        format!("/tokens/{}", token["items"][0]["id"].as_str().unwrap()),
        format!("/calls?open={newest}"),
    ];
    every_page(&world, &more).await;

    // Commands beside the Weir that runs, and while it is stopped.
    let balance = said(&["ledger", "verify"], &data, &url);
    assert!(
        balance.starts_with("the books balance: 11 calls, "),
        "{balance}"
    );
    let link = said(&["admin", "link"], &data, &url);
    assert!(link.contains("/welcome?link="), "{link}");
    let checked = tokio::task::spawn_blocking({
        let address = format!("http://{}", world.weir.address);
        move || {
            let mut check = std::process::Command::new(env!("CARGO_BIN_EXE_weir"));
            check
                .env_clear()
                .env("WEIR_ADMIN_TOKEN", ADMIN_TOKEN)
                .args(["check", "--provider", "openai-main", "--model"])
                .args(["gpt-5-mini", "--url", &address])
                .output()
                .unwrap()
        }
    });
    let checked = checked.await.unwrap();
    let told = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert!(checked.status.success(), "{told} {checked:?}");
    let compacted = weir(&["ledger", "compact"], &data, &url).output().unwrap();
    assert!(!compacted.status.success(), "Weir runs");
    let rows = world.rows_when(12).await.len();
    world.weir.stop();
    world.weir.ended().await;
    let compacted = said(&["ledger", "compact"], &data, &url);
    assert!(
        compacted.contains("The database is Postgres"),
        "{compacted}"
    );
    let rotated = said(&["rotate-master-key"], &data, &url);
    assert!(rotated.contains("master.key"), "{rotated}");

    // The next start has everything.
    let flags = ["--database-url".to_owned(), url.clone()];
    world.weir = start(&world.data, &flags).await;
    assert_eq!(world.rows().await.len(), rows);
    call(&world, "openai-main", "/chat/completions", &a_chat()).await;
    world.rows_when(rows + 1).await;
    let again = said(&["ledger", "verify"], &data, &url);
    assert!(
        again.starts_with(&format!("the books balance: {} calls, ", rows + 1)),
        "{again}"
    );
}
