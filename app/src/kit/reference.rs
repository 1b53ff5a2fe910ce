//! A credential by reference: a secret that exists, or one that is made with the form.

use leptos::prelude::*;

use super::{
    field::{Typed, Under},
    icon::{Drawn, Icon},
};
use crate::{
    format::count,
    provider_form::secret_field::{NAMES, live_line},
};

/// The names of the secrets, once for all references of a page.
#[component]
pub(crate) fn SecretNames(names: Vec<String>) -> impl IntoView {
    let options = names
        .into_iter()
        .map(|name| html! { <option value=name></option> });
    html! { <datalist id=NAMES>{options.collect_view()}</datalist> }
}

/// Two tabs: Existing, to search the secrets; New, with name and value. A value is never sent back.
#[component]
pub(crate) fn Reference(
    /// What stands before the names of the fields.
    #[prop(into)]
    prefix: String,
    #[prop(into)] label: String,
    /// How many secrets there are. Their names are in the page's [`SecretNames`].
    secrets: usize,
    /// Whether the New tab is chosen.
    new: bool,
    existing: Typed,
    new_name: Typed,
    new_value: Typed,
    /// A name to offer for a new secret.
    #[prop(into)]
    suggested: String,
    #[prop(optional)] optional: bool,
    #[prop(optional, into)] help: String,
) -> impl IntoView {
    let field = |name: &str| format!("{prefix}.{name}");
    let (key, new_key, value) = (field("key"), field("new_key"), field("new_value"));
    let (key_about, new_key_about, value_about) = (
        format!("{key}-about"),
        format!("{new_key}-about"),
        format!("{value}-about"),
    );
    let (key_live, new_key_live) = (live_line(&key), live_line(&new_key));
    let label_id = field("label");
    let search = match secrets {
        0 => "No secrets yet: make one under New".to_owned(),
        many => format!("Search {}", count::plural(many, "secret", "secrets")),
    };
    html! {
        <div class="field wide">
            <span class="label" id=label_id.clone()>{label}{optional.then(|| html! { <span class="opt">"optional"</span> })}</span>
            <div class="ref" role="group" aria-labelledby=label_id>
                <div class="seg" role="radiogroup" aria-label="Which secret">
                    <label><input type="radio" name=field("key_from") value="existing" checked=!new/>"Existing"</label>
                    <label><input type="radio" name=field("key_from") value="new" checked=new/>"New"</label>
                </div>
                <div class="ref-old">
                    <div class="affix">
                        <Drawn icon=Icon::Key/>
                        <input class="input mono" id=key.clone() name=key list=NAMES value=existing.value placeholder=search
                            autocomplete="off" spellcheck="false" aria-label="Name of the secret"
                            aria-invalid=(!existing.error.is_empty()).then_some("true")
                            aria-describedby=format!("{key_about} {key_live}") autofocus=existing.first/>
                    </div>
                    <Under id=key_about error=existing.error help=help/>
                    <span id=key_live.clone() class="live" aria-live="polite"></span>
                </div>
                <div class="ref-new">
                    <div class="pair">
                        <div class="field">
                            <label for=new_key.clone()>"Name of the secret"</label>
                            <input class="input mono" id=new_key.clone() name=new_key value=new_name.value placeholder=suggested
                                autocomplete="off" spellcheck="false" autocapitalize="characters"
                                aria-invalid=(!new_name.error.is_empty()).then_some("true")
                                aria-describedby=format!("{new_key_about} {new_key_live}") autofocus=new_name.first/>
                            <Under id=new_key_about error=new_name.error help="Capitals, digits and underscores.".to_owned()/>
                            <span id=new_key_live.clone() class="live" aria-live="polite"></span>
                        </div>
                        <div class="field">
                            <label for=value.clone()>"Value"</label>
                            <input class="input mono" id=value.clone() name=value type="password" autocomplete="off"
                                aria-invalid=(!new_value.error.is_empty()).then_some("true") aria-describedby=value_about.clone()
                                autofocus=new_value.first/>
                            <Under id=value_about error=new_value.error
                                help="Encrypted when saved. Nobody can read it again, not even in part.".to_owned()/>
                        </div>
                    </div>
                    <div>
                        <button class="btn sm" type="submit" name="do" value=format!("secret:{prefix}")>
                            <Drawn icon=Icon::Lock/>"Save secret and use it"
                        </button>
                    </div>
                </div>
            </div>
        </div>
    }
}
