//! Asking the upstream which models it has, with what stands in the form, saved or not.

use admin::{AdminError, probe::FailureView};
use domain::provider::ProviderType;

use super::{
    chosen_type,
    draft::{draft, form_field},
    secrets::{self, Saved},
};
use crate::{
    http::{failure::Failure, fields::Fields, page::Page, wrong::Wrong},
    provider_form::{notes::sentence, of_type, secret_field::SecretField},
};

/// Ids that are kept of a list. They travel with the form, which has room for other things too.
const KEPT: usize = 5_000;
/// Bytes that are kept of a list, as the form sends them.
const KEPT_BYTES: usize = 384 * 1024;
/// What the form sends with each id: its field's name and the signs around.
const BYTES_AROUND: usize = "listed=&".len();

/// Azure lists to its callers the models that it has, and not the deployments that they can call.
const OF_AZURE: &str = "Azure tells the deployments of a resource to its own management only, not to those who call them. \
     Type the name of each deployment, as Azure’s portal shows it. Where a deployment is not called like its model, say in its pricing what it is priced as.";

/// What came of asking the upstream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Listing {
    /// It was not asked, or its list stands in the form.
    #[default]
    Told,
    /// It lists no models: what to do, in words.
    Nothing(&'static str),
    /// It cannot be asked yet, or ever, and why.
    NotAsked(Vec<String>),
    /// It was asked in vain.
    Failed(FailureView),
}

/// Saves the new secrets that it takes, asks, and puts what is listed into the form.
///
/// # Errors
/// What admin says, but of the form's fields.
pub(super) async fn ask(page: &Page, fields: &mut Fields) -> Result<(Saved, Listing), Failure> {
    let of_it = SecretField::that_count(fields);
    let mut saved = secrets::save(page, fields, of_it).await?;
    let listing = if saved.wrong.is_empty() {
        ask_upstream(page, fields, &mut saved.wrong).await?
    } else {
        not_asked("The new secret could not be saved: see under Connection.")
    };
    Ok((saved, listing))
}

async fn ask_upstream(
    page: &Page,
    fields: &mut Fields,
    wrong: &mut Wrong,
) -> Result<Listing, Failure> {
    forget(fields);
    if chosen_type(fields).is_none() {
        return Ok(not_asked("Choose a provider type first."));
    }
    if chosen_type(fields) == Some(ProviderType::Anthropic)
        && fields.ticked("anthropic.passthrough")
    {
        return Ok(not_asked(
            "With authorization passthrough Weir has no key to ask with. Choose from the catalog, or type an id.",
        ));
    }
    if chosen_type(fields) == Some(ProviderType::AzureOpenAi) {
        return Ok(Listing::Nothing(OF_AZURE));
    }
    let draft = draft(fields);
    let providers = page.admin().providers();
    let asked = providers
        .upstream_models_of_draft(page.who()?, &draft, None)
        .await;
    match asked {
        Ok(Ok(ids)) if ids.is_empty() => Ok(Listing::Nothing(
            "This upstream lists no models: type an id.",
        )),
        Ok(Ok(ids)) => {
            fields.push("listed_by", who_lists(fields));
            fields.push("listed_in_all", ids.len().to_string());
            for id in kept(ids) {
                fields.push("listed", id);
            }
            Ok(Listing::Told)
        }
        Ok(Err(failure)) => Ok(Listing::Failed(failure)),
        Err(AdminError::Invalid(errors)) => {
            let told = errors
                .iter()
                .map(|error| sentence(&error.message))
                .collect();
            let refused = Wrong::read_as(AdminError::Invalid(errors), |error| {
                form_field(error, fields)
            })?;
            wrong.extend(refused);
            Ok(Listing::NotAsked(told))
        }
        Err(other) => Err(other.into()),
    }
}

/// As much of a list as the form can hold.
fn kept(ids: Vec<String>) -> impl Iterator<Item = String> {
    let mut room = KEPT_BYTES;
    ids.into_iter().take(KEPT).take_while(move |id| {
        // A sign that is no letter takes three in a form.
        let as_sent = id
            .bytes()
            .map(|byte| if byte.is_ascii_alphanumeric() { 1 } else { 3 });
        let size = as_sent.sum::<usize>().saturating_add(BYTES_AROUND);
        let fits = size <= room;
        room = room.saturating_sub(size);
        fits
    })
}

fn not_asked(words: &str) -> Listing {
    Listing::NotAsked(vec![words.to_owned()])
}

/// Takes the upstream's list out of the form.
pub(super) fn forget(fields: &mut Fields) {
    fields.remove("listed");
    fields.remove("listed_by");
    fields.remove("listed_in_all");
}

/// Takes it out where it is the list of another upstream than the one that is chosen now.
pub(super) fn forget_others(fields: &mut Fields) {
    if fields.text("listed_by") != who_lists(fields) {
        forget(fields);
    }
}

/// What tells upstreams apart, as the form has it.
fn who_lists(fields: &Fields) -> String {
    let ty = fields.text("type");
    let of_it = |name: &str| fields.text(&of_type(ty, name)).to_owned();
    let named = [ty.to_owned(), of_it("base_url"), of_it("region")];
    named.join(" ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{KEPT, KEPT_BYTES, forget_others, kept, who_lists};
    use crate::http::fields::Fields;

    #[test]
    fn a_list_is_cut_to_what_the_form_can_hold() {
        let ids = |count: usize, size: usize| {
            let ids = (0..count).map(|place| format!("{place:0>size$}"));
            kept(ids.collect()).count()
        };
        assert_eq!(ids(7, 40), 7);
        assert_eq!(ids(KEPT + 1, 20), KEPT);
        assert_eq!(ids(KEPT, 248), KEPT_BYTES / 256);
    }

    #[test]
    fn a_list_goes_with_its_upstream() {
        let mut fields = Fields::from([
            ("type", "bedrock"),
            ("bedrock.region", "eu-west-1"),
            ("listed", "a"),
        ]);
        let by = who_lists(&fields);
        fields.push("listed_by", by);
        forget_others(&mut fields);
        assert!(fields.has("listed", "a"));
        fields.set("bedrock.region", "us-east-1");
        forget_others(&mut fields);
        assert!(!fields.ticked("listed") && !fields.ticked("listed_by"));
    }
}
