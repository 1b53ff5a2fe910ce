//! Settings that admins change while Weir runs. Those of the command line are not here.

mod transcripts;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
pub use store::retention::Keep;
use store::{AuditEntry, Store, usage::ReportZone};

use crate::{
    Admin,
    audit::Change,
    error::{AdminError, FieldError},
    fields::{Object, all_right, filled},
    usage::TIME_ZONE_ADVICE,
    who::Who,
};

/// Where the time zone for reports is kept.
const TIME_ZONE: &str = "report_time_zone";
/// The fields that say for how long something is kept.
const KEEP_CALLS: &str = "keep_calls_days";
const KEEP_SUMS: &str = "keep_sums_days";
const KEEP_TRANSCRIPTS: &str = "keep_transcripts_days";
/// The field that says how much of a body is kept.
const TRANSCRIPT_BODY: &str = "transcript_max_body_bytes";
/// A hundred years.
const DAYS_MAX: u32 = 36_500;

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
    /// For how many days calls are kept: whole days of the time zone. Null: for ever.
    #[schema(example = 90)]
    pub keep_calls_days: Option<u32>,
    /// For how many days sums over calls are kept, by which Cost & Usage goes on telling of calls that are
    /// deleted. Null: for ever.
    pub keep_sums_days: Option<u32>,
    /// For how many days transcripts are kept. Null: for ever.
    #[schema(example = 30)]
    pub keep_transcripts_days: Option<u32>,
    /// How many bytes of a recorded body are kept; the rest of it is cut.
    #[schema(example = 1_048_576)]
    pub transcript_max_body_bytes: u64,
}

/// A change of settings. What is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, utoipa::ToSchema)]
pub struct SettingsPatch {
    /// The time zone that the console tells times, days and weeks in: an IANA name. Null: UTC.
    #[schema(example = "Europe/Berlin")]
    pub report_time_zone: Option<String>,
    /// For how many days calls are kept: 1 at least. Older ones are deleted soon. Null: for ever.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 36_500, example = 90)]
    pub keep_calls_days: Option<Days>,
    /// For how many days sums over calls are kept: as long as calls at least. Older ones are deleted soon. Null:
    /// for ever.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 36_500)]
    pub keep_sums_days: Option<Days>,
    /// For how many days transcripts are kept: 1 at least. Older ones are deleted soon, for good. Null: for ever.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 36_500)]
    pub keep_transcripts_days: Option<Days>,
    /// How many bytes of a recorded body are kept, from 16 KiB to 32 MiB. It holds for calls that are recorded
    /// later. Null: 1 MiB.
    #[schema(value_type = Option<u64>, minimum = 16_384, maximum = 33_554_432)]
    pub transcript_max_body_bytes: Option<BodyBytes>,
}

/// How much of a recorded body is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyBytes {
    /// As much as where nobody has set it.
    Default,
    /// So many bytes.
    Of(u64),
}

/// For how long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// For ever.
    Forever,
    /// For so many days.
    Of(u64),
}

impl SettingsPatch {
    /// Reads the JSON of a change.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub fn read(json: Value) -> Result<Self, AdminError> {
        let cleared = |name: &'static str, json: &Value| json.get(name).is_some_and(Value::is_null);
        let [
            no_zone,
            calls_forever,
            sums_forever,
            transcripts_forever,
            no_bytes,
        ] = [
            "report_time_zone",
            KEEP_CALLS,
            KEEP_SUMS,
            KEEP_TRANSCRIPTS,
            TRANSCRIPT_BODY,
        ]
        .map(|name| cleared(name, &json));
        let mut object = Object::new("", json);
        let zone = object.text("report_time_zone");
        let mut days = |name, forever: bool| {
            let days = object.number(name).map(Days::Of);
            days.or(forever.then_some(Days::Forever))
        };
        let keep_calls_days = days(KEEP_CALLS, calls_forever);
        let keep_sums_days = days(KEEP_SUMS, sums_forever);
        let keep_transcripts_days = days(KEEP_TRANSCRIPTS, transcripts_forever);
        let bytes = object.number(TRANSCRIPT_BODY).map(BodyBytes::Of);
        all_right(object.end())?;
        Ok(Self {
            report_time_zone: zone.or_else(|| no_zone.then(String::new)),
            keep_calls_days,
            keep_sums_days,
            keep_transcripts_days,
            transcript_max_body_bytes: bytes.or(no_bytes.then_some(BodyBytes::Default)),
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
        let keep = self.admin.store().retention().keep().await?;
        let transcripts = self.admin.live().transcripts();
        Ok(SettingsView {
            report_time_zone: self.admin.live().zone().name().to_owned(),
            keep_calls_days: keep.calls_days,
            keep_sums_days: keep.sums_days,
            keep_transcripts_days: transcripts.keep_days,
            transcript_max_body_bytes: transcripts.max_body_bytes,
        })
    }

    /// Changes what a change names.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong; then nothing was changed.
    pub async fn update(
        &self,
        who: &Who,
        patch: &SettingsPatch,
    ) -> Result<SettingsView, AdminError> {
        let mut wrong = vec![];
        checked(self.kept_by(who, patch).await, &mut wrong)?;
        checked(self.keeping_by(who, patch), &mut wrong)?;
        let zone = patch.report_time_zone.as_deref().map(zone_named);
        let zone = checked(zone.transpose(), &mut wrong)?.flatten();
        all_right(wrong)?;
        if let Some(zone) = zone {
            self.set_zone(who, zone).await?;
        }
        self.set_keeping(who, patch).await?;
        if patch.keep_calls_days.is_none() && patch.keep_sums_days.is_none() {
            return self.get(who).await;
        }
        self.set_keep(who, patch.clone()).await
    }

    /// For how long calls and sums would be kept after a change.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub async fn kept_by(&self, _who: &Who, patch: &SettingsPatch) -> Result<Keep, AdminError> {
        let now = self.admin.store().retention().keep().await?;
        let mut wrong = vec![];
        let mut days = |field, patch, now| days_by(field, patch, now, &mut wrong);
        let keep = Keep {
            calls_days: days(KEEP_CALLS, patch.keep_calls_days, now.calls_days),
            sums_days: days(KEEP_SUMS, patch.keep_sums_days, now.sums_days),
        };
        if wrong.is_empty()
            && let Some(sums_days) = keep.sums_days
            && keep
                .calls_days
                .is_none_or(|calls_days| calls_days > sums_days)
        {
            let message = match keep.calls_days {
                None => "while calls are kept for ever, so are the sums over them".to_owned(),
                Some(days) => {
                    format!("keep sums as long as calls at least, which is {days} days")
                }
            };
            wrong.push(FieldError::new(KEEP_SUMS, "shorter_than_calls", message));
        }
        all_right(wrong)?;
        Ok(keep)
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
        self.set_zone(who, zone_named(zone)?).await
    }

    async fn set_zone(&self, who: &Who, zone: ReportZone) -> Result<SettingsView, AdminError> {
        let this = self.clone();
        let who = who.clone();
        self.admin
            .whole(async move {
                let before = this.get(&who).await?;
                let after = SettingsView {
                    report_time_zone: zone.name().to_owned(),
                    ..before.clone()
                };
                if before == after {
                    return Ok(after);
                }
                let told = |settings: &SettingsView| {
                    Some(json!({ "report_time_zone": settings.report_time_zone }))
                };
                let entry = this.changed(&who, TIME_ZONE, told(&before), told(&after));
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

    async fn set_keep(&self, who: &Who, patch: SettingsPatch) -> Result<SettingsView, AdminError> {
        let this = self.clone();
        let who = who.clone();
        self.admin
            .whole(async move {
                let retention = this.admin.store().retention();
                let before = retention.keep().await?;
                // By what holds now: another admin may have changed the rest of it meanwhile.
                let keep = this.kept_by(&who, &patch).await?;
                if before != keep {
                    let told = |keep: Keep| {
                        Some(json!({ KEEP_CALLS: keep.calls_days, KEEP_SUMS: keep.sums_days }))
                    };
                    let entry = this.changed(&who, "retention", told(before), told(keep));
                    retention.set(keep, &entry).await?;
                }
                this.get(&who).await
            })
            .await
    }

    fn changed(
        &self,
        who: &Who,
        id: &str,
        before: Option<Value>,
        after: Option<Value>,
    ) -> AuditEntry {
        let change = Change {
            action: "update",
            kind: "settings",
            id: id.to_owned(),
            before,
            after,
        };
        self.admin.entry(who, change)
    }
}

/// What was checked; what is wrong with it is put to the rest.
fn checked<T>(
    result: Result<T, AdminError>,
    wrong: &mut Vec<FieldError>,
) -> Result<Option<T>, AdminError> {
    match result {
        Ok(checked) => Ok(Some(checked)),
        Err(AdminError::Invalid(more)) => {
            wrong.extend(more);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// For how many days something would be kept after a change.
fn days_by(
    field: &str,
    patch: Option<Days>,
    now: Option<u32>,
    wrong: &mut Vec<FieldError>,
) -> Option<u32> {
    match patch {
        None => now,
        Some(Days::Forever) => None,
        Some(Days::Of(days)) => {
            let days = u32::try_from(days).ok();
            let days = days.filter(|days| (1..=DAYS_MAX).contains(days));
            if days.is_none() {
                let message = "write whole days, from 1 to 36,500";
                wrong.push(FieldError::new(field, "invalid_days", message));
            }
            days
        }
    }
}

/// The zone of a name. Blank: UTC.
fn zone_named(name: &str) -> Result<ReportZone, AdminError> {
    let name = filled(Some(name)).unwrap_or("UTC");
    ReportZone::new(name)
        .map_err(|_| AdminError::field("report_time_zone", "invalid_time_zone", TIME_ZONE_ADVICE))
}
