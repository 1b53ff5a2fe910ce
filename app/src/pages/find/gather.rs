//! What can be found. All of it is in memory: configuration in the live snapshot, list prices in the catalog.

use admin::{Snapshot, catalog::ModelQuery, page::PageRequest};
use domain::{
    CallId,
    provider::{Provider, ProviderType},
};

use super::rank::{Group, Hit, Kind, Ranking, Sign, Way};
use crate::{
    http::{failure::Failure, fields::Fields, page::Page},
    kit::icon::Icon,
    pages::{calls, providers, secrets, tokens},
    shell::{keys, nav},
};

/// From how many letters on the catalog is searched: fewer fit nearly all of it.
const CATALOG_FROM: usize = 2;
/// The tabs of a provider's page: the part of the address, and the label.
const TABS: [(&str, &str); 4] = [
    ("models", "Models"),
    ("connect", "Connect"),
    ("activity", "Activity"),
    ("edit", "Edit"),
];

/// Everything that fits a query, the best first, `most` of each kind. Without a query, the pages and what
/// one can do.
///
/// # Errors
/// What admin says.
pub(super) fn found(page: &Page, query: &str, most: usize) -> Result<Vec<Group>, Failure> {
    page.who()?;
    let mut ranking = Ranking::of(query);
    offer_pages(&mut ranking, page);
    offer_acts(&mut ranking);
    if !ranking.query().is_empty() {
        let snapshot = page.admin().live().keep();
        offer_providers(&mut ranking, &snapshot);
        offer_models(&mut ranking, &snapshot);
        offer_secrets(&mut ranking, &snapshot);
        offer_tokens(&mut ranking, &snapshot);
        offer_call(&mut ranking);
        offer_catalog(&mut ranking, page, most)?;
    }
    Ok(ranking.groups(most))
}

fn offer_pages(ranking: &mut Ranking, page: &Page) {
    for entry in nav::pages(page.admin()) {
        ranking.offer(Kind::Page, &[entry.label], || Hit {
            sign: Sign::Icon(entry.icon),
            label: entry.label.to_owned(),
            detail: String::new(),
            way: Way::To(entry.address.to_owned()),
            keys: keys::of(entry.address).unwrap_or_default(),
        });
    }
    for (icon, label, address, keys) in [
        (Icon::Settings, "People", "/settings/people", ""),
        (Icon::Settings, "API tokens", "/settings/api-tokens", ""),
        (Icon::Settings, "Storage", "/settings/storage", ""),
        (Icon::Settings, "Catalog", "/settings/catalog", ""),
        (Icon::Lock, "Change password", "/account/password", ""),
        (Icon::Info, "Keys", "/keys", "?"),
    ] {
        ranking.offer(Kind::Page, &[label], || Hit {
            sign: Sign::Icon(icon),
            label: label.to_owned(),
            detail: String::new(),
            way: Way::To(address.to_owned()),
            keys,
        });
    }
}

fn offer_acts(ranking: &mut Ranking) {
    let mut offer = |icon, label: &str, other_names: &str, way| {
        ranking.offer(Kind::Act, &[label, other_names], || Hit {
            sign: Sign::Icon(icon),
            label: label.to_owned(),
            detail: String::new(),
            way,
            keys: "",
        });
    };
    for (icon, label, other_names, address) in [
        (
            Icon::Plus,
            "Create provider",
            "new provider",
            "/new-provider",
        ),
        (
            Icon::Ticket,
            "Create gateway token",
            "new token",
            "/new-token",
        ),
        (Icon::Key, "Create secret", "new secret", "/new-secret"),
        (
            Icon::Ticket,
            "Create API token",
            "new token",
            "/settings/api-tokens/new",
        ),
        (
            Icon::Plus,
            "Add person",
            "new person, invite",
            "/settings/people/new",
        ),
        (
            Icon::Fetch,
            "Refresh catalog",
            "update prices",
            "/settings/catalog",
        ),
    ] {
        offer(icon, label, other_names, Way::To(address.to_owned()));
    }
    for (icon, label, key) in [
        (Icon::Auto, "Theme: as the system", "auto"),
        (Icon::Sun, "Theme: light", "light"),
        (Icon::Moon, "Theme: dark", "dark"),
    ] {
        offer(icon, label, "", Way::Post("/theme", Some(("theme", key))));
    }
    offer(
        Icon::Leave,
        "Sign out",
        "log out",
        Way::Post("/sign-out", None),
    );
}

fn offer_providers(ranking: &mut Ranking, snapshot: &Snapshot) {
    let providers = || snapshot.providers.values().map(|live| &live.provider);
    let hit = |provider: &Provider, label: &str, address: String| Hit {
        sign: Sign::Type(provider.upstream.provider_type()),
        label: label.to_owned(),
        detail: provider.id.to_string(),
        way: Way::To(address),
        keys: "",
    };
    let mut others = vec![];
    for provider in providers() {
        let (id, name) = (provider.id.as_str(), provider.display_name.as_str());
        let address = providers::address(id);
        if !ranking.offer(Kind::Provider, &[name, id], || hit(provider, name, address)) {
            others.push(provider);
        }
    }
    // The tabs of the one that was meant, or of those that are named along with one.
    let with_tabs = match ranking.count(Kind::Provider) {
        1 => providers().collect(),
        _ => others,
    };
    for provider in with_tabs {
        let id = provider.id.as_str();
        for (part, tab) in TABS {
            let label = format!("{}: {tab}", provider.display_name);
            let address = format!("{}/{part}", providers::address(id));
            ranking.offer(Kind::Provider, &[&label, id], || {
                hit(provider, &label, address)
            });
        }
    }
}

fn offer_models(ranking: &mut Ranking, snapshot: &Snapshot) {
    for live in snapshot.providers.values() {
        let provider = &live.provider;
        for model in &provider.models {
            let shown = model.display_name.as_deref().unwrap_or_default();
            ranking.offer(Kind::Model, &[model.id.as_str(), shown], || Hit {
                sign: Sign::Type(provider.upstream.provider_type()),
                label: model.id.to_string(),
                detail: provider.display_name.clone(),
                way: Way::To(format!(
                    "{}/models",
                    providers::address(provider.id.as_str())
                )),
                keys: "",
            });
        }
    }
}

fn offer_secrets(ranking: &mut Ranking, snapshot: &Snapshot) {
    for name in snapshot.secrets.iter() {
        ranking.offer(Kind::Secret, &[name.as_str()], || Hit {
            sign: Sign::Icon(Icon::Key),
            label: name.to_string(),
            detail: String::new(),
            way: Way::To(secrets::address(name.as_str())),
            keys: "",
        });
    }
}

fn offer_tokens(ranking: &mut Ranking, snapshot: &Snapshot) {
    for token in snapshot.tokens.values() {
        let agent = token.agent.as_deref().unwrap_or_default();
        let user = token.user.as_deref().unwrap_or_default();
        ranking.offer(Kind::Token, &[token.name.as_str(), agent, user], || Hit {
            sign: Sign::Icon(Icon::Ticket),
            label: token.name.clone(),
            detail: agent.to_owned(),
            way: Way::To(tokens::address(&token.id.to_string())),
            keys: "",
        });
    }
}

/// The id of a call leads to it, whether or not there is one: the ledger is not asked for it here.
fn offer_call(ranking: &mut Ranking) {
    let Ok(id) = ranking.query().parse::<CallId>() else {
        return;
    };
    ranking.take(
        Kind::Page,
        Hit {
            sign: Sign::Icon(Icon::Rows),
            label: format!("Call {id}"),
            detail: String::new(),
            way: Way::To(calls::address(id)),
            keys: "",
        },
    );
}

fn offer_catalog(ranking: &mut Ranking, page: &Page, most: usize) -> Result<(), Failure> {
    if ranking.query().chars().count() < CATALOG_FROM {
        return Ok(());
    }
    for ty in ProviderType::ALL {
        let asked = ModelQuery {
            kind: ty.catalog_kind(None),
            region: None,
            text: ranking.query().to_owned(),
            page: PageRequest {
                limit: u32::try_from(most).unwrap_or(u32::MAX),
                cursor: None,
            },
        };
        let models = page.admin().catalog().models(page.who()?, &asked)?;
        for model in models.items {
            let id = model.id.to_string();
            let make =
                Fields::from([("type", ty.key()), ("q", id.as_str())]).address("/new-provider");
            ranking.offer(Kind::Catalog, &[&id, &model.display_name], || Hit {
                sign: Sign::Type(*ty),
                label: id.clone(),
                detail: ty.label().to_owned(),
                way: Way::To(make),
                keys: "",
            });
        }
    }
    Ok(())
}
