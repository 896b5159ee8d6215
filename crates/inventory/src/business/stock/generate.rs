//! Suggested batch codes and serial numbers.

use ironwood_base::{Error, Key, Quantity, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::{INT, QUANTITY, TEXT, Type, View, input, value};
use ironwood_store::{Fragment, fragment};
use serde_json::{Map, Value as Json, json};

use super::{batch, history, serial};
use crate::platform::settings::keys;
use crate::schema::build::BUILD;
use crate::schema::keys::*;
use crate::schema::part::PART;
use crate::schema::purchasing::ORDER as PURCHASE_ORDER;
use crate::schema::stock::{ITEM, LOCATION};

/// Actions of this file.
pub(crate) static ACTIONS: &[&Action] = &[&BATCH, &SERIAL];

static BATCH_VIEW: View = View::plain(
    "GenerateBatchCode",
    &[
        value("batch_code", TEXT).help("Suggested batch code."),
        input("build_order", INT).links(&BUILD).nullable().help("Build order that produces the stock."),
        input("item", INT).label("Stock Item").links(&ITEM).nullable().help("Stock item."),
        input("location", INT).links(&LOCATION).nullable().help("Stock location."),
        input("part", INT).links(&PART).nullable().help("Part."),
        input("purchase_order", INT).links(&PURCHASE_ORDER).nullable().help("Purchase order of the stock."),
        input("quantity", QUANTITY).nullable().help("Quantity."),
    ],
);

request! {
    struct BatchRequest of BATCH_VIEW {
        build_order: Option<BuildKey>,
        item: Option<ItemKey>,
        location: Option<LocationKey>,
        part: Option<PartKey>,
        purchase_order: Option<PurchaseOrderKey>,
        quantity: Option<Quantity>,
    } without []
}

static BATCH: Action =
    action(Method::Post, "/api/generate/batch-code/", "generate_batch_code_create", Access::SignedIn, batch_code)
        .writes(false)
        .request(Shape::Object(&BATCH_VIEW))
        .response(201, Shape::Object(&BATCH_VIEW))
        .help("Generates a batch code from the template in the settings.");

/// The key that a request names for one of the records.
type KeyOf = fn(&BatchRequest) -> Option<AnyKey>;

/// What a template may use of each record: its name there, its key, the table, and the columns.
const RECORDS: &[(&str, KeyOf, &str, &[&str])] = &[
    (
        "build_order",
        |request| request.build_order.map(Key::general),
        "build_build",
        &["id", "reference", "title", "batch"],
    ),
    (
        "item",
        |request| request.item.map(Key::general),
        "stock_stockitem",
        &["id", "serial", "batch", "quantity", "expiry_date"],
    ),
    (
        "location",
        |request| request.location.map(Key::general),
        "stock_stocklocation",
        &["id", "name", "description", "pathstring"],
    ),
    (
        "part",
        |request| request.part.map(Key::general),
        "part_part",
        &["id", "name", "IPN", "revision", "description", "keywords", "units"],
    ),
    (
        "purchase_order",
        |request| request.purchase_order.map(Key::general),
        "order_purchaseorder",
        &["id", "reference", "supplier_reference", "description"],
    ),
];

fn batch_code(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let (request, form) = BatchRequest::read_form(ctx)?;
    let mut values = Map::new();
    for (name, key, table, columns) in RECORDS {
        if let Some(key) = key(&request) {
            // what the caller may not view does not come out in a code either
            ctx.require(table, Permission::View)?;
            values.insert((*name).into(), record(ctx, table, columns, key)?);
        }
    }
    let quantity = request.quantity;
    if let Some(quantity) = quantity {
        values.insert("quantity".into(), history::quantity(quantity));
    }
    let template = crate::platform::state::snapshot(ctx)?.settings.text(keys::STOCK_BATCH_CODE_TEMPLATE).to_owned();
    let mut body = form.echo(&BATCH_VIEW);
    body["batch_code"] = batch::render(&template, &values).into();
    body["quantity"] = quantity.map_or(Json::Null, history::quantity);
    Ok(Answer::json(201, &body))
}

fn record(ctx: &mut Context<'_>, table: &'static str, columns: &[&'static str], key: AnyKey) -> Result<Json> {
    let list: Vec<Fragment> = columns.iter().map(|c| fragment!("\"{c}\"")).collect();
    let sql = fragment!("SELECT {} FROM {table} WHERE id = $1", Fragment::join(&list, ", "));
    let Some(row) = ctx.conn.one(&sql, &[key.into()])? else { return Ok(Json::Null) };
    let mut out = Map::new();
    out.insert("pk".into(), key.into());
    for (i, column) in columns.iter().enumerate() {
        let value = match (row.get(i).as_int(), row.get(i).as_text()) {
            (Some(_), _) if *column == "quantity" => history::quantity(row.quantity(i)),
            (Some(number), _) => number.into(),
            (_, Some(text)) => text.into(),
            _ => Json::Null,
        };
        out.insert((*column).into(), value);
    }
    Ok(Json::Object(out))
}

/// Most serial numbers that are proposed at once.
const MOST: i64 = ironwood_base::serial::MOST as i64;

static SERIAL_VIEW: View = View::plain(
    "GenerateSerialNumber",
    &[
        value("serial_number", TEXT).nullable().help("Suggested serial numbers, separated by commas."),
        input("part", INT).links(&PART).nullable().help("Part."),
        input("quantity", Type::Of(ColumnType::Int { min: i64::MIN, max: i64::MAX })).default("1").help("Quantity."),
    ],
);

request! {
    struct SerialRequest of SERIAL_VIEW {
        part: Option<crate::schema::keys::PartKey>,
        quantity: i64,
    } without []
}

static SERIAL: Action = action(
    Method::Post,
    "/api/generate/serial-number/",
    "generate_serial_number_create",
    Access::SignedIn,
    serial_number,
)
.writes(false)
.request(Shape::Object(&SERIAL_VIEW))
.response(201, Shape::Object(&SERIAL_VIEW))
.help("Generates the next unused serial numbers for a part.");

fn serial_number(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let SerialRequest { part, quantity } = SerialRequest::read(ctx)?;
    let quantity = match quantity {
        0 => 1,
        quantity if quantity < 0 => {
            return Err(Error::field("quantity", "Quantity must be greater than zero."));
        }
        quantity if quantity > MOST => {
            return Err(Error::field("quantity", format!("At most {MOST} serial numbers can be generated at once.")));
        }
        quantity => quantity,
    };
    let mut proposal = Json::Null;
    if let Some(part) = part {
        ctx.require(PART.name, Permission::View)?;
        let mut next = serial::next_after(serial::latest(ctx.conn, part)?.as_deref());
        let mut serials = Vec::new();
        for _ in 0..quantity {
            let following = ironwood_base::serial::increment(&next);
            serials.push(std::mem::replace(&mut next, following));
        }
        proposal = serials.join(",").into();
    }
    Ok(Answer::json(201, &json!({"serial_number": proposal, "part": part, "quantity": quantity})))
}
