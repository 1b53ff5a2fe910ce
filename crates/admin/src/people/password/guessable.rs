//! Passwords that are long enough and still among the first that anybody tries.
//!
//! Of the lists of passwords that became known hardly any has twelve characters; those that have are
//! a word written twice, a run along the keyboard, or a short word with digits behind it.

/// Different characters that a password has at least.
const DIFFERENT_MIN: usize = 5;

/// What runs are made of: along the keyboard, the alphabet and the digits.
const RUNS: &[&str] = &[
    "012345678901234567890123456789",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnmqwertyuiop",
    "qwertzuiopasdfghjklyxcvbnmqwertzuiop",
    "1q2w3e4r5t6y7u8i9o0p1q2w3e",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
];

/// Words that passwords are made of which are tried first, in small letters.
const WORDS: &[&str] = &[
    "admin",
    "administrator",
    "changeme",
    "default",
    "football",
    "iloveyou",
    "letmein",
    "master",
    "monkey",
    "passw0rd",
    "password",
    "passwort",
    "qwerty",
    "root",
    "secret",
    "superman",
    "test",
    "trustno",
    "user",
    "weir",
    "welcome",
];

/// Whether a password is one of the first that anybody tries.
pub(super) fn is_guessable(password: &str) -> bool {
    let small = password.to_lowercase();
    let mut different: Vec<char> = small.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT_MIN {
        return true;
    }
    let backwards: String = small.chars().rev().collect();
    if RUNS
        .iter()
        .any(|run| run.contains(&small) || run.contains(&backwards))
    {
        return true;
    }
    // Known words one after the other, and digits and signs between and behind them.
    let mut rest = small.as_str();
    loop {
        rest = rest.trim_start_matches(|letter: char| !letter.is_alphabetic());
        match WORDS
            .iter()
            .filter_map(|word| rest.strip_prefix(word))
            .min_by_key(|rest| rest.len())
        {
            Some(after) => rest = after,
            None => return rest.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_guessable;

    fn check(password: &str, guessable: bool) {
        assert_eq!(is_guessable(password), guessable, "{password}");
    }

    #[test]
    fn what_is_tried_first_is_guessable() {
        check("password1234", true);
        check("Password2026!", true);
        check("passwordpassword", true);
        check("adminadmin123", true);
        check("Welcome-Welcome-1", true);
        check("aaaaaaaaaaaaaa", true);
        check("abababababab", true);
        check("123456789012", true);
        check("210987654321", true);
        check("qwertyuiopas", true);
        check("1q2w3e4r5t6y", true);
        check("1qaz2wsx3edc", true);
        check("111122223333", true);
        check("20260101-202", true);
    }

    #[test]
    fn a_phrase_is_not() {
        check("correct horse battery", false);
        check("a password of the tests", false);
        check("password of ada", false);
        check("zG7!kk02-qLmx", false);
        check("ваш очень длинный", false);
    }
}
