//! Compression of answers: gzip, br and zstd. It knows nothing of the APIs. Each frame is flushed,
//! so that a reader gets all of it before the next one comes.

use std::io::{self, Write};

use flate2::write::GzEncoder;
use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

use crate::frames::Frames;

const BROTLI_BUFFER: usize = 4096;
const BROTLI_QUALITY: u32 = 4;
const BROTLI_WINDOW: u32 = 20;
const ZSTD_LEVEL: i32 = 3;

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    /// The coding that `accept-encoding` likes best: the highest `q`, then the first named.
    pub(crate) fn choose(headers: &HeaderMap) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for value in headers.get_all(ACCEPT_ENCODING) {
            for part in value.to_str().unwrap_or_default().split(',') {
                let (name, weight) = split_weight(part);
                let better = best.is_none_or(|(_, best)| weight > best);
                if let Some(coding) = Self::named(name)
                    && weight > 0.0
                    && better
                {
                    best = Some((coding, weight));
                }
            }
        }
        best.map(|(coding, _)| coding)
    }

    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "gzip" => Some(Self::Gzip),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }

    /// As in `content-encoding`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Compresses frame by frame. Without `finish` the end of the compressed stream is left out,
    /// as it is where an answer breaks off.
    pub(crate) fn compress(self, frames: &Frames, finish: bool) -> io::Result<Frames> {
        let mut encoder = Encoder::new(self)?;
        let mut ends = Vec::with_capacity(frames.len());
        for frame in frames.iter() {
            ends.push(encoder.add(frame)?);
        }
        let mut bytes = encoder.finish()?;
        let flushed = ends.last().copied().unwrap_or_default();
        if !finish {
            bytes.truncate(flushed);
        }
        // What finishing adds belongs to the last frame.
        ends.pop();
        let mut compressed = Frames::whole(bytes);
        compressed.cut_at(ends.into_iter());
        Ok(compressed)
    }
}

enum Encoder {
    Gzip(GzEncoder<Vec<u8>>),
    Brotli(Box<brotli::CompressorWriter<Vec<u8>>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
}

impl Encoder {
    fn new(coding: Coding) -> io::Result<Self> {
        Ok(match coding {
            Coding::Gzip => Self::Gzip(GzEncoder::new(Vec::new(), flate2::Compression::default())),
            Coding::Brotli => Self::Brotli(Box::new(brotli::CompressorWriter::new(
                Vec::new(),
                BROTLI_BUFFER,
                BROTLI_QUALITY,
                BROTLI_WINDOW,
            ))),
            Coding::Zstd => Self::Zstd(zstd::stream::write::Encoder::new(Vec::new(), ZSTD_LEVEL)?),
        })
    }

    /// Returns how many compressed bytes there are now.
    fn add(&mut self, frame: &[u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(encoder) => {
                encoder.write_all(frame)?;
                encoder.flush()?;
                Ok(encoder.get_ref().len())
            }
            Self::Brotli(encoder) => {
                encoder.write_all(frame)?;
                encoder.flush()?;
                Ok(encoder.get_ref().len())
            }
            Self::Zstd(encoder) => {
                encoder.write_all(frame)?;
                encoder.flush()?;
                Ok(encoder.get_ref().len())
            }
        }
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(encoder) => encoder.finish(),
            Self::Brotli(encoder) => Ok(encoder.into_inner()),
            Self::Zstd(encoder) => encoder.finish(),
        }
    }
}

/// A coding and how much it is liked: `gzip;q=0.5`.
fn split_weight(part: &str) -> (&str, f32) {
    let mut pieces = part.split(';').map(str::trim);
    let name = pieces.next().unwrap_or_default();
    let weight = pieces
        .find_map(|piece| piece.strip_prefix("q="))
        .map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
    (name, weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_choice(accept: &'static str, coding: Option<Coding>) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, http::HeaderValue::from_static(accept));
        assert_eq!(Coding::choose(&headers), coding, "{accept}");
    }

    #[test]
    fn the_best_liked_coding_is_chosen() {
        check_choice("gzip, deflate, br, zstd", Some(Coding::Gzip));
        check_choice("deflate, br, gzip", Some(Coding::Brotli));
        check_choice("gzip;q=0.5, zstd;q=0.8, br;q=0", Some(Coding::Zstd));
        check_choice("identity", None);
        check_choice("", None);
    }
}
