//! Merging stock items.

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::form::RowFaults;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{BOOL, INT, TEXT, Type, View, input, value};
use serde_json::Value as Json;

use super::super::kernel::{Allowances, Deltas, Ledger, With, unfit_for_merge};
use super::super::owner;
use crate::schema::keys::*;
use crate::schema::stock::{ITEM, LOCATION};

static LINE: View = View::plain(
    "StockMergeItem",
    &[input("item", INT).label("Stock Item").links(&ITEM).required().help("Stock item.")],
);

static VIEW: View = View::plain(
    "StockMerge",
    &[
        value("items", Type::List(&LINE))
            .writable()
            .required()
            .help("Stock items to merge. The first one absorbs the others."),
        input("location", INT).links(&LOCATION).required().help("Destination location."),
        input("notes", TEXT).max(512).help("Note to record in the stock history."),
        input("allow_mismatched_suppliers", BOOL).help("Allow merging stock of different suppliers."),
        input("allow_mismatched_status", BOOL).help("Allow merging stock with different statuses."),
    ],
);

request! {
    struct LineRequest of LINE {
        item: ItemKey,
    } without []
}

request! {
    struct MergeRequest of VIEW {
        items: Vec<LineRequest>,
        location: LocationKey,
        notes: String,
        allow_mismatched_suppliers: bool,
        allow_mismatched_status: bool,
    } without []
}

pub(super) static MERGE: Action = action(
    Method::Post,
    "/api/stock/merge/",
    "stock_merge_create",
    Access::Right("stock_stockitem", Permission::Add),
    merge,
)
.request(Shape::Object(&VIEW))
.response(201, Shape::Object(&VIEW))
.help("Merges stock items into the first one.");

fn merge(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let (request, form) = MergeRequest::read_form(ctx)?;
    let keys: Vec<ItemKey> = request.items.iter().map(|line| line.item).collect();
    let location = request.location;
    let foreign = owner::foreign(ctx, &keys)?;
    let mut holders: Vec<ItemKey> = Vec::new();
    let sql = "SELECT DISTINCT i.belongs_to FROM stock_stockitem i WHERE i.belongs_to IN ({keys})";
    ctx.conn.of_keys(sql, &keys, |row| holders.push(row.cell(0)))?;
    let user = caller_key(ctx);
    let mut ledger = Ledger::open(ctx.conn, user, &keys)?;
    let mut faults = RowFaults::new("items", keys.len());
    for (row, key) in keys.iter().enumerate() {
        let why = match unfit_for_merge(ledger.item(*key)?) {
            None if holders.contains(key) => Some("Other items are installed in this stock item."),
            None if foreign.contains(key) => Some(owner::FOREIGN),
            found => found,
        };
        if let Some(why) = why {
            faults.add(row, "item", why);
        }
    }
    faults.check()?;
    let Some((target, others)) = keys.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err(Error::non_field("At least two stock items are required."));
    };
    let mut seen = keys.clone();
    seen.sort_unstable();
    if seen.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::non_field("A stock item is listed more than once."));
    }
    ledger.check_location(location)?;
    let allow = Allowances { suppliers: request.allow_mismatched_suppliers, status: request.allow_mismatched_status };
    let with = With::notes(&request.notes);
    ledger.merge(*target, others, Some(location), allow, &with, Deltas::new())?;
    ledger.close()?;
    let mut body = form.echo(&VIEW);
    if let Some(items) = body["items"].as_array_mut() {
        items.iter_mut().skip(1).for_each(|line| line["item"] = Json::Null);
    }
    Ok(Answer::json(201, &body))
}
