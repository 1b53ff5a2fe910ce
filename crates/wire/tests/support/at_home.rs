//! Paths of Vertex AI as they go up from a provider that has a project and a location.

use weir_wire::route::{Route, route};

use super::VERTEX;

/// What goes up before the rest of a path.
pub(crate) const HOME: &str = "/projects/own-project/locations/us-central1";

/// What a path asks for, in the provider's own project and location.
#[track_caller]
pub(crate) fn asked<'a>(method: &str, path: &'a str) -> Route<'a> {
    route(VERTEX, method, path)
        .unwrap()
        .at_home("own-project", "us-central1")
}
