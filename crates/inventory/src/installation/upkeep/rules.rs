//! What must not be among parts, stock and orders.

use crate::business::stock::available::set_aside;
use ironwood_rest::at_or_below;
use ironwood_store::sql;

/// A rule that the database itself does not hold.
pub(super) struct Rule {
    pub table: &'static str,
    /// SQL that gives the keys of the rows that break it, without an order.
    pub rows: &'static str,
    pub fault: &'static str,
}

const fn rule(table: &'static str, rows: &'static str, fault: &'static str) -> Rule {
    Rule { table, rows, fault }
}

/// Allocations of a kind of order whose stock is of another part than their line, and of no variant of it.
macro_rules! of_another_part {
    ($order:literal) => {
        sql!(
            "SELECT a.id FROM ",
            $order,
            "allocation a JOIN ",
            $order,
            "lineitem l ON l.id = a.line JOIN stock_stockitem s ON s.id = a.item JOIN part_part p ON p.id = s.part \
             JOIN part_part f ON f.id = l.part WHERE NOT (",
            at_or_below!("p", "f"),
            ")"
        )
    };
}

/// All of them.
pub(super) static RULES: &[Rule] = &[
    rule(
        "part_part",
        "SELECT p.id FROM part_part p JOIN part_partcategory c ON c.id = p.category WHERE c.structural",
        "it is in a structural category",
    ),
    rule(
        "part_bomitem",
        "SELECT m.id FROM part_bomitem m JOIN part_part a ON a.id = m.part JOIN part_part c ON c.id = m.sub_part \
         WHERE a.tree_id = c.tree_id",
        "its component belongs to the same part family as the assembly",
    ),
    rule(
        "company_supplierpart",
        "SELECT s.id FROM company_supplierpart s JOIN company_manufacturerpart m ON m.id = s.manufacturer_part \
         WHERE m.part <> s.part",
        "its manufacturer part belongs to another part",
    ),
    rule(
        "stock_stockitem",
        "SELECT s.id FROM stock_stockitem s JOIN stock_stocklocation l ON l.id = s.location WHERE l.structural",
        "it is in a structural location",
    ),
    rule(
        "stock_stockitem",
        "SELECT s.id FROM stock_stockitem s WHERE s.serial <> '' AND s.serial_space IS NULL",
        "another stock item has the same serial number",
    ),
    rule(
        "stock_stockitem",
        "SELECT s.id FROM stock_stockitem s WHERE s.serial <> '' AND s.quantity NOT IN (0, 100000)",
        "it has a serial number, but its quantity is not 1",
    ),
    rule(
        "stock_stockitem",
        "SELECT s.id FROM stock_stockitem s WHERE s.is_building AND s.build IS NULL",
        "it is in production, but has no build order",
    ),
    rule("stock_stockitem", OVER_ALLOCATED, "more of it is allocated than it contains"),
    rule(
        "order_salesorderlineitem",
        "SELECT l.id FROM order_salesorderlineitem l JOIN order_salesorderallocation a ON a.line = l.id \
         GROUP BY l.id, l.quantity HAVING SUM(a.quantity) > l.quantity",
        "more stock is allocated to it than it requires",
    ),
    rule(
        "order_salesorderallocation",
        of_another_part!("order_salesorder"),
        "its stock item does not match the part of its line",
    ),
    rule(
        "order_salesorderallocation",
        "SELECT a.id FROM order_salesorderallocation a JOIN order_salesorderlineitem l ON l.id = a.line \
         JOIN order_salesordershipment h ON h.id = a.shipment WHERE h.\"order\" <> l.\"order\"",
        "its shipment belongs to another order",
    ),
    rule(
        "order_transferorderallocation",
        of_another_part!("order_transferorder"),
        "its stock item does not match the part of its line",
    ),
];

const OVER_ALLOCATED: &str = sql!(
    "SELECT s.id FROM stock_stockitem s WHERE s.id IN (SELECT b.stock_item FROM build_builditem b \
     UNION SELECT a.item FROM order_salesorderallocation a UNION SELECT t.item FROM order_transferorderallocation t) \
     AND ",
    set_aside!(),
    " > s.quantity"
);
