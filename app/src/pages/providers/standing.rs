//! How a provider stands, with the reason and the cure.

use admin::providers::{Attention, ProviderStatus};
use domain::Timestamp;
use leptos::prelude::*;

use super::address;
use crate::{
    format::time,
    http::fields::Fields,
    kit::marks::{Standing, Status},
    pages::secrets,
};

/// Status of a provider; where somebody should look, why, and where to.
#[component]
pub(super) fn ProviderStanding(
    id: String,
    status: ProviderStatus,
    now: Timestamp,
    /// Whether the reason stands below.
    why: bool,
) -> impl IntoView {
    match status {
        ProviderStatus::Active => html! { <Status standing=Standing::Good label="Active"/> },
        ProviderStatus::Disabled => html! { <Status standing=Standing::Off label="Disabled"/> },
        ProviderStatus::NeedsAttention(reason) => {
            html! { <Status standing=Standing::Bad label="Needs attention"/>{why.then(|| cure(&id, reason, now))} }
        }
    }
}

/// Why somebody should look, and what to do.
pub(super) fn cure(id: &str, reason: Attention, now: Timestamp) -> AnyView {
    match reason {
        Attention::SecretMissing { name } => {
            let make = Fields::from([("name", name.as_str())]).address("/new-secret");
            html! { <span class="why">"Secret "<code>{name}</code>" is missing. "<a href=make>"Create it"</a></span> }
        }
        Attention::SecretUnreadable { name } => {
            let replace = format!("{}#value-card", secrets::address(&name));
            html! {
                <span class="why">"Secret "<code>{name}</code>" is there, but cannot be read. "<a href=replace>"Replace its value"</a></span>
            }
        }
        Attention::SignInFailed { status, at } => {
            let when = time::relative(at, now);
            let activity = format!("{}/activity", address(id));
            html! {
                <span class="why">{format!("Last call failed to sign in: {status}, {when}. ")}<a href=activity>"See why"</a></span>
            }
        }
    }
}

/// The place of a status in a sorted list: what needs somebody comes first.
pub(super) const fn rank(status: &ProviderStatus) -> u8 {
    match status {
        ProviderStatus::NeedsAttention(_) => 0,
        ProviderStatus::Active => 1,
        ProviderStatus::Disabled => 2,
    }
}

#[cfg(test)]
mod tests {
    use admin::providers::Attention;
    use domain::Timestamp;
    use leptos::prelude::RenderHtml as _;

    use super::cure;

    fn check(reason: Attention, says: &str, leads_to: &str) {
        let html = cure("openai-main", reason, Timestamp::UNIX_EPOCH).to_html();
        assert!(html.contains(says), "{html}");
        assert!(html.contains(&format!("href=\"{leads_to}\"")), "{html}");
    }

    #[test]
    fn each_reason_leads_to_where_it_is_mended() {
        let name = "A_KEY".to_owned();
        check(
            Attention::SecretMissing { name: name.clone() },
            " is missing",
            "/new-secret?name=A_KEY",
        );
        check(
            Attention::SecretUnreadable { name },
            "cannot be read",
            "/secrets/A_KEY#value-card",
        );
        let failed = Attention::SignInFailed {
            status: 401,
            at: Timestamp::UNIX_EPOCH,
        };
        check(
            failed,
            "failed to sign in: 401",
            "/providers/openai-main/activity",
        );
    }
}
