//! Users, groups, owners and rights in the API.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Facts};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{
    Access, Condition, Delete, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort,
};
use ironwood_rest::select::write_text;
use ironwood_rest::table::{ColumnType, OnDelete};
use ironwood_rest::view::{BOOL, Field, Many, TEXT, Type, View, col, input, made, many, pk, sql};
use ironwood_store::{Value, ValueRef};
use serde_json::Value as Json;

use super::permission::{self, Permission, Rights, Ruleset};
use super::view::BRIEF;
use super::{accounts, password};
use crate::schema::keys::{AnyKey, GroupKey, UserKey};
use crate::schema::users::{
    GROUP as GROUP_TABLE, OWNER as OWNER_TABLE, PROFILE, RULESET as RULESET_TABLE, RULESETS, USER as USER_TABLE,
};

static GROUP_BRIEF: View = View::new("GroupBrief", &GROUP_TABLE, &[pk(), col("name").read_only()]);
static GROUPS: Many = Many::through(&GROUP_BRIEF, "auth_user_groups", "user", "group");

/// The public profile of a user.
static BRIEF_PROFILE: View = View::new(
    "BriefUserProfile",
    &PROFILE,
    &[
        col("displayname").label("Display Name"),
        col("position"),
        col("status"),
        col("location"),
        col("active"),
        col("contact"),
        col("type").label("User Type"),
        col("organisation"),
        col("primary_group"),
    ],
);
static PROFILE_BRIEF_OF: Many = Many::new(&BRIEF_PROFILE, "{t}.\"user\"").single();

/// A profile as its user sees it.
pub(crate) static PROFILE_VIEW: View = View::new(
    "UserProfile",
    &PROFILE,
    &[
        col("language").help("Language of the web interface."),
        col("theme").help("Colors and fonts of the web interface."),
        col("widgets").help("Layout of the start page."),
        col("displayname").label("Display Name").help("Name shown to other users."),
        col("position").help("Job title."),
        col("status").help("Status message shown to other users."),
        col("location").help("Location of the user."),
        col("active").help("Whether the user is available."),
        col("contact").help("Contact details."),
        col("type").label("User Type").help("Type of user."),
        col("organisation").help("Organization of the user."),
        col("primary_group").help("Primary group of the user."),
    ],
);
static PROFILE_OF: Many = Many::new(&PROFILE_VIEW, "{t}.\"user\"").single();

const USERNAME: Field =
    col("username").required().described_read_only().label("Username").help("User name for signing in.");
const FIRST: Field = col("first_name").required().help("First name.");
const LAST: Field = col("last_name").required().help("Last name.");
const EMAIL: Field = col("email").required().described_read_only().help("E-mail address.");

static USER_VIEW: View = View::new(
    "ExtendedUser",
    &USER_TABLE,
    &[
        pk(),
        USERNAME,
        FIRST,
        LAST,
        EMAIL,
        many("groups", &GROUPS).option_type("field"),
        input("group_ids", Type::Ints).listed().option_type("field").help("IDs of the user's groups."),
        col("is_staff").label("Administrator").help("Can administer users and settings, within their own permissions."),
        col("is_superuser").label("Superuser").help("Has all permissions."),
        col("is_active").label("Active").help("Can sign in."),
        many("profile", &PROFILE_BRIEF_OF).kind(Type::Object(&BRIEF_PROFILE)),
    ],
);

/// A user while being made: rights of an administrator are given afterwards.
static NEW_USER_VIEW: View = View::new(
    "UserCreate",
    &USER_TABLE,
    &[
        pk(),
        col("username").required().label("Username").help("User name for signing in."),
        FIRST,
        LAST,
        col("email").required().help("E-mail address."),
        many("groups", &GROUPS).option_type("field"),
        input("group_ids", Type::Ints).listed().option_type("field").help("IDs of the user's groups."),
        col("is_staff")
            .described_read_only()
            .label("Administrator")
            .help("Can administer users and settings, within their own permissions."),
        col("is_superuser").described_read_only().label("Superuser").help("Has all permissions."),
        col("is_active").label("Active").help("Can sign in."),
        many("profile", &PROFILE_BRIEF_OF).kind(Type::Object(&BRIEF_PROFILE)),
    ],
);

/// The signed-in user.
pub(crate) static ME: View = View::new(
    "MeUser",
    &USER_TABLE,
    &[
        pk(),
        USERNAME,
        FIRST,
        LAST,
        EMAIL,
        many("groups", &GROUPS).option_type("field"),
        col("is_staff").label("Staff").read_only(),
        col("is_superuser").label("Superuser").read_only(),
        col("is_active").label("Active").read_only(),
        many("profile", &PROFILE_OF).kind(Type::Object(&PROFILE_VIEW)),
        ironwood_rest::view::value("roles", Type::Any).on("roles", false),
        ironwood_rest::view::value("permissions", Type::Any).nullable().on("roles", false),
    ],
);

/// What the database knows of the signed-in user.
pub(crate) static ME_ROW: View = View::new(
    "MeUser",
    &USER_TABLE,
    &[
        pk(),
        USERNAME,
        FIRST,
        LAST,
        EMAIL,
        many("groups", &GROUPS).option_type("field"),
        col("is_staff").read_only(),
        col("is_superuser").read_only(),
        col("is_active").read_only(),
        many("profile", &PROFILE_OF).kind(Type::Object(&PROFILE_VIEW)),
    ],
);

/// Users.
pub(crate) static USERS: Resource = Resource::new("/api/user/", "user", &NEW_USER_VIEW)
    .detail(&USER_VIEW)
    .access(Access::ReadOrStaffTable("auth_user"))
    .filters(&[
        flag_filter("is_active", "{is_active}", "NOT {is_active}"),
        flag_filter("is_staff", "{is_staff}", "NOT {is_staff}"),
        flag_filter("is_superuser", "{is_superuser}", "NOT {is_superuser}"),
    ])
    .search(&["{first_name}", "{last_name}", "{username}"])
    .sorts(&[
        sort("email", &["{email}"]),
        sort("username", &["{username}"]),
        sort("first_name", &["{first_name}"]),
        sort("last_name", &["{last_name}"]),
        sort("is_staff", &["{is_staff}"]),
        sort("is_superuser", &["{is_superuser}"]),
        sort("is_active", &["{is_active}"]),
    ])
    .rules(Rules { check: check_user, saved: saved_user, delete: Delete::Each(delete_user), ..NO_RULES })
    .help("Users.");

fn check_user(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if change.is_changed("username")
        && let Some(message) = accounts::bad_username(change.text("username"))
    {
        return Err(Error::field("username", message));
    }
    let raises =
        ["is_staff", "is_superuser"].iter().any(|c| change.is_changed(c) && (!change.is_new() || change.flag(c)));
    let of_superuser = matches!(change.old("is_superuser"), Value::Bool(true));
    if (raises || of_superuser) && !ctx.caller.is_superuser() {
        return Err(Error::denied());
    }
    if change.is_new() {
        change.set("password", password::unusable()?);
    }
    Ok(())
}

fn saved_user(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    let user: UserKey = id.of_kind();
    accounts::complete_user(ctx.conn, user)?;
    if ["is_superuser", "is_active"].iter().any(|c| matches!(change.old(c), Value::Bool(true)) && !change.flag(c)) {
        accounts::check_administered(ctx.conn)?;
    }
    if let Some(ids) = change.extra.get("group_ids").and_then(Json::as_array) {
        let groups: Vec<GroupKey> = ids.iter().filter_map(Json::as_i64).map(GroupKey::from_id).collect();
        accounts::set_groups(ctx.conn, user, &groups)?;
    }
    Ok(())
}

fn delete_user(ctx: &mut Context<'_>, id: AnyKey) -> Result<bool> {
    if ctx.user() == id.id() {
        return Err(Error::non_field("You cannot delete your own account."));
    }
    let row = ctx.conn.one("SELECT is_superuser FROM auth_user WHERE id = $1", &[id.into()])?;
    if row.is_some_and(|row| row.bool(0)) && !ctx.caller.is_superuser() {
        return Err(Error::denied());
    }
    accounts::delete_user(ctx.conn, id.of_kind())?;
    Ok(false)
}

static RULESET_VIEW: View = View::new(
    "RuleSet",
    &RULESET_TABLE,
    &[
        pk(),
        col("name").read_only().help("Type of records that the permissions apply to."),
        made("label", TEXT, &["{name}"], write_label).option_type("field"),
        col("group").read_only(),
        col("can_view").label("View").help("Can view records."),
        col("can_add").label("Add").help("Can add records."),
        col("can_change").label("Change").help("Can edit records."),
        col("can_delete").label("Delete").help("Can delete records."),
    ],
);

fn write_label(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    let name = values.first().and_then(|v| v.as_text()).unwrap_or_default();
    write_text(out, RULESETS.iter().find(|(n, _)| *n == name).map_or(name, |(_, label)| label));
}

/// Rights of groups.
pub(crate) static RULESETS_OF_GROUPS: Resource = Resource::new("/api/user/ruleset/", "user_ruleset", &RULESET_VIEW)
    .operations(Operations::ALL.no_create())
    .access(Access::ReadOrStaffTable("users_ruleset"))
    .filters(&[
        filter("group", Condition::Link(&GROUP_TABLE, "{t}.\"group\" = {value}")),
        filter("name", Condition::Where(TEXT, "{name} = {value}")),
    ])
    .search(&["{name}"])
    .sorts(&[sort("name", &["{name}"])])
    .rules(Rules { list: list_rulesets, ..NO_RULES })
    .help("Permissions of groups, by type of record.");

/// Clients of InvenTree know all rulesets but that of the shop floor. It is listed where it grants anything, or where
/// it is asked for by name.
const LISTED: &str = "{name} <> 'shop_floor' OR {can_view} OR {can_add} OR {can_change} OR {can_delete}";

fn list_rulesets(query: &mut Query<'_>) -> Result<()> {
    if query.request.param("name").is_none() {
        query.and(LISTED);
    }
    Ok(())
}

static RULES_OF_GROUP: Many = Many::new(&RULESET_VIEW, "{t}.\"group\"").only(LISTED);
static USERS_OF_GROUP: Many = Many::through(&BRIEF, "auth_user_groups", "group", "user");

macro_rules! rights_in {
    ($ruleset:literal) => {
        concat!(
            "COALESCE((SELECT CASE WHEN r.can_view THEN 1 ELSE 0 END + CASE WHEN r.can_add THEN 2 ELSE 0 END ",
            "+ CASE WHEN r.can_change THEN 4 ELSE 0 END + CASE WHEN r.can_delete THEN 8 ELSE 0 END ",
            "FROM users_ruleset r WHERE r.\"group\" = {id} AND r.name = '",
            $ruleset,
            "'), 0)"
        )
    };
}
/// The group's rights in each ruleset, in their order: the sum of 1 (view), 2 (add), 4 (change) and 8 (delete).
const RIGHTS: &[&str] = &[
    rights_in!("admin"),
    rights_in!("part_category"),
    rights_in!("part"),
    rights_in!("bom"),
    rights_in!("stock_location"),
    rights_in!("stock"),
    rights_in!("build"),
    rights_in!("purchase_order"),
    rights_in!("sales_order"),
    rights_in!("return_order"),
    rights_in!("transfer_order"),
    rights_in!("shop_floor"),
];

fn write_permissions(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    let mut rights = Rights::default();
    for (ruleset, value) in Ruleset::ALL.into_iter().zip(values) {
        let bits = value.as_int().unwrap_or(0);
        Permission::ALL.into_iter().zip([1, 2, 4, 8]).filter(|(_, bit)| bits & bit != 0).for_each(|(action, _)| {
            rights.allow(ruleset, action);
        });
    }
    out.extend_from_slice(permissions(rights, false).to_string().as_bytes());
}

static GROUP_VIEW: View = View::new(
    "Group",
    &GROUP_TABLE,
    &[
        pk(),
        col("name").help("Name of the group."),
        made("permissions", Type::Any, RIGHTS, write_permissions).nullable().on("permission_detail", false),
        many("roles", &RULES_OF_GROUP).nullable().on("role_detail", true),
        many("users", &USERS_OF_GROUP).nullable().on("user_detail", false),
    ],
);

/// Groups.
pub(crate) static GROUPS_OF_USERS: Resource = Resource::new("/api/user/group/", "user_group", &GROUP_VIEW)
    .access(Access::ReadOrStaffTable("auth_group"))
    .search(&["{name}"])
    .sorts(&[sort("name", &["{name}"])])
    .rules(Rules { saved: saved_group, delete: Delete::Each(delete_group), ..NO_RULES })
    .help("Groups of users. Members share the permissions of the group.");

fn saved_group(ctx: &mut Context<'_>, _: &Change, id: AnyKey) -> Result<()> {
    accounts::complete_group(ctx.conn, id.of_kind())
}

fn delete_group(ctx: &mut Context<'_>, id: AnyKey) -> Result<bool> {
    accounts::remove_owner(ctx.conn, "auth.group", id)?;
    Ok(true)
}

const OWNER_NAME: &str = "CASE {owner_type} WHEN 'auth.user' THEN (SELECT u.username FROM auth_user u WHERE u.id = {owner_id}) \
    ELSE (SELECT g.name FROM auth_group g WHERE g.id = {owner_id}) END";
const OWNER_KIND: &str = "CASE {owner_type} WHEN 'auth.user' THEN 'user' ELSE 'group' END";

/// A user or group who may be responsible for something.
pub(crate) static OWNER_VIEW: View = View::new(
    "Owner",
    &OWNER_TABLE,
    &[
        pk(),
        col("owner_id"),
        sql("owner_model", TEXT, OWNER_KIND),
        sql("name", TEXT, OWNER_NAME),
        sql("label", TEXT, OWNER_KIND),
    ],
);

/// Users and groups, as those who answer for something.
pub(crate) static OWNERS: Resource = Resource::new("/api/user/owner/", "user_owner", &OWNER_VIEW)
    .operations(Operations::READ)
    .access(Access::SignedIn)
    .filters(&[filter("is_active", Condition::Custom(BOOL, by_activity))
        .help("Only active (or only inactive) users. Groups are always included.")])
    .search(&[OWNER_NAME])
    .sorts(&[sort("name", &[OWNER_NAME])])
    .help("Users and groups that can own records.");

fn by_activity(query: &mut Query<'_>, text: &str) -> Result<()> {
    const ACTIVE: &str =
        "{owner_type} <> 'auth.user' OR EXISTS (SELECT 1 FROM auth_user u WHERE u.id = {owner_id} AND u.is_active)";
    const INACTIVE: &str =
        "{owner_type} <> 'auth.user' OR EXISTS (SELECT 1 FROM auth_user u WHERE u.id = {owner_id} AND NOT u.is_active)";
    match ironwood_rest::select::truth(text) {
        Some(true) => query.and(ACTIVE),
        Some(false) => query.and(INACTIVE),
        None => return Err(Error::field("is_active", "Must be true or false.")),
    }
    Ok(())
}

/// Kind of a link to a user.
pub(crate) const USER_KEY: Type = Type::Of(ColumnType::Link(&USER_TABLE, OnDelete::Cascade));

/// What a set of rights allows, by record model: `{"part": ["view"]}`.
pub(crate) fn permissions(rights: Rights, superuser: bool) -> Json {
    // a superuser may do everything with these
    let everything = superuser.then(|| permission::open_models().map(|model| (model, "")));
    permission::models()
        .into_iter()
        .chain(everything.into_iter().flatten())
        .filter_map(|(model, table)| {
            let allowed: Vec<Json> = Permission::ALL
                .into_iter()
                .filter(|a| superuser || permission::granting(table, *a).any(|r| rights.has(r, *a)))
                .map(|a| a.name().into())
                .collect();
            (!allowed.is_empty()).then(|| (model.to_owned(), Json::Array(allowed)))
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
}
