//! Takes a receipt back: stock that was received by mistake goes, and its line is outstanding again.

use std::collections::BTreeMap;

use ironwood_base::status::{HistoryCode, OrderStatus};
use ironwood_base::{Error, Key, PackSize, Quantity, Result};
use ironwood_rest::bulk;
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::form::RowFaults;
use ironwood_rest::http::Answer;
use ironwood_rest::request;
use ironwood_rest::request::Request;
use ironwood_rest::resource::{Action, Args, Shape};
use ironwood_rest::selected;
use ironwood_rest::view::{INT, Type, View, input};
use ironwood_store::{fragment, sql};

use crate::business::company::pack;
use crate::business::order::order_type::PURCHASE;
use crate::business::order::states::{self, state_action};
use crate::business::part::pricing::watch;
use crate::business::purchasing::receive;
use crate::business::stock::{kernel, owner};
use crate::platform::settings::keys;
use crate::schema::keys::*;
use crate::schema::purchasing::LINE;
use crate::schema::stock::ITEM;

static RECEIVED: View = View::plain(
    "PurchaseOrderUndoReceiveItem",
    &[
        input("item", INT).links(&ITEM).required().help("Stock item that was received."),
        input("line_item", INT).links(&LINE).required().help("Line that it was received for."),
    ],
);

static FORM: View = View::plain(
    "PurchaseOrderUndoReceive",
    &[input("items", Type::List(&RECEIVED)).required().help("Received stock items, with their lines.")],
);

request! {
    struct ReceivedRequest of RECEIVED {
        item: ItemKey,
        line_item: PurchaseLineKey,
    } without []
}

request! {
    struct UndoRequest of FORM {
        items: Vec<ReceivedRequest>,
    } without []
}

/// `POST /api/order/po/{id}/undo-receive/`.
pub(crate) static TAKE_BACK: Action =
    state_action("/api/order/po/{id}/undo-receive/", "order_po_undo_receive_create", "order_purchaseorder", run)
        .request(Shape::Object(&FORM))
        .response(201, Shape::Object(&FORM))
        .help(
            "Takes received items back: they are deleted, and the quantity of their lines is outstanding again. Only \
             items to which nothing has happened since. Items that somebody else received require the permission to \
             delete stock. An order that was completed by receiving is open again.",
        );

selected! {
    /// An item with what may have happened to it.
    struct Received {
        id: ItemKey = "s.id",
        order: Option<PurchaseOrderKey> = "s.purchase_order",
        supplier_part: Option<SupplierPartKey> = "s.supplier_part",
        quantity: Quantity = "s.quantity",
        build: Option<BuildKey> = "s.build",
        received_by: Option<UserKey> = sql!(
            "(SELECT t.\"user\" FROM stock_stockitemtracking t WHERE t.item = s.id AND t.tracking_type = ",
            [HistoryCode::RECEIVED_AGAINST_PURCHASE_ORDER],
            " ORDER BY t.id LIMIT 1)"
        ),
        entries: i64 = "(SELECT COUNT(*) FROM stock_stockitemtracking t WHERE t.item = s.id)",
        uses: i64 = "(SELECT COUNT(*) FROM build_builditem a WHERE a.stock_item = s.id) \
            + (SELECT COUNT(*) FROM order_salesorderallocation a WHERE a.item = s.id) \
            + (SELECT COUNT(*) FROM order_transferorderallocation a WHERE a.item = s.id) \
            + (SELECT COUNT(*) FROM order_returnorderlineitem l WHERE l.item = s.id) \
            + (SELECT COUNT(*) FROM stock_stockitemtestresult r WHERE r.stock_item = s.id) \
            + (SELECT COUNT(*) FROM common_attachment f WHERE f.model_type = 'stockitem' AND f.model_id = s.id)",
    }
}

selected! {
    /// A line with what has come of it.
    struct Line {
        id: PurchaseLineKey = "l.id",
        order: PurchaseOrderKey = "l.\"order\"",
        received: Quantity = "l.received",
        supplier_part: Option<SupplierPartKey> = "s.id",
        pack: Option<PackSize> = "s.pack_quantity_native",
    }
}

fn run(ctx: &mut Context<'_>, args: &Args) -> Result<Answer> {
    let order: PurchaseOrderKey = args.first().and_then(|a| a.parse().ok()).ok_or(Error::NotFound)?;
    let (request, form) = UndoRequest::read_form(ctx)?;
    let sql =
        fragment!("SELECT o.status FROM order_purchaseorder o WHERE o.id = $1{}", ctx.conn.backend().for_update("o"));
    let status: OrderStatus = ctx.conn.one(&sql, &[order.into()])?.ok_or(Error::NotFound)?.cell(0);
    if request.items.is_empty() {
        return Err(Error::field("items", "Select at least one item."));
    }
    let completes = crate::platform::state::snapshot(ctx)?.settings.bool(keys::PURCHASEORDER_AUTO_COMPLETE);
    let is_completed = completes && status == OrderStatus::COMPLETE;
    if status != PURCHASE.issued && !is_completed {
        return Err(Error::non_field("Receipts can only be taken back on an issued order."));
    }
    let keys: Vec<ItemKey> = request.items.iter().map(|row| row.item).collect();
    owner::check_items(ctx, &keys)?;
    let received = check(ctx, order, &request.items)?;
    kernel::delete(ctx.conn, &keys)?;
    bulk::update_one(ctx.conn, receive::RECEIVED, received)?;
    if is_completed {
        let sql = "UPDATE order_purchaseorder SET received_by = NULL, complete_date = NULL WHERE id = $1";
        ctx.conn.execute(sql, &[order.into()])?;
        states::put(ctx.conn, &PURCHASE, order.general(), PURCHASE.issued, "")?;
        watch::order_done(ctx.conn, PURCHASE.table.name, order.general())?;
    }
    Ok(Answer::json(201, &form.echo(&FORM)))
}

/// Refuses items that were not received as named, or are no longer as they came. Gives what is left of the received
/// quantity of each line.
fn check(
    ctx: &mut Context<'_>,
    order: PurchaseOrderKey,
    rows: &[ReceivedRequest],
) -> Result<Vec<(PurchaseLineKey, Quantity)>> {
    let keys: Vec<ItemKey> = rows.iter().map(|row| row.item).collect();
    let from = fragment!("FROM stock_stockitem s WHERE s.id IN ({{keys}}){}", ctx.conn.backend().for_update("s"));
    let found = selected::among::<Received>(ctx.conn, &from, &keys)?;
    let mut items: BTreeMap<ItemKey, Received> = found.into_iter().map(|item| (item.id, item)).collect();
    let keys: Vec<PurchaseLineKey> = rows.iter().map(|row| row.line_item).collect();
    let from = fragment!(
        "FROM order_purchaseorderlineitem l LEFT JOIN company_supplierpart s ON s.id = l.part WHERE l.id IN ({{keys}}){}",
        ctx.conn.backend().for_update("l")
    );
    let found = selected::among::<Line>(ctx.conn, &from, &keys)?;
    let lines: BTreeMap<PurchaseLineKey, Line> = found.into_iter().map(|line| (line.id, line)).collect();
    let mut faults = RowFaults::new("items", rows.len());
    let mut left: BTreeMap<PurchaseLineKey, Quantity> = BTreeMap::new();
    let mut others = false;
    for (row, wanted) in rows.iter().enumerate() {
        // a second mention finds none any more
        let item = items.remove(&wanted.item);
        let line = lines.get(&wanted.line_item).filter(|line| line.order == order && line.supplier_part.is_some());
        let fits = |item: &Received, line: &Line| {
            item.order == Some(order) && item.supplier_part == line.supplier_part && item.build.is_none()
        };
        let Some((item, line)) = item.zip(line).filter(|(item, line)| fits(item, line)) else {
            faults.add(row, "item", "This stock item was not received for this line.");
            continue;
        };
        others |= item.received_by.is_none() || item.received_by != ctx.caller.id().map(Key::from_id);
        if item.entries > 1 || item.uses > 0 {
            faults.add(row, "item", "This stock item has changed or been used since it was received.");
            continue;
        }
        let size = line.pack.filter(|size| size.is_positive()).unwrap_or(PackSize::ONE);
        let there = left.get(&line.id).copied().unwrap_or(line.received);
        let packs = pack::packs(item.quantity, size).filter(|packs| *packs <= there);
        match packs {
            Some(packs) => {
                left.insert(line.id, there - packs);
            }
            None => faults.add(row, "item", "The quantity of this stock item does not fit what its line has received."),
        }
    }
    faults.check()?;
    // who has received something may take that back; other stock is deleted by those who may delete stock
    if others {
        ctx.require(ITEM.name, Permission::Delete)?;
    }
    Ok(left.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use crate::platform::settings;
    use crate::platform::users::permission::{Permission, Ruleset};
    use crate::testing::{Client, Server, on_each_server};

    struct World {
        admin: Client,
        order: i64,
        line: i64,
        shelf: i64,
    }

    fn world(server: &Server) -> World {
        let admin = server.superuser();
        let supplier = admin.made("/api/company/", json!({"name": "S", "is_supplier": true, "currency": "USD"}));
        let part = admin.made("/api/part/", json!({"name": "Bolt", "purchaseable": true, "trackable": true}));
        let sold = json!({"part": part, "supplier": supplier, "SKU": "B", "pack_quantity": "10"});
        let sold = admin.made("/api/company/part/", sold);
        let order = admin.made("/api/order/po/", json!({"supplier": supplier}));
        let line = admin.made("/api/order/po-line/", json!({"order": order, "part": sold, "quantity": 4}));
        let shelf = admin.made("/api/stock/location/", json!({"name": "Shelf"}));
        admin.done(&format!("/api/order/po/{order}/issue/"), json!({}));
        World { admin, order, line, shelf }
    }

    fn receive(world: &World, more: Json) -> Vec<Json> {
        let mut item = json!({"line_item": world.line, "location": world.shelf});
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = world.admin.done(&format!("/api/order/po/{}/receive/", world.order), json!({"items": [item]}));
        answer.as_array().unwrap().iter().map(|row| json!({"item": row["pk"], "line_item": world.line})).collect()
    }

    fn undo(world: &World, items: &[Json]) -> (u16, Json) {
        world.admin.post(&format!("/api/order/po/{}/undo-receive/", world.order), json!({ "items": items }))
    }

    fn state(world: &World) -> (Json, Json, Json) {
        let line = world.admin.read(&format!("/api/order/po-line/{}/", world.line));
        let order = world.admin.read(&format!("/api/order/po/{}/", world.order));
        (line["received"].clone(), order["status"].clone(), order["complete_date"].clone())
    }

    #[test]
    fn a_receipt_is_taken_back_and_a_completed_order_is_open_again() {
        on_each_server(|server| {
            let world = world(server);
            server.write(|conn| settings::set_global(conn, "PURCHASEORDER_AUTO_COMPLETE", "True").map(|_| ()));
            let first = receive(&world, json!({"quantity": 1.5}));
            let second = receive(&world, json!({"quantity": 2.5, "serial_numbers": "1-25"}));
            assert_eq!(second.len(), 25);
            assert_eq!(state(&world).1, 30, "complete");
            let (status, answer) = undo(&world, &second);
            assert_eq!(status, 201, "{answer}");
            assert_eq!(state(&world), (json!(1.5), json!(20), Json::Null));
            assert_eq!(undo(&world, &first).0, 201);
            assert_eq!(state(&world).0, json!(0.0));
            assert_eq!(server.int("SELECT COUNT(*) FROM stock_stockitem", &[]), 0);
            assert_eq!(undo(&world, &first).0, 400, "once");
            receive(&world, json!({"quantity": 4}));
        });
    }

    #[test]
    fn what_others_received_is_taken_back_by_those_who_may_delete_stock() {
        on_each_server(|server| {
            let world = world(server);
            let all = [Permission::View, Permission::Add, Permission::Change, Permission::Delete];
            let rights = [Permission::View, Permission::Add];
            let buyer = server.user("buyer", &[(Ruleset::PurchaseOrder, &all), (Ruleset::Stock, &rights)]);
            let path = format!("/api/order/po/{}", world.order);
            let theirs = receive(&world, json!({"quantity": 1}));
            let item = json!({"line_item": world.line, "location": world.shelf, "quantity": 1});
            let own = buyer.done(&format!("{path}/receive/"), json!({ "items": [item] }));
            let own = json!([{"item": own[0]["pk"], "line_item": world.line}]);
            let undo = |items: &Json| buyer.post(&format!("{path}/undo-receive/"), json!({ "items": items })).0;
            assert_eq!((undo(&json!(theirs)), undo(&own)), (403, 201));
            assert_eq!(state(&world).0, json!(1.0));
            // made by hand as if it had been received; and none at all
            let like = world.admin.read(&format!("/api/stock/{}/", theirs[0]["item"]));
            let made = json!({"part": like["part"], "supplier_part": like["supplier_part"], "quantity": 1, "use_pack_size": true,
                "purchase_order": world.order, "location": world.shelf});
            let made = buyer.made("/api/stock/", made);
            assert_eq!(undo(&json!([{"item": made, "line_item": world.line}])), 403);
            assert_eq!(undo(&json!([{"item": 99999, "line_item": world.line}])), 400);
            assert_eq!(state(&world).0, json!(1.0));
        });
    }

    #[test]
    fn what_has_changed_since_stays() {
        on_each_server(|server| {
            let world = world(server);
            let received = receive(&world, json!({"quantity": 2}));
            let item = received[0]["item"].clone();
            let line = json!([{"pk": item, "quantity": 1}]);
            let twice = [received[0].clone(), received[0].clone()];
            assert_eq!(undo(&world, &twice).0, 400);
            world.admin.done("/api/stock/remove/", json!({ "items": line }));
            let (status, answer) = undo(&world, &received);
            assert_eq!(status, 400, "{answer}");
            assert_eq!(state(&world).0, json!(2.0));
            let other = receive(&world, json!({"quantity": 1}));
            let file =
                json!({"model_type": "stockitem", "model_id": other[0]["item"], "link": "https://example.org/x"});
            let file = world.admin.made("/api/attachment/", file);
            assert_eq!(undo(&world, &other).0, 400, "what is attached to it would be lost");
            assert_eq!(world.admin.delete(&format!("/api/attachment/{file}/")).0, 204);
            // another order's, and one that was never received
            let stray = json!([{"item": other[0]["item"], "line_item": world.line + 1}]);
            assert_eq!(undo(&world, stray.as_array().unwrap()).0, 400);
            world.admin.done(&format!("/api/order/po/{}/hold/", world.order), json!({}));
            assert_eq!(undo(&world, &other).0, 400, "on hold");
            assert_eq!(undo(&world, &[]).0, 400);
        });
    }
}
