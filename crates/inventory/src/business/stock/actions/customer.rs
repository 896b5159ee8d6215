//! Assigning stock items to a customer without an order.

use std::collections::BTreeMap;

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::form::RowFaults;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{INT, TEXT, Type, View, input, value};
use ironwood_rest::{request, selected};
use ironwood_store::Value;

use super::super::kernel::Ledger;
use super::super::{expiry, owner};
use crate::schema::company::COMPANY;
use crate::schema::keys::*;
use crate::schema::stock::ITEM;

static LINE: View = View::plain(
    "StockAssignmentItem",
    &[input("item", INT).label("Stock Item").links(&ITEM).required().help("Stock item.")],
);

static VIEW: View = View::plain(
    "StockAssignment",
    &[
        value("items", Type::List(&LINE)).writable().required().help("Stock items to assign, as a whole."),
        input("customer", INT).links(&COMPANY).required().help("Customer."),
        input("notes", TEXT).max(512).help("Note to record in the stock history."),
    ],
);

request! {
    struct LineRequest of LINE {
        item: ItemKey,
    } without []
}

request! {
    struct AssignRequest of VIEW {
        items: Vec<LineRequest>,
        customer: CompanyKey,
        notes: String,
    } without []
}

pub(super) static ASSIGN: Action = action(
    Method::Post,
    "/api/stock/assign/",
    "stock_assign_create",
    Access::Right("stock_stockitem", Permission::Add),
    assign,
)
.request(Shape::Object(&VIEW))
.response(201, Shape::Object(&VIEW))
.help("Assigns stock items to a customer.");

selected! {
    /// A stock item that is to be given away, and what it is allocated to.
    struct AssignedItem {
        id: ItemKey = "s.id",
        salable: bool = "p.salable",
        is_sold: bool = "EXISTS (SELECT 1 FROM order_salesorderallocation a WHERE a.item = s.id)",
        is_moved: bool = "EXISTS (SELECT 1 FROM order_transferorderallocation a WHERE a.item = s.id)",
        is_built_in: bool = "EXISTS (SELECT 1 FROM build_builditem a WHERE a.stock_item = s.id)",
    }
}

/// Why items cannot be given away, beyond what their own rows say.
fn bound(ctx: &mut Context<'_>, keys: &[ItemKey]) -> Result<BTreeMap<ItemKey, &'static str>> {
    let from = "FROM stock_stockitem s JOIN part_part p ON p.id = s.part WHERE s.id IN ({keys})";
    let mut found: BTreeMap<ItemKey, &'static str> =
        expiry::barred(ctx.conn, keys, expiry::ALLOW_SALE)?.into_iter().collect();
    for item in selected::among::<AssignedItem>(ctx.conn, from, keys)? {
        let why = match () {
            () if !item.salable => "Part must be salable.",
            () if item.is_sold => "This stock item is allocated to a sales order.",
            () if item.is_moved => "This stock item is allocated to a transfer order.",
            () if item.is_built_in => "This stock item is allocated to a build order.",
            () => continue,
        };
        found.insert(item.id, why);
    }
    Ok(found)
}

fn assign(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let read = AssignRequest::read_form(ctx);
    let customer = ironwood_rest::input::RawObject::read(&ctx.request.body)?;
    let customer = customer.values.get("customer").and_then(|c| c.as_i64().or_else(|| c.as_str()?.trim().parse().ok()));
    let is_customer = "SELECT is_customer FROM company_company WHERE id = $1";
    let unfit = match customer {
        Some(key) => ctx.conn.one(is_customer, &[Value::Int(key)])?.is_some_and(|row| !row.bool(0)),
        None => false,
    };
    let refuse = "Company must be a customer.";
    let (request, form) = match read {
        Err(Error::Invalid(mut fields)) if unfit => {
            fields.add("customer", refuse);
            return Err(Error::Invalid(fields));
        }
        other => other?,
    };
    if unfit {
        return Err(Error::field("customer", refuse));
    }
    let keys: Vec<ItemKey> = request.items.iter().map(|line| line.item).collect();
    if keys.is_empty() {
        return Err(Error::non_field("A list of stock items is required."));
    }
    let (bound, foreign) = (bound(ctx, &keys)?, owner::foreign(ctx, &keys)?);
    let mut faults = RowFaults::new("items", keys.len());
    let user = caller_key(ctx);
    let mut ledger = Ledger::open(ctx.conn, user, &keys)?;
    let to = ledger.recipient(request.customer, None)?;
    for (row, key) in keys.iter().enumerate() {
        let item = ledger.item(*key)?;
        let quantity = item.quantity;
        match bound.get(key) {
            _ if !item.is_in_stock() => faults.add(row, "item", "This stock item is not in stock."),
            _ if foreign.contains(key) => faults.add(row, "item", owner::FOREIGN),
            Some(why) => faults.add(row, "item", *why),
            None => {
                if let Err(error) = ledger.assign(*key, quantity, &to, &request.notes) {
                    faults.take(row, error, ["", ""])?;
                }
            }
        }
    }
    faults.check()?;
    ledger.close()?;
    Ok(Answer::json(201, &form.echo(&VIEW)))
}
