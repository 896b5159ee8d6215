//! The signed-in user: profile, roles, tokens, password.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result, clock};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input::{self, Mode, RawObject};
use ironwood_rest::list;
use ironwood_rest::query::Query;
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::select;
use ironwood_rest::selected;
use ironwood_rest::view::{BOOL, DATE, INT, TEXT, TIME, Type, View, input, nested, value};
use serde_json::{Value as Json, json};

use super::resources::{ME, ME_ROW, PROFILE_VIEW, USER_KEY, permissions};
use super::signin::SignInMethod;
use super::token::{self, Token};
use super::view::BRIEF;
use super::{accounts, password};
use crate::platform::state::Inventory;
use crate::platform::users::visitor::Visitor;
use crate::schema::keys::{TokenKey, UserKey, caller_key};
use crate::schema::users::{PROFILE, USER};

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
    &ME_GET,
    &ME_PUT,
    &ME_PATCH,
    &ME_DELETE,
    &ROLES,
    &PROFILE_GET,
    &PROFILE_PUT,
    &PROFILE_PATCH,
    &TOKEN,
    &OLD_TOKEN,
    &TOKENS,
    &TOKENS_POST,
    &TOKEN_GET,
    &TOKEN_DELETE,
    &PASSWORD_PUT,
    &PASSWORD_PATCH,
];

fn me(ctx: &mut Context<'_>) -> Result<Answer> {
    let user = Visitor::of(ctx.caller)?.user.clone();
    let query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, &USER);
    let mut answer: Json = select::write_row(ctx, &ME_ROW, query, user.id)?
        .and_then(|row| serde_json::from_slice(&row).ok())
        .ok_or(Error::NotFound)?;
    if !ctx.request.method.safe() || ctx.request.param("roles").and_then(select::truth).unwrap_or(false) {
        answer["roles"] = Json::Object(user.roles());
        answer["permissions"] = permissions(user.rights, user.is_superuser);
    }
    Ok(Answer::json(200, &answer))
}

static ME_GET: Action = action(Method::Get, "/api/user/me/", "user_me_retrieve", Access::SignedIn, |ctx, _| me(ctx))
    .params(&[("roles", BOOL, "Include the user's roles and permissions.")])
    .response(200, Shape::Object(&ME))
    .help("The signed-in user.");
static ME_PUT: Action =
    action(Method::Put, "/api/user/me/", "user_me_update", Access::SignedIn, |ctx, _| change_me(ctx, Mode::Whole))
        .request(Shape::Object(&ME))
        .response(200, Shape::Object(&ME))
        .help("Updates the signed-in user.");
static ME_PATCH: Action =
    action(Method::Patch, "/api/user/me/", "user_me_partial_update", Access::SignedIn, |ctx, _| {
        change_me(ctx, Mode::Partial)
    })
    .request(Shape::Object(&ME))
    .response(200, Shape::Object(&ME))
    .help("Partially updates the signed-in user.");
static ME_DELETE: Action = action(Method::Delete, "/api/user/me/", "user_me_destroy", Access::SignedIn, |ctx, _| {
    let user = caller_key(ctx);
    accounts::delete_user(ctx.conn, user)?;
    Ok(Answer::empty())
})
.no_content()
.help("Deletes the signed-in user.");

fn change_me(ctx: &mut Context<'_>, mode: Mode) -> Result<Answer> {
    let user = caller_key(ctx);
    let given = RawObject::read(&ctx.request.body)?;
    let input = input::check(ctx.conn, &ME, given, mode)?;
    let mut change = Change::update(ctx.conn, &USER, user, input)?;
    if change.is_changed("username")
        && let Some(message) = accounts::bad_username(change.text("username"))
    {
        return Err(Error::field("username", message));
    }
    change.write(ctx.conn)?;
    me(ctx)
}

static ROLE: View = View::plain(
    "Role",
    &[
        value("user", INT).writable().required(),
        value("username", TEXT).writable().required().max(150),
        value("roles", Type::Any),
        value("permissions", Type::Any).nullable(),
        value("is_staff", BOOL).label("Staff status").writable().optional().default("false"),
        value("is_superuser", BOOL).label("Superuser status").writable().optional().default("false"),
    ],
);
static ROLES: Action =
    action(Method::Get, "/api/user/me/roles/", "user_me_roles_retrieve", Access::SignedIn, |ctx, _| {
        let user = &Visitor::of(ctx.caller)?.user;
        Ok(Answer::json(
            200,
            &json!({
                "user": user.id, "username": user.username, "roles": user.roles(),
                "permissions": permissions(user.rights, user.is_superuser),
                "is_staff": user.is_staff, "is_superuser": user.is_superuser,
            }),
        ))
    })
    .response(200, Shape::Object(&ROLE))
    .help("Roles and permissions of the signed-in user.");

fn profile_key(ctx: &mut Context<'_>) -> Result<Option<i64>> {
    let user = caller_key(ctx);
    Ok(ctx.conn.one("SELECT id FROM users_userprofile WHERE \"user\" = $1", &[user.into()])?.map(|row| row.int(0)))
}

fn profile(ctx: &mut Context<'_>) -> Result<Answer> {
    let key = profile_key(ctx)?.unwrap_or(0);
    let query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, &PROFILE);
    match select::write_row(ctx, &PROFILE_VIEW, query, key)? {
        Some(body) => Ok(Answer::json_bytes(200, body)),
        // a user who was imported has none until something is written into it
        None => Ok(Answer::json(
            200,
            &json!({
                "language": null, "theme": null, "widgets": null, "displayname": null, "position": null,
                "status": null, "location": null, "active": true, "contact": null, "type": "internal",
                "organisation": null, "primary_group": null,
            }),
        )),
    }
}

fn change_profile(ctx: &mut Context<'_>, mode: Mode) -> Result<Answer> {
    let user = caller_key(ctx);
    accounts::complete_user(ctx.conn, user)?;
    let key = profile_key(ctx)?.ok_or(Error::NotFound)?;
    let input = input::check(ctx.conn, &PROFILE_VIEW, RawObject::read(&ctx.request.body)?, mode)?;
    Change::update(ctx.conn, &PROFILE, key, input)?.write(ctx.conn)?;
    accounts::drop_foreign_groups(ctx.conn)?;
    profile(ctx)
}

static PROFILE_GET: Action =
    action(Method::Get, "/api/user/me/profile/", "user_me_profile_retrieve", Access::SignedIn, |ctx, _| profile(ctx))
        .response(200, Shape::Object(&PROFILE_VIEW))
        .help("Profile of the signed-in user.");
static PROFILE_PUT: Action =
    action(Method::Put, "/api/user/me/profile/", "user_me_profile_update", Access::SignedIn, |ctx, _| {
        change_profile(ctx, Mode::Whole)
    })
    .request(Shape::Object(&PROFILE_VIEW))
    .response(200, Shape::Object(&PROFILE_VIEW))
    .help("Updates the profile.");
static PROFILE_PATCH: Action =
    action(Method::Patch, "/api/user/me/profile/", "user_me_profile_partial_update", Access::SignedIn, |ctx, _| {
        change_profile(ctx, Mode::Partial)
    })
    .request(Shape::Object(&PROFILE_VIEW))
    .response(200, Shape::Object(&PROFILE_VIEW))
    .help("Partially updates the profile.");

static TOKEN_VIEW: View = View::plain(
    "GetAuthToken",
    &[value("token", TEXT), value("name", TEXT).writable().required(), value("expiry", DATE)],
);

/// The token of that name: the same again until it expires or is revoked.
fn own_token(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let user = caller_key(ctx);
    let secret = Inventory::of(ctx.domain)?.authenticator.secret().clone();
    let name = ctx.request.param("name").unwrap_or_default().to_owned();
    let token = token::obtain(ctx.conn, &secret, user, &name, None)?;
    Ok(Answer::json(200, &json!({"token": token.key, "name": token.name, "expiry": token.expiry})))
}

const TOKEN_PARAMS: &[(&str, Type, &str)] = &[("name", TEXT, "Name of the token. Each name has its own token.")];

static TOKEN: Action =
    action(Method::Get, "/api/user/me/token/", "user_me_token_retrieve", Access::SignedIn, own_token)
        .writes(true)
        .params(TOKEN_PARAMS)
        .response(200, Shape::Object(&TOKEN_VIEW))
        .help(
            "Returns a token for the signed-in user. Repeated requests return the same token until it expires or is \
            revoked.",
        );
static OLD_TOKEN: Action = action(Method::Get, "/api/user/token/", "user_token_retrieve", Access::SignedIn, own_token)
    .writes(true)
    .params(TOKEN_PARAMS)
    .response(200, Shape::Object(&TOKEN_VIEW))
    .help("Same as `/api/user/me/token/`, for older clients.");

static API_TOKEN: View = View::plain(
    "ApiToken",
    &[
        value("created", TIME),
        input("expiry", DATE).label("Expiry Date").always(),
        value("id", INT),
        value("last_seen", DATE).nullable().writable().optional(),
        input("name", TEXT).label("Token Name").max(100).always(),
        value("token", TEXT),
        value("active", BOOL),
        value("revoked", BOOL).writable().optional(),
        input("user", USER_KEY).always(),
        nested("user_detail", "user", &BRIEF).not_null().always(),
        value("in_use", BOOL),
    ],
);

request! {
    struct TokenRequest of API_TOKEN {
        user: Option<UserKey>,
        name: String,
        expiry: Option<String>,
    } without [last_seen, revoked]
}

fn shown(ctx: &mut Context<'_>, token: &Token, whole: bool) -> Result<Json> {
    let query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, &USER);
    let user = select::write_row(ctx, &BRIEF, query, token.user)?;
    let user: Json = user.and_then(|row| serde_json::from_slice(&row).ok()).unwrap_or(Json::Null);
    let in_use = matches!(Visitor::of(ctx.caller)?.way, SignInMethod::Token { id, .. } if id == token.id);
    let mut created = Vec::new();
    select::write_time(&mut created, &token.created);
    Ok(json!({
        "created": serde_json::from_slice::<Json>(&created).unwrap_or(Json::Null),
        "expiry": token.expiry, "id": token.id, "last_seen": token.last_seen, "name": token.name,
        "token": if whole { token.key.clone() } else { Some(token.redacted()) },
        "active": token.active(&clock::today()), "revoked": token.revoked, "user": token.user,
        "user_detail": user, "in_use": in_use,
    }))
}

/// Administrators can list the tokens of all users on request; other users only list their own.
fn visible_tokens(ctx: &mut Context<'_>) -> Result<Vec<Token>> {
    let all = ctx.caller.is_superuser() && ctx.request.param("all_users").and_then(select::truth).unwrap_or(true);
    let secret = Inventory::of(ctx.domain)?.authenticator.secret().clone();
    let user = caller_key(ctx);
    token::list(ctx.conn, &secret, if all { None } else { Some(user) })
}

static TOKENS: Action = action(Method::Get, "/api/user/tokens/", "user_tokens_list", Access::SignedIn, tokens)
    .params(&[
        ("limit", INT, "Maximum number of results per page."),
        ("offset", INT, "Number of records to skip."),
        ("ordering", TEXT, "Field to sort by. Prefix with `-` for descending order."),
        ("search", TEXT, "Tokens whose name contains this text."),
        ("revoked", BOOL, "Only tokens that are revoked (or not revoked)."),
        ("user", INT, "Only tokens of this user."),
        ("all_users", BOOL, "For administrators: include tokens of all users (default)."),
    ])
    .response(200, Shape::Page(&API_TOKEN))
    .help("API tokens, partly hidden.");

fn tokens(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let mut found = visible_tokens(ctx)?;
    let param = |name: &str| ctx.request.param(name).map(str::to_owned).filter(|v| !v.trim().is_empty());
    if let Some(revoked) = param("revoked") {
        let revoked = select::truth(&revoked).ok_or_else(|| Error::field("revoked", "Must be true or false."))?;
        found.retain(|t| t.revoked == revoked);
    }
    if let Some(user) = param("user") {
        let user: UserKey = user.parse().map_err(|_| Error::field("user", "Must be the ID of a user."))?;
        found.retain(|t| t.user == user);
    }
    if let Some(text) = param("search") {
        found.retain(|t| t.name.to_lowercase().contains(&text.to_lowercase()));
    }
    let ordering = param("ordering").unwrap_or_default();
    let (name, down) = ordering.strip_prefix('-').map_or((ordering.as_str(), false), |rest| (rest, true));
    found.sort_by_key(|t| {
        let text = match name {
            "created" => t.created.clone(),
            "expiry" => t.expiry.clone(),
            "last_seen" => t.last_seen.clone().unwrap_or_default(),
            "name" => t.name.clone(),
            "user" => format!("{:020}", t.user.id()),
            "revoked" => u8::from(t.revoked).to_string(),
            _ => String::new(),
        };
        (text, t.id)
    });
    if down {
        found.reverse();
    }
    let count = found.len() as u64;
    let page = list::page(ctx.request, ctx.limits.page);
    let (limit, offset) = page.unwrap_or((u64::MAX, 0));
    let skip = usize::try_from(offset).unwrap_or(usize::MAX);
    let take = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut rows = Vec::new();
    for token in found.iter().skip(skip).take(take) {
        rows.push(shown(ctx, token, false)?);
    }
    let rows = Json::Array(rows);
    match page {
        None => Ok(Answer::json(200, &rows)),
        Some((limit, offset)) => Ok(list::paged(ctx.request, count, limit, offset, rows.to_string().as_bytes())),
    }
}

static TOKENS_POST: Action =
    action(Method::Post, "/api/user/tokens/", "user_tokens_create", Access::SignedIn, |ctx, _| {
        let request = TokenRequest::read(ctx)?;
        let user = request.user.unwrap_or_else(|| caller_key(ctx));
        if user != caller_key(ctx) && !ctx.caller.is_superuser() {
            return Err(Error::denied());
        }
        let secret = Inventory::of(ctx.domain)?.authenticator.secret().clone();
        let made = token::create(ctx.conn, &secret, user, &request.name, request.expiry.as_deref(), None)?;
        // only now is it shown whole
        let body = shown(ctx, &made, true)?;
        Ok(Answer::json(201, &body))
    })
    .request(Shape::Object(&API_TOKEN))
    .response(201, Shape::Object(&API_TOKEN))
    .help(
        "Creates a token. Users can create tokens for themselves, administrators for anyone. The full token is shown \
        only in this response.",
    );

fn named_token(ctx: &mut Context<'_>, args: &Args) -> Result<Token> {
    let id: TokenKey = args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)?;
    visible_tokens(ctx)?.into_iter().find(|t| t.id == id).ok_or(Error::NotFound)
}

static TOKEN_GET: Action =
    action(Method::Get, "/api/user/tokens/{id}/", "user_tokens_retrieve", Access::SignedIn, |ctx, args| {
        let token = named_token(ctx, args)?;
        Ok(Answer::json(200, &shown(ctx, &token, false)?))
    })
    .params(&[("all_users", BOOL, "For administrators: include tokens of all users (default).")])
    .response(200, Shape::Object(&API_TOKEN))
    .help("An API token, partly hidden.");
static TOKEN_DELETE: Action =
    action(Method::Delete, "/api/user/tokens/{id}/", "user_tokens_destroy", Access::SignedIn, |ctx, args| {
        let token = named_token(ctx, args)?;
        token::revoke(ctx.conn, token.id)?;
        Ok(Answer::empty())
    })
    .no_content()
    .help("Revokes a token.");

static SET_PASSWORD: View = View::plain(
    "UserSetPassword",
    &[
        input("password", TEXT).required().max(4096).help("New password."),
        input("override_warning", BOOL).default("false").help("Use this password even if it is weak."),
    ],
);

request! {
    struct PasswordRequest of SET_PASSWORD {
        password: String,
        override_warning: bool,
    } without []
}

selected! {
    /// Words that a password must not resemble.
    struct Named {
        name: String = "username",
        mail: String = "email",
    }
}

fn set_password(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let user: UserKey = args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)?;
    let named = selected::first(ctx.conn, "FROM auth_user WHERE id = $1", &[user.into()])?;
    let Named { name, mail } = named.ok_or(Error::NotFound)?;
    let PasswordRequest { password: new, override_warning } = PasswordRequest::read(ctx)?;
    let weak = password::weaknesses(&new, &[&name, &mail]);
    if !weak.is_empty() && !override_warning {
        let mut fields = Fields::new();
        weak.into_iter().for_each(|message| fields.add("password", message));
        return Err(Error::Invalid(fields));
    }
    accounts::reset_password(ctx.conn, user, &password::hash(&new)?)?;
    Ok(Answer::json(200, &json!({})))
}

static PASSWORD_PUT: Action =
    action(Method::Put, "/api/user/{id}/set-password/", "user_set_password_update", Access::Superuser, set_password)
        .request(Shape::Object(&SET_PASSWORD))
        .response(200, Shape::Object(&SET_PASSWORD))
        .help("Sets the password of a user. Ends the user's sessions and revokes their tokens.");
static PASSWORD_PATCH: Action = action(
    Method::Patch,
    "/api/user/{id}/set-password/",
    "user_set_password_partial_update",
    Access::Superuser,
    set_password,
)
.request(Shape::Object(&SET_PASSWORD))
.response(200, Shape::Object(&SET_PASSWORD))
.help("Sets the password of a user. Ends the user's sessions and revokes their tokens.");
