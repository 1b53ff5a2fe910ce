//! Letters that one does not see, or that change how others are seen: controls, terminal escapes, direction
//! and other format characters.

/// Whether a letter would not be seen where it stands. `before`: the letter before it.
pub(super) const fn is_hidden(letter: char, before: Option<char>) -> bool {
    match letter {
        '\n' | '\t' => false,
        // Controls, a terminal's escapes among them, of seven and of eight bits.
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        // Direction.
        '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            true
        }
        // No width, or only a gap that looks like a space or the end of a line.
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'
        | '\u{2028}'..='\u{2029}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        // They join, part and colour letters of many scripts, and pictures; elsewhere they hide something.
        '\u{200c}'..='\u{200d}' => !shapes(before),
        '\u{fe00}'..='\u{fe0f}' => !shapes(before) && !is_key(before),
        _ => false,
    }
}

/// Whether something after this letter may change its shape: neither at a beginning, nor after a letter of
/// ASCII, nor twice.
const fn shapes(before: Option<char>) -> bool {
    match before {
        Some('\0'..='\u{ff}' | '\u{200b}'..='\u{200f}') | None => false,
        Some(_) => true,
    }
}

/// Whether it is one that stands on a key: `#️⃣`.
const fn is_key(before: Option<char>) -> bool {
    matches!(before, Some('0'..='9' | '#' | '*' | '©' | '®'))
}

/// How a letter is named: `U+202E`.
pub(super) fn name(letter: char) -> String {
    format!("U+{:04X}", u32::from(letter))
}

#[cfg(test)]
mod tests {
    use super::is_hidden;

    /// The letters of a text that are hidden, by their place.
    fn hidden(text: &str) -> Vec<usize> {
        let letters: Vec<char> = text.chars().collect();
        let before = |place: usize| place.checked_sub(1).map(|place| letters[place]);
        (0..letters.len())
            .filter(|place| is_hidden(letters[*place], before(*place)))
            .collect()
    }

    #[test]
    fn what_scripts_and_pictures_need_is_left() {
        for text in [
            "👩\u{200d}💻 ❤\u{fe0f} 1\u{fe0f}\u{20e3} ©\u{fe0f}",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "שלום, naïve café\n\tनमस्ते",
        ] {
            assert_eq!(hidden(text), Vec::<usize>::new(), "{text}");
        }
    }

    #[test]
    fn what_hides_is_found() {
        assert_eq!(hidden("pa\u{200d}yload\u{200c}"), [2, 8]);
        assert_eq!(hidden("x\u{fe0f}\u{e0041}\u{e0042}"), [1, 2, 3]);
        assert_eq!(
            hidden("\u{feff}a\u{ad}b\u{2028}\u{7f}\u{85}"),
            [0, 2, 4, 5, 6]
        );
    }
}
