//! An upstream's list of models, in each of its shapes.
//!
//! | who | shape |
//! |---|---|
//! | OpenAI, Anthropic, Mistral, Groq, vLLM … | `{"data": [{"id"}]}` |
//! | Together | `[{"id"}]` |
//! | Google | `{"models": [{"name": "models/x"}]}` |
//! | Cohere | `{"models": [{"name"}], "next_page_token"}`, page by page |
//! | Databricks | `{"endpoints": [{"name"}]}` |

use serde_json::Value;

/// The members that hold the entries.
const LISTS: [&str; 3] = ["data", "models", "endpoints"];

/// The ids in a list, in its order. `None`: it is no list of models.
pub(super) fn ids(body: &[u8]) -> Option<Vec<String>> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let entries = LISTS
        .iter()
        .find_map(|list| json.get(list))
        .unwrap_or(&json)
        .as_array()?;
    Some(entries.iter().filter_map(id).collect())
}

/// Adds the ids of a page. Whether one of them is new.
pub(super) fn add(listed: &mut Vec<String>, page: Vec<String>) -> bool {
    let before = listed.len();
    for id in page {
        if !listed.contains(&id) {
            listed.push(id);
        }
    }
    listed.len() > before
}

/// What the next page of Cohere's list is called. `None`: there is none.
pub(super) fn next_page(body: &[u8]) -> Option<String> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let token = json.get("next_page_token")?.as_str()?;
    (!token.is_empty()).then(|| token.to_owned())
}

fn id(entry: &Value) -> Option<String> {
    let id = entry.get("id").or_else(|| entry.get("name"))?.as_str()?;
    Some(id.strip_prefix("models/").unwrap_or(id).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_was_here_before_adds_nothing() {
        let page = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut listed = vec![];
        assert!(add(&mut listed, page(&["a", "b"])));
        assert!(add(&mut listed, page(&["b", "c", "c"])));
        assert!(!add(&mut listed, page(&["c", "a"])));
        assert!(!add(&mut listed, vec![]));
        assert_eq!(listed, page(&["a", "b", "c"]));
    }

    #[test]
    fn each_shape_is_read() {
        let read = |json: &str| ids(json.as_bytes());
        let found = |ids: &[&str]| Some(ids.iter().map(ToString::to_string).collect());
        assert_eq!(
            read(r#"{"object":"list","data":[{"id":"gpt-5"},{"id":"o3"}]}"#),
            found(&["gpt-5", "o3"])
        );
        assert_eq!(
            read(r#"[{"id":"Qwen/Qwen3","pricing":{}}]"#),
            found(&["Qwen/Qwen3"])
        );
        assert_eq!(
            read(r#"{"models":[{"name":"models/gemini-3-pro"},{"name":"tunedModels/mine"}]}"#),
            found(&["gemini-3-pro", "tunedModels/mine"])
        );
        assert_eq!(
            read(r#"{"endpoints":[{"name":"databricks-claude","state":{}}]}"#),
            found(&["databricks-claude"])
        );
        let page =
            r#"{"models":[{"name":"command-a","endpoints":["chat"]}],"next_page_token":"p2"}"#;
        assert_eq!(read(page), found(&["command-a"]));
        assert_eq!(next_page(page.as_bytes()).as_deref(), Some("p2"));
        for last in [
            r#"{"models":[],"next_page_token":""}"#,
            r#"{"models":[]}"#,
            "",
        ] {
            assert_eq!(next_page(last.as_bytes()), None, "{last}");
        }
        assert_eq!(read(r#"{"data":[]}"#), found(&[]));
        assert_eq!(read(r#"{"error":{"message":"no"}}"#), None);
        assert_eq!(read("<html>"), None);
    }
}
