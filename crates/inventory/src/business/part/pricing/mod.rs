//! Calculates the price range of each part from all price sources.
//!
//! `part_partpricing` keeps for each part the lowest and highest amount by source (bill of materials,
//! purchases, suppliers, internal prices, variants, sales) and over all, in the default currency.
//! Whatever a price depends on marks the part when it changes ([`watch`]); the background worker works
//! out marked parts and, where a range changed, marks what is made from them and the templates above.
//! On request a part is calculated at once, from the bottom of its bill of materials up.
//!
//! All amounts are exact; each is rounded once, half away from zero.

pub(crate) mod api;
pub(crate) mod engine;
mod graph;
mod sources;
#[cfg(test)]
mod tests;
pub(crate) mod watch;

use ironwood_base::{Money, Price, Result, clock};
use ironwood_store::{Connection, Fragment, Value, fragment};

use crate::platform::exchange::rates::Rates;
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::platform::system::job::{Job, JobType, Next, Schedule, Sweep};
use crate::schema::keys::PartKey;
use crate::schema::part::PRICING;

/// Parts that one step of the job calculates.
const STEP: i64 = 200;
/// Parts that the daily search marks at once.
const STALE: i64 = 5_000;

/// The lowest and highest of some amounts, in the default currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Range {
    pub min: Option<Money>,
    pub max: Option<Money>,
}

impl Range {
    /// Takes in one more amount.
    pub(crate) fn take(&mut self, amount: Money) {
        self.join(Range { min: Some(amount), max: Some(amount) });
    }

    /// The range with both ends where one is known: what is known of one end is the best that is known of the other.
    /// The highest amount is never below the lowest.
    pub(crate) fn filled(self) -> Range {
        let (min, max) = (self.min.or(self.max), self.max.or(self.min));
        Range { min, max: max.max(min) }
    }

    /// The range with other ends, where these are given. An end that was not given makes way for one that was.
    pub(crate) fn replaced(self, ends: Range) -> Range {
        let (min, max) = (ends.min.or(self.min), ends.max.or(self.max));
        match (min, max) {
            (Some(low), Some(high)) if low > high && ends.min.is_none() => Range { min: max, max },
            (Some(low), Some(high)) if low > high => Range { min, max: min },
            _ => Range { min, max },
        }
    }

    /// Takes in another range.
    pub(crate) fn join(&mut self, other: Range) {
        self.min = [self.min, other.min].into_iter().flatten().min();
        self.max = [self.max, other.max].into_iter().flatten().max();
    }
}

/// Turns amounts into the default currency.
pub(crate) struct Converter {
    rates: Rates,
    /// The default currency.
    pub currency: String,
}

impl Converter {
    /// Reads the rates.
    pub(crate) fn load(conn: &mut Connection, settings: &Settings) -> Result<Self> {
        Ok(Converter {
            rates: Rates::load(conn)?,
            currency: settings.text(keys::INVENTREE_DEFAULT_CURRENCY).to_owned(),
        })
    }

    /// A price in the default currency; `None` where there is no rate. An amount without a currency is
    /// in the default one.
    pub(crate) fn convert(&self, price: Price<'_>) -> Option<Money> {
        let from = if price.currency.is_empty() { &self.currency } else { price.currency };
        self.rates.convert(price.amount.in_currency(from), &self.currency)
    }
}

/// Marks parts whose prices are to be calculated again; gives the parts that have no prices yet their row.
pub(crate) fn mark(conn: &mut Connection, settings: &Settings, parts: &[PartKey]) -> Result<()> {
    if parts.is_empty() {
        return Ok(());
    }
    let currencies: Vec<&'static str> =
        PRICING.columns.iter().map(|c| c.name).filter(|name| name.ends_with("currency")).collect();
    let (keys, named) = (conn.backend().keys("$1"), Value::keys(parts));
    let sql = fragment!(
        "UPDATE part_partpricing SET scheduled_for_update = TRUE WHERE part IN ({keys}) AND NOT scheduled_for_update"
    );
    conn.execute(&sql, std::slice::from_ref(&named))?;
    let sql = fragment!(
        "INSERT INTO part_partpricing (part, scheduled_for_update, updated, {}) SELECT p.id, TRUE, CAST($3 AS TEXT), {} \
         FROM part_part p WHERE p.id IN ({keys}) \
         AND NOT EXISTS (SELECT 1 FROM part_partpricing o WHERE o.part = p.id)",
        Fragment::join(&currencies, ", "),
        Fragment::join(vec!["CAST($2 AS TEXT)"; currencies.len()], ", ")
    );
    conn.execute(&sql, &[named, settings.text(keys::INVENTREE_DEFAULT_CURRENCY).into(), clock::now().into()])?;
    Ok(())
}

/// Marks every part that has prices: something that all of them depend on has changed.
pub(crate) fn mark_all(conn: &mut Connection) -> Result<()> {
    conn.execute("UPDATE part_partpricing SET scheduled_for_update = TRUE WHERE NOT scheduled_for_update", &[])?;
    Ok(())
}

/// Calculates marked parts.
static UPDATE: JobType = JobType::bound("part_pricing", update);
/// Marks parts whose prices are old, in another currency or were never calculated.
static RENEW: JobType = JobType::bound("part_pricing_renew", renew);

/// Jobs of prices.
pub(crate) static JOBS: &[&JobType] = &[&UPDATE, &RENEW];
/// What is due while parts are marked.
pub(crate) static SWEEPS: &[Sweep] =
    &[Sweep { due: "SELECT 1 FROM part_partpricing WHERE scheduled_for_update", job: &UPDATE }];
/// What comes back.
pub(crate) static SCHEDULES: &[Schedule] =
    &[Schedule { name: "Update outdated prices", job: &RENEW, minutes: 24 * 60 }];

fn update(job: &mut Job<'_, '_>) -> Result<Next> {
    let settings = Settings::load(job.ctx.conn)?;
    // what is made from nothing first, so that the rest is calculated once
    let sql = fragment!(
        "SELECT r.part FROM part_partpricing r JOIN part_part p ON p.id = r.part WHERE r.scheduled_for_update \
         ORDER BY CASE WHEN p.assembly OR p.is_template THEN 1 ELSE 0 END, r.part LIMIT {STEP}"
    );
    let parts: Vec<PartKey> = job.ctx.conn.rows(&sql, &[])?.iter().map(|row| row.cell(0)).collect();
    if parts.is_empty() {
        return Ok(Next::Done);
    }
    let changed = engine::refresh(job.ctx.conn, &settings, &parts)?;
    engine::mark_above(job.ctx.conn, &settings, &changed, &parts)?;
    let left = job.ctx.conn.one("SELECT COUNT(*) FROM part_partpricing WHERE scheduled_for_update", &[])?;
    let left = left.map_or(0, |row| row.int(0));
    if left == 0 {
        return Ok(Next::Done);
    }
    let done = job.payload["done"].as_i64().unwrap_or(0).saturating_add(parts.len() as i64);
    Ok(Next::More { payload: serde_json::json!({ "done": done }), progress: done, total: done.saturating_add(left) })
}

fn renew(job: &mut Job<'_, '_>) -> Result<Next> {
    let settings = Settings::load(job.ctx.conn)?;
    let days = settings.int(keys::PRICING_UPDATE_DAYS);
    if days <= 0 {
        return Ok(Next::Done);
    }
    let conn = &mut *job.ctx.conn;
    let sql = "UPDATE part_partpricing SET scheduled_for_update = TRUE WHERE NOT scheduled_for_update \
               AND (updated IS NULL OR updated < $1 OR updated >= $3 OR currency <> $2)";
    let (before, currency) = (clock::days_from_today(-days), settings.text(keys::INVENTREE_DEFAULT_CURRENCY));
    // a day yet to come is that of a clock which ran ahead
    conn.execute(sql, &[before.into(), currency.into(), clock::days_from_today(2).into()])?;
    let sql = fragment!(
        "SELECT p.id FROM part_part p WHERE NOT EXISTS (SELECT 1 FROM part_partpricing r WHERE r.part = p.id) \
         ORDER BY p.id LIMIT {STALE}"
    );
    let without: Vec<PartKey> = conn.rows(&sql, &[])?.iter().map(|row| row.cell(0)).collect();
    mark(conn, &settings, &without)?;
    Ok(Next::Done)
}
