//! What the search finds of a call, and what a conversation is called.

use wire::transcript::{Message, Part, Role, plain_text};

/// The most text of a message, in bytes.
const MESSAGE_BYTES: usize = 64 << 10;
/// The most text of a call's messages together, in bytes: of its newest ones.
const CALL_BYTES: usize = 256 << 10;
/// The longest title, in characters.
const TITLE_CHARACTERS: usize = 200;

/// The texts of a request's messages, one for each. Where they are too long together the first ones are
/// left empty, which an earlier call has said already.
pub(crate) fn asked(messages: &[&Message]) -> Vec<String> {
    let mut left = CALL_BYTES;
    let mut texts: Vec<String> = messages
        .iter()
        .rev()
        .map(|message| {
            let text = clean(plain_text(message, left.min(MESSAGE_BYTES)));
            left = left.saturating_sub(text.len());
            text
        })
        .collect();
    texts.reverse();
    texts
}

/// The text of an answer, all its choices together.
pub(crate) fn answer(messages: &[Message]) -> String {
    let mut all = String::new();
    for message in messages {
        let left = MESSAGE_BYTES.saturating_sub(all.len());
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(&clean(plain_text(message, left)));
    }
    all
}

/// How a conversation that begins with these messages is called: what the first user says first, in one
/// line. What stands in tags there is mostly put in by the client, and only counts where there is nothing
/// else.
pub(crate) fn title(messages: &[&Message]) -> Option<String> {
    let first = messages.iter().find(|it| it.role == Role::User)?;
    let texts = || {
        first.parts.iter().filter_map(|part| match part {
            Part::Text(text) if !text.trim().is_empty() => Some(text.trim_start()),
            _ => None,
        })
    };
    let text = texts()
        .find(|text| !text.starts_with('<'))
        .or_else(|| texts().next())?;
    let mut title = String::new();
    let mut characters = 0_usize;
    for word in text.split_whitespace() {
        if characters > 0 {
            title.push(' ');
            characters = characters.saturating_add(1);
        }
        let room = TITLE_CHARACTERS.saturating_sub(characters);
        let end = word
            .char_indices()
            .nth(room)
            .map_or(word.len(), |(at, _)| at);
        let fits = word.get(..end).unwrap_or_default();
        characters = characters.saturating_add(fits.chars().count());
        title.push_str(fits);
        if characters >= TITLE_CHARACTERS {
            break;
        }
    }
    Some(clean(title))
}

/// Without what Postgres takes in no text.
fn clean(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(role: Role, texts: &[&str]) -> Message {
        let parts = texts.iter().map(|text| Part::Text((*text).to_owned()));
        Message {
            role,
            parts: parts.collect(),
        }
    }

    #[test]
    fn a_title_is_what_the_user_says_first_in_one_line() {
        let system = says(Role::System, &["You are kind."]);
        let titled = |texts: &[&str]| title(&[&system, &says(Role::User, texts)]);
        assert_eq!(
            titled(&[" How\n\nare\tyou? "]).as_deref(),
            Some("How are you?")
        );
        assert_eq!(
            titled(&["<system-reminder>x</system-reminder>", " ", "Mend it"]).as_deref(),
            Some("Mend it")
        );
        assert_eq!(titled(&["<b>x"]).as_deref(), Some("<b>x"));
        assert_eq!(titled(&["a\0b"]).as_deref(), Some("a\u{fffd}b"));
        assert_eq!(titled(&[" "]), None);
        assert_eq!(title(&[&system]), None);
        let long = titled(&[&"ü🐟 ".repeat(500)]).unwrap();
        assert_eq!(long.chars().count(), 200);
        assert_eq!(titled(&[&"x".repeat(500)]).unwrap().len(), 200);
    }

    #[test]
    fn of_a_long_history_the_newest_texts_are_kept() {
        let long = "word ".repeat(20_000);
        let messages: Vec<Message> = (0..8).map(|_| says(Role::User, &[&long])).collect();
        let messages: Vec<&Message> = messages.iter().collect();
        let texts = asked(&messages);
        assert_eq!(texts.len(), 8);
        assert!(texts.iter().map(String::len).sum::<usize>() <= CALL_BYTES);
        assert!(texts[0].is_empty() && texts[7].len() > MESSAGE_BYTES - 10);
    }
}
