//! Gateway tokens: create (shown once), list, revoke.

use std::collections::{HashMap, HashSet};

use domain::{
    ProviderId, Timestamp, TokenId,
    token::{GatewayToken, TOKEN_PREFIX, TokenHash},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use store::{CallFilter, Choice};
use uuid::Uuid;

use crate::{
    Admin,
    audit::Change,
    error::{AdminError, FieldError, Thing},
    fields::{Object, all_right, expiry, label},
    hidden,
    page::{Page, PageRequest, age_key, is_age_key, page_of},
    providers::{CALLS_COUNTED, IN_USE},
    who::Who,
};

/// Longest name, agent or user, in characters.
const LABEL_MAX: usize = 100;
/// What the agents of Weir's own calls begin with.
const RESERVED: &str = "weir:";
/// How many characters of a token are kept for telling it apart, its prefix included.
const FIRST_CHARACTERS: usize = 9;

/// What an admin can do with gateway tokens.
#[derive(Debug, Clone)]
pub struct Tokens {
    pub(crate) admin: Admin,
}

/// A new token as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default, utoipa::ToSchema)]
#[schema(as = NewGatewayToken, description = "A gateway token to be made.")]
pub struct TokenDraft {
    /// What people call it; 1 to 100 characters.
    #[schema(value_type = String, required = true, example = "ci")]
    pub name: Option<String>,
    /// Which application its calls are for; names that begin with `weir:` are Weir's own. Left out: the
    /// request may say.
    pub agent: Option<String>,
    /// Which person its calls are for; names that begin with `weir:` are Weir's own. Left out: the request may
    /// say.
    pub user: Option<String>,
    /// Ids of the providers it may call, one at least. Null or left out: every one.
    pub providers: Option<Vec<String>>,
    /// From when on it is refused, RFC 3339. Left out: never.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// Fields that could not even be read. Empty in a draft made by hand.
    #[schema(ignore)]
    pub unreadable: Vec<FieldError>,
}

impl TokenDraft {
    /// Reads the JSON of a new token.
    #[must_use]
    pub fn read(json: Value) -> Self {
        let mut object = Object::new("", json);
        let mut draft = Self {
            name: object.text("name"),
            agent: object.text("agent"),
            user: object.text("user"),
            providers: object.texts("providers"),
            expires_at: object.text("expires_at"),
            unreadable: vec![],
        };
        draft.unreadable = object.end();
        draft
    }
}

/// One gateway token: everything but the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = GatewayToken)]
pub struct TokenView {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: TokenId,
    /// What people call it.
    pub name: String,
    /// The first characters of the token, for telling it apart.
    #[schema(example = "wr_x7Kq2m")]
    pub first_characters: String,
    /// Whom its calls are for. Null: the request may say.
    pub agent: Option<String>,
    /// Whom its calls are for. Null: the request may say.
    pub user: Option<String>,
    /// The providers it may call. Empty: every one.
    #[schema(value_type = Vec<String>)]
    pub providers: Vec<ProviderId>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// From when on it is refused. Null: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When a call last used it. Null: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

impl From<GatewayToken> for TokenView {
    fn from(token: GatewayToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            first_characters: token.first_characters,
            agent: token.agent,
            user: token.user,
            providers: token.providers,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// A token that was just made. Its text is in here and nowhere else: only the hash is kept.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The token as it is listed from now on.
    pub token: TokenView,
    /// What applications show to Weir. Show it once.
    pub plain: SecretString,
}

struct CheckedToken {
    name: String,
    agent: Option<String>,
    user: Option<String>,
    providers: Vec<ProviderId>,
    expires_at: Option<Timestamp>,
}

/// An agent or a user: a text that does not pass for one of Weir's own.
fn who_for(field: &str, text: Option<&str>, errors: &mut Vec<FieldError>) -> Option<String> {
    let text = label(field, text, LABEL_MAX, errors)?;
    let reserved = text
        .get(..RESERVED.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(RESERVED));
    if reserved {
        errors.push(FieldError::new(
            field,
            "reserved",
            format!("names that begin with {RESERVED} are for Weir's own calls; choose another"),
        ));
        return None;
    }
    Some(text)
}

/// The providers that a token may call. Empty: every one, which only leaving them out asks for; a list that came
/// out empty does not.
fn allowed(
    ids: Option<&[String]>,
    known: &HashSet<ProviderId>,
    errors: &mut Vec<FieldError>,
) -> Vec<ProviderId> {
    let mut providers: Vec<ProviderId> = vec![];
    let Some(ids) = ids else {
        return providers;
    };
    // What is in the list and no text has been told already.
    if ids.is_empty()
        && !errors
            .iter()
            .any(|error| error.field.starts_with("providers"))
    {
        errors.push(FieldError::new(
            "providers",
            "required",
            "name at least one provider, or leave the field out for all",
        ));
    }
    for (index, text) in ids.iter().enumerate() {
        let id = ProviderId::new(text.trim())
            .ok()
            .filter(|id| known.contains(id));
        match id {
            Some(id) if !providers.contains(&id) => providers.push(id),
            Some(_) => {}
            None => errors.push(FieldError::new(
                format!("providers[{index}]"),
                "provider_not_found",
                "there is no provider with this id",
            )),
        }
    }
    providers
}

fn check(
    draft: &TokenDraft,
    known: &HashSet<ProviderId>,
    now: Timestamp,
) -> Result<CheckedToken, AdminError> {
    let mut errors = draft.unreadable.clone();
    let name = label("name", draft.name.as_deref(), LABEL_MAX, &mut errors);
    if name.is_none() && !errors.iter().any(|error| error.field == "name") {
        errors.push(FieldError::new(
            "name",
            "required",
            "give the token a name that people will know it by",
        ));
    }
    let agent = who_for("agent", draft.agent.as_deref(), &mut errors);
    let user = who_for("user", draft.user.as_deref(), &mut errors);
    let providers = allowed(draft.providers.as_deref(), known, &mut errors);
    let expires_at = expiry("expires_at", draft.expires_at.as_deref(), now, &mut errors);
    all_right(errors)?;
    Ok(CheckedToken {
        name: name.ok_or(AdminError::Internal)?,
        agent,
        user,
        providers,
        expires_at,
    })
}

impl Tokens {
    /// One page of the tokens, newest first.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn list(&self, who: &Who, page: &PageRequest) -> Result<Page<TokenView>, AdminError> {
        let key = |token: &TokenView| age_key(token.created_at, token.id);
        page_of(self.all(who).await?, page, key, is_age_key::<TokenId>)
    }

    /// Every token, newest first.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn all(&self, _who: &Who) -> Result<Vec<TokenView>, AdminError> {
        let mut tokens: Vec<TokenView> = self
            .admin
            .store()
            .tokens()
            .list()
            .await?
            .into_iter()
            .map(TokenView::from)
            .collect();
        tokens.sort_by(|a, b| (b.created_at, a.id).cmp(&(a.created_at, b.id)));
        Ok(tokens)
    }

    /// One token.
    ///
    /// # Errors
    /// [`AdminError::NotFound`].
    pub async fn get(&self, who: &Who, id: &str) -> Result<TokenView, AdminError> {
        let found = self.all(who).await?.into_iter();
        let mut found = found.filter(|token| token.id.to_string() == id);
        found.next().ok_or_else(|| AdminError::NotFound {
            what: Thing::Token,
            id: id.to_owned(),
        })
    }

    /// The names of the tokens that were revoked, by their ids: calls name them for good.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn revoked(&self, _who: &Who) -> Result<HashMap<TokenId, String>, AdminError> {
        Ok(self.admin.store().tokens().names_of_deleted().await?)
    }

    /// How many calls of the last hour showed a token, and so would break without it. 1,001 stands for more
    /// than a thousand.
    ///
    /// # Errors
    /// [`AdminError::Internal`].
    pub async fn calls_last_hour(&self, _who: &Who, id: TokenId) -> Result<u64, AdminError> {
        let filter = CallFilter {
            tokens: Choice::only(Some(id)),
            since: Some(self.admin.now() - IN_USE),
            ..CallFilter::default()
        };
        let calls = self.admin.store().calls();
        Ok(calls.count_up_to(&filter, CALLS_COUNTED).await?)
    }

    /// Makes a token. It works as soon as this returns.
    ///
    /// # Errors
    /// [`AdminError::Invalid`] with every field that is wrong.
    pub async fn create(&self, who: &Who, draft: &TokenDraft) -> Result<NewToken, AdminError> {
        let admin = self.admin.clone();
        let who = who.clone();
        let draft = draft.clone();
        self.admin
            .whole(async move {
                let now = admin.now();
                let known: HashSet<ProviderId> =
                    admin.live().now().providers.keys().cloned().collect();
                let checked = check(&draft, &known, now)?;
                let plain = hidden::random_text(TOKEN_PREFIX)?;
                let hash = TokenHash(hidden::hash(&plain));
                let token = GatewayToken {
                    id: TokenId(Uuid::now_v7()),
                    name: checked.name,
                    first_characters: plain
                        .expose_secret()
                        .chars()
                        .take(FIRST_CHARACTERS)
                        .collect(),
                    agent: checked.agent,
                    user: checked.user,
                    providers: checked.providers,
                    created_at: now,
                    expires_at: checked.expires_at,
                    last_used_at: None,
                };
                let view = TokenView::from(token.clone());
                let entry = admin.entry(
                    &who,
                    Change {
                        action: "create",
                        kind: "token",
                        id: token.id.to_string(),
                        before: None,
                        after: serde_json::to_value(&view).ok(),
                    },
                );
                admin.store().tokens().insert(&token, &hash, &entry).await?;
                admin.live().put_token(hash, &token);
                Ok(NewToken { token: view, plain })
            })
            .await
    }

    /// Revokes a token at once; running calls end as they began. Its calls stay in the ledger.
    ///
    /// # Errors
    /// [`AdminError::NotFound`].
    pub async fn revoke(&self, who: &Who, id: &str) -> Result<(), AdminError> {
        let not_found = AdminError::NotFound {
            what: Thing::Token,
            id: id.to_owned(),
        };
        let Ok(id) = id.parse::<TokenId>() else {
            return Err(not_found);
        };
        let admin = self.admin.clone();
        let who = who.clone();
        self.admin
            .whole(async move {
                let Some(token) = admin
                    .store()
                    .tokens()
                    .list()
                    .await?
                    .into_iter()
                    .find(|token| token.id == id)
                else {
                    return Err(not_found);
                };
                let entry = admin.entry(
                    &who,
                    Change {
                        action: "revoke",
                        kind: "token",
                        id: id.to_string(),
                        before: serde_json::to_value(TokenView::from(token)).ok(),
                        after: None,
                    },
                );
                admin.store().tokens().delete(id, &entry).await?;
                admin.live().remove_token(id);
                Ok(())
            })
            .await
    }
}
