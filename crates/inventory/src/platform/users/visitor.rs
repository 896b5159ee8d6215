//! The caller of a request.

use std::any::Any;
use std::sync::Arc;

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Caller, Permission};
use ironwood_rest::http::Request;
use ironwood_store::{Database, Stamp};

use super::permission::User;
use super::session;
use super::signin::{self, Authenticator, Credential, SignInMethod, SignedIn};

/// The caller of a request: a signed-in user or an anonymous client.
#[derive(Debug, Clone)]
pub struct Visitor(pub Option<SignedIn>);

impl Visitor {
    /// The signed-in user.
    pub fn user(&self) -> Option<&User> {
        self.0.as_ref().map(|s| &s.user)
    }

    /// The user behind a caller.
    ///
    /// # Errors
    /// 401 where no one is signed in.
    pub fn of(caller: &dyn Caller) -> Result<&SignedIn> {
        caller
            .as_any()
            .downcast_ref::<Visitor>()
            .and_then(|v| v.0.as_ref())
            .ok_or_else(|| Error::Unauthenticated("Sign in to continue.".into()))
    }

    /// Who sent a request with the same credential before, and the stamp for which that holds. `None` where it has to be
    /// found out ([`Visitor::behind`]).
    pub fn remembered(request: &Request, authenticator: &Authenticator) -> Option<(Visitor, Stamp)> {
        let shown = &request.presented;
        let credential = match shown.authorization.as_deref().map(Credential::from_header) {
            Some(read) => read.ok()?,
            None => None,
        };
        let session = || shown.cookie(session::COOKIE).map(|id| Credential::Session(id.to_owned()));
        let credential = credential.or_else(session)?;
        let (signed_in, stamp) = authenticator.remembered(&credential)?;
        Some((Visitor(Some(signed_in)), stamp))
    }

    /// Who sends a request: `Authorization` first, then the session cookie, with which a change has to prove
    /// that it comes from a page of this site or of a trusted one.
    ///
    /// # Errors
    /// 401 for credentials that do not hold, 403 for a change that does not prove it.
    pub fn behind(
        request: &Request,
        db: &Database,
        authenticator: &Arc<Authenticator>,
        trusted_origins: &[String],
    ) -> Result<Visitor> {
        let shown = &request.presented;
        let credential = match shown.authorization.as_deref().map(Credential::from_header) {
            Some(read) => read.inspect_err(|error| signin::log_failure(None, request.remote, error))?,
            None => None,
        };
        if let Some(credential) = credential {
            return authenticator.authenticate(db, &credential, request.remote).map(Some).map(Visitor);
        }
        let session = shown.cookie(session::COOKIE).map(|id| Credential::Session(id.to_owned()));
        let known = match session.map(|session| authenticator.authenticate(db, &session, request.remote)) {
            Some(Ok(known)) => known,
            Some(Err(error)) if !matches!(error, Error::Unauthenticated(_)) => return Err(error),
            // an ended session is as good as none
            _ => {
                // nor may a page of another site sign someone in
                if !request.method.safe() {
                    check_origin(request, trusted_origins)?;
                }
                return Ok(Visitor(None));
            }
        };
        if let SignInMethod::Session { csrf, .. } = &known.way
            && !request.method.safe()
        {
            let cookie = shown.cookie(session::CSRF_COOKIE);
            if !session::csrf_holds(authenticator.secret(), csrf, cookie, shown.csrf.as_deref()) {
                return Err(Error::Denied("The CSRF token is missing or wrong.".into()));
            }
            check_origin(request, trusted_origins)?;
        }
        Ok(Visitor(Some(known)))
    }
}

impl Caller for Visitor {
    fn id(&self) -> Option<i64> {
        self.user().map(|user| user.id.id())
    }
    fn is_staff(&self) -> bool {
        self.user().is_some_and(|u| u.is_active && u.is_staff)
    }
    fn is_superuser(&self) -> bool {
        self.user().is_some_and(|u| u.is_active && u.is_superuser)
    }
    fn may(&self, table: &str, permission: Permission) -> bool {
        self.user().is_some_and(|u| u.may_table(table, permission))
    }
    fn sees(&self, table: &str) -> bool {
        self.user().is_some_and(|u| u.sees(table))
    }
    fn sees_private(&self, table: &str) -> bool {
        self.user().is_some_and(|u| u.sees_private(table))
    }
    fn rights(&self) -> Option<Vec<u8>> {
        let user = self.user()?;
        let flags = [user.is_active, user.is_staff, user.is_superuser].map(u8::from);
        Some([flags.as_slice(), user.rights.bytes()].concat())
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A browser says from which page a change comes: it must be one of this site or a trusted one.
fn check_origin(request: &Request, trusted: &[String]) -> Result<()> {
    let Some(origin) = request.presented.origin.as_deref() else { return Ok(()) };
    let same = |base: &str| origin == base || origin.strip_prefix(base).is_some_and(|rest| rest.starts_with('/'));
    // without the path below which the server may be
    let base = &request.base_url;
    let path = base.find("://").and_then(|at| base[at + 3..].find('/').map(|length| at + 3 + length));
    // `*` lets pages read answers; it trusts none
    if same(&base[..path.unwrap_or(base.len())]) || trusted.iter().any(|known| known != "*" && same(known)) {
        Ok(())
    } else {
        Err(Error::Denied("Requests from this origin are not allowed.".into()))
    }
}
