//! The previous and next stock item by serial number.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{Type, View, value};
use ironwood_rest::{select, selected};
use ironwood_store::{Value, fragment};

use super::item;
use crate::schema::keys::ItemKey;
use crate::schema::stock::ITEM;

/// Actions of this area.
pub(crate) static ACTIONS: &[&Action] = &[&SERIAL_NUMBERS];

static VIEW: View = View::plain(
    "StockItemSerialNumbers",
    &[
        value("next", Type::Object(&item::VIEW)).label("Next Serial Number").nullable(),
        value("previous", Type::Object(&item::VIEW)).label("Previous Serial Number").nullable(),
    ],
);

static SERIAL_NUMBERS: Action = action(
    Method::Get,
    "/api/stock/{id}/serial-numbers/",
    "stock_serial_numbers_retrieve",
    Access::Table("stock_stockitem"),
    neighbours,
)
.response(200, Shape::Object(&VIEW))
.help("The items with the next and the previous serial number.");

selected! {
    /// A piece with its number.
    struct Numbered {
        family: i64 = "p.tree_id",
        number: i64 = "s.serial_int",
        serial: String = "s.serial",
    }
}

fn neighbours(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let item: ItemKey = args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)?;
    let from = "FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id = $1";
    let Numbered { family, number, serial } =
        selected::first(ctx.conn, from, &[item.into()])?.ok_or(Error::NotFound)?;
    let mut out = b"{\"next\":".to_vec();
    for (place, comparison, direction) in [("next", ">", "ASC"), ("previous", "<", "DESC")] {
        if place == "previous" {
            out.extend_from_slice(b",\"previous\":");
        }
        let sql = fragment!(
            "SELECT s.id FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE p.tree_id = $1 \
             AND COALESCE(s.serial, '') <> '' AND s.serial_int {comparison} $2 \
             ORDER BY s.serial_int {direction}, s.id {direction} LIMIT 1"
        );
        let found =
            if serial.is_empty() { None } else { ctx.conn.one(&sql, &[Value::Int(family), Value::Int(number)])? };
        let json = match found {
            None => None,
            Some(row) => {
                let query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, &ITEM);
                select::write_row(ctx, &item::VIEW, query, row.int(0))?
            }
        };
        out.extend_from_slice(&json.unwrap_or_else(|| b"null".to_vec()));
    }
    out.push(b'}');
    Ok(Answer::json_bytes(200, out))
}
