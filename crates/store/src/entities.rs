//! The rows of the small tables, as the database has them. They never leave the store.
#![expect(
    unreachable_pub,
    reason = "what the derives make is public and refers to these"
)]

macro_rules! entity {
    ($module:ident, $table:literal, { $($(#[$attribute:meta])* $field:ident: $type:ty,)+ }) => {
        pub(crate) mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                $($(#[$attribute])* pub $field: $type,)+
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

entity!(provider, "providers", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    provider_type: String,
    display_name: String,
    enabled: bool,
    config: String,
    version: i64,
    created_at_us: i64,
    updated_at_us: i64,
});

entity!(deleted_provider, "deleted_providers", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    display_name: String,
    deleted_at_us: i64,
});

entity!(secret, "secrets", {
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    key_id: String,
    sealed: Vec<u8>,
    created_at_us: i64,
    updated_at_us: i64,
    last_used_at_us: Option<i64>,
});

entity!(master_key, "master_keys", {
    #[sea_orm(primary_key, auto_increment = false)]
    key_id: String,
    sealed: Vec<u8>,
    created_at_us: i64,
});

entity!(token, "tokens", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    name: String,
    first_characters: String,
    hash: Vec<u8>,
    agent: Option<String>,
    user_name: Option<String>,
    providers: String,
    created_at_us: i64,
    expires_at_us: Option<i64>,
    last_used_at_us: Option<i64>,
});

entity!(deleted_token, "deleted_tokens", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    name: String,
    deleted_at_us: i64,
});

entity!(setting, "settings", {
    #[sea_orm(primary_key, auto_increment = false)]
    key: String,
    value: String,
    updated_at_us: i64,
});

entity!(admin, "admins", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    name: String,
    password_hash: String,
    created_at_us: i64,
    disabled_at_us: Option<i64>,
    enabled_at_us: Option<i64>,
    last_signed_in_at_us: Option<i64>,
});

entity!(link, "one_time_links", {
    #[sea_orm(primary_key, auto_increment = false)]
    hash: Vec<u8>,
    purpose: String,
    created_at_us: i64,
    expires_at_us: i64,
    person: Option<Uuid>,
});

entity!(api_token, "api_tokens", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    person: Uuid,
    name: String,
    first_characters: String,
    hash: Vec<u8>,
    created_at_us: i64,
    expires_at_us: Option<i64>,
    last_used_at_us: Option<i64>,
});

entity!(session, "sessions", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: String,
    record: String,
    expires_us: i64,
});

entity!(audit, "audit", {
    #[sea_orm(primary_key)]
    seq: i64,
    at_us: i64,
    actor: String,
    action: String,
    object_kind: String,
    object_id: String,
    before: Option<String>,
    after: Option<String>,
    address: Option<String>,
    result: String,
    times: i64,
});

entity!(catalog, "catalogs", {
    #[sea_orm(primary_key, auto_increment = false)]
    state: String,
    id: Uuid,
    version: String,
    models: i64,
    origin: String,
    actor: String,
    at_us: i64,
    data: Vec<u8>,
});

entity!(repricing, "repricings", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    state: String,
    created_at_us: i64,
    actor: String,
    selection: String,
    until_seq: i64,
    place: String,
    calls_seen: i64,
    calls_changed: i64,
    seen_until_us: Option<i64>,
    rates: Option<String>,
    fingerprint: Option<String>,
    totals: Option<String>,
    difference: Option<String>,
    applied_at_us: Option<i64>,
    applied_by: Option<String>,
    finished_at_us: Option<i64>,
    error: Option<String>,
});
