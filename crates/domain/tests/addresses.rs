//! Base URLs of providers.
#![cfg(test)]

extern crate weir_domain as domain;

use domain::provider::BaseUrl;

fn check(typed: &str, expected: &str) {
    let read: BaseUrl = typed.parse().unwrap();
    assert_eq!(read.as_str(), expected, "{typed}");
    assert_eq!(read.as_str().parse::<BaseUrl>().unwrap(), read, "{typed}");
    assert_eq!(expected.parse::<BaseUrl>().unwrap(), read, "{typed}");
}

#[test]
fn an_address_is_the_same_with_slashes_at_its_end_and_without() {
    check("https://llm.example.com", "https://llm.example.com");
    check("https://llm.example.com/", "https://llm.example.com");
    check("https://llm.example.com//", "https://llm.example.com");
    check("https://llm.example.com/v1", "https://llm.example.com/v1");
    check(
        " https://llm.example.com/v1/ ",
        "https://llm.example.com/v1",
    );
    check(
        "https://llm.example.com/a//v1//",
        "https://llm.example.com/a//v1",
    );
    check(
        "HTTPS://LLM.example.com:443/v%31/x/..",
        "https://llm.example.com/v%31",
    );
}
