//! What a re-pricing leaves as it is, and what it tells where it cannot go on.

use admin::{AdminError, repricing::RateState};
use domain::{NanoUsd, provider::ProviderType};
use serde_json::json;

use crate::{
    app::{App, told, who},
    repricing::{
        AT, apply, balanced, call, computed, override_rate, priced, provider, record, rows, totals,
    },
};

#[tokio::test]
async fn what_nobody_can_believe_stays_unpriced_whatever_the_rates() {
    let app = App::with_secret().await;
    provider(&app, None).await;
    let mut made_up = call("main", "own-model", AT);
    made_up.usage.tokens.input = Some(1_000_000_000_000_000_000);
    // At the dearest rate there is: a hundred thousand million dollars.
    let mut dear = call("main", "own-model", "2026-11-10T10:00:01Z");
    dear.usage.tokens.input = Some(100_000_000_000 / 1_000);
    let usual = call("main", "own-model", "2026-11-10T10:00:02Z");
    record(&app, &[made_up, dear, usual]).await;

    override_rate(&app, "2").await;
    let seen = computed(&app, json!({})).await;
    // The second of them costs 200 dollars and a little at this rate.
    assert_eq!(totals(&seen).changed, 2);
    assert_eq!(
        totals(&seen).after_usd,
        NanoUsd(200_002_000_000 + 2_002_000_000)
    );
    override_rate(&app, "1000000").await;
    let seen = computed(&app, json!({})).await;
    assert_eq!(
        (totals(&seen).changed, totals(&seen).after_usd),
        (0, NanoUsd::ZERO)
    );
    override_rate(&app, "2").await;
    let seen = computed(&app, json!({})).await;
    apply(&app, &seen).await.unwrap();
    app.admin.repricing().work().await.unwrap();
    // Nor does a rate that is far too high take away what they cost, or overflow a sum.
    override_rate(&app, "1000000").await;
    let seen = computed(&app, json!({})).await;
    assert_eq!((totals(&seen).changed, totals(&seen).kept), (0, 2));
    assert_eq!(totals(&seen).unpriced_after, 1);
    balanced(&app).await;
}

#[tokio::test]
async fn applying_it_twice_says_so_and_another_fingerprint_throws_nothing_away() {
    let app = App::with_secret().await;
    provider(&app, Some("2")).await;
    record(&app, &[call("main", "own-model", AT)]).await;
    let seen = computed(&app, json!({})).await;
    let (repricing, id) = (app.admin.repricing(), seen.repricing.id.to_string());
    let error = repricing.apply(&who(), &id, "mistyped").await.unwrap_err();
    assert_eq!(
        (told(&error).0, told(&error).1),
        (409, "fingerprint_differs")
    );
    let still = repricing.get(&who(), &id).await.unwrap();
    assert_eq!(still, seen);

    // Both at once, as by a double click: one is applied, the other learns that.
    let (one, two) = tokio::join!(apply(&app, &seen), apply(&app, &seen));
    let errors: Vec<AdminError> = [one, two].into_iter().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 1);
    assert_eq!(told(&errors[0]).1, "repricing_not_ready");
    let state = repricing.get(&who(), &id).await.unwrap().repricing.state;
    assert_eq!(state, "applying");
    repricing.work().await.unwrap();
    assert_eq!(
        rows(&app).await[0].charge.total,
        Some(NanoUsd(2_002_000_000))
    );
}

#[tokio::test]
async fn a_deleted_provider_leaves_its_calls_their_prices_and_its_region() {
    let app = App::with_secret().await;
    let of_bedrock = |at| {
        let mut call = call("gone", "amazon.nova-pro-v1:0", at);
        call.start.provider_type = ProviderType::Bedrock;
        call.start.endpoint = Some("bedrock-runtime.us-gov-east-1.amazonaws.com:443".to_owned());
        call
    };
    let unpriced = of_bedrock(AT);
    let had = priced(of_bedrock("2026-11-10T10:00:01Z"), 5);
    record(&app, &[unpriced, had]).await;
    let seen = computed(&app, json!({})).await;
    let all = totals(&seen);
    assert_eq!((all.changed, all.kept), (1, 1));
    // That region's 96 cents and 3.84 dollars a million, where others cost 80 cents and 3.20.
    assert_eq!(all.after_usd, NanoUsd(960_000_000 + 3_840_000 + 5));
}

#[tokio::test]
async fn half_a_rate_is_none() {
    let app = App::with_secret().await;
    let models = json!([
        {"id": "half", "rates": {"output": "2"}},
        {"id": "whole", "rates": {"input": "1", "output": "2"}},
        {"id": "alias", "price_as": "gpt-4o"},
    ]);
    app.create(json!({"display_name": "Main", "type": "openai", "api_key": "OPENAI_API_KEY", "models": models}))
        .await
        .unwrap();
    let repricing = app.admin.repricing();
    let state = |model| repricing.rate_state(&who(), "main", model);
    assert_eq!(state("half"), RateState::Missing);
    assert_eq!(state("whole"), RateState::Known);
    assert_eq!(state("alias"), RateState::Known);
    // A half that the catalog makes whole.
    assert_eq!(state("gpt-4o"), RateState::Known);
}

#[tokio::test]
async fn one_that_cannot_go_on_says_why_and_goes_on_when_it_can() {
    let app = App::with_secret().await;
    provider(&app, Some("2")).await;
    record(&app, &[call("main", "own-model", AT)]).await;
    let seen = computed(&app, json!({})).await;
    apply(&app, &seen).await.unwrap();
    let url = format!("sqlite:{}", app.dir.path().join("weir.db").display());
    let db = sea_orm::Database::connect(url).await.unwrap();
    let run = |sql: &'static str| sea_orm::ConnectionTrait::execute_unprepared(&db, sql);
    run("UPDATE calls SET outcome = 'unheard of'")
        .await
        .unwrap();
    let repricing = app.admin.repricing();
    repricing.work().await.unwrap_err();
    let id = seen.repricing.id.to_string();
    let stuck = repricing.get(&who(), &id).await.unwrap().repricing;
    assert_eq!(stuck.state, "applying");
    let error = stuck.error.unwrap();
    assert!(error.contains("a row of calls cannot be read"), "{error}");
    run("UPDATE calls SET outcome = 'ok'").await.unwrap();
    repricing.work().await.unwrap();
    let done = repricing.get(&who(), &id).await.unwrap().repricing;
    assert_eq!((done.state, done.error), ("applied", None));
}
