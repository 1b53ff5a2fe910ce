//! Words of a text, and what somebody who looks for words has typed.
//!
//! A word is a run of letters and digits, without regard to capitals and marks above letters. Chinese and
//! Japanese are written without spaces: there each character is a word, and a run of them is looked for as
//! a run. The databases cut texts into words by themselves; [`indexed`] sees to it that they find the same.

use std::{borrow::Cow, ops::Range};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Stands before what was found in the words around it. Texts that are kept never have it.
pub const FOUND_BEGINS: char = '\u{e000}';
/// Stands behind what was found.
pub const FOUND_ENDS: char = '\u{e001}';
/// Stands between characters that are words of their own: a space without width, which ends a word.
const BETWEEN: char = '\u{200b}';

/// A beginning of a word is looked for from this length on: shorter ones begin most words.
const BEGINNING_CHARS: usize = 3;
/// Words that are looked for, at most.
const WORDS_MAX: usize = 32;
/// Characters that a snippet has, and how many of them stand before what was found.
const SNIPPET_CHARS: usize = 180;
const BEFORE_CHARS: usize = 60;

/// What is looked for: runs of words, all of them, in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Each a run of words, at least one.
    pub(super) runs: Vec<Vec<String>>,
    /// Whether the last word may be a beginning.
    pub(super) open_end: bool,
}

impl Wanted {
    /// Reads what was typed. Without any word in it there are no runs.
    pub(super) fn of(typed: &str) -> Self {
        let mut left = WORDS_MAX;
        let mut runs: Vec<Vec<String>> = vec![];
        for typed in typed.split_whitespace() {
            let run: Vec<String> = words(typed)
                .take(left)
                .map(|(_, word)| word.into_owned())
                .collect();
            left = left.saturating_sub(run.len());
            if !run.is_empty() && !runs.contains(&run) {
                runs.push(run);
            }
        }
        let last = runs.last().and_then(|run| run.last());
        let open_end = !typed.ends_with(char::is_whitespace)
            && last.is_some_and(|word| word.chars().count() >= BEGINNING_CHARS);
        Self { runs, open_end }
    }

    /// The word that may be a beginning.
    pub(super) fn beginning(&self) -> Option<&str> {
        let last = self.runs.last().and_then(|run| run.last());
        last.filter(|_| self.open_end).map(String::as_str)
    }

    /// All of it but the run whose last word may be a beginning.
    pub(super) fn whole_words(&self) -> Self {
        let mut runs = self.runs.clone();
        runs.pop();
        Self {
            runs,
            open_end: false,
        }
    }

    /// Whether a text has all of it.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let said: Vec<Cow<'_, str>> = words(text).map(|(_, word)| word).collect();
        let ends = self.runs.len().saturating_sub(1);
        self.runs.iter().enumerate().all(|(place, run)| {
            let open_end = self.open_end && place == ends;
            said.windows(run.len()).any(|said| {
                let mut pairs = said.iter().zip(run).rev();
                let last = pairs.next();
                let ends_so = last.is_some_and(|(said, wanted)| {
                    said == wanted || open_end && said.starts_with(wanted.as_str())
                });
                ends_so && pairs.all(|(said, wanted)| said == wanted)
            })
        })
    }

    fn has(&self, word: &str) -> bool {
        self.runs.iter().flatten().any(|wanted| wanted == word)
            || self
                .beginning()
                .is_some_and(|begins| word.starts_with(begins))
    }
}

/// A text as it is kept and searched.
pub(super) fn indexed(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut was_single = false;
    for found in text.chars() {
        if matches!(found, FOUND_BEGINS | FOUND_ENDS | BETWEEN) {
            continue;
        }
        let single = is_word_alone(found);
        if was_single && (single || found.is_alphanumeric())
            || single && kept.ends_with(char::is_alphanumeric)
        {
            kept.push(BETWEEN);
        }
        was_single = single;
        // Postgres takes it in no text.
        kept.push(if found == '\0' { ' ' } else { found });
    }
    kept
}

/// The words of a text, with where they stand.
pub(super) fn words(text: &str) -> impl Iterator<Item = (Range<usize>, Cow<'_, str>)> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = rest.find(|(_, found)| found.is_alphanumeric())?;
        let mut end = start.saturating_add(first.len_utf8());
        if !is_word_alone(first) {
            while let Some((at, next)) = rest.next_if(|(_, next)| goes_on(*next)) {
                end = at.saturating_add(next.len_utf8());
            }
        }
        let word = text.get(start..end).unwrap_or_default();
        Some((start..end, folded(word)))
    })
}

/// The words around the first that was found, with marks about each that was. Where none is found, how the
/// text begins.
pub(super) fn snippet(text: &str, wanted: &Wanted) -> String {
    let first = words(text).find(|(_, word)| wanted.has(word));
    let at = first.map_or(0, |(range, _)| range.start);
    let start = back(text, at);
    let (before, shown) = text.split_at_checked(start).unwrap_or(("", text));
    let end = shown.char_indices().nth(SNIPPET_CHARS).map(|(end, _)| end);
    let end = end.map_or(shown.len(), |end| whole_word(shown, end));
    let (shown, behind) = shown.split_at_checked(end).unwrap_or((shown, ""));

    let mut marked = String::with_capacity(shown.len().saturating_add(16));
    let mut done = 0;
    for (range, word) in words(shown) {
        if wanted.has(&word) {
            marked.push_str(shown.get(done..range.start).unwrap_or_default());
            marked.push(FOUND_BEGINS);
            marked.push_str(shown.get(range.clone()).unwrap_or_default());
            marked.push(FOUND_ENDS);
            done = range.end;
        }
    }
    marked.push_str(shown.get(done..).unwrap_or_default());
    let plain: String = marked.chars().filter(|found| *found != BETWEEN).collect();
    let mut line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if !before.trim().is_empty() {
        line.insert(0, '…');
    }
    if !behind.trim().is_empty() {
        line.push('…');
    }
    line
}

/// Some characters before this place, where a word begins.
fn back(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    let Some((start, _)) = before.char_indices().rev().nth(BEFORE_CHARS) else {
        return 0;
    };
    let cut = before.get(start..).unwrap_or_default();
    cut.find(char::is_whitespace)
        .map_or(start, |space| start.saturating_add(space))
}

/// This place, or the end of the last whole word before it.
fn whole_word(text: &str, end: usize) -> usize {
    let shown = text.get(..end).unwrap_or_default();
    match shown.rfind(char::is_whitespace) {
        Some(space) if space > end / 2 => space,
        _ => end,
    }
}

fn goes_on(next: char) -> bool {
    !is_word_alone(next) && (next.is_alphanumeric() || is_combining_mark(next))
}

/// Without regard to capitals and marks above letters.
fn folded(word: &str) -> Cow<'_, str> {
    let is_folded = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if word.bytes().all(is_folded) {
        return Cow::Borrowed(word);
    }
    if word.is_ascii() {
        return Cow::Owned(word.to_ascii_lowercase());
    }
    let bare = word.nfd().filter(|found| !is_combining_mark(*found));
    Cow::Owned(bare.collect::<String>().to_lowercase())
}

/// Whether a character is a word by itself: of Chinese and Japanese.
const fn is_word_alone(found: char) -> bool {
    matches!(
        found,
        '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str) -> String {
        text.replace('[', &FOUND_BEGINS.to_string())
            .replace(']', &FOUND_ENDS.to_string())
    }

    #[test]
    fn words_are_without_capitals_and_marks() {
        let found: Vec<_> = words("Ärger, naïve-2 東京x")
            .map(|(_, word)| word)
            .collect();
        assert_eq!(found, ["arger", "naive", "2", "東", "京", "x"]);
    }

    #[test]
    fn whatever_is_typed_is_words() {
        let wanted = Wanted::of("\"OR NEAR(a* b^2\0) --; 'x");
        let runs = [vec!["or"], vec!["near", "a"], vec!["b", "2"], vec!["x"]];
        assert_eq!(wanted.runs, runs);
        assert!(!wanted.open_end);
        assert!(Wanted::of("kana").open_end);
        assert!(!Wanted::of("kana ").open_end);
        assert!(Wanted::of(" \"* ").runs.is_empty());
    }

    #[test]
    fn a_text_is_looked_through_as_the_database_does() {
        let said = |typed, text| Wanted::of(typed).is_in(text);
        assert!(said("kana", "ein Kanarienvogel"));
        assert!(said("foo-ba vogel ", "VOGEL foo ba"));
        assert!(said("foo-bar", "a foo, bark"));
        assert!(!said("foo-bar ", "a foo, bark"));
        assert!(!said("foo-bar", "bar foo"));
        assert!(!said("kana vogel", "kana vog"));
        assert!(Wanted::of("kana").whole_words().is_in(""));
    }

    #[test]
    fn a_snippet_marks_what_was_found_and_nothing_else() {
        let text = indexed("One canary\n sang: CANARIES\u{e000} <b>sing</b>");
        assert_eq!(
            snippet(&text, &Wanted::of("canar")),
            marked("One [canary] sang: [CANARIES] <b>sing</b>")
        );
        let text = indexed("東京都");
        assert_eq!(snippet(&text, &Wanted::of("京都")), marked("東[京][都]"));
        assert_eq!(
            snippet("nothing here", &Wanted::of("canary")),
            "nothing here"
        );
    }

    #[test]
    fn a_snippet_is_short_and_cut_between_words() {
        let text = format!("{}canary {}", "before ".repeat(100), "behind ".repeat(100));
        let snippet = snippet(&text, &Wanted::of("canary"));
        assert!(snippet.starts_with("…before"), "{snippet}");
        assert!(snippet.ends_with("behind…"), "{snippet}");
        assert!(snippet.chars().count() < SNIPPET_CHARS + 10);
    }
}
