//! Counting tokens where the provider told none.
//!
//! The count is that of OpenAI's `cl100k_base` vocabulary, whatever the model: an estimate is marked as
//! one. That vocabulary was chosen because it takes half the memory of the later `o200k_base` (24 MB
//! against 46 MB) and counts a little more rather than less. It is loaded when it is first needed, which
//! takes some 50 ms, and stays; until then it costs nothing but its place in the binary.
//!
//! Counting takes some 60 ms per megabyte of text: text beyond the first 64 KiB is counted in proportion.

use std::sync::LazyLock;

use domain::call::Operation;
use tiktoken_rs::CoreBPE;

use crate::{
    json::{self, Raw, object},
    meter::TextSeen,
    request::Asked,
};

/// Where no vocabulary helps: bytes per token of ordinary text.
const BYTES_PER_TOKEN: u64 = 4;

/// Text is counted in pieces of this many bytes, so that no text is slow to count.
const PIECE: usize = 8 * 1024;

static VOCABULARY: LazyLock<Option<CoreBPE>> = LazyLock::new(|| tiktoken_rs::cl100k_base().ok());

/// Tokens of a text.
#[must_use]
pub fn tokens(text: &str) -> u64 {
    let mut rest = text;
    let mut count = 0_u64;
    while !rest.is_empty() {
        let end = (0..=PIECE.min(rest.len()))
            .rev()
            .find(|at| rest.is_char_boundary(*at))
            .unwrap_or(0);
        let (piece, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let tokens = match &*VOCABULARY {
            Some(vocabulary) => length(vocabulary.encode_ordinary(piece).len()),
            None => length(piece.len()).div_ceil(BYTES_PER_TOKEN),
        };
        count = count.saturating_add(tokens);
        rest = after;
    }
    count
}

/// Tokens of an answer's text, as far as it was seen, and never more than the request allowed.
#[must_use]
pub fn output(text: &TextSeen, asked: &Asked) -> u64 {
    let seen = of_text(text);
    asked.output_limit().map_or(seen, |limit| seen.min(limit))
}

/// Tokens of a request's prompt.
#[must_use]
pub fn input(operation: Operation, body: &[u8]) -> u64 {
    let prompt = prompt(operation, body);
    of_text(&prompt.text).saturating_add(prompt.tokens)
}

/// Tokens of collected text: the part that was kept is counted, the rest is taken to be alike.
fn of_text(text: &TextSeen) -> u64 {
    let kept = text.kept_bytes();
    if kept == 0 {
        return text.beyond_bytes().div_ceil(BYTES_PER_TOKEN);
    }
    let counted = u128::from(tokens(&text.kept()));
    let beyond = counted * u128::from(text.beyond_bytes()) / u128::from(kept);
    u64::try_from(counted + beyond).unwrap_or(u64::MAX)
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// What a request's prompt is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prompt {
    /// Its text: messages, system prompt, and tools as the JSON that they stand in.
    pub text: TextSeen,
    /// Tokens that the request wrote as numbers (completions and embeddings take them so).
    pub tokens: u64,
}

object! {
    /// A request body.
    Body {
        contents = "contents",
        content = "content",
        requests = "requests",
        system_instruction = "systemInstruction",
        system_instruction_snake = "system_instruction",
        tool_config = "toolConfig",
        input_text = "inputText",
        message = "message",
        chat_history = "chat_history",
        preamble = "preamble",
        texts = "texts",
        inputs = "inputs",
        instances = "instances",
        documents = "documents",
        messages = "messages",
        system = "system",
        instructions = "instructions",
        input = "input",
        prompt = "prompt",
        suffix = "suffix",
        tools = "tools",
        functions = "functions",
    }
}

object! {
    /// A message, an item or a part of one. What is not named is no text: images, files, sound.
    Node {
        content = "content",
        text = "text",
        thinking = "thinking",
        refusal = "refusal",
        summary = "summary",
        tool_plan = "tool_plan",
        name = "name",
        arguments = "arguments",
        input = "input",
        output = "output",
        tool_calls = "tool_calls",
        function = "function",
        custom = "custom",
        parts = "parts",
        function_call = "functionCall",
        function_response = "functionResponse",
        args = "args",
        response = "response",
        tool_use = "toolUse",
        tool_result = "toolResult",
        json = "json",
        reasoning = "reasoningContent",
        reasoning_text = "reasoningText",
        message = "message",
        document = "document",
    }
}

object! {
    /// A document of Cohere's. Those of others are files, which have no such member.
    Document { data = "data" }
}

/// Parts stand in messages in parts; deeper than this nothing does.
const DEPTH_MAX: u8 = 8;

/// What a request's prompt is made of, as far as it is text; nothing where the operation has no prompt or
/// the body cannot be read.
#[must_use]
pub fn prompt(operation: Operation, body: &[u8]) -> Prompt {
    let text = json::text(body);
    let body = serde_json::from_str::<Body<'_>>(&text).unwrap_or_default();
    let mut prompt = Prompt::default();
    match operation {
        Operation::Chat => prompt.take_all(&[body.messages]),
        Operation::Completions => prompt.take_all(&[body.prompt, body.suffix]),
        // OpenAI's; Google's, alone, several and by Vertex AI's `:predict`; Cohere's.
        Operation::Embeddings => prompt.take_all(&[
            body.input,
            body.content,
            body.requests,
            body.instances,
            body.texts,
            body.inputs,
        ]),
        Operation::CohereChat => {
            prompt.take_all(&[body.messages]);
            prompt
                .text
                .push_json(body.documents.text().unwrap_or_default());
        }
        Operation::Generate => prompt.take_all(&[
            body.system_instruction,
            body.system_instruction_snake,
            body.contents,
        ]),
        Operation::Converse => prompt.take_all(&[body.system, body.messages]),
        Operation::Invoke => prompt.take_all(&[
            body.system,
            body.messages,
            body.prompt,
            body.input_text,
            body.preamble,
            body.chat_history,
            body.message,
            body.texts,
        ]),
        Operation::Responses => prompt.take_all(&[body.instructions, body.input]),
        Operation::Messages | Operation::CountTokens => {
            prompt.take_all(&[body.system, body.messages, body.instructions, body.input]);
        }
        // What it costs does not depend on its text.
        Operation::Rerank | Operation::Models | Operation::StoredResponse | Operation::Other => {
            return prompt;
        }
    }
    for json in [body.tools, body.functions, body.tool_config] {
        prompt.text.push_json(json.text().unwrap_or_default());
    }
    prompt
}

impl Prompt {
    fn take_all(&mut self, values: &[Raw<'_>]) {
        for value in values {
            self.take(*value, DEPTH_MAX);
        }
    }

    /// Takes a string, a token, or a list or object of such things.
    fn take(&mut self, value: Raw<'_>, depth: u8) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        if let Some(escaped) = value.escaped() {
            self.text.push(escaped);
        } else if value.is_list() {
            value.for_each(|entry: Raw<'_>| self.take(entry, depth));
        } else if let Some(node) = value.object::<Node<'_>>() {
            for text in [
                node.content,
                node.text,
                node.thinking,
                node.message,
                node.parts,
                node.refusal,
                node.tool_plan,
                node.summary,
                node.name,
                node.output,
            ] {
                self.take(text, depth);
            }
            for call in [
                node.reasoning,
                node.reasoning_text,
                node.tool_calls,
                node.function,
                node.custom,
                node.function_call,
                node.function_response,
                node.tool_use,
                node.tool_result,
            ] {
                self.take(call, depth);
            }
            let document: Document<'_> = node.document.object().unwrap_or_default();
            for arguments in [
                document.data,
                node.arguments,
                node.input,
                node.args,
                node.response,
                node.json,
            ] {
                match (arguments.escaped(), arguments.text()) {
                    (Some(escaped), _) => self.text.push(escaped),
                    (None, json) => self.text.push_json(json.unwrap_or_default()),
                }
            }
        } else if value.count().is_some() {
            self.tokens = self.tokens.saturating_add(1);
        }
    }
}
