//! Creates outputs of build orders: stock items that are being made.

use ironwood_base::status::{BuildStatus, HistoryCode};
use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::below;
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method, Request};
use ironwood_rest::query::Query;
use ironwood_rest::request;
use ironwood_rest::request::{Request as _, Sent};
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::select::{self, Rows};
use ironwood_rest::view::{BOOL, TEXT, View, input};
use ironwood_store::{Connection, sql};

use super::auto_allocation::{self, Search};
use super::load::{self, Order};
use super::manual_allocation::{AMOUNT, build_action, key_of};
use super::{lines, state};
use crate::business::stock::item::VIEW as STOCK_ITEM;
use crate::business::stock::kernel::{self, Deltas, Item, Ledger};
use crate::business::stock::{batch, history};
use crate::platform::settings;
use crate::platform::settings::keys;
use crate::schema::keys::*;
use crate::schema::stock::{ITEM, LOCATION};

static CREATE_FORM: View = View::plain(
    "BuildOutputCreate",
    &[
        input("quantity", AMOUNT).money().required().help("Quantity to create."),
        input("batch_code", TEXT).max(100).help("Batch code of the outputs."),
        input("serial_numbers", TEXT).help("Serial numbers, such as `1-10, 15`. Each output is then a single unit."),
        input("location", key_of(&LOCATION)).nullable().help("Location of the outputs during production."),
        input("auto_allocate", BOOL)
            .label("Auto Allocate Serial Numbers")
            .nullable()
            .default("false")
            .help("Allocate tracked stock with the same serial number as an output."),
    ],
);

request! {
    struct CreateRequest of CREATE_FORM {
        quantity: Quantity,
        batch_code: Sent<String>,
        serial_numbers: String,
        location: Option<LocationKey>,
        auto_allocate: bool,
    } without []
}

/// `POST /api/build/{id}/create-output/`.
pub(super) static CREATE: Action =
    build_action("/api/build/{id}/create-output/", "build_create_output_create", create_action)
        .request(Shape::Object(&CREATE_FORM))
        .response(201, Shape::List(&STOCK_ITEM))
        .help("Creates outputs of the build order.");

/// Outputs that are to be made.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewOutputs {
    pub quantity: Quantity,
    pub batch: String,
    /// One output for each; none: one output for the whole quantity.
    pub serials: Vec<String>,
    pub location: Option<LocationKey>,
    pub auto_allocate: bool,
}

fn create_action(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order = load::named(ctx.conn, args)?;
    let request = CreateRequest::read(ctx)?;
    let mut new = NewOutputs {
        quantity: request.quantity,
        batch: match request.batch_code.change() {
            Some(batch) => batch.unwrap_or_default(),
            None => batch::default_code(ctx.conn)?,
        },
        serials: Vec::new(),
        location: request.location,
        auto_allocate: request.auto_allocate,
    };
    if !new.quantity.is_positive() {
        return Err(Error::field("quantity", "Quantity must be greater than zero."));
    }
    let tracked_parts = has_tracked_parts(ctx.conn, order.part)?;
    if !new.quantity.is_whole() && (tracked_parts || is_tracked(ctx.conn, order.part)?) {
        return Err(Error::field("quantity", "Quantity must be a whole number for a trackable part."));
    }
    let text = request.serial_numbers.trim().to_owned();
    if !text.is_empty() {
        let pieces = usize::try_from(new.quantity.units()).unwrap_or(usize::MAX);
        new.serials = kernel::read_serials(ctx.conn, order.part, &text, pieces)?;
    } else if tracked_parts {
        // told under the name that clients of the API know
        return Err(Error::field(
            "serials",
            "Serial numbers are required, because the bill of materials contains trackable parts.",
        ));
    }
    let user = caller_key(ctx);
    let keys = create(ctx.conn, user, &order, &new)?;
    if order.status == BuildStatus::PENDING {
        state::put(ctx.conn, &order, BuildStatus::PRODUCTION)?;
    }
    Ok(Answer::json_bytes(201, shown(ctx, &keys)?))
}

/// Stock items with all that is known of them: these are no new rows of the list that was asked.
fn shown(ctx: &mut Context<'_>, keys: &[ItemKey]) -> Result<Vec<u8>> {
    let request = Request { method: Method::Get, ..ctx.request.clone() };
    let mut query = Query::new(ctx.conn.backend(), &request, ctx.caller, &ITEM);
    query.and_keys("{id}", keys);
    let mut inner = Context::new(ctx.conn, ctx.caller, &request, ctx.domain, ctx.registry, ctx.limits);
    Ok(select::write_rows(&mut inner, &STOCK_ITEM, Rows { query, page: None })?.0)
}

fn is_tracked(conn: &mut Connection, part: PartKey) -> Result<bool> {
    let row = conn.one("SELECT trackable FROM part_part WHERE id = $1", &[part.into()])?;
    Ok(row.is_some_and(|row| row.bool(0)))
}

/// Whether tracked parts are installed into the part when it is made.
fn has_tracked_parts(conn: &mut Connection, part: PartKey) -> Result<bool> {
    let sql = sql!(
        "SELECT 1 FROM part_bomitem m JOIN part_part p ON p.id = m.sub_part JOIN part_part a ON a.id = m.part \
               JOIN part_part q ON q.id = $1 WHERE p.trackable AND (m.part = q.id OR (m.inherited \
               AND ",
        below!("q", "a"),
        ")) LIMIT 1"
    );
    Ok(conn.one(sql, &[part.into()])?.is_some())
}

/// Begins outputs: stock items that are being made. Gives their keys.
///
/// # Errors
/// 400 for a build order that is closed, a structural location, or serial numbers that are taken.
pub(crate) fn create(conn: &mut Connection, user: UserKey, order: &Order, new: &NewOutputs) -> Result<Vec<ItemKey>> {
    if !order.is_open() {
        return Err(Error::non_field("Outputs cannot be created for a closed build order."));
    }
    let location = match new.location.or(order.destination) {
        Some(location) => Some(location),
        None => lines::default_location(conn, order.part)?,
    };
    let model = Item {
        build: Some(order.id),
        batch: Some(new.batch.clone()),
        is_building: true,
        location,
        purchase_price_currency: settings::get_text(conn, keys::INVENTREE_DEFAULT_CURRENCY)?,
        ..Item::new(order.part, new.quantity)
    };
    let keys = if new.serials.is_empty() {
        // the item itself is created by the order, not by the user who started it
        let mut ledger = Ledger::open(conn, UserKey::default(), &[])?;
        let key = ledger.insert(model)?;
        let item = ledger.item(key)?;
        let mut deltas = Deltas::new();
        deltas.insert("quantity".into(), history::quantity(item.quantity));
        deltas.insert("status".into(), item.status.key().into());
        if let Some(location) = location {
            deltas.insert("location".into(), location.into());
        }
        ledger.record(key, HistoryCode::CREATED, deltas, "")?;
        ledger.close()?;
        let mut ledger = Ledger::open(conn, user, &[key])?;
        begin(&mut ledger, order, &[key])?;
        ledger.close()?;
        vec![key]
    } else {
        let mut ledger = Ledger::open(conn, user, &[])?;
        // until they are complete, nothing is known of single pieces
        let keys = ledger.create_serialised(&Item { metadata: None, ..model }, &new.serials)?;
        for key in &keys {
            ledger.item_mut(*key)?.delete_on_deplete = true;
        }
        begin(&mut ledger, order, &keys)?;
        ledger.close()?;
        keys
    };
    if new.auto_allocate && !new.serials.is_empty() {
        let search = Search { location: order.take_from, substitutes: true, ..Search::default() };
        let outputs: Vec<(ItemKey, String)> = keys.iter().copied().zip(new.serials.iter().cloned()).collect();
        auto_allocation::tracked_for(conn, order, &search, &outputs)?;
    }
    Ok(keys)
}

/// Notes of new outputs that the build order has begun them.
fn begin(ledger: &mut Ledger<'_>, order: &Order, keys: &[ItemKey]) -> Result<()> {
    for key in keys {
        let item = ledger.item(*key)?;
        let location = item.location;
        let mut deltas = Deltas::new();
        deltas.insert("quantity".into(), history::quantity(item.quantity));
        deltas.insert("buildorder".into(), order.id.into());
        deltas.insert("batch".into(), item.batch.clone().into());
        if let Some(serial) = &item.serial {
            deltas.insert("serial".into(), serial.as_str().into());
        }
        deltas.insert("location".into(), location.into());
        if let Some(location) = location {
            ledger.check_location(location)?;
        }
        ledger.record(*key, HistoryCode::BUILD_OUTPUT_CREATED, deltas, "")?;
    }
    Ok(())
}
