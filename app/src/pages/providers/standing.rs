//! How a provider stands, with the reason and the cure.

use admin::providers::{Attention, ProviderStatus};
use domain::Timestamp;
use leptos::prelude::*;

use super::address;
use crate::{
    format::time,
    http::fields::Fields,
    kit::marks::{Standing, Status},
};

/// Status of a provider; where somebody should look, why, and where to.
#[component]
pub(super) fn ProviderStanding(
    id: String,
    status: ProviderStatus,
    now: Timestamp,
    /// Whether the reason stands below.
    why: bool,
) -> impl IntoView {
    match status {
        ProviderStatus::Active => html! { <Status standing=Standing::Good label="Active"/> },
        ProviderStatus::Disabled => html! { <Status standing=Standing::Off label="Disabled"/> },
        ProviderStatus::NeedsAttention(reason) => {
            html! { <Status standing=Standing::Bad label="Needs attention"/>{why.then(|| cure(&id, reason, now))} }
        }
    }
}

/// Why somebody should look, and what to do.
pub(super) fn cure(id: &str, reason: Attention, now: Timestamp) -> AnyView {
    match reason {
        Attention::SecretMissing { name } => {
            let make = Fields::from([("name", name.as_str())]).address("/new-secret");
            html! { <span class="why">"Secret "<code>{name}</code>" is missing. "<a href=make>"Create it"</a></span> }
        }
        Attention::SignInFailed { status, at } => {
            let when = time::relative(at, now);
            html! {
                <span class="why">{format!("Last call failed to sign in: {status}, {when}. ")}<a href=address(id)>"See why"</a></span>
            }
        }
    }
}

/// The place of a status in a sorted list: what needs somebody comes first.
pub(super) const fn rank(status: &ProviderStatus) -> u8 {
    match status {
        ProviderStatus::NeedsAttention(_) => 0,
        ProviderStatus::Active => 1,
        ProviderStatus::Disabled => 2,
    }
}
