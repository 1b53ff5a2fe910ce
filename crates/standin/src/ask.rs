//! One request as the operations see it. It knows nothing of the server.

use std::borrow::Cow;

use http::HeaderMap;
use serde::Deserialize;

use crate::azure;
use crate::failures::Failure;
use crate::host::Host;
use crate::prose::{Length, Prose};
use crate::route::Api;
use crate::seed::Seed;
use crate::state::StandinState;
use crate::wishes::Wishes;

/// A request.
pub(crate) struct Ask<'a> {
    pub(crate) api: Api,
    pub(crate) host: Host,
    pub(crate) state: &'a StandinState,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) wishes: &'a Wishes,
    /// The deployment that the path names, at Azure.
    pub(crate) deployment: Option<&'a str>,
}

/// A string of a request, borrowed from its bytes where nothing in it is escaped.
#[derive(Deserialize)]
pub(crate) struct Label<'a>(#[serde(borrow)] Cow<'a, str>);

impl Label<'_> {
    /// The string.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'a> Ask<'a> {
    /// The body as the type that the operation reads. Fails with 400.
    pub(crate) fn read<T: Deserialize<'a>>(&self) -> Result<T, Failure> {
        serde_json::from_slice(self.body).map_err(|error| Failure::unreadable(&error))
    }

    /// The model that was asked for. Fails with 400 if there is none, with 404 if it does not exist.
    /// At Azure it is the model of the deployment that the path or the body names.
    pub(crate) fn known_model<'m>(&self, model: Option<&'m Label<'_>>) -> Result<&'m str, Failure>
    where
        'a: 'm,
    {
        let model = self
            .deployment
            .or_else(|| model.map(Label::as_str))
            .filter(|model| !model.is_empty())
            .ok_or_else(|| Failure::lacks(self.api, "model"))?;
        self.existing(model)?;
        Ok(if self.host == Host::Azure {
            azure::model_of(model)
        } else {
            model
        })
    }

    /// Fails with the provider's own status if the model does not exist.
    pub(crate) fn existing(&self, model: &str) -> Result<(), Failure> {
        if model.contains("missing") {
            if self.host == Host::Azure {
                return Err(azure::no_deployment());
            }
            return Err(Failure::unknown_model(self.api, model));
        }
        Ok(())
    }

    /// The model to name in the answer.
    pub(crate) fn replied_model<'m>(&'m self, asked: &'m str) -> &'m str {
        self.wishes.model.as_deref().unwrap_or(asked)
    }

    /// The id of the answer.
    pub(crate) fn id(&self, seed: Seed, prefix: &str) -> String {
        self.wishes.id.clone().unwrap_or_else(|| seed.id(prefix))
    }

    /// The kind of traffic that Vertex AI tells: what the request wishes for, or this. No other server tells any.
    pub(crate) fn traffic<'t>(&'t self, natural: &'t str) -> Option<&'t str> {
        (self.host == Host::Vertex).then(|| self.wishes.traffic.as_deref().unwrap_or(natural))
    }

    /// Why the answer ends.
    pub(crate) fn finish<'f>(&'f self, natural: &'f str) -> &'f str {
        self.wishes.finish.as_deref().unwrap_or(natural)
    }

    /// How long the answer is, given the request's limit.
    pub(crate) fn length(&self, limit: Option<u64>, reasons: bool) -> Length {
        Length::new(self.wishes.frames, limit, reasons)
    }

    /// The text of the answer.
    pub(crate) fn prose(&self, seed: Seed, length: Length) -> Prose {
        Prose::new(seed, length.visible, self.wishes.extra_bytes).saying(self.wishes.say)
    }

    /// One value of the query, as it stands there.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'a str> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    }
}
