//! What Vertex AI writes beside the usage of APIs that are not its own. It knows nothing of the operations.

use crate::ask::Ask;
use crate::json::Object;

/// The kind of traffic where nothing else is wished for.
pub(crate) const TRAFFIC: &str = "ON_DEMAND";

/// The kind of traffic of an answer in OpenAI's style. Other servers write nothing.
pub(crate) fn write_beside(ask: &Ask<'_>, usage: &mut Object<'_>) {
    if let Some(traffic) = ask.traffic(TRAFFIC) {
        usage.object("extra_properties", |extra| {
            extra.object("google", |google| {
                google.text("traffic_type", traffic);
            });
        });
    }
}
