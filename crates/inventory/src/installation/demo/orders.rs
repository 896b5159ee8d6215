//! Orders and builds for a block of parts, one in each state.

use serde_json::{Value as Json, json};

use super::block::{Block, FIRST_MODULE, FIRST_PRODUCT};
use super::company::{CUSTOMERS, SUPPLIERS};
use super::{day, money, quantity, record};

pub(super) const PURCHASE: [i64; 7] = [10, 20, 25, 30, 40, 50, 60];
pub(super) const SALES: [i64; 8] = [10, 15, 20, 25, 30, 40, 50, 60];
const RETURNS: [i64; 5] = [10, 20, 25, 30, 40];
const TRANSFERS: [i64; 5] = [10, 20, 25, 30, 40];
const BUILDS: [i64; 5] = [10, 20, 25, 30, 40];
const COMPLETE: i64 = 30;

/// Adds them to the block.
pub(super) fn add(block: &mut Block) {
    purchases(block);
    sales(block);
    returns(block);
    transfers(block);
    builds(block);
}

pub(super) fn head(prefix: &str, number: i64, status: i64) -> Json {
    json!({
        "reference": format!("{prefix}-{number:04}"), "reference_int": number, "status": status,
        "description": "An order of the demo company", "creation_date": day(number % 180), "created_by": ["paul"],
        "target_date": day(number % 180 + 30), "responsible": 2 + number % 4, "project_code": 1 + number % 3,
    })
}

fn push(block: &mut Block, model: &str, pk: i64, fields: Json) {
    block.out.push(record(model, pk, fields));
}

fn purchases(block: &mut Block) {
    for (i, status) in PURCHASE.iter().enumerate() {
        let pk = block.number * 7 + i as i64 + 1;
        // all lines are of parts that this supplier sells
        let supplier = 1 + pk % SUPPLIERS;
        let mut fields = head("PO", pk, *status);
        fields["supplier"] = supplier.into();
        fields["destination"] = 8.into();
        push(block, "order.purchaseorder", pk, fields);
        let places: Vec<i64> =
            (0..300).filter(|p| 1 + block.part(*p) % SUPPLIERS == supplier).skip(i).take(4).collect();
        for (line, place) in places.into_iter().enumerate() {
            let part = block.part(place);
            let amount = 100 * (line as i64 + 1);
            let received = if *status == COMPLETE {
                amount
            } else if *status == 20 && line == 0 {
                40
            } else {
                0
            };
            let fields = json!({
                "order": pk, "part": part, "quantity": quantity(amount), "received": quantity(received),
                "purchase_price": money(50_000 * (line as i64 + 1)), "purchase_price_currency": "EUR", "line": (line + 1).to_string(),
                "line_int": line + 1,
            });
            push(block, "order.purchaseorderlineitem", pk * 10 + line as i64, fields);
        }
    }
}

fn sales(block: &mut Block) {
    for (i, status) in SALES.iter().enumerate() {
        let pk = block.number * 8 + i as i64 + 1;
        let mut fields = head("SO", pk, *status);
        fields["customer"] = CUSTOMERS[(pk % 5) as usize].into();
        push(block, "order.salesorder", pk, fields);
        let shipped = matches!(*status, 20 | COMPLETE);
        let sent = shipped.then(|| day(190));
        push(block, "order.salesordershipment", pk, json!({"order": pk, "reference": "1", "shipment_date": sent}));
        for line in 0..2 {
            let part = block.part(FIRST_PRODUCT + (i as i64 * 2 + line) % 50);
            let fields = json!({
                "order": pk, "part": part, "quantity": quantity(2), "shipped": quantity(if shipped { 2 } else { 0 }),
                "sale_price": money(259_000_000), "sale_price_currency": "EUR",
            });
            push(block, "order.salesorderlineitem", pk * 10 + line, fields);
            if *status == 15 {
                // one piece of the part, by its first serial number
                let item = block.number * super::STOCK + 4_500 + 280 + ((i as i64 * 2 + line) % 50) * 4 + 1;
                let fields = json!({"line": pk * 10 + line, "shipment": pk, "item": item, "quantity": quantity(1)});
                push(block, "order.salesorderallocation", pk * 10 + line, fields);
            }
        }
    }
}

fn returns(block: &mut Block) {
    for (i, status) in RETURNS.iter().enumerate() {
        let pk = block.number * 5 + i as i64 + 1;
        let mut fields = head("RMA", pk, *status);
        fields["customer"] = CUSTOMERS[(pk % 5) as usize].into();
        push(block, "order.returnorder", pk, fields);
        let item = block.number * super::STOCK + 4_500 + 280 + 100 + i as i64 * 4 + 2;
        let outcome = if *status == COMPLETE { 30 } else { 10 };
        let fields = json!({"order": pk, "item": item, "quantity": quantity(1), "outcome": outcome, "notes": "Does not switch on"});
        push(block, "order.returnorderlineitem", pk, fields);
    }
}

fn transfers(block: &mut Block) {
    for (i, status) in TRANSFERS.iter().enumerate() {
        let pk = block.number * 5 + i as i64 + 1;
        let mut fields = head("TO", pk, *status);
        fields["take_from"] = 7.into();
        fields["destination"] = 4.into();
        push(block, "order.transferorder", pk, fields);
        let part = block.part(i as i64 * 3);
        let moved = if *status == COMPLETE { 10 } else { 0 };
        let fields = json!({"order": pk, "part": part, "quantity": quantity(10), "transferred": quantity(moved)});
        push(block, "order.transferorderlineitem", pk, fields);
    }
}

fn builds(block: &mut Block) {
    for (i, status) in BUILDS.iter().enumerate() {
        let pk = block.number * 5 + i as i64 + 1;
        let part = block.part(FIRST_MODULE + i as i64);
        let amount = 3 + i as i64;
        // complete is 40 for builds
        let done = *status == 40;
        let mut fields = json!({
            "reference": format!("BO-{pk:04}"), "reference_int": pk, "title": "A run of modules", "part": part, "quantity": amount,
            "completed": if done { amount } else { 0 }, "status": status, "creation_date": day(pk % 180), "issued_by": ["erin"],
            "target_date": day(pk % 180 + 20), "responsible": 2, "tree_id": pk, "destination": 8,
        });
        if done {
            fields["completion_date"] = day(200).into();
            fields["completed_by"] = json!(["erin"]);
        }
        push(block, "build.build", pk, fields);
        let lines: Vec<(i64, i64, i64, i64)> =
            block.bom.iter().filter(|(_, assembly, ..)| *assembly == part).copied().collect();
        for (bom, _, sub, each) in lines {
            let line = pk * 1_000_000_000 + bom;
            let need = each * amount;
            let used = if done { need } else { 0 };
            push(
                block,
                "build.buildline",
                line,
                json!({"build": pk, "bom_item": bom, "quantity": quantity(need), "consumed": quantity(used)}),
            );
            let place = sub - block.part(0);
            if *status == 20 && place < 300 {
                let item = block.stock_of(place);
                push(
                    block,
                    "build.builditem",
                    line,
                    json!({"build_line": line, "stock_item": item, "quantity": quantity(each)}),
                );
            }
        }
    }
}
