//! Benchmark scenarios, one file per area.

use crate::harness::Scenario;

mod bom;
mod build;
mod order;
mod pages;
mod parameter;
mod part;
mod part_many;
mod purchase;
mod stock;
mod stock_many;

/// Every scenario.
pub(crate) fn all() -> impl Iterator<Item = &'static Scenario> {
    [
        pages::SCENARIOS,
        bom::SCENARIOS,
        build::SCENARIOS,
        order::SCENARIOS,
        parameter::SCENARIOS,
        part::SCENARIOS,
        part_many::SCENARIOS,
        purchase::SCENARIOS,
        stock::SCENARIOS,
        // last: there are a million items from here on
        stock_many::SCENARIOS,
    ]
    .into_iter()
    .flatten()
}
