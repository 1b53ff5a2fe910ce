//! The models of Vertex AI, for admins: a list for each publisher. No call of an application comes here, and no
//! row is made.

use admin::{live::LiveProvider, probe::Failure};
use domain::provider::{ProviderType, VERTEX_PUBLISHERS, vertex_model};
use futures_util::future::join_all;
use percent_encoding::utf8_percent_encode;
use serde_json::Value;
use wire::route;

use crate::{
    Gateway,
    control_plane::{Control, SEGMENT, list, listed, text},
    probe::refused,
    refusal::Refusal,
};

/// Models that one page of a list has at most.
const PAGE: u32 = 200;
/// Pages of a list that are read at most.
const PAGES_MAX: usize = 10;

impl Gateway {
    /// The models of every publisher, each by the name that Weir knows it by. What cannot be listed is left out.
    ///
    /// # Errors
    /// Where nothing could be listed: why.
    pub(crate) async fn publishers_models(
        &self,
        provider: &LiveProvider,
    ) -> Result<Vec<String>, Failure> {
        let upstream = &provider.provider.upstream;
        let credential = self.credential(provider, &http::HeaderMap::new()).await;
        let control = Control {
            client: &self.client,
            upstream,
            base: self.base_url(upstream).into_owned(),
            credential: credential.map_err(|refusal| refused(&refusal))?,
        };
        let lists = VERTEX_PUBLISHERS.iter().map(|name| of(&control, name));
        listed(join_all(lists).await)
    }
}

/// The models of one publisher. Where a later page fails, those before it.
async fn of(control: &Control<'_>, publisher: &str) -> Result<Vec<String>, Failure> {
    let path = format!("/v1beta1/publishers/{publisher}/models");
    let route = route::route(ProviderType::VertexAi, "GET", &path)
        .map_err(|_| refused(&Refusal::PathInvalid))?;
    // Without the host, which is the control's to add.
    let path = route.url(&control.base);
    let path = path.strip_prefix(&control.base).unwrap_or(&path).to_owned();
    let mut ids = Vec::new();
    let mut next: Option<String> = None;
    for number in 0..PAGES_MAX {
        let mut asked = format!("{path}?pageSize={PAGE}");
        if let Some(next) = &next {
            asked.push_str("&pageToken=");
            asked.extend(utf8_percent_encode(next, SEGMENT));
        }
        let page = match control.get(&asked).await {
            Ok(page) => page,
            Err(failure) if number == 0 => return Err(failure),
            Err(_) => break,
        };
        ids.extend(names(&page));
        next = text(&page, "nextPageToken").filter(|next| !next.is_empty());
        if next.is_none() {
            break;
        }
    }
    Ok(ids)
}

/// The models of a page: of those that have versions each once.
fn names(page: &Value) -> Vec<String> {
    let mut ids: Vec<String> = list(page, "publisherModels")
        .filter_map(|model| text(model, "name"))
        .map(|name| vertex_model(&name).into_owned())
        .collect();
    ids.dedup();
    ids
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::names;

    #[test]
    fn models_go_by_the_names_that_prices_have() {
        let page = json!({ "publisherModels": [
            { "name": "publishers/google/models/gemini-3-pro", "versionId": "1" },
            { "name": "publishers/google/models/gemini-3-pro", "versionId": "2" },
            { "name": "publishers/meta/models/llama-4-maas" },
            { "other": true },
        ] });
        assert_eq!(names(&page), ["gemini-3-pro", "meta/llama-4-maas"]);
        assert!(names(&json!({})).is_empty());
    }
}
