//! How much of what is said is kept, and for how long: settings that stand in memory as well.

use std::ops::RangeInclusive;

use serde_json::Value;
use store::Store;
use transcripts::Keeping;

use crate::error::AdminError;

/// Where it is kept for how many days transcripts are kept. Null: for ever.
pub(crate) const KEEP_DAYS: &str = "transcripts.keep_days";
/// Where it is kept how many bytes of a body are.
pub(crate) const MAX_BODY_BYTES: &str = "transcripts.max_body_bytes";

/// The least and the most bytes of a body that can be set to be kept.
pub const BODY_BYTES: RangeInclusive<u64> = 16 * 1024..=32 * 1024 * 1024;

/// What is set. What no version of Weir has written is as if it were not set.
pub(crate) async fn keeping_in(store: &Store) -> Result<Keeping, AdminError> {
    let default = Keeping::default();
    let settings = store.settings();
    let keep_days = match settings.get(KEEP_DAYS).await? {
        Some(Value::Null) => None,
        Some(days) => days
            .as_u64()
            .and_then(|days| u32::try_from(days).ok())
            .or(default.keep_days),
        None => default.keep_days,
    };
    let bytes = settings.get(MAX_BODY_BYTES).await?;
    let bytes = bytes.as_ref().and_then(Value::as_u64);
    Ok(Keeping {
        keep_days,
        max_body_bytes: bytes
            .filter(|bytes| BODY_BYTES.contains(bytes))
            .unwrap_or(default.max_body_bytes),
    })
}
