use super::{
    filled::{Address, Credential, Filled, Needed},
    has_new_value,
    notes::{
        Note, on_compatible_address, on_display_name, on_id, on_new_secret, on_rate, on_secret,
        sentence,
    },
    secret_field::SecretField,
    without_new_values,
};
use crate::fields::Fields;

fn good(words: &str) -> Note {
    Note::Good(words.to_owned())
}

#[test]
fn a_rate_is_compared_with_the_catalogs() {
    let list = Some("11.00");
    assert_eq!(on_rate("", list), Note::Silent);
    assert_eq!(
        on_rate("9.90", list),
        good("10.0 % below the catalog’s 11.00.")
    );
    assert_eq!(
        on_rate(" 12.1 ", list),
        good("10.0 % above the catalog’s 11.00.")
    );
    assert_eq!(
        on_rate("11", list),
        good("The same as the catalog’s 11.00.")
    );
    assert_eq!(on_rate("0", list), good("Free: these tokens will cost $0."));
    assert_eq!(on_rate("5", None), Note::Silent);
}

#[test]
fn a_rate_far_from_the_catalogs_is_warned_of() {
    let warned = |typed, list| matches!(on_rate(typed, Some(list)), Note::Warning(_));
    assert_eq!(
        on_rate("9.00", Some("2.75")),
        Note::Warning("3.3 × the catalog’s 2.75. It is saved as typed if you mean it.".to_owned())
    );
    assert!(
        warned("33.01", "11") && !warned("33", "11"),
        "three times is near enough"
    );
    assert!(
        warned("3.66", "11") && !warned("3.67", "11"),
        "and so is a third"
    );
    assert!(
        warned("1", "0"),
        "whatever costs where the catalog has it free"
    );
}

#[test]
fn a_rate_that_will_be_refused_is_told_so() {
    for typed in ["2,50", "-1", "1e3", "0.0000001", "abc"] {
        assert!(
            matches!(on_rate(typed, Some("2.50")), Note::Wrong(_)),
            "{typed}"
        );
    }
    assert_eq!(
        on_rate("-1", None),
        Note::Wrong("A rate is 0 or more.".to_owned())
    );
}

#[test]
fn an_id_is_checked_while_it_is_typed() {
    assert_eq!(on_id("openai-main"), Note::Silent);
    assert_eq!(on_id(""), Note::Silent);
    assert!(matches!(on_id("openai main"), Note::Wrong(_)));
    assert!(matches!(on_id("9lives"), Note::Wrong(_)));
    assert_eq!(
        on_id(&"a".repeat(64)),
        Note::Wrong(sentence(&domain::id::InvalidId::Provider.to_string()))
    );
    assert_eq!(on_display_name(&"é".repeat(253)), Note::Silent);
    assert_eq!(
        on_display_name(&"é".repeat(255)),
        Note::Wrong("253 characters at most: take 2 away.".to_owned())
    );
}

#[test]
fn an_address_without_v1_is_warned_of() {
    for fine in [
        "",
        "http://10.4.0.17:8000/v1",
        "http://10.4.0.17:8000/v1/",
        "https://api.groq.com/openai/v1",
    ] {
        assert_eq!(on_compatible_address("", fine), Note::Silent, "{fine}");
    }
    for (preset, odd) in [
        ("", "http://10.4.0.17:8000"),
        ("groq", "https://llm.example.com"),
        (
            "databricks",
            "https://WORKSPACE.cloud.databricks.com/serving-endpoints",
        ),
    ] {
        assert!(
            matches!(on_compatible_address(preset, odd), Note::Warning(_)),
            "{odd}"
        );
    }
    for (preset, its_own) in [
        ("perplexity", "https://proxy.example.com/perplexity"),
        (
            "databricks",
            "https://a.cloud.databricks.com/serving-endpoints",
        ),
        ("", "https://api.perplexity.ai"),
    ] {
        assert_eq!(
            on_compatible_address(preset, its_own),
            Note::Silent,
            "{its_own}"
        );
    }
}

#[test]
fn the_summary_says_what_is_missing() {
    let empty = Filled::read(&Fields::default());
    assert_eq!(empty, Filled::default());
    assert!(!empty.can_be_saved());

    let mut form = Fields::from([
        ("display_name", " OpenAI main "),
        ("type", "openai"),
        ("openai.key_from", "existing"),
    ]);
    let filled = Filled::read(&form);
    assert!(filled.can_be_saved());
    assert_eq!(
        (filled.name.as_str(), filled.type_label()),
        ("OpenAI main", Some("OpenAI"))
    );
    assert_eq!(
        (filled.credential, filled.address),
        (Credential::Missing(Needed::ApiKey), Address::OfType)
    );

    form.set("openai.key", "OPENAI_API_KEY");
    assert_eq!(
        Filled::read(&form).credential,
        Credential::Secret("OPENAI_API_KEY".to_owned())
    );
    form.set("openai.key_from", "new");
    form.set("openai.new_key", "OTHER_KEY");
    assert_eq!(
        Filled::read(&form).credential,
        Credential::Missing(Needed::ApiKey),
        "a name without a value makes no secret"
    );
    form.set("openai.new_value", "hush");
    assert_eq!(
        Filled::read(&form).credential,
        Credential::NewSecret("OTHER_KEY".to_owned())
    );
}

#[test]
fn each_type_needs_something_else() {
    let of = |pairs: &[(&str, &str)]| {
        let mut form = Fields::default();
        for (name, value) in pairs {
            form.push(*name, *value);
        }
        let filled = Filled::read(&form);
        (filled.credential, filled.address)
    };
    assert_eq!(
        of(&[("type", "anthropic")]),
        (Credential::Missing(Needed::ApiKey), Address::OfType)
    );
    assert_eq!(
        of(&[("type", "anthropic"), ("anthropic.passthrough", "on")]),
        (Credential::Passthrough, Address::OfType)
    );
    assert_eq!(
        of(&[("type", "openai_compatible")]),
        (Credential::NotNeeded, Address::Missing)
    );
    assert_eq!(
        of(&[
            ("type", "openai_compatible"),
            ("openai_compatible.base_url", "http://a/v1")
        ])
        .1,
        Address::Named("http://a/v1".to_owned())
    );
}

#[test]
fn bedrock_needs_a_region_and_what_its_credential_mode_takes() {
    let mut form = Fields::from([("type", "bedrock")]);
    let read = |form: &Fields| {
        let filled = Filled::read(form);
        (filled.credential, filled.address)
    };
    assert_eq!(
        read(&form),
        (Credential::OfMachine, Address::NoRegion),
        "without any mode it is the default chain"
    );
    form.set("bedrock.region", "eu-west-1");
    let in_region = Address::OfRegion("eu-west-1".to_owned());
    for (mode, fields, expected) in [
        (
            "static_keys",
            vec![],
            Credential::Missing(Needed::AccessKeyId),
        ),
        (
            "static_keys",
            vec![("bedrock.access_key_id.key", "ID")],
            Credential::Missing(Needed::SecretAccessKey),
        ),
        (
            "static_keys",
            vec![("bedrock.secret_access_key.key", "KEY")],
            Credential::AccessKey("ID".to_owned()),
        ),
        ("assume_role", vec![], Credential::Missing(Needed::RoleArn)),
        (
            "web_identity",
            vec![("bedrock.role_arn", "arn:aws:iam::1:role/x")],
            Credential::Role("arn:aws:iam::1:role/x".to_owned()),
        ),
        ("bearer", vec![], Credential::Missing(Needed::ApiKey)),
        (
            "bearer",
            vec![
                ("bedrock.api_key.key_from", "new"),
                ("bedrock.api_key.new_key", "BEDROCK_API_KEY"),
                ("bedrock.api_key.new_value", "hush"),
            ],
            Credential::NewSecret("BEDROCK_API_KEY".to_owned()),
        ),
    ] {
        form.set("bedrock.mode", mode);
        for (name, value) in fields {
            form.set(name, value);
        }
        assert_eq!(read(&form), (expected, in_region.clone()), "{mode}");
    }
    form.set("bedrock.base_url", "https://vpce.example");
    assert_eq!(
        read(&form).1,
        Address::Named("https://vpce.example".to_owned())
    );
}

#[test]
fn a_secret_counts_where_its_type_and_mode_are_chosen() {
    let of = |pairs: &[(&str, &str)]| {
        let mut form = Fields::default();
        for (name, value) in pairs {
            form.push(*name, *value);
        }
        SecretField::that_count(&form)
    };
    assert_eq!(of(&[]), []);
    assert_eq!(of(&[("type", "google_ai")]), [SecretField::GoogleAi]);
    assert_eq!(of(&[("type", "cohere")]), [SecretField::Cohere]);
    assert_eq!(
        of(&[("type", "anthropic"), ("anthropic.passthrough", "on")]),
        []
    );
    assert_eq!(of(&[("type", "bedrock")]), []);
    assert_eq!(
        of(&[("type", "bedrock"), ("bedrock.mode", "static_keys")]),
        [
            SecretField::AccessKeyId,
            SecretField::SecretAccessKey,
            SecretField::SessionToken
        ]
    );
    assert_eq!(
        of(&[("type", "bedrock"), ("bedrock.mode", "bearer")]),
        [SecretField::Bedrock]
    );
    for of in SecretField::ALL {
        assert_eq!(SecretField::of_prefix(of.prefix()), Some(*of));
    }
}

#[test]
fn models_and_those_with_overrides_are_counted() {
    let form = Fields::from([
        ("model", "gpt-4o"),
        ("model", "ft:gpt.x"),
        ("rate.input.gpt-4o", ""),
        ("rate.output.ft:gpt.x", "3"),
        ("rate.output.removed", "3"),
    ]);
    let filled = Filled::read(&form);
    assert_eq!((filled.models, filled.overridden), (2, 1));
}

#[test]
fn an_error_becomes_a_sentence() {
    assert_eq!(sentence("write a whole address"), "Write a whole address.");
    assert_eq!(sentence("Already one."), "Already one.");
    assert_eq!(sentence(""), "");
}

#[test]
fn the_value_of_a_new_secret_stays_where_it_was_typed() {
    let form = Fields::from([
        ("do", "search"),
        ("openai.new_key", "OPENAI_API_KEY"),
        ("openai.new_value", "sk-hush"),
        ("anthropic.new_value", "sk-ant-hush"),
        ("openai_compatible.new_value", "gsk-hush"),
        ("bedrock.secret_access_key.new_value", "aws-hush"),
        ("bedrock.api_key.new_value", "bedrock-hush"),
        ("model_name.my.new_value", "Named oddly"),
    ]);
    let sent = without_new_values(&form);
    assert!(sent.iter().all(|(_, value)| !value.contains("hush")));
    assert_eq!(sent.text("openai.new_key"), "OPENAI_API_KEY");
    assert_eq!(sent.text("model_name.my.new_value"), "Named oddly");
}

#[test]
fn only_a_new_value_that_counts_is_one_to_be_saved() {
    let mut form = Fields::from([
        ("type", "openai"),
        ("openai.key_from", "existing"),
        ("openai.new_value", "sk-hush"),
        ("anthropic.key_from", "new"),
        ("anthropic.new_value", "sk-ant-hush"),
    ]);
    assert!(!has_new_value(&form));
    form.set("openai.key_from", "new");
    assert!(has_new_value(&form));
}

#[test]
fn a_name_of_a_new_secret_that_is_nearly_right_is_offered() {
    let offered = |typed: &str| {
        let Note::Wrong(words) = on_new_secret(typed, false) else {
            panic!("{typed} is taken")
        };
        words
            .split_once("Did you mean ")
            .map(|(_, name)| name.trim_end_matches('?').to_owned())
    };
    assert_eq!(
        offered("aws_batch_secret_key").as_deref(),
        Some("AWS_BATCH_SECRET_KEY")
    );
    assert_eq!(offered(" openai key ").as_deref(), Some("OPENAI_KEY"));
    assert_eq!(offered("1-key").as_deref(), Some("KEY"));
    assert_eq!(offered("…"), None);
    assert_eq!(on_new_secret(" ", false), Note::Silent);
    assert_eq!(on_new_secret("OPENAI_KEY", false), Note::Silent);
    assert!(matches!(on_new_secret("OPENAI_KEY", true), Note::Wrong(_)));
}

#[test]
fn a_secret_that_is_not_there_is_told_once_it_cannot_be_meant() {
    let known = ["OPENAI_KEY".to_owned(), "OTHER".to_owned()];
    for typed in ["", "OPEN", "KEY", "OTHER"] {
        assert_eq!(on_secret(typed, &known, false), Note::Silent, "{typed}");
    }
    assert!(matches!(on_secret("OPEN", &known, true), Note::Warning(_)));
    assert!(matches!(on_secret("GROQ", &known, false), Note::Warning(_)));
    let key = on_secret("sk-very-secret", &known, false);
    let Note::Wrong(words) = key else {
        panic!("{key:?}")
    };
    assert!(!words.contains("sk-very"));
}
