//! The browser's way in: sessions, as the headless authentication API of the web front end expects.

use ironwood_base::{Error, Result};
use ironwood_rest::http::{Answer, Body, FormValue, Method};
use ironwood_rest::resource::{Access, Action, Args, Outside, Shape, free_action};
use ironwood_rest::select::truth;
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, input, value};
use serde_json::{Value as Json, json};

use super::permission::User;
use super::session::{self, Session};
use super::signin::{Browser, SignInMethod};
use super::{account, accounts, password, token};
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::platform::state::{Inventory, origin};
use crate::platform::users::visitor::Visitor;

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[
    &CONFIG,
    &SESSION_GET,
    &SESSION_DELETE,
    &LOGIN,
    &CHANGE_PASSWORD,
    &AUTH,
    &account::EMAIL,
    &account::AUTHENTICATORS,
    &account::PROVIDERS,
    &account::SESSIONS,
];

/// An answer without a word on who is signed in.
pub(super) static STATE: View =
    View::plain("AuthState", &[value("status", INT), value("data", Type::Any), value("meta", Type::Any)]);
static LOGIN_VIEW: View = View::plain(
    "Login",
    &[input("username", TEXT).max(150), input("email", TEXT).max(254), input("password", TEXT).required().max(4096)],
);
static PASSWORDS: View = View::plain(
    "ChangePassword",
    &[
        input("current_password", TEXT).max(4096),
        input("new_password", TEXT).required().max(4096),
        input("end_tokens", BOOL).default("false").help("Revoke all API tokens of the user as well."),
    ],
);

static CONFIG: Action =
    free_action(Method::Get, "/api/auth/v1/config", "auth_config_retrieve", Access::Public, |outside, _| {
        let settings = Inventory::of(outside.domain)?.db.read(Settings::load)?;
        Ok(Answer::json(
            200,
            &json!({
                "status": 200,
                "data": {
                    "account": {
                        "login_methods": ["username"],
                        "is_open_for_signup": settings.bool(keys::LOGIN_ENABLE_REG),
                        "email_verification_by_code_enabled": false,
                        "login_by_code_enabled": false,
                        "password_reset_by_code_enabled": false,
                    },
                    "mfa": {"supported_types": [], "passkey_login_enabled": false},
                    "socialaccount": {"providers": []},
                    "usersessions": {"track_activity": false},
                },
            }),
        ))
    })
    .response(200, Shape::Object(&account::DATA))
    .help("Available sign-in methods.");

fn known(user: &User) -> Json {
    json!({
        "status": 200,
        "data": {
            "user": {
                "id": user.id, "display": user.full_name(), "has_usable_password": true, "email": user.email,
                "username": user.username,
            },
            "methods": [{"method": "password", "username": user.username}],
        },
        "meta": {"is_authenticated": true},
    })
}

fn unknown() -> Answer {
    let body = json!({
        "status": 401,
        "data": {"flows": [{"id": "login"}]},
        "meta": {"is_authenticated": false},
    });
    Answer::json(401, &body)
}

fn cookies(answer: Answer, outside: &Outside<'_>, session: &Session) -> Result<Answer> {
    let secret = Inventory::of(outside.domain)?.authenticator.secret().clone();
    let secure = if outside.request.base_url.starts_with("https://") { "; Secure" } else { "" };
    let age = session::DAYS * 86_400;
    let csrf = session::csrf_token(&secret, &session.csrf)?;
    Ok(answer
        .header(
            "Set-Cookie",
            format!("{}={}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}", session::COOKIE, session.key),
        )
        .header("Set-Cookie", format!("{}={csrf}; Path=/; Max-Age={age}; SameSite=Lax{secure}", session::CSRF_COOKIE)))
}

static SESSION_GET: Action =
    free_action(Method::Get, "/api/auth/v1/auth/session", "auth_session_retrieve", Access::Public, |outside, _| {
        Ok(Visitor::of(outside.caller).map_or_else(|_| unknown(), |s| Answer::json(200, &known(&s.user))))
    })
    .response(200, Shape::Object(&STATE))
    .help("The signed-in user, or status 401.");

static SESSION_DELETE: Action =
    free_action(Method::Delete, "/api/auth/v1/auth/session", "auth_session_destroy", Access::Public, |outside, _| {
        if let Ok(signed_in) = Visitor::of(outside.caller)
            && let SignInMethod::Session { id, .. } = signed_in.way
        {
            Inventory::behind(outside)?.write(move |conn| session::end(conn, id))?;
        }
        Ok(unknown()
            .header("Set-Cookie", format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax", session::COOKIE))
            .header("Set-Cookie", format!("{}=; Path=/; Max-Age=0; SameSite=Lax", session::CSRF_COOKIE)))
    })
    .help("Signs out. The response has status 401, because no user is signed in anymore.");

fn field(body: &Body, name: &str) -> String {
    match body {
        Body::Json(json) => json.get(name).and_then(Json::as_str).unwrap_or_default().to_owned(),
        Body::Form(fields) => fields
            .iter()
            .find_map(|(n, v)| match v {
                FormValue::Text(text) if n == name => Some(text.clone()),
                _ => None,
            })
            .unwrap_or_default(),
        Body::Empty => String::new(),
    }
}

fn says(body: &Body, name: &str) -> bool {
    match body {
        Body::Json(json) if json.get(name).is_some_and(Json::is_boolean) => json[name] == Json::Bool(true),
        body => truth(&field(body, name)).unwrap_or(false),
    }
}

fn refused(param: &str, code: &str, message: &str) -> Answer {
    Answer::json(400, &json!({"status": 400, "errors": [{"message": message, "code": code, "param": param}]}))
}

static LOGIN: Action = free_action(Method::Post, "/api/auth/v1/auth/login", "auth_login_create", Access::Public, login)
    .request(Shape::Object(&LOGIN_VIEW))
    .response(200, Shape::Object(&STATE))
    .help("Signs in with user name and password. Sets the session cookie and the CSRF cookie.");

fn login(outside: &Outside<'_>, _: &Args) -> Result<Answer> {
    let body = &outside.request.body;
    let (mut name, given) = (field(body, "username"), field(body, "password"));
    let inventory = Inventory::of(outside.domain)?;
    if name.is_empty() {
        name = field(body, "email");
    }
    if name.is_empty() || given.is_empty() {
        return Ok(refused(
            if name.is_empty() { "username" } else { "password" },
            "required",
            "This field is required.",
        ));
    }
    let request = outside.request;
    let browser = Browser { agent: &request.presented.user_agent, session: request.presented.cookie(session::COOKIE) };
    let from = origin(request, outside.caller).details().clone();
    match inventory.authenticator.log_in(&inventory.db, &name, &given, browser, from, request.remote) {
        Ok((user, session)) => cookies(Answer::json(200, &known(&user)), outside, &session),
        Err(Error::Unauthenticated(message)) => Ok(refused("password", "username_password_mismatch", &message)),
        Err(other) => Err(other),
    }
}

static CHANGE_PASSWORD: Action = free_action(
    Method::Post,
    "/api/auth/v1/account/password/change",
    "auth_account_password_change_create",
    Access::SignedIn,
    change_password,
)
.request(Shape::Object(&PASSWORDS))
.response(200, Shape::Object(&STATE))
.help("Changes your own password. Ends all other sessions and, with `end_tokens`, revokes all API tokens.");

fn change_password(outside: &Outside<'_>, _: &Args) -> Result<Answer> {
    let signed_in = Visitor::of(outside.caller)?;
    let inventory = Inventory::of(outside.domain)?;
    let body = &outside.request.body;
    let (current, new) = (field(body, "current_password"), field(body, "new_password"));
    let user = signed_in.user.clone();
    let id = user.id;
    let stored = inventory.db.read(move |conn| {
        Ok(conn.one("SELECT password FROM auth_user WHERE id = $1", &[id.into()])?.map(|row| row.text(0).to_owned()))
    })?;
    let address = outside.request.remote;
    match inventory.authenticator.check_password(&user, &current, stored.unwrap_or_default(), address) {
        Err(Error::Unauthenticated(_)) => {
            return Ok(refused("current_password", "enter_current_password", "Current password is wrong."));
        }
        checked => checked?,
    }
    let weak = password::weaknesses(&new, &[&user.username, &user.email]);
    if !weak.is_empty() {
        let fault = |message| json!({"message": message, "code": "password_too_weak", "param": "new_password"});
        let errors: Vec<Json> = weak.into_iter().map(fault).collect();
        return Ok(Answer::json(400, &json!({"status": 400, "errors": errors})));
    }
    let hash = password::hash(&new)?;
    let keep = match signed_in.way {
        SignInMethod::Session { id, .. } => Some(id),
        _ => None,
    };
    let end_tokens = says(body, "end_tokens");
    Inventory::behind(outside)?.write(move |conn| {
        accounts::set_password(conn, id, &hash, keep)?;
        if end_tokens { token::revoke_all(conn, id) } else { Ok(()) }
    })?;
    Ok(Answer::json(200, &known(&user)))
}

static AUTH: Action = free_action(Method::Get, "/auth/", "auth_retrieve", Access::SignedIn, |outside, _| {
    let user = &Visitor::of(outside.caller)?.user;
    Ok(Answer::json(200, &json!({"user": user.username})))
})
.response(200, Shape::Any)
.help("Returns status 200 if a user is signed in. For reverse proxies that check authentication.");
