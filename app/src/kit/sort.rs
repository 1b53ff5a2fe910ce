//! Heads of columns by which a list can be sorted. The order stands in the address.

use leptos::prelude::*;

use super::icon::{Drawn, Icon};
use crate::http::fields::Fields;

/// By what a list is sorted, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Order<K> {
    /// By what.
    pub(crate) key: K,
    /// Whether the smallest comes first.
    pub(crate) ascending: bool,
}

/// Something that a list can be sorted by.
pub(crate) trait SortKey: std::marker::Copy + Eq + Send + Sync + 'static {
    /// The name in the address.
    fn name(self) -> &'static str;
    /// Which way it is sorted at first.
    fn first_ascending(self) -> bool;
}

impl<K: SortKey> Order<K> {
    /// Reads `sort=name` or `sort=-name`; a minus turns the first order around.
    pub(crate) fn read(query: &Fields, keys: &[K], otherwise: Self) -> Self {
        let text = query.text("sort");
        let (name, turned) = text
            .strip_prefix('-')
            .map_or((text, false), |name| (name, true));
        match keys.iter().find(|key| key.name() == name) {
            Some(key) => Self {
                key: *key,
                ascending: key.first_ascending() != turned,
            },
            None => otherwise,
        }
    }

    /// How the order stands in the address.
    fn write(self) -> String {
        let turned = if self.ascending == self.key.first_ascending() {
            ""
        } else {
            "-"
        };
        format!("{turned}{}", self.key.name())
    }
}

/// A head of a column. A second press turns the order around.
#[component]
pub(crate) fn SortHead<K: SortKey>(
    #[prop(into)] label: String,
    key: K,
    order: Order<K>,
    query: Fields,
    path: &'static str,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let current = order.key == key;
    let next = Order {
        key,
        ascending: if current {
            !order.ascending
        } else {
            key.first_ascending()
        },
    };
    let address = query
        .with("sort", &next.write())
        .with("page", "")
        .address(path);
    let sorted = match (current, order.ascending) {
        (false, _) => None,
        (true, true) => Some("ascending"),
        (true, false) => Some("descending"),
    };
    let arrow = current.then(|| {
        if order.ascending {
            html! { <Drawn icon=Icon::Up/> }
        } else {
            html! { <Drawn icon=Icon::Down/> }
        }
    });
    html! { <th scope="col" class=class aria-sort=sorted><a id=format!("sort-{}", key.name()) href=address>{label}{arrow}</a></th> }
}
