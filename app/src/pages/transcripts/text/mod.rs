//! What applications and models wrote, as HTML in which nothing of it is more than text.
//!
//! There is one writer. Markup comes only from the code ([`Html::markup`] takes nothing else), everything
//! else is escaped, and what would not be seen is made visible. The writer also has an end: however much
//! was written, a page stays a page.

mod json;
mod links;
mod markdown;
mod odd;

use admin::transcripts::SnippetPiece;
use leptos::prelude::*;

/// HTML that is being written, up to a size.
#[derive(Debug)]
pub(super) struct Html {
    out: String,
    room: usize,
    is_full: bool,
}

impl Html {
    /// Nothing yet, and room for about so many bytes.
    pub(super) const fn with_room(room: usize) -> Self {
        Self {
            out: String::new(),
            room,
            is_full: false,
        }
    }

    /// Markup of our own.
    fn markup(&mut self, tag: &'static str) {
        self.out.push_str(tag);
    }

    /// Whether so many more bytes of text have room.
    const fn fits(&self, bytes: usize) -> bool {
        self.out.len() + bytes <= self.room
    }

    /// Text of others, up to where the room ends. Ends of lines are told one way.
    fn text(&mut self, text: &str) {
        let mut rest = text;
        let mut before = None;
        while let Some(letter) = rest.chars().next() {
            if self.out.len() >= self.room {
                self.is_full = true;
                return;
            }
            let times = if rest.starts_with("\r\n") {
                1
            } else if odd::is_hidden(letter, before) {
                let times = rest.chars().take_while(|next| *next == letter).count();
                self.mark(letter, times);
                times
            } else {
                self.letter(letter);
                1
            };
            before = Some(letter);
            rest = after(rest, letter.len_utf8().saturating_mul(times));
        }
    }

    fn letter(&mut self, letter: char) {
        match letter {
            '&' => self.out.push_str("&amp;"),
            '<' => self.out.push_str("&lt;"),
            '>' => self.out.push_str("&gt;"),
            '"' => self.out.push_str("&quot;"),
            '\'' => self.out.push_str("&#39;"),
            letter => self.out.push(letter),
        }
    }

    /// A mark for a letter that would not be seen.
    fn mark(&mut self, letter: char, times: usize) {
        self.markup(r#"<span class="odd">"#);
        self.out.push_str(&odd::name(letter));
        if times > 1 {
            self.out.push_str(&format!(" ×{times}"));
        }
        self.markup("</span>");
    }

    /// A number of our own.
    fn number(&mut self, number: u64) {
        self.out.push_str(&number.to_string());
    }
}

/// What comes after so many bytes.
fn after(text: &str, bytes: usize) -> &str {
    text.get(bytes..).unwrap_or_default()
}

/// How a text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Read as markdown.
    Markdown,
    /// As it was written, letter by letter.
    AsWritten,
    /// JSON on lines; whatever else it is, as it was written.
    Json,
}

/// A text as HTML.
#[derive(Debug)]
pub(super) struct Shown {
    /// The HTML.
    pub(super) html: String,
    /// Whether something is missing at its end.
    pub(super) is_cut: bool,
}

/// Shows the first `most` bytes of a text, in HTML of about `room` bytes at most.
pub(super) fn show(text: &str, look: Look, most: usize, room: usize) -> Shown {
    let head = head(text, most);
    let mut html = Html::with_room(room);
    match look {
        Look::Markdown => markdown::write(&mut html, head),
        Look::AsWritten => html.text(head),
        Look::Json => html.text(&json::on_lines(head)),
    }
    Shown {
        is_cut: html.is_full || head.len() < text.len(),
        html: html.out,
    }
}

/// The first bytes of a text, up to the end of a line where one is near.
fn head(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = text.floor_char_boundary(most);
    let head = text.get(..end).unwrap_or_default();
    match head.rfind('\n') {
        Some(line) if line >= most / 2 => head.get(..line).unwrap_or(head),
        _ => head,
    }
}

/// A short text of others within a line: a title, a tool's name. Its direction is its own.
#[component]
pub(super) fn Of(#[prop(into)] text: String) -> impl IntoView {
    const MOST: usize = 400;
    let shown = show(&text, Look::AsWritten, MOST, MOST * 8);
    let more = shown.is_cut.then_some("…");
    html! { <bdi inner_html=shown.html></bdi>{more} }
}

/// What was found in a text, marked, and the words around it.
#[component]
pub(super) fn Found(pieces: Vec<SnippetPiece>) -> impl IntoView {
    const MOST: usize = 2_000;
    let mut html = Html::with_room(MOST * 8);
    let mut left = MOST;
    for piece in &pieces {
        let words = head(&piece.text, left);
        left -= words.len();
        if piece.found {
            html.markup("<mark>");
            html.text(words);
            html.markup("</mark>");
        } else {
            html.text(words);
        }
    }
    html! { <bdi inner_html=html.out></bdi> }
}

/// A short text of others where no markup can be: what would not be seen is named in brackets.
pub(super) fn plain(text: &str) -> String {
    let mut before = None;
    let mut plain = String::with_capacity(text.len());
    for letter in text.replace("\r\n", "\n").chars() {
        if odd::is_hidden(letter, before) {
            plain.push('[');
            plain.push_str(&odd::name(letter));
            plain.push(']');
        } else {
            plain.push(if letter == '\n' { ' ' } else { letter });
        }
        before = Some(letter);
    }
    plain
}

/// Whether something in a text would not be seen.
pub(super) fn hides(text: &str) -> bool {
    let mut before = None;
    text.replace("\r\n", "\n").chars().any(|letter| {
        let is_hidden = odd::is_hidden(letter, before);
        before = Some(letter);
        is_hidden
    })
}

#[cfg(test)]
mod tests {
    use super::{Look, plain, show};

    fn written(text: &str) -> String {
        show(text, Look::AsWritten, 1_000, 10_000).html
    }

    #[test]
    fn nothing_becomes_markup() {
        assert_eq!(
            written("<script>alert('a' & \"b\")</script>"),
            "&lt;script&gt;alert(&#39;a&#39; &amp; &quot;b&quot;)&lt;/script&gt;"
        );
    }

    #[test]
    fn what_would_not_be_seen_is_marked() {
        let odd = |name: &str| format!(r#"<span class="odd">{name}</span>"#);
        assert_eq!(
            written("a\u{202e}b\u{1b}[31m\u{9b}c\0"),
            format!(
                "a{}b{}[31m{}c{}",
                odd("U+202E"),
                odd("U+001B"),
                odd("U+009B"),
                odd("U+0000")
            )
        );
        assert_eq!(
            written("\u{200b}\u{200b}\u{200b}x"),
            format!("{}x", odd("U+200B ×3"))
        );
        assert_eq!(
            written("a\r\nb\tc\rd"),
            format!("a\nb\tc{}d", odd("U+000D"))
        );
        assert_eq!(plain("x\u{2066}y\nz"), "x[U+2066]y z");
    }

    #[test]
    fn there_is_an_end_to_it() {
        let long = "x".repeat(5_000_000);
        let shown = show(&long, Look::AsWritten, 1_000, 10_000);
        assert_eq!((shown.html.len(), shown.is_cut), (1_000, true));
        let marks: String = ["\u{202e}", "\u{202d}"].concat().repeat(100_000);
        for look in [Look::AsWritten, Look::Markdown] {
            let shown = show(&marks, look, 1_000_000, 10_000);
            assert!(shown.html.len() < 10_100 && shown.is_cut);
        }
        let shown = show("one\ntwo\nthree", Look::AsWritten, 9, 100);
        assert_eq!((shown.html.as_str(), shown.is_cut), ("one\ntwo", true));
        assert!(!show("one", Look::AsWritten, 3, 100).is_cut);
    }

    #[test]
    fn a_letter_is_never_cut_in_two() {
        for most in 0..8 {
            let shown = show("ä€😀x", Look::AsWritten, most, 100);
            assert!("ä€😀x".starts_with(&shown.html));
        }
    }
}
