//! What an attempt at one of several endpoints tells of that endpoint: as soon as the head of the answer is there or
//! cannot come any more, also where the client has left by then.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use admin::live::Attempt;
use domain::{CallId, ProviderId, Timestamp, provider::EndpointName};
use http::{HeaderMap, StatusCode, header::RETRY_AFTER};

use crate::{call::Books, intake::Held, refusal::Refusal};

/// An attempt of which it is not known yet what came of it. Dropped, nobody ever knows.
pub(crate) struct Tried {
    pub(crate) attempt: Attempt,
    pub(crate) books: Arc<Books>,
    pub(crate) call: CallId,
    pub(crate) provider: ProviderId,
    pub(crate) endpoint: EndpointName,
    /// The memory that the call's body takes, which goes up until there is an answer.
    pub(crate) _held: Arc<Held>,
}

impl Tried {
    /// The endpoint answered with this head.
    pub(crate) fn answered(self, status: StatusCode, headers: &HeaderMap) {
        if fails(status.as_u16()) {
            self.failed(words(status), retry_after(headers, Timestamp::now()));
        } else {
            self.count(true);
            self.attempt.answered(Instant::now());
        }
    }

    /// There is no answer.
    pub(crate) fn refused(self, refusal: &Refusal) {
        if let Some(why) = fault(refusal) {
            self.failed(why, None);
        }
    }

    /// There was no answer as long as it was waited for after its client had left.
    pub(crate) fn kept_silent(self) {
        let why = "no answer while its client waited, nor for a while after";
        self.failed(why.to_owned(), None);
    }

    fn failed(self, why: String, retry_after: Option<Duration>) {
        tracing::warn!(
            call.id = %self.call, provider.id = %self.provider, endpoint = %self.endpoint, why,
            "An endpoint failed and is passed over for a while"
        );
        self.count(false);
        self.attempt.failed(Instant::now(), why, retry_after);
    }

    fn count(&self, answered: bool) {
        let metrics = self.books.recorder.metrics();
        metrics.tried(&self.provider, &self.endpoint, answered);
    }
}

/// Whether an answer of this status says that the endpoint cannot serve at the moment.
pub(crate) const fn fails(status: u16) -> bool {
    status == 429 || status >= 500
}

fn words(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("it answered {} {reason}", status.as_u16()),
        None => format!("it answered {}", status.as_u16()),
    }
}

/// What is wrong with the endpoint where there is no answer. `None`: nothing, as far as anybody knows.
fn fault(refusal: &Refusal) -> Option<String> {
    let words = match refusal {
        Refusal::Unreachable { reason } | Refusal::Broken { reason } => reason,
        Refusal::AddressRefused => "its name leads to an address to which Weir does not connect",
        Refusal::ConnectTimeout => "no connection within the connect timeout",
        Refusal::AnswerTimeout => "no answer within the first-byte timeout",
        Refusal::CredentialsMissing => "there are no credentials for it",
        Refusal::SecretMissing { name } => {
            return Some(format!("there is no secret {name}, or it cannot be read"));
        }
        _ => return None,
    };
    Some(words.to_owned())
}

/// How long an upstream asks to be left alone.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(until.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn how_long_to_wait_is_told_in_seconds_or_as_a_date() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        for (text, seconds) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Sat, 21 Nov 2026 10:00:30 GMT", Some(30)),
            ("Sat, 21 Nov 2026 09:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(&headers, now), expected, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn limits_and_failures_of_the_upstream_count_others_do_not() {
        for (status, counts) in [
            (429, true),
            (500, true),
            (503, true),
            (529, true),
            (400, false),
            (401, false),
            (404, false),
            (200, false),
        ] {
            assert_eq!(fails(status), counts, "{status}");
        }
        let words = |status| words(StatusCode::from_u16(status).unwrap());
        assert_eq!(words(503), "it answered 503 Service Unavailable");
        assert_eq!(words(529), "it answered 529");
    }

    #[test]
    fn what_weir_itself_refuses_is_no_fault_of_an_endpoint() {
        let reason = "nobody listens there";
        assert_eq!(
            fault(&Refusal::Unreachable { reason }).as_deref(),
            Some(reason)
        );
        assert_eq!(fault(&Refusal::ProviderUnknown), None);
    }
}
