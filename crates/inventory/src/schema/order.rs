//! Columns shared by the tables of all order types.

use ironwood_base::Key;
use ironwood_base::key::Record;
use ironwood_base::status::OrderStatus;
use ironwood_rest::table::Default::Int;
use ironwood_rest::table::OnDelete::{Cascade, SetNull};
use ironwood_rest::table::{
    Column, Table, currency, date, decimal, int, join, json, link, natural, quantity, text, time, url,
};

use crate::schema::common;
use crate::schema::company;
use crate::schema::users;

/// Indexes of every table of orders.
pub const ORDER_INDEXES: &[&[&str]] =
    &[&["reference_int"], &["status"], &["target_date"], &["creation_date"], &["barcode_hash"]];

const ORDER: [Column; 20] = [
    text("reference", 64).unique(),
    natural("status").default(Int(OrderStatus::PENDING.key())),
    natural("status_custom_key").null(),
    text("description", 250).blank(),
    link("project_code", &common::PROJECT_CODE, SetNull).null(),
    url("link", 2000).blank(),
    date("start_date").null(),
    date("target_date").null(),
    date("creation_date").null(),
    link("created_by", &users::USER, SetNull).null(),
    date("issue_date").null(),
    time("updated_at").null(),
    link("responsible", &users::OWNER, SetNull).null(),
    link("contact", &company::CONTACT, SetNull).null(),
    link("address", &company::ADDRESS, SetNull).null(),
    int("reference_int").default(Int(0)),
    text("notes", 50_000).null().blank().markdown().searched_if("search_notes", "{notes}"),
    text("barcode_data", 500).blank(),
    text("barcode_hash", 128).blank(),
    json("metadata").null().filled("{}"),
];

const LINE: [Column; 10] = [
    quantity("quantity").default(Int(1)),
    decimal("discount", 5, 2).default(Int(0)).check("{} >= 0 AND {} <= 10000"),
    text("line", 20).blank(),
    int("line_int").default(Int(0)),
    text("reference", 100).blank(),
    text("notes", 500).blank().searched_if("search_notes", "{notes}"),
    url("link", 2000).blank(),
    date("target_date").null(),
    link("project_code", &common::PROJECT_CODE, SetNull).null(),
    json("metadata").null().filled("{}"),
];

/// Columns of a kind of order: those of all kinds after its own.
pub const fn order<const OWN: usize, const ALL: usize>(own: [Column; OWN]) -> [Column; ALL] {
    join(own, ORDER)
}

/// Columns of the lines of a kind of order: those of all kinds after its own.
pub const fn line<const OWN: usize, const ALL: usize>(own: [Column; OWN]) -> [Column; ALL] {
    join(own, LINE)
}

/// Columns of the lines for what else is paid on a kind of order.
pub const fn extra_line(order: &'static Table) -> [Column; 15] {
    line([
        link("order", order, Cascade),
        text("description", 250).blank(),
        json("context").null(),
        decimal("price", 19, 6).null(),
        currency("price_currency"),
    ])
}

/// A struct for the rows of a kind of order: its own columns, then those of all kinds.
macro_rules! order_row {
    (
        $(#[$doc:meta])*
        pub struct $name:ident in $table:ident {
            $(pub $field:ident: $type:ty,)*
        }
    ) => {
        ironwood_rest::row! {
            $(#[$doc])*
            pub struct $name in $table {
                $(pub $field: $type,)*
                pub reference: String,
                pub status: ironwood_base::status::OrderStatus,
                pub status_custom_key: Option<i64>,
                pub description: String,
                pub project_code: Option<$crate::schema::common::ProjectCodeKey>,
                pub link: String,
                pub start_date: Option<String>,
                pub target_date: Option<String>,
                pub creation_date: Option<String>,
                pub created_by: Option<$crate::schema::users::UserKey>,
                pub issue_date: Option<String>,
                pub updated_at: Option<String>,
                pub responsible: Option<$crate::schema::users::OwnerKey>,
                pub contact: Option<$crate::schema::company::ContactKey>,
                pub address: Option<$crate::schema::company::AddressKey>,
                pub reference_int: i64,
                pub notes: Option<String>,
                pub metadata: Option<String>,
            } without [barcode_data, barcode_hash]
        }

        impl ironwood_base::key::KindOf<$crate::schema::order::AnyOrder> for $name {}
    };
}
pub(super) use order_row;

/// A struct for the lines of a kind of order: their own columns, then those of all kinds.
macro_rules! line_row {
    (
        $(#[$doc:meta])*
        pub struct $name:ident in $table:ident {
            $(pub $field:ident: $type:ty,)*
        }
    ) => {
        ironwood_rest::row! {
            $(#[$doc])*
            pub struct $name in $table {
                $(pub $field: $type,)*
                pub quantity: ironwood_base::Quantity,
                pub discount: ironwood_base::Discount,
                pub line: String,
                pub line_int: i64,
                pub reference: String,
                pub notes: String,
                pub link: String,
                pub target_date: Option<String>,
                pub project_code: Option<$crate::schema::common::ProjectCodeKey>,
                pub metadata: Option<String>,
            } without []
        }
    };
}
pub(super) use line_row;

/// A struct for the lines for what else is paid on a kind of order.
macro_rules! extra_line_row {
    ($(#[$doc:meta])* pub struct $name:ident in $table:ident of $order:ty;) => {
        $crate::schema::order::line_row! {
            $(#[$doc])*
            pub struct $name in $table {
                pub order: $order,
                pub description: String,
                pub context: Option<String>,
                pub price: Option<ironwood_base::Money>,
                pub price_currency: String,
            }
        }
    };
}
pub(super) use extra_line_row;

/// Orders of whatever kind.
#[derive(Debug)]
pub enum AnyOrder {}

/// What a statement over a table of orders reads.
impl Record for AnyOrder {
    const TABLE: &'static str = "";
}

/// Lines of orders of whatever kind.
#[derive(Debug)]
pub enum AnyLine {}

/// What a statement over a table of lines reads.
impl Record for AnyLine {
    const TABLE: &'static str = "";
}

/// Allocations of orders of whatever kind.
#[derive(Debug)]
pub enum AnyAllocation {}

/// The key of an order of a kind that is told beside it.
pub type OrderKey = Key<AnyOrder>;
/// The key of a line of an order of a kind that is told beside it.
pub type LineKey = Key<AnyLine>;
/// The key of an allocation of an order of a kind that is told beside it.
pub type AllocationKey = Key<AnyAllocation>;
