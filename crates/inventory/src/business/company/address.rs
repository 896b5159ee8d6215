//! Addresses of companies. One of them is the primary one.

use ironwood_base::Result;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{Condition, NO_RULES, Operations, Resource, Rules, filter, sort};
use ironwood_rest::view::{Many, View, col, pk};
use ironwood_store::Value;

use crate::schema::company::{ADDRESS as TABLE, COMPANY};
use crate::schema::keys::AnyKey;

/// An address inside of other records.
pub(crate) static BRIEF: View = View::new(
    "AddressBrief",
    &TABLE,
    &[
        pk(),
        col("line1").label("Line 1"),
        col("line2").label("Line 2"),
        col("postal_code"),
        col("postal_city").label("City/Region"),
        col("province").label("State/Province"),
        col("country"),
        col("shipping_notes").label("Courier shipping notes"),
        col("internal_shipping_notes"),
    ],
);

/// The primary address of a company.
pub(crate) static PRIMARY: Many = Many::new(&BRIEF, "{company}").only("{primary}").single();

static VIEW: View = View::new(
    "Address",
    &TABLE,
    &[
        pk(),
        col("company").help("Company."),
        col("title").label("Address title").help("Title of the address."),
        col("primary").label("Primary address").help("Whether this is the primary address."),
        col("line1").label("Line 1"),
        col("line2").label("Line 2"),
        col("postal_code"),
        col("postal_city").label("City/Region"),
        col("province").label("State/Province"),
        col("country"),
        col("shipping_notes").label("Courier shipping notes").help("Shipping notes for the carrier."),
        col("internal_shipping_notes").help("Shipping notes for internal use."),
        col("link").help("Link to an external page."),
    ],
);

/// Addresses.
pub(crate) static ADDRESSES: Resource = Resource::new("/api/company/address/", "company_address", &VIEW)
    .operations(Operations::ALL.bulk_delete())
    .filters(&[filter("company", Condition::Link(&COMPANY, "{company} = {value}"))])
    .sorts(&[sort("title", &["{title}"])])
    .default_sort(&["{title}"])
    .rules(Rules { check, saved, ..NO_RULES })
    .help("Addresses of companies.");

/// The only address of a company is its primary one.
fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let others = ctx.conn.one(
        "SELECT 1 FROM company_address WHERE company = $1 AND id <> $2 LIMIT 1",
        &[change.int("company").into(), Value::Int(change.id.unwrap_or(0))],
    )?;
    if others.is_none() {
        change.set("primary", true);
    }
    Ok(())
}

/// There is one primary address at most.
fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    if change.flag("primary") {
        ctx.conn.execute(
            "UPDATE company_address SET \"primary\" = FALSE WHERE company = $1 AND id <> $2 AND \"primary\"",
            &[change.int("company").into(), id.into()],
        )?;
    }
    Ok(())
}
