use super::*;

#[test]
fn what_an_upstream_keeps_is_not_asked_for_twice() {
    for (operation, method, may) in [
        (Operation::Chat, Method::POST, true),
        (Operation::Embeddings, Method::POST, true),
        (Operation::CountTokens, Method::POST, true),
        (Operation::Models, Method::GET, true),
        (Operation::Responses, Method::POST, false),
        (Operation::StoredResponse, Method::GET, true),
        (Operation::StoredResponse, Method::DELETE, false),
        (Operation::Other, Method::POST, false),
        (Operation::Other, Method::GET, true),
    ] {
        assert_eq!(
            may_be_repeated(operation, &method),
            may,
            "{operation:?} {method}"
        );
    }
}
