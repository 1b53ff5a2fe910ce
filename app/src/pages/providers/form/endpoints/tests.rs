use super::*;

fn with_two() -> Fields {
    Fields::from([
        ("type", "openai"),
        (FIRST, "eu"),
        (ROW, "2"),
        ("endpoint.2.name", "us"),
        ("endpoint.2.key", "KEY_US"),
        ("endpoint.2.base_url", "https://us.example/v1"),
    ])
}

#[test]
fn rows_come_and_go() {
    let mut fields = Fields::from([("type", "openai")]);
    add(&mut fields);
    add(&mut fields);
    assert_eq!(fields.all(ROW).collect::<Vec<_>>(), ["2", "3"]);
    assert_eq!(fields.text(FIRST), "first");
    fields.set("endpoint.2.name", "us");
    fields.set("endpoint.3.name", "asia");
    remove(&mut fields, "2");
    assert_eq!(fields.all(ROW).collect::<Vec<_>>(), ["3"]);
    assert_eq!(
        (
            fields.text("endpoint.2.name"),
            fields.text("endpoint.3.name")
        ),
        ("", "asia")
    );
    remove(&mut fields, "3");
    assert_eq!(fields.text(FIRST), "");
    for _ in 0..40 {
        add(&mut fields);
    }
    assert_eq!(fields.all(ROW).count(), ENDPOINTS_MAX - 1);
}

#[test]
fn the_second_takes_the_place_of_the_first() {
    let mut fields = with_two();
    for (name, value) in [
        ("openai.key", "KEY_EU"),
        ("openai.base_url", "https://eu.example/v1"),
        ("openai.organization", "ours"),
        ("q", "typed"),
    ] {
        fields.push(name, value);
    }
    add(&mut fields);
    fields.set("endpoint.3.name", "asia");
    remove_first(&mut fields).unwrap();
    for (name, value) in [
        (FIRST, "us"),
        ("openai.key", "KEY_US"),
        ("openai.base_url", "https://us.example/v1"),
        ("openai.organization", "ours"),
        (ROW, "2"),
        ("endpoint.2.name", "asia"),
        ("endpoint.2.key", ""),
        ("q", "typed"),
    ] {
        assert_eq!(fields.text(name), value, "{name}");
    }
    remove_first(&mut fields).unwrap();
    // One is left, which needs no name; and the last one cannot be taken away.
    for _ in 0..2 {
        assert_eq!((fields.text(FIRST), fields.text(ROW)), ("", ""));
        assert_eq!(fields.text("openai.key"), "");
        remove_first(&mut fields).unwrap();
    }
    assert_eq!(fields.text("type"), "openai");
}

#[test]
fn what_is_saved_is_what_was_typed() {
    let mut made = ProviderDraft {
        api_key: Some("KEY_EU".to_owned()),
        ..ProviderDraft::default()
    };
    draft(&with_two(), &mut made);
    assert_eq!(made.api_key, None);
    let [first, second] = &made.endpoints[..] else {
        panic!()
    };
    assert_eq!(first.api_key.as_deref(), Some("KEY_EU"));
    assert_eq!(second.api_key.as_deref(), Some("KEY_US"));
    let filled: Fields = fields_of(&made).into_iter().collect();
    for name in [
        FIRST,
        ROW,
        "endpoint.2.name",
        "endpoint.2.key",
        "endpoint.2.base_url",
    ] {
        assert_eq!(filled.text(name), with_two().text(name), "{name}");
    }
}

#[test]
fn endpoints_of_azure_and_vertex_ai_have_their_fields() {
    let fields = Fields::from([
        ("type", "vertex_ai"),
        (FIRST, "a"),
        (ROW, "2"),
        ("endpoint.2.name", "b"),
        ("endpoint.2.location", "europe-west1"),
    ]);
    let mut made = ProviderDraft {
        provider_type: Some("vertex_ai".to_owned()),
        project: Some("a-project".to_owned()),
        location: Some("global".to_owned()),
        ..ProviderDraft::default()
    };
    draft(&fields, &mut made);
    assert_eq!((&made.project, &made.location), (&None, &None));
    let [first, second] = &made.endpoints[..] else {
        panic!()
    };
    assert_eq!(first.location.as_deref(), Some("global"));
    assert_eq!(second.location.as_deref(), Some("europe-west1"));
    assert_eq!(second.project.as_deref(), Some("a-project"));
    let filled: Fields = fields_of(&made).into_iter().collect();
    assert_eq!(filled.text("endpoint.2.location"), "europe-west1");
    assert_eq!(filled.text("endpoint.2.project"), "", "that of the first");

    let mut azure = ProviderDraft {
        provider_type: Some("azure_openai".to_owned()),
        data_zone: Some("eu".to_owned()),
        ..ProviderDraft::default()
    };
    let fields = Fields::from([
        ("type", "azure_openai"),
        (FIRST, "a"),
        (ROW, "2"),
        ("endpoint.2.name", "b"),
        ("endpoint.2.api_version", "2025-04-01-preview"),
        ("endpoint.2.data_zone", ""),
    ]);
    draft(&fields, &mut azure);
    assert_eq!(azure.data_zone, None);
    assert_eq!(azure.endpoints[0].data_zone.as_deref(), Some("eu"));
    assert_eq!(azure.endpoints[1].data_zone.as_deref(), Some(""));
    let filled: Fields = fields_of(&azure).into_iter().collect();
    let version = filled.text("endpoint.2.api_version");
    assert_eq!(version, "2025-04-01-preview");

    let mut openai = ProviderDraft {
        project: Some("a-header".to_owned()),
        ..ProviderDraft::default()
    };
    draft(&with_two(), &mut openai);
    assert_eq!(openai.project.as_deref(), Some("a-header"));
}

#[test]
fn errors_stand_beside_their_fields() {
    for (api, form) in [
        ("endpoints", FIRST),
        ("endpoints[0].name", FIRST),
        ("endpoints[1].name", "endpoint.2.name"),
        ("endpoints[1].api_key", "endpoint.2.key"),
        ("endpoints[1].credentials.mode", "endpoint.2.credentials"),
    ] {
        assert_eq!(
            form_field(api, &with_two()),
            Some(Ok(form.to_owned())),
            "{api}"
        );
    }
    let of_the_first = form_field("endpoints[0].api_key", &with_two());
    assert_eq!(of_the_first, Some(Err("api_key".to_owned())));
    assert_eq!(form_field("api_key", &with_two()), None);
}

#[test]
fn credentials_are_those_of_the_first_unless_written() {
    let mut fields = Fields::from([
        ("type", "bedrock"),
        (FIRST, "a"),
        (ROW, "2"),
        ("endpoint.2.region", "eu-west-1"),
    ]);
    let flat = || ProviderDraft {
        credentials: Some(CredentialsDraft {
            mode: Some("bearer".to_owned()),
            api_key: Some("KEY".to_owned()),
            ..CredentialsDraft::default()
        }),
        ..ProviderDraft::default()
    };
    let mut made = flat();
    draft(&fields, &mut made);
    assert_eq!(made.endpoints[1].credentials, flat().credentials);
    assert!(
        fields_of(&made)
            .iter()
            .all(|(name, _)| !name.ends_with("credentials"))
    );
    fields.set("endpoint.2.credentials", "{\"mode\": \"default_chain\"}");
    let mut made = flat();
    draft(&fields, &mut made);
    let filled: Fields = fields_of(&made).into_iter().collect();
    assert_eq!(
        filled.text("endpoint.2.credentials"),
        "{\"mode\":\"default_chain\"}"
    );
    fields.set("endpoint.2.credentials", "default_chain");
    let mut made = flat();
    draft(&fields, &mut made);
    assert_eq!(made.unreadable[0].field, "endpoints[1].credentials");
}
