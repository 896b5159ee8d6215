//! The lines of an assembly, and how much of which parts they ask for: plain functions over a
//! transaction, for builds, orders and prices.

use std::collections::HashMap;

use ironwood_base::requirement::{Ratio, Requirement};
use ironwood_base::{Attrition, Error, Quantity, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_store::{Connection, sql};

use super::usable::{ALLOWED, Pair};
use crate::schema::keys::*;

selected! {
    /// One line of a bill of materials.
    pub struct Line {
        pub id: BomItemKey = "m.id",
        /// The assembly that the line was made for: the one asked about, or a template above it.
        pub part: PartKey = "m.part",
        pub sub_part: PartKey = "m.sub_part",
        /// Of the sub part for one assembly, all pieces together.
        pub quantity: Quantity = "m.quantity * m.piece_count",
        /// For each batch that is made, however large.
        pub setup_quantity: Quantity = "m.setup_quantity",
        pub attrition: Attrition = "m.attrition",
        /// What is required is a multiple of this.
        pub rounding_multiple: Option<Quantity> = "NULLIF(m.rounding_multiple, 0)",
        pub optional: bool = "m.optional",
        /// The line or its part says that it is consumed without being counted.
        pub consumable: bool = "(m.consumable OR p.consumable)",
        pub inherited: bool = "m.inherited",
        pub allow_variants: bool = "m.allow_variants",
        /// Facts of the sub part.
        pub trackable: bool = "p.trackable",
        pub is_virtual: bool = "p.virtual",
        pub is_assembly: bool = "p.assembly",
    }
}

const LINES: &str = "FROM part_bomitem m JOIN part_part p ON p.id = m.sub_part WHERE ";

impl Line {
    fn requirement(&self) -> Requirement {
        Requirement {
            quantity: self.quantity,
            setup_quantity: self.setup_quantity,
            attrition: self.attrition,
            rounding_multiple: self.rounding_multiple,
        }
    }

    /// How much of the part so many assemblies need, see [`Requirement::of`].
    ///
    /// # Errors
    /// [`Error::Invalid`] where that is beyond what a quantity can be.
    pub(crate) fn required(&self, assemblies: Quantity) -> Result<Quantity> {
        let too_much = || Error::field("quantity", "The required quantity of a part is too large.");
        self.requirement().of(assemblies).ok_or_else(too_much)
    }

    /// For how many assemblies so much of the part is enough, see [`Requirement::buildable`].
    pub(crate) fn buildable(&self, available: Quantity) -> Option<Ratio> {
        self.requirement().buildable(available)
    }
}

/// Keys of the templates above a part, root first: the steps of its tree path but for the last.
fn above(path: &str) -> impl Iterator<Item = PartKey> + '_ {
    let steps: Vec<PartKey> = path.split('/').filter_map(|key| key.parse().ok()).collect();
    let count = steps.len().saturating_sub(1);
    steps.into_iter().take(count)
}

/// Keys of the templates above a part, root first.
///
/// # Errors
/// Those of the database.
pub(crate) fn templates_above(conn: &mut Connection, part: PartKey) -> Result<Vec<PartKey>> {
    let row = conn.one("SELECT tree_path FROM part_part WHERE id = $1", &[part.into()])?;
    Ok(row.map(|row| above(row.text(0)).collect()).unwrap_or_default())
}

/// The lines that an assembly is made from: its own and those that it inherits from the templates above
/// it, sorted by their keys.
///
/// # Errors
/// Those of the database.
pub(crate) fn for_part(conn: &mut Connection, part: PartKey) -> Result<Vec<Line>> {
    Ok(for_parts(conn, &[part])?.remove(&part).unwrap_or_default())
}

selected! {
    /// A part in its tree.
    struct Placed<'r> {
        id: PartKey = "id",
        path: &'r str = "tree_path",
    }
}

/// [`for_part`] for many assemblies, with two statements. Assemblies without lines are left out.
///
/// # Errors
/// Those of the database.
pub(crate) fn for_parts(conn: &mut Connection, parts: &[PartKey]) -> Result<HashMap<PartKey, Vec<Line>>> {
    let mut sources: HashMap<PartKey, Vec<PartKey>> = HashMap::new();
    let mut owners: Vec<PartKey> = Vec::new();
    conn.of_keys(sql!("SELECT ", Placed::COLUMNS, " FROM part_part WHERE id IN ({keys})"), parts, |row| {
        let Placed { id, path } = Placed::read(row);
        let templates: Vec<PartKey> = above(path).collect();
        owners.push(id);
        owners.extend(&templates);
        sources.insert(id, templates);
    })?;
    owners.sort_unstable();
    owners.dedup();
    let mut lines: HashMap<PartKey, Vec<Line>> = HashMap::new();
    for line in selected::among::<Line>(conn, sql!(LINES, "m.part IN ({keys}) ORDER BY m.id"), &owners)? {
        lines.entry(line.part).or_default().push(line);
    }
    let mut found = HashMap::with_capacity(sources.len());
    for (part, templates) in sources {
        let mut own: Vec<Line> = lines.get(&part).cloned().unwrap_or_default();
        for template in templates {
            own.extend(lines.get(&template).into_iter().flatten().filter(|line| line.inherited).cloned());
        }
        if !own.is_empty() {
            own.sort_unstable_by_key(|line| line.id);
            found.insert(part, own);
        }
    }
    Ok(found)
}

/// One line.
///
/// # Errors
/// [`Error::NotFound`] where there is none of that key.
pub(crate) fn one(conn: &mut Connection, id: BomItemKey) -> Result<Line> {
    by_key(conn, &[id])?.remove(&id).ok_or(Error::NotFound)
}

/// Lines by their keys, with one statement. Those that are not there are left out.
///
/// # Errors
/// Those of the database.
pub(crate) fn by_key(conn: &mut Connection, ids: &[BomItemKey]) -> Result<HashMap<BomItemKey, Line>> {
    let found = selected::among::<Line>(conn, sql!(LINES, "m.id IN ({keys})"), ids)?;
    Ok(found.into_iter().map(|line| (line.id, line)).collect())
}

/// The assemblies that are made from a line: its own and, where it is inherited, all variants below.
///
/// # Errors
/// Those of the database.
pub(crate) fn assemblies(conn: &mut Connection, part: PartKey, inherited: bool) -> Result<Vec<PartKey>> {
    if !inherited {
        return Ok(vec![part]);
    }
    let sql = sql!(
        "SELECT v.id FROM part_part a JOIN part_part v ON ",
        at_or_below!("v", "a"),
        " WHERE a.id = $1 ORDER BY v.id"
    );
    Ok(conn.rows(sql, &[part.into()])?.iter().map(|row| row.cell(0)).collect())
}

/// The parts whose stock each of these lines may use, by the line's key, each list sorted: the line's
/// part, its substitutes and, where the line allows them, the variants of these. One statement.
///
/// # Errors
/// Those of the database.
pub(crate) fn allowed_parts(conn: &mut Connection, lines: &[BomItemKey]) -> Result<HashMap<BomItemKey, Vec<PartKey>>> {
    let mut found: HashMap<BomItemKey, Vec<PartKey>> = HashMap::with_capacity(lines.len());
    conn.of_keys(ALLOWED, lines, |row| {
        let Pair { line, part } = Pair::read(row);
        found.entry(line).or_default().push(part);
    })?;
    found.values_mut().for_each(|parts| parts.sort_unstable());
    Ok(found)
}

#[cfg(test)]
mod tests {
    use ironwood_base::Key;
    use ironwood_base::amount::Assemblies;

    use super::*;

    const fn quantity(scaled: i64) -> Quantity {
        Quantity::from_scaled(scaled)
    }

    fn a_line() -> Line {
        Line {
            id: Key::from_id(1),
            part: Key::from_id(2),
            sub_part: Key::from_id(3),
            quantity: quantity(250_000),
            setup_quantity: Quantity::ZERO,
            attrition: Attrition::ZERO,
            rounding_multiple: None,
            optional: false,
            consumable: false,
            inherited: false,
            allow_variants: false,
            trackable: false,
            is_virtual: false,
            is_assembly: false,
        }
    }

    #[test]
    fn what_is_required_counts_losses_setup_and_rounding() {
        let line = a_line();
        assert_eq!(line.required(Quantity::of(10)).unwrap(), Quantity::of(25));
        let lossy = Line { attrition: Attrition::of(2), ..a_line() };
        assert_eq!(lossy.required(Quantity::of(10)).unwrap(), quantity(2_550_000));
        let with_setup = Line { setup_quantity: Quantity::of(3), ..lossy.clone() };
        assert_eq!(with_setup.required(Quantity::of(10)).unwrap(), quantity(2_850_000));
        let rounded = Line { rounding_multiple: Some(Quantity::of(25)), ..with_setup.clone() };
        assert_eq!(rounded.required(Quantity::of(10)).unwrap(), Quantity::of(50));
        // exactly on the multiple: not one more
        let exact = Line { rounding_multiple: Some(Quantity::of(5)), ..a_line() };
        assert_eq!(exact.required(Quantity::of(2)).unwrap(), Quantity::of(5));
        assert_eq!(exact.required(Quantity::ZERO).unwrap(), Quantity::ZERO);
        assert!(Line { quantity: quantity(i64::MAX), ..a_line() }.required(quantity(i64::MAX)).is_err());
    }

    #[test]
    fn what_can_be_built_is_the_other_way_round() {
        let line = Line { quantity: Quantity::of(3), setup_quantity: Quantity::of(1), ..a_line() };
        let ten = line.buildable(Quantity::of(10)).unwrap();
        assert_eq!((ten.whole(), ten.amount()), (3, Quantity::of(3)));
        assert_eq!(line.buildable(Quantity::of(11)).unwrap().amount(), Assemblies::from_scaled(3_333_333_333));
        assert_eq!(line.buildable(quantity(50_000)).unwrap().whole(), 0);
        assert!(Line { quantity: Quantity::ZERO, ..a_line() }.buildable(quantity(1)).is_none());
        // never more than what is required allows
        for attrition in [0, 1, 333, 2_500, 99_999] {
            for available in [0, 7, 100_000, 123_456_789] {
                let (attrition, available) = (Attrition::from_scaled(attrition), quantity(available));
                let line = Line { attrition, setup_quantity: quantity(12_345), quantity: quantity(37_000), ..a_line() };
                let whole = line.buildable(available).unwrap().whole();
                if whole > 0 {
                    assert!(line.required(Quantity::of(whole)).unwrap() <= available);
                }
                assert!(line.required(Quantity::of(whole + 1)).unwrap() >= available);
            }
        }
    }
}
