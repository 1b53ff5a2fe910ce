//! The manners of the servers that speak OpenAI's API.

use serde_json::{Value, json};

use crate::client::{Answer, Bench};

const CHAT: &str = "/v1/chat/completions";
const STREAM: &str = r#"{"model":"cached","messages":[{"role":"user","content":"How high is the river at the weir today, and yesterday?"}],"stream":true,"max_tokens":4,"reasoning_effort":"low"}"#;

fn plain() -> String {
    STREAM.replace("\"stream\":true,", "")
}

fn with_usage() -> String {
    STREAM.replace(
        "\"stream\":true",
        "\"stream\":true,\"stream_options\":{\"include_usage\":true}",
    )
}

async fn ask(bench: &Bench, host: &str, body: &str) -> Answer {
    bench.openai(CHAT, body, &[("x-standin-host", host)]).await
}

/// The usage of a plain answer, and the input's count.
async fn usage(bench: &Bench, host: &str) -> (Value, u64) {
    let answer = ask(bench, host, &plain()).await;
    let body: Value = serde_json::from_slice(&answer.bytes()).unwrap();
    let usage = body["usage"].clone();
    let prompt = usage["prompt_tokens"].as_u64().unwrap();
    (usage, prompt)
}

#[tokio::test]
async fn each_server_counts_in_its_own_way() {
    let bench = Bench::new().await;
    for host in [
        "groq",
        "deepseek",
        "mistral",
        "fireworks",
        "cerebras",
        "sambanova",
        "vllm",
    ] {
        let (usage, prompt) = usage(&bench, host).await;
        assert_eq!(usage["completion_tokens"], 4, "{host}");
        assert_eq!(usage["total_tokens"], prompt + 4);
        let cached = &usage["prompt_tokens_details"]["cached_tokens"];
        assert_eq!(cached, &json!(prompt / 5 * 3));
        assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 2);
    }
    for host in ["together", "ollama", "mlflow", "databricks"] {
        let (usage, prompt) = usage(&bench, host).await;
        assert_eq!(usage["total_tokens"], prompt + 4, "{host}");
        assert!(usage.get("prompt_tokens_details").is_none());
    }
    let (groq, _) = usage(&bench, "groq").await;
    assert!(groq["queue_time"].is_f64());
    let (deepseek, prompt) = usage(&bench, "deepseek").await;
    let hit = deepseek["prompt_cache_hit_tokens"].as_u64().unwrap();
    let miss = deepseek["prompt_cache_miss_tokens"].as_u64().unwrap();
    assert_eq!(hit + miss, prompt);
    let (xai, prompt) = usage(&bench, "xai").await;
    assert_eq!(xai["completion_tokens"], 2);
    assert_eq!(xai["total_tokens"], prompt + 4);
    assert_eq!(xai["completion_tokens_details"]["reasoning_tokens"], 2);
    let (together, _) = usage(&bench, "together").await;
    assert!(together["cached_tokens"].is_u64());
    let (databricks, prompt) = usage(&bench, "databricks").await;
    assert_eq!(databricks["cache_read_input_tokens"], prompt / 5 * 3);
    assert_eq!(databricks["reasoning_tokens"], 2);
    assert!(databricks.get("cache_creation_input_tokens").is_none());
    let (sambanova, _) = usage(&bench, "sambanova").await;
    assert_eq!(sambanova["is_last_response"], true);
    let deep = plain().replace("\"cached\"", "\"sonar-deep-research\"");
    let perplexity = ask(&bench, "perplexity", &deep).await.json()["usage"].clone();
    for name in ["citation_tokens", "num_search_queries", "reasoning_tokens"] {
        assert!(perplexity[name].is_u64(), "{name}");
    }
    let fireworks = ask(&bench, "fireworks", &plain()).await;
    assert_ne!(fireworks.header("fireworks-prompt-tokens"), "");
    let cerebras = ask(&bench, "cerebras", &plain()).await.json();
    assert!(cerebras["time_info"].is_object());
}

#[tokio::test]
async fn usage_stands_where_the_server_puts_it() {
    let bench = Bench::new().await;
    for host in ["mistral", "together", "fireworks", "cerebras", "perplexity"] {
        let chunks = ask(&bench, host, STREAM).await.event_json();
        let last = chunks.last().unwrap();
        assert_eq!(last["choices"][0]["finish_reason"], "stop", "{host}");
        assert!(last["usage"]["total_tokens"].is_u64());
        assert!(
            chunks[..chunks.len() - 1]
                .iter()
                .all(|chunk| chunk.get("usage").is_none())
        );
    }
    for host in [
        "groq",
        "deepseek",
        "xai",
        "sambanova",
        "databricks",
        "ollama",
    ] {
        let without = ask(&bench, host, STREAM).await.event_json();
        assert!(without.last().unwrap().get("usage").is_none(), "{host}");
        let with = ask(&bench, host, &with_usage()).await.event_json();
        let last = with.last().unwrap();
        assert_eq!(last["choices"], json!([]));
        assert!(last["usage"]["total_tokens"].is_u64());
    }
    for body in [STREAM.to_owned(), with_usage()] {
        let groq = ask(&bench, "groq", &body).await.event_json();
        let finish = groq
            .iter()
            .find(|chunk| chunk["choices"][0]["finish_reason"] == "stop")
            .unwrap();
        assert!(finish["x_groq"]["usage"]["total_tokens"].is_u64());
    }
    let every = with_usage().replace(
        "\"include_usage\":true",
        "\"include_usage\":true,\"continuous_usage_stats\":true",
    );
    let chunks = ask(&bench, "vllm", &every).await.event_json();
    assert!(
        chunks
            .iter()
            .all(|chunk| chunk["usage"]["total_tokens"].is_u64())
    );
}

#[tokio::test]
async fn the_other_manners_are_kept_too() {
    let bench = Bench::new().await;
    let refused = ask(&bench, "mistral", &with_usage()).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.any_json()["object"], "error");
    let stream = ask(&bench, "deepseek", STREAM).await;
    assert!(stream.text().starts_with(": keep-alive\n\n"));
    let plain = ask(&bench, "deepseek", &plain()).await;
    assert!(plain.text().starts_with('\n'));
    plain.json();
    for (host, status, member, value) in [
        ("databricks", "429", "error_code", "REQUEST_LIMIT_EXCEEDED"),
        ("mlflow", "400", "error_code", "BAD_REQUEST"),
        ("mistral", "429", "type", "rate_limited"),
    ] {
        let wishes = [("x-standin-host", host), ("x-standin-status", status)];
        let error = bench.openai(CHAT, STREAM, &wishes).await.any_json();
        assert_eq!(error[member], value, "{host}");
    }
    let wish = [("x-standin-host", "nobody")];
    assert_eq!(bench.openai(CHAT, STREAM, &wish).await.status, 400);
}

#[tokio::test]
async fn served_models_are_called_by_their_path() {
    let bench = Bench::new().await;
    let body = r#"{"messages":[],"max_tokens":3}"#;
    let answer = bench.openai("/invocations", body, &[]).await.json();
    assert_eq!(answer["usage"]["completion_tokens"], 3);
    let path = "/serving-endpoints/my-model/invocations";
    let answer = bench.openai(path, body, &[]).await.json();
    assert_eq!(answer["model"], "my-model");
    let body = r#"{"messages":[],"stream":true,"stream_options":{"include_usage":true}}"#;
    let chunks = bench.openai(path, body, &[]).await.event_json();
    assert!(chunks.last().unwrap()["usage"].is_object());
    let path = "/serving-endpoints/missing/invocations";
    let missing = bench.openai(path, body, &[]).await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.any_json()["error_code"], "RESOURCE_DOES_NOT_EXIST");
    for path in ["/ping", "/health", "/version"] {
        assert_eq!(bench.openai(path, "", &[]).await.status, 200);
    }
}

#[tokio::test]
async fn lists_of_models_have_each_servers_shape() {
    let bench = Bench::new().await;
    let list = async |path: &str| bench.openai(path, "", &[]).await.json();
    let together = list("/as/together/v1/models").await;
    assert!(together[0]["pricing"]["input"].is_f64());
    assert!(list("/as/vllm/v1/models").await["data"][0]["max_model_len"].is_u64());
    let mistral = list("/as/mistral/v1/models").await;
    assert!(mistral["data"][0]["max_context_length"].is_u64());
    let fireworks = list("/as/fireworks/inference/v1/models").await;
    let id = fireworks["data"][0]["id"].as_str().unwrap();
    assert!(id.starts_with("accounts/fireworks/models/"));
    let databricks = list("/api/2.0/serving-endpoints").await;
    assert_eq!(databricks["endpoints"][0]["task"], "llm/v1/chat");
    let ollama = list("/as/ollama/api/tags").await;
    assert_eq!(ollama["models"][0]["name"], "llama3.2:latest");
    for name in [
        "groq",
        "deepseek",
        "xai",
        "cerebras",
        "sambanova",
        "perplexity",
        "ollama",
        "mlflow",
    ] {
        let models = list(&format!("/as/{name}/v1/models")).await;
        assert!(models["data"][0]["id"].is_string(), "{name}");
        let wish = [("x-standin-host", name)];
        let wished = bench.openai("/v1/models", "", &wish).await.json();
        assert_eq!(wished, models);
    }
}
