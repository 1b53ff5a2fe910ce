use domain::{CallId, ProviderId, Timestamp, call::Operation, provider::ProviderType};
use wire::transcript::Part;

use super::*;

fn start(token: u8, agent: Option<&str>, user: Option<&str>) -> CallStart {
    let id = |last: u8| format!("018f4e8a-0000-7000-8000-0000000000{last:02x}");
    CallStart {
        id: id(0).parse::<CallId>().unwrap(),
        started_at: Timestamp::UNIX_EPOCH,
        provider: ProviderId::new("main").unwrap(),
        provider_type: ProviderType::OpenAi,
        model: None,
        requested_model: None,
        operation: Operation::Chat,
        streamed: false,
        agent: agent.map(str::to_owned),
        user: user.map(str::to_owned),
        conversation: None,
        token: Some(id(token).parse().unwrap()),
        endpoint: None,
        attempt_of: None,
        catalog_version: String::new(),
        estimated_input: None,
    }
}

fn says(role: Role, text: &str) -> Message {
    Message {
        role,
        parts: vec![Part::Text(text.to_owned())],
    }
}

fn chain(start: &CallStart, messages: &[(Role, &str)]) -> Vec<Link> {
    let mut chain = Chain::of(start);
    messages
        .iter()
        .map(|(role, text)| {
            chain = chain.then(&says(*role, text));
            chain.link()
        })
        .collect()
}

#[test]
fn calls_have_the_links_in_common_that_their_first_messages_make() {
    let start = start(1, None, None);
    let first = chain(&start, &[(Role::User, "a"), (Role::Assistant, "b")]);
    let longer = chain(
        &start,
        &[(Role::User, "a"), (Role::Assistant, "b"), (Role::User, "c")],
    );
    assert_eq!(first[..], longer[..2]);
    for other in [
        [(Role::User, "a"), (Role::User, "b")],
        [(Role::User, "x"), (Role::Assistant, "b")],
        [(Role::User, "ab"), (Role::Assistant, "")],
    ] {
        assert_ne!(chain(&start, &other)[1], first[1], "{other:?}");
    }
    assert_eq!(
        chain(&start, &[(Role::User, "a"), (Role::User, "b")])[0],
        first[0]
    );
}

#[test]
fn messages_are_linked_within_token_agent_and_user_and_names_within_the_token() {
    let said = [(Role::User, "a")];
    let links: Vec<Link> = [
        start(1, None, None),
        start(2, None, None),
        start(1, Some("x"), None),
        start(1, None, Some("x")),
        start(1, Some(""), None),
    ]
    .iter()
    .map(|start| chain(start, &said)[0])
    .collect();
    for (number, link) in links.iter().enumerate() {
        assert!(!links[..number].contains(link), "{number}");
    }
    let token = |last| start(last, None, None).token;
    assert_eq!(name(token(1), "n"), name(token(1), "n"));
    assert_ne!(name(token(1), "n"), name(token(2), "n"));
    assert_ne!(name(token(1), "n"), name(None, "n"));
    assert_ne!(name(token(1), "n"), response(token(1), "n"));
}
