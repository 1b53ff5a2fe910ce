//! What one catalog changes against another.
#![cfg(test)]

use catalog::{Catalog, CatalogModel, Difference, Price, PriceChange};
use domain::{Bucket, pricing::ServiceTier};
use rust_decimal::Decimal;
use weir_catalog as catalog;

/// A catalog of models of the kind `k`, each written as its id and its rate card.
fn catalog_of(version: &str, models: &[(&str, &str)]) -> Catalog {
    let lines = models.iter().map(|(id, card)| {
        let (id, region) = id.split_once('@').unwrap_or((id, ""));
        let region = match region {
            "" => String::new(),
            region => format!(r#","region":"{region}""#),
        };
        format!(r#"{{"kind":"k","id":"{id}"{region},"display_name":"{id}","mode":"chat","card":{card}}}"#)
    });
    let header = format!(
        r#"{{"format":1,"version":"{version}","models":{}}}"#,
        models.len()
    );
    let text: Vec<String> = std::iter::once(header).chain(lines).collect();
    Catalog::from_bytes(text.join("\n").into_bytes()).unwrap()
}

fn ids(models: &[CatalogModel]) -> Vec<&str> {
    models.iter().map(|model| model.id.as_str()).collect()
}

fn dollars(text: &str) -> Option<Decimal> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

fn check_prices(before: &str, after: &str, expected: &[(Price, &str, &str)]) {
    let (before, after) = (
        catalog_of("2026-12-01", &[("m", before)]),
        catalog_of("2026-12-02", &[("m", after)]),
    );
    let difference = Difference::between(&before, &after);
    let found: Vec<PriceChange> = difference
        .changed
        .iter()
        .flat_map(|change| change.prices.clone())
        .collect();
    let expected: Vec<PriceChange> = expected
        .iter()
        .map(|(price, before, after)| PriceChange {
            price: *price,
            before: dollars(before),
            after: dollars(after),
        })
        .collect();
    assert_eq!(found, expected);
}

const fn rate(bucket: Bucket) -> Price {
    Price::Rate {
        tier: None,
        long: false,
        bucket,
    }
}

#[test]
fn models_come_go_and_change_by_their_whole_key() {
    let card = |input: &str| format!(r#"{{"standard":{{"input":"{input}"}}}}"#);
    let (one, two) = (card("1"), card("2"));
    let before = catalog_of(
        "2026-12-01",
        &[("a", &one), ("b", &one), ("b@eu", &one), ("d", &one)],
    );
    let after = catalog_of(
        "2026-12-02",
        &[
            ("b", &one),
            ("b@eu", &two),
            ("c", &one),
            ("d", &one),
            ("e", &one),
        ],
    );
    let difference = Difference::between(&before, &after);
    assert_eq!(ids(&difference.removed), ["a"]);
    assert_eq!(ids(&difference.added), ["c", "e"]);
    assert_eq!(difference.changed.len(), 1);
    assert_eq!(difference.changed[0].after.region.as_deref(), Some("eu"));
    assert!(Difference::between(&before, &before).is_empty());
}

#[test]
fn every_price_of_a_card_is_compared() {
    let tier = Some(ServiceTier::Batch);
    let bucket = Bucket::Input;
    check_prices(
        r#"{"standard":{"input":"1","output":"2"},"long_context":{"threshold":200000,"rates":{"input":"2"}},"regional_multiplier":"1.1","searches":"10"}"#,
        r#"{"standard":{"input":"1.5","output":"2","cached_input":"0.1"},"long_context":{"threshold":100000,"rates":{"input":"3"}},"tiers":[{"tier":"batch","rates":{"input":"0.5"}}]}"#,
        &[
            (Price::RegionalMultiplier, "1.1", ""),
            (Price::Searches, "10", ""),
            (Price::Threshold { tier: None }, "200000", "100000"),
            (rate(Bucket::Input), "1", "1.5"),
            (
                Price::Rate {
                    tier: None,
                    long: true,
                    bucket,
                },
                "2",
                "3",
            ),
            (rate(Bucket::CachedInput), "", "0.1"),
            (
                Price::Rate {
                    tier,
                    long: false,
                    bucket,
                },
                "",
                "0.5",
            ),
        ],
    );
    check_prices(
        r#"{"standard":{"input":"1"},"tiers":[{"tier":"batch","rates":{},"long_context":{"threshold":9,"rates":{"input":"4"}}}]}"#,
        r#"{"standard":{"input":"0"},"tiers":[{"tier":"batch","rates":{},"long_context":{"threshold":9,"rates":{"input":"1"}}}]}"#,
        &[
            (rate(Bucket::Input), "1", "0"),
            (
                Price::Rate {
                    tier,
                    long: true,
                    bucket,
                },
                "4",
                "1",
            ),
        ],
    );
}

#[test]
fn the_largest_change_comes_first_and_a_lost_price_before_all() {
    let card = |input: &str| match input {
        "" => r#"{"standard":{}}"#.to_owned(),
        input => format!(r#"{{"standard":{{"input":"{input}"}}}}"#),
    };
    let order = [
        ("lost", "5", ""),
        ("tripled", "1", "3"),
        ("halved", "2", "1"),
        ("a-tenth-more", "10", "11"),
        ("new", "", "1"),
    ];
    let mut sorted = order;
    sorted.sort_unstable();
    let of =
        |side: fn(&(&str, &'static str, &'static str)) -> &'static str| -> Vec<(String, String)> {
            sorted
                .iter()
                .map(|one| (one.0.to_owned(), card(side(one))))
                .collect()
        };
    let (before, after) = (of(|one| one.1), of(|one| one.2));
    let borrowed = |models: &[(String, String)], version: &str| {
        let models: Vec<(&str, &str)> = models
            .iter()
            .map(|(id, card)| (id.as_str(), card.as_str()))
            .collect();
        catalog_of(version, &models)
    };
    let difference = Difference::between(
        &borrowed(&before, "2026-12-01"),
        &borrowed(&after, "2026-12-02"),
    );
    let found: Vec<&str> = difference
        .changed
        .iter()
        .map(|change| change.after.id.as_str())
        .collect();
    assert_eq!(found, order.map(|(id, _, _)| id));
}

#[test]
fn what_changes_no_price_is_told_apart() {
    let text = |name: &str| {
        format!(
            "{{\"format\":1,\"version\":\"2026-12-01\",\"models\":1}}\n{{\"kind\":\"k\",\"id\":\"m\",\"display_name\":\"{name}\",\"mode\":\"chat\",\"card\":{{\"standard\":{{\"input\":\"1\"}}}}}}"
        )
    };
    let catalog = |name: &str| Catalog::from_bytes(text(name).into_bytes()).unwrap();
    let difference = Difference::between(&catalog("Old"), &catalog("New"));
    assert_eq!(difference.changed.len(), 1);
    assert!(difference.changed[0].prices.is_empty());
}

#[test]
fn models_are_counted_once_and_their_regions_listed() {
    let card = r#"{"standard":{}}"#;
    let catalog = catalog_of(
        "2026-12-01.2",
        &[("a", card), ("a@eu", card), ("a@us", card), ("ab", card)],
    );
    assert_eq!(
        (catalog.rows(), catalog.count("k"), catalog.count("none")),
        (4, 2, 0)
    );
    let regions: Vec<_> = catalog
        .regions("k", "a")
        .into_iter()
        .map(|row| row.region)
        .collect();
    assert_eq!(
        regions,
        [None, Some("eu".to_owned()), Some("us".to_owned())]
    );
    assert!(catalog.regions("k", "b").is_empty());
    let older = catalog_of("2026-12-01", &[]);
    assert!(older.is_older_than(catalog.version()) && !catalog.is_older_than("2026-12-01"));
    assert!(!older.is_older_than("2026-12-01"));
}
