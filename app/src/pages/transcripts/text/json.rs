//! JSON with lines and indents, every other letter as it was written: neither order nor numbers change, and
//! what is no JSON comes out as readable as it went in.

/// How far lines are indented at most.
const DEEPEST: usize = 16;

/// JSON on several lines. Any other text stays as it is.
pub(super) fn on_lines(text: &str) -> String {
    let text = text.trim();
    if !text.starts_with(['{', '[']) {
        return text.to_owned();
    }
    let mut lines = String::with_capacity(text.len().saturating_mul(2));
    let (mut depth, mut in_string, mut is_escaped) = (0usize, false, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if in_string {
            lines.push(letter);
            in_string = is_escaped || letter != '"';
            is_escaped = letter == '\\' && !is_escaped;
            continue;
        }
        match letter {
            ' ' | '\t' | '\n' | '\r' => {}
            '{' | '[' => {
                lines.push(letter);
                while letters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                if let Some(end) = letters.next_if(|next| matches!(next, '}' | ']')) {
                    lines.push(end);
                } else {
                    depth = depth.saturating_add(1);
                    new_line(&mut lines, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut lines, depth);
                lines.push(letter);
            }
            ',' => {
                lines.push(letter);
                new_line(&mut lines, depth);
            }
            ':' => lines.push_str(": "),
            letter => {
                in_string = letter == '"';
                lines.push(letter);
            }
        }
    }
    lines
}

fn new_line(lines: &mut String, depth: usize) {
    lines.push('\n');
    for _ in 0..depth.min(DEEPEST) {
        lines.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::on_lines;

    #[test]
    fn lines_are_broken_and_nothing_else() {
        assert_eq!(
            on_lines(r#" {"b":[1,{"a" : "x, {y\" \\"}], "c":{ },"n":1e400} "#),
            "{\n  \"b\": [\n    1,\n    {\n      \"a\": \"x, {y\\\" \\\\\"\n    }\n  ],\n  \"c\": {},\n  \"n\": 1e400\n}"
        );
        assert_eq!(on_lines("SELECT 1, 2"), "SELECT 1, 2");
        assert_eq!(on_lines(r#"{"cut":"of"#), "{\n  \"cut\": \"of");
        assert_eq!(on_lines("]"), "]");
    }

    #[test]
    fn depth_costs_no_more_than_its_letters() {
        let deep = "[".repeat(100_000);
        assert!(on_lines(&deep).len() < 100_000 * 40);
    }
}
