//! Tables of users, groups and sign-in.

use ironwood_base::Key;
use ironwood_base::key::Record;
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{Default, Table, date, email, flag, json, link, many, model, natural, text, time};

/// A user. `password` is a hash, or starts with `!` if no password matches.
pub static USER: Table = Table::new("auth_user", "auth.user")
    .label("User")
    .columns(&[
        text("password", 128).blank().secret(),
        time("last_login").null().unlogged("each session is logged"),
        flag("is_superuser", false),
        text("username", 150).unique(),
        text("first_name", 150).blank(),
        text("last_name", 150).blank(),
        email("email", 254).blank().private(),
        flag("is_staff", false),
        flag("is_active", true),
        time("date_joined").default(Default::Now),
        many("groups", "auth_user_groups", "user", "group", &GROUP),
        // Rights of single users: kept for the way back, not used.
        json("user_permissions").default(Default::Text("[]")),
    ])
    .natural_key(&["username"]);

/// A group of users, who have its rights.
pub static GROUP: Table = Table::new("auth_group", "auth.group")
    .label("Group")
    .columns(&[text("name", 150).unique(), json("permissions").default(Default::Text("[]"))])
    .natural_key(&["name"]);

/// Which users are in which groups.
pub static USER_GROUPS: Table = Table::new("auth_user_groups", "")
    .columns(&[link("user", &USER, Cascade).record(""), link("group", &GROUP, Cascade).record("")])
    .unique(&[&["user", "group"]]);

/// Names and labels of the rulesets.
pub const RULESETS: &[(&str, &str)] = &[
    ("admin", "Admin"),
    ("part_category", "Part Categories"),
    ("part", "Parts"),
    ("bom", "Bills of Material"),
    ("stock_location", "Stock Locations"),
    ("stock", "Stock Items"),
    ("build", "Build Orders"),
    ("purchase_order", "Purchase Orders"),
    ("sales_order", "Sales Orders"),
    ("return_order", "Return Orders"),
    ("transfer_order", "Transfer Orders"),
    ("shop_floor", "Shop Floor"),
];

/// The rights of a group in one area.
pub static RULESET: Table = Table::new("users_ruleset", "users.ruleset")
    .columns(&[
        text("name", 50).choices(RULESETS),
        link("group", &GROUP, Cascade),
        flag("can_view", false),
        flag("can_add", false),
        flag("can_change", false),
        flag("can_delete", false),
    ])
    .unique(&[&["name", "group"]]);

/// A user or a group as the owner of something: `owner_type` is `auth.user` or `auth.group`.
pub static OWNER: Table = Table::new("users_owner", "users.owner")
    .columns(&[model("owner_type").null(), natural("owner_id").null()])
    .unique(&[&["owner_type", "owner_id"]]);

/// Kinds of users.
pub const USER_TYPES: &[(&str, &str)] =
    &[("bot", "Bot"), ("internal", "Internal"), ("external", "External"), ("guest", "Guest")];

/// The profile of a user, and the preferences of their web interface.
pub static PROFILE: Table = Table::new("users_userprofile", "users.userprofile").of_user("{t}.\"user\"").columns(&[
    json("metadata").null().filled("{}"),
    link("user", &USER, Cascade).unique(),
    text("language", 10).null().blank(),
    json("theme").null(),
    json("widgets").null(),
    text("displayname", 255).null().blank(),
    text("position", 255).null().blank(),
    text("status", 2000).null().blank(),
    text("location", 2000).null().blank(),
    flag("active", true),
    text("contact", 255).null().blank(),
    text("type", 10).choices(USER_TYPES).default(Default::Text("internal")),
    text("organisation", 255).null().blank(),
    link("primary_group", &GROUP, SetNull).null(),
]);

/// An API token: found by a keyed hash, readable only with the server's own key. In records it has a
/// field `key` with the token itself, which is hashed and sealed when it is taken in.
pub static TOKEN: Table = Table::new("users_apitoken", "users.apitoken")
    .columns(&[
        text("key_hash", 64).unique().secret().record(""),
        text("key_sealed", 0).secret().record(""),
        text("name", 100).blank(),
        link("user", &USER, Cascade),
        time("created").default(Default::Now),
        date("expiry"),
        flag("revoked", false),
        date("last_seen").null().unlogged("noted with each first use in a day"),
        json("metadata").null().filled("{}"),
    ])
    .import_only();

/// A browser's session: its id is kept only as a keyed hash.
pub static SESSION: Table = Table::new("ironwood_session", "").of_user("{t}.\"user\"").columns(&[
    text("key_hash", 64).unique().secret(),
    link("user", &USER, Cascade),
    time("created"),
    time("expires").index(),
    text("csrf", 64).secret(),
    text("user_agent", 250).blank(),
    text("address", 45).blank(),
    date("last_seen").null().unlogged("noted with each first use in a day"),
]);

/// What users are.
#[derive(Debug)]
pub enum User {}

impl Record for User {
    const TABLE: &'static str = USER.name;
}

/// What groups of users are.
#[derive(Debug)]
pub enum Group {}

impl Record for Group {
    const TABLE: &'static str = GROUP.name;
}

/// What owners are.
#[derive(Debug)]
pub enum Owner {}

impl Record for Owner {
    const TABLE: &'static str = OWNER.name;
}

/// What API tokens are.
#[derive(Debug)]
pub enum Token {}

impl Record for Token {
    const TABLE: &'static str = TOKEN.name;
}

/// What sessions of signed-in users are.
#[derive(Debug)]
pub enum Session {}

impl Record for Session {
    const TABLE: &'static str = SESSION.name;
}

/// The key of a user.
pub type UserKey = Key<User>;
/// The key of a group of users.
pub type GroupKey = Key<Group>;
/// The key of an owner: a user or a group.
pub type OwnerKey = Key<Owner>;
/// The key of an API token.
pub type TokenKey = Key<Token>;
/// The key of a session of a signed-in user.
pub type SessionKey = Key<Session>;
