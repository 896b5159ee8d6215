//! Exchange rates in the API, and updating them.

use ironwood_base::{Error, Rate, Result, clock};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::registry::success;
use ironwood_rest::resource::{Access, Action, Args, Outside, Shape, action, free_action};
use ironwood_rest::view::{TEXT, TIME, Type, View, value};
use ironwood_store::{Connection, Value};
use serde_json::{Map, Value as Json, json};

use super::rates::Rates;
use crate::platform::settings::keys;
use crate::platform::settings::{self, Settings};
use crate::platform::state::Inventory;
use crate::platform::system::job::{JobType, Next};

/// Name of the one source of rates that is kept.
const BACKEND: &str = "InvenTreeExchange";

static NO_FIELDS: View = View::plain("ExchangeRates", &[]);
static VIEW: View = View::plain(
    "CurrencyExchange",
    &[
        value("base_currency", TEXT),
        value("exchange_rates", Type::Object(&NO_FIELDS)).writable().required(),
        value("updated", TIME).nullable(),
    ],
);

/// `GET /api/currency/exchange/`.
pub(crate) static EXCHANGE: Action =
    action(Method::Get, "/api/currency/exchange/", "currency_exchange_retrieve", Access::SignedIn, exchange)
        .response(200, Shape::Object(&VIEW))
        .help("Exchange rates of the base currency, as last updated.");

fn exchange(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let rates = Rates::load(ctx.conn)?;
    let updated =
        ctx.conn.one("SELECT last_update FROM exchange_exchangebackend WHERE name = $1", &[BACKEND.into()])?;
    let shown: Map<String, Json> = rates
        .values
        .iter()
        .map(|(code, rate)| {
            let mut number = Vec::new();
            rate.write_short(&mut number);
            (code.clone(), serde_json::from_slice(&number).unwrap_or(Json::Null))
        })
        .collect();
    let base = settings::get_text(ctx.conn, keys::INVENTREE_DEFAULT_CURRENCY)?;
    let updated = updated.and_then(|row| row.opt_text(0).map(str::to_owned));
    Ok(Answer::json(200, &json!({"base_currency": base, "exchange_rates": shown, "updated": updated})))
}

/// `POST /api/currency/refresh/`.
pub(crate) static REFRESH: Action =
    free_action(Method::Post, "/api/currency/refresh/", "currency_refresh_create", Access::Staff, refresh)
        .response(200, Shape::Any)
        .help("Updates the exchange rates. If the provider does not respond, the previous rates are kept.");

fn refresh(outside: &Outside<'_>, _: &Args) -> Result<Answer> {
    Ok(success(match update(&Inventory::behind(outside)?)? {
        Updated::Yes => "The exchange rates are up to date.",
        Updated::Off => "The exchange rates were not updated: updates are turned off.",
        Updated::Failed(_) => "The exchange rates were not updated: the provider did not respond.",
    }))
}

/// What came of asking for exchange rates.
#[derive(Debug, PartialEq)]
pub(crate) enum Updated {
    Yes,
    /// Updates are turned off, or no provider is configured.
    Off,
    /// Why there are none; the last ones stay.
    Failed(String),
}

/// Asks the source of exchange rates for new ones.
///
/// # Errors
/// Those of the database.
pub(crate) fn update(inventory: &Inventory) -> Result<Updated> {
    let (base, codes, on) = inventory.db.read(|conn| {
        let settings = Settings::load(conn)?;
        let codes: Vec<String> = settings.text(keys::CURRENCY_CODES).split(',').map(|c| c.trim().to_owned()).collect();
        let on = !settings.text(keys::CURRENCY_UPDATE_PLUGIN).is_empty();
        Ok((settings.text(keys::INVENTREE_DEFAULT_CURRENCY).to_owned(), codes, on))
    })?;
    if !on || inventory.exchange.url.is_empty() {
        return Ok(Updated::Off);
    }
    match inventory.exchange.rates(&base, &codes) {
        Ok(mut rates) => {
            rates.insert(base.clone(), Rate::ONE);
            inventory.write(move |conn| keep(conn, &base, rates.iter()))?;
            Ok(Updated::Yes)
        }
        Err(why) => {
            tracing::warn!("exchange rates not updated: {why}");
            Ok(Updated::Failed(why))
        }
    }
}

/// Keeps rates in the place of those that were known.
pub(crate) fn keep<'r>(
    conn: &mut Connection,
    base: &str,
    rates: impl Iterator<Item = (&'r String, &'r Rate)>,
) -> Result<()> {
    let now = clock::now();
    let sql = "INSERT INTO exchange_exchangebackend (name, base_currency, last_update) VALUES ($1, $2, $3) \
               ON CONFLICT (name) DO UPDATE SET base_currency = $2, last_update = $3 RETURNING id";
    let row = conn.one(sql, &[BACKEND.into(), base.into(), now.into()])?;
    let backend = Value::Int(row.map_or(0, |row| row.int(0)));
    conn.execute("DELETE FROM exchange_rate WHERE backend = $1", std::slice::from_ref(&backend))?;
    for (code, rate) in rates {
        conn.execute(
            "INSERT INTO exchange_rate (backend, currency, value) VALUES ($1, $2, $3)",
            &[backend.clone(), code.as_str().into(), (*rate).into()],
        )?;
    }
    crate::lists::rates_changed(conn)
}

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// Rates from further ahead than this were dated by a clock that ran ahead.
const HOUR: i64 = 60 * 60;

/// Brings the rates up to date, as often as the setting says: the job is looked at every hour.
pub(crate) static UPDATE: JobType = JobType::free("update_exchange_rates", |inventory, _| {
    let due = inventory.db.read(|conn| {
        let days = settings::get_int(conn, keys::CURRENCY_UPDATE_INTERVAL)?;
        let sql = "SELECT last_update FROM exchange_exchangebackend WHERE name = $1";
        let last = conn.one(sql, &[BACKEND.into()])?.and_then(|row| clock::seconds_since(row.text(0)));
        Ok(days > 0 && last.is_none_or(|seconds| seconds >= days.saturating_mul(DAY) || seconds < -HOUR))
    })?;
    match due.then(|| update(inventory)).transpose()? {
        Some(Updated::Failed(why)) => Err(Error::Internal(format!("exchange rates not updated: {why}"))),
        _ => Ok(Next::Done),
    }
});

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::exchange::provider::Provider;
    use crate::platform::exchange::provider::tests::service;
    use crate::testing::on_each_server;

    #[test]
    fn rates_are_fetched_and_stay_where_nobody_answers() {
        on_each_server(|server| {
            let admin = server.superuser();
            let mut inventory = server.app.inventory().clone();
            inventory.exchange = Provider { url: service("200 OK", r#"{"rates":{"EUR":0.9,"GBP":0.8,"ZZZ":4}}"#) };
            assert_eq!(update(&inventory), Ok(Updated::Yes));
            let shown = admin.read("/api/currency/exchange/");
            assert_eq!(shown["base_currency"], "USD");
            assert_eq!(shown["exchange_rates"], json!({"USD": 1.0, "EUR": 0.9, "GBP": 0.8}));
            inventory.exchange = Provider { url: service("503 Away", "") };
            assert!(matches!(update(&inventory), Ok(Updated::Failed(_))));
            // the job says so, too
            server.write(|conn| conn.execute("UPDATE exchange_exchangebackend SET last_update = '2020-01-01'", &[]));
            let crate::platform::system::job::Work::Free(job) = UPDATE.work else { panic!() };
            assert!(job(&inventory, &json!({})).is_err());
            server.write(|conn| {
                conn.execute("UPDATE exchange_exchangebackend SET last_update = $1", &[clock::now().into()])
            });
            let shown = admin.read("/api/currency/exchange/");
            assert_eq!(admin.read("/api/currency/exchange/"), shown);
            let (status, _) = admin.post("/api/currency/refresh/", json!({}));
            assert_eq!(status, 200);
            assert_eq!(server.user("bob", &[]).post("/api/currency/refresh/", json!({})).0, 403);
        });
    }
}
