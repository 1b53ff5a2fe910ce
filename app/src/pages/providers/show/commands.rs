//! The call of a test as commands to copy: the shortest of the provider's set-ups.

use admin::providers::ProviderView;
use leptos::prelude::*;

use super::connect;
use crate::{
    kit::code::Code,
    pages::providers::setups::{self, Client},
};

/// Stands where nobody named a model.
const ANY_MODEL: &str = "MODEL_ID";

/// The commands, folded up until they are asked for.
#[component]
pub(super) fn Commands(
    provider: ProviderView,
    /// The model that was asked, if one was.
    model: Option<String>,
) -> impl IntoView {
    let listed = provider.models.first().map(|model| model.id.clone());
    let model = model.or(listed).unwrap_or_else(|| ANY_MODEL.to_owned());
    let more = connect::address(provider.id.as_str(), None, Some(&model));
    let blocks = [Client::Curl, Client::Python, Client::TypeScript].map(|client| {
        let setup = setups::setup(&provider, client, &model);
        let variables = setup
            .environment
            .map(|block| html! { <Code language="Shell" text=block.text/> });
        html! {
            <h3>{setup.name}</h3>
            {variables}
            <Code language=setup.code.title text=setup.code.text/>
        }
    });
    html! {
        <details class="fold" id="commands">
            <summary>"Show commands"</summary>
            <div class="stack tight">
                <p class="help">
                    "The same call from outside, with a gateway token in "<code>"WEIR_TOKEN"</code>". "
                    <a href=more>"All clients, and what to install"</a>
                </p>
                {blocks.collect_view()}
            </div>
        </details>
    }
}
