//! Weir itself, for Prometheus: what the data plane counts, and how far the ledger is behind.
//!
//! Nothing here asks a database: figures are wanted most when it does not answer.

use prometheus_client::{
    encoding::text,
    metrics::{counter::ConstCounter, gauge::ConstGauge, info::Info},
    registry::Registry,
};

use crate::{Admin, error::AdminError, who::Who};

/// The media type of [`Metrics::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What Prometheus reads.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) admin: Admin,
}

impl Metrics {
    /// All series in the text form of OpenMetrics.
    ///
    /// # Errors
    /// [`AdminError::Internal`] where they cannot be written down.
    pub async fn text(&self, _: &Who) -> Result<String, AdminError> {
        let admin = &self.admin;
        let mut registry = Registry::with_prefix("weir");
        registry.register(
            "build",
            "What runs",
            Info::new([("version", env!("CARGO_PKG_VERSION"))]),
        );
        registry.register(
            "start_time_seconds",
            "When Weir started, in seconds since 1970",
            ConstGauge::new(admin.started_at().as_second()),
        );
        admin.probe().register_metrics(&mut registry);
        // What is behind must not be counted too high: first what the journal has, then the ledger.
        if let Some(journal) = admin.probe().journal().await {
            let recorded = admin.store().recorded_calls();
            registry.register(
                "journal_writable",
                "Whether calls can be written down",
                ConstGauge::new(i64::from(journal.writable)),
            );
            if let Some(bytes) = journal.bytes {
                registry.register(
                    "journal_bytes",
                    "Size of the journal on the disk",
                    ConstGauge::new(bytes),
                );
            }
            registry.register(
                "ledger_calls_behind",
                "Calls that are over and in the journal, but not in the ledger yet",
                ConstGauge::new(journal.ended_calls.saturating_sub(recorded)),
            );
        }
        if let Some(recorder) = admin.recorder() {
            let health = recorder.health();
            registry.register(
                "transcripts_waiting",
                "Recorded calls that are not in the database of transcripts yet",
                ConstGauge::new(health.waiting),
            );
            registry.register(
                "transcripts_lost",
                "Recorded calls whose transcript is lost",
                ConstCounter::new(health.lost),
            );
        }
        let mut written = String::new();
        if let Err(error) = text::encode(&mut written, &registry) {
            tracing::error!(%error, "The figures for Prometheus could not be written down");
            return Err(AdminError::Internal);
        }
        Ok(written)
    }
}
