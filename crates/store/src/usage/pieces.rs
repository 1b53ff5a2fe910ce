//! Cutting a range into pieces, so that the fewest sums are read: months, then weeks, days, hours and
//! quarter hours, as far as a level is sealed and has what the query needs; what is left at ragged edges
//! from the rows.
//!
//! A piece lies in one bucket, or spans several that are whole and follow each other.

use super::{
    levels::{Dimension, KEPT, Level, QUARTER_US, Span},
    zone::Bucket,
};
use crate::{StoreError, time::to_us};

/// Where a piece is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum From<'a> {
    /// The rows themselves.
    Rows,
    /// The sums of a level.
    Level(&'a Level),
}

/// How the sums of a piece are told apart by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    /// There is one bucket.
    One,
    /// Each span is a bucket.
    Spans,
    /// So long is each bucket, in microseconds.
    Buckets(i64),
}

/// A stretch of time that is read from one place. Half-open, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub(crate) from: From<'a>,
    pub(crate) start_us: i64,
    pub(crate) end_us: i64,
    /// The index of its first bucket.
    pub(crate) bucket: usize,
    pub(crate) time: Time,
}

/// The levels that a query can be read from, one for each span, longest first.
pub(crate) fn sources<'a>(levels: &'a [Level], needed: &[Dimension]) -> Vec<&'a Level> {
    let best = |span: Span| {
        KEPT.iter()
            .filter(|(side, spans)| side.tells(needed) && spans.contains(&span))
            .find_map(|(side, _)| {
                levels.iter().find(|level| {
                    level.span == span && level.side == *side && level.until_us() > i64::MIN
                })
            })
    };
    [
        Span::Month,
        Span::Week,
        Span::Day,
        Span::Hour,
        Span::Quarter,
    ]
    .into_iter()
    .filter_map(best)
    .collect()
}

/// The pieces of all buckets.
pub(crate) fn of<'a>(
    buckets: &[Bucket],
    sources: &[&'a Level],
) -> Result<Vec<Piece<'a>>, StoreError> {
    let mut pieces: Vec<Piece<'a>> = vec![];
    for (index, bucket) in buckets.iter().enumerate() {
        let range = (to_us(bucket.from), to_us(bucket.to));
        let mut of_bucket = vec![];
        cut(index, range, sources, &mut of_bucket)?;
        if let (Some(last), [whole]) = (pieces.last_mut(), of_bucket.as_slice())
            && let Some(time) = together(last, whole, buckets)?
        {
            last.time = time;
            last.end_us = whole.end_us;
        } else {
            pieces.append(&mut of_bucket);
        }
    }
    Ok(pieces)
}

/// How the only piece of a bucket can be read together with the piece before it. `None`: it cannot.
fn together(
    last: &Piece<'_>,
    whole: &Piece<'_>,
    buckets: &[Bucket],
) -> Result<Option<Time>, StoreError> {
    let From::Level(level) = whole.from else {
        return Ok(None);
    };
    let last_is_whole = buckets
        .get(last.bucket)
        .is_some_and(|bucket| to_us(bucket.from) == last.start_us);
    if last.from != whole.from || last.end_us != whole.start_us || !last_is_whole {
        return Ok(None);
    }
    let first_end = match last.time {
        Time::One => last.end_us,
        Time::Spans => level.next(last.start_us)?,
        Time::Buckets(length) => last.start_us.saturating_add(length),
    };
    let spans = level.next(last.start_us)? == first_end;
    if spans && !matches!(last.time, Time::Buckets(_)) {
        let is_span = level.next(whole.start_us)? == whole.end_us;
        return Ok(is_span.then_some(Time::Spans));
    }
    let length = whole.end_us.saturating_sub(whole.start_us);
    let same = first_end.saturating_sub(last.start_us) == length;
    Ok((same && level.span.length_us().is_some()).then_some(Time::Buckets(length)))
}

/// Cuts one stretch by the longest of the spans, and what is left at its ends by the shorter ones.
fn cut<'a>(
    bucket: usize,
    (start_us, end_us): (i64, i64),
    sources: &[&'a Level],
    pieces: &mut Vec<Piece<'a>>,
) -> Result<(), StoreError> {
    if start_us >= end_us {
        return Ok(());
    }
    let piece = |from, start_us, end_us| Piece {
        from,
        start_us,
        end_us,
        bucket,
        time: Time::One,
    };
    let Some((level, shorter)) = sources.split_first() else {
        pieces.push(piece(From::Rows, start_us, end_us));
        return Ok(());
    };
    let until_us = Ord::min(end_us, level.until_us());
    let floor = level.floor(start_us)?;
    let first = if floor == start_us {
        start_us
    } else {
        level.next(floor)?
    };
    if first >= until_us {
        return cut(bucket, (start_us, end_us), shorter, pieces);
    }
    let last = level.floor(until_us)?;
    // Sums are of whole quarter hours; a clock that was ever set to something finer has no whole days.
    let whole = [first, last]
        .iter()
        .all(|at| at.rem_euclid(QUARTER_US) == 0);
    if first >= last || !whole {
        return cut(bucket, (start_us, end_us), shorter, pieces);
    }
    cut(bucket, (start_us, first), shorter, pieces)?;
    pieces.push(piece(From::Level(level), first, last));
    cut(bucket, (last, end_us), shorter, pieces)
}
