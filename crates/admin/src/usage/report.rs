//! The full report as comma-separated text: every line of it, however many there are, made while they are
//! sent.

use std::sync::Arc;

use domain::{NanoUsd, Timestamp};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use store::{
    StoreError,
    usage::{ReportBucket, ReportBy, ReportLine, ReportQuery, ReportZone},
};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{RANGE, TIME_ZONE_ADVICE, Usage, no_answer, read_filter};
use crate::{
    csv::Csv,
    error::AdminError,
    query::{Params, one_of},
    who::Who,
};

/// Batches of lines that wait to be sent, at most.
const AHEAD: usize = 4;

/// Reads `bucket`, `by` (repeatable, or several with commas), `from`, `to`, `tz` and the filters of
/// [`super::read_query`].
///
/// Left out: days, by provider and model, the last seven days, UTC.
///
/// # Errors
/// [`AdminError::BadQuery`] with every parameter that is wrong.
pub fn read_report_query(query: &str, now: Timestamp) -> Result<ReportQuery, AdminError> {
    let mut params = Params::parse(query);
    let buckets = ReportBucket::ALL.iter().map(|it| it.key());
    let bucket = params.keyed("bucket", buckets, |text| text.parse().ok());
    let by = read_by(&mut params);
    let from = params.time("from");
    let to = params.time("to").unwrap_or(now);
    let zone = params.read("tz", "invalid_time_zone", TIME_ZONE_ADVICE, |text| {
        ReportZone::new(text).ok()
    });
    let filter = read_filter(&mut params);
    params.end()?;
    let query = ReportQuery {
        bucket: bucket.unwrap_or(ReportBucket::Day),
        by,
        zone: zone.unwrap_or_else(ReportZone::utc),
        from: from.unwrap_or_else(|| to.checked_sub(RANGE).unwrap_or(to)),
        to,
        filter,
    };
    query
        .check()
        .map_err(|problem| no_answer(StoreError::Usage(problem)))?;
    Ok(query)
}

/// What lines are told apart by, each once and in the order of [`ReportBy::ALL`]. `none`: by nothing.
fn read_by(params: &mut Params) -> Vec<ReportBy> {
    let given = params.all("by");
    let words: Vec<&str> = given
        .iter()
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        return vec![ReportBy::Provider, ReportBy::Model];
    }
    let known = ReportBy::ALL.iter().map(|by| by.key());
    if words
        .iter()
        .any(|word| *word != "none" && word.parse::<ReportBy>().is_err())
    {
        let wants = one_of(known.chain(["none"]));
        params.wrong("by", "invalid_value", wants);
    }
    let named = |by: &ReportBy| words.contains(&by.key());
    ReportBy::ALL.iter().copied().filter(named).collect()
}

/// A full report on its way.
pub struct ReportCsv {
    /// What the file is called.
    pub file_name: String,
    /// Its text, piece by piece, the line of names first and at once. Where one of the pieces is an error the
    /// report has broken off, and what was sent must not end as if it were whole.
    pub lines: ReportLines,
}

/// Pieces of a report.
pub type ReportLines = BoxStream<'static, Result<String, AdminError>>;

impl std::fmt::Debug for ReportCsv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReportCsv")
            .field("file_name", &self.file_name)
            .finish_non_exhaustive()
    }
}

/// What is left to send.
enum Left {
    Head(Box<ReportQuery>),
    Lines(Reading),
    Nothing,
}

/// Lines as they are read.
struct Reading {
    lines: mpsc::Receiver<Vec<ReportLine>>,
    /// How it ended tells whether these were all.
    task: JoinHandle<Result<(), StoreError>>,
    /// Whether they are of parts of calls, which are not counted.
    splits_calls: bool,
}

impl Usage {
    /// The full report, asked for as in an address; see [`read_report_query`].
    ///
    /// # Errors
    /// [`AdminError::BadQuery`] with every parameter that is wrong.
    pub fn report_csv(&self, _who: &Who, query: &str) -> Result<ReportCsv, AdminError> {
        let query = read_report_query(query, self.admin.now())?;
        Ok(ReportCsv {
            file_name: file_name(&query),
            lines: self.lines(query),
        })
    }

    fn lines(&self, query: ReportQuery) -> ReportLines {
        let usage = self.clone();
        stream::unfold(Left::Head(Box::new(query)), move |left| {
            let usage = usage.clone();
            async move {
                match left {
                    Left::Head(query) => {
                        let head = head(&query);
                        Some((Ok(head), usage.begin(*query)))
                    }
                    Left::Lines(mut reading) => match reading.lines.recv().await {
                        Some(batch) => {
                            let text = text_of(&batch, reading.splits_calls);
                            Some((Ok(text), Left::Lines(reading)))
                        }
                        None => end(reading.task.await).map(|error| (Err(error), Left::Nothing)),
                    },
                    Left::Nothing => None,
                }
            }
        })
        .boxed()
    }

    /// Begins to read the lines, as soon as it is this report's turn.
    fn begin(&self, query: ReportQuery) -> Left {
        let (sender, lines) = mpsc::channel(AHEAD);
        let splits_calls = query.splits_calls();
        let admin = self.admin.clone();
        let task = tokio::spawn(async move {
            let Ok(_turn) = Arc::clone(admin.reports()).acquire_owned().await else {
                return Err(StoreError::NotTaken);
            };
            if sender.is_closed() {
                return Ok(());
            }
            admin.store().calls().report(&query, &sender).await
        });
        Left::Lines(Reading {
            lines,
            task,
            splits_calls,
        })
    }
}

/// What went wrong on the way. `None`: the report is whole.
fn end(outcome: Result<Result<(), StoreError>, tokio::task::JoinError>) -> Option<AdminError> {
    match outcome {
        Ok(Ok(())) => None,
        Ok(Err(StoreError::NotTaken)) => {
            tracing::info!("Broke off a report that nobody took for too long");
            Some(AdminError::Busy)
        }
        Ok(Err(error)) => Some(error.into()),
        Err(error) => Some(AdminError::internal("read a report", &error)),
    }
}

/// What the file is called: the days of the range, in the report's zone.
fn file_name(query: &ReportQuery) -> String {
    let day = |at| query.zone.local(at).strftime("%Y-%m-%d").to_string();
    // The end is not contained: a range up to midnight ends with the day before.
    let last = query
        .to
        .checked_sub(jiff::SignedDuration::from_nanos(1))
        .unwrap_or(query.to);
    format!(
        "weir-usage-by-{}-{}-to-{}.csv",
        query.bucket.key(),
        day(query.from),
        day(last)
    )
}

/// The names of the columns.
fn head(query: &ReportQuery) -> String {
    let mut csv = Csv::default();
    csv.plain("start");
    for by in &query.by {
        by.columns().iter().for_each(|column| csv.plain(column));
    }
    if !query.splits_calls() {
        csv.plain("calls");
        csv.plain("requests");
    }
    csv.plain("unpriced_calls");
    csv.plain("estimated_calls");
    query
        .token_types()
        .for_each(|part| csv.plain(format_args!("tokens_{}", part.key())));
    csv.plain("tokens");
    query
        .cost_types()
        .for_each(|part| csv.plain(format_args!("cost_usd_{}", part.key())));
    csv.plain("cost_usd");
    csv.end_line();
    csv.into_text()
}

fn text_of(lines: &[ReportLine], splits_calls: bool) -> String {
    let mut csv = Csv::default();
    for line in lines {
        csv.plain(line.start);
        line.key.iter().for_each(|text| csv.text(text));
        if !splits_calls {
            csv.plain(line.calls);
            csv.plain(line.requests);
        }
        csv.plain(line.unpriced);
        csv.plain(line.estimated);
        line.tokens.iter().for_each(|count| csv.plain(count));
        csv.plain(line.tokens_total);
        line.cost.iter().for_each(|nano| csv.plain(NanoUsd(*nano)));
        csv.plain(NanoUsd(line.cost_total));
        csv.end_line();
    }
    csv.into_text()
}

#[cfg(test)]
mod tests {
    use store::usage::{ReportBucket, ReportBy};

    use super::{file_name, head, read_report_query};

    fn now() -> domain::Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_is_left_out_is_days_by_provider_and_model() {
        let query = read_report_query("", now()).unwrap();
        assert_eq!(query.bucket, ReportBucket::Day);
        assert_eq!(query.by, [ReportBy::Provider, ReportBy::Model]);
        assert_eq!(
            file_name(&query),
            "weir-usage-by-day-2026-11-13-to-2026-11-20.csv"
        );
    }

    #[test]
    fn dimensions_are_named_in_any_way_and_order() {
        for query in [
            "by=user,agent",
            "by=user&by=agent",
            "by=agent,%20user,,user",
        ] {
            let query = read_report_query(query, now()).unwrap();
            assert_eq!(query.by, [ReportBy::Agent, ReportBy::User]);
        }
        assert_eq!(read_report_query("by=none", now()).unwrap().by, []);
    }

    #[test]
    fn a_range_that_ends_at_midnight_is_called_by_its_last_day() {
        let query =
            "bucket=total&from=2026-10-31T23:00:00Z&to=2026-11-30T23:00:00Z&tz=Europe/Berlin";
        let query = read_report_query(query, now()).unwrap();
        assert_eq!(
            file_name(&query),
            "weir-usage-by-total-2026-11-01-to-2026-11-30.csv"
        );
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let wrong = |query: &str| -> Vec<String> {
            let error = read_report_query(query, now()).unwrap_err();
            error
                .problem()
                .errors
                .into_iter()
                .map(|it| it.field)
                .collect()
        };
        assert_eq!(
            wrong("by=colour&bucket=week&tz=Mars"),
            ["bucket", "by", "tz"]
        );
        assert_eq!(wrong("by=outcome,user"), ["by"]);
        assert_eq!(wrong("metric=spend"), ["metric"]);
        assert_eq!(
            wrong("from=2026-11-20T00:00:00Z&to=2026-11-20T00:00:00Z"),
            ["to"]
        );
    }

    #[test]
    fn parts_of_calls_have_no_counts_of_calls() {
        let head_of = |query: &str| head(&read_report_query(query, now()).unwrap());
        assert_eq!(
            head_of("by=token&token_type=reasoning&token_type=input"),
            "start,token,token_name,unpriced_calls,estimated_calls,tokens_input,tokens_reasoning,tokens,\
             cost_usd_input,cost_usd_reasoning,cost_usd\r\n"
        );
        assert!(head_of("").starts_with(
            "start,provider,provider_name,provider_type,model,calls,requests,unpriced_calls,estimated_calls,tokens_input,"
        ));
    }
}
