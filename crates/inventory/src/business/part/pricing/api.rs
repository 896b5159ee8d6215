//! The prices of a part in the API: calculated prices and overrides.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input::{self, Mode, RawObject};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{BOOL, View, col, input as accepted};
use ironwood_rest::{select, write};
use serde_json::{Map, Value as Json, json};

use super::{Converter, engine, mark};
use crate::platform::settings::keys;
use crate::platform::state;
use crate::schema::keys::{PartKey, PricingKey};
use crate::schema::part::PRICING;

/// Prices of a part.
pub(crate) static VIEW: View = View::new(
    "PartPricing",
    &PRICING,
    &[
        col("currency")
            .read_only()
            .nullable()
            .option_type("choice")
            .suggested("currency")
            .help("Currency of the prices."),
        col("updated").read_only().help("When the prices were last calculated."),
        col("scheduled_for_update").read_only().help("Whether a recalculation is scheduled."),
        col("bom_cost_min").read_only().money(),
        col("bom_cost_max").read_only().money(),
        col("purchase_cost_min").read_only().money(),
        col("purchase_cost_max").read_only().money(),
        col("internal_cost_min").read_only().money(),
        col("internal_cost_max").read_only().money(),
        col("supplier_price_min").read_only().money(),
        col("supplier_price_max").read_only().money(),
        col("variant_cost_min").read_only().money(),
        col("variant_cost_max").read_only().money(),
        col("override_min").label("Minimum Price").money().help("Minimum price. Overrides the calculated one."),
        col("override_min_currency").label("Minimum price currency").currency(),
        col("override_max").label("Maximum Price").money().help("Maximum price. Overrides the calculated one."),
        col("override_max_currency").label("Maximum price currency").currency(),
        col("overall_min").read_only().money(),
        col("overall_max").read_only().money(),
        col("sale_price_min").read_only().money(),
        col("sale_price_max").read_only().money(),
        col("sale_history_min").read_only().money(),
        col("sale_history_max").read_only().money(),
        accepted("update", BOOL).nullable().default("false").listed().help("Recalculate the prices now."),
    ],
);

const RIGHT: Access = Access::Table("part_part");

const fn operation(
    method: Method,
    path: &'static str,
    id: &'static str,
    run: fn(&mut Context<'_>, &Args) -> Result<Answer>,
) -> Action {
    let action = action(method, path, id, RIGHT, run).response(200, Shape::Object(&VIEW));
    match method {
        Method::Get => action.help("Calculated price range of a part."),
        _ => action.request(Shape::Object(&VIEW)).help("Sets prices that override the calculated ones."),
    }
}

static GET: Action = operation(Method::Get, "/api/part/{id}/pricing/", "part_pricing_retrieve", show);
static PUT: Action = operation(Method::Put, "/api/part/{id}/pricing/", "part_pricing_update", replace);
static PATCH: Action = operation(Method::Patch, "/api/part/{id}/pricing/", "part_pricing_partial_update", change);
// where clients look for them that know later versions of the API
static MOVED_GET: Action = operation(Method::Get, "/api/pricing/part/{id}/", "pricing_part_retrieve", show);
static MOVED_PUT: Action = operation(Method::Put, "/api/pricing/part/{id}/", "pricing_part_update", replace);
static MOVED_PATCH: Action = operation(Method::Patch, "/api/pricing/part/{id}/", "pricing_part_partial_update", change);

/// Actions on the prices of a part.
pub(crate) static ACTIONS: [&Action; 6] = [&GET, &PUT, &PATCH, &MOVED_GET, &MOVED_PUT, &MOVED_PATCH];

fn part_of(ctx: &mut Context<'_>, args: &Args) -> Result<PartKey> {
    let part: PartKey = args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)?;
    match ctx.conn.one("SELECT 1 FROM part_part WHERE id = $1", &[part.into()])? {
        Some(_) => Ok(part),
        None => Err(Error::NotFound),
    }
}

fn row_of(ctx: &mut Context<'_>, part: PartKey) -> Result<Option<PricingKey>> {
    let row = ctx.conn.one("SELECT id FROM part_partpricing WHERE part = $1", &[part.into()])?;
    Ok(row.map(|row| row.cell(0)))
}

fn show(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let part = part_of(ctx, args)?;
    let Some(row) = row_of(ctx, part)? else { return nothing(ctx) };
    let query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, &PRICING);
    let body = select::write_row(ctx, &VIEW, query, row)?.ok_or(Error::NotFound)?;
    Ok(Answer::json_bytes(200, body))
}

/// The answer for a part whose prices were never calculated.
fn nothing(ctx: &mut Context<'_>) -> Result<Answer> {
    let snapshot = state::snapshot(ctx)?;
    let currency = snapshot.settings.text(keys::INVENTREE_DEFAULT_CURRENCY);
    let value = |name: &str| match name {
        "scheduled_for_update" => json!(false),
        name if name.ends_with("currency") => json!(currency),
        _ => Json::Null,
    };
    let fields = VIEW.fields.iter().filter(|f| f.shown()).map(|f| (f.name.to_owned(), value(f.name)));
    Ok(Answer::json(200, &Json::Object(fields.collect::<Map<_, _>>())))
}

fn replace(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    store(ctx, args, Mode::Whole)
}

fn change(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    store(ctx, args, Mode::Partial)
}

fn store(ctx: &mut Context<'_>, args: &Args, mode: Mode) -> Result<Answer> {
    let part = part_of(ctx, args)?;
    let given = RawObject::read(&ctx.request.body)?;
    let mut checked = input::check(ctx.conn, &VIEW, given, mode)?;
    write::choose(ctx, &VIEW, &mut checked, false)?;
    let update = checked.extra.get("update").and_then(Json::as_bool).unwrap_or(false);
    let snapshot = state::snapshot(ctx)?;
    let settings = &snapshot.settings;
    let row = match row_of(ctx, part)? {
        Some(row) => row,
        None => {
            mark(ctx.conn, settings, &[part])?;
            row_of(ctx, part)?.ok_or(Error::NotFound)?
        }
    };
    let mut change = Change::update(ctx.conn, &PRICING, row, checked)?;
    check_limits(&Converter::load(ctx.conn, settings)?, &change)?;
    change.write(ctx.conn)?;
    if update {
        engine::refresh_all_below(ctx.conn, settings, part)?;
    } else {
        let changed = engine::refresh(ctx.conn, settings, &[part])?;
        engine::mark_above(ctx.conn, settings, &changed, &[])?;
    }
    show(ctx, args)
}

/// The lowest price must not be above the highest one, whatever currencies they are in.
fn check_limits(money: &Converter, change: &Change) -> Result<()> {
    let (Some(min), Some(max)) = (change.money("override_min"), change.money("override_max")) else { return Ok(()) };
    let min = money.convert(min.in_currency(change.text("override_min_currency")));
    let max = money.convert(max.in_currency(change.text("override_max_currency")));
    let (Some(min), Some(max)) = (min, max) else {
        return Err(Error::non_field(format!("No exchange rate is available for {}.", money.currency)));
    };
    let mut fields = Fields::new();
    if min > max {
        fields.add("override_min", "Minimum price must not be greater than maximum price.");
        fields.add("override_max", "Maximum price must not be less than minimum price.");
    }
    fields.check()
}
