//! Totals of parts that are kept, so that lists read them instead of summing rows.
//!
//! Each is described once, as a [`Sum`]: what of which rows counts for which part. The triggers that keep it (see
//! `migrations::totals`) are made from that, and so is the sum itself, which [`check`] compares with what is kept.
//!
//! SQLite has one writer, whose triggers change the row of the part. In PostgreSQL a part that many write about would
//! make them wait for each other: there the triggers note by how much a total changed, a job adds the notes to the
//! rows, and the view [`TOTALS`] gives what both say together.

use ironwood_base::Result;
use ironwood_base::status::{BuildStatus, PurchaseOrderStatus, SalesOrderStatus, TransferOrderStatus};
use ironwood_rest::selected;
use ironwood_rest::selected::Selected;
use ironwood_rest::table::Default::Int;
use ironwood_rest::table::{Column, Companion, Table, int};
use ironwood_store::{Backend, Connection, Fragment, fragment, sql};

use super::in_stock::in_stock_condition;
use super::tallies::{self, PART_STATE, WrongNumber, of_row};

/// A table whose rows a sum is made of, or that these link to.
#[derive(Debug, Clone, Copy)]
pub struct From {
    /// How the sum calls a row of it.
    pub alias: &'static str,
    pub table: &'static str,
    /// Which row is linked: a template over the aliases. Empty for the rows that are summed.
    pub on: &'static str,
    /// Whether there may be none.
    pub optional: bool,
}

/// One total: the sum of an amount over rows for which a condition holds. Columns stand in the templates as `{alias.column}`.
#[derive(Debug, Clone, Copy)]
pub struct Sum {
    /// The column that keeps it.
    pub name: &'static str,
    /// The rows that are summed, and those that they link to.
    pub from: &'static [From],
    /// The part that it is a total of.
    pub part: &'static str,
    pub amount: &'static str,
    pub when: &'static str,
}

const fn rows(alias: &'static str, table: &'static str) -> From {
    From { alias, table, on: "", optional: false }
}

const fn linked(alias: &'static str, table: &'static str, on: &'static str) -> From {
    From { alias, table, on, optional: false }
}

/// All totals that are kept.
pub const SUMS: &[Sum] = &[
    Sum {
        name: "in_stock",
        from: &[rows("s", "stock_stockitem")],
        part: "{s.part}",
        amount: "{s.quantity}",
        when: in_stock_condition!("{s.", "}"),
    },
    // all of its items, and those in stock: lists of stock know by them how many they skip
    Sum { name: "items", from: &[rows("s", "stock_stockitem")], part: "{s.part}", amount: "1", when: "TRUE" },
    Sum {
        name: "items_in_stock",
        from: &[rows("s", "stock_stockitem")],
        part: "{s.part}",
        amount: "1",
        when: in_stock_condition!("{s.", "}"),
    },
    Sum {
        name: "external_stock",
        from: &[rows("s", "stock_stockitem"), linked("l", "stock_stocklocation", "{l.id} = {s.location}")],
        part: "{s.part}",
        amount: "{s.quantity}",
        when: sql!("{l.external} AND ", in_stock_condition!("{s.", "}")),
    },
    // what open build orders are making of it
    Sum {
        name: "building",
        from: &[rows("s", "stock_stockitem"), linked("b", "build_build", "{b.id} = {s.build}")],
        part: "{s.part}",
        amount: "{s.quantity}",
        when: sql!("{s.is_building} AND {b.status} IN (", [..BuildStatus::OPEN], ")"),
    },
    // what open build orders are still to make of it
    Sum {
        name: "scheduled",
        from: &[rows("b", "build_build")],
        part: "{b.part}",
        amount: "({b.quantity} - {b.completed}) * 100000",
        when: sql!("{b.status} IN (", [..BuildStatus::OPEN], ") AND {b.quantity} > {b.completed}"),
    },
    // what open purchase orders are still to bring; quantities of packs count what is in them, multiplied in two parts,
    // since the whole would not fit from 92 million on; packs of unknown size are not counted
    Sum {
        name: "on_order",
        from: &[
            rows("l", "order_purchaseorderlineitem"),
            linked("p", "company_supplierpart", "{p.id} = {l.part}"),
            linked("o", "order_purchaseorder", "{o.id} = {l.order}"),
        ],
        part: "{p.part}",
        amount: "(({l.quantity} - {l.received}) / 100000 * (COALESCE({p.pack_quantity_native}, 0) / 100000) + \
                 ({l.quantity} - {l.received}) % 100000 * (COALESCE({p.pack_quantity_native}, 0) / 100000) / 100000)",
        when: sql!("{o.status} IN (", [..PurchaseOrderStatus::OPEN], ") AND {l.quantity} > {l.received}"),
    },
    // stock set aside for open sales orders and not yet shipped
    Sum {
        name: "allocated_to_sales",
        from: &[
            rows("a", "order_salesorderallocation"),
            linked("i", "stock_stockitem", "{i.id} = {a.item}"),
            linked("l", "order_salesorderlineitem", "{l.id} = {a.line}"),
            linked("o", "order_salesorder", "{o.id} = {l.order}"),
            From { alias: "h", table: "order_salesordershipment", on: "{h.id} = {a.shipment}", optional: true },
        ],
        part: "{i.part}",
        amount: "{a.quantity}",
        when: sql!("{o.status} IN (", [..SalesOrderStatus::OPEN], ") AND {h.shipment_date} IS NULL"),
    },
    // stock set aside for open build orders
    Sum {
        name: "allocated_to_builds",
        from: &[
            rows("a", "build_builditem"),
            linked("i", "stock_stockitem", "{i.id} = {a.stock_item}"),
            linked("l", "build_buildline", "{l.id} = {a.build_line}"),
            linked("b", "build_build", "{b.id} = {l.build}"),
        ],
        part: "{i.part}",
        amount: "{a.quantity}",
        when: sql!("{b.status} IN (", [..BuildStatus::OPEN], ")"),
    },
    // stock set aside for open transfer orders
    Sum {
        name: "allocated_to_transfers",
        from: &[
            rows("a", "order_transferorderallocation"),
            linked("i", "stock_stockitem", "{i.id} = {a.item}"),
            linked("l", "order_transferorderlineitem", "{l.id} = {a.line}"),
            linked("o", "order_transferorder", "{o.id} = {l.order}"),
        ],
        part: "{i.part}",
        amount: "{a.quantity}",
        when: sql!("{o.status} IN (", [..TransferOrderStatus::OPEN], ")"),
    },
    // what open build orders still need of it
    Sum {
        name: "required_for_builds",
        from: &[
            rows("l", "build_buildline"),
            linked("m", "part_bomitem", "{m.id} = {l.bom_item}"),
            linked("b", "build_build", "{b.id} = {l.build}"),
        ],
        part: "{m.sub_part}",
        amount: "{l.quantity} - {l.consumed}",
        when: sql!("{b.status} IN (", [..BuildStatus::OPEN], ")"),
    },
    // what open sales orders still need of it
    Sum {
        name: "required_for_sales",
        from: &[rows("l", "order_salesorderlineitem"), linked("o", "order_salesorder", "{o.id} = {l.order}")],
        part: "{l.part}",
        amount: "{l.quantity} - {l.shipped}",
        when: sql!("{o.status} IN (", [..SalesOrderStatus::OPEN], ")"),
    },
];

const fn total(name: &'static str) -> Column {
    // what SQLite cannot hold as a whole number it would keep as a rounded one
    int(name).default(Int(0)).record("").check("CAST({} AS BIGINT) = {}")
}

/// The sum of [`FAMILY_OF`] over a part and all its variants, at any depth.
pub const FAMILY: &str = "total_in_stock";
pub const FAMILY_OF: &str = "in_stock";

/// What stands beside the totals of a part, so that an index can compare it with these, and parts be counted by both:
/// templates over the part.
pub const COPIES: [(&str, &str); 3] =
    [("minimum_stock", "{minimum_stock}"), ("maximum_stock", "{maximum_stock}"), ("state", PART_STATE)];

/// The names of the columns of [`COPIES`].
pub const COPIED: [&str; COPIES.len()] = {
    let mut names = [""; COPIES.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = COPIES[i].0;
        i += 1;
    }
    names
};

/// What is copied, as SQL over the row of a part with that name.
pub fn copied_from(row: &'static str) -> [String; COPIES.len()] {
    COPIES.map(|(_, template)| of_row(template, row).text().to_owned())
}

/// There is less than the least that should be there (which has six places, quantities have five).
macro_rules! low_stock {
    ($before:literal, $after:literal) => {
        ironwood_store::sql!(
            $before,
            "minimum_stock",
            $after,
            " > 0 AND ",
            $before,
            "total_in_stock",
            $after,
            " <= (",
            $before,
            "minimum_stock",
            $after,
            " - 1) / 10"
        )
    };
}
/// There is more than the most that should be there.
macro_rules! high_stock {
    ($before:literal, $after:literal) => {
        ironwood_store::sql!(
            $before,
            "maximum_stock",
            $after,
            " > 0 AND ",
            $before,
            "total_in_stock",
            $after,
            " > ",
            $before,
            "maximum_stock",
            $after,
            " / 10"
        )
    };
}
pub(crate) use {high_stock, low_stock};

/// Columns that change by amounts: the sums and that of the family.
const CHANGED: usize = SUMS.len() + 1;
pub const NAMES: [&str; CHANGED] = {
    let mut names = [FAMILY; CHANGED];
    let mut i = 0;
    while i < SUMS.len() {
        names[i] = SUMS[i].name;
        i += 1;
    }
    names
};

static COLUMNS: [Column; CHANGED + COPIES.len()] = {
    let mut columns = [total(""); CHANGED + COPIES.len()];
    let mut i = 0;
    while i < columns.len() {
        columns[i] = total(if i < CHANGED { NAMES[i] } else { COPIED[i - CHANGED] });
        i += 1;
    }
    columns
};

/// The totals of each part, under the key of the part.
pub static KEPT: Table = Table::new("ironwood_part_total", "")
    .unlogged("kept sums of rows that are logged")
    .columns(&COLUMNS)
    .indexes(&[&["in_stock"], &["total_in_stock"]])
    .index_where(&[(&["minimum_stock"], low_stock!("", "")), (&["maximum_stock"], high_stock!("", ""))]);

static CHANGE_COLUMNS: [Column; CHANGED + 1] = {
    let mut columns = [int("part").index().record(""); CHANGED + 1];
    let mut i = 0;
    while i < CHANGED {
        columns[i + 1] = total(NAMES[i]);
        i += 1;
    }
    columns
};

/// By how much totals have changed since they were last added to [`KEPT`]; only used in PostgreSQL.
pub static CHANGES: Table =
    Table::new("ironwood_part_total_change", "").unlogged("changes of kept sums").columns(&CHANGE_COLUMNS);

/// The totals of each part as they are: a view. Templates over a part name its columns as `{totals:in_stock}`.
pub static TOTALS: Table = Table::new("ironwood_part_totals", "").columns(&COLUMNS);
/// How parts have them.
pub const COMPANION: Companion = Companion::new("totals", &TOTALS).noted(&KEPT, &CHANGES, "part");

impl Sum {
    /// A template of the sum as SQL; `column` gives the SQL of a column of an alias.
    pub fn resolve(template: &str, column: &dyn Fn(&str, &str) -> String) -> String {
        let mut out = String::with_capacity(template.len() + 16);
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            match name.split_once('.') {
                Some((alias, name)) => out.push_str(&column(alias, name)),
                None => out.push_str(name),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// A statement that gives each part with its sum, for the parts for which a condition over `{part}` holds.
    pub fn live(&self, condition: &str) -> String {
        let plain = |template: &str| Sum::resolve(template, &|alias, column| format!("{alias}.\"{column}\""));
        let mut from = String::new();
        for step in self.from {
            let join = match (step.on.is_empty(), step.optional) {
                (true, _) => "",
                (_, true) => " LEFT JOIN ",
                (_, false) => " JOIN ",
            };
            from.push_str(&format!("{join}{} {}", step.table, step.alias));
            if !step.on.is_empty() {
                from.push_str(&format!(" ON {}", plain(step.on)));
            }
        }
        let (part, amount, when) = (plain(self.part), plain(self.amount), plain(self.when));
        let condition =
            if condition.is_empty() { format!("{part} IS NOT NULL") } else { condition.replace("{part}", &part) };
        format!(
            "SELECT {part} AS part, CAST(SUM({amount}) AS BIGINT) AS amount FROM {from} WHERE {when} AND {condition} \
             GROUP BY {part}"
        )
    }
}

/// Rows that are named for each total that is wrong.
const SHOWN: usize = 10;

/// Parts whose kept totals are not what the sums are, and numbers of rows that are not what they should be, a line each.
///
/// # Errors
/// Those of the database.
pub fn check(conn: &mut Connection) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let backend = conn.backend();
    let family = [(FAMILY, family(backend, &of_family().live("")))];
    let copies = COPIED
        .into_iter()
        .zip(copied_from("c"))
        .map(|(name, copy)| (name, format!("SELECT c.id AS part, {copy} AS amount FROM part_part c")));
    for (name, live) in SUMS.iter().map(|sum| (sum.name, sum.live(""))).chain(family).chain(copies) {
        let sql = format!(
            "SELECT {} FROM (SELECT p.id, COALESCE(CAST(k.{name} AS TEXT), 'missing') AS was, \
             CAST(COALESCE(l.amount, 0) AS TEXT) AS should FROM part_part p \
             LEFT JOIN {} k ON k.id = p.id LEFT JOIN ({live}) l ON l.part = p.id \
             WHERE k.id IS NULL OR k.{name} <> COALESCE(l.amount, 0)) w ORDER BY w.id LIMIT {}",
            WrongNumber::COLUMNS,
            TOTALS.name,
            SHOWN + 1
        );
        let wrong: Vec<WrongNumber> = selected::read_all(conn, Fragment::generated(sql), &[])?;
        for (i, WrongNumber { id, was, should }) in wrong.into_iter().enumerate() {
            lines.push(if i == SHOWN {
                format!("part_part: more rows with a wrong total {name}")
            } else {
                format!("part_part {id}: the total {name} is {was} and should be {should}")
            });
        }
    }
    lines.extend(tallies::check(conn)?);
    Ok(lines)
}

/// The sum that [`FAMILY`] adds up.
fn of_family() -> &'static Sum {
    SUMS.iter().find(|sum| sum.name == FAMILY_OF).unwrap_or(&SUMS[0])
}

/// A statement that gives each part with the sum over its family, from one that gives them for single parts.
fn family(backend: Backend, own: &str) -> String {
    format!(
        "SELECT CAST(a.value AS BIGINT) AS part, CAST(SUM(o.amount) AS BIGINT) AS amount FROM ({own}) o \
         JOIN part_part v ON v.id = o.part CROSS JOIN {} GROUP BY CAST(a.value AS BIGINT)",
        backend.path_keys("v.tree_path", "a").text()
    )
}

/// The statements that make all kept totals anew from the sums.
pub fn renewal(backend: Backend) -> Vec<String> {
    let names: Vec<&str> = SUMS.iter().map(|sum| sum.name).chain(COPIED).collect();
    let (names, copies) = (names.join(", "), copied_from("p").join(", "));
    let amounts: Vec<String> = SUMS.iter().map(|sum| format!("COALESCE({}.amount, 0)", sum.name)).collect();
    let joins: String =
        SUMS.iter().map(|sum| format!(" LEFT JOIN ({}) {1} ON {1}.part = p.id", sum.live(""), sum.name)).collect();
    vec![
        format!("DELETE FROM {}", CHANGES.name),
        format!("DELETE FROM {}", KEPT.name),
        format!(
            "INSERT INTO {} (id, {names}) SELECT p.id, {}, {copies} FROM part_part p{joins}",
            KEPT.name,
            amounts.join(", ")
        ),
        format!(
            "UPDATE {0} SET {FAMILY} = f.amount FROM ({1}) f WHERE {0}.id = f.part",
            KEPT.name,
            family(backend, &format!("SELECT k.id AS part, k.{FAMILY_OF} AS amount FROM {} k", KEPT.name))
        ),
    ]
}

/// Makes all kept totals anew.
///
/// # Errors
/// Those of the database.
pub fn renew(conn: &mut Connection) -> Result<()> {
    for sql in renewal(conn.backend()) {
        conn.execute(Fragment::generated(sql), &[])?;
    }
    tallies::renew(conn)
}

/// Stops keeping totals in this transaction, which fills an empty database: millions of small changes cost more than
/// sums at the end. Only in PostgreSQL; SQLite's triggers are quick. [`resume`] ends it.
///
/// # Errors
/// Those of the database.
pub fn suspend(conn: &mut Connection) -> Result<()> {
    if conn.backend() == Backend::Postgres {
        switch(conn, "DISABLE")?;
    }
    Ok(())
}

/// Keeps totals again, and makes them anew. Foreign keys that were deferred are checked before.
///
/// # Errors
/// Those of the database, broken foreign keys included.
pub fn resume(conn: &mut Connection) -> Result<()> {
    if conn.backend() == Backend::Sqlite {
        return Ok(());
    }
    // a table with checks that wait cannot be altered
    conn.batch("SET CONSTRAINTS ALL IMMEDIATE")?;
    if switch(conn, "ENABLE")? == 0 {
        return Ok(()); // nothing is kept here
    }
    // the planner knows the rows before it sums them up
    conn.batch("ANALYZE")?;
    renew(conn)
}

selected! {
    /// A trigger of PostgreSQL.
    struct Trigger {
        table: String = "c.relname::text",
        name: String = "t.tgname::text",
    }
}

/// Switches the triggers that write kept totals. Says how many there are.
fn switch(conn: &mut Connection, how: &'static str) -> Result<usize> {
    let kept = [KEPT.name, CHANGES.name]
        .into_iter()
        .chain(tallies::TALLIES.iter().flat_map(|t| [t.kept.name, t.changes.name]));
    let writes = kept.map(|name| fragment!("p.prosrc LIKE '%INTO {name} %' OR p.prosrc LIKE '%UPDATE {name} %'"));
    let from = fragment!(
        "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
         JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid) AND ({}) ORDER BY 1, 2",
        Fragment::join(writes, " OR ")
    );
    let triggers: Vec<Trigger> = selected::all(conn, &from, &[])?;
    for trigger in &triggers {
        if let (Some(table), Some(trigger)) = (Fragment::name(&trigger.table), Fragment::name(&trigger.name)) {
            conn.batch(fragment!("ALTER TABLE {table} {how} TRIGGER {trigger}"))?;
        }
    }
    Ok(triggers.len())
}
