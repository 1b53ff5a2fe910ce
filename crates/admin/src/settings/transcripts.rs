//! How much of what is said in calls is kept, and for how long.

use serde_json::{Value, json};

use super::{BodyBytes, KEEP_TRANSCRIPTS, Settings, SettingsPatch, TRANSCRIPT_BODY, days_by};
use crate::{
    error::{AdminError, FieldError},
    fields::all_right,
    transcripts::{BODY_BYTES, KEEP_DAYS, Keeping, MAX_BODY_BYTES},
    who::Who,
};

impl Settings {
    /// How much of transcripts would be kept after a change.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub fn keeping_by(&self, _who: &Who, patch: &SettingsPatch) -> Result<Keeping, AdminError> {
        let now = self.admin.live().transcripts();
        let mut wrong = vec![];
        let keep_days = days_by(
            KEEP_TRANSCRIPTS,
            patch.keep_transcripts_days,
            now.keep_days,
            &mut wrong,
        );
        let max_body_bytes = match patch.transcript_max_body_bytes {
            None => now.max_body_bytes,
            Some(BodyBytes::Default) => Keeping::default().max_body_bytes,
            Some(BodyBytes::Of(bytes)) => {
                if !BODY_BYTES.contains(&bytes) {
                    let message = "write whole bytes, from 16384 (16 KiB) to 33554432 (32 MiB)";
                    wrong.push(FieldError::new(TRANSCRIPT_BODY, "invalid_bytes", message));
                }
                bytes
            }
        };
        all_right(wrong)?;
        Ok(Keeping {
            keep_days,
            max_body_bytes,
        })
    }

    /// Changes how much of transcripts is kept, where a change names it.
    pub(super) async fn set_keeping(
        &self,
        who: &Who,
        patch: &SettingsPatch,
    ) -> Result<(), AdminError> {
        let (this, who, patch) = (self.clone(), who.clone(), patch.clone());
        let setting = self.admin.whole(async move {
            // By what holds now: another admin may have changed the rest of it meanwhile.
            let before = this.admin.live().transcripts();
            let after = this.keeping_by(&who, &patch)?;
            let days = |keeping: Keeping| json!(keeping.keep_days);
            this.set_limit(&who, KEEP_DAYS, days(before), days(after))
                .await?;
            // Each is published when it is kept, also where the other one fails.
            this.admin.keep_transcripts(Keeping {
                keep_days: after.keep_days,
                ..before
            });
            let bytes = |keeping: Keeping| json!(keeping.max_body_bytes);
            this.set_limit(&who, MAX_BODY_BYTES, bytes(before), bytes(after))
                .await?;
            this.admin.keep_transcripts(after);
            Ok(())
        });
        setting.await
    }

    async fn set_limit(
        &self,
        who: &Who,
        key: &'static str,
        before: Value,
        after: Value,
    ) -> Result<(), AdminError> {
        if before == after {
            return Ok(());
        }
        let told = |value: &Value| Some(json!({ key: value }));
        let entry = self.changed(who, key, told(&before), told(&after));
        Ok(self
            .admin
            .store()
            .settings()
            .set(key, &after, &entry)
            .await?)
    }
}
