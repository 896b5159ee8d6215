//! Exchange rates, and money in another currency.

use std::collections::HashMap;

use ironwood_base::{Money, Price, Rate, Result};
use ironwood_rest::selected;
use ironwood_store::{Connection, sql};

/// The rates in force: what one unit of the base currency is worth in each other one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rates {
    pub base: String,
    pub values: HashMap<String, Rate>,
}

selected! {
    /// A rate, and the currency that it converts from.
    struct Rated<'r> {
        base: &'r str = "b.base_currency",
        currency: &'r str = "r.currency",
        value: Rate = "r.value",
    }
}

impl Rates {
    /// Reads the rates of the provider that was heard last, by one statement.
    pub(crate) fn load(conn: &mut Connection) -> Result<Self> {
        let mut rates = Rates::default();
        let sql = sql!(
            "SELECT ",
            Rated::COLUMNS,
            " FROM exchange_exchangebackend b JOIN exchange_rate r ON r.backend = b.id \
             WHERE b.id = (SELECT n.id FROM exchange_exchangebackend n ORDER BY n.last_update DESC, n.id DESC LIMIT 1)"
        );
        conn.query(sql, &[], |row| {
            let Rated { base, currency, value } = Rated::read(row);
            base.clone_into(&mut rates.base);
            rates.values.insert(currency.to_owned(), value);
            Ok(())
        })?;
        Ok(rates)
    }

    fn rate(&self, currency: &str) -> Option<Rate> {
        let known = self.values.get(currency).copied().filter(|rate| rate.is_positive());
        known.or_else(|| (!self.base.is_empty() && currency == self.base).then_some(Rate::ONE))
    }

    /// A price in another currency, rounded half away from zero; `None` where a rate is missing or the amount is out of
    /// range.
    pub(crate) fn convert(&self, price: Price<'_>, to: &str) -> Option<Money> {
        if price.currency == to || price.amount.is_zero() {
            return Some(price.amount);
        }
        price.amount.by(self.rate(to)?, self.rate(price.currency)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_converted_over_the_base_and_rounded_once() {
        let values = [("EUR", 900_000), ("JPY", 150_000_000)].map(|(c, v)| (c.to_owned(), Rate::from_scaled(v))).into();
        let rates = Rates { base: "USD".into(), values };
        let convert = |amount: i64, from: &str, to: &str| {
            rates.convert(Money::from_scaled(amount).in_currency(from), to).map(Money::scaled)
        };
        assert_eq!(convert(10_000_000, "USD", "EUR"), Some(9_000_000));
        assert_eq!(convert(9_000_000, "EUR", "USD"), Some(10_000_000));
        assert_eq!(convert(1_000_000, "EUR", "JPY"), Some(166_666_667));
        assert_eq!(convert(-1_000_000, "EUR", "JPY"), Some(-166_666_667));
        assert_eq!(convert(5, "GBP", "GBP"), Some(5));
        assert_eq!(convert(5, "GBP", "USD"), None);
        assert_eq!(convert(i64::MAX, "USD", "JPY"), None);
        assert_eq!(Rates::default().convert(Money::of(5).in_currency("USD"), "EUR"), None);
    }
}
