//! What went wrong, in the provider's words.

use super::json::Json;

/// The error that an answer, or a piece of one, tells of. `None`: it tells of none.
///
/// OpenAI, Anthropic and Google have it in `error`, a response in its own; old servers of OpenAI's API, and
/// events of the Responses API, have its members beside the mark that it is one.
pub(super) fn told(json: &Json<'_>) -> Option<String> {
    let places = [
        json.get("error"),
        json.get("response").get("error"),
        json.get("x_groq").get("error"),
    ];
    let error = places.into_iter().find(|error| match error {
        Json::Text(text) => !text.is_empty(),
        error => error.is_object() || error.is_list(),
    });
    if let Some(error) = error {
        return Some(words(error));
    }
    let marks = [json.get("type"), json.get("object")];
    let is_marked = marks.into_iter().any(|mark| mark.is("error"));
    is_marked.then(|| words(json))
}

/// The error in a body that says nothing else: AWS's, Cohere's, Databricks' and Mistral's have a message at
/// the top.
pub(super) fn alone(json: &Json<'_>) -> Option<String> {
    let message = json.first(&["message", "Message", "detail"]);
    match message {
        Json::Null => None,
        Json::Text(text) => Some(text.clone().into_owned()),
        other => Some(other.shortened()),
    }
}

fn words(error: &Json<'_>) -> String {
    let named = error.first(&["message", "code", "type", "status"]);
    match (error, named) {
        (Json::Text(text), _) | (_, Json::Text(text)) => text.clone().into_owned(),
        _ => error.shortened(),
    }
}
