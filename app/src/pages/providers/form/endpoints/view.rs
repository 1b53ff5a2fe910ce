//! The rows of further endpoints, as they are shown.

use domain::provider::{ApiVersion, ENDPOINTS_MAX, ProviderType};
use leptos::prelude::*;

use super::{FIRST, ROW, asks, field};
use crate::{
    http::{fields::Fields, wrong::Wrong},
    kit::{
        field::{TextField, Typed, Under},
        icon::{Drawn, Icon},
    },
    pages::providers::form::{azure::zones, chosen_type, regions::REGIONS, vertex::LOCATIONS},
    provider_form::secret_field::NAMES,
};

/// The rows, with a button for one more. Works without any script: the buttons post the form, which comes back.
#[component]
pub(in crate::pages::providers::form) fn Endpoints(fields: Fields, wrong: Wrong) -> impl IntoView {
    let rows: Vec<String> = fields.all(ROW).map(str::to_owned).collect();
    let named = !rows.is_empty() || !fields.text(FIRST).is_empty();
    let several = !rows.is_empty();
    let full = rows.len() >= ENDPOINTS_MAX.saturating_sub(1);
    let first = named.then(|| {
        html! {
            <TextField name=FIRST label="Name of the endpoint above" typed=wrong.typed(&fields, FIRST) mono=true placeholder="first"
                help="Small letters, digits and dashes. Calls and reports tell endpoints by their names."/>
        }
    });
    let ty = chosen_type(&fields);
    let rows = (2_u32..)
        .zip(rows)
        .map(|(number, row)| one(number, &row, ty, &fields, &wrong))
        .collect_view();
    html! {
        <fieldset class="field wide endpoints" id="endpoints">
            <legend>"Endpoints"</legend>
            <p class="help">
                "With several, calls go to each in turn. One that cannot be reached, or answers 429 or 5xx, is passed over for a while, and \
                 the call goes on to the next."
            </p>
            {first}
            {several.then(|| html! {
                <div><button class="btn sm" type="submit" name="do" value="remove_endpoint:first">"Remove the endpoint above"</button></div>
            })}
            {rows}
            {(!full).then(|| html! {
                <div><button class="btn sm" type="submit" name="do" value="add_endpoint"><Drawn icon=Icon::Plus/>"Add endpoint"</button></div>
            })}
        </fieldset>
    }
}

fn one(
    number: u32,
    row: &str,
    ty: Option<ProviderType>,
    fields: &Fields,
    wrong: &Wrong,
) -> AnyView {
    let typed = |name: &str| wrong.typed(fields, &field(row, name));
    let asked = ty.map_or(&[][..], asks);
    let asked = |what: &str| asked.contains(&what);
    let region = asked("region").then(|| {
        place(
            row,
            "region",
            "Region",
            "eu-west-1",
            REGIONS,
            typed("region"),
        )
    });
    let location = asked("location").then(|| {
        let typed = typed("location");
        place(
            row,
            "location",
            "Location",
            "europe-west1",
            LOCATIONS,
            typed,
        )
    });
    let project = asked("project").then(|| html! {
        <TextField name=field(row, "project") label="Project" typed=typed("project") optional=true mono=true placeholder="my-project"
            help="Blank: that above."/>
    });
    let api_version = asked("api_version").then(|| html! {
        <TextField name=field(row, "api_version") label="API version" typed=typed("api_version") optional=true mono=true
            placeholder=ApiVersion::DEFAULT help="For callers that name none."/>
    });
    let data_zone = asked("data_zone").then(|| zones(field(row, "data_zone"), typed("data_zone")));
    let key = asked("key").then(|| {
        let (name, typed) = (field(row, "key"), typed("key"));
        let about = format!("{name}-about");
        let help = "The name of a secret that there is.".to_owned();
        html! {
            <div class="field">
                <label for=name.clone()>"API key"</label>
                <input class="input mono" id=name.clone() name=name list=NAMES value=typed.value autocomplete="off" spellcheck="false"
                    autocapitalize="characters" aria-invalid=(!typed.error.is_empty()).then_some("true") aria-describedby=about.clone()
                    autofocus=typed.first/>
                <Under id=about error=typed.error help=help/>
            </div>
        }
    });
    let credentials = asked("credentials").then(|| html! {
        <TextField name=field(row, "credentials") label="Credentials" typed=typed("credentials") optional=true mono=true
            placeholder="{\"mode\": \"default_chain\"}" help="As JSON, with names of secrets, as the API has them. Blank: those above."/>
    });
    let of_type = ty.and_then(ProviderType::default_base_url);
    let optional = !matches!(
        ty,
        Some(ProviderType::OpenAiCompatible | ProviderType::AzureOpenAi)
    );
    html! {
        <div class="endpoint" role="group" aria-label=format!("Endpoint {number}")>
            <input type="hidden" name=ROW value=row.to_owned()/>
            <div class="grid-2">
                <TextField name=field(row, "name") label="Name" typed=typed("name") mono=true placeholder=format!("endpoint-{number}")/>
                {region}
                {location}
                {project}
                <TextField name=field(row, "base_url") label="Base URL" typed=typed("base_url") optional=optional mono=true
                    placeholder=of_type.unwrap_or_default()/>
                {key}
                {credentials}
                {api_version}
                {data_zone}
            </div>
            <div>
                <button class="btn sm" type="submit" name="do" value=format!("remove_endpoint:{row}")
                    aria-label=format!("Remove endpoint {number}")>"Remove"</button>
            </div>
        </div>
    }
}

/// Where an endpoint is: one of those that are known, or typed.
fn place(
    row: &str,
    what: &str,
    label: &'static str,
    placeholder: &'static str,
    known: &[(&'static str, &'static str)],
    typed: Typed,
) -> AnyView {
    let options = known
        .iter()
        .map(|(name, place)| html! { <option value=*name>{*place}</option> })
        .collect_view();
    let name = field(row, what);
    let (about, list) = (format!("{name}-about"), format!("{name}.list"));
    html! {
        <div class="field">
            <label for=name.clone()>{label}</label>
            <input class="input mono" id=name.clone() name=name list=list.clone() value=typed.value placeholder=placeholder autocomplete="off"
                spellcheck="false" autocapitalize="off" aria-required="true" aria-invalid=(!typed.error.is_empty()).then_some("true")
                aria-describedby=about.clone() autofocus=typed.first/>
            <datalist id=list>{options}</datalist>
            <Under id=about error=typed.error help=String::new()/>
        </div>
    }
}
