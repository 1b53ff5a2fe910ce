//! What makes answers repeatable: every id, time and choice of text comes from a hash of the
//! request. It knows nothing of the APIs. The hash is our own, so that it is the same in every
//! build; it is no protection against anybody.

use serde_json::value::RawValue;

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
/// The answers are dated after this second.
const FIRST_SECOND: u64 = 1_780_000_000;
const SECONDS: u64 = 10_000_000;

/// A hash from which the invented parts of one answer are drawn.
#[derive(Clone, Copy)]
pub(crate) struct Seed(u64);

impl Seed {
    /// From a request's bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut hash = MULTIPLIER;
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            hash = step(hash, u64::from_le_bytes(*word));
        }
        for byte in rest {
            hash = step(hash, u64::from(*byte));
        }
        Self(scatter(
            hash ^ u64::try_from(bytes.len()).unwrap_or_default(),
        ))
    }

    /// From a request's bytes without one of its members: the same whether the member is there or
    /// not, since a gateway may add it on the way. `value` must be a part of `bytes`.
    pub(crate) fn without(bytes: &[u8], name: &str, value: Option<&RawValue>) -> Self {
        match value.and_then(|value| cut_out(bytes, name, value.get())) {
            Some(shorter) => Self::of(&shorter),
            None => Self::of(bytes),
        }
    }

    /// The seed that an id was made of; a hash of any other id.
    pub(crate) fn of_id(id: &str) -> Self {
        id.rsplit('_')
            .next()
            .and_then(|digits| digits.get(..16))
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .map_or_else(|| Self::of(id.as_bytes()), Self)
    }

    /// A seed of both.
    pub(crate) fn mixed_with(self, other: Self) -> Self {
        Self(scatter(self.0 ^ other.0.rotate_left(17)))
    }

    /// An id such as `resp_` and 32 hex digits.
    pub(crate) fn id(self, prefix: &str) -> String {
        format!("{prefix}{:016x}{:016x}", self.0, scatter(self.0))
    }

    /// An id with the dashes of a UUID.
    pub(crate) fn uuid(self) -> String {
        let (high, low) = (self.0, scatter(self.0));
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }

    /// The second at which the answer claims to be made.
    pub(crate) fn created(self) -> u64 {
        FIRST_SECOND + self.0 % SECONDS
    }

    /// A number that differs by `purpose`.
    pub(crate) fn number(self, purpose: u64) -> u64 {
        scatter(self.0 ^ purpose.wrapping_mul(MULTIPLIER))
    }
}

fn step(hash: u64, word: u64) -> u64 {
    (hash ^ word).wrapping_mul(MULTIPLIER).rotate_left(29)
}

/// Spreads every bit over all others (the finish of splitmix64).
fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(MULTIPLIER);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// `bytes` without the member `name`, whose value is the very piece of memory `value`, and without
/// the comma that belonged to it.
fn cut_out(bytes: &[u8], name: &str, value: &str) -> Option<Vec<u8>> {
    let from = value.as_ptr().addr().checked_sub(bytes.as_ptr().addr())?;
    let after = bytes.get(from.checked_add(value.len())?..)?;
    let before = bytes.get(..from)?.trim_ascii_end();
    let before = before.strip_suffix(b":")?.trim_ascii_end();
    let before = before.strip_suffix(format!("\"{name}\"").as_bytes())?;
    let mut shorter = before.trim_ascii_end().to_vec();
    if shorter.last() == Some(&b',') {
        shorter.pop();
        shorter.extend_from_slice(after);
    } else {
        let after = after.trim_ascii_start();
        shorter.extend_from_slice(after.strip_prefix(b",").unwrap_or(after));
    }
    Some(shorter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_cut(with: &str, without: &str) {
        #[derive(serde::Deserialize)]
        struct Body<'b> {
            #[serde(borrow)]
            x: Option<&'b RawValue>,
        }
        let body: Body<'_> = serde_json::from_str(with).expect("JSON");
        let cut = cut_out(with.as_bytes(), "x", body.x.expect("a member").get());
        assert_eq!(
            String::from_utf8(cut.expect("found")).expect("text"),
            without
        );
    }

    #[test]
    fn a_member_is_cut_out_wherever_it_stands() {
        check_cut(r#"{"a":1,"x":{"y":[2]}}"#, r#"{"a":1}"#);
        check_cut(r#"{"x":{"y":[2]},"a":1}"#, r#"{"a":1}"#);
        check_cut(r#"{"a":1, "x" : {"y":[2]}, "b":2}"#, r#"{"a":1, "b":2}"#);
        check_cut(r#"{"x":true}"#, r#"{}"#);
    }

    #[test]
    fn an_id_leads_back_to_its_seed() {
        let seed = Seed::of(b"a request");
        assert_eq!(Seed::of_id(&seed.id("resp_")).id("resp_"), seed.id("resp_"));
        assert_ne!(Seed::of(b"a request").0, Seed::of(b"a request ").0);
    }
}
