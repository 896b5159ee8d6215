//! The state of a stock item in the ledger.

use ironwood_base::{Result, decimal};
use ironwood_store::{Connection, Row, Value};

/// One whole piece, as quantities are stored.
pub const ONE: i64 = decimal::scale(decimal::QUANTITY);
/// No quantity reaches this: 15 digits, 5 of them behind the point.
pub const LIMIT: i64 = decimal::scale(15);

/// A row of stock with everything an action may read or change. Quantities are scaled by 10^5, prices
/// by 10^6.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Item {
    pub id: i64,
    /// The item that this one was split from.
    pub parent: Option<i64>,
    pub part: i64,
    pub supplier_part: Option<i64>,
    pub location: Option<i64>,
    pub packaging: Option<String>,
    /// The item that this one is installed in.
    pub belongs_to: Option<i64>,
    pub customer: Option<i64>,
    pub serial: Option<String>,
    pub serial_int: i64,
    /// Where the serial number is unique, see [`super::spaces`]; the ledger fills it in.
    pub serial_space: Option<i64>,
    pub link: String,
    pub batch: Option<String>,
    pub quantity: i64,
    /// The build order that made it, or is making it.
    pub build: Option<i64>,
    pub consumed_by: Option<i64>,
    pub is_building: bool,
    pub purchase_order: Option<i64>,
    pub sales_order: Option<i64>,
    pub expiry_date: Option<String>,
    pub stocktake_date: Option<String>,
    pub stocktake_user: Option<i64>,
    pub delete_on_deplete: bool,
    pub status: i64,
    pub status_custom_key: Option<i64>,
    pub purchase_price: Option<i64>,
    pub purchase_price_currency: String,
    pub owner: Option<i64>,
    pub notes: Option<String>,
    pub metadata: Option<String>,
}

/// A column and how SQL has to be told its type.
pub(super) type Column = (&'static str, &'static str);

/// The columns of [`Item`] after its key, in the order of [`Item::values`].
pub(super) const COLUMNS: [Column; 29] = [
    ("parent", "BIGINT"),
    ("part", "BIGINT"),
    ("supplier_part", "BIGINT"),
    ("location", "BIGINT"),
    ("packaging", "TEXT"),
    ("belongs_to", "BIGINT"),
    ("customer", "BIGINT"),
    ("serial", "TEXT"),
    ("serial_int", "BIGINT"),
    ("serial_space", "BIGINT"),
    ("link", "TEXT"),
    ("batch", "TEXT"),
    ("quantity", "BIGINT"),
    ("build", "BIGINT"),
    ("consumed_by", "BIGINT"),
    ("is_building", "BOOLEAN"),
    ("purchase_order", "BIGINT"),
    ("sales_order", "BIGINT"),
    ("expiry_date", "TEXT"),
    ("stocktake_date", "TEXT"),
    ("stocktake_user", "BIGINT"),
    ("delete_on_deplete", "BOOLEAN"),
    ("status", "BIGINT"),
    ("status_custom_key", "BIGINT"),
    ("purchase_price", "BIGINT"),
    ("purchase_price_currency", "TEXT"),
    ("owner", "BIGINT"),
    ("notes", "TEXT"),
    ("metadata", "TEXT"),
];

fn text(row: &Row<'_>, i: usize) -> Option<String> {
    row.opt_text(i).map(str::to_owned)
}

impl Item {
    /// A new item of a part, in good condition; nothing else is known of it.
    pub fn new(part: i64, quantity: i64) -> Self {
        Item {
            part,
            quantity,
            batch: Some(String::new()),
            delete_on_deplete: true,
            status: super::OK,
            metadata: Some("{}".into()),
            ..Item::default()
        }
    }

    fn read(row: &Row<'_>) -> Self {
        Item {
            id: row.int(0),
            parent: row.opt_int(1),
            part: row.int(2),
            supplier_part: row.opt_int(3),
            location: row.opt_int(4),
            packaging: text(row, 5),
            belongs_to: row.opt_int(6),
            customer: row.opt_int(7),
            serial: text(row, 8),
            serial_int: row.int(9),
            serial_space: row.opt_int(10),
            link: row.text(11).to_owned(),
            batch: text(row, 12),
            quantity: row.int(13),
            build: row.opt_int(14),
            consumed_by: row.opt_int(15),
            is_building: row.bool(16),
            purchase_order: row.opt_int(17),
            sales_order: row.opt_int(18),
            expiry_date: text(row, 19),
            stocktake_date: text(row, 20),
            stocktake_user: row.opt_int(21),
            delete_on_deplete: row.bool(22),
            status: row.int(23),
            status_custom_key: row.opt_int(24),
            purchase_price: row.opt_int(25),
            purchase_price_currency: row.text(26).to_owned(),
            owner: row.opt_int(27),
            notes: text(row, 28),
            metadata: text(row, 29),
        }
    }

    /// The values of [`COLUMNS`].
    pub(super) fn values(&self) -> [Value; 29] {
        [
            self.parent.into(),
            self.part.into(),
            self.supplier_part.into(),
            self.location.into(),
            self.packaging.clone().into(),
            self.belongs_to.into(),
            self.customer.into(),
            self.serial.clone().into(),
            self.serial_int.into(),
            self.serial_space.into(),
            self.link.clone().into(),
            self.batch.clone().into(),
            self.quantity.into(),
            self.build.into(),
            self.consumed_by.into(),
            self.is_building.into(),
            self.purchase_order.into(),
            self.sales_order.into(),
            self.expiry_date.clone().into(),
            self.stocktake_date.clone().into(),
            self.stocktake_user.into(),
            self.delete_on_deplete.into(),
            self.status.into(),
            self.status_custom_key.into(),
            self.purchase_price.into(),
            self.purchase_price_currency.clone().into(),
            self.owner.into(),
            self.notes.clone().into(),
            self.metadata.clone().into(),
        ]
    }

    /// Whether it is one piece with a serial number.
    pub fn is_serialised(&self) -> bool {
        self.serial.as_deref().is_some_and(|s| !s.trim().is_empty())
    }

    /// Whether it is on hand: neither sold, installed, given to a customer nor consumed, and there is some
    /// of it. Its status and whether it is still being made do not matter here.
    pub fn is_on_hand(&self) -> bool {
        self.quantity > 0
            && self.sales_order.is_none()
            && self.belongs_to.is_none()
            && self.customer.is_none()
            && self.consumed_by.is_none()
    }

    /// The same as [`super::super::available::IN_STOCK`] in SQL.
    pub fn is_in_stock(&self) -> bool {
        self.is_on_hand() && !self.is_building && super::AVAILABLE.contains(&self.status)
    }

    /// The status that people see: the administrator's own one, or the built-in one.
    pub fn shown_status(&self) -> i64 {
        self.status_custom_key.unwrap_or(self.status)
    }
}

/// Reads items to change them: in the order of their keys, locked where the database locks rows. Keys
/// that lead to nothing are left out.
///
/// # Errors
/// Those of the database.
pub fn lock(conn: &mut Connection, keys: &[i64]) -> Result<Vec<Item>> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    let columns: Vec<String> = COLUMNS.iter().map(|(name, _)| format!("s.\"{name}\"")).collect();
    let sql = format!(
        "SELECT s.id, {} FROM stock_stockitem s WHERE s.id IN ({{keys}}) ORDER BY s.id{}",
        columns.join(", "),
        conn.backend().for_update("s")
    );
    let mut items = Vec::with_capacity(keys.len());
    conn.of_keys(&sql, &keys, |row| items.push(Item::read(row)))?;
    Ok(items)
}
