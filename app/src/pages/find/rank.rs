//! What is found, in the order in which one looks for it.

use admin::catalog::{Fit, fit};
use domain::provider::ProviderType;

use crate::kit::icon::Icon;

/// What kind of thing was found. In this order where nothing fits better than the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Page,
    Provider,
    Model,
    Secret,
    Token,
    Act,
    Catalog,
}

impl Kind {
    /// What stands above them.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Page => "Jump to",
            Self::Provider => "Providers",
            Self::Model => "Models of providers",
            Self::Secret => "Secrets",
            Self::Token => "Gateway tokens",
            Self::Act => "Do",
            Self::Catalog => "Catalog: create a provider with",
        }
    }
}

/// What stands before a thing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sign {
    Icon(Icon),
    Type(ProviderType),
}

/// What happens when one chooses it.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// Goes there.
    To(String),
    /// Sends a form there, with one name and value.
    Post(&'static str, Option<(&'static str, &'static str)>),
}

/// One thing that was found.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub(super) sign: Sign,
    pub(super) label: String,
    /// What tells it from others of its name.
    pub(super) detail: String,
    pub(super) way: Way,
    /// The keys that do the same. Empty: none.
    pub(super) keys: &'static str,
}

/// All of a kind that was found.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) kind: Kind,
    pub(super) hits: Vec<Hit>,
    /// How many more there are.
    pub(super) more: usize,
}

/// Takes in what fits a query, and puts it in order.
pub(super) struct Ranking {
    query: String,
    found: Vec<(Kind, Fit, Hit)>,
}

impl Ranking {
    pub(super) fn of(query: &str) -> Self {
        Self {
            query: query.trim().to_lowercase(),
            found: vec![],
        }
    }

    /// What is looked for, in lower case.
    pub(super) fn query(&self) -> &str {
        &self.query
    }

    /// Takes a thing in if one of its names fits, and says whether.
    pub(super) fn offer(&mut self, kind: Kind, names: &[&str], hit: impl FnOnce() -> Hit) -> bool {
        let names: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
        let fit = fit(&names, &self.query);
        if let Some(fit) = fit {
            self.found.push((kind, fit, hit()));
        }
        fit.is_some()
    }

    /// Takes a thing in that somebody else found to fit.
    pub(super) fn take(&mut self, kind: Kind, hit: Hit) {
        self.found.push((kind, Fit::EachWord, hit));
    }

    /// How many of a kind fit.
    pub(super) fn count(&self, kind: Kind) -> usize {
        self.found.iter().filter(|(of, ..)| *of == kind).count()
    }

    /// The best `most` of each kind, the kind with the best of all first. Without a query, all, as they were
    /// taken in.
    pub(super) fn groups(mut self, most: usize) -> Vec<Group> {
        let most = if self.query.is_empty() {
            usize::MAX
        } else {
            most
        };
        // Of things that fit alike the shorter name is nearer to what was typed.
        if !self.query.is_empty() {
            self.found.sort_by(|(_, a_fit, a), (_, b_fit, b)| {
                (a_fit, a.label.len(), &a.label).cmp(&(b_fit, b.label.len(), &b.label))
            });
        }
        let mut groups: Vec<(Fit, Group)> = vec![];
        for (kind, fit, hit) in self.found {
            match groups.iter_mut().find(|(_, group)| group.kind == kind) {
                Some((_, group)) if group.hits.len() < most => group.hits.push(hit),
                Some((_, group)) => group.more += 1,
                None => groups.push((
                    fit,
                    Group {
                        kind,
                        hits: vec![hit],
                        more: 0,
                    },
                )),
            }
        }
        groups.sort_by_key(|(fit, group)| (*fit, group.kind));
        groups.into_iter().map(|(_, group)| group).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Hit, Kind, Ranking, Sign, Way};
    use crate::kit::icon::Icon;

    fn found(query: &str, things: &[(Kind, &str)], most: usize) -> Vec<String> {
        let mut ranking = Ranking::of(query);
        for (kind, name) in things {
            ranking.offer(*kind, &[name], || Hit {
                sign: Sign::Icon(Icon::Open),
                label: (*name).to_owned(),
                detail: String::new(),
                way: Way::To("/".to_owned()),
                keys: "",
            });
        }
        let groups = ranking.groups(most).into_iter();
        let lines = groups.flat_map(|group| {
            let more = (group.more > 0).then(|| format!("+{}", group.more));
            group.hits.into_iter().map(|hit| hit.label).chain(more)
        });
        lines.collect()
    }

    #[test]
    fn exact_comes_before_prefix_before_word_before_substring() {
        let models =
            ["chatgpt", "openai/gpt", "gpt-5-mini", "gpt-5", "gpt"].map(|id| (Kind::Model, id));
        assert_eq!(
            found("GPT", &models, 9),
            ["gpt", "gpt-5", "gpt-5-mini", "openai/gpt", "chatgpt"]
        );
        assert_eq!(found("gpt", &models, 2), ["gpt", "gpt-5", "+3"]);
        assert!(found("claude", &models, 9).is_empty());
    }

    #[test]
    fn the_kind_with_the_best_comes_first() {
        let things = [
            (Kind::Page, "Secrets of all"),
            (Kind::Secret, "SECRETS"),
            (Kind::Act, "Create secrets"),
        ];
        assert_eq!(
            found("secrets", &things, 9),
            ["SECRETS", "Secrets of all", "Create secrets"]
        );
    }

    #[test]
    fn without_a_query_all_stand_as_they_came() {
        let things = [(Kind::Page, "Zebra"), (Kind::Page, "Ape")];
        assert_eq!(found(" ", &things, 1), ["Zebra", "Ape"]);
    }
}
