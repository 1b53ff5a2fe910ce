//! Cutting a range into pieces, so that the fewest sums are read: whole days, then hours, then quarter
//! hours, then rows. Pieces of sums that follow each other are read as one, across buckets; a piece of
//! rows stays inside its bucket.

use super::zone::Bucket;
use crate::time::to_us;

const MINUTE_US: i64 = 60_000_000;

/// The lengths of time that sums are kept for, in minutes, shortest first.
pub(crate) const SPANS_MINUTES: [i64; 3] = [15, 60, 1440];

/// Where a piece is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum From {
    /// The rows themselves.
    Rows,
    /// The sums over spans of so many minutes.
    Rollups(i64),
}

/// A stretch of time that is read from one place. Half-open, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) from: From,
    pub(crate) start_us: i64,
    pub(crate) end_us: i64,
}

/// Where the span begins that contains a moment.
pub(crate) fn span_start(at_us: i64, minutes: i64) -> i64 {
    let length = minutes.saturating_mul(MINUTE_US);
    at_us.saturating_sub(at_us.rem_euclid(length))
}

/// The pieces of all buckets.
pub(crate) fn of(buckets: &[Bucket]) -> Vec<Piece> {
    let mut pieces = vec![];
    for bucket in buckets {
        cut(
            to_us(bucket.from),
            to_us(bucket.to),
            &SPANS_MINUTES,
            &mut pieces,
        );
    }
    pieces.sort_unstable_by_key(|piece: &Piece| (piece.from, piece.start_us));
    let mut joined: Vec<Piece> = vec![];
    for piece in pieces {
        match joined.last_mut() {
            Some(last)
                if piece.from != From::Rows
                    && last.from == piece.from
                    && last.end_us == piece.start_us =>
            {
                last.end_us = piece.end_us;
            }
            _ => joined.push(piece),
        }
    }
    joined
}

/// Cuts one stretch by the longest of the spans, and what is left at its ends by the shorter ones.
fn cut(start_us: i64, end_us: i64, spans: &[i64], pieces: &mut Vec<Piece>) {
    if start_us >= end_us {
        return;
    }
    let Some((minutes, shorter)) = spans.split_last() else {
        pieces.push(Piece {
            from: From::Rows,
            start_us,
            end_us,
        });
        return;
    };
    let length = minutes.saturating_mul(MINUTE_US);
    let first = span_start(start_us.saturating_add(length).saturating_sub(1), *minutes);
    let last = span_start(end_us, *minutes);
    if first >= last {
        cut(start_us, end_us, shorter, pieces);
        return;
    }
    cut(start_us, first, shorter, pieces);
    pieces.push(Piece {
        from: From::Rollups(*minutes),
        start_us: first,
        end_us: last,
    });
    cut(last, end_us, shorter, pieces);
}
