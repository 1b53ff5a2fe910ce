//! Settings that admins change while Weir runs. Those of the command line are not here.

use serde::{Deserialize, Serialize};
use serde_json::json;
use store::usage::ReportZone;

use crate::{
    Admin, audit::Change, error::AdminError, fields::filled, usage::TIME_ZONE_ADVICE, who::Who,
};

/// Where the time zone for reports is kept.
const TIME_ZONE: &str = "report_time_zone";

/// What an admin can do with settings.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) admin: Admin,
}

/// The settings as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsView {
    /// The time zone that reports are shown in where nobody chooses one: an IANA name.
    pub report_time_zone: String,
}

impl Settings {
    /// The settings as they are.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn get(&self, _who: &Who) -> Result<SettingsView, AdminError> {
        let zone = self.admin.store().settings().get(TIME_ZONE).await?;
        let zone = zone
            .as_ref()
            .and_then(serde_json::Value::as_str)
            .unwrap_or("UTC");
        Ok(SettingsView {
            report_time_zone: zone.to_owned(),
        })
    }

    /// Sets the time zone that reports are shown in.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] where it is no IANA name.
    pub async fn set_report_time_zone(
        &self,
        who: &Who,
        zone: &str,
    ) -> Result<SettingsView, AdminError> {
        let Ok(zone) = ReportZone::new(filled(Some(zone)).unwrap_or("UTC")) else {
            return Err(AdminError::field(
                "report_time_zone",
                "invalid_time_zone",
                TIME_ZONE_ADVICE,
            ));
        };
        let zone = zone.name().to_owned();
        let this = self.clone();
        let who = who.clone();
        self.admin
            .whole(async move {
                let before = this.get(&who).await?;
                let after = SettingsView {
                    report_time_zone: zone,
                };
                if before == after {
                    return Ok(after);
                }
                let entry = this.admin.entry(
                    &who,
                    Change {
                        action: "update",
                        kind: "settings",
                        id: TIME_ZONE.to_owned(),
                        before: serde_json::to_value(before).ok(),
                        after: serde_json::to_value(&after).ok(),
                    },
                );
                this.admin
                    .store()
                    .settings()
                    .set(TIME_ZONE, &json!(after.report_time_zone), &entry)
                    .await?;
                Ok(after)
            })
            .await
    }
}
