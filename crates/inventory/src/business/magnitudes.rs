//! Magnitudes that are kept beside their texts follow the units of these texts: what is in suppliers'
//! packs, amounts of bills of materials, values of parameters. A change of a unit that leaves one of them
//! without meaning is refused, and says which.

use std::sync::Arc;

use ironwood_base::amount::{Amount, PerPack, Pieces, Unit};
use ironwood_base::decimal::Excess;
use ironwood_base::unit::Units;
use ironwood_base::{Error, Key, PackSize, Quantity, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_store::{AsSql, Connection, fragment};

use crate::business::bom::amount;
use crate::business::company::pack;
use crate::platform::attach::template;
use crate::platform::common::unit::{self, AddedUnit};
use crate::schema::bom::BomItem;
use crate::schema::company::{SUPPLIER_PART, SupplierPart};
use crate::schema::keys::{BomItemKey, ParameterTemplateKey, PartKey, SupplierPartKey};

/// Uses that a refusal names.
const NAMED: usize = 5;

/// A text in a part's unit, with the magnitude that is kept of it.
struct KeptMagnitude<U: Unit, T> {
    id: Key<T>,
    text: String,
    units: String,
    magnitude: Option<Amount<U>>,
    /// What it is, for people.
    name: String,
}

/// The size of the pack of a supplier part.
type KeptPack = KeptMagnitude<PerPack, SupplierPart>;

/// The quantity of a line of a bill of materials.
type KeptAmount = KeptMagnitude<Pieces, BomItem>;

selected! {
    /// The quantity of a pack.
    struct Pack {
        id: SupplierPartKey = "s.id",
        text: String = "s.pack_quantity",
        units: String = "p.units",
        magnitude: Option<PackSize> = "s.pack_quantity_native",
        name: String = "s.\"SKU\"",
    }
}

selected! {
    /// The quantity of a line of a bill of materials.
    struct BomQuantity {
        id: BomItemKey = "b.id",
        text: String = "b.raw_amount",
        units: String = "p.units",
        magnitude: Option<Quantity> = "b.quantity",
        name: String = "a.name",
    }
}

const PACKS: &str = "FROM company_supplierpart s JOIN part_part p ON p.id = s.part";
const AMOUNTS: &str = "FROM part_bomitem b JOIN part_part p ON p.id = b.sub_part JOIN part_part a ON a.id = b.part";

/// A row whose quantity is a text with a unit, with the magnitude kept beside it.
trait TextQuantity: Selected {
    type Unit: Unit;
    /// The record that it belongs to.
    type Of;
    /// Its text and magnitude, named as the row is.
    fn kept(self) -> KeptMagnitude<Self::Unit, Self::Of>;
}

impl TextQuantity for Pack {
    type Unit = PerPack;
    type Of = SupplierPart;
    fn kept(self) -> KeptPack {
        let Pack { id, text, units, magnitude, name } = self;
        KeptMagnitude { id, text, units, magnitude, name }
    }
}

impl TextQuantity for BomQuantity {
    type Unit = Pieces;
    type Of = BomItem;
    fn kept(self) -> KeptAmount {
        let BomQuantity { id, text, units, magnitude, name } = self;
        KeptMagnitude { id, text, units, magnitude, name }
    }
}

fn kept<T: TextQuantity>(
    conn: &mut Connection,
    from: impl AsSql,
    what: &str,
    mut wanted: impl FnMut(&str, &str) -> bool,
) -> Result<Vec<KeptMagnitude<T::Unit, T::Of>>> {
    let mut all = Vec::new();
    conn.query(&fragment!("SELECT {} {from}", T::COLUMNS), &[], |row| {
        let found = T::read(row).kept();
        // a number alone means the same in any unit
        let (text, units) = (found.text.trim(), found.units.trim());
        let is_number = PackSize::parse(text, Excess::Round).is_ok();
        if !text.is_empty() && !is_number && wanted(text, units) {
            let name = format!("{what} \"{}\" ({text})", found.name);
            let (text, units) = (text.to_owned(), units.to_owned());
            all.push(KeptMagnitude { text, units, name, ..found });
        }
        Ok(())
    })?;
    Ok(all)
}

/// Calculates magnitudes again; gives those that have none any more, although they had one before.
fn follow_texts(
    ctx: &mut Context<'_>,
    (packs, amounts): (Vec<KeptPack>, Vec<KeptAmount>),
    had: &dyn Fn(&str, &str) -> bool,
) -> Result<Vec<String>> {
    let mut lost = Vec::new();
    for one in packs {
        match pack::read(ctx.conn, &one.text, &one.units)? {
            Ok(size) if Some(size) != one.magnitude => {
                let mut change = Change::update(ctx.conn, &SUPPLIER_PART, one.id, Default::default())?;
                change.set("pack_quantity_native", size);
                change.write(ctx.conn)?;
                ctx.domain.written(ctx, std::slice::from_ref(&change))?;
            }
            Ok(_) => {}
            Err(_) if had(&one.text, &one.units) => lost.push(one.name),
            Err(_) => {}
        }
    }
    for one in amounts {
        match amount::quantity(ctx.conn, &one.text, &one.units)? {
            Ok(quantity) if Some(quantity) != one.magnitude => {
                let sql = "UPDATE part_bomitem SET quantity = $1 WHERE id = $2";
                ctx.conn.execute(sql, &[quantity.into(), one.id.into()])?;
            }
            Ok(_) => {}
            Err(_) if had(&one.text, &one.units) => lost.push(one.name),
            Err(_) => {}
        }
    }
    Ok(lost)
}

fn refuse(field: &str, lost: &[String]) -> Result<()> {
    if lost.is_empty() {
        return Ok(());
    }
    let more = if lost.len() > NAMED { format!(" and {} more", lost.len() - NAMED) } else { String::new() };
    let named = lost.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    Err(Error::field(field, format!("This unit is used by {named}{more}.")))
}

/// A unit as packs are read in it.
fn or_piece(units: &str) -> &str {
    if units.is_empty() { "piece" } else { units }
}

/// After a part got another unit.
///
/// # Errors
/// [`Error::Invalid`] on `units` naming what cannot be told in the new one.
pub(crate) fn part_changed(ctx: &mut Context<'_>, part: PartKey, old: &str) -> Result<()> {
    let units = unit::load(ctx.conn)?;
    let packs = kept::<Pack>(ctx.conn, &fragment!("{PACKS} WHERE s.part = {part}"), "supplier part", |_, _| true)?;
    let amounts =
        kept::<BomQuantity>(ctx.conn, &fragment!("{AMOUNTS} WHERE b.sub_part = {part}"), "a line of", |_, _| true)?;
    let had = |text: &str, _: &str| units.convert(text, or_piece(old.trim())).is_ok();
    let lost = follow_texts(ctx, (packs, amounts), &had)?;
    refuse("units", &lost)
}

/// Names and symbols of added units that mean something else than before, or nothing.
fn changed_words(before: (&[AddedUnit], &Units), after: (&[AddedUnit], &Units)) -> Vec<String> {
    let rows = before.0.iter().chain(after.0);
    let mut words: Vec<String> = rows.flat_map(|unit| [unit.name.clone(), unit.symbol.clone()]).collect();
    words.retain(|word| {
        let of = |units: &Units| {
            (units.convert(&format!("1 {word}"), "").ok(), units.convert(&format!("1 {word}"), word).ok())
        };
        !word.is_empty() && (of(before.1) != of(after.1) || !same_kind(before.1, after.1, word))
    });
    words.sort_unstable();
    words.dedup();
    words
}

/// Whether a unit is of the same kind in both: it converts to the same others.
fn same_kind(before: &Units, after: &Units, word: &str) -> bool {
    let kind = |units: &Units| {
        let bases = ["m", "g", "s", "A", "K", "mol", "cd", "piece", "m^2", "m^3"];
        bases.map(|base| units.convert(&format!("1 {word}"), base).is_ok())
    };
    kind(before) == kind(after)
}

selected! {
    /// A part, parameter template, or unit with its units.
    struct InUnits<'r> {
        name: &'r str = "u.name",
        units: &'r str = "u.units",
    }
}

selected! {
    /// A parameter template that has units.
    struct TemplateInUnits {
        id: ParameterTemplateKey = "id",
        name: String = "name",
        units: String = "units",
    }
}

/// After units of the server were added, changed or removed: `before` are those that were there. `field` is what a
/// refusal is about.
///
/// # Errors
/// [`Error::Invalid`] naming what would lose its meaning.
pub(crate) fn units_changed(ctx: &mut Context<'_>, before: &[AddedUnit], field: &str) -> Result<()> {
    let old = Arc::new(unit::usable(before));
    let rows = unit::added(ctx.conn, 0)?;
    let new = unit::load(ctx.conn)?;
    let words = changed_words((before, &old), (&rows, &new));
    if words.is_empty() {
        return Ok(());
    }
    let concerns = |text: &str| words.iter().any(|word| text.contains(word.as_str()));
    let is_lost = |units: &str| concerns(units) && old.check(units).is_ok() && new.check(units).is_err();
    let mut lost: Vec<String> = Vec::new();
    for (from, what) in [
        ("FROM part_part u WHERE units <> ''", "part"),
        ("FROM common_parametertemplate u WHERE units <> ''", "parameter template"),
        ("FROM (SELECT name, name AS units FROM common_customunit) u", "unit"),
    ] {
        ctx.conn.query(&fragment!("SELECT {} {from}", InUnits::COLUMNS), &[], |row| {
            let InUnits { name, units } = InUnits::read(row);
            if is_lost(units) {
                lost.push(format!("{what} \"{name}\""));
            }
            Ok(())
        })?;
    }
    refuse(field, &lost)?;
    let touched = |text: &str, units: &str| concerns(text) || concerns(units);
    let packs = kept::<Pack>(ctx.conn, PACKS, "supplier part", touched)?;
    let amounts = kept::<BomQuantity>(ctx.conn, AMOUNTS, "a line of", touched)?;
    let had = |text: &str, units: &str| old.convert(text, or_piece(units)).is_ok();
    let mut lost = follow_texts(ctx, (packs, amounts), &had)?;
    let from = "FROM common_parametertemplate WHERE units <> ''";
    for TemplateInUnits { id, name, units } in selected::all(ctx.conn, from, &[])? {
        let mut touched = concerns(&units);
        ctx.conn.query("SELECT data FROM common_parameter WHERE template = $1", &[id.into()], |row| {
            let data = row.text(0);
            if concerns(data) || concerns(&units) {
                touched = true;
                if old.convert(data, &units).is_ok() && new.convert(data, &units).is_err() {
                    lost.push(format!("parameter \"{name}\" ({data})"));
                }
            }
            Ok(())
        })?;
        if touched {
            template::rebuild(ctx.conn, id)?;
        }
    }
    refuse(field, &lost)
}
