//! Takes the content coding off the copy that is metered. The client gets the bytes as they came.
//!
//! Works on bytes cut anywhere, several gzip members included; a body that breaks off gives what it held
//! until then. Guards against bodies that unpack to more than anyone can use: see [`MAX_OUTPUT`].

use std::io::{self, Write};

use brotli::DecompressorWriter;
use flate2::write::MultiGzDecoder;

/// The most bytes that one body may unpack to, unless the decoder was made with another limit.
pub const MAX_OUTPUT: usize = 256 * 1024 * 1024;

/// The most bytes that one push may give.
const MAX_PER_PUSH: usize = 64 * 1024 * 1024;

const BROTLI_BUFFER: usize = 16 * 1024;

/// Windows above 8 MiB are none that HTTP allows (RFC 9659).
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// Why a body cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are not of the coding.
    #[error("the body is not in the coding that it says")]
    Broken,
    /// The body unpacks to more than the limit.
    #[error("the body unpacks to more than the limit")]
    TooLong,
}

/// Decodes one body.
pub struct Decoder {
    coding: Coding,
    left: usize,
    failed: Option<DecodeError>,
}

enum Coding {
    Identity,
    Gzip(MultiGzDecoder<Output>),
    Brotli(Box<DecompressorWriter<Output>>),
    Zstd(zstd::stream::write::Decoder<'static, Output>),
}

impl Decoder {
    /// The decoder for a `content-encoding`. `None`: one that is not known here, or several.
    #[must_use]
    pub fn for_encoding(encoding: &str) -> Option<Self> {
        let encoding = encoding.trim();
        let is = |name: &str| encoding.eq_ignore_ascii_case(name);
        let coding = if encoding.is_empty() || is("identity") {
            Coding::Identity
        } else if is("gzip") || is("x-gzip") {
            Coding::Gzip(MultiGzDecoder::new(Output::default()))
        } else if is("br") {
            Coding::Brotli(Box::new(DecompressorWriter::new(
                Output::default(),
                BROTLI_BUFFER,
            )))
        } else if is("zstd") {
            let mut decoder = zstd::stream::write::Decoder::new(Output::default()).ok()?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).ok()?;
            Coding::Zstd(decoder)
        } else {
            return None;
        };
        Some(Self {
            coding,
            left: MAX_OUTPUT,
            failed: None,
        })
    }

    /// The same decoder with another limit for the whole body, in bytes.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.left = limit;
        self
    }

    /// Takes the next bytes of the body and gives those that they unpack to.
    ///
    /// # Errors
    /// When the bytes are not of the coding or unpack to more than the limit; then, and from then on,
    /// nothing more can be read of this body.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let decoded = self.decode(bytes);
        self.failed = decoded.as_ref().err().copied();
        decoded
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
        let room = self.left.min(MAX_PER_PUSH);
        let decoded = match &mut self.coding {
            Coding::Identity if bytes.len() > room => return Err(DecodeError::TooLong),
            Coding::Identity => bytes.to_vec(),
            Coding::Gzip(decoder) => {
                decoder.get_mut().room = room;
                let written = decoder.write_all(bytes).and_then(|()| decoder.flush());
                decoder.get_mut().take(written)?
            }
            Coding::Brotli(decoder) => {
                decoder.get_mut().room = room;
                let written = decoder.write_all(bytes).and_then(|()| decoder.flush());
                decoder.get_mut().take(written)?
            }
            Coding::Zstd(decoder) => {
                decoder.get_mut().room = room;
                let written = decoder.write_all(bytes).and_then(|()| decoder.flush());
                decoder.get_mut().take(written)?
            }
        };
        self.left = self.left.saturating_sub(decoded.len());
        Ok(decoded)
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let coding = match &self.coding {
            Coding::Identity => "identity",
            Coding::Gzip(_) => "gzip",
            Coding::Brotli(_) => "br",
            Coding::Zstd(_) => "zstd",
        };
        f.debug_struct("Decoder")
            .field("coding", &coding)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// What a decoder writes to: as much as there is room for.
#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    room: usize,
    overflowed: bool,
}

impl Output {
    /// What was written since the last time.
    fn take(&mut self, written: io::Result<()>) -> Result<Vec<u8>, DecodeError> {
        match written {
            _ if self.overflowed => Err(DecodeError::TooLong),
            Ok(()) => Ok(std::mem::take(&mut self.bytes)),
            Err(_) => Err(DecodeError::Broken),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.room {
            self.overflowed = true;
            return Err(io::Error::other("no room"));
        }
        self.room -= bytes.len();
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
