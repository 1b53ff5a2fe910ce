//! Calls that a crash has swallowed: what their prompts cost, as far as anybody knows.

use admin::live::Snapshot;
use domain::{
    ModelId,
    call::Call,
    pricing::{PriceRequest, PriceState, expected_card, price},
};

/// Prices the row of an interrupted call by the rates of now: its usage is Weir's own rough count of the
/// prompt, so it is `estimated`, or `unpriced` where the provider is gone or its model has no rate.
pub fn price_interrupted(snapshot: &Snapshot, call: &mut Call) {
    let (Some(provider), Some(model)) = (
        snapshot.providers.get(&call.start.provider),
        call.start.model.as_deref(),
    ) else {
        return;
    };
    if call.price_state != PriceState::Unpriced {
        return;
    }
    let called = provider
        .provider
        .endpoints()
        .find(|(name, _)| Some(name.as_str()) == call.start.endpoint.as_deref());
    let upstream = called.map_or(&provider.provider.upstream, |(_, upstream)| upstream);
    let entry = provider.model(model);
    let price_as = entry.and_then(|entry| entry.price_as.as_ref());
    let price_as = price_as.map(ModelId::as_str);
    let listed = expected_card(upstream.provider_type(), price_as, model);
    let row = upstream
        .catalog_kind()
        .zip(listed)
        .and_then(|(kind, listed)| snapshot.catalog.find(kind, listed, upstream.price_region()));
    // The count is of the body's bytes, images and all; more than its window no model takes in.
    if let (Some(input), Some(window)) = (
        &mut call.usage.tokens.input,
        row.as_ref().and_then(|row| row.context_window),
    ) {
        *input = (*input).min(window);
    }
    call.geography = upstream.geography();
    let priced = price(&PriceRequest {
        usage: &call.usage,
        overrides: [entry.map(|entry| &entry.rates), None],
        cards: [None, row.as_ref().map(|row| &row.card)],
        tier: None,
        at: call.start.started_at,
        pinned_geography: upstream.costs_more(call.geography.as_deref(), false),
        billed_beside: false,
        estimated: true,
    });
    call.usage = priced.usage;
    call.price_state = priced.state;
    call.charge = priced.charge;
}
