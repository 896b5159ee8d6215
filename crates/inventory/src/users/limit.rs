//! Limits on failed sign-ins, by account and by address.
//!
//! Counts are kept in the memory of this process, for a bounded number of accounts and addresses: with
//! several servers each counts for itself. Only passwords are limited. What is already proven (a
//! session, a token, a password that was verified a moment ago) goes on working while an account is
//! locked, so that nobody can be locked out of his work by a stranger who guesses.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ironwood_base::{Error, error::Result};
use moka::sync::Cache;

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
enum Who {
    Account(String),
    Address(IpAddr),
}

/// Counts of wrong passwords.
pub struct Failures {
    limits: Limits,
    tries: Cache<Who, Arc<Mutex<Tries>>>,
}

impl Failures {
    pub fn new(limits: Limits) -> Self {
        Failures { limits, tries: Cache::builder().max_capacity(REMEMBERED).time_to_idle(limits.window).build() }
    }

    /// Counts an attempt as failed before it is made, so that many at once cannot pass the limit.
    ///
    /// # Errors
    /// 429 with the seconds to wait, where there were too many.
    pub fn count(&self, account: &str, address: IpAddr) -> Result<()> {
        self.one(Who::Address(network(address)), self.limits.address)?;
        self.one(Who::Account(account.to_owned()), self.limits.account)
    }

    /// Takes the attempt back that turned out right, and forgets the account's failures.
    pub fn succeeded(&self, account: &str, address: IpAddr) {
        self.tries.invalidate(&Who::Account(account.to_owned()));
        if let Some(tries) = self.tries.get(&Who::Address(network(address))) {
            let mut tries = tries.lock().unwrap_or_else(|e| e.into_inner());
            tries.count = tries.count.saturating_sub(1);
        }
    }

    fn one(&self, who: Who, limit: u32) -> Result<()> {
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

/// The part of an address that one customer of a provider has to himself.
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
