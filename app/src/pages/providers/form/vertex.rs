//! What a Vertex AI provider is asked for: project, location, credentials in each mode.

use leptos::prelude::*;

use super::types::reference;
use crate::{
    http::{fields::Fields, wrong::Wrong},
    kit::{
        field::{TextField, Under},
        note::{NoteBox, Tone},
        note_line::NoteLine,
    },
    provider_form::{google_mode::GoogleMode, notes::Note, secret_field::SecretField},
};

/// Locations that are offered; others can be typed. From Google's list of 2026.
pub(super) const LOCATIONS: &[(&str, &str)] = &[
    ("global", "Anywhere"),
    ("us", "United States"),
    ("eu", "European Union"),
    ("us-central1", "Iowa"),
    ("us-east1", "South Carolina"),
    ("us-east4", "Northern Virginia"),
    ("us-east5", "Columbus"),
    ("us-south1", "Dallas"),
    ("us-west1", "Oregon"),
    ("us-west4", "Las Vegas"),
    ("northamerica-northeast1", "Montréal"),
    ("southamerica-east1", "São Paulo"),
    ("europe-central2", "Warsaw"),
    ("europe-north1", "Finland"),
    ("europe-southwest1", "Madrid"),
    ("europe-west1", "Belgium"),
    ("europe-west2", "London"),
    ("europe-west3", "Frankfurt"),
    ("europe-west4", "Netherlands"),
    ("europe-west6", "Zurich"),
    ("europe-west8", "Milan"),
    ("europe-west9", "Paris"),
    ("me-central1", "Doha"),
    ("me-central2", "Dammam"),
    ("me-west1", "Tel Aviv"),
    ("asia-east1", "Taiwan"),
    ("asia-east2", "Hong Kong"),
    ("asia-northeast1", "Tokyo"),
    ("asia-northeast3", "Seoul"),
    ("asia-south1", "Mumbai"),
    ("asia-southeast1", "Singapore"),
    ("australia-southeast1", "Sydney"),
];

/// Its fields. Those of the chosen credential mode are shown, without any script.
/// `own_address`: where calls go without a base URL.
pub(super) fn fields(
    fields: &Fields,
    wrong: &Wrong,
    secrets: usize,
    own_address: String,
) -> AnyView {
    let typed = |name: &str| wrong.typed(fields, name);
    html! {
        <div class="grid-2">
            <TextField name="vertex_ai.project" label="Project" typed=typed("vertex_ai.project") mono=true placeholder="my-project"
                help="The Google Cloud project that is called and billed, by id or number. Blank where Weir is started with VERTEXAI_PROJECT."/>
            {location(fields, wrong)}
        </div>
        <TextField name="vertex_ai.base_url" label="Base URL" typed=typed("vertex_ai.base_url") optional=true mono=true
            placeholder=own_address help="Only for Private Service Connect or a proxy of yours."/>
        {modes(fields, wrong)}
        <div class="mode-fields for-service_account">
            {reference(SecretField::ServiceAccount, "Service account key", fields, wrong, secrets, false,
                "The secret that holds the whole JSON of the key’s file.")}
        </div>
        <NoteBox tone=Tone::Info>
            "A project and location that applications write into their paths are replaced by these: nobody calls, or bills, another project."
        </NoteBox>
    }
}

fn location(fields: &Fields, wrong: &Wrong) -> AnyView {
    let typed = wrong.typed(fields, "vertex_ai.location");
    let options = LOCATIONS
        .iter()
        .map(|(name, place)| html! { <option value=*name>{*place}</option> });
    html! {
        <div class="field">
            <label for="vertex_ai.location">"Location"</label>
            <input class="input mono" id="vertex_ai.location" name="vertex_ai.location" list="vertex_ai.locations" value=typed.value
                placeholder="global" autocomplete="off" spellcheck="false" autocapitalize="off"
                aria-invalid=(!typed.error.is_empty()).then_some("true") aria-describedby="vertex_ai.location-about" autofocus=typed.first/>
            <datalist id="vertex_ai.locations">{options.collect_view()}</datalist>
            <Under id="vertex_ai.location-about" error=typed.error
                help="Newer models are often in global, us or eu alone. Claude and the newest Gemini cost 10 % more anywhere but global.".to_owned()/>
        </div>
    }
}

/// What a mode takes, in a sentence.
const fn explained(mode: GoogleMode) -> &'static str {
    match mode {
        GoogleMode::DefaultChain => {
            "What Weir’s machine has: GOOGLE_APPLICATION_CREDENTIALS, gcloud’s own, or the metadata server of GCE, GKE and Cloud Run."
        }
        GoogleMode::ServiceAccount => "The key of a service account, out of a secret.",
    }
}

fn modes(fields: &Fields, wrong: &Wrong) -> AnyView {
    let chosen = GoogleMode::of(fields);
    let error = wrong.of(GoogleMode::FIELD);
    let error = (!error.is_empty()).then(|| html! { <NoteLine note=Note::Wrong(error)/> });
    let lines = GoogleMode::ALL.iter().map(|mode| {
        let about = format!("{}-{}", GoogleMode::FIELD, mode.key());
        html! {
            <label class="check">
                <input type="radio" name=GoogleMode::FIELD value=mode.key() checked=*mode == chosen aria-describedby=about.clone()/>
                <span><b>{mode.label()}</b><span class="help" id=about>{explained(*mode)}</span></span>
            </label>
        }
    });
    html! {
        <fieldset class="field wide">
            <legend>"Credential type"</legend>
            <div class="boxes modes">{lines.collect_view()}</div>
            {error}
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use domain::provider::GoogleLocation;

    use super::LOCATIONS;

    #[test]
    fn what_is_offered_is_taken() {
        for (name, _) in LOCATIONS {
            assert!(name.parse::<GoogleLocation>().is_ok(), "{name}");
        }
    }
}
