//! What every page of the console shares.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use admin::Admin;

use super::{
    aside::Aside,
    assets::{Addresses, Assets},
};

/// What the console must be told.
#[derive(Debug, Clone)]
pub struct ConsoleState {
    /// Everything that an admin can do.
    pub admin: Admin,
    /// Under which address people reach the console, without a slash at its end.
    pub public_url: String,
    /// Whether cookies are for TLS only.
    pub secure_cookies: bool,
    /// Weir's version, as people read it.
    pub version: &'static str,
}

/// [`ConsoleState`] and the assets, cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Console(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: ConsoleState,
    assets: Assets,
    addresses: Addresses,
    aside: Aside,
    /// Whether an admin is known to exist, which is so for good once it is.
    has_admin: AtomicBool,
}

impl Console {
    pub(crate) fn new(mut state: ConsoleState) -> Self {
        state
            .public_url
            .truncate(state.public_url.trim_end_matches('/').len());
        let assets = Assets::load();
        let addresses = assets.addresses();
        Self(Arc::new(Inner {
            state,
            assets,
            addresses,
            aside: Aside::new(),
            has_admin: AtomicBool::new(false),
        }))
    }

    pub(crate) fn admin(&self) -> &Admin {
        &self.0.state.admin
    }

    pub(crate) fn public_url(&self) -> &str {
        &self.0.state.public_url
    }

    pub(crate) fn secure_cookies(&self) -> bool {
        self.0.state.secure_cookies
    }

    pub(crate) fn version(&self) -> &'static str {
        self.0.state.version
    }

    pub(crate) fn has_admin(&self) -> bool {
        self.0.has_admin.load(Ordering::Relaxed)
    }

    pub(crate) fn note_admin(&self) {
        self.0.has_admin.store(true, Ordering::Relaxed);
    }

    pub(crate) fn aside(&self) -> &Aside {
        &self.0.aside
    }

    pub(crate) fn assets(&self) -> &Assets {
        &self.0.assets
    }

    pub(crate) fn addresses(&self) -> &Addresses {
        &self.0.addresses
    }
}
