//! How a test went, as an admin is shown it: with what to do about it.

use domain::{CallId, ModelId, NanoUsd, pricing::PriceState, provider::Upstream};
use serde::Serialize;

use super::{
    Action, Called, Failure, Policy, Stage, StageName, StageOutcome, Symptom, TestReport, Vector,
    action, advice,
};
use crate::live::LiveProvider;

/// How many models are offered to be tried instead of one that failed.
const OFFERED_MAX: usize = 4;

/// How a test went, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TestResult)]
pub struct TestView {
    /// Whether every stage passed.
    pub ok: bool,
    /// Every stage, in order.
    pub stages: Vec<Stage>,
    /// The ledger row that the test made.
    #[schema(value_type = Option<String>, format = "uuid")]
    pub call_id: Option<CallId>,
    /// The model that was asked.
    pub model: Option<String>,
    /// What the answer cost, in dollars.
    #[schema(value_type = Option<String>, example = "0.000012000")]
    pub cost_usd: Option<NanoUsd>,
    /// Whether that is sure.
    #[schema(value_type = Option<String>, example = "priced")]
    pub price_state: Option<PriceState>,
    /// Of a model that embeds: how long its vector is. Where that is not what the catalog says, indexes that
    /// were made for the one do not fit the other.
    pub vector: Option<Vector>,
    /// What failed.
    pub failure: Option<FailureView>,
}

/// A failure and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = TestFailure)]
pub struct FailureView {
    /// The stage that failed.
    pub stage: Option<StageName>,
    /// What it was.
    pub symptom: Symptom,
    /// The status that the upstream answered.
    pub status: Option<u16>,
    /// The upstream's own words.
    pub message: Option<String>,
    /// What to do.
    pub advice: String,
    /// What a click does about it, the likeliest first.
    pub actions: Vec<Action>,
    /// Where the credentials lack rights at AWS: the policy that gives them what this provider needs.
    pub policy: Option<Policy>,
}

impl TestView {
    pub(crate) fn of(report: TestReport, provider: &LiveProvider) -> Self {
        let failed = report
            .stages
            .iter()
            .find(|stage| stage.outcome == StageOutcome::Failed);
        let stage = failed.map(|stage| stage.name);
        Self {
            ok: report.failure.is_none() && stage.is_none(),
            stages: report.stages,
            call_id: report.call_id,
            model: report.model,
            cost_usd: report.cost,
            price_state: report.price_state,
            vector: report.vector,
            failure: report
                .failure
                .map(|failure| FailureView::of(failure, stage, provider)),
        }
    }
}

impl FailureView {
    pub(crate) fn of(failure: Failure, stage: Option<StageName>, provider: &LiveProvider) -> Self {
        let policy = policy_for(failure.symptom, provider);
        Self {
            stage,
            symptom: failure.symptom,
            status: failure.status,
            advice: advice::advice(failure.symptom, provider),
            actions: action::actions(failure.symptom, provider, policy.as_ref()),
            message: failure.message,
            policy,
        }
    }

    /// Offers models to try instead, before all other actions.
    pub(crate) fn offer(&mut self, models: impl IntoIterator<Item = String>) {
        let tries = models.into_iter().take(OFFERED_MAX).map(Action::try_model);
        self.actions.splice(..0, tries);
    }
}

/// The policy that cures a failure.
fn policy_for(symptom: Symptom, provider: &LiveProvider) -> Option<Policy> {
    let Upstream::Bedrock {
        region,
        credentials,
        guardrail,
        ..
    } = &provider.provider.upstream
    else {
        return None;
    };
    (symptom == Symptom::Forbidden).then(|| {
        let models: Vec<Called<'_>> = provider
            .provider
            .models
            .iter()
            .map(|model| Called {
                id: model.id.as_str(),
                behind: model.price_as.as_ref().map(ModelId::as_str),
            })
            .collect();
        Policy::of(region, credentials, guardrail.as_ref(), &models)
    })
}
