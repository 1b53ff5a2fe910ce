//! Which endpoint gave out which response: one that is stored is there and nowhere else, and so is what goes on
//! from it. The newest ones are remembered, in memory; of others each endpoint is asked in turn.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use domain::provider::EndpointName;

/// So many responses are remembered, about 2 MB of them.
const REMEMBERED: usize = 10_000;

/// Which endpoint gave out which response.
#[derive(Debug, Default)]
pub struct Answered(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    by: HashMap<String, EndpointName>,
    /// The oldest first.
    order: VecDeque<String>,
}

impl Answered {
    /// An endpoint gave out a response.
    pub fn remember(&self, response: &str, endpoint: &EndpointName) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known
            .by
            .insert(response.to_owned(), endpoint.clone())
            .is_none()
        {
            known.order.push_back(response.to_owned());
        }
        if known.order.len() > REMEMBERED
            && let Some(oldest) = known.order.pop_front()
        {
            known.by.remove(&oldest);
        }
    }

    /// The endpoint that gave out a response. `None`: nobody knows any more.
    #[must_use]
    pub fn by(&self, response: &str) -> Option<EndpointName> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.by.get(response).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_remembered() {
        let answered = Answered::default();
        let name = |name: &str| name.parse::<EndpointName>().unwrap();
        for n in 0..=REMEMBERED {
            answered.remember(&format!("resp_{n}"), &name("a"));
        }
        assert_eq!(answered.by("resp_0"), None);
        assert_eq!(answered.by("resp_1"), Some(name("a")));
        answered.remember("resp_1", &name("b"));
        assert_eq!(answered.by("resp_1"), Some(name("b")));
    }
}
