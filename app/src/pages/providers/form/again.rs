//! What is done before the form is shown again: nothing, new secrets saved, the upstream asked.

use super::{
    endpoints,
    fetch::{self, Listing},
    secrets::{self, Saved},
    steps::Step,
};
use crate::{
    http::{failure::Failure, fields::Fields, page::Page, wrong::Wrong},
    kit::note::Tone,
};

/// What there is to say with the form.
#[derive(Default)]
pub(super) struct Told {
    /// What is wrong.
    pub(super) wrong: Wrong,
    /// What to say above the form.
    pub(super) notes: Vec<(Tone, String)>,
    /// What the upstream said of its models.
    pub(super) listing: Listing,
}

impl From<Saved> for Told {
    fn from(saved: Saved) -> Self {
        Self {
            wrong: saved.wrong,
            notes: saved.notes,
            listing: Listing::default(),
        }
    }
}

/// Does what leads back to the form. `None`: the step saves the provider.
///
/// # Errors
/// What admin says, but of the form's fields.
pub(super) async fn carry_out(
    page: &Page,
    fields: &mut Fields,
    step: Step,
) -> Result<Option<Told>, Failure> {
    let told = match step {
        Step::Save | Step::Merge => return Ok(None),
        Step::Show => Told::default(),
        Step::Wrong(field, words) => {
            let mut told = Told::default();
            told.wrong.add(field, words);
            told
        }
        Step::Keep => secrets::keep(page, fields, None).await?.into(),
        Step::RemoveFirst => {
            let mut told = Told::from(secrets::keep(page, fields, None).await?);
            if let Err((field, words)) = endpoints::remove_first(fields) {
                told.wrong.add(field, words);
            }
            told
        }
        Step::SaveSecret(of) => secrets::keep(page, fields, Some(of)).await?.into(),
        Step::Fetch => {
            let (saved, listing) = fetch::ask(page, fields).await?;
            Told {
                listing,
                ..saved.into()
            }
        }
    };
    Ok(Some(told))
}
