//! Embeddings: what was embedded as what a user says. Of the vectors only how many there are, and how long.

use super::{
    FileKind, Message, Part, Role, Said, Talk, files, google, json::Json, openai, parts::add_text,
    reader::Reader,
};

/// Reads a request: OpenAI's `input`, texts or tokens; Google's `content`, alone, in `requests` or in the
/// `instances` of Vertex AI; Cohere's `texts`, `images` and `inputs`, and the `text` of which it counts the tokens.
pub(super) fn request(body: &Json<'_>) -> Option<Talk> {
    let input = body.get("input");
    let mut parts = Vec::new();
    openai::add_inputs(&mut parts, input);
    parts.extend(google::content(body.get("content")));
    for request in body.get("requests").list() {
        parts.extend(google::content(request.get("content")));
    }
    for instance in body.get("instances").list() {
        for name in ["content", "text"] {
            add_text(&mut parts, instance.get(name).text());
        }
        let image = instance.get("image");
        if !image.is_null() {
            let data = image.get("bytesBase64Encoded");
            parts.push(Part::File(files::of_base64(FileKind::Image, None, data)));
        }
    }
    openai::add_inputs(&mut parts, body.first(&["texts", "text"]));
    let images = body.get("images").one_or_many().iter();
    parts.extend(images.filter_map(|image| {
        let image = image.text()?;
        Some(Part::File(files::of_address(Some(FileKind::Image), image)))
    }));
    for input in body.get("inputs").list() {
        openai::add_content(&mut parts, input.get("content"));
    }
    let names = [
        "input",
        "content",
        "requests",
        "texts",
        "text",
        "images",
        "inputs",
        "instances",
    ];
    let is_asked = names.map(|name| !body.get(name).is_null());
    is_asked.contains(&true).then(|| Talk {
        messages: vec![Message {
            role: Role::User,
            parts,
        }],
        ..Talk::default()
    })
}

/// The vectors of an answer, counted. `None`: there are none.
pub(super) fn vectors(answer: &Json<'_>) -> Option<Part> {
    let (count, dimensions) = measured(answer)?;
    Some(Part::Other {
        kind: "embeddings".to_owned(),
        json: format!("{{\"count\":{count},\"dimensions\":{dimensions}}}"),
    })
}

/// How many vectors there are in an answer, and how long the first one is. `None`: there are none.
pub(super) fn measured(answer: &Json<'_>) -> Option<(usize, u64)> {
    let places = ["data", "embeddings", "embedding", "predictions"];
    let all = answer.first(&places);
    let (list, numbers_in_each) = match all {
        // Cohere's, by the type of their numbers: types that were not asked for are empty.
        Json::Object(members) if all.get("values").is_null() => {
            let (kind, list) = members.iter().find(|(_, list)| !list.list().is_empty())?;
            // Eight bits in each number.
            let packed = matches!(kind.as_ref(), "binary" | "ubinary");
            (list.list(), if packed { 8 } else { 1 })
        }
        all => (all.one_or_many(), 1),
    };
    let length = list.first().and_then(length)?;
    Some((list.len(), length.saturating_mul(numbers_in_each)))
}

/// How long a vector is: a list of numbers, or base64 of four bytes each.
fn length(vector: &Json<'_>) -> Option<u64> {
    // Vertex AI's predictions have theirs one deeper.
    let outer = vector.get("embeddings");
    let vector = if outer.is_null() { vector } else { outer };
    let inner = vector.first(&["embedding", "values", "textEmbedding", "imageEmbedding"]);
    match if inner.is_null() { vector } else { inner } {
        Json::Numbers(numbers) => {
            let commas = numbers.bytes().filter(|byte| *byte == b',').count();
            Some(super::files::length(commas).saturating_add(1))
        }
        Json::Text(base64) => Some(super::files::bytes(base64) / 4),
        _ => None,
    }
}

/// What has been read of an answer so far.
#[derive(Debug, Default)]
pub(super) struct Answer(Option<Part>);

impl Reader for Answer {
    fn whole(&mut self, answer: &Json<'_>) {
        self.0 = vectors(answer);
    }

    fn piece(&mut self, _name: &str, _piece: &Json<'_>) {
        // Nobody streams embeddings.
    }

    fn ended(&self) -> bool {
        true
    }

    fn said(self: Box<Self>) -> Said {
        let messages = self.0.into_iter().map(|part| Message {
            role: Role::Assistant,
            parts: vec![part],
        });
        Said {
            messages: messages.collect(),
            ..Said::default()
        }
    }
}
