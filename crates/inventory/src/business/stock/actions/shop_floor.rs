//! Taking stock out for a person, using it up, and bringing it back. A ruleset of its own gives the right to do so,
//! and to nothing else with stock.

use std::collections::BTreeMap;

use ironwood_base::error::Fields;
use ironwood_base::status::HistoryCode;
use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::form::{Form, RowFaults};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{INT, TEXT, Type, View, input, value};
use ironwood_store::Connection;

use super::super::kernel::{Allowances, Deltas, Item, Ledger, With};
use super::super::owner;
use super::super::shop_floor::{InUse, Person, TAKEN_FROM};
use super::adjust::{AMOUNT, Stock, unfit};
use crate::business::order::project_code;
use crate::platform::users::permission::SHOP_FLOOR;
use crate::schema::common::PROJECT_CODE;
use crate::schema::keys::*;
use crate::schema::stock::{ITEM, LOCATION};
use crate::schema::users::USER;

/// Where an operation needs a right in the ruleset itself.
const RULESET: &str = "role:shop_floor";

static LINE: View = View::plain(
    "ShopFloorItem",
    &[
        input("pk", INT).links(&ITEM).required().label("stock_item").help("Stock item."),
        input("quantity", AMOUNT).as_text().required().help("Quantity."),
    ],
);

static RETURN_LINE: View = View::plain(
    "ShopFloorReturnItem",
    &[
        input("pk", INT).links(&ITEM).required().label("stock_item").help("Stock item."),
        input("quantity", AMOUNT).as_text().required().help("Quantity."),
        input("status", INT).nullable().chosen_from("StockStatus").help("Condition in which the item is returned."),
    ],
);

macro_rules! form {
    ($view:ident, $name:literal, $line:ident, [$($more:expr),*]) => {
        static $view: View = View::plain(
            $name,
            &[
                input("person", INT).links(&USER).required().help("User who takes or returns the items."),
                value("items", Type::List(&$line)).writable().required().help("Stock items and quantities."),
                input("notes", TEXT).max(512).help("Note to record in the stock history."),
                $($more),*
            ],
        );
    };
}

form!(
    TAKE,
    "ShopFloorTake",
    LINE,
    [input("project_code", INT).links(&PROJECT_CODE).nullable().help("Project for which the items are taken.")]
);
form!(
    USE,
    "ShopFloorUse",
    LINE,
    [input("project_code", INT).links(&PROJECT_CODE).nullable().help("Project for which the items are used up.")]
);
form!(
    RETURN,
    "ShopFloorReturn",
    RETURN_LINE,
    [input("location", INT)
        .links(&LOCATION)
        .nullable()
        .help("Destination location. Empty: where the items were taken from, or the default location of their part.")]
);

request! {
    struct LineRequest of LINE {
        pk: ItemKey,
        quantity: Quantity,
    } without []
}

request! {
    struct ReturnLineRequest of RETURN_LINE {
        pk: ItemKey,
        quantity: Quantity,
        status: Option<i64>,
    } without []
}

request! {
    struct TakeRequest of TAKE {
        person: UserKey,
        items: Vec<LineRequest>,
        notes: String,
        project_code: Option<ProjectCodeKey>,
    } without []
}

request! {
    struct UseRequest of USE {
        person: UserKey,
        items: Vec<LineRequest>,
        notes: String,
        project_code: Option<ProjectCodeKey>,
    } without []
}

request! {
    struct ReturnRequest of RETURN {
        person: UserKey,
        items: Vec<ReturnLineRequest>,
        notes: String,
        location: Option<LocationKey>,
    } without []
}

type Run = fn(&mut Context<'_>, &Args) -> Result<Answer>;

const fn on_the_floor(
    path: &'static str,
    id: &'static str,
    view: &'static View,
    run: Run,
    help: &'static str,
) -> Action {
    action(Method::Post, path, id, Access::Right(SHOP_FLOOR, Permission::Add), run)
        .request(Shape::Object(view))
        .response(201, Shape::Object(view))
        .help(help)
}

pub(super) static TAKE_ACTION: Action = on_the_floor(
    "/api/stock/shop-floor/take/",
    "stock_shop_floor_take_create",
    &TAKE,
    take,
    "Takes stock items out for a person. They are in a location of that person until they are returned.",
);
pub(super) static USE_ACTION: Action = on_the_floor(
    "/api/stock/shop-floor/use/",
    "stock_shop_floor_use_create",
    &USE,
    use_up,
    "Removes what a person uses up from stock. Needs the permission to delete in the shop floor ruleset, or to add \
     stock items.",
);
pub(super) static RETURN_ACTION: Action = on_the_floor(
    "/api/stock/shop-floor/return/",
    "stock_shop_floor_return_create",
    &RETURN,
    bring_back,
    "Returns stock items that were taken out. They go back to where they were taken from, or to the default location \
     of their part. Another location needs the permission to change in the shop floor ruleset, or to add stock items.",
);

/// One line of a request.
struct Line {
    row: usize,
    key: ItemKey,
    quantity: Quantity,
    status: Option<i64>,
}

/// What each of the actions begins with.
struct ShopFloorAction<'c> {
    person: Person,
    in_use: InUse,
    ledger: Ledger<'c>,
    lines: Vec<Line>,
    faults: RowFaults,
}

/// Reads who is there, and the items. Refuses those that are not in stock, and those that only their owner may take.
/// What lies with a person may be taken from there by whoever works on the shop floor.
fn open<'c>(
    ctx: &'c mut Context<'_>,
    person: UserKey,
    items: impl ExactSizeIterator<Item = (ItemKey, Quantity, Option<i64>)>,
) -> Result<ShopFloorAction<'c>> {
    let person = Person::find(ctx.conn, person)?;
    let count = items.len();
    if count == 0 {
        return Err(Error::field("items", "A list of stock items is required."));
    }
    let numbered = items.enumerate();
    let mut lines: Vec<Line> =
        numbered.map(|(row, (key, quantity, status))| Line { row, key, quantity, status }).collect();
    // items are always taken in the same order
    lines.sort_by_key(|line| line.key);
    let keys: Vec<ItemKey> = lines.iter().map(|line| line.key).collect();
    let foreign = owner::foreign(ctx, &keys)?;
    let in_use = InUse::find(ctx.conn)?;
    let user = caller_key(ctx);
    let ledger = Ledger::open(ctx.conn, user, &keys)?;
    let mut faults = RowFaults::new("items", count);
    for line in &lines {
        if !line.quantity.is_positive() {
            faults.add(line.row, "quantity", "Quantity must be greater than zero.");
        }
        let item = ledger.item(line.key)?;
        if let Some(why) = unfit(item, Stock::HeldSome, false) {
            faults.add(line.row, "pk", why);
        }
        if foreign.contains(&line.key) && (item.owner.is_some() || !in_use.holds(item.location)) {
            faults.add(line.row, "pk", owner::FOREIGN);
        }
    }
    faults.check()?;
    Ok(ShopFloorAction { person, in_use, ledger, lines, faults: RowFaults::new("items", count) })
}

fn done(ledger: Ledger<'_>, faults: RowFaults, form: &Form, view: &'static View) -> Result<Answer> {
    faults.check()?;
    ledger.close()?;
    Ok(Answer::json(201, &form.echo(view)))
}

fn with(person: &Person, project: Option<ProjectCodeKey>, notes: &str) -> With {
    let refs = project.map(|project| ("projectcode", project.general())).into_iter().collect();
    With { refs, person: Some(person.id), ..With::notes(notes) }
}

fn check_project(conn: &mut Connection, project: Option<ProjectCodeKey>) -> Result<()> {
    let mut fields = Fields::new();
    project_code::check_active(conn, project, &mut fields)?;
    fields.check()
}

fn take(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let (request, form) = TakeRequest::read_form(ctx)?;
    let items = request.items.into_iter().map(|line| (line.pk, line.quantity, None));
    let ShopFloorAction { person, mut in_use, mut ledger, lines, mut faults } = open(ctx, request.person, items)?;
    let place = in_use.place_of(ledger.conn, &person)?;
    check_project(ledger.conn, request.project_code)?;
    let with = with(&person, request.project_code, &request.notes);
    let mut from: BTreeMap<ItemKey, Option<LocationKey>> = BTreeMap::new();
    for line in &lines {
        from.insert(line.key, ledger.item(line.key)?.location);
    }
    // from hand to hand: it goes back to where the first one took it
    let in_hand: Vec<ItemKey> = from.iter().filter(|(_, there)| in_use.holds(**there)).map(|(key, _)| *key).collect();
    let homes = in_use.homes(ledger.conn, &in_hand)?;
    for key in in_hand {
        from.insert(key, homes.get(&key).and_then(|homes| homes.first().copied()));
    }
    for line in &lines {
        let with = match from.get(&line.key).copied().flatten() {
            Some(from) => with.clone().and(TAKEN_FROM, from),
            None => with.clone(),
        };
        if let Err(error) = ledger.transfer(line.key, line.quantity, place, &with) {
            faults.take(line.row, error, ["item", "pk"])?;
        }
    }
    done(ledger, faults, &form, &TAKE)
}

fn use_up(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    if !ctx.caller.may(ITEM.name, Permission::Add) {
        ctx.require(RULESET, Permission::Delete)?;
    }
    let (request, form) = UseRequest::read_form(ctx)?;
    let items = request.items.into_iter().map(|line| (line.pk, line.quantity, None));
    let ShopFloorAction { person, mut ledger, lines, mut faults, .. } = open(ctx, request.person, items)?;
    check_project(ledger.conn, request.project_code)?;
    let with = with(&person, request.project_code, &request.notes);
    for line in &lines {
        if let Err(error) = ledger.take(line.key, line.quantity, HistoryCode::STOCK_REMOVE, &with) {
            faults.take(line.row, error, ["item", "pk"])?;
        }
    }
    done(ledger, faults, &form, &USE)
}

fn bring_back(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let anywhere = ctx.caller.may(ITEM.name, Permission::Add) || ctx.caller.may(RULESET, Permission::Change);
    let (request, form) = ReturnRequest::read_form(ctx)?;
    let items = request.items.into_iter().map(|line| (line.pk, line.quantity, line.status));
    let ShopFloorAction { person, in_use, mut ledger, lines, mut faults } = open(ctx, request.person, items)?;
    let keys: Vec<ItemKey> = lines.iter().map(|line| line.key).collect();
    let all_homes = in_use.homes(ledger.conn, &keys)?;
    let mut destinations = Vec::new();
    for line in &lines {
        if !in_use.holds(ledger.item(line.key)?.location) {
            faults.add(line.row, "pk", "This stock item has not been taken out.");
            continue;
        }
        let homes = all_homes.get(&line.key).map_or(&[][..], Vec::as_slice);
        let destination = match request.location {
            None => homes.first().copied(),
            Some(given) if homes.contains(&given) => Some(given),
            Some(given) if anywhere && !in_use.holds(Some(given)) => Some(given),
            Some(_) => return Err(Error::field("location", "These items cannot be returned to this location.")),
        };
        destinations.push(destination.ok_or_else(|| Error::field("location", "Location is required."))?);
    }
    faults.check()?;
    let mut faults = RowFaults::new("items", lines.len());
    let parents: Vec<ItemKey> = lines.iter().filter_map(|line| ledger.item(line.key).ok()?.parent).collect();
    ledger.load(&parents)?;
    for (line, destination) in lines.iter().zip(destinations) {
        let with = With { status: line.status, ..with(&person, None, &request.notes) };
        if let Err(error) = put_back(&mut ledger, line, destination, &with) {
            faults.take(line.row, error, ["item", "pk"])?;
        }
    }
    done(ledger, faults, &form, &RETURN)
}

/// Moves an item back; into the one that it was taken out of, where that lies there and nothing tells them apart.
fn put_back(ledger: &mut Ledger<'_>, line: &Line, destination: LocationKey, with: &With) -> Result<()> {
    let back = ledger.transfer(line.key, line.quantity, destination, with)?;
    let item = ledger.item(back)?;
    if Item::is_serialised(item) {
        return Ok(());
    }
    // a part of what was taken is split off from it, which was split off from the bag
    let bag = if back == line.key { item.parent } else { ledger.item(line.key)?.parent };
    let Some(bag) = bag else { return Ok(()) };
    let is_there = ledger.item(bag).is_ok_and(|bag| bag.location == Some(destination) && bag.is_in_stock());
    if is_there && ledger.check_merge(bag, back, Allowances::default()).is_ok() {
        let merged = With { person: with.person, ..With::notes(&with.notes) };
        ledger.merge(bag, &[back], Some(destination), Allowances::default(), &merged, Deltas::new())?;
    }
    Ok(())
}
