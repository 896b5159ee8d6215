//! One block of the demo company: parts, their bills of materials, prices and stock.

use serde_json::{Value as Json, json};

use super::block::{Block, FIRST_BOARD, FIRST_MODULE, FIRST_PRODUCT, FIRST_TEMPLATE};
use super::company::{BINS, BOARDS, COMPONENTS, MANUFACTURERS, MODULES, PRODUCTS, SUPPLIERS};
use super::random::Random;
use super::{PARTS, STOCK, breadth, day, moment, money, orders, quantity};

/// All records of a block.
pub(super) fn records(number: i64) -> Vec<Json> {
    let mut block = Block { number, random: Random::new(number), out: Vec::new(), bom: Vec::new() };
    breadth::before_parts(&mut block);
    for place in 0..PARTS {
        part(&mut block, place);
    }
    supply(&mut block);
    bills(&mut block);
    stock(&mut block);
    orders::add(&mut block);
    breadth::after_parts(&mut block);
    block.out
}

fn part(block: &mut Block, place: i64) {
    let pk = block.part(place);
    let mut fields = json!({
        "active": place % 97 != 0, "creation_date": day(place % 200), "creation_user": ["erin"], "tree_id": pk,
        "minimum_stock": "0.000000", "default_location": BINS.start() + pk % 24,
    });
    let (name, category) = match place {
        _ if place < FIRST_BOARD => {
            let (category, kind, unit, _) = COMPONENTS[(place % 10) as usize];
            fields["description"] = format!("{kind} for boards and modules").into();
            fields["keywords"] = format!("{} {unit}", kind.to_lowercase()).into();
            fields["minimum_stock"] = format!("{}.000000", (place % 7) * 50).into();
            fields["link"] = format!("https://parts.example.org/{pk}").into();
            (format!("{kind} {} {unit}", 1 + pk % 997), breadth::kind(block, place).unwrap_or(category))
        }
        _ if place < FIRST_MODULE => ("Board".to_owned(), BOARDS),
        _ if place < FIRST_PRODUCT => ("Module".to_owned(), MODULES),
        _ if place < FIRST_TEMPLATE => ("Sensor station".to_owned(), PRODUCTS),
        _ => ("Enclosure".to_owned(), PRODUCTS),
    };
    fields["name"] = format!("{name} #{pk:05}").into();
    fields["category"] = category.into();
    fields["IPN"] = format!("FD-{pk:06}").into();
    if place >= FIRST_BOARD {
        fields["description"] = format!("{name} made by the demo company").into();
        fields["assembly"] = true.into();
        fields["purchaseable"] = false.into();
        fields["revision"] = if place % 5 == 0 { "B" } else { "A" }.into();
        fields["notes"] = format!("# {name}\n\nSee the drawing *{pk}*.").into();
    }
    if (FIRST_PRODUCT..FIRST_TEMPLATE).contains(&place) {
        for flag in ["trackable", "testable", "salable"] {
            fields[flag] = true.into();
        }
    }
    if place >= FIRST_TEMPLATE {
        let template = FIRST_TEMPLATE + (place - FIRST_TEMPLATE) / 5 * 5;
        fields["assembly"] = false.into();
        fields["is_template"] = (place == template).into();
        if place != template {
            fields["variant_of"] = block.part(template).into();
            fields["tree_id"] = block.part(template).into();
        }
    }
    block.push("part.part", pk, fields);
    if place < FIRST_BOARD {
        let value = block.random.between(1, 1000);
        for (template, data) in
            [(1, value.to_string()), (3, ["0402", "0603", "0805", "SOT-23"][(place % 4) as usize].to_owned())]
        {
            let number = (template == 1).then_some(value);
            let fields = json!({
                "model_type": ["part", "part"], "model_id": pk, "template": template, "data": data, "data_numeric": number,
                "updated": moment(place % 200), "updated_by": ["erin"],
            });
            block.push("common.parameter", pk * 2 + template / 2, fields);
        }
    }
    if (FIRST_PRODUCT..FIRST_TEMPLATE).contains(&place) {
        for (i, test) in ["Power up", "Calibration"].iter().enumerate() {
            let key = test.to_lowercase().replace(' ', "");
            let fields = json!({"part": pk, "test_name": test, "key": key, "description": format!("{test} of a finished station"), "requires_value": i == 1});
            block.push("part.parttesttemplate", pk * 2 + i as i64, fields);
        }
        let price = json!({"part": pk, "quantity": quantity(1), "price": money(249_000_000 + pk % 90 * 1_000_000), "price_currency": "EUR"});
        block.push("part.partsellpricebreak", pk, price);
    }
    if place % 50 == 0 {
        block.push("part.partstar", pk, json!({"part": pk, "user": ["erin"]}));
        block.push(
            "taggit.taggeditem",
            pk,
            json!({"tag": 1 + pk % 3, "content_type": ["part", "part"], "object_id": pk}),
        );
    }
}

fn supply(block: &mut Block) {
    for place in 0..FIRST_BOARD {
        let pk = block.part(place);
        let base = COMPONENTS[(place % 10) as usize].3;
        let price = base + block.random.between(0, base / 2);
        let manufacturer = MANUFACTURERS[(pk % 4) as usize];
        let made = json!({"part": pk, "manufacturer": manufacturer, "MPN": format!("M{manufacturer}-{pk:06}"), "description": "See \
            the data sheet"});
        block.push("company.manufacturerpart", pk, made);
        let supplied = json!({
            "part": pk, "supplier": 1 + pk % SUPPLIERS, "SKU": format!("S{}-{pk:06}", 1 + pk % SUPPLIERS), "manufacturer_part": pk,
            "pack_quantity": "1", "pack_quantity_native": "1.0000000000", "primary": true, "updated": moment(place % 200),
        });
        block.push("company.supplierpart", pk, supplied);
        for (i, (least, share)) in [(1, 100), (100, 80)].iter().enumerate() {
            let fields = json!({"part": pk, "quantity": quantity(*least), "price": money(price * share / 100), "price_currency": "EUR", "updated": moment(place % 200)});
            block.push("company.supplierpricebreak", pk * 2 + i as i64, fields);
        }
        let fields = json!({
            "part": pk, "currency": "EUR", "updated": moment(210), "supplier_price_min": money(price * 80 / 100), "supplier_price_min_currency": "EUR",
            "supplier_price_max": money(price), "supplier_price_max_currency": "EUR", "overall_min": money(price * 80 / 100),
            "overall_min_currency": "EUR", "overall_max": money(price), "overall_max_currency": "EUR",
        });
        block.push("part.partpricing", pk, fields);
        if place % 10 == 0 {
            let fields =
                json!({"part": pk, "quantity": quantity(1), "price": money(price * 90 / 100), "price_currency": "EUR"});
            block.push("part.partinternalpricebreak", pk, fields);
        }
    }
}

fn bills(block: &mut Block) {
    for place in FIRST_BOARD..FIRST_TEMPLATE {
        let assembly = block.part(place);
        let mut parts: Vec<(i64, i64)> = Vec::new();
        let components = if place < FIRST_MODULE { 8 } else { 3 };
        for i in 0..components {
            parts.push(((place * 7 + i * 31) % FIRST_BOARD, block.random.between(1, 9)));
        }
        match place {
            _ if place < FIRST_MODULE => {}
            _ if place < FIRST_PRODUCT => parts.push((FIRST_BOARD + place % 80, 1)),
            _ => {
                parts.push((FIRST_MODULE + place % 60, 1));
                parts.push((FIRST_BOARD + place % 80, 2));
            }
        }
        for (i, (sub, amount)) in parts.into_iter().enumerate() {
            let pk = assembly * 10 + i as i64;
            let sub_part = block.part(sub);
            let fields = json!({
                "part": assembly, "sub_part": sub_part, "raw_amount": amount.to_string(), "quantity": quantity(amount),
                "reference": format!("X{}", i + 1), "optional": i == 7, "consumable": sub % 10 == 9, "allow_variants": false,
            });
            block.push("part.bomitem", pk, fields);
            block.bom.push((pk, assembly, sub_part, amount));
            if i == 0 {
                let other = block.part((sub + 10) % FIRST_BOARD);
                block.push("part.bomitemsubstitute", pk, json!({"bom_item": pk, "part": other}));
            }
        }
    }
}

fn stock(block: &mut Block) {
    let first = block.number * STOCK;
    let mut pk = first;
    for place in 0..PARTS {
        let part = block.part(place);
        let serialised = (FIRST_PRODUCT..FIRST_TEMPLATE).contains(&place);
        let items = match place {
            _ if place < FIRST_BOARD => 15,
            _ if serialised => 4,
            _ => 2,
        };
        for i in 0..items {
            pk += 1;
            let amount = if serialised { 1 } else { block.random.between(20, 400) };
            let location = breadth::shelf(block, pk);
            let made = pk % 200;
            let status = match pk % 40 {
                0 => 50,
                1 => 75,
                _ => 10,
            };
            let mut fields = json!({
                "part": part, "quantity": quantity(amount), "location": location, "status": status,
                "batch": format!("B{:04}", pk % 500), "creation_date": moment(made), "updated": moment(made),
            });
            if serialised {
                fields["serial"] = (i + 1).to_string().into();
                fields["serial_int"] = (i + 1).into();
            }
            if place < FIRST_BOARD {
                fields["supplier_part"] = part.into();
                fields["purchase_price"] = money(COMPONENTS[(place % 10) as usize].3).into();
                fields["purchase_price_currency"] = "EUR".into();
            }
            if pk % 12 == 0 {
                fields["expiry_date"] = format!("2027-{:02}-15", pk % 12 + 1).into();
            }
            block.push("stock.stockitem", pk, fields);
            let deltas = json!({"quantity": amount, "status": status, "location": location});
            let entry = json!({"tracking_type": 1, "item": pk, "part": part, "date": moment(made), "user": ["wanda"], "notes": "", "deltas": deltas});
            block.push("stock.stockitemtracking", pk, entry);
            if serialised && i == 0 {
                let result = json!({"stock_item": pk, "template": part * 2, "result": true, "value": "", "user": ["erin"], "date": moment(made)});
                block.push("stock.stockitemtestresult", pk, result);
            }
        }
        if place % 25 == 0 {
            let fields =
                json!({"part": part, "item_count": items, "quantity": quantity(items * 100), "date": day(205)});
            block.push("part.partstocktake", part, fields);
        }
    }
    // what the plan of a block says is what it holds
    debug_assert_eq!(pk - first, STOCK);
}
