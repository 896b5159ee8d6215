//! Barcodes of records: generating internal ones and assigning external ones.

use ironwood_base::error::Fields;
use ironwood_base::{Error, Key, Result};
use ironwood_rest::change::Change;
use ironwood_rest::context::{Context, Permission};
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::input::Input;
use ironwood_rest::request;
use ironwood_rest::request::{Request, Sent};
use ironwood_rest::resource::{Access, Action, Args, Shape, action};
use ironwood_rest::view::{Field, INT, TEXT, View, input};
use ironwood_store::fragment;
use serde_json::{Value as Json, json};

use super::internal::{self, Format};
use super::{found, record_types, scan};
use crate::business::stock::owner;
use crate::platform::common::barcode_hash as hash;
use crate::schema::build::BUILD;
use crate::schema::company::{MANUFACTURER_PART, SUPPLIER_PART};
use crate::schema::keys::*;
use crate::schema::part::PART;
use crate::schema::purchasing::ORDER as PURCHASE_ORDER;
use crate::schema::record_type::RecordType;
use crate::schema::returns::ORDER as RETURN_ORDER;
use crate::schema::sales::{ORDER as SALES_ORDER, SHIPMENT};
use crate::schema::stock::{ITEM, LOCATION};
use crate::schema::transfer::ORDER as TRANSFER_ORDER;

/// Most characters of a linked code: what the records keep.
const LONGEST: usize = 500;

static GENERATE_VIEW: View = View::plain(
    "BarcodeGenerate",
    &[input("model", TEXT).required().help("Type of record."), input("pk", INT).required().help("ID of the record.")],
);

request! {
    struct GenerateRequest of GENERATE_VIEW {
        model: String,
        pk: AnyKey,
    } without []
}

/// `POST /api/barcode/generate/`.
pub(crate) static GENERATE: Action =
    action(Method::Post, "/api/barcode/generate/", "barcode_generate_create", Access::SignedIn, generate)
        .writes(false)
        .request(Shape::Object(&GENERATE_VIEW))
        .response(200, Shape::Object(&scan::VIEW))
        .help("Generates the barcode of a record in the configured format.");

fn generate(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let request = GenerateRequest::read(ctx)?;
    let record_type = record_types::by_model(&request.model);
    let record_type = record_type.ok_or_else(|| Error::field("model", "Records of this type have no barcodes."))?;
    let code = code_of(ctx, record_type, request.pk)?;
    Ok(Answer::json(200, &json!({ "barcode": code })))
}

/// The barcode of a record that the caller may see.
pub(super) fn code_of(ctx: &mut Context<'_>, record_type: &RecordType, key: AnyKey) -> Result<String> {
    if !ctx.caller.may(record_type.table.name, Permission::View) {
        return Err(Error::denied());
    }
    let sql = fragment!("SELECT 1 FROM {} WHERE id = $1", record_type.table.name);
    if ctx.conn.one(&sql, &[key.into()])?.is_none() {
        return Err(scan::refuse("This record does not exist."));
    }
    Ok(Format::load(ctx.conn)?.encode(record_type, key))
}

const fn one_of(name: &'static str, label: &'static str, table: &'static ironwood_rest::table::Table) -> Field {
    input(name, INT).links(table).nullable().label(label)
}

/// The view of a request that names a record by one of these fields, and its struct.
macro_rules! records {
    ($view:ident, $name:literal, $request:ident, [$($first:ident: $field:expr),*]) => {
        static $view: View = View::plain(
            $name,
            &[
                $($field,)*
                one_of("build", "Build Order", &BUILD),
                one_of("manufacturerpart", "Manufacturer Part", &MANUFACTURER_PART),
                one_of("supplierpart", "Supplier Part", &SUPPLIER_PART),
                one_of("purchaseorder", "Purchase Order", &PURCHASE_ORDER),
                one_of("returnorder", "Return Order", &RETURN_ORDER),
                one_of("salesorder", "Sales Order", &SALES_ORDER),
                one_of("salesordershipment", "Sales Order Shipment", &SHIPMENT),
                one_of("transferorder", "Transfer Order", &TRANSFER_ORDER),
                one_of("part", "Part", &PART),
                one_of("stockitem", "Stock Item", &ITEM),
                one_of("stocklocation", "Stock Location", &LOCATION),
            ],
        );

        request! {
            struct $request of $view {
                build: Sent<BuildKey>,
                manufacturerpart: Sent<ManufacturerPartKey>,
                supplierpart: Sent<SupplierPartKey>,
                purchaseorder: Sent<PurchaseOrderKey>,
                returnorder: Sent<ReturnOrderKey>,
                salesorder: Sent<SalesOrderKey>,
                salesordershipment: Sent<ShipmentKey>,
                transferorder: Sent<TransferOrderKey>,
                part: Sent<PartKey>,
                stockitem: Sent<ItemKey>,
                stocklocation: Sent<LocationKey>,
            } without [$($first),*]
        }

        impl $request {
            /// The key that was sent for each type of record.
            fn keys(&self) -> [(&'static str, Sent<AnyKey>); record_types::COUNT] {
                [
                    ("build", self.build.map(Key::general)),
                    ("manufacturerpart", self.manufacturerpart.map(Key::general)),
                    ("supplierpart", self.supplierpart.map(Key::general)),
                    ("purchaseorder", self.purchaseorder.map(Key::general)),
                    ("returnorder", self.returnorder.map(Key::general)),
                    ("salesorder", self.salesorder.map(Key::general)),
                    ("salesordershipment", self.salesordershipment.map(Key::general)),
                    ("transferorder", self.transferorder.map(Key::general)),
                    ("part", self.part.map(Key::general)),
                    ("stockitem", self.stockitem.map(Key::general)),
                    ("stocklocation", self.stocklocation.map(Key::general)),
                ]
            }
        }
    };
}

records!(
    LINK_VIEW,
    "BarcodeAssign",
    LinkRequest,
    [barcode: input("barcode", TEXT).max(4095).required().help("Content of the barcode.")]
);
records!(UNLINK_VIEW, "BarcodeUnassign", UnlinkRequest, []);

/// `POST /api/barcode/link/`.
pub(crate) static LINK: Action =
    action(Method::Post, "/api/barcode/link/", "barcode_link_create", Access::SignedIn, link)
        .request(Shape::Object(&LINK_VIEW))
        .response(200, Shape::Any)
        .help("Assigns an external barcode to a record, so that scanning it finds the record.");

/// `POST /api/barcode/unlink/`.
pub(crate) static UNLINK: Action =
    action(Method::Post, "/api/barcode/unlink/", "barcode_unlink_create", Access::SignedIn, unlink)
        .request(Shape::Object(&UNLINK_VIEW))
        .response(200, Shape::Any)
        .help("Removes an assigned barcode from a record.");

/// The record that a request names.
fn named(keys: &[(&'static str, Sent<AnyKey>)]) -> Option<(&'static RecordType, AnyKey)> {
    keys.iter().find_map(|(label, key)| Some((record_types::by_model(label)?, key.value()?)))
}

fn may_change(ctx: &mut Context<'_>, record_type: &RecordType, key: AnyKey) -> Result<()> {
    if !ctx.caller.may(record_type.table.name, Permission::Change) {
        return Err(Error::denied());
    }
    owner::check_record(ctx, record_type.table, key)
}

fn link(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    // all that is wrong is told at once
    let data = scan::barcode_of(ctx);
    let request = LinkRequest::read(ctx);
    let (data, request) = match (data, request) {
        (Ok(data), Ok(request)) => (data, request),
        (_, Err(error)) | (Err(error), _) => return Err(error),
    };
    if let Some((record_type, key)) = internal::find(ctx.conn, &data)? {
        let found = found::record(ctx, record_type, key)?;
        let mut fields = Fields::new();
        for (name, value) in found.body {
            fields.nest(&name, value);
        }
        fields.nest("error", "This barcode is already assigned to a record.".into());
        fields.nest("plugin", internal::NAME.into());
        fields.nest("barcode_data", data.into());
        return Err(Error::Invalid(fields));
    }
    let Some((record_type, key)) = named(&request.keys()) else {
        return Err(scan::refuse(format!("One of these fields is required: {}.", record_types::models())));
    };
    may_change(ctx, record_type, key)?;
    if data.chars().count() > LONGEST {
        return Err(Error::field("barcode", format!("A barcode to assign must be at most {LONGEST} characters.")));
    }
    let hash = hash::of(&data);
    set(ctx, record_type, key, &data, &hash)?;
    let mut body = json!({
        "success": format!("Assigned barcode to {} instance", record_type.table.model()),
        "barcode_data": data,
        "barcode_hash": hash,
    });
    body[record_type.table.model()] = json!({ "pk": key });
    Ok(Answer::json(200, &body))
}

fn set(ctx: &mut Context<'_>, record_type: &RecordType, key: AnyKey, data: &str, hash: &str) -> Result<()> {
    let columns = vec![("barcode_data", data.into()), ("barcode_hash", hash.into())];
    let input = Input { columns, ..Input::default() };
    Change::update(ctx.conn, record_type.table, key, input)?.write(ctx.conn).map(|_| ())
}

fn unlink(ctx: &mut Context<'_>, _: &Args) -> Result<Answer> {
    let keys = UnlinkRequest::read(ctx)?.keys();
    let given = keys.iter().filter(|(_, key)| !matches!(key, Sent::Not)).count();
    if given == 0 {
        return Err(scan::refuse(format!("One of these fields is required: {}.", record_types::models())));
    }
    if given > 1 {
        return Err(scan::refuse(format!("Only one of these fields is allowed: {}.", record_types::models())));
    }
    let Some((record_type, key)) = named(&keys) else { return Err(scan::refuse("The ID of a record is required.")) };
    may_change(ctx, record_type, key)?;
    set(ctx, record_type, key, "", "")?;
    Ok(Answer::json(
        200,
        &Json::from_iter([("success", format!("Barcode unassigned from {} instance", record_type.table.model()))]),
    ))
}
