//! What is recorded of a call. The one place that decides: by the switches of its provider as they were when
//! the call began, and by whether anything is said to a model; whatever a client sends changes nothing.
//!
//! The request's body is recorded as the client sent it, and the answer's as it went down: without what
//! Weir put in or took out. Of headers nothing is, but the content's type and coding. The credentials that
//! came and went up with the call are handed on beside, so that they are blanked wherever they stand.
//! After the client has left, what is read on is recorded all the same, but for an error, which nobody has
//! looked through. Where Weir has to count tokens itself, the recording ends with
//! the last event of a stream: an empty line that comes after it is left out.
//!
//! Where both switches are off nothing is kept, copied or allocated.

mod names;

use bytes::Bytes;
use domain::{
    call::{Call, Operation},
    provider::Provider,
};
use http::{
    HeaderMap, HeaderName, Uri,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use transcripts::{BODY_HELD_BYTES, Recorded, RecordedBody, Recorder, Room, Running};
use wire::route;

use crate::{credential::Credential, leak, plan::text};

/// The least memory that an answer is collected in, in bytes.
const SMALLEST: usize = 1 << 10;

/// What is recorded of a call that runs.
#[derive(Debug)]
pub(crate) struct Recording {
    recorder: Recorder,
    _running: Running,
    names: Vec<String>,
    secrets: Vec<SecretString>,
    request: Option<RecordedBody>,
    answer: Option<Answer>,
    /// The call's row. `None`: it is running.
    row: Option<Call>,
    room: Option<Room>,
}

/// The answer, as far as it has come.
#[derive(Debug, Default)]
struct Answer {
    /// Its type and coding. `None`: none has begun.
    head: Option<[Option<String>; 2]>,
    kept: Vec<u8>,
    bytes: u64,
}

impl Recording {
    /// Begins to record a call. `None`: it is not recorded.
    pub(crate) fn begin(
        recorder: Option<&Recorder>,
        provider: &Provider,
        operation: Operation,
        uri: &Uri,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Option<Box<Self>> {
        let mut switches = provider.recording;
        if route::answers_input(operation, uri.path()) {
            // What is said in such an answer is what was asked.
            switches.outputs &= switches.inputs;
        }
        if (!switches.inputs && !switches.outputs) || says_nothing(operation) {
            return None;
        }
        let recorder = recorder?;
        let request = (switches.inputs && !body.is_empty()).then(|| RecordedBody {
            content_type: owned(headers, &CONTENT_TYPE),
            content_encoding: None,
            kept: body.slice(..body.len().min(held_at_most())),
            bytes: length(body.len()),
        });
        let bytes = request.as_ref().map_or(0, |request| request.bytes);
        Some(Box::new(Self {
            room: Some(recorder.room(bytes)?),
            _running: recorder.begin(),
            row: None,
            recorder: recorder.clone(),
            names: names::of(headers),
            secrets: tokens(uri, headers),
            request,
            answer: switches.outputs.then(Answer::default),
        }))
    }

    /// The call goes up with a credential.
    pub(crate) fn goes_up_with(&mut self, credential: &Credential) {
        self.secrets.extend(credential.sent());
    }

    /// Whether something of answers is recorded.
    pub(crate) const fn has_answer(&self) -> bool {
        self.answer.is_some()
    }

    /// An answer begins to come down. What came of another one does not count.
    pub(crate) fn answer_begins(&mut self, headers: &HeaderMap) {
        if let Some(answer) = &mut self.answer {
            answer.head = Some([CONTENT_TYPE, CONTENT_ENCODING].map(|name| owned(headers, &name)));
            answer.kept.clear();
            answer.bytes = 0;
        }
    }

    /// There is no answer that may be recorded.
    pub(crate) fn no_answer(&mut self) {
        if let Some(answer) = &mut self.answer {
            *answer = Answer::default();
        }
    }

    /// A piece of the answer comes down. Whether there is room for it; if not, the call is lost.
    pub(crate) fn hear(&mut self, piece: &[u8]) -> bool {
        let Some(answer) = &mut self.answer else {
            return true;
        };
        answer.bytes = answer.bytes.saturating_add(length(piece.len()));
        let left = held_at_most().saturating_sub(answer.kept.len());
        let piece = piece.get(..left).unwrap_or(piece);
        let needed = answer.kept.len().saturating_add(piece.len());
        let there = answer.kept.capacity();
        if needed > there {
            let capacity = needed.max(there.saturating_mul(2)).max(SMALLEST);
            let more = length(capacity.saturating_sub(there));
            if !self.room.as_mut().is_some_and(|room| room.grow(more)) {
                self.recorder.lost();
                self.row = None;
                return false;
            }
            answer
                .kept
                .reserve_exact(capacity.saturating_sub(answer.kept.len()));
        }
        answer.kept.extend_from_slice(piece);
        true
    }

    /// Nothing of the call is to be recorded after all.
    pub(crate) fn forget(&mut self) {
        self.row = None;
    }

    /// The call's row is written.
    pub(crate) fn settled(&mut self, row: &Call) {
        self.row = Some(row.clone());
    }
}

impl Drop for Recording {
    /// Nothing more of the answer comes. A call without a row has none to be recorded with: it was refused,
    /// or there was no room for it.
    fn drop(&mut self) {
        let Some(call) = self.row.take() else {
            return;
        };
        let request = self.request.take();
        let response = self.answer.take().and_then(Answer::body);
        if request.is_none() && response.is_none() {
            return;
        }
        // What is recorded takes a share of its own.
        self.room = None;
        self.recorder.take(Recorded {
            call,
            names: std::mem::take(&mut self.names),
            request,
            response,
            secrets: std::mem::take(&mut self.secrets),
        });
    }
}

impl Answer {
    fn body(self) -> Option<RecordedBody> {
        let [content_type, content_encoding] = self.head?;
        let mut kept = self.kept;
        kept.shrink_to_fit();
        Some(RecordedBody {
            content_type,
            content_encoding,
            kept: Bytes::from(kept),
            bytes: self.bytes,
        })
    }
}

/// Whether nothing is said in it to a model: a list of models, or a prompt that is only counted, and is sent
/// again when it is meant.
const fn says_nothing(operation: Operation) -> bool {
    matches!(operation, Operation::Models | Operation::CountTokens)
}

/// The tokens of Weir's that a client shows.
fn tokens(uri: &Uri, headers: &HeaderMap) -> Vec<SecretString> {
    let query: Vec<u8> = percent_decode_str(uri.query().unwrap_or_default()).collect();
    let headers = headers.values().map(http::HeaderValue::as_bytes);
    let shown = headers.chain([query.as_slice()]).flat_map(leak::tokens);
    shown.map(SecretString::from).collect()
}

fn owned(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    text(headers, name).map(str::to_owned)
}

fn held_at_most() -> usize {
    usize::try_from(BODY_HELD_BYTES).unwrap_or(usize::MAX)
}

fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
