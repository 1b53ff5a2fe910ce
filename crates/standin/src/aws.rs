//! What of AWS stands around Bedrock: who may call, and who issues temporary credentials. It knows
//! nothing of models.

mod authorization;
mod caller;
mod checker;
mod issuing;
mod keys;
mod metadata;
mod settings;
mod sts;

pub(crate) use caller::may_call_bedrock;
pub(crate) use issuing::answer;
pub use keys::Issued;
pub use settings::{AccessKey, AwsSettings};

use self::checker::Checker;
use self::keys::Keys;

/// What is known of AWS while the stand-in runs.
pub(crate) struct Aws {
    settings: AwsSettings,
    keys: Keys,
    /// `None`: no signature can be checked.
    checker: Option<Checker>,
}

impl Aws {
    pub(crate) fn new(settings: &AwsSettings) -> Self {
        Self {
            settings: settings.clone(),
            keys: Keys::new(settings),
            checker: settings.sigv4_script.clone().map(Checker::new),
        }
    }

    /// The keys that are accepted.
    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }
}
