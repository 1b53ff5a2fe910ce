//! By what a request's body names the conversation that it belongs to.

use super::{
    Named,
    json::{self, Json},
};

/// OpenAI's Responses: the conversation, by its id or as an object that has it, and the response before.
pub(super) fn of_responses(body: &Json<'_>) -> Named {
    let conversation = body.get("conversation");
    Named {
        conversation: conversation
            .string()
            .or_else(|| conversation.get("id").string()),
        previous_response: body.get("previous_response_id").string(),
    }
}

/// Claude Code's session, in what it sends as the id of a user: `user_…_account_…_session_…`, or JSON with
/// a `session_id`. Whatever others send there is a user and no conversation.
pub(super) fn of_messages(body: &Json<'_>) -> Named {
    let user = body.get("metadata").get("user_id");
    let user = user.text().unwrap_or_default();
    let in_name = user
        .split_once("_account_")
        .and_then(|(_, rest)| rest.split_once("session_"))
        .map(|(_, session)| session.to_owned());
    let in_json = || json::read(user).and_then(|(user, _)| user.get("session_id").string());
    Named {
        conversation: in_name.filter(|id| !id.is_empty()).or_else(in_json),
        previous_response: None,
    }
}
