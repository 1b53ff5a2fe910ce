//! People's own tokens for the REST API: create (shown once), list, revoke, and recognise.
//!
//! Everybody sees and revokes only their own. What is done with one is done in its owner's name; a person
//! who is disabled has none that works.

use domain::{
    AdminId, ApiTokenId, Timestamp,
    token::{API_TOKEN_PREFIX, ApiToken, TokenHash},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Admin,
    audit::Change,
    error::{AdminError, FieldError, Thing},
    fields::{Object, all_right, expiry, label},
    hidden,
    live::LiveApiToken,
    page::{Page, PageRequest, age_key, is_age_key, page_of},
    who::{Actor, Who},
};

/// Longest name, in characters.
const NAME_MAX: usize = 100;
/// Most API tokens that one person has.
pub const API_TOKENS_MAX: usize = 100;
/// How many characters of a token are kept for telling it apart, its prefix included.
const FIRST_CHARACTERS: usize = 10;

/// What people can do with API tokens of their own.
#[derive(Debug, Clone)]
pub struct ApiTokens {
    pub(crate) admin: Admin,
}

/// A new API token as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default, utoipa::ToSchema)]
#[schema(as = NewApiToken, description = "An API token to be made.")]
pub struct ApiTokenDraft {
    /// What its owner calls it; 1 to 100 characters.
    #[schema(value_type = String, required = true, example = "laptop")]
    pub name: Option<String>,
    /// From when on it is refused, RFC 3339. Left out: never, or when the API token does that it is made with.
    #[schema(format = DateTime)]
    pub expires_at: Option<String>,
    /// Fields that could not even be read. Empty in a draft made by hand.
    #[schema(ignore)]
    pub unreadable: Vec<FieldError>,
}

impl ApiTokenDraft {
    /// Reads the JSON of a new API token.
    #[must_use]
    pub fn read(json: Value) -> Self {
        let mut object = Object::new("", json);
        let mut draft = Self {
            name: object.text("name"),
            expires_at: object.text("expires_at"),
            unreadable: vec![],
        };
        draft.unreadable = object.end();
        draft
    }
}

/// One API token: everything but the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = ApiToken)]
pub struct ApiTokenView {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub id: ApiTokenId,
    /// What its owner calls it.
    pub name: String,
    /// The first characters of the token, for telling it apart.
    #[schema(example = "wra_x7Kq2m")]
    pub first_characters: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// From when on it is refused. Null: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute. Null: never.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

impl From<ApiToken> for ApiTokenView {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            first_characters: token.first_characters,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// An API token that was just made. Its text is in here and nowhere else: only the hash is kept.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// The token as it is listed from now on.
    pub token: ApiTokenView,
    /// What is shown to the REST API. Show it once.
    pub plain: SecretString,
}

/// Name and end of a new token. One that is made with another that expires, does no later than that one.
fn check(
    draft: &ApiTokenDraft,
    now: Timestamp,
    maker_expires_at: Option<Timestamp>,
) -> Result<(String, Option<Timestamp>), AdminError> {
    let mut errors = draft.unreadable.clone();
    let name = label("name", draft.name.as_deref(), NAME_MAX, &mut errors);
    if name.is_none() && !errors.iter().any(|error| error.field == "name") {
        errors.push(FieldError::new(
            "name",
            "required",
            "give the token a name that you will know it by",
        ));
    }
    let expires_at = expiry("expires_at", draft.expires_at.as_deref(), now, &mut errors);
    if let (Some(at), Some(latest)) = (expires_at, maker_expires_at)
        && at > latest
    {
        errors.push(FieldError::new(
            "expires_at",
            "after_its_maker",
            format!(
                "the API token that you use expires at {latest}; choose that time or an earlier one"
            ),
        ));
    }
    all_right(errors)?;
    Ok((
        name.ok_or(AdminError::Internal)?,
        expires_at.or(maker_expires_at),
    ))
}

/// Whose tokens somebody may see.
fn owner(who: &Who) -> Result<(AdminId, &str), AdminError> {
    match &who.actor {
        Actor::Person { id, name, .. } => Ok((*id, name)),
        Actor::AdminToken | Actor::System => Err(AdminError::NotAPerson),
    }
}

impl ApiTokens {
    /// One page of one's own tokens, newest first.
    ///
    /// # Errors
    /// [`AdminError::NotAPerson`].
    pub async fn list(
        &self,
        who: &Who,
        page: &PageRequest,
    ) -> Result<Page<ApiTokenView>, AdminError> {
        let key = |token: &ApiTokenView| age_key(token.created_at, token.id);
        page_of(self.all(who).await?, page, key, is_age_key::<ApiTokenId>)
    }

    /// Every token of one's own, newest first.
    ///
    /// # Errors
    /// [`AdminError::NotAPerson`].
    pub async fn all(&self, who: &Who) -> Result<Vec<ApiTokenView>, AdminError> {
        let (person, _) = owner(who)?;
        let tokens = self.admin.store().api_tokens().of(person).await?;
        let mut own: Vec<ApiTokenView> = tokens.into_iter().map(ApiTokenView::from).collect();
        own.sort_by(|a, b| (b.created_at, a.id).cmp(&(a.created_at, b.id)));
        Ok(own)
    }

    /// One of one's own tokens.
    ///
    /// # Errors
    /// [`AdminError::NotAPerson`]; [`AdminError::NotFound`], also where it is somebody else's.
    pub async fn get(&self, who: &Who, id: &str) -> Result<ApiTokenView, AdminError> {
        let own = self.all(who).await?.into_iter();
        let parsed = id.parse::<ApiTokenId>().ok();
        let mut found = own.filter(|token| Some(token.id) == parsed);
        found.next().ok_or_else(|| AdminError::NotFound {
            what: Thing::ApiToken,
            id: id.to_owned(),
        })
    }

    /// Makes a token of one's own. It works as soon as this returns.
    ///
    /// # Errors
    /// [`AdminError::NotAPerson`]; [`AdminError::Invalid`] with every field that is wrong, also where a token
    /// that expires is to make one that outlives it; [`AdminError::Refused`] above [`API_TOKENS_MAX`].
    pub async fn create(
        &self,
        who: &Who,
        draft: &ApiTokenDraft,
    ) -> Result<NewApiToken, AdminError> {
        owner(who)?;
        let (admin, who, draft) = (self.admin.clone(), who.clone(), draft.clone());
        self.admin
            .whole(async move {
                let (person, person_name) = owner(&who)?;
                let now = admin.now();
                let maker_expires_at = who.by_token().and_then(|token| token.expires_at);
                let (name, expires_at) = check(&draft, now, maker_expires_at)?;
                let tokens = admin.store().api_tokens();
                if tokens.of(person).await?.len() >= API_TOKENS_MAX {
                    return Err(AdminError::Refused {
                        code: "too_many_api_tokens",
                        message: format!(
                            "You have {API_TOKENS_MAX} API tokens, and nobody has more. Revoke one that you no longer use."
                        ),
                    });
                }
                let plain = hidden::random_text(API_TOKEN_PREFIX)?;
                let hash = TokenHash(hidden::hash(&plain));
                let first = plain.expose_secret().chars().take(FIRST_CHARACTERS);
                let token = ApiToken {
                    id: ApiTokenId(Uuid::now_v7()),
                    person,
                    name,
                    first_characters: first.collect(),
                    created_at: now,
                    expires_at,
                    last_used_at: None,
                };
                let view = ApiTokenView::from(token.clone());
                let entry = admin.entry(
                    &who,
                    Change {
                        action: "create",
                        kind: "api_token",
                        id: token.id.to_string(),
                        before: None,
                        after: serde_json::to_value(&view).ok(),
                    },
                );
                tokens.insert(&token, &hash, &entry).await?;
                admin.live().put_api_token(hash, &token, person_name);
                Ok(NewApiToken { token: view, plain })
            })
            .await
    }

    /// Revokes a token of one's own at once.
    ///
    /// # Errors
    /// [`AdminError::NotAPerson`]; [`AdminError::NotFound`], also where it is somebody else's.
    pub async fn revoke(&self, who: &Who, id: &str) -> Result<(), AdminError> {
        owner(who)?;
        let this = self.clone();
        let (who, id) = (who.clone(), id.to_owned());
        self.admin
            .whole(async move {
                let token = this.get(&who, &id).await?;
                let admin = &this.admin;
                let entry = admin.entry(
                    &who,
                    Change {
                        action: "revoke",
                        kind: "api_token",
                        id: token.id.to_string(),
                        before: serde_json::to_value(&token).ok(),
                        after: None,
                    },
                );
                admin.store().api_tokens().delete(token.id, &entry).await?;
                admin.live().remove_api_token(token.id);
                Ok(())
            })
            .await
    }

    /// Who shows a token: its owner. `None`: it is unknown, expired, or its owner is disabled. Looks nothing
    /// up in the database, and writes down at most once a minute that the token was used.
    #[must_use]
    pub fn recognise(&self, shown: &SecretString) -> Option<Actor> {
        if !shown.expose_secret().starts_with(API_TOKEN_PREFIX) {
            return None;
        }
        let now = self.admin.now();
        let hash = TokenHash(hidden::hash(shown));
        let token = self.admin.live().api_token(&hash, now)?;
        if token.is_to_be_noted(now) {
            self.note_use(&token, now);
        }
        Some(token.actor())
    }

    /// Writes down that a token was used. Nobody waits for it.
    fn note_use(&self, token: &LiveApiToken, now: Timestamp) {
        let (store, id) = (self.admin.store().clone(), token.id);
        tokio::spawn(async move {
            if let Err(error) = store.api_tokens().note_use(id, now).await {
                tracing::warn!(%error, "The last use of an API token could not be written down");
            }
        });
    }
}
