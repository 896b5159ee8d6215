//! Tables: exchange rates.

use ironwood_rest::table::Default::Changed;
use ironwood_rest::table::OnDelete::Cascade;
use ironwood_rest::table::{Table, decimal, link, text, time};

/// Where exchange rates come from.
pub static BACKEND: Table = Table::new("exchange_exchangebackend", "exchange.exchangebackend")
    .columns(&[text("name", 255).unique().record(""), text("base_currency", 3), time("last_update").default(Changed)])
    .natural_key(&["name"]);

/// Exchange rates: what one unit of the base currency is worth.
pub static RATE: Table = Table::new("exchange_rate", "exchange.rate")
    .columns(&[link("backend", &BACKEND, Cascade), text("currency", 3), decimal("value", 20, 6)])
    .unique(&[&["backend", "currency"]]);
