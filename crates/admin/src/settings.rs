//! Settings that admins change while Weir runs. Those of the command line are not here.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Store, usage::ReportZone};

use crate::{
    Admin,
    audit::Change,
    error::AdminError,
    fields::{Object, all_right, filled},
    usage::TIME_ZONE_ADVICE,
    who::Who,
};

/// Where the time zone for reports is kept.
const TIME_ZONE: &str = "report_time_zone";

/// What an admin can do with settings.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) admin: Admin,
}

/// The settings as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = Settings)]
pub struct SettingsView {
    /// The time zone that the console tells times, days and weeks in: an IANA name.
    #[schema(example = "Europe/Berlin")]
    pub report_time_zone: String,
}

/// A change of settings. What is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, utoipa::ToSchema)]
pub struct SettingsPatch {
    /// The time zone that the console tells times, days and weeks in: an IANA name. Null: UTC.
    #[schema(example = "Europe/Berlin")]
    pub report_time_zone: Option<String>,
}

impl SettingsPatch {
    /// Reads the JSON of a change.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub fn read(json: Value) -> Result<Self, AdminError> {
        let cleared = json.get("report_time_zone").is_some_and(Value::is_null);
        let mut object = Object::new("", json);
        let zone = object.text("report_time_zone");
        all_right(object.end())?;
        Ok(Self {
            report_time_zone: zone.or_else(|| cleared.then(String::new)),
        })
    }
}

/// The time zone of reports that is kept. One that this version does not know is told, and is UTC.
pub(crate) async fn zone_in(store: &Store) -> Result<ReportZone, AdminError> {
    let kept = store.settings().get(TIME_ZONE).await?;
    let Some(name) = kept.as_ref().and_then(Value::as_str) else {
        return Ok(ReportZone::utc());
    };
    Ok(ReportZone::new(name).unwrap_or_else(|_| {
        tracing::warn!(
            zone = name,
            "The time zone for reports is not known; times are told in UTC"
        );
        ReportZone::utc()
    }))
}

impl Settings {
    /// The settings as they are.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn get(&self, _who: &Who) -> Result<SettingsView, AdminError> {
        Ok(SettingsView {
            report_time_zone: self.admin.live().zone().name().to_owned(),
        })
    }

    /// Changes what a change names.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub async fn update(
        &self,
        who: &Who,
        patch: &SettingsPatch,
    ) -> Result<SettingsView, AdminError> {
        match &patch.report_time_zone {
            Some(zone) => self.set_report_time_zone(who, zone).await,
            None => self.get(who).await,
        }
    }

    /// Sets the time zone that the console tells times in. Blank: UTC.
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
        let this = self.clone();
        let who = who.clone();
        self.admin
            .whole(async move {
                let before = this.get(&who).await?;
                let after = SettingsView {
                    report_time_zone: zone.name().to_owned(),
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
                this.admin.live().set_zone(zone);
                Ok(after)
            })
            .await
    }
}
