//! Companies: suppliers, manufacturers, customers.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Facts};
use ironwood_rest::resource::{Condition, Delete, NO_RULES, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::select::write_text;
use ironwood_rest::view::{INT, TEXT, Type, View, col, input, made, many, pk, sql};
use ironwood_store::{Value, ValueRef};

use super::address;
use crate::business::part::name::write_thumbnail;
use crate::platform::common::duplicate::{self, PARAMETERS, original};
use crate::platform::common::{parameter, tag};
use crate::platform::settings::keys;
use crate::platform::state::Snapshot;
use crate::schema::company::COMPANY as TABLE;
use crate::schema::keys::{AnyKey, caller_key};

/// How many parts of suppliers are the company's.
const SUPPLIED: &str = "(SELECT COUNT(*) FROM company_supplierpart s WHERE s.supplier = {id})";
/// How many parts of manufacturers are the company's.
const MANUFACTURED: &str = "(SELECT COUNT(*) FROM company_manufacturerpart m WHERE m.manufacturer = {id})";

static OPTIONS: View = View::plain("CompanyDuplicateOptions", &[original(&TABLE), PARAMETERS]);

/// A company in a few words.
pub(crate) static BRIEF: View = View::new(
    "CompanyBrief",
    &TABLE,
    &[
        pk(),
        col("active"),
        col("name").label("Company name"),
        col("description").label("Company description"),
        col("image").read_only().nullable(),
        made("thumbnail", TEXT, &["{image}"], write_thumbnail),
        made("currency", TEXT, &["{currency}"], write_currency).max(3).suggested("currency"),
        col("tax_id"),
    ],
);

/// Writes the currency of a company; that of the server where it has none.
fn write_currency(out: &mut Vec<u8>, values: &[ValueRef<'_>], facts: &Facts<'_>) {
    let own = values.first().and_then(|v| v.as_text()).unwrap_or_default();
    match Snapshot::of(facts).filter(|_| own.is_empty()) {
        Some(snapshot) => write_text(out, snapshot.settings.text(keys::INVENTREE_DEFAULT_CURRENCY)),
        None => write_text(out, own),
    }
}

static VIEW: View = View::new(
    "Company",
    &TABLE,
    &[
        pk(),
        col("name").label("Company name").help("Name of the company."),
        col("description").label("Company description").help("Description of the company."),
        col("website").help("Website of the company."),
        col("phone").label("Phone number"),
        col("email").default("\"\""),
        col("currency").currency().described_required().help("Default currency of the company."),
        col("contact").help("Contact person."),
        input("duplicate", Type::Object(&OPTIONS)).label("Duplication Options").listed().help("Company to copy from."),
        col("link").help("Link to an external page."),
        col("image").nullable(),
        col("active").help("Whether the company is active."),
        col("is_customer").help("Whether the company buys from you."),
        col("is_manufacturer").help("Whether the company manufactures parts."),
        col("is_supplier").help("Whether you buy from the company."),
        col("notes"),
        sql("parts_supplied", INT, SUPPLIED).counted(),
        sql("parts_manufactured", INT, MANUFACTURED).counted(),
        many("primary_address", &address::PRIMARY).nullable().on("address_detail", false),
        col("tax_id").help("Tax ID of the company."),
        parameter::PARAMETERS,
        tag::TAGS,
    ],
);

/// Companies.
pub(crate) static COMPANIES: Resource = Resource::new("/api/company/", "company", &VIEW)
    .filters(&[
        flag_filter("is_customer", "{is_customer}", "NOT {is_customer}"),
        flag_filter("is_manufacturer", "{is_manufacturer}", "NOT {is_manufacturer}"),
        flag_filter("is_supplier", "{is_supplier}", "NOT {is_supplier}"),
        flag_filter("active", "{active}", "NOT {active}"),
        filter("name", Condition::Where(TEXT, "{name} = {value}")),
        tag::BY_TAGS,
        tag::BY_TAG_NAME,
    ])
    .search(&["{name}", "{description}", "{website}", "{tax_id}"])
    .sorts(&[
        sort("active", &["{active}"]),
        sort("name", &["{name}"]),
        sort("parts_supplied", &[SUPPLIED]),
        sort("parts_manufactured", &[MANUFACTURED]),
    ])
    .default_sort(&["{name}"])
    .rules(Rules { check, saved, delete: Delete::Each(delete), ..NO_RULES })
    .open_params(parameter::narrow)
    .help("Suppliers, manufacturers, and customers.");

/// Before a company is deleted: what it has of our stock is no one's then.
fn delete(ctx: &mut Context<'_>, id: AnyKey) -> Result<bool> {
    let user = caller_key(ctx);
    crate::business::stock::kernel::release(ctx.conn, user, "customer", id)?;
    Ok(true)
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if change.is_new() && !change.is_given("email") {
        change.set("email", "");
    }
    if (change.is_changed("name") || change.is_changed("email")) && change.get("email") != &Value::Null {
        let same = ctx.conn.one(
            "SELECT 1 FROM company_company WHERE name = $1 AND email = $2 AND id <> $3",
            &[change.text("name").into(), change.text("email").into(), Value::Int(change.id.unwrap_or(0))],
        )?;
        if same.is_some() {
            return Err(Error::non_field("A company with this name and e-mail address already exists."));
        }
    }
    duplicate::options(ctx.conn, change, &OPTIONS).map(|_| ())
}

fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    if change.old("name") == &Value::Null
        && let Some(options) = duplicate::options(ctx.conn, change, &OPTIONS)?
        && options.parameters
    {
        duplicate::copy_parameters(ctx.conn, &TABLE, options.original, id)?;
    }
    Ok(())
}
