//! One cached credential, at hand for every call.

use std::{fmt, sync::Arc};

use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
};

use crate::renewal::{Fetch, Renewal, State, WhyNone};

/// A credential that ends, renewed in the background. Cheap to clone; clones share it.
pub struct Renewed<C, E> {
    state: watch::Receiver<State<C, E>>,
    wanted: Arc<Notify>,
}

impl<C, E> Renewed<C, E>
where
    C: Clone + Send + Sync + 'static,
    E: WhyNone,
{
    /// Fetches nothing yet. A task on the runtime renews the credential from the first use on, until
    /// the last clone is dropped.
    #[must_use]
    pub fn new(source: impl Fetch<Credential = C, Error = E>, runtime: &Handle) -> Self {
        let (sender, state) = watch::channel(State::default());
        let wanted = Arc::new(Notify::new());
        let renewal = Renewal {
            source,
            state: sender,
            wanted: wanted.clone(),
        };
        runtime.spawn(renewal.run());
        Self { state, wanted }
    }

    /// The credential, at once where there is one that is still good. A call waits only where there is
    /// none: at the very first use, or after the old one ended because all renewals failed.
    ///
    /// # Errors
    /// Why there is none. For a while after a failure, which grows with each, the error comes at once.
    pub async fn credential(&self) -> Result<C, E> {
        if let Some(answer) = self.state.borrow().at_once() {
            return answer;
        }
        // Looked at again, so that no fetch is missed that ended in between.
        let mut state = self.state.clone();
        if let Some(answer) = state.borrow_and_update().at_once() {
            return answer;
        }
        self.wanted.notify_one();
        state.changed().await.map_err(|_| E::stopped())?;
        state.borrow().after_fetch()
    }

    /// Whether the task that renews it still runs. Where it does not, there will be no other credential.
    #[must_use]
    pub fn is_renewed(&self) -> bool {
        self.state.has_changed().is_ok()
    }

    /// The upstream called the credential expired or invalid: it is fetched again now, in the
    /// background, unless it is brand new. Calls get the old one meanwhile.
    pub fn refused(&self) {
        self.wanted.notify_one();
    }
}

impl<C, E> Clone for Renewed<C, E> {
    fn clone(&self) -> Self {
        Self {
            state: self.state.clone(),
            wanted: self.wanted.clone(),
        }
    }
}

impl<C, E> fmt::Debug for Renewed<C, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Renewed")
    }
}

#[cfg(test)]
mod tests;
