//! Users and tokens.

use std::io::{BufRead, IsTerminal};

use ironwood_base::{Error, Result};
use ironwood_inventory::platform::users::{accounts, password, token};
use ironwood_store::{Access, Origin};

use super::{OpenDatabase, archive, failed, open};
use crate::cli::{DatabaseArgs, Token, User};

fn given_or_read(password: Option<String>) -> Result<String> {
    if let Some(password) = password {
        return Ok(password);
    }
    if std::io::stdin().is_terminal() {
        eprintln!("Password:");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|e| failed("cannot read the password", e))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn hash(password: &str, name: &str) -> Result<String> {
    let weak = password::weaknesses(password, &[name]);
    if !weak.is_empty() {
        eprintln!("warning: {}", weak.join(" "));
    }
    password::hash(password)
}

/// The command `user`.
pub(super) fn user(command: User) -> Result<()> {
    match command {
        User::Add { name, password, email, superuser, staff, place } => {
            let hash = hash(&given_or_read(password)?, &name)?;
            let app = open(&place, Access::Existing)?;
            let new = accounts::NewUser {
                username: name.clone(),
                hash,
                email,
                is_staff: staff || superuser,
                is_superuser: superuser,
                ..Default::default()
            };
            app.db().write(&Origin::command("user add"), move |conn| accounts::create_user(conn, &new))?;
            println!("user {name} added");
        }
        User::List { place } => {
            let app = open(&place, Access::ReadOnly)?;
            for user in app.db().read(accounts::list_users)? {
                let rank = match (user.is_superuser, user.is_staff) {
                    (true, _) => "superuser",
                    (false, true) => "staff",
                    (false, false) => "user",
                };
                let active = if user.is_active { "active" } else { "inactive" };
                println!(
                    "{}\t{}\t{rank}, {active}\t{}\t{}",
                    user.id,
                    user.username,
                    user.email,
                    user.groups.join(", ")
                );
            }
        }
        User::Password { name, password, place } => {
            let hash = hash(&given_or_read(password)?, &name)?;
            let app = open(&place, Access::Existing)?;
            let shown = name.clone();
            app.db().write(&Origin::command("user password"), move |conn| {
                let user = accounts::find_user(conn, &name)?.ok_or_else(|| no_user(&name))?;
                accounts::reset_password(conn, user, &hash)
            })?;
            println!("password of {shown} changed");
        }
    }
    Ok(())
}

fn no_user(name: &str) -> Error {
    Error::Internal(format!("user {name} does not exist"))
}

/// Opens a database whose tokens are to be read or made, which takes the server's key.
fn open_with_key(place: &DatabaseArgs, access: Access) -> Result<OpenDatabase> {
    let app = open(place, access)?;
    match archive::key_file(place)? {
        Some(file) if !file.exists() => Err(Error::Internal(format!(
            "the secret key file {} does not exist: specify the file with --secret-key-file",
            file.display()
        ))),
        _ => Ok(app),
    }
}

/// The command `token`.
pub(super) fn token(command: Token) -> Result<()> {
    match command {
        Token::Create { user, name, place } => {
            let app = open_with_key(&place, Access::Existing)?;
            let secret = app.inventory().authenticator.secret().clone();
            let made = app.db().write(&Origin::command("token create"), move |conn| {
                let id = accounts::find_user(conn, &user)?.ok_or_else(|| no_user(&user))?;
                token::create(conn, &secret, id, &name, None, None)
            })?;
            println!("{}", made.key.unwrap_or_default());
        }
        Token::List { user, place } => {
            let app = open_with_key(&place, Access::ReadOnly)?;
            let secret = app.inventory().authenticator.secret().clone();
            let tokens = app.db().read(move |conn| {
                let id = match &user {
                    Some(name) => Some(accounts::find_user(conn, name)?.ok_or_else(|| no_user(name))?),
                    None => None,
                };
                token::list(conn, &secret, id)
            })?;
            for t in tokens {
                let state = if t.revoked { "revoked" } else { "valid" };
                println!("{}\t{}\tuser {}\t{}\t{state}, until {}", t.id, t.redacted(), t.user, t.name, t.expiry);
            }
        }
        Token::Revoke { token: text, place } => {
            let app = open_with_key(&place, Access::Existing)?;
            let secret = app.inventory().authenticator.secret().clone();
            let ended = app.db().write(&Origin::command("token revoke"), move |conn| match text.parse() {
                Ok(id) => token::revoke(conn, id),
                Err(_) => token::revoke_key(conn, &secret, &text),
            })?;
            if !ended {
                return Err(Error::Internal("this token does not exist".into()));
            }
            println!("token revoked");
        }
    }
    Ok(())
}
