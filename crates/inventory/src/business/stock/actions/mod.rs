//! Stock actions. Each is one transaction, for all of its lines or none.

mod adjust;
mod assembly;
mod customer;
mod disassemble;
mod merge;
mod serialise;
mod shop_floor;
#[cfg(test)]
mod shop_floor_tests;
mod status;
#[cfg(test)]
mod tests;

use ironwood_base::{Error, Result};
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Action, Args, action};
use ironwood_rest::select::{self, Rows};

use super::item;
use crate::schema::keys::*;
use crate::schema::stock::ITEM;

/// Actions on stock items.
pub(crate) static ACTIONS: &[&Action] = &[
    &super::create::CREATE,
    &adjust::COUNT_ACTION,
    &adjust::ADD_ACTION,
    &adjust::REMOVE_ACTION,
    &adjust::TRANSFER_ACTION,
    &adjust::RETURN_ACTION,
    &customer::ASSIGN,
    &merge::MERGE,
    &status::CHANGE_STATUS,
    &serialise::SERIALISE,
    &assembly::INSTALL,
    &assembly::UNINSTALL,
    &assembly::CONVERT,
    &disassemble::DISASSEMBLE,
    &shop_floor::TAKE_ACTION,
    &shop_floor::USE_ACTION,
    &shop_floor::RETURN_ACTION,
];

/// An action on the item that the address names.
const fn on_item(path: &'static str, id: &'static str, run: fn(&mut Context<'_>, &Args) -> Result<Answer>) -> Action {
    action(Method::Post, path, id, Access::Right("stock_stockitem", Permission::Change), run)
}

/// Key of the item that the address names.
fn key(args: &Args) -> Result<ItemKey> {
    args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)
}

/// The answer with items that an action made: a list of them, as they are shown elsewhere.
fn made(ctx: &mut Context<'_>, keys: &[ItemKey]) -> Result<Answer> {
    let mut query = Query::new(ctx.conn.backend(), ctx.request, ctx.caller, &ITEM);
    query.and_keys("{id}", keys);
    query.order_by("{id}", false);
    let (body, _) = select::write_rows(ctx, &item::VIEW, Rows { query, page: None })?;
    Ok(Answer::json_bytes(201, body))
}
