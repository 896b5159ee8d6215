//! Manufacturer parts.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Facts};
use ironwood_rest::resource::{Condition, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::select::write_text;
use ironwood_rest::view::{TEXT, Type, View, col, input, made, nested, pk};
use ironwood_store::{Value, ValueRef};

use super::companies::BRIEF as COMPANY_BRIEF;
use crate::business::part::view::BRIEF as PART_BRIEF;
use crate::platform::common::duplicate::{self, PARAMETERS, original};
use crate::platform::common::{parameter, tag};
use crate::schema::company::{COMPANY, MANUFACTURER_PART as TABLE};
use crate::schema::keys::AnyKey;
use crate::schema::part::PART;

static OPTIONS: View = View::plain("ManufacturerPartDuplicateOptions", &[original(&TABLE), PARAMETERS]);

/// A part of a manufacturer.
pub(crate) static VIEW: View = View::new(
    "ManufacturerPart",
    &TABLE,
    &[
        pk(),
        col("part").label("Base Part").help("Part."),
        nested("part_detail", "part", &PART_BRIEF).on("part_detail", true),
        made("pretty_name", TEXT, &["{manufacturer.name}", "{MPN}"], write_name).nullable().on("pretty", false),
        col("manufacturer").required().not_null().help("Manufacturer."),
        nested("manufacturer_detail", "manufacturer", &COMPANY_BRIEF).on("manufacturer_detail", true),
        col("description").help("Description by the manufacturer."),
        input("duplicate", Type::Object(&OPTIONS))
            .label("Duplication Options")
            .listed()
            .help("Manufacturer part to copy from."),
        col("MPN").label("MPN").mandatory().help("Manufacturer part number (MPN)."),
        col("link").help("Link to an external page."),
        col("barcode_hash"),
        col("notes").detail_only(),
        tag::TAGS,
        parameter::PARAMETERS,
    ],
);

fn write_name(out: &mut Vec<u8>, values: &[ValueRef<'_>], _: &Facts<'_>) {
    let names: Vec<&str> = values.iter().filter_map(|v| v.as_text()).collect();
    write_text(out, &names.join(" | "));
}

/// Parts of manufacturers.
pub(crate) static PARTS: Resource =
    Resource::new("/api/company/part/manufacturer/", "company_part_manufacturer", &VIEW)
        .operations(Operations::ALL.bulk_delete())
        .filters(&[
            filter("manufacturer", Condition::Link(&COMPANY, "{manufacturer} = {value}")),
            filter("MPN", Condition::Where(TEXT, "{MPN} = {value}")),
            filter("part", Condition::Link(&PART, "{part} = {value}")),
            flag_filter("part_active", "{part.active}", "NOT {part.active}"),
            flag_filter("manufacturer_active", "{manufacturer.active}", "NOT {manufacturer.active}"),
            tag::BY_TAGS,
            tag::BY_TAG_NAME,
            tag::BY_NAME,
            tag::BY_SLUG,
        ])
        .search(&[
            "{manufacturer.name}",
            "{description}",
            "{MPN}",
            "{part.IPN}",
            "{part.name}",
            "{part.description}",
            tag::SEARCHED,
        ])
        .sorts(&[
            sort("part", &["{part.name}"]),
            sort("IPN", &["{part.IPN}"]),
            sort("MPN", &["{MPN}"]),
            sort("manufacturer", &["{manufacturer.name}"]),
        ])
        .rules(Rules { check, saved, ..NO_RULES })
        .open_params(parameter::narrow)
        .help("Manufacturer parts.");

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    if ["part", "manufacturer", "MPN"].iter().any(|c| change.is_changed(c)) && change.get("MPN") != &Value::Null {
        let same = ctx.conn.one(
            "SELECT 1 FROM company_manufacturerpart WHERE part = $1 AND manufacturer = $2 AND \"MPN\" = $3 AND id <> $4",
            &[
                change.int("part").into(),
                change.int("manufacturer").into(),
                change.text("MPN").into(),
                Value::Int(change.id.unwrap_or(0)),
            ],
        )?;
        if same.is_some() {
            return Err(Error::non_field("This manufacturer part already exists."));
        }
    }
    duplicate::options(ctx.conn, change, &OPTIONS).map(|_| ())
}

fn saved(ctx: &mut Context<'_>, change: &Change, id: AnyKey) -> Result<()> {
    if change.old("part") == &Value::Null
        && let Some(options) = duplicate::options(ctx.conn, change, &OPTIONS)?
        && options.parameters
    {
        duplicate::copy_parameters(ctx.conn, &TABLE, options.original, id)?;
    }
    Ok(())
}
