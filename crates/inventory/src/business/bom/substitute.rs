//! Substitutes for the component of a line.

use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::resource::{Condition, NO_RULES, Resource, Rules, filter, sort};
use ironwood_rest::view::{View, col, nested, pk};

use super::{cycle, lines};
use crate::business::part::view::BRIEF;
use crate::schema::bom::{BOM_ITEM, SUBSTITUTE as TABLE};
use crate::schema::part::PART;

/// A substitute.
pub(crate) static VIEW: View = View::new(
    "BomItemSubstitute",
    &TABLE,
    &[
        pk(),
        col("bom_item").label("BOM item").help("Line of the bill of materials."),
        col("part").help("Substitute part."),
        nested("part_detail", "part", &BRIEF).always().not_null().without(&["pricing_min", "pricing_max"]),
    ],
);

/// Substitutes.
pub(crate) static SUBSTITUTE: Resource = Resource::new("/api/bom/substitute/", "bom_substitute", &VIEW)
    .filters(&[
        filter("bom_item", Condition::Link(&BOM_ITEM, "{bom_item} = {value}")),
        filter("part", Condition::Link(&PART, "{part} = {value}")),
    ])
    .sorts(&[sort("pk", &["{id}"]), sort("bom_item", &["{bom_item}"]), sort("part", &["{part.name}"])])
    .rules(Rules { check, ..NO_RULES })
    .help("Substitutes for components in bills of materials.");

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let (Some(line), Some(part)) = (change.key("bom_item"), change.key("part")) else { return Ok(()) };
    let line = lines::one(ctx.conn, line)?;
    if line.sub_part == part {
        return Err(Error::field("part", "Substitute must differ from the component of the line."));
    }
    if cycle::contains(ctx.conn, part, line.part)? {
        return Err(Error::field("part", "This part contains the assembly or belongs to the same part family."));
    }
    Ok(())
}
