//! Creates stock through the API: one item, or one for each serial number.

use ironwood_base::amount::{Amount, Unit};
use ironwood_base::decimal::Excess;
use ironwood_base::error::Fields;
use ironwood_base::status::HistoryCode;
use ironwood_base::{Error, Key, PackSize, Quantity, Result, clock};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input::{self, Mode, RawObject};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Action, Args, Resource, Shape, action};
use ironwood_rest::row::TableRow;
use ironwood_rest::select::{self, Rows};
use ironwood_rest::view::TEXT;
use ironwood_rest::{row, write};
use ironwood_store::{Connection, Value};
use serde_json::Value as Json;

use super::item::{ITEM, VIEW};
use super::kernel::{Item, Ledger, With, read_serials};
use super::rules;
use crate::business::company::pack;
use crate::platform::common::tag;
use crate::platform::settings::keys;
use crate::schema::keys::*;
use crate::schema::part::PART;
use crate::schema::stock as tables;

/// POST on the list of stock.
pub(crate) static CREATE: Action =
    action(Method::Post, "/api/stock/", "stock_create", Access::Table("stock_stockitem"), create)
        .request(Shape::Object(&VIEW))
        .response(201, Shape::List(&VIEW))
        .params(&[(
            "format",
            TEXT,
            "With `json`, a single item without a serial number is returned as an object instead of a list.",
        )])
        .help("Creates a stock item, or one item for each serial number. Returns a list.");

row! {
    /// What the part says about its new stock.
    struct Stocked in PART as PartKey {
        trackable: bool,
        default_location: Option<LocationKey>,
        /// Days until its stock expires, 0: it does not.
        default_expiry: i64,
    } without [..]
}

fn create(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let mut given = RawObject::read(&ctx.request.body)?;
    if given.values.get("quantity").is_none_or(Json::is_null) {
        return Err(Error::field("quantity", "Quantity is required."));
    }
    let part = part_of(ctx.conn, &given)?;
    // a single serial number is given as `serial_numbers`, too
    given.values.remove("serial");
    let serials = given.values.remove("serial_numbers").filter(|s| !s.is_null() && s.as_str() != Some(""));
    complete(ctx, &part, &mut given)?;
    match serials {
        None => {
            let id = write::create(ctx, &ITEM, given)?;
            let row = ironwood_rest::list::row(ctx, &ITEM, id)?.ok_or(Error::NotFound)?;
            let row = if takes_one_object(ctx) { row } else { [b"[", row.as_slice(), b"]"].concat() };
            Ok(Answer::json_bytes(201, row))
        }
        Some(serials) => {
            let text = serials.as_str().map_or_else(|| serials.to_string(), str::to_owned);
            create_serialised(ctx, given, &part, &text)
        }
    }
}

/// Whether the client expects the one item that it makes as an object. The API has answered a list since its
/// version 383. The Python client names `format=json` in its requests, which others do not: its versions
/// before 0.18 need the object, and later ones take either.
fn takes_one_object(ctx: &Context<'_>) -> bool {
    ctx.request.param("format") == Some("json")
}

/// What is not given follows from the part and the settings.
fn complete(ctx: &mut Context<'_>, part: &Stocked, given: &mut RawObject) -> Result<()> {
    if given.values.get("location").is_none_or(Json::is_null) && part.default_location.is_some() {
        given.values.insert("location".into(), part.default_location.into());
    }
    if given.values.get("expiry_date").is_none_or(Json::is_null) && part.default_expiry > 0 {
        given.values.insert("expiry_date".into(), clock::days_from_today(part.default_expiry).into());
    }
    unpack(ctx.conn, given)?;
    if !given.values.contains_key("delete_on_deplete") {
        let delete = crate::platform::state::snapshot(ctx)?.settings.bool(keys::STOCK_DELETE_DEPLETED_DEFAULT);
        given.values.insert("delete_on_deplete".into(), delete.into());
    }
    Ok(())
}

/// Makes one stock item, with its serial number if it has one; the quantity counts pieces. Gives its key.
///
/// # Errors
/// As POST on the list of stock.
pub(crate) fn one(ctx: &mut Context<'_>, resource: &'static Resource, mut given: RawObject) -> Result<i64> {
    let part = part_of(ctx.conn, &given)?;
    given.values.insert("use_pack_size".into(), false.into());
    given
        .values
        .retain(|name, value| !matches!(name.as_str(), "location" | "expiry_date") || value.as_str() != Some(""));
    complete(ctx, &part, &mut given)?;
    write::create(ctx, resource, given)
}

fn part_of(conn: &mut Connection, given: &RawObject) -> Result<Stocked> {
    let refuse = || Error::field("part", "Must be the ID of a part.");
    let named = given.values.get("part");
    let key = named.and_then(|p| p.as_i64().or_else(|| p.as_str()?.trim().parse().ok())).ok_or_else(refuse)?;
    row::one(conn, Key::from_id(key))?.ok_or_else(refuse)
}

/// Where the quantity counts packs of a supplier: pieces instead of packs, and the price of one.
fn unpack(conn: &mut Connection, given: &mut RawObject) -> Result<()> {
    let use_packs = given.values.remove("use_pack_size");
    let Some(supplier_part) = given.values.get("supplier_part").filter(|s| !s.is_null() && s.as_str() != Some(""))
    else {
        return Ok(());
    };
    let refuse = || Error::field("supplier_part", "This supplier part does not exist.");
    let key = supplier_part.as_i64().or_else(|| supplier_part.as_str()?.trim().parse().ok()).ok_or_else(refuse)?;
    let sql = "SELECT pack_quantity_native FROM company_supplierpart WHERE id = $1";
    let pack =
        conn.one(sql, &[Value::Int(key)])?.ok_or_else(refuse)?.cell::<Option<PackSize>>(0).unwrap_or(PackSize::ONE);
    if pack == PackSize::ONE || !pack.is_positive() {
        return Ok(());
    }
    let use_packs = match &use_packs {
        None => {
            return Err(Error::field(
                "use_pack_size",
                "State whether the quantity is in packs of the supplier part (`use_pack_size`).",
            ));
        }
        Some(Json::String(text)) => select::truth(text).unwrap_or(!text.is_empty()),
        Some(value) => value.as_bool().or_else(|| Some(value.as_i64()? != 0)).unwrap_or(false),
    };
    if !use_packs {
        return Ok(());
    }
    // what is no number is refused later, by name
    if let Some(packs) = given.values.get("quantity").and_then(read_amount) {
        let pieces = pack::pieces(packs, pack);
        let pieces = pieces.ok_or_else(|| Error::field("quantity", "Quantity is out of range."))?;
        given.values.insert("quantity".into(), Json::String(pieces.to_string()));
    }
    if let Some(price) = given.values.get("purchase_price").and_then(read_amount)
        && let Some(each) = pack::piece_price(price, pack)
    {
        given.values.insert("purchase_price".into(), Json::String(each.to_string()));
    }
    Ok(())
}

/// A JSON number, or its text, as an amount.
fn read_amount<U: Unit>(value: &Json) -> Option<Amount<U>> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Amount::parse(&text, Excess::Round).ok()
}

/// One item for each serial number; the answer lists them all.
fn create_serialised(ctx: &mut Context<'_>, mut given: RawObject, part: &Stocked, text: &str) -> Result<Answer> {
    if !part.trackable {
        return Err(Error::field("serial_numbers", "Part must be trackable for stock items with serial numbers."));
    }
    let serials = serials_of(ctx.conn, part.id, text, given.values.get("quantity"))?;
    given.values.insert("quantity".into(), 1.into());
    let mut input = input::check(ctx.conn, &VIEW, given, Mode::Whole)?;
    write::choose(ctx, &VIEW, &mut input, true)?;
    let mut change = Change::create(&tables::ITEM, input);
    rules::check(ctx, &mut change)?;
    let tags = tag::given(&change);
    // numbers are given to each item; nothing is known of single items yet
    let model = Item { metadata: None, ..Item::of_change(&change) };
    let user = caller_key(ctx);
    let mut ledger = Ledger::open(ctx.conn, user, &[])?;
    let keys = ledger.create_serialised(&model, &serials)?;
    for key in &keys {
        ledger.record_new(*key, HistoryCode::CREATED, &With::default())?;
    }
    ledger.close()?;
    if let Some(tags) = tags {
        for key in &keys {
            tag::set(ctx.conn, "stock.stockitem", key.general(), &tags)?;
        }
    }
    let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, &tables::ITEM);
    query.and_keys("{id}", &keys);
    query.order_by("{id}", false);
    Ok(Answer::json_bytes(201, select::write_rows(ctx, &VIEW, Rows { query, page: None })?.0))
}

fn serials_of(conn: &mut Connection, part: PartKey, text: &str, quantity: Option<&Json>) -> Result<Vec<String>> {
    let pieces: Option<Quantity> = quantity.and_then(read_amount);
    let Some(pieces) = pieces.filter(|q| q.is_whole()).and_then(|q| usize::try_from(q.units()).ok()) else {
        return Err(Error::field("quantity", "Quantity must be a whole number for items with serial numbers."));
    };
    read_serials(conn, part, text, pieces).map_err(|error| match error {
        // a text that does not fit the quantity is refused on both
        Error::Invalid(fields) if !is_taken(&fields) => {
            let mut both = Fields::new();
            both.nest("quantity", fields.json()["serial_numbers"].clone());
            both.nest("serial_numbers", fields.json()["serial_numbers"].clone());
            Error::Invalid(both)
        }
        other => other,
    })
}

fn is_taken(fields: &Fields) -> bool {
    fields.json()["serial_numbers"][0].as_str().is_some_and(|m| m.starts_with(super::kernel::TAKEN))
}
