//! The text of the answers: a few fixed paragraphs, cut into pieces about as long as tokens. It
//! knows nothing of the APIs. The text has characters of two, three and four bytes, composed emoji
//! and characters that JSON escapes, so that whoever cuts it carelessly is found out.

use std::{
    collections::BTreeSet,
    sync::{LazyLock, Mutex, PoisonError},
};

use crate::json;
use crate::seed::Seed;

/// Pieces of text in an answer whose request sets no limit.
pub const USUAL_TOKENS: usize = 48;
/// Most pieces of text in an answer, however high the request's limit, unless a header asks for more.
pub const MOST_TOKENS: usize = 512;

/// Tokens of hidden reasoning where the request sets no limit.
const USUAL_REASONING: usize = 64;
const LONGEST_PIECE: usize = 6;
const FILLER_BYTES: usize = 16 * 1024;

const PARAGRAPHS: [&str; 5] = [
    "A weir is a low wall across a river. It does not stop the water; it measures it, slows it and \
     keeps the level steady for the mills below. Lachse springen darüber, wenn die Schleuse zu \
     früh schließt. 🐟 What flows over the crest can be counted from its height alone: no meter has \
     to stand in the stream.\n\n",
    "Let us go through it step by step:\n\n1. Read the \"gauge\" at the upper edge – it shows \
     0.42 m.\n2. Compare it with yesterday's level (0.38 m → 0.42 m, that is +10 %).\n3. Open the \
     gate by one turn, wait five minutes and read again. ✅\n\nIf the level still rises, tell the \
     keeper downstream before you open it further.\n\n",
    "川の水は止まらない。堰はその高さを静かに保つ。春には雪解け水が増え、秋には落ち葉が流れる。\
     🌸 毎朝、番人は水位を帳面に書き、橋の上から下流を眺める。\n\n",
    "Zwölf große Boote fuhren am Wehr vorbei, während die Kinder – ein ganzes Dutzend 👩‍👩‍👧‍👦 – am \
     Ufer saßen und zählten. Où est l'écluse ? demanda le batelier. «Juste après le pont, à \
     gauche», répondit la gardienne. Ça coûte 3 € par passage, naïvement noté dans un cahier.\n\n",
    "```rust\nfn flow(height: f64, width: f64) -> f64 {\n\tlet c = 1.84; // broad crest, m½/s\n\tc * \
     width * height.powf(1.5)\n}\n```\nThe result is in m³/s; the path on disk would be \
     C:\\river\\today.csv. Is that precise enough? 🤔 For a gauge read by eye, yes.\n\n",
];

/// Pieces are kept as they stand inside a JSON string.
struct Pool {
    pieces: Vec<String>,
    starts: Vec<usize>,
    filler: String,
}

static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let mut pool = Pool {
        pieces: Vec::new(),
        starts: Vec::new(),
        filler: "the river goes on ".repeat(FILLER_BYTES / 18 + 1),
    };
    for paragraph in PARAGRAPHS {
        pool.starts.push(pool.pieces.len());
        pool.pieces.extend(cut(paragraph));
    }
    pool
});

/// The texts that headers asked for, as they stand inside a JSON string. There are few: they are kept for
/// ever, so that they can be pieces like the others.
static SAID: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// A text that a header asks for, as a piece.
pub(crate) fn said(text: &str) -> &'static str {
    let text = escaped(text);
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = said.get(text.as_str()) {
        return known;
    }
    let kept: &'static str = Box::leak(text.into_boxed_str());
    said.insert(kept);
    kept
}

/// A new piece begins before a space that follows something else, and after [`LONGEST_PIECE`]
/// characters.
fn cut(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for letter in text.chars() {
        let full = piece.chars().count() >= LONGEST_PIECE;
        let word_begins = letter == ' ' && !piece.ends_with(' ');
        if !piece.is_empty() && (full || word_begins) {
            pieces.push(escaped(&std::mem::take(&mut piece)));
        }
        piece.push(letter);
    }
    pieces.push(escaped(&piece));
    pieces
}

fn escaped(text: &str) -> String {
    let mut out = Vec::new();
    json::escape(&mut out, text);
    String::from_utf8_lossy(&out).into_owned()
}

/// How many tokens an answer has.
#[derive(Clone, Copy)]
pub(crate) struct Length {
    /// Pieces of text.
    pub(crate) visible: usize,
    /// Tokens of reasoning.
    pub(crate) hidden: usize,
}

impl Length {
    /// `frames` comes from a header and wins over `limit`, the request's. Reasoning has half of
    /// the limit.
    pub(crate) fn new(frames: Option<usize>, limit: Option<u64>, reasons: bool) -> Self {
        let limit = limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
        match (frames, limit) {
            (Some(frames), _) => Self {
                visible: frames,
                hidden: if reasons { USUAL_REASONING } else { 0 },
            },
            (None, Some(limit)) => {
                let all = limit.clamp(1, MOST_TOKENS);
                let hidden = if reasons { all / 2 } else { 0 };
                Self {
                    visible: all - hidden,
                    hidden,
                }
            }
            (None, None) => Self {
                visible: USUAL_TOKENS,
                hidden: if reasons { USUAL_REASONING } else { 0 },
            },
        }
    }
}

/// One text: where it begins and how long it is.
#[derive(Clone, Copy)]
pub(crate) struct Prose {
    paragraph: u64,
    pieces: usize,
    filler: usize,
    /// What it ends with.
    said: Option<&'static str>,
}

impl Prose {
    /// A text of so many pieces and so many bytes of filler.
    pub(crate) fn new(seed: Seed, pieces: usize, filler: usize) -> Self {
        Self {
            paragraph: seed.number(1),
            pieces,
            filler,
            said: None,
        }
    }

    /// The same with a piece at its end that a header asks for.
    pub(crate) fn saying(self, said: Option<&'static str>) -> Self {
        Self { said, ..self }
    }

    /// Another text of the same length, for the answer number `index` of a request.
    pub(crate) fn number(self, index: u64) -> Self {
        Self {
            paragraph: self.paragraph.wrapping_add(index),
            ..self
        }
    }

    /// How many pieces [`Self::pieces`] has.
    pub(crate) fn frames(self) -> usize {
        self.pieces + self.filler.div_ceil(FILLER_BYTES) + usize::from(self.said.is_some())
    }

    /// How many tokens it counts for.
    pub(crate) fn tokens(self) -> u64 {
        json::count(self.pieces + self.filler / 4 + self.said.map_or(0, str::len) / 4)
    }

    /// About how many bytes it has.
    pub(crate) fn bytes(self) -> usize {
        self.pieces * (LONGEST_PIECE + 1) + self.filler + self.said.map_or(0, str::len)
    }

    /// The text in pieces, each as it stands inside a JSON string.
    pub(crate) fn pieces(self) -> impl Iterator<Item = &'static str> {
        let pool = LazyLock::force(&POOL);
        let paragraphs = json::count(pool.starts.len()).max(1);
        let start = usize::try_from(self.paragraph % paragraphs)
            .ok()
            .and_then(|paragraph| pool.starts.get(paragraph).copied())
            .unwrap_or_default();
        let first = pool.pieces.get(start..).unwrap_or_default();
        let text = first
            .iter()
            .chain(pool.pieces.iter().cycle())
            .take(self.pieces)
            .map(String::as_str);
        let fillers = (0..self.filler.div_ceil(FILLER_BYTES)).map(move |number| {
            let left = self.filler - number * FILLER_BYTES;
            pool.filler
                .get(..left.min(FILLER_BYTES))
                .unwrap_or_default()
        });
        text.chain(fillers).chain(self.said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_paragraphs() {
        let text: String = Prose::new(Seed::of(b""), 100, 0).pieces().collect();
        let all: String = PARAGRAPHS.iter().map(|text| escaped(text)).collect();
        assert!(all.repeat(2).contains(&text));
    }

    #[test]
    fn filler_has_the_bytes_asked_for() {
        let prose = Prose::new(Seed::of(b""), 0, 40_000);
        assert_eq!(prose.pieces().map(str::len).sum::<usize>(), 40_000);
        assert_eq!(prose.pieces().count(), prose.frames());
    }

    #[test]
    fn what_a_header_asks_for_is_the_last_piece() {
        let prose = Prose::new(Seed::of(b""), 3, 0).saying(Some(said("a \"b\"")));
        assert_eq!(prose.pieces().last(), Some("a \\\"b\\\""));
        assert_eq!(prose.pieces().count(), prose.frames());
    }

    #[test]
    fn a_limit_covers_reasoning_too() {
        let length = Length::new(None, Some(100), true);
        assert_eq!((length.visible, length.hidden), (50, 50));
        assert_eq!(Length::new(None, Some(1), true).visible, 1);
        assert_eq!(
            Length::new(None, Some(1_000_000), false).visible,
            MOST_TOKENS
        );
        assert_eq!(Length::new(Some(7), Some(3), false).visible, 7);
    }
}
