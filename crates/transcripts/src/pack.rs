//! A recorded body as it is kept: without content coding and credentials, cut where it is too long, compressed.

use std::borrow::Cow;

use domain::call::Operation;
use secrecy::{ExposeSecret, SecretString};
use store::transcripts::PackedBody;
use wire::{
    decode::Decoder,
    error::{in_base64, redact},
    transcript::without_input,
};
use zstd::bulk::Compressor;

use crate::{BODY_HELD_BYTES, RecordedBody, recorder::length};

/// How much is unpacked of a compressed body. More cannot be kept.
const UNPACKED_BYTES: u64 = BODY_HELD_BYTES;
/// Compressed bytes that are unpacked at once, so that of a body which breaks off, or is too long, what is
/// before that is there.
const UNPACKED_AT_ONCE: usize = 4 << 10;
/// The longest `content-type` that is kept.
const CONTENT_TYPE_BYTES: usize = 200;
/// The `content-type` of AWS' streams, whose frames can hold their events in base64.
const FRAMES: &str = "application/vnd.amazon.eventstream";
/// A credential shorter than this is none, and stands in any text.
const SECRET_BYTES: usize = 8;

/// The credentials of a call, of which nothing is kept.
pub(crate) struct Secrets(Vec<SecretString>);

impl Secrets {
    pub(crate) fn new(mut secrets: Vec<SecretString>) -> Self {
        secrets.retain(|secret| secret.expose_secret().len() >= SECRET_BYTES);
        Self(secrets)
    }

    /// A body without them.
    fn blanked<'a>(&self, mut plain: Plain<'a>, content_type: Option<&str>) -> Plain<'a> {
        let framed = content_type.is_some_and(|kind| kind.trim_start().starts_with(FRAMES));
        let mut without = |text: &str| {
            if let Some(blanked) = redact(&plain.bytes, text) {
                let missing = plain.length.saturating_sub(length(plain.bytes.len()));
                plain.length = length(blanked.len()).saturating_add(missing);
                plain.bytes = Cow::Owned(blanked);
            }
        };
        for secret in &self.0 {
            let secret = secret.expose_secret();
            without(secret);
            if framed {
                in_base64(secret).iter().for_each(|text| without(text));
            }
        }
        plain
    }

    /// A text without them: it is put together of pieces, over which one may have been spread.
    pub(crate) fn blanked_text(&self, text: String) -> String {
        self.0.iter().fold(text, |text, secret| {
            let blanked = redact(text.as_bytes(), secret.expose_secret());
            blanked.map_or(text, |blanked| {
                String::from_utf8_lossy(&blanked).into_owned()
            })
        })
    }
}

/// A body without its content coding.
#[derive(Debug)]
pub(crate) struct Plain<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    /// How long it is; where its end is missing, at least so long.
    pub(crate) length: u64,
}

impl Plain<'_> {
    /// An answer without what it repeats of its request.
    pub(crate) fn without_input(mut self, operation: Operation) -> Self {
        if let Some(kept) = without_input(operation, &self.bytes) {
            let missing = self.length.saturating_sub(length(self.bytes.len()));
            self.length = length(kept.len()).saturating_add(missing);
            self.bytes = Cow::Owned(kept);
        }
        self
    }
}

/// Takes the content coding off, and the credentials out.
pub(crate) fn plain<'a>(body: &'a RecordedBody, secrets: &Secrets) -> Plain<'a> {
    secrets.blanked(decoded(body), body.content_type.as_deref())
}

/// Takes the content coding off. What cannot be read stays as it is, up to there.
fn decoded(body: &RecordedBody) -> Plain<'_> {
    let missing = body.bytes.saturating_sub(length(body.kept.len()));
    let as_it_is = || Plain {
        bytes: Cow::Borrowed(&body.kept),
        length: body.bytes,
    };
    let encoding = body
        .content_encoding
        .as_deref()
        .unwrap_or("identity")
        .trim();
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        return as_it_is();
    }
    let (bytes, unread) = unpacked(encoding, &body.kept, UNPACKED_AT_ONCE);
    if !bytes.is_empty() || unread == 0 {
        return Plain {
            length: length(bytes.len())
                .saturating_add(unread)
                .saturating_add(missing),
            bytes: Cow::Owned(bytes),
        };
    }
    // It breaks off at once, but there may be something before that.
    let begun = body.kept.get(..UNPACKED_AT_ONCE).unwrap_or(&body.kept);
    let (bytes, _) = unpacked(encoding, begun, 1);
    if bytes.is_empty() {
        return as_it_is();
    }
    Plain {
        length: body.bytes.max(length(bytes.len())),
        bytes: Cow::Owned(bytes),
    }
}

/// What can be unpacked, so many bytes at once; and how many could not be.
fn unpacked(encoding: &str, packed: &[u8], at_once: usize) -> (Vec<u8>, u64) {
    let Some(decoder) = Decoder::for_encoding(encoding) else {
        return (Vec::new(), length(packed.len()));
    };
    let mut decoder = decoder.with_limit(usize::try_from(UNPACKED_BYTES).unwrap_or(usize::MAX));
    let mut bytes = Vec::new();
    let mut unread = 0_u64;
    for packed in packed.chunks(at_once) {
        match decoder.push(packed) {
            Ok(more) => bytes.extend_from_slice(&more),
            Err(_) => unread = unread.saturating_add(length(packed.len())),
        }
    }
    (bytes, unread)
}

/// Cuts and compresses.
///
/// # Errors
/// Where there is no memory to compress in.
pub(crate) fn pack(
    compressor: &mut Compressor<'_>,
    content_type: Option<&str>,
    plain: &Plain<'_>,
    most_bytes: u64,
) -> std::io::Result<PackedBody> {
    let kept = cut(&plain.bytes, most_bytes);
    Ok(PackedBody {
        content_type: content_type.map(|text| {
            let text = text.get(..text.floor_char_boundary(CONTENT_TYPE_BYTES));
            text.unwrap_or_default().replace('\0', "\u{fffd}")
        }),
        packed: compressor.compress(kept)?,
        bytes: plain.length,
        kept_bytes: length(kept.len()),
    })
}

/// The beginning of a body, not cut within a character.
fn cut(bytes: &[u8], most: u64) -> &[u8] {
    /// Longest character but its first byte.
    const REST_OF_A_CHARACTER: usize = 3;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let is_inside = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000)
    };
    let back = (0..=REST_OF_A_CHARACTER).find(|back| !is_inside(most.saturating_sub(*back)));
    let at = most.saturating_sub(back.unwrap_or_default());
    bytes.get(..at).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use bytes::Bytes;

    use super::*;

    fn body(kept: &[u8], encoding: Option<&str>) -> RecordedBody {
        RecordedBody {
            content_type: None,
            content_encoding: encoding.map(str::to_owned),
            kept: Bytes::copy_from_slice(kept),
            bytes: length(kept.len()),
        }
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        let mut packed = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        packed.write_all(bytes).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn a_body_is_cut_between_characters_and_says_how_long_it_was() {
        let mut compressor = Compressor::new(1).unwrap();
        let text = "abcü🐟x";
        for (most, kept) in [
            (3, "abc"),
            (4, "abc"),
            (5, "abcü"),
            (8, "abcü"),
            (9, "abcü🐟"),
            (99, text),
        ] {
            let body = body(text.as_bytes(), None);
            let packed = pack(&mut compressor, Some("a/b"), &decoded(&body), most).unwrap();
            let unpacked = zstd::bulk::decompress(&packed.packed, 100).unwrap();
            assert_eq!(String::from_utf8(unpacked).unwrap(), kept, "{most}");
            assert_eq!((packed.bytes, packed.kept_bytes), (10, length(kept.len())));
        }
        // What is no text is cut anywhere.
        assert_eq!(cut(&[0x80; 10], 7).len(), 7);
    }

    #[test]
    fn a_packed_body_is_unpacked_and_one_that_breaks_off_as_far_as_it_goes() {
        let mut seed = 7_u32;
        let text: Vec<u8> = (0..1_000_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                b'a' + u8::try_from(seed >> 29).unwrap()
            })
            .collect();
        let packed = zstd(&text);
        let whole = body(&packed, Some("zstd"));
        let read = decoded(&whole);
        assert_eq!((&*read.bytes, read.length), (&text[..], 1_000_000));
        let mut half = body(&packed[..packed.len() / 2], Some("ZSTD"));
        half.bytes = length(packed.len());
        let read = decoded(&half);
        assert!(text.starts_with(&read.bytes) && read.bytes.len() > 10_000);
        assert!(read.length > length(read.bytes.len()), "its end is missing");
        let strange = body(b"no gzip at all", Some("gzip"));
        assert_eq!(&*decoded(&strange).bytes, b"no gzip at all");
        let unknown = body(b"???", Some("compress"));
        assert_eq!(&*decoded(&unknown).bytes, b"???");
    }

    #[test]
    fn a_body_that_unpacks_to_far_more_than_it_is_ends_at_the_limit() {
        let bomb = zstd(&vec![0; 100 << 20]);
        let bomb = body(&bomb, Some("zstd"));
        let read = decoded(&bomb);
        assert!(length(read.bytes.len()) <= UNPACKED_BYTES);
        assert!(read.length >= length(read.bytes.len()));
    }

    #[test]
    fn credentials_are_blanked_however_they_are_written() {
        const SECRET: &str = "sk-ab/cd+ef";
        let secrets = Secrets::new(vec!["short".into(), SECRET.into(), "another-one".into()]);
        let blanked = |text: &str, kind: Option<&str>, encoding: Option<&str>| {
            let packed = encoding.map_or(text.as_bytes().to_vec(), |_| zstd(text.as_bytes()));
            let mut body = body(&packed, encoding);
            body.content_type = kind.map(str::to_owned);
            let plain = plain(&body, &secrets);
            assert_eq!(plain.length, length(plain.bytes.len()));
            String::from_utf8(plain.bytes.into_owned()).unwrap()
        };
        for encoding in [None, Some("zstd")] {
            for text in [SECRET, r"sk-ab\/cd\u002bef", "another-one"] {
                let text = format!("a short {text}, \"{text}\"");
                assert_eq!(
                    blanked(&text, Some("application/json"), encoding),
                    "a short [redacted], \"[redacted]\""
                );
            }
        }
        for framed in ["c2stYWIvY2QrZWY", "eHNrLWFiL2NkK2Vm", "eHhzay1hYi9jZCtlZg"] {
            let text = blanked(framed, Some(FRAMES), None);
            assert!(text.contains("[redacted]") && text.len() <= 16, "{text}");
            assert_eq!(blanked(framed, None, None), framed);
        }
        let text = secrets.blanked_text(format!("of pieces: {SECRET}"));
        assert_eq!(text, "of pieces: [redacted]");
    }

    #[test]
    fn of_a_body_whose_end_is_broken_no_credential_is_kept_either() {
        let mut packed = zstd(format!("x sk-upstream-key {}", "y".repeat(99)).as_bytes());
        packed.extend_from_slice(b"no frame at all");
        let body = body(&packed, Some("zstd"));
        let secrets = Secrets::new(vec!["sk-upstream-key".into()]);
        assert!(plain(&body, &secrets).bytes.starts_with(b"x [redacted] y"));
    }
}
