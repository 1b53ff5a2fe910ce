//! Images and other files: what they are and how large, never what is in them.

use super::{File, FileKind, Part, json::Json};

/// A file whose content is here as base64.
pub(super) fn of_base64(kind: FileKind, media_type: Option<String>, data: &Json<'_>) -> File {
    File {
        kind,
        media_type,
        bytes: data.text().map(bytes),
        name: None,
    }
}

/// A file that is somewhere else, or in a `data:` address. `kind`: what it is, where that is known.
pub(super) fn of_address(kind: Option<FileKind>, address: &str) -> File {
    let Some((head, data)) = address
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(','))
    else {
        return named(kind.unwrap_or(FileKind::Document), Some(address.to_owned()));
    };
    let media_type = head.split(';').next().filter(|kind| !kind.is_empty());
    let is_base64 = head.ends_with(";base64");
    File {
        kind: kind.unwrap_or_else(|| kind_of(media_type)),
        media_type: media_type.map(str::to_owned),
        bytes: Some(if is_base64 {
            bytes(data)
        } else {
            length(data.len())
        }),
        name: None,
    }
}

/// A file of which only the name is here.
pub(super) const fn named(kind: FileKind, name: Option<String>) -> File {
    File {
        kind,
        media_type: None,
        bytes: None,
        name,
    }
}

/// The file that a part of OpenAI's APIs is, chat and Responses alike. `None`: it is no file.
pub(super) fn of_openai(kind: &str, part: &Json<'_>) -> Option<Part> {
    let file = match kind {
        "image_url" | "input_image" | "output_image" | "computer_screenshot" => {
            at_address(FileKind::Image, part, &["image_url"])
        }
        "video_url" => at_address(FileKind::Video, part, &["video_url"]),
        "audio_url" => at_address(FileKind::Audio, part, &["audio_url"]),
        "document_url" => at_address(FileKind::Document, part, &["document_url"]),
        "input_audio" | "output_audio" => {
            let audio = nested(part, kind);
            let format = audio.get("format").text();
            of_base64(
                FileKind::Audio,
                format.map(|format| format!("audio/{format}")),
                audio.get("data"),
            )
        }
        "file" | "input_file" => document(nested(part, "file")),
        _ => return None,
    };
    Some(Part::File(file))
}

/// What is said in a part that is sound, where that is written down.
pub(super) fn of_openai_transcript<'a>(part: &'a Json<'_>) -> Option<&'a str> {
    part.get("transcript").text()
}

/// The object of this name in a part, or the part itself.
fn nested<'a, 'j>(part: &'a Json<'j>, name: &str) -> &'a Json<'j> {
    let inner = part.get(name);
    if inner.is_object() { inner } else { part }
}

/// A file at an address that stands as a string or as an object with a `url`, or one with an id.
fn at_address(kind: FileKind, part: &Json<'_>, names: &[&str]) -> File {
    let address = part.first(names);
    match address.text().or_else(|| address.get("url").text()) {
        Some(address) => of_address(Some(kind), address),
        None => named(kind, part.get("file_id").string()),
    }
}

/// OpenAI's file: its content as base64 or in a `data:` address, its address, or its id.
fn document(file: &Json<'_>) -> File {
    let data = file.get("file_data");
    let found = match (data.text(), file.get("file_url").text()) {
        (Some(address), _) if address.starts_with("data:") => of_address(None, address),
        (Some(_), _) => of_base64(FileKind::Document, None, data),
        (None, Some(address)) => of_address(Some(FileKind::Document), address),
        (None, None) => named(FileKind::Document, file.get("file_id").string()),
    };
    let name = file.get("filename").string();
    File {
        name: name.or(found.name),
        ..found
    }
}

/// What a file of this media type is.
pub(super) fn kind_of(media_type: Option<&str>) -> FileKind {
    match media_type.and_then(|kind| kind.split('/').next()) {
        Some("image") => FileKind::Image,
        Some("audio") => FileKind::Audio,
        Some("video") => FileKind::Video,
        _ => FileKind::Document,
    }
}

/// How many bytes a base64 text stands for.
pub(super) fn bytes(base64: &str) -> u64 {
    let digits = base64
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=')
        .count();
    // Four digits are three bytes, and what is left of them rounds down.
    length(digits / 4 * 3 + digits % 4 * 3 / 4)
}

/// A length as it is told.
pub(super) fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
