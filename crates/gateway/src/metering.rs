//! The copy of an answer on its way to the meter: unpacked where it is compressed, and no larger than the
//! memory for all calls allows.

use std::sync::Arc;

use wire::{
    decode::{DecodeError, Decoder},
    meter::{Meter, Reading},
};

use crate::intake::{BufferBudget, Held};

/// A meter that holds no more than this takes no share of the memory for all calls. Streams stay below it.
const FREE_BYTES: usize = 64 << 10;

/// A meter with the means to read what it is shown.
#[derive(Debug)]
pub(crate) enum Metering {
    /// Reads.
    Reading {
        meter: Box<Meter>,
        coding: Coding,
        /// The copy's share of the memory for all calls.
        share: Held,
    },
    /// Only counts bytes: their coding is unknown, they are not of it, or there is no room for them. What
    /// was delivered is then estimated.
    Unread { bytes: usize },
}

/// So many compressed bytes are unpacked at once: up to about a thousand times as many come of them.
const UNPACKED_AT_ONCE: usize = 1 << 10;

/// How the bytes of an answer are to be read.
#[derive(Debug)]
pub(crate) enum Coding {
    /// As they are.
    Plain,
    /// Compressed.
    Packed(Box<Decoder>),
}

impl Metering {
    /// `encoding`: the answer's `content-encoding`.
    pub(crate) fn new(meter: Meter, encoding: &str, budget: &Arc<BufferBudget>) -> Self {
        let coding = if encoding.eq_ignore_ascii_case("identity") {
            Coding::Plain
        } else {
            match Decoder::for_encoding(encoding) {
                Some(decoder) => Coding::Packed(Box::new(decoder)),
                None => {
                    tracing::warn!(
                        encoding,
                        "The copy of an answer is in a coding that Weir cannot read; it is estimated"
                    );
                    return Self::Unread { bytes: 0 };
                }
            }
        };
        Self::Reading {
            meter: Box::new(meter),
            coding,
            share: Held::none(budget),
        }
    }

    /// Shows the meter a piece of the answer. Whether the answer is complete now.
    pub(crate) fn push(&mut self, piece: &[u8]) -> bool {
        let (meter, coding, share) = match self {
            Self::Unread { bytes } => {
                *bytes = bytes.saturating_add(piece.len());
                return false;
            }
            Self::Reading {
                meter,
                coding,
                share,
            } => (meter, coding, share),
        };
        let settled = match coding {
            Coding::Plain => meter.push(piece).settled,
            Coding::Packed(decoder) => {
                let mut packed = piece.chunks(UNPACKED_AT_ONCE);
                let read = packed.try_fold(false, |settled, packed| {
                    let plain = decoder.push(packed)?;
                    Ok::<_, DecodeError>(meter.push(&plain).settled || settled)
                });
                match read {
                    Ok(settled) => settled,
                    Err(error) => {
                        tracing::warn!(%error, "The copy of an answer cannot be decoded; it is estimated");
                        let bytes = meter.held_bytes().saturating_add(piece.len());
                        *self = Self::Unread { bytes };
                        return false;
                    }
                }
            }
        };
        let held = meter.held_bytes();
        if held > FREE_BYTES && share.grow_to(held).is_err() {
            tracing::warn!("There is no room for the copy of an answer; it is estimated");
            *self = Self::Unread { bytes: held };
        }
        settled
    }

    pub(crate) fn finish(self) -> Reading {
        match self {
            Self::Reading { meter, .. } => meter.finish(),
            Self::Unread { bytes } => Reading::unread(bytes, true),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{call::Operation, provider::ProviderType};
    use wire::meter::{Metered, Shape};

    use super::*;

    fn plain_chat() -> Meter {
        Meter::new(&Metered {
            operation: Operation::Chat,
            provider_type: ProviderType::OpenAi,
            shape: Shape::Plain,
            model: None,
        })
    }

    #[test]
    fn what_cannot_be_read_is_delivered_all_the_same() {
        let budget = BufferBudget::new(1 << 20);
        let broken = b"this is no gzip";
        for encoding in ["deflate", "gzip, br", "gzip"] {
            let mut metering = Metering::new(plain_chat(), encoding, &budget);
            metering.push(broken);
            let reading = metering.finish();
            assert!(
                reading.ended && !reading.error && reading.delivered_text,
                "{encoding}"
            );
        }
    }

    #[test]
    fn copies_of_answers_count_against_the_memory_for_all_calls() {
        let budget = BufferBudget::new(300 << 10);
        let [mut first, mut second] =
            [(), ()].map(|()| Metering::new(plain_chat(), "identity", &budget));
        let piece = vec![b' '; 200 << 10];
        first.push(&piece);
        assert_eq!(budget.held_bytes(), 200 << 10);
        second.push(&piece);
        assert!(matches!(second, Metering::Unread { bytes } if bytes == 200 << 10));
        assert_eq!(budget.held_bytes(), 200 << 10, "its share is given back");
        first.finish();
        assert_eq!(budget.held_bytes(), 0);
    }
}
