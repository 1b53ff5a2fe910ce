//! What somebody tries who has one gateway token and means ill.

use reqwest::Method;
use serde_json::{Value, json};
use tracing::Level;

use crate::support::{ADMIN_TOKEN, Log, World, a_chat, call_id, raw, world};

/// A request written byte by byte, with the token, to a path as it stands here.
async fn status_of(world: &World, target: &str, headers: &str) -> u16 {
    let token = &world.token;
    let request = format!(
        "GET {target} HTTP/1.1\r\nhost: weir.example\r\nx-weir-token: {token}\r\nconnection: close\r\n{headers}\r\n"
    );
    raw(world.weir.address, request.as_bytes()).await.status
}

#[tokio::test]
async fn no_path_leads_out_of_the_providers_api() {
    let world = world().await;
    for provider in [
        "openai-main",
        "compatible-main",
        "anthropic-main",
        "google-main",
        "bedrock-main",
    ] {
        let open = json!({ "other_paths": true });
        let path = format!("/api/v1/providers/{provider}");
        let (status, _) = world.try_api(Method::PATCH, &path, open).await;
        assert!(status.is_success() || status == 404, "{provider}: {status}");
        for path in [
            "/../admin",
            "/v1/../../admin",
            "/%2e%2e/admin",
            "/%2E%2e%2fadmin",
            "/.%2e/admin",
            "/a/..%2fadmin",
            "/a/..%5cadmin",
            "/a/..\\admin",
            "/%252e%252e/admin",
            "/a/%2e/admin",
            "/a/./admin",
            "/a/..;/admin",
            "/a/..;x=y/admin",
            "//evil.example/admin",
            "/a//admin",
            "/a/%00admin",
            "/a/%0d%0aadmin",
            "/a/%xadmin",
            "/a/%2",
            "/%c0%ae%c0%ae%2fadmin",
            "/a%23/../admin",
        ] {
            let target = format!("/llm/v1/providers/{provider}{path}");
            let status = status_of(&world, &target, "").await;
            assert!((400..=404).contains(&status), "{target}: {status}");
        }
    }
    for target in [
        "/llm/v1/providers/openai-main@evil.example/models",
        "/llm/v1/providers/..%2fopenai-main/models",
        "/llm/v1/providers/%6fpenai-main%2f..%2f/models",
        "/llm/v1/providers/../providers/openai-main/models",
        "/llm/../api/v1/secrets",
        "/llm/%2e%2e/api/v1/secrets",
        "//llm/v1/providers/openai-main/models",
        "*",
    ] {
        let status = status_of(&world, target, "").await;
        assert!((303..=404).contains(&status), "{target}: {status}");
    }
    let went_up: Vec<String> = world
        .upstream
        .requests()
        .into_iter()
        .map(|it| it.path_and_query)
        .collect();
    assert!(went_up.is_empty(), "{went_up:?}");
}

#[tokio::test]
async fn no_method_shows_what_goes_up_or_makes_a_tunnel() {
    let world = world().await;
    let path = "/api/v1/providers/openai-main";
    let (status, _) = world
        .try_api(Method::PATCH, path, json!({ "other_paths": true }))
        .await;
    assert!(status.is_success(), "{status}");
    for method in [
        "TRACE", "CONNECT", "TRACK", "DEBUG", "PROPFIND", "post", "PRI", "X-Y",
    ] {
        for below in ["/files", "/chat/completions", "/models"] {
            let token = &world.token;
            let request = format!(
                "{method} /llm/v1/providers/openai-main{below} HTTP/1.1\r\nhost: x\r\nx-weir-token: {token}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            );
            let answer = raw(world.weir.address, request.as_bytes()).await;
            assert_eq!(answer.status, 501, "{method} {below}: {}", answer.head);
        }
    }
    assert!(world.upstream.requests().is_empty());
}

#[tokio::test]
async fn the_host_that_a_caller_names_decides_nothing() {
    let world = world().await;
    let path = "/llm/v1/providers/openai-main/models";
    for (target, headers) in [
        (format!("http://evil.example{path}"), ""),
        (
            path.to_owned(),
            "x-forwarded-host: evil.example\r\nforwarded: host=evil.example\r\n",
        ),
    ] {
        assert_eq!(status_of(&world, &target, headers).await, 200, "{target}");
    }
    let went_up = world.upstream.requests();
    assert_eq!(went_up.len(), 2);
    for request in went_up {
        let host = request.headers["host"].to_str().unwrap();
        assert!(world.upstream.base_url().ends_with(host), "{host}");
        assert!(
            request.path_and_query.ends_with("/models"),
            "{}",
            request.path_and_query
        );
    }
    let found = world
        .client
        .get(world.url("/llm/v1/providers/openai-main/.well-known/weir"))
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-weir-token", &world.token);
    let found = found.send().await.unwrap().text().await.unwrap();
    assert!(
        found.contains("openai-main") && !found.contains("evil.example"),
        "{found}"
    );
}

#[tokio::test]
async fn a_body_that_is_framed_in_two_ways_is_no_second_request() {
    let world = world().await;
    let (token, path) = (
        &world.token,
        "/llm/v1/providers/openai-main/chat/completions",
    );
    let body = a_chat().to_string();
    let hidden = format!(
        "POST {path}?hidden HTTP/1.1\r\nhost: x\r\nx-weir-token: {token}\r\ncontent-length: 2\r\n\r\n{{}}"
    );
    let begin = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nx-weir-token: {token}\r\ncontent-type: application/json\r\nconnection: close\r\n"
    );
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for (headers, sent) in [
        // Both lengths: the chunks count, and what follows them is no part of the request.
        (
            format!(
                "content-length: {}\r\ntransfer-encoding: chunked\r\n",
                chunk.len() + hidden.len()
            ),
            format!("{chunk}{hidden}"),
        ),
        (
            format!("content-length: {}\r\ncontent-length: 5\r\n", body.len()),
            body.clone(),
        ),
        ("content-length: +5\r\n".to_owned(), body.clone()),
        ("content-length: 0x5\r\n".to_owned(), body.clone()),
        (
            "transfer-encoding: chunked, identity\r\n".to_owned(),
            chunk.clone(),
        ),
        ("transfer-encoding: xchunked\r\n".to_owned(), chunk.clone()),
        ("transfer-encoding : chunked\r\n".to_owned(), chunk.clone()),
        (
            "x-folded: a\r\n transfer-encoding: chunked\r\n".to_owned(),
            chunk.clone(),
        ),
    ] {
        let request = format!("{begin}{headers}\r\n{sent}");
        let answer = raw(world.weir.address, request.as_bytes()).await;
        assert!(
            answer.status == 200 || (400..=501).contains(&answer.status),
            "{headers}: {}",
            answer.head
        );
    }
    for request in world.upstream.requests() {
        assert!(
            !request.path_and_query.contains("hidden"),
            "a request was smuggled up"
        );
        assert_eq!(request.body.as_ref(), body.as_bytes());
        let framing = (
            request.headers.contains_key("transfer-encoding"),
            request.headers.contains_key("content-length"),
        );
        assert_ne!(framing, (true, true), "a body goes up framed in one way");
    }
}

#[tokio::test]
async fn what_a_caller_says_of_itself_or_of_weir_does_not_count() {
    let world = world().await;
    let chosen = "01932c07-0000-7000-8000-000000000000";
    let response = world
        .chat(&a_chat())
        .header("x-weir-call-id", chosen)
        .header("x-weir-provider", "anthropic-main")
        .header("x-api-key", "sk-of-the-caller")
        .header("api-key", "sk-of-the-caller")
        .header("openai-organization", "org-of-the-caller")
        .header("proxy-authorization", "Basic eDp5")
        .header("cookie", "weir_session=x")
        .header("connection", "x-secret-hop, authorization")
        .header("x-http-method-override", "DELETE")
        .header("x-original-url", "/v1/files")
        .header("x-secret-hop", "1")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let id = call_id(response.headers());
    assert_ne!(id, chosen);
    world.row(&id).await;
    let up = world.upstream.requests().pop().unwrap();
    for name in [
        "x-weir-call-id",
        "x-weir-provider",
        "x-weir-token",
        "proxy-authorization",
        "cookie",
        "x-secret-hop",
        "x-http-method-override",
        "x-original-url",
    ] {
        assert!(!up.headers.contains_key(name), "{name} went up");
    }
    let authorizations: Vec<_> = up.headers.get_all("authorization").iter().collect();
    assert_eq!(authorizations.len(), 1);
}

#[tokio::test]
async fn a_token_of_applications_opens_nothing_else() {
    let world = world().await;
    for path in [
        "/api/v1/secrets",
        "/api/v1/calls",
        "/api/v1/transcripts/x",
        "/api/openapi.json",
        "/api/docs",
        "/metrics",
    ] {
        for (name, value) in [
            ("authorization", format!("Bearer {}", world.token)),
            ("x-weir-token", world.token.clone()),
            ("x-api-key", world.token.clone()),
        ] {
            let response = world
                .client
                .get(world.url(path))
                .header(name, value)
                .send()
                .await
                .unwrap();
            let refused = response.status() == 401
                || response.url().path().starts_with("/welcome")
                || response.status() == 303;
            assert!(refused, "{path} with {name}: {}", response.status());
        }
    }
    // Nor does the admin token, or what looks like a token of a person, make model calls.
    for token in [ADMIN_TOKEN, "wra_x", "wr_", ""] {
        let call = world
            .client
            .post(world.url("/llm/v1/providers/openai-main/chat/completions"))
            .bearer_auth(token)
            .json(&a_chat());
        assert_eq!(call.send().await.unwrap().status(), 401, "{token:?}");
    }
    assert!(world.upstream.requests().is_empty());
}

#[tokio::test]
async fn a_packed_body_is_not_unpacked() {
    let world = world().await;
    for coding in ["gzip", "br", "zstd", "deflate", "gzip, gzip"] {
        let call = world
            .call("openai-main", "/chat/completions", &json!({}))
            .header("content-encoding", coding)
            .body(vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
        let response = call.send().await.unwrap();
        assert!(
            (400..=415).contains(&response.status().as_u16()),
            "{coding}: {}",
            response.status()
        );
    }
    assert!(world.upstream.requests().is_empty());
    let (status, _) = {
        let request = world
            .client
            .post(world.url("/api/v1/tokens"))
            .bearer_auth("wrong")
            .header("content-encoding", "gzip")
            .body(vec![0x1f, 0x8b, 8, 0]);
        let response = request.send().await.unwrap();
        (response.status(), ())
    };
    assert_eq!(status, 401);
}

#[tokio::test]
async fn nobody_writes_lines_or_escapes_of_their_own_into_the_log() {
    let log = Log::keep(Level::DEBUG);
    let world = world().await;
    let evil =
        "gpt-5\n2026-11-20T00:00:00Z  INFO forged: line\r\n\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m";
    let mut body = a_chat();
    body["model"] = json!(evil);
    let answer = world
        .chat(&body)
        .header("x-weir-agent", "a\tb")
        .send()
        .await
        .unwrap();
    assert!(
        answer.status() == 200 || answer.status() == 403,
        "{}",
        answer.status()
    );
    for target in [
        "/llm/v1/providers/x%0aINFO%20forged:%20line%1b%5b2J/models",
        "/llm/v1/providers/openai-main/%0aINFO%20forged:%20line",
        "/sign-in?next=%0aforged%1b",
        "/nowhere/%0aforged:%20line%1b",
    ] {
        status_of(
            &world,
            target,
            "x-weir-user: \u{9b}31m\r\nuser-agent: a\u{9b}b\r\n",
        )
        .await;
    }
    let (status, _) = world
        .try_api(
            Method::PUT,
            "/api/v1/secrets/X%0Aforged:%20line",
            json!({ "value": "v" }),
        )
        .await;
    assert!(status.is_client_error(), "{status}");
    let (status, _) = world
        .try_api(
            Method::POST,
            "/api/v1/tokens",
            json!({ "name": "a\nforged: line\u{1b}[2J" }),
        )
        .await;
    assert!(status.is_client_error(), "{status}");
    world.weir.stop();
    world.weir.ended().await;
    let text = log.text();
    assert!(text.contains("Refused a request"), "{text}");
    for line in text.lines() {
        assert!(
            line.starts_with("20") && !line.starts_with("2026-11-20T00:00:00Z"),
            "a line of somebody's own: {line:?}"
        );
    }
    let control = text
        .chars()
        .find(|letter| letter.is_control() && *letter != '\n');
    assert_eq!(control, None, "{text:?}");
}

#[tokio::test]
async fn a_limit_of_fields_and_sizes_holds_for_texts_about_the_caller() {
    let world = world().await;
    let long = "u".repeat(7000);
    let response = world
        .chat(&a_chat())
        .header("x-weir-agent", "<img src=x onerror=alert(1)>")
        .header("x-weir-user", &long)
        .header("x-weir-conversation", "'; DROP TABLE calls; --")
        .send()
        .await
        .unwrap();
    let id = call_id(response.headers());
    if response.status() == 200 {
        let row: Value = world.row(&id).await;
        assert!(
            row["user"].as_str().unwrap_or_default().len() <= 2048,
            "{row}"
        );
    } else {
        assert_eq!(response.status(), 400);
    }
    assert!(world.rows().await.len() <= 1);
}
