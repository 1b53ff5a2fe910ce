//! Random mutations of known streams, the same for the same seed.

/// A small generator of numbers (xorshift64*), for tests only.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        // Zero would stay zero.
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        usize::try_from((self.next() >> 11) % end).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }
}

/// Pieces of text that mean something to one of the parsers.
const WORDS: &[&str] = &[
    "\n\n",
    "\r",
    "data: ",
    "event: ",
    "[DONE]",
    "\"",
    "\\",
    "\\u",
    "\\ud83d",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "-1",
    "1e999",
    "18446744073709551615",
    "true",
    "\u{feff}",
    "\"usage\":",
    "\"type\":",
    "\"text\":",
    "\"error\":{}",
    "\"candidates\":",
    "\"usageMetadata\":",
    "\"promptTokenCount\":",
    "\"bytes\":",
    "AAAA",
    "\"amazon-bedrock-invocationMetrics\":{}",
    "message_stop",
    "\"choices\":",
    "\0",
];

/// Changes some bytes, between none and a few dozen.
pub(crate) fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..random.below(6) {
        let length = bytes.len();
        let at = random.below(length + 1);
        let end = at + random.below(40).min(length - at);
        match random.below(7) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let copy = bytes[at..end].to_vec();
                let to = random.below(length + 1);
                drop(bytes.splice(to..to, copy));
            }
            2 => {
                let word = WORDS[random.below(WORDS.len())].as_bytes();
                drop(bytes.splice(at..at, word.iter().copied()));
            }
            3 => bytes.truncate(at),
            4 => bytes[at..end].fill_with(|| random.byte()),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << random.below(8);
                }
            }
        }
    }
}

/// Cuts bytes into pieces, some of them empty.
pub(crate) fn pieces<'a>(bytes: &'a [u8], random: &mut Random) -> Vec<&'a [u8]> {
    let longest = [1, 3, 17, 200, 5000][random.below(5)];
    let mut pieces = vec![];
    let mut rest = bytes;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(random.below(longest + 1).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// Writes right checksums into what looks like AWS frames, so that mutations behind them are looked at.
pub(crate) fn repair(bytes: &mut [u8]) {
    let mut start = 0;
    while let Some(prelude) = bytes.get(start..start + 12) {
        let length = |at: usize| {
            let four = [
                prelude[at],
                prelude[at + 1],
                prelude[at + 2],
                prelude[at + 3],
            ];
            usize::try_from(u32::from_be_bytes(four)).unwrap_or(usize::MAX)
        };
        let end = start.saturating_add(length(0));
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
