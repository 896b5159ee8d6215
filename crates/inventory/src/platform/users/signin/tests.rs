use super::super::accounts::{self, create_group, set_groups, set_password};
use super::super::permission::{Permission, Ruleset};
use super::super::testing::{Temporary, grant, person};
use super::*;
use crate::testing::on_each_server;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
/// `correct horse`, weakly hashed.
const OLD: &str = "pbkdf2_sha256$1000$salt-of-1$d9MncPiINwnh0KuIzKFOYFtVKi3uRnglNqjJZP131t0=";

fn authenticator() -> Arc<Authenticator> {
    let limits = Limits { account: 3, address: 30, window: Duration::from_secs(60) };
    Arc::new(Authenticator::new(Arc::new(Secret::ephemeral().unwrap()), limits))
}

fn basic(name: &str, password: &str) -> Credential {
    Credential::Basic { name: name.into(), password: password.into() }
}

fn status<T: fmt::Debug>(result: Result<T>) -> u16 {
    result.unwrap_err().status()
}

fn hash_of(db: &Database, name: &'static str) -> String {
    let sql = "SELECT password FROM auth_user WHERE username = $1";
    db.read(move |c| Ok(c.one(sql, &[name.into()])?.unwrap().text(0).to_owned())).unwrap()
}

#[test]
fn headers_are_read() {
    let read = |h: &str| Credential::from_header(h);
    assert_eq!(read("Basic YW5uOnBhOnNz").unwrap(), Some(basic("ann", "pa:ss")));
    assert_eq!(read("basic  YW5uOg==").unwrap(), Some(basic("ann", "")));
    assert_eq!(read("Basic YW5uOvw=").unwrap(), Some(basic("ann", "ü")), "Latin-1");
    for header in ["Token inv-1", "Bearer inv-1", "bearer inv-1 "] {
        assert_eq!(read(header).unwrap(), Some(Credential::Token("inv-1".into())));
    }
    assert_eq!(read("Digest x").unwrap(), None);
    for bad in ["Basic", "Basic !", "Basic YW5u", "Token", "Token a b"] {
        assert_eq!(status(read(bad)), 401, "{bad}");
    }
    assert!(!format!("{:?}", basic("ann", "geheim")).contains("geheim"));
}

#[test]
fn a_password_is_hashed_once_and_its_change_is_seen_at_once() {
    let (t, authenticator) = (Temporary::new(), authenticator());
    let ann = t.db.write(&crate::testing::origin(), |c| Ok(person(c, "ann", OLD))).unwrap();
    assert_eq!(status(authenticator.authenticate(&t.db, &basic("ann", "wrong"), HERE)), 401);
    let done = authenticator.authenticate(&t.db, &basic("ann", "correct horse"), HERE).unwrap();
    assert_eq!((done.user.id, done.way), (ann, SignInMethod::Password));
    // The old hash was renewed, and the new one is known to match.
    assert!(hash_of(&t.db, "ann").starts_with("argon2$argon2id$"));
    let g = authenticator.clone();
    let statements = t.db.read(move |c| {
        let before = c.statements();
        let step = g.identify(c, &basic("ann", "correct horse"), HERE)?;
        assert!(matches!(step, Step::Done(_)));
        Ok(c.statements() - before)
    });
    assert_eq!(statements, Ok(1));

    let new = password::hash("another one").unwrap();
    t.db.write(&crate::testing::origin(), move |c| set_password(c, ann, &new, None)).unwrap();
    assert_eq!(status(authenticator.authenticate(&t.db, &basic("ann", "correct horse"), HERE)), 401);
    authenticator.authenticate(&t.db, &basic("ann", "another one"), HERE).unwrap();
    t.db.write(&crate::testing::origin(), |c| c.execute("UPDATE auth_user SET is_active = FALSE", &[])).unwrap();
    assert_eq!(status(authenticator.authenticate(&t.db, &basic("ann", "another one"), HERE)), 401);
}

#[test]
fn names_that_nobody_has_are_refused_alike() {
    let (t, authenticator) = (Temporary::new(), authenticator());
    assert_eq!(status(authenticator.authenticate(&t.db, &basic("ann", "x"), HERE)), 401, "no users at all");
    t.db.write(&crate::testing::origin(), |c| Ok((person(c, "ann", OLD), person(c, "eve", "!")))).unwrap();
    let refusal = |name: &str| authenticator.authenticate(&t.db, &basic(name, "x"), HERE).unwrap_err();
    let expected = refusal("ann");
    for name in ["", "nobody", "nul\0", "eve", &"x".repeat(10_000)] {
        assert_eq!(refusal(name), expected);
    }
    // Unknown names cost the work of someone's hash.
    let g = authenticator.clone();
    let step = t.db.read(move |c| g.identify(c, &basic("nobody", "x"), HERE)).unwrap();
    assert!(matches!(step, Step::Check(check) if check.stored.is_none() && check.stand_in == OLD));
}

#[test]
fn guessing_is_slowed_down_but_nobody_is_locked_out_of_his_work() {
    let (t, authenticator) = (Temporary::new(), authenticator());
    t.db.write(&crate::testing::origin(), |c| Ok(person(c, "ann", OLD))).unwrap();
    let try_ = |name: &str, password: &str| authenticator.authenticate(&t.db, &basic(name, password), HERE);
    for name in ["ann", "nobody"] {
        for i in 0..3 {
            assert_eq!(status(try_(name, &format!("guess {i}"))), 401);
        }
        assert_eq!(status(try_(name, "correct horse")), 429, "{name}");
    }
    // From now on the right password is known, and failures of others do not matter.
    authenticator.failures.succeeded("ann", HERE);
    t.db.write(&crate::testing::origin(), |c| c.execute("DELETE FROM ironwood_meta", &[])).unwrap();
    try_("ann", "correct horse").unwrap();
    for i in 0..9 {
        try_("ann", &format!("guess {i}")).unwrap_err();
    }
    try_("ann", "correct horse").unwrap();
}

#[test]
fn failures_count_after_a_restart_and_on_other_servers() {
    on_each_server(|server| {
        let db = server.app.db();
        let secret = Arc::new(Secret::ephemeral().unwrap());
        let limits = Limits { account: 3, address: 30, window: Duration::from_secs(60) };
        let server = || Arc::new(Authenticator::new(secret.clone(), limits));
        db.write(&crate::testing::origin(), |c| Ok(person(c, "ann", OLD))).unwrap();
        let guess = |authenticator: &Arc<Authenticator>, password: &str| {
            authenticator.authenticate(db, &basic("ann", password), HERE)
        };
        let (one, other) = (server(), server());
        assert_eq!(status(guess(&one, "a")), 401);
        assert_eq!(status(guess(&other, "b")), 401);
        assert_eq!(status(guess(&server(), "c")), 401);
        let refused = guess(&server(), "correct horse").unwrap_err();
        assert!(matches!(refused, Error::TooMany(1..=60)), "{refused:?}");
        let stored = "SELECT value FROM ironwood_meta WHERE name LIKE 'signin/%' ORDER BY value";
        let rows = db.read(move |c| c.rows(stored, &[])).unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.text(0).ends_with(" 3")), "{rows:?}");
        // what a clock that was ahead wrote, and what is over, does not count
        for seconds in [3_600, -61] {
            let since = clock::seconds_from_now(seconds);
            db.write(&crate::testing::origin(), move |c| {
                let value = format!("{since} 3");
                c.execute("UPDATE ironwood_meta SET value = $1 WHERE name LIKE 'signin/%'", &[value.into()])
            })
            .unwrap();
            guess(&server(), "correct horse").unwrap();
        }
        // a success forgets the account, and writes nothing where there was nothing
        db.write(&crate::testing::origin(), |c| c.execute("DELETE FROM ironwood_meta", &[])).unwrap();
        assert_eq!(status(guess(&server(), "a")), 401);
        guess(&server(), "correct horse").unwrap();
        let rows = db.read(move |c| c.rows(stored, &[])).unwrap();
        assert_eq!(rows.len(), 1, "the address alone");
    });
}

#[test]
fn many_at_once_with_one_password_are_one_attempt() {
    let (t, authenticator) = (Temporary::new(), authenticator());
    t.db.write(&crate::testing::origin(), |c| Ok(person(c, "ann", OLD))).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| authenticator.authenticate(&t.db, &basic("ann", "correct horse"), HERE).unwrap());
        }
    });
}

#[test]
fn tokens_sign_in_until_they_end() {
    let (t, authenticator) = (Temporary::new(), authenticator());
    let g = authenticator.clone();
    let token = t.db.write(&crate::testing::origin(), move |c| {
        let ann = person(c, "ann", "!");
        let group = create_group(c, "stock")?;
        grant(c, group, Ruleset::Stock, Permission::View);
        set_groups(c, ann, &[group])?;
        token::create(c, &g.secret, ann, "t", None, None)
    });
    let token = token.unwrap();
    let credential = Credential::Token(token.key.clone().unwrap());
    let sign_in = || authenticator.authenticate(&t.db, &credential, HERE);
    let done = sign_in().unwrap();
    assert_eq!(
        (done.way, done.unseen),
        (SignInMethod::Token { id: token.id, name: token.name.clone() }, Some(Used::Token(token.id)))
    );
    assert!(done.user.may_table("stock_stockitem", Permission::View));
    let g = authenticator.clone();
    let held = t.db.read(move |c| token::list(c, &g.secret, None)).unwrap();
    assert_eq!(held[0].last_seen, Some(clock::today()));
    assert_eq!(sign_in().unwrap().unseen, None);

    t.db.write(&crate::testing::origin(), |c| {
        c.execute("UPDATE users_apitoken SET expiry = $1", &[clock::today().into()])
    })
    .unwrap();
    sign_in().unwrap();
    let yesterday = clock::days_from_today(-1);
    t.db.write(&crate::testing::origin(), move |c| {
        c.execute("UPDATE users_apitoken SET expiry = $1", &[yesterday.as_str().into()])
    })
    .unwrap();
    assert_eq!(status(sign_in()), 401);
    t.db.write(&crate::testing::origin(), |c| {
        c.execute("UPDATE users_apitoken SET expiry = '2999-01-01', revoked = TRUE", &[])
    })
    .unwrap();
    assert_eq!(status(sign_in()), 401);
    assert_eq!(status(authenticator.authenticate(&t.db, &Credential::Token("inv-x".into()), HERE)), 401);
}

#[test]
fn sessions_sign_in_until_they_end() {
    let (t, authenticator) = (Temporary::new(), authenticator());
    t.db.write(&crate::testing::origin(), |c| Ok(person(c, "ann", OLD))).unwrap();
    assert_eq!(
        status(
            authenticator.log_in(&t.db, "ann", "wrong", Browser::default(), Origin::request(HERE), HERE).map(|_| ())
        ),
        401
    );
    let (user, session) = authenticator
        .log_in(&t.db, "ann", "correct horse", Browser { agent: "Browser", session: None }, Origin::request(HERE), HERE)
        .unwrap();
    let credential = Credential::Session(session.key.clone());
    let sign_in = || authenticator.authenticate(&t.db, &credential, HERE);
    let done = sign_in().unwrap();
    assert_eq!(
        (done.user.id, done.way),
        (user.id, SignInMethod::Session { id: session.id, csrf: session.csrf.clone() })
    );
    let listed = t.db.read(accounts::list_users).unwrap();
    assert!(listed[0].last_login.as_deref().unwrap().starts_with(&clock::today()));
    t.db.write(&crate::testing::origin(), |c| c.execute("UPDATE auth_user SET is_active = FALSE", &[])).unwrap();
    assert_eq!(status(sign_in()), 401);
    t.db.write(&crate::testing::origin(), |c| c.execute("UPDATE auth_user SET is_active = TRUE", &[])).unwrap();
    sign_in().unwrap();
    let now = clock::now();
    t.db.write(&crate::testing::origin(), move |c| {
        c.execute("UPDATE ironwood_session SET expires = $1", &[now.as_str().into()])
    })
    .unwrap();
    assert_eq!(status(sign_in()), 401);
}

#[test]
fn signing_in_again_ends_the_session_that_the_browser_had() {
    let (t, authenticator) = (Temporary::new(), authenticator());
    t.db.write(&crate::testing::origin(), |c| Ok(person(c, "ann", OLD))).unwrap();
    let log_in = |session| {
        let browser = Browser { agent: "", session };
        authenticator.log_in(&t.db, "ann", "correct horse", browser, Origin::request(HERE), HERE).unwrap().1.key
    };
    let holds = |key: &str| authenticator.authenticate(&t.db, &Credential::Session(key.to_owned()), HERE).is_ok();
    let (first, other) = (log_in(None), log_in(None));
    assert!(holds(&first) && holds(&other), "another browser has a session of its own");
    let second = log_in(Some(&first));
    assert!(!holds(&first) && holds(&second) && holds(&other));
    assert!(
        authenticator
            .log_in(&t.db, "ann", "wrong", Browser { agent: "", session: Some(&second) }, Origin::request(HERE), HERE)
            .is_err()
    );
    assert!(holds(&second), "a refused sign-in ends nothing");
}
