//! Limits on failed sign-ins, by account and by address.
//!
//! Counts are kept in the memory of this process, for a bounded number of accounts and addresses, where
//! they hold attempts that come at once apart; and in the database ([`Shared`]), where they outlive a
//! restart and hold for all servers. The database is read before a password is hashed and written after a
//! wrong one: a sign-in that succeeds writes nothing. Only passwords are limited. What is already proven (a
//! session, a token, a password that was verified a moment ago) goes on working while an account is
//! locked, so that an attacker who guesses passwords cannot lock users out of their accounts.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ironwood_base::{Error, clock, error::Result};
use ironwood_store::Connection;
use moka::sync::Cache;

use super::secret::Secret;

/// How many wrong passwords are taken before there is a pause.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one user name.
    pub account: u32,
    /// From one address (a network of 64 bits for IPv6).
    pub address: u32,
    /// Counted from the first wrong one; afterwards everything is forgotten.
    pub window: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { account: 10, address: 100, window: Duration::from_secs(300) }
    }
}

/// Accounts and addresses that are remembered.
const REMEMBERED: u64 = 20_000;

#[derive(Clone, Copy)]
struct Tries {
    since: Instant,
    count: u32,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum FailureKey {
    Account(String),
    Address(IpAddr),
}

/// Counts of wrong passwords.
pub(crate) struct Failures {
    limits: Limits,
    tries: Cache<FailureKey, Arc<Mutex<Tries>>>,
}

impl Failures {
    pub(crate) fn new(limits: Limits) -> Self {
        Failures { limits, tries: Cache::builder().max_capacity(REMEMBERED).time_to_idle(limits.window).build() }
    }

    /// The counts of this account and address in the database.
    pub(crate) fn shared(&self, secret: &Secret, account: &str, address: IpAddr) -> Shared {
        Shared::of(secret, account, address, self.limits)
    }

    /// Counts an attempt as failed before it is made, so that many at once cannot pass the limit.
    ///
    /// # Errors
    /// 429 with the seconds to wait, where there were too many.
    pub(crate) fn count(&self, account: &str, address: IpAddr) -> Result<()> {
        self.one(FailureKey::Address(network(address)), self.limits.address)?;
        self.one(FailureKey::Account(account.to_owned()), self.limits.account)
    }

    /// Takes the attempt back that turned out right, and forgets the account's failures.
    pub(crate) fn succeeded(&self, account: &str, address: IpAddr) {
        self.tries.invalidate(&FailureKey::Account(account.to_owned()));
        if let Some(tries) = self.tries.get(&FailureKey::Address(network(address))) {
            let mut tries = tries.lock().unwrap_or_else(|e| e.into_inner());
            tries.count = tries.count.saturating_sub(1);
        }
    }

    fn one(&self, who: FailureKey, limit: u32) -> Result<()> {
        let now = Instant::now();
        let tries = self.tries.get_with(who, || Arc::new(Mutex::new(Tries { since: now, count: 0 })));
        let mut tries = tries.lock().unwrap_or_else(|e| e.into_inner());
        let passed = now.saturating_duration_since(tries.since);
        if passed >= self.limits.window {
            *tries = Tries { since: now, count: 0 };
        } else if tries.count >= limit {
            return Err(Error::TooMany((self.limits.window - passed).as_secs() + 1));
        }
        tries.count += 1;
        Ok(())
    }
}

/// Names of counts in `ironwood_meta` begin so. What follows is a keyed hash: a name may be a password that
/// was typed into the wrong field.
const STORED: &str = "signin/";

/// The counts of one account and one address in the database.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    account: String,
    address: String,
    limits: Limits,
}

/// A count in the database: the moment of its first failure, and the number of them.
struct Stored {
    since: String,
    count: u32,
}

impl Shared {
    /// Where failures of this account from this address are counted.
    pub(crate) fn of(secret: &Secret, account: &str, address: IpAddr, limits: Limits) -> Self {
        let name = |kind: &str, text: &str| format!("{STORED}{}", secret.session_hash(&format!("{kind}/{text}")));
        Shared { account: name("account", account), address: name("address", &network(address).to_string()), limits }
    }

    /// Whether another try may be made; true where the account has failures that a success will
    /// forget.
    ///
    /// # Errors
    /// 429 with the seconds to wait, where there were too many.
    pub(crate) fn check(&self, conn: &mut Connection) -> Result<bool> {
        let mut has_failed = false;
        for (name, limit) in [(&self.address, self.limits.address), (&self.account, self.limits.account)] {
            let Some(stored) = self.read(conn, name)? else { continue };
            has_failed |= name == &self.account;
            if stored.count >= limit {
                let passed = clock::seconds_since(&stored.since).unwrap_or(0).max(0).unsigned_abs();
                return Err(Error::TooMany(self.limits.window.as_secs().saturating_sub(passed).max(1)));
            }
        }
        Ok(has_failed)
    }

    /// Counts a wrong password.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn failed(&self, conn: &mut Connection) -> Result<()> {
        for name in [&self.address, &self.account] {
            let (since, count) = match self.read(conn, name)? {
                Some(stored) => (stored.since, stored.count.saturating_add(1)),
                None => (clock::now(), 1),
            };
            let sql = "INSERT INTO ironwood_meta (name, value) VALUES ($1, $2) \
                       ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            conn.execute(sql, &[name.as_str().into(), format!("{since} {count}").into()])?;
        }
        Ok(())
    }

    /// Forgets the failures of the account.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn succeeded(&self, conn: &mut Connection) -> Result<()> {
        conn.execute("DELETE FROM ironwood_meta WHERE name = $1", &[self.account.as_str().into()])?;
        Ok(())
    }

    /// A count whose time has not run out. A moment yet to come is that of a clock which ran ahead.
    fn read(&self, conn: &mut Connection, name: &str) -> Result<Option<Stored>> {
        let row = conn.one("SELECT value FROM ironwood_meta WHERE name = $1", &[name.into()])?;
        let Some((since, count)) = row.as_ref().and_then(|row| row.text(0).split_once(' ')) else { return Ok(None) };
        let Some(passed) = clock::seconds_since(since) else { return Ok(None) };
        let window = i64::try_from(self.limits.window.as_secs()).unwrap_or(i64::MAX);
        let counts = (-SKEW..window.max(1)).contains(&passed);
        Ok(counts.then(|| Stored { since: since.to_owned(), count: count.parse().unwrap_or(0) }))
    }
}

/// Seconds by which the clocks of two servers may differ.
const SKEW: i64 = 60;

/// Removes counts from the database whose time has run out.
///
/// # Errors
/// Those of the database.
pub(crate) fn clean(conn: &mut Connection) -> Result<()> {
    // values begin with a moment of fixed width
    let sql = "DELETE FROM ironwood_meta WHERE name LIKE $1 AND (value < $2 OR value > $3)";
    let (before, after) = (clock::seconds_from_now(-24 * 60 * 60), clock::seconds_from_now(24 * 60 * 60));
    conn.execute(sql, &[format!("{STORED}%").into(), before.into(), after.into()])?;
    Ok(())
}

/// The prefix of an address that a provider assigns to one customer.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_account_is_paused_and_freed_again() {
        let failures = Failures::new(Limits { account: 3, address: 9, window: Duration::from_millis(80) });
        let here = address("10.0.0.1");
        for _ in 0..3 {
            failures.count("ann", here).unwrap();
        }
        assert_eq!(failures.count("ann", address("10.0.0.2")), Err(Error::TooMany(1)));
        failures.count("bob", here).unwrap();
        std::thread::sleep(Duration::from_millis(100));
        failures.count("ann", here).unwrap();
    }

    #[test]
    fn success_forgets() {
        let failures = Failures::new(Limits { account: 2, address: 100, window: Duration::from_secs(60) });
        let here = address("10.0.0.1");
        for _ in 0..20 {
            failures.count("ann", here).unwrap();
            failures.succeeded("ann", here);
        }
        failures.count("ann", here).unwrap();
        failures.count("ann", here).unwrap();
        assert!(matches!(failures.count("ann", here), Err(Error::TooMany(1..=61))));
    }

    #[test]
    fn an_address_is_paused_whatever_the_names() {
        let failures = Failures::new(Limits { account: 2, address: 5, window: Duration::from_secs(60) });
        for i in 0..5 {
            failures.count(&format!("user{i}"), address(&format!("2001:db8:0:1::{i}"))).unwrap();
        }
        assert!(failures.count("another", address("2001:db8:0:1:ffff::1")).is_err());
        failures.count("another", address("2001:db8:0:2::1")).unwrap();
        assert_eq!(network(address("::ffff:10.0.0.1")), address("10.0.0.1"));
    }
}
