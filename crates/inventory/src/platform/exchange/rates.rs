//! Exchange rates, and money in another currency.

use std::collections::HashMap;

use ironwood_base::{Result, decimal};
use ironwood_store::Connection;

/// One, as rates are kept.
const ONE: i64 = decimal::scale(decimal::MONEY);

/// The rates in force: what one unit of the base currency is worth in each other one (six places).
#[derive(Debug, Clone, Default)]
pub struct Rates {
    pub base: String,
    pub values: HashMap<String, i64>,
}

impl Rates {
    /// Reads the rates of the provider that was heard last, by one statement.
    pub fn load(conn: &mut Connection) -> Result<Self> {
        let mut rates = Rates::default();
        let sql = "SELECT b.base_currency, r.currency, r.value FROM exchange_exchangebackend b \
                   JOIN exchange_rate r ON r.backend = b.id \
                   WHERE b.id = (SELECT n.id FROM exchange_exchangebackend n ORDER BY n.last_update DESC, n.id DESC LIMIT 1)";
        conn.query(sql, &[], |row| {
            row.text(0).clone_into(&mut rates.base);
            rates.values.insert(row.text(1).to_owned(), row.int(2));
            Ok(())
        })?;
        Ok(rates)
    }

    fn rate(&self, currency: &str) -> Option<i64> {
        let known = self.values.get(currency).copied().filter(|rate| *rate > 0);
        known.or_else(|| (!self.base.is_empty() && currency == self.base).then_some(ONE))
    }

    /// An amount (six places) in another currency, rounded half away from zero; `None` where a rate is
    /// missing or the amount is out of range.
    pub fn convert(&self, amount: i64, from: &str, to: &str) -> Option<i64> {
        if from == to || amount == 0 {
            return Some(amount);
        }
        let (from, to) = (i128::from(self.rate(from)?), i128::from(self.rate(to)?));
        let (whole, half) = (i128::from(amount).checked_mul(to)?, from / 2 + from % 2);
        let rounded = (whole.abs() / from) + i128::from(whole.abs() % from >= half);
        i64::try_from(rounded * whole.signum()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_converted_over_the_base_and_rounded_once() {
        let values = [("EUR", 900_000), ("JPY", 150_000_000)].map(|(c, v)| (c.to_owned(), v)).into();
        let rates = Rates { base: "USD".into(), values };
        assert_eq!(rates.convert(10_000_000, "USD", "EUR"), Some(9_000_000));
        assert_eq!(rates.convert(9_000_000, "EUR", "USD"), Some(10_000_000));
        assert_eq!(rates.convert(1_000_000, "EUR", "JPY"), Some(166_666_667));
        assert_eq!(rates.convert(-1_000_000, "EUR", "JPY"), Some(-166_666_667));
        assert_eq!(rates.convert(5, "GBP", "GBP"), Some(5));
        assert_eq!(rates.convert(5, "GBP", "USD"), None);
        assert_eq!(rates.convert(i64::MAX, "USD", "JPY"), None);
        assert_eq!(Rates::default().convert(5, "USD", "EUR"), None);
    }
}
