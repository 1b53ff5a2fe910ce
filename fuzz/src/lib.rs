//! What the targets share: choices out of the input itself, and bytes cut into pieces.

#[path = "../../crates/wire/tests/support/frames.rs"]
#[allow(dead_code)]
mod frames;

use domain::{call::Operation, provider::ProviderType};
use wire::meter::Shape;

/// Reads choices off the end of an input, so that a recorded answer is a good input as it is.
pub struct Input<'a> {
    bytes: &'a [u8],
    seed: u64,
}

impl<'a> Input<'a> {
    /// The input, whose last four bytes tell the choices; they stay a part of it.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        let seed = bytes
            .iter()
            .rev()
            .take(4)
            .fold(0x9E37_79B9_7F4A_7C15, |seed: u64, byte| {
                (seed ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
            });
        Self { bytes, seed }
    }

    /// All of its bytes.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.seed = self
            .seed
            .wrapping_mul(0x5851_F42D_4C95_7F2D)
            .wrapping_add(0x1405_7B7E_F767_814F);
        usize::try_from(self.seed >> 33).unwrap_or_default() % end
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// An operation.
    pub fn operation(&mut self) -> Operation {
        self.one_of(Operation::ALL)
    }

    /// A provider type.
    pub fn provider_type(&mut self) -> ProviderType {
        self.one_of(ProviderType::ALL)
    }

    /// A shape.
    pub fn shape(&mut self) -> Shape {
        self.one_of(Shape::ALL)
    }

    /// Bytes cut into pieces, some of them empty.
    pub fn pieces<'b>(&mut self, bytes: &'b [u8]) -> Vec<&'b [u8]> {
        let longest = self.one_of(&[1, 3, 17, 200, 5000]);
        let (mut pieces, mut rest) = (vec![], bytes);
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(self.below(longest + 1).min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces
    }
}

/// An AWS event stream out of an input: the frames that its lines mean where it is written as the fixtures
/// are, else the bytes with right checksums where these would stand, so that what is behind them is read.
#[must_use]
pub fn event_stream(input: &[u8]) -> Vec<u8> {
    match str::from_utf8(input) {
        Ok(text)
            if ["event ", "chunk ", "error ", "exception "]
                .iter()
                .any(|kind| text.starts_with(kind)) =>
        {
            let readable = |line: &&str| {
                let mut words = line.split(' ');
                let kind = words.next().unwrap_or_default();
                ["event", "chunk", "error", "exception"].contains(&kind)
                    && words.next().unwrap_or_default().len() < 1000
            };
            let lines: Vec<&str> = text.lines().filter(readable).collect();
            frames::encode(&lines.join("\n"))
        }
        _ => {
            let mut bytes = input.to_vec();
            repair(&mut bytes);
            bytes
        }
    }
}

/// Writes right checksums into what looks like AWS frames.
fn repair(bytes: &mut [u8]) {
    let mut start = 0;
    while let Some(prelude) = bytes.get(start..start + 12) {
        let length = u32::from_be_bytes([prelude[0], prelude[1], prelude[2], prelude[3]]);
        let end = start.saturating_add(usize::try_from(length).unwrap_or(usize::MAX));
        let checksum = crc32fast::hash(&prelude[..8]).to_be_bytes();
        bytes[start + 8..start + 12].copy_from_slice(&checksum);
        if end < start + 16 || end > bytes.len() {
            return;
        }
        let checksum = crc32fast::hash(&bytes[start..end - 4]).to_be_bytes();
        bytes[end - 4..end].copy_from_slice(&checksum);
        start = end;
    }
}
