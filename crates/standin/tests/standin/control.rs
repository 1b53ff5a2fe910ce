//! Bedrock's control plane, called with a bearer key.

use crate::client::Bench;

#[tokio::test]
async fn models_say_how_they_are_served() {
    let bench = Bench::new().await;
    let list = bench.openai("/foundation-models", "", &[]).await.json();
    let models = list["modelSummaries"].as_array().unwrap();
    let types = |id: &str| {
        let model = models.iter().find(|model| model["modelId"] == id);
        model.unwrap()["inferenceTypesSupported"][0].clone()
    };
    assert_eq!(types("anthropic.claude-3-haiku-20240307-v1:0"), "ON_DEMAND");
    assert_eq!(types("anthropic.claude-opus-5-5"), "INFERENCE_PROFILE");
}

#[tokio::test]
async fn profiles_come_in_pages_and_alone() {
    let bench = Bench::new().await;
    let mut ids = Vec::new();
    let mut path = "/inference-profiles?maxResults=3".to_owned();
    loop {
        let page = bench.openai(&path, "", &[]).await.json();
        for profile in page["inferenceProfileSummaries"].as_array().unwrap() {
            ids.push(profile["inferenceProfileId"].as_str().unwrap().to_owned());
        }
        match page["nextToken"].as_str() {
            Some(next) => path = format!("/inference-profiles?maxResults=3&nextToken={next}"),
            None => break,
        }
    }
    assert_eq!(ids.len(), 7);
    let one = format!("/inference-profiles/{}", ids[0].replace(':', "%3A"));
    let one = bench.openai(&one, "", &[]).await.json();
    assert_eq!(one["inferenceProfileId"], ids[0].as_str());
    let arn = one["models"][0]["modelArn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:bedrock:us-east-1::foundation-model/amazon."));

    let own = "/inference-profiles?type=APPLICATION";
    let own = bench.openai(own, "", &[]).await.json();
    let arn = own["inferenceProfileSummaries"][0]["inferenceProfileArn"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = arn.replace(':', "%3A").replace('/', "%2F");
    let path = format!("/inference-profiles/{path}");
    let found = bench.openai(&path, "", &[]).await.json();
    assert_eq!(found["type"], "APPLICATION");
    let nobody = bench.openai("/inference-profiles/none", "", &[]).await;
    assert_eq!(nobody.status, 404);
    let kind = nobody.header("x-amzn-errortype");
    assert!(kind.starts_with("ResourceNotFoundException"));
}

#[tokio::test]
async fn guardrails_have_versions() {
    let bench = Bench::new().await;
    for (path, status) in [
        ("/guardrails/gr1", 200),
        ("/guardrails/gr1?guardrailVersion=2", 200),
        ("/guardrails/gr1?guardrailVersion=DRAFT", 200),
        ("/guardrails/gr1?guardrailVersion=20", 404),
        ("/guardrails/gr-missing", 404),
    ] {
        assert_eq!(bench.openai(path, "", &[]).await.status, status, "{path}");
    }
}
