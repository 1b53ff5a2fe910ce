//! The page of the full report, and its file.

use crate::{
    browser::Browser,
    calls::{call, record},
};

async fn browser() -> Browser {
    let browser = Browser::signed_in().await;
    let calls = [
        call(0, |_| {}),
        call(1, |it| it.start.agent = None),
        call(2, |it| it.start.model = Some("=gpt".to_owned())),
    ];
    record(&browser, &calls).await;
    browser
}

const RANGE: &str = "customStart=2026-11-19&customEnd=2026-11-20";

#[tokio::test]
async fn an_address_of_cost_and_usage_fills_the_form() {
    let mut browser = browser().await;
    let page = browser
        .get(&format!(
            "/usage/report?{RANGE}&group_by=agent&provider=main&agent.not=&cost_type=cache_writes&compare=previous"
        ))
        .await;
    page.is(200)
        .says("formaction=\"/usage/report.csv\"")
        .says("Remove the filter Provider main")
        .says("Remove the filter Agent is not no agent")
        .says("Remove the filter Cost type Cache writes")
        .says("name=\"agent.not.none\" value=\"on\"")
        .says("value=\"2026-11-19T00:00:00\"")
        .says("value=\"agent\" checked")
        .says_not("value=\"model\" checked");
}

#[tokio::test]
async fn the_file_is_what_the_form_says() {
    let mut browser = browser().await;
    let file = browser
        .get(&format!(
            "/usage/report.csv?{RANGE}&range=14d&bucket=total&by=none&by=agent&by=model"
        ))
        .await;
    file.is(200);
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"weir-usage-by-total-2026-11-19-to-2026-11-19.csv\""
    );
    let first: Vec<String> = file
        .text
        .lines()
        .map(|line| line.split(',').take(5).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        first,
        [
            "start model agent calls requests",
            "2026-11-19T00:00:00+00:00 '=gpt bot 1 1",
            "2026-11-19T00:00:00+00:00 gpt-4o  1 1",
            "2026-11-19T00:00:00+00:00 gpt-4o bot 1 1",
        ]
    );
    let narrowed = format!("/usage/report.csv?{RANGE}&by=none&agent.none=on");
    let narrowed = browser.get(&narrowed).await;
    assert_eq!(narrowed.text.lines().count(), 2);
}

#[tokio::test]
async fn what_cannot_be_answered_leads_to_the_page_that_says_why() {
    let mut browser = browser().await;
    let query = "by=none&by=outcome&by=agent&range=7d";
    let file = browser.get(&format!("/usage/report.csv?{query}")).await;
    file.is(303);
    let to = file.leads_to().to_owned();
    assert_eq!(to, format!("/usage/report?{query}"));
    browser
        .get(&to)
        .await
        .is(400)
        .says("only together with provider and model")
        .says("value=\"outcome\" checked");
    browser
        .get("/usage/report?customStart=soon")
        .await
        .is(400)
        .says("The beginning of the range cannot be read.");
}

#[tokio::test]
async fn nobody_without_a_session_has_it() {
    let mut browser = browser().await;
    browser.forget_cookies();
    for path in ["/usage/report", "/usage/report.csv"] {
        let answer = browser.get(path).await;
        assert!(answer.leads_to().starts_with("/sign-in"), "{path}");
    }
}
