//! What the recording of a call hears of its answer.

use http::HeaderMap;

use super::OpenCall;
use crate::recording::Recording;

impl OpenCall {
    /// An answer begins to come down.
    pub(crate) fn answer_begins(&mut self, headers: &HeaderMap) {
        if let Some(recording) = &mut self.recording {
            recording.answer_begins(headers);
        }
    }

    /// A piece of the answer comes down.
    pub(crate) fn hear(&mut self, piece: &[u8]) {
        if let Some(recording) = &mut self.recording
            && !recording.hear(piece)
        {
            self.recording = None;
        }
    }

    /// No answer is to be recorded.
    pub(crate) fn unheard(&mut self) {
        if let Some(recording) = &mut self.recording {
            recording.no_answer();
        }
    }

    /// Whether anything of the answer is recorded.
    pub(crate) fn is_heard(&self) -> bool {
        let recording = self.recording.as_deref();
        recording.is_some_and(Recording::has_answer)
    }
}
