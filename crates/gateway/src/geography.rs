//! Where a provider's address, or its location, pins its calls to.

use domain::{pricing::is_pinned, provider::Upstream};
use wire::route;

/// The geography that every call of an upstream is pinned to, in its own word. `None`: the answers tell.
pub(crate) fn of(upstream: &Upstream) -> Option<String> {
    match upstream.google_home() {
        Some((_, location)) => Some(location.to_string()),
        None => route::residency(&upstream.base_url()).map(str::to_owned),
    }
}

/// Whether calls cost more there. `told`: whether the answer says so, which counts where nothing is pinned.
pub(crate) fn costs_more(upstream: &Upstream, pinned: Option<&str>, told: bool) -> bool {
    pinned.map_or(told, |word| is_pinned(upstream.provider_type(), word))
}
