//! Tools in a request of any API: whether one is to be called, and with what. It knows nothing
//! of how a call is worded.

use serde_json::Value;
use serde_json::value::RawValue;

const PHRASE: &str = "use the tool";
const PIECE_CHARACTERS: usize = 8;

/// A call of one of the client's tools.
pub(crate) struct ToolCall {
    pub(crate) name: String,
    /// The arguments as JSON text.
    pub(crate) arguments: String,
}

impl ToolCall {
    /// The arguments in pieces, as a stream sends them.
    pub(crate) fn pieces(&self) -> Vec<String> {
        let letters: Vec<char> = self.arguments.chars().collect();
        letters
            .chunks(PIECE_CHARACTERS)
            .map(|piece| piece.iter().collect())
            .collect()
    }
}

/// The call to make: of the first tool, if the last message is the user's and asks for it.
/// `conversation` is the list of messages or items, or a text.
pub(crate) fn wanted_call(
    tools: Option<&RawValue>,
    conversation: Option<&RawValue>,
) -> Option<ToolCall> {
    let tools: Vec<Value> = serde_json::from_str(tools?.get()).ok()?;
    let conversation: Value = serde_json::from_str(conversation?.get()).ok()?;
    if !last_text(&conversation)
        .to_ascii_lowercase()
        .contains(PHRASE)
    {
        return None;
    }
    tools.iter().flat_map(functions).find_map(call_of)
}

/// Google lists several functions in one tool.
fn functions(tool: &Value) -> &[Value] {
    let listed = tool
        .get("functionDeclarations")
        .or_else(|| tool.get("function_declarations"));
    match listed.and_then(Value::as_array) {
        Some(functions) => functions,
        None => std::slice::from_ref(tool),
    }
}

/// Whether the provider's own web search is among the tools.
pub(crate) fn has_web_search(tools: Option<&RawValue>) -> bool {
    let tools = tools.filter(|tools| tools.get().contains("web_search"));
    tools
        .and_then(|tools| serde_json::from_str::<Vec<Value>>(tools.get()).ok())
        .is_some_and(|tools| tools.iter().any(is_web_search))
}

fn is_web_search(tool: &Value) -> bool {
    member_text(tool, "type").starts_with("web_search")
}

/// What the user said last; nothing if the last message is not the user's.
fn last_text(conversation: &Value) -> String {
    let Value::Array(messages) = conversation else {
        return conversation.as_str().unwrap_or_default().to_owned();
    };
    let Some(last) = messages.last() else {
        return String::new();
    };
    // Google's clients may leave the user's role out.
    let parts = last.get("parts");
    let role = last.get("role").and_then(Value::as_str);
    if role != Some("user") && (role.is_some() || parts.is_none()) {
        return String::new();
    }
    match last.get("content").or(parts) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .map(|part| member_text(part, "text"))
            .collect::<Vec<_>>()
            .join("\n"),
        _ => String::new(),
    }
}

/// A tool of the client's own, in any of the shapes: chat's, that of responses, Anthropic's,
/// Google's, Bedrock's.
fn call_of(tool: &Value) -> Option<ToolCall> {
    let kind = member_text(tool, "type");
    if !matches!(kind, "" | "function" | "custom") {
        return None;
    }
    let function = tool.get("function").or_else(|| tool.get("toolSpec"));
    let function = function.unwrap_or(tool);
    let schema = ["parameters", "input_schema", "parametersJsonSchema"]
        .iter()
        .find_map(|name| function.get(name))
        .or_else(|| function.get("inputSchema")?.get("json"));
    Some(ToolCall {
        name: function.get("name")?.as_str()?.to_owned(),
        arguments: schema.map_or_else(|| "{}".to_owned(), |schema| example(schema).to_string()),
    })
}

/// A value that fits the schema well enough.
fn example(schema: &Value) -> Value {
    if let Some(Value::Array(choices)) = schema.get("enum") {
        return choices.first().cloned().unwrap_or(Value::Null);
    }
    // Google writes types in capitals.
    match member_text(schema, "type").to_ascii_lowercase().as_str() {
        "string" => Value::from("Zürich 🌊"),
        "integer" | "number" => Value::from(7),
        "boolean" => Value::from(true),
        "array" => Value::Array(schema.get("items").map(example).into_iter().collect()),
        "null" => Value::Null,
        _ => Value::Object(match schema.get("properties") {
            Some(Value::Object(properties)) => properties
                .iter()
                .map(|(name, schema)| (name.clone(), example(schema)))
                .collect(),
            _ => serde_json::Map::new(),
        }),
    }
}

fn member_text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
