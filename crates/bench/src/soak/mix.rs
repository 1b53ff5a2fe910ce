//! Which calls are sent, and what must become of each kind.

use crate::random::Random;
use crate::requests::{Api, Ask};

/// One kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Plain,
    Long,
    Burst,
    Paced,
    Anthropic,
    Recorded,
    RecordedStream,
    Refused,
    BrokenOff,
    Left,
}

/// How a call ends for its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With a whole answer.
    Whole,
    /// With this status, which is the upstream's.
    Status(u16),
    /// In the middle, since the upstream broke off.
    BrokenOff,
    /// The client leaves after the first bytes.
    Left,
}

impl Kind {
    pub(super) const ALL: [Self; 10] = [
        Self::Plain,
        Self::Long,
        Self::Burst,
        Self::Paced,
        Self::Anthropic,
        Self::Recorded,
        Self::RecordedStream,
        Self::Refused,
        Self::BrokenOff,
        Self::Left,
    ];

    /// For the reader.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "1 KB",
            Self::Long => "50 KB",
            Self::Burst => "stream of 52 frames in a burst",
            Self::Paced => "stream of 20 frames, one every 50 ms",
            Self::Anthropic => "stream of Anthropic's API",
            Self::Recorded => "1 KB, both bodies recorded",
            Self::RecordedStream => "stream of 52 frames, both bodies recorded",
            Self::Refused => "upstream answers 529",
            Self::BrokenOff => "upstream breaks its stream off",
            Self::Left => "client leaves a stream after its first frame",
        }
    }

    /// How many of a hundred calls.
    fn share(self) -> usize {
        match self {
            Self::Plain => 62,
            Self::Long => 4,
            Self::Burst => 14,
            Self::Paced => 8,
            Self::Anthropic => 4,
            Self::Recorded | Self::Left => 2,
            Self::RecordedStream => 1,
            Self::Refused => 2,
            Self::BrokenOff => 1,
        }
    }

    pub(super) fn end(self) -> End {
        match self {
            Self::Plain
            | Self::Long
            | Self::Burst
            | Self::Paced
            | Self::Anthropic
            | Self::Recorded
            | Self::RecordedStream => End::Whole,
            Self::Refused => End::Status(529),
            Self::BrokenOff => End::BrokenOff,
            Self::Left => End::Left,
        }
    }

    /// The outcome that its row must have.
    pub(super) fn outcome(self) -> &'static str {
        match self.end() {
            End::Whole => "ok",
            End::Status(_) => "upstream_error",
            End::BrokenOff => "truncated",
            End::Left => "client_closed",
        }
    }

    /// Whether it goes to the provider that records.
    pub(super) fn is_recorded(self) -> bool {
        matches!(self, Self::Recorded | Self::RecordedStream)
    }

    pub(super) fn ask(self) -> Ask {
        match self {
            Self::Plain | Self::Recorded => Ask::plain(),
            Self::Long => Ask {
                body_bytes: 50_000,
                ..Ask::plain()
            },
            Self::Burst | Self::RecordedStream => Ask::stream(52),
            Self::Paced => Ask {
                // Left to Weir to ask for.
                usage: false,
                ..Ask::stream(20).with("pace-ms", 50)
            },
            Self::Anthropic => Ask {
                api: Api::Anthropic,
                ..Ask::stream(24)
            },
            Self::Refused => Ask::plain().with("status", 529),
            Self::BrokenOff => Ask::stream(52).with("break-after", 10),
            Self::Left => Ask::stream(40).with("pace-ms", 50),
        }
    }
}

/// A hundred calls in the order in which they are sent, again and again.
pub(super) fn hundred(random: &mut Random) -> Vec<Kind> {
    let mut left: Vec<Kind> = Kind::ALL
        .into_iter()
        .flat_map(|kind| std::iter::repeat_n(kind, kind.share()))
        .collect();
    let mut mixed = Vec::new();
    while let Some(last) = left.len().checked_sub(1) {
        let most = u64::try_from(last).unwrap_or_default();
        let place = usize::try_from(random.between(0, most)).unwrap_or_default();
        mixed.push(left.swap_remove(place));
    }
    mixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_share_of_a_hundred() {
        let mixed = hundred(&mut Random::new(1));
        assert_eq!(mixed.len(), 100);
        for kind in Kind::ALL {
            let count = mixed.iter().filter(|of| **of == kind).count();
            assert!(count > 0 && count == kind.share(), "{kind:?}");
        }
    }
}
