//! How long the vectors of embedding models are, where the list says it of the same model at another host.
//!
//! Hosts call a model by ids of their own: `embed-english-v3.0`, `cohere.embed-english-v3`,
//! `Cohere-embed-v3-english`. Ids of the same words are of the same model, whatever their order, what stands
//! before the last slash, and the names of makers, hosts and geographies. Where such rows disagree, nothing
//! is filled in.

use std::collections::{BTreeMap, BTreeSet};

use ::catalog::{CatalogModel, Mode};

/// Words of an id that say who made or serves a model, and where.
const NOT_OF_THE_MODEL: [&str; 8] = [
    "amazon",
    "apac",
    "cohere",
    "databricks",
    "eu",
    "global",
    "jp",
    "us",
];

/// Fills in what is not known of a row and known of the same model elsewhere.
pub(super) fn fill<'m>(models: impl IntoIterator<Item = &'m mut CatalogModel>) {
    let mut embeddings: Vec<&mut CatalogModel> = models
        .into_iter()
        .filter(|model| model.mode == Mode::Embedding)
        .collect();
    let mut known: BTreeMap<BTreeSet<String>, BTreeSet<u64>> = BTreeMap::new();
    for model in &embeddings {
        if let Some(dimensions) = model.embedding_dimensions {
            known
                .entry(words(&model.id))
                .or_default()
                .insert(dimensions);
        }
    }
    for model in &mut embeddings {
        if model.embedding_dimensions.is_some() {
            continue;
        }
        let Some(lengths) = known.get(&words(&model.id)) else {
            continue;
        };
        if lengths.len() == 1 {
            model.embedding_dimensions = lengths.first().copied();
        }
    }
}

/// What an id says of the model alone.
fn words(id: &str) -> BTreeSet<String> {
    let id = id.rsplit('/').next().unwrap_or(id).to_ascii_lowercase();
    // Bedrock's versions: `v2:0`.
    let id = id.split(':').next().unwrap_or(&id);
    let words = id.split(['-', '_', ' ']);
    words
        .flat_map(|word| {
            // Bedrock's makers and geographies stand before points, which versions have, too.
            let version = word.starts_with('v') && word.contains('.');
            let whole = version.then(|| word.strip_suffix(".0").unwrap_or(word));
            whole.map_or_else(|| word.split('.').collect::<Vec<_>>(), |word| vec![word])
        })
        .filter(|word| !NOT_OF_THE_MODEL.contains(word) && !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_known_by_its_words_wherever_it_is() {
        let same = |ids: &[&str]| {
            let all: BTreeSet<BTreeSet<String>> = ids.iter().map(|id| words(id)).collect();
            all.len() == 1
        };
        assert!(same(&[
            "embed-english-v3.0",
            "cohere.embed-english-v3",
            "Cohere-embed-v3-english",
        ]));
        assert!(same(&[
            "embed-v4.0",
            "us.cohere.embed-v4:0",
            "global.cohere.embed-v4:0"
        ]));
        assert!(same(&["databricks-gte-large-en", "x/gte-large-en"]));
        assert!(!same(&["thenlper/gte-large", "databricks-gte-large-en"]));
        assert!(!same(&[
            "text-embedding-ada-002",
            "text-embedding-ada-002-v2"
        ]));
        assert!(!same(&["embed-english-v3.0", "embed-english-light-v3.0"]));
        assert!(!same(&["voyage-2", "voyage-02"]));
        assert!(!same(&["embed-v3.0", "embed-v3.5"]));
    }
}
