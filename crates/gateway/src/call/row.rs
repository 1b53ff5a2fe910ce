//! The row of a call that has ended: what came of it, what it used, what that costs.

use std::time::Instant;

use domain::{
    ModelId,
    call::{Call, CallStart, Operation, Outcome},
    pricing::{Charge, PriceRequest, PriceState, card_names, is_prepaid, price},
    usage::Usage,
};
use wire::{estimate, meter::Reading};

use super::{End, Running, micros};
use crate::{log, recording::Recording};

impl Running {
    /// A background response whose stream is left goes on at the provider: a later call shows its usage.
    pub(super) fn goes_on(&self, reading: &mut Reading) {
        reading.unfinished |=
            self.sent.asked.background && !reading.ended && reading.response_id.is_some();
    }

    /// Whether the provider left out a count which somebody pays for: text came, or a whole answer,
    /// and no usage of it; or nobody waited for the answer.
    pub(super) fn needs_estimate(&self, end: End, reading: Option<&Reading>) -> bool {
        let Some(reading) = reading else {
            return end == End::GivenUp && self.start.operation.is_inference();
        };
        let whole = reading.ended && !reading.error;
        self.start.operation.is_inference()
            && self.status < 400
            && !reading.unfinished
            && (whole || reading.delivered_text)
            && (self.prompt_is_missing(&reading.usage) || self.output_is_missing(reading))
    }

    /// Whether what the prompt costs was not told: its tokens, or, where documents are ranked, searches.
    fn prompt_is_missing(&self, usage: &Usage) -> bool {
        if self.start.operation == Operation::Rerank {
            usage.searches.is_none()
        } else {
            !has_prompt_counts(usage)
        }
    }

    /// Whether text came whose tokens were not told. Vectors have none.
    fn output_is_missing(&self, reading: &Reading) -> bool {
        !matches!(
            self.start.operation,
            Operation::Embeddings | Operation::Rerank
        ) && !reading.vectors
            && reading.delivered_text
            && reading.usage.tokens.output.is_none()
    }

    pub(super) fn finish(
        mut self,
        end: End,
        reading: Option<Reading>,
        recording: Option<&mut Recording>,
    ) {
        let estimated = self.needs_estimate(end, reading.as_ref());
        let outcome = self.outcome(end, reading.as_ref());
        let reading = reading.unwrap_or_default();
        let background_response = self.background_response(&reading);
        self.remember_place(&reading);
        let requested = self.start.model.as_deref();
        let replied = reading.replied_model.as_deref();
        let upstream = &self.provider.provider.upstream;
        let entry = requested.and_then(|model| self.provider.model(model));
        let price_as = entry.and_then(|entry| entry.price_as.as_ref());
        let card = |model: Option<&str>| self.books.cards.find(&self.catalog, upstream, model?);
        let price_as = price_as.map(ModelId::as_str);
        let cards = card_names(upstream.provider_type(), price_as, requested, replied).map(card);
        let mut usage = reading.usage;
        if estimated {
            let known = || cards.iter().flatten();
            let window = known().find_map(|card| card.context_window);
            let longest = known().find_map(|card| card.max_output_tokens);
            self.estimate(&reading, window, longest, &mut usage);
        }
        let usage_mismatch = reading.mismatch || usage.mismatch();
        let (usage, price_state, charge) =
            if self.is_billed(&reading, &usage, background_response.as_ref()) {
                let overrides = replied.and_then(|model| self.provider.model(model));
                let priced = price(&PriceRequest {
                    usage: &usage,
                    overrides: [
                        entry.map(|entry| &entry.rates),
                        overrides.map(|entry| &entry.rates),
                    ],
                    cards: cards
                        .each_ref()
                        .map(|card| card.as_deref().map(|card| &card.card)),
                    tier: reading.tier,
                    at: self.start.started_at,
                    pinned_geography: upstream
                        .costs_more(self.residency.as_deref(), reading.pinned_geography),
                    billed_beside: reading.billed_beside,
                    estimated,
                });
                (priced.usage, priced.state, priced.charge)
            } else if reading.unfinished || self.start.operation == Operation::StoredResponse {
                // Another row has these tokens, or will have them.
                (Usage::default(), self.unbilled(end), Charge::default())
            } else if estimated && !usage.is_reported() {
                (usage, PriceState::Unpriced, Charge::default())
            } else {
                (usage, self.unbilled(end), Charge::default())
            };
        let call = Call {
            status: self.status,
            outcome,
            latency_us: micros(self.began.elapsed()),
            ttfb_us: self.ttfb.map(micros),
            overhead_us: micros(self.inside),
            replied_model: reading.replied_model,
            upstream_request_id: self.upstream_request_id.or(reading.response_id),
            service_tier: reading.service_tier,
            geography: self.residency.or(reading.geography),
            background_response,
            usage,
            usage_mismatch,
            price_state,
            charge,
            start: self.start,
        };
        log::call(&call);
        if let Some(observer) = self.observer {
            // Whoever asked may have gone; the row does not depend on it.
            let _gone = observer.send(call.clone());
        }
        if let Some(recording) = recording {
            recording.settled(&call);
        }
        self.books.recorder.metrics().ends();
        self.books.recorder.finish(call);
    }

    /// The background response that this call began, or whose usage it is the first to show. Nobody names
    /// a model when reading one back: it is the one that was asked for when it began, else the answer's.
    fn background_response(&mut self, reading: &Reading) -> Option<String> {
        let background = &self.books.background;
        let provider = &self.start.provider;
        match self.start.operation {
            Operation::Responses if reading.unfinished => {
                let id = reading.response_id.clone()?;
                background.begun(provider, &id, self.start.model.as_deref());
                Some(id)
            }
            Operation::StoredResponse => {
                let id = reading.response_id.as_ref();
                let shown = id
                    .filter(|_| !reading.unfinished && reading.usage.is_reported())
                    .and_then(|id| background.shown(provider, id));
                let due = shown.is_some();
                self.start.model = shown
                    .and_then(|shown| shown.model)
                    .or_else(|| reading.replied_model.clone());
                id.filter(|_| due).cloned()
            }
            Operation::Chat
            | Operation::Responses
            | Operation::Completions
            | Operation::Embeddings
            | Operation::Messages
            | Operation::Generate
            | Operation::Converse
            | Operation::Invoke
            | Operation::CohereChat
            | Operation::Rerank
            | Operation::CountTokens
            | Operation::Models
            | Operation::Other => None,
        }
    }

    /// Remembers at which of several endpoints a response is that may be stored.
    fn remember_place(&self, reading: &Reading) {
        if let Some(endpoint) = self.provider.endpoint()
            && self.start.operation == Operation::Responses
            && let Some(response) = &reading.response_id
        {
            endpoint.ring.answered().remember(response, &endpoint.name);
        }
    }

    /// Whether the call's usage is paid for. That of a stored response is only where it was due.
    fn is_billed(&self, reading: &Reading, usage: &Usage, background: Option<&String>) -> bool {
        let pays = match self.start.operation {
            Operation::StoredResponse => background.is_some(),
            operation => operation.is_inference(),
        };
        let prepaid = is_prepaid(self.start.provider_type, reading.service_tier.as_deref());
        pays && !prepaid && usage.is_reported() && !reading.unfinished
    }

    /// What is to be said of the price of a call without usage. On a path that is not metered nobody
    /// knows what a success cost.
    fn unbilled(&self, end: End) -> PriceState {
        let unknown = self.start.operation == Operation::Other
            && !self.sent.free
            && self.status < 400
            && end != End::Failed;
        if unknown {
            PriceState::Unpriced
        } else {
            PriceState::NotBilled
        }
    }

    fn outcome(&self, end: End, reading: Option<&Reading>) -> Outcome {
        if self.status >= 400 && end != End::ClientLeft {
            return Outcome::UpstreamError;
        }
        match (end, reading) {
            (End::Failed, _) => Outcome::UpstreamError,
            (End::ClientLeft | End::GivenUp, _) => Outcome::ClientClosed,
            (_, Some(reading)) if reading.error => Outcome::UpstreamError,
            (End::Broken, _) => Outcome::Truncated,
            (End::Whole, Some(reading)) if !reading.ended => Outcome::Truncated,
            (End::Whole, _) => Outcome::Ok,
        }
    }

    /// Fills in the counts that the provider left out: never above what the request allowed and what
    /// the model can take in and give out.
    fn estimate(
        &self,
        reading: &Reading,
        context_window: Option<u64>,
        longest_answer: Option<u64>,
        usage: &mut Usage,
    ) {
        if self.start.operation == Operation::Rerank {
            // Each costs at least one.
            usage.searches = usage.searches.or(Some(1));
            return;
        }
        if !has_prompt_counts(usage) {
            let counted = if self.sent.prompt.is_empty() {
                self.start.estimated_input.unwrap_or(0)
            } else {
                estimate::input(self.start.operation, &self.sent.prompt)
            };
            // Images have no text: where vectors are made of nothing else, nobody knows what they cost.
            if counted > 0 || self.start.operation != Operation::Embeddings {
                let counted = context_window.map_or(counted, |window| counted.min(window));
                usage.tokens.input = Some(counted);
            }
        }
        if self.output_is_missing(reading) {
            let counted = estimate::output(&reading.text, &self.sent.asked);
            let choices = self.sent.asked.choices.max(1);
            let most = longest_answer.map(|longest| longest.saturating_mul(choices));
            usage.tokens.output = Some(most.map_or(counted, |most| counted.min(most)));
        }
    }
}

fn has_prompt_counts(usage: &Usage) -> bool {
    usage
        .tokens
        .iter()
        .any(|(bucket, count)| bucket.is_prompt() && count.is_some())
}

/// The row of a call that Weir refused. Refused calls cost nothing.
pub(crate) fn rejected(start: CallStart, status: u16, began: Instant) -> Call {
    let latency_us = micros(began.elapsed());
    Call {
        start,
        status,
        outcome: Outcome::Rejected,
        latency_us,
        ttfb_us: None,
        overhead_us: latency_us,
        replied_model: None,
        upstream_request_id: None,
        service_tier: None,
        geography: None,
        background_response: None,
        usage: Usage::default(),
        usage_mismatch: false,
        price_state: PriceState::NotBilled,
        charge: Charge::default(),
    }
}
