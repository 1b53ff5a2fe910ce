//! Cutting a range into pieces, so that the fewest sums are read: whole days, then hours, then quarter
//! hours, then rows.
//!
//! A piece lies in one bucket, or spans several that are whole, of one length, and follow each other.

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
    /// The index of its first bucket.
    pub(crate) bucket: usize,
    /// How long its buckets are, where it spans several; the first begins where the piece does.
    pub(crate) bucket_us: Option<i64>,
}

impl Piece {
    /// The length of the spans that it is read from, in microseconds. `None`: rows.
    pub(crate) fn span_us(&self) -> Option<i64> {
        match self.from {
            From::Rows => None,
            From::Rollups(minutes) => Some(minutes.saturating_mul(MINUTE_US)),
        }
    }

    /// The bucket in which a moment of the piece lies.
    pub(crate) fn bucket_at(&self, at_us: i64) -> usize {
        let past = self.bucket_us.map_or(0, |length| {
            at_us
                .saturating_sub(self.start_us)
                .div_euclid(length.max(1))
        });
        self.bucket
            .saturating_add(usize::try_from(past).unwrap_or(usize::MAX))
    }
}

/// Where the span begins that contains a moment.
pub(crate) fn span_start(at_us: i64, minutes: i64) -> i64 {
    let length = minutes.saturating_mul(MINUTE_US);
    at_us.saturating_sub(at_us.rem_euclid(length))
}

/// The pieces of all buckets.
pub(crate) fn of(buckets: &[Bucket]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = vec![];
    for (index, bucket) in buckets.iter().enumerate() {
        let (start_us, end_us) = (to_us(bucket.from), to_us(bucket.to));
        let mut of_bucket = vec![];
        cut(index, (start_us, end_us), &SPANS_MINUTES, &mut of_bucket);
        match (pieces.last_mut(), of_bucket.as_slice()) {
            (Some(last), [whole]) if follows(last, whole, buckets) => {
                last.bucket_us = Some(whole.end_us.saturating_sub(whole.start_us));
                last.end_us = whole.end_us;
            }
            _ => pieces.append(&mut of_bucket),
        }
    }
    pieces
}

/// Whether the only piece of a bucket can be read together with the piece before it.
fn follows(last: &Piece, whole: &Piece, buckets: &[Bucket]) -> bool {
    let length = whole.end_us.saturating_sub(whole.start_us);
    let of_last = last
        .bucket_us
        .unwrap_or(last.end_us.saturating_sub(last.start_us));
    let last_is_whole = buckets
        .get(last.bucket)
        .is_some_and(|bucket| to_us(bucket.from) == last.start_us);
    whole.from != From::Rows
        && last.from == whole.from
        && last.end_us == whole.start_us
        && last_is_whole
        && of_last == length
}

/// Cuts one stretch by the longest of the spans, and what is left at its ends by the shorter ones.
fn cut(bucket: usize, (start_us, end_us): (i64, i64), spans: &[i64], pieces: &mut Vec<Piece>) {
    if start_us >= end_us {
        return;
    }
    let piece = |from, start_us, end_us| Piece {
        from,
        start_us,
        end_us,
        bucket,
        bucket_us: None,
    };
    let Some((minutes, shorter)) = spans.split_last() else {
        pieces.push(piece(From::Rows, start_us, end_us));
        return;
    };
    let length = minutes.saturating_mul(MINUTE_US);
    let first = span_start(start_us.saturating_add(length).saturating_sub(1), *minutes);
    let last = span_start(end_us, *minutes);
    if first >= last {
        cut(bucket, (start_us, end_us), shorter, pieces);
        return;
    }
    cut(bucket, (start_us, first), shorter, pieces);
    pieces.push(piece(From::Rollups(*minutes), first, last));
    cut(bucket, (last, end_us), shorter, pieces);
}
