//! The report of a test while it is being made: one stage after the other, then the judgement of the row.

use admin::probe::{Failure, Stage, StageName, StageOutcome, Symptom, TestReport, Vector};
use domain::call::{Call, Operation};
use wire::transcript;

use super::{call::Whole, failure};

/// A test's report while it is being made.
#[derive(Default)]
pub(super) struct Report {
    stages: Vec<Stage>,
    pub(super) model: Option<String>,
    /// What the catalog says of the length of the model's vectors.
    pub(super) listed_dimensions: Option<u64>,
    vector: Option<Vector>,
    row: Option<Call>,
}

impl Report {
    /// Notes a stage that went well, or that there was nothing to do for.
    pub(super) fn note(
        &mut self,
        name: StageName,
        needed: bool,
        ms: Option<u64>,
        detail: Option<String>,
    ) {
        let outcome = if needed {
            StageOutcome::Passed
        } else {
            StageOutcome::NotNeeded
        };
        self.stages.push(Stage {
            name,
            outcome,
            ms,
            detail,
        });
    }

    pub(super) fn fail(&mut self, name: StageName, ms: Option<u64>) {
        self.stages.push(Stage {
            name,
            outcome: StageOutcome::Failed,
            ms,
            detail: None,
        });
    }

    /// Judges the row of a call that was answered.
    pub(super) fn judge(mut self, row: Option<Call>, answer: &Whole) -> TestReport {
        let operation = row.as_ref().map(|row| row.start.operation);
        let usage_told = row
            .as_ref()
            .is_some_and(|row| row.usage.is_reported() && !row.charge.estimated);
        let is_the_api = row
            .as_ref()
            .is_some_and(|row| row.outcome == domain::call::Outcome::Ok);
        self.row = row;
        if operation.is_some_and(|operation| operation.is_inference()) {
            self.vector = transcript::dimensions(&answer.body).map(|dimensions| Vector {
                dimensions,
                in_catalog: self.listed_dimensions,
            });
        }
        if !is_the_api && operation.is_some_and(Operation::is_inference) {
            self.stages.pop();
            self.fail(StageName::Answer, Some(answer.body_ms));
            return self.end(Some(failure(
                Symptom::NotTheApi,
                Some(answer.status),
                &answer.body,
            )));
        }
        if !usage_told {
            self.fail(StageName::Usage, None);
            let message = "the answer tells no token counts; Weir estimates them".to_owned();
            return self.end(Some(Failure {
                symptom: Symptom::NoUsage,
                status: Some(answer.status),
                message: Some(message),
            }));
        }
        self.note(StageName::Usage, true, None, None);
        self.end(None)
    }

    /// The whole report: stages that were not come to are there, too.
    pub(super) fn end(mut self, failure: Option<Failure>) -> TestReport {
        for name in StageName::ALL {
            if !self.stages.iter().any(|stage| stage.name == *name) {
                let outcome = StageOutcome::NotTried;
                self.stages.push(Stage {
                    name: *name,
                    outcome,
                    ms: None,
                    detail: None,
                });
            }
        }
        let order = |stage: &Stage| StageName::ALL.iter().position(|name| *name == stage.name);
        self.stages.sort_by_key(order);
        TestReport {
            stages: self.stages,
            call_id: self.row.as_ref().map(|row| row.start.id),
            model: self.model,
            cost: self.row.as_ref().and_then(|row| row.charge.total),
            price_state: self.row.as_ref().map(|row| row.price_state),
            vector: self.vector,
            failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use domain::{
        CallId, ProviderId, Timestamp,
        call::{CallStart, Outcome},
        pricing::{Charge, PriceState},
        provider::ProviderType,
        usage::Usage,
    };

    use super::*;

    #[test]
    fn usage_that_weir_counted_itself_was_not_told_whatever_it_costs() {
        for (estimated, outcome) in [(false, StageOutcome::Passed), (true, StageOutcome::Failed)] {
            let row = Call {
                start: CallStart {
                    id: CallId(uuid::Uuid::nil()),
                    started_at: Timestamp::UNIX_EPOCH,
                    provider: ProviderId::new("main").unwrap(),
                    provider_type: ProviderType::Cohere,
                    model: Some("rerank-v3.5".to_owned()),
                    requested_model: None,
                    operation: Operation::Rerank,
                    streamed: false,
                    agent: None,
                    user: None,
                    conversation: None,
                    token: None,
                    endpoint: None,
                    attempt_of: None,
                    catalog_version: String::new(),
                    estimated_input: None,
                },
                status: 200,
                outcome: Outcome::Ok,
                latency_us: 0,
                ttfb_us: None,
                overhead_us: 0,
                replied_model: None,
                upstream_request_id: None,
                service_tier: None,
                geography: None,
                background_response: None,
                usage: Usage {
                    searches: Some(1),
                    ..Usage::default()
                },
                usage_mismatch: false,
                // The catalog has no rate for it.
                price_state: PriceState::Unpriced,
                charge: Charge {
                    estimated,
                    ..Charge::default()
                },
            };
            let answer = Whole {
                status: 200,
                kind: None,
                body: Bytes::new(),
                head_ms: 0,
                body_ms: 0,
            };
            let report = Report::default().judge(Some(row), &answer);
            let usage = report
                .stages
                .iter()
                .find(|stage| stage.name == StageName::Usage)
                .unwrap();
            assert_eq!(usage.outcome, outcome, "{estimated}");
            assert_eq!(report.failure.is_some(), estimated);
        }
    }
}
