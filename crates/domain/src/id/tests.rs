use super::*;

#[test]
fn provider_ids_follow_the_rule() {
    for good in ["a", "openai-main", "a1-", "z9", &"a".repeat(63)] {
        assert!(ProviderId::new(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "1a",
        "-a",
        "A",
        "a_b",
        "a b",
        "ä",
        "a/b",
        &"a".repeat(64),
    ] {
        assert_eq!(ProviderId::new(bad), Err(InvalidId::Provider), "{bad}");
    }
}

#[test]
fn secret_names_are_upper_snake_case() {
    for good in ["A", "OPENAI_API_KEY", "K2"] {
        assert!(SecretName::new(good).is_ok(), "{good}");
    }
    for bad in ["", "openai", "_A", "2A", "A-B", "A B", "Ä"] {
        assert_eq!(SecretName::new(bad), Err(InvalidId::Secret), "{bad}");
    }
}

#[test]
fn ids_are_derived_from_display_names() {
    let derive = |name| ProviderId::derive(name).map(String::from);
    assert_eq!(derive("OpenAI main").as_deref(), Some("openai-main"));
    assert_eq!(
        derive("  Bedrock: EU (claims)  ").as_deref(),
        Some("bedrock-eu-claims")
    );
    assert_eq!(derive("2nd Groq").as_deref(), Some("nd-groq"));
    assert_eq!(derive("東京").as_deref(), None);
    assert_eq!(derive("42").as_deref(), None);
    assert_eq!(
        derive(&"long name ".repeat(20)).map(|id| id.len() <= 63),
        Some(true)
    );
}

#[test]
fn numbering_keeps_ids_valid() {
    let long = ProviderId::new("a".repeat(63)).unwrap();
    assert_eq!(long.numbered(12).as_str().len(), 63);
    assert!(long.numbered(12).as_str().ends_with("a-12"));
    let cut_at_hyphen = ProviderId::new(format!("{}-b", "a".repeat(60))).unwrap();
    assert!(ProviderId::new(cut_at_hyphen.numbered(2).as_str()).is_ok());
}

#[test]
fn deserialising_checks_the_form() {
    assert!(serde_json::from_str::<ProviderId>("\"ok-1\"").is_ok());
    assert!(serde_json::from_str::<ProviderId>("\"Not ok\"").is_err());
    assert!(serde_json::from_str::<ModelId>("\" gpt\"").is_err());
}
