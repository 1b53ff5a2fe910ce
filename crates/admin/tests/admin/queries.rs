//! Reading the parameters of addresses.

use admin::{
    AdminError, calls::CallQuery, catalog::ModelQuery, page::LIMIT_DEFAULT, usage::read_query,
};
use domain::{NanoUsd, Timestamp, call::Outcome, pricing::PriceState};
use store::{
    Choice,
    usage::{BucketSize, GroupBy, Metric},
};

use crate::app::told;

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// Checks that a query is refused with exactly these parameters and codes.
fn check_refused(result: Result<impl Sized, AdminError>, expected: &[(&str, &str)]) {
    let error = result.err().expect("it must be refused");
    let (status, code, fields) = told(&error);
    assert_eq!((status, code), (400, "invalid_query"));
    let expected: Vec<(String, &str)> = expected
        .iter()
        .map(|(field, code)| ((*field).to_owned(), *code))
        .collect();
    assert_eq!(fields, expected);
}

#[test]
fn calls_take_every_filter_of_their_page() {
    let query = CallQuery::read(
        "provider=a&provider=b&provider.not=c&model=gpt-4o&agent=&user.not=ada&token=\
         &outcome=ok&outcome=truncated&price_state=unpriced&status=4xx&since=2026-11-01T00:00:00Z\
         &until=2026-11-02T00:00:00%2B01:00&cost_above=0.05&latency_above=1500&limit=10",
    )
    .unwrap();
    let filter = query.filter;
    assert_eq!(
        (
            filter.providers.any_of.len(),
            filter.providers.none_of.len()
        ),
        (2, 1)
    );
    assert_eq!(filter.models.any_of, [Some("gpt-4o".to_owned())]);
    assert_eq!(
        filter.agents.any_of,
        [None],
        "an empty value is: without one"
    );
    assert_eq!(filter.users.none_of, [Some("ada".to_owned())]);
    assert_eq!(filter.tokens.any_of, [None]);
    assert_eq!(filter.outcomes.any_of, [Outcome::Ok, Outcome::Truncated]);
    assert_eq!(filter.price_states.any_of, [PriceState::Unpriced]);
    assert_eq!(filter.cost_above, Some(NanoUsd(50_000_000)));
    assert_eq!(filter.latency_above_us, Some(1_500_000));
    assert_eq!(filter.until, Some("2026-11-01T23:00:00Z".parse().unwrap()));
    assert_eq!(query.page.limit, 10);
    assert_eq!(CallQuery::read("").unwrap().page.limit, LIMIT_DEFAULT);
}

#[test]
fn every_wrong_parameter_of_calls_is_named() {
    check_refused(
        CallQuery::read(
            "provider=No%20Id&token=wr_abc&outcome=fine&price_state=free&operation=x&status=999&since=yesterday\
             &until=1&cost_above=-1&latency_above=fast&after=x&limit=1001&colour=red&limit.not=5",
        ),
        &[
            ("status", "invalid_status"),
            ("provider", "invalid_value"),
            ("token", "invalid_value"),
            ("outcome", "invalid_value"),
            ("price_state", "invalid_value"),
            ("operation", "invalid_value"),
            ("since", "invalid_time"),
            ("until", "invalid_time"),
            ("cost_above", "invalid_amount"),
            ("latency_above", "invalid_number"),
            ("after", "invalid_number"),
            ("limit", "invalid_limit"),
            ("colour", "unknown_parameter"),
            ("limit.not", "unknown_parameter"),
        ],
    );
    check_refused(
        CallQuery::read("since=2026-11-01T00:00:00Z&since=2026-11-02T00:00:00Z"),
        &[("since", "given_twice")],
    );
    check_refused(
        CallQuery::read("after=5&cursor=0"),
        &[("cursor", "not_together")],
    );
}

#[test]
fn limits_go_from_one_to_a_thousand() {
    for limit in ["0", "1001", "-1", "ten", "1e2"] {
        check_refused(
            CallQuery::read(&format!("limit={limit}")),
            &[("limit", "invalid_limit")],
        );
    }
    for limit in ["1", "1000"] {
        assert!(CallQuery::read(&format!("limit={limit}")).is_ok());
    }
}

#[test]
fn statuses_are_one_or_a_class() {
    let statuses = |query| CallQuery::read(query).unwrap().filter.statuses;
    assert_eq!(statuses("status=429"), Choice::only(429..=429));
    assert_eq!(statuses("status=5xx"), Choice::only(500..=599));
    assert_eq!(
        statuses("status=401&status=500").any_of,
        [401..=401, 500..=500]
    );
    let both = statuses("status=5xx&status.not=503&status.not=504");
    assert_eq!(both.any_of, [500..=599]);
    assert_eq!(both.none_of, [503..=503, 504..=504]);
    assert_eq!(statuses(""), Choice::default());
    check_refused(
        CallQuery::read("status.not=wrong"),
        &[("status.not", "invalid_status")],
    );
    for bad in ["6xx", "xx", "99", "600", "4x", "0xx", "a"] {
        check_refused(
            CallQuery::read(&format!("status={bad}")),
            &[("status", "invalid_status")],
        );
    }
}

#[test]
fn usage_has_sensible_defaults() {
    let query = read_query("", now()).unwrap();
    assert_eq!(
        (query.metric, query.group_by, query.bucket),
        (Metric::Spend, GroupBy::None, BucketSize::Day)
    );
    assert_eq!(
        (query.from, query.to),
        ("2026-11-13T12:00:00Z".parse().unwrap(), now())
    );
    assert_eq!(query.zone.name(), "UTC");
    for (from, bucket) in [
        ("2026-11-19T12:00:00Z", BucketSize::Hour),
        ("2026-08-25T12:00:00Z", BucketSize::Day),
        ("2026-01-01T00:00:00Z", BucketSize::Week),
        ("2024-01-01T00:00:00Z", BucketSize::Month),
    ] {
        assert_eq!(
            read_query(&format!("from={from}"), now()).unwrap().bucket,
            bucket,
            "{from}"
        );
    }
}

#[test]
fn every_wrong_parameter_of_usage_is_named() {
    check_refused(
        read_query(
            "metric=money&group_by=team&bucket=minute&from=x&to=y&tz=Mars/Olympus&provider=A&token_type=inputs&cost_type=x&status=200",
            now(),
        ),
        &[
            ("metric", "invalid_value"),
            ("group_by", "invalid_value"),
            ("bucket", "invalid_value"),
            ("from", "invalid_time"),
            ("to", "invalid_time"),
            ("tz", "invalid_time_zone"),
            ("provider", "invalid_value"),
            ("token_type", "invalid_value"),
            ("cost_type", "invalid_value"),
            ("status", "unknown_parameter"),
        ],
    );
}

#[test]
fn the_catalog_is_searched_by_type_and_preset() {
    assert_eq!(
        ModelQuery::read("type=openai&q=gpt").unwrap().kind,
        Some("openai")
    );
    assert_eq!(
        ModelQuery::read("type=openai_compatible&preset=groq")
            .unwrap()
            .kind,
        Some("groq")
    );
    assert_eq!(
        ModelQuery::read("type=openai_compatible").unwrap().kind,
        None
    );
    check_refused(ModelQuery::read(""), &[("type", "required")]);
    check_refused(
        ModelQuery::read("type=mainframe"),
        &[("type", "invalid_type")],
    );
    check_refused(
        ModelQuery::read("type=openai&type=anthropic"),
        &[("type", "given_twice")],
    );
    check_refused(
        ModelQuery::read("type=openai&preset=groq"),
        &[("preset", "field_of_other_type")],
    );
    check_refused(
        ModelQuery::read("type=openai_compatible&preset=x&kind=y"),
        &[("preset", "invalid_preset"), ("kind", "unknown_parameter")],
    );
}
