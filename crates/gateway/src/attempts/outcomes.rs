//! What the attempts of a call came to so far, and what of that passes in the end.

use domain::CallId;
use http::Response;

use crate::{answer::AnswerBody, recording::Recording, refusal::Refusal};

/// An answer or a refusal, and what was recorded of it: of the one that passes in the end it is kept, of others
/// forgotten.
type Kept<T> = (T, Option<Box<Recording>>);

/// What attempts came to so far.
#[derive(Default)]
pub(super) struct Outcomes {
    answer: Option<Kept<Response<AnswerBody>>>,
    refusal: Option<Kept<(Refusal, CallId)>>,
    /// An endpoint has not what the call needs.
    missing: Option<Kept<Response<AnswerBody>>>,
}

impl Outcomes {
    /// An answer, which passes unless another follows.
    pub(super) fn answered(
        &mut self,
        response: Response<AnswerBody>,
        recording: Option<Box<Recording>>,
    ) {
        forget(self.answer.replace((response, recording)));
    }

    pub(super) fn missing(
        &mut self,
        response: Response<AnswerBody>,
        recording: Option<Box<Recording>>,
    ) {
        forget(self.missing.replace((response, recording)));
    }

    pub(super) fn refused(
        &mut self,
        refusal: Refusal,
        id: CallId,
        recording: Option<Box<Recording>>,
    ) {
        forget(self.refusal.replace(((refusal, id), recording)));
    }

    /// What was answered before does not pass: Weir's own refusal does.
    pub(super) fn no_answer(&mut self) {
        forget(self.answer.take());
    }

    /// The last answer, else the last refusal and the attempt that it is of, else that nobody has it.
    pub(super) fn end(mut self, first: CallId) -> Result<Response<AnswerBody>, (Refusal, CallId)> {
        if let Some((response, _recorded)) = self.answer.take() {
            return Ok(response);
        }
        if let Some((refused, _recorded)) = self.refusal.take() {
            return Err(refused);
        }
        if let Some((response, _recorded)) = self.missing.take() {
            return Ok(response);
        }
        let reason = "none of its endpoints can be called";
        Err((Refusal::Unreachable { reason }, first))
    }
}

impl Drop for Outcomes {
    /// What did not pass is not recorded, nor what passed by where the client has left.
    fn drop(&mut self) {
        forget(self.answer.take());
        forget(self.refusal.take());
        forget(self.missing.take());
    }
}

fn forget<T>(kept: Option<Kept<T>>) {
    if let Some((_, Some(mut recording))) = kept {
        recording.forget();
    }
}
