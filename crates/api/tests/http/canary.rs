//! No value of a secret and no token stands in any answer but the one that shows it once.

use http::Method;
use serde_json::json;

use crate::app::{App, TOKEN, ask, every_route};

const CANARY: &str = "sk-canary-8d21";

#[tokio::test]
async fn no_answer_repeats_a_secret() {
    let app = App::new().await;
    let mut answers = vec![
        app.put("/api/v1/secrets/KEY", json!({"value": CANARY}))
            .await,
        app.put(
            "/api/v1/secrets/KEY",
            json!({"value": format!("{CANARY}\n")}),
        )
        .await,
        app.put("/api/v1/secrets/KEY", json!({"value": [CANARY]}))
            .await,
        app.put("/api/v1/secrets/KEY", json!({"values": CANARY}))
            .await,
        app.post(
            "/api/v1/providers",
            json!({"display_name": "Main", "type": "openai", "api_key": "KEY"}),
        )
        .await,
        app.post(
            "/api/v1/providers",
            json!({"display_name": "X", "type": "openai", "api_key": CANARY}),
        )
        .await,
        app.post(
            "/api/v1/providers",
            json!({"display_name": "X", "type": CANARY, "enabled": CANARY}),
        )
        .await,
        app.patch("/api/v1/providers/main", json!({"api_key": CANARY}))
            .await,
        app.patch(
            "/api/v1/providers/main",
            json!({"base_url": format!("https://user:{CANARY}@x/")}),
        )
        .await,
        app.post(
            "/api/v1/providers/main/test",
            json!({"model": "a", "authorization": CANARY}),
        )
        .await,
        app.post(
            "/api/v1/tokens",
            json!({"name": "ci", "expires_at": CANARY}),
        )
        .await,
        app.delete("/api/v1/secrets/KEY").await,
    ];
    let created = app
        .post("/api/v1/tokens", json!({"name": "ci"}))
        .await
        .json(201);
    for (method, path) in every_route() {
        if method == Method::GET {
            answers.push(app.send(ask(method, path, None)).await);
        }
    }
    let plain = created["token"].as_str().unwrap();
    for answer in answers {
        for hidden in [CANARY, plain, TOKEN] {
            let headers = format!("{:?}", answer.headers);
            assert!(
                !answer.text.contains(hidden) && !headers.contains(hidden),
                "{}",
                answer.text
            );
        }
    }
}
