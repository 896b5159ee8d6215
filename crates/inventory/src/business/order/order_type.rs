//! The differences between order types, as data.

use ironwood_base::status::{
    OrderStatus, PURCHASE_ORDER_STATUS, PurchaseOrderStatus, RETURN_ORDER_STATUS, ReturnOrderStatus, ReturnOutcome,
    SALES_ORDER_STATUS, SalesOrderStatus, StatusClass, TRANSFER_ORDER_STATUS, TransferOrderStatus,
};
use ironwood_rest::bulk::{Replacement, instead};
use ironwood_rest::table::Table;
use ironwood_store::sql;

use crate::platform::settings::keys;
use crate::schema::{purchasing, returns, sales, transfer};

/// One type of orders.
#[derive(Debug)]
pub(crate) struct OrderType {
    /// Name for people (`purchase order`).
    pub name: &'static str,
    pub table: &'static Table,
    pub lines: &'static Table,
    /// Lines that are no parts; `None`: the kind has none.
    pub extra_lines: Option<&'static Table>,
    /// Column of a line with the price of one (its currency beside it in `…_currency`); empty: orders of
    /// this kind have no prices.
    pub price: &'static str,
    /// Column with the company that the order is placed with; empty: none.
    pub company: &'static str,
    pub states: &'static StatusClass,
    /// The state of an order that has been issued and is being worked on.
    pub issued: OrderStatus,
    /// Column that says when the order was completed.
    pub completed: &'static str,
    /// Setting that says whether someone has to be responsible.
    pub responsible_setting: keys::Key<bool>,
    /// Setting that says whether complete orders can be changed.
    pub edit_setting: keys::Key<bool>,
    /// What a copy of a line does not take over: how far the original is, and when it is due.
    pub fresh: &'static [Replacement],
    /// SQL: the part that the line with the alias `l` is about.
    pub line_part: &'static str,
    /// SQL: something of the line with the alias `l` is still to be done.
    pub line_open: &'static str,
}

/// Purchase orders.
pub(crate) static PURCHASE: OrderType = OrderType {
    name: "purchase order",
    table: &purchasing::ORDER,
    lines: &purchasing::LINE,
    extra_lines: Some(&purchasing::EXTRA_LINE),
    price: "purchase_price",
    company: "supplier",
    states: &PURCHASE_ORDER_STATUS,
    issued: PurchaseOrderStatus::PLACED.of_order(),
    completed: "complete_date",
    responsible_setting: keys::PURCHASEORDER_REQUIRE_RESPONSIBLE,
    edit_setting: keys::PURCHASEORDER_EDIT_COMPLETED_ORDERS,
    fresh: &[
        instead(&purchasing::LINE, purchasing::Line::received, "0"),
        instead(&purchasing::LINE, purchasing::Line::target_date, "NULL"),
    ],
    line_part: "(SELECT s.part FROM company_supplierpart s WHERE s.id = l.part)",
    line_open: "l.received < l.quantity",
};

/// Sales orders.
pub(crate) static SALES: OrderType = OrderType {
    name: "sales order",
    table: &sales::ORDER,
    lines: &sales::LINE,
    extra_lines: Some(&sales::EXTRA_LINE),
    price: "sale_price",
    company: "customer",
    states: &SALES_ORDER_STATUS,
    issued: SalesOrderStatus::IN_PROGRESS.of_order(),
    completed: "shipment_date",
    responsible_setting: keys::SALESORDER_REQUIRE_RESPONSIBLE,
    edit_setting: keys::SALESORDER_EDIT_COMPLETED_ORDERS,
    fresh: &[instead(&sales::LINE, sales::Line::shipped, "0"), instead(&sales::LINE, sales::Line::target_date, "NULL")],
    line_part: "l.part",
    line_open: "l.shipped < l.quantity",
};

/// Return orders.
pub(crate) static RETURN: OrderType = OrderType {
    name: "return order",
    table: &returns::ORDER,
    lines: &returns::LINE,
    extra_lines: Some(&returns::EXTRA_LINE),
    price: "price",
    company: "customer",
    states: &RETURN_ORDER_STATUS,
    issued: ReturnOrderStatus::IN_PROGRESS.of_order(),
    completed: "complete_date",
    responsible_setting: keys::RETURNORDER_REQUIRE_RESPONSIBLE,
    edit_setting: keys::RETURNORDER_EDIT_COMPLETED_ORDERS,
    fresh: &[
        instead(&returns::LINE, returns::Line::received_date, "NULL"),
        instead(&returns::LINE, returns::Line::outcome, sql!([ReturnOutcome::PENDING])),
        instead(&returns::LINE, returns::Line::outcome_custom_key, "NULL"),
        instead(&returns::LINE, returns::Line::target_date, "NULL"),
    ],
    line_part: "(SELECT s.part FROM stock_stockitem s WHERE s.id = l.item)",
    line_open: "l.received_date IS NULL",
};

/// Transfer orders.
pub(crate) static TRANSFER: OrderType = OrderType {
    name: "transfer order",
    table: &transfer::ORDER,
    lines: &transfer::LINE,
    extra_lines: None,
    price: "",
    company: "",
    states: &TRANSFER_ORDER_STATUS,
    issued: TransferOrderStatus::ISSUED.of_order(),
    completed: "complete_date",
    responsible_setting: keys::TRANSFERORDER_REQUIRE_RESPONSIBLE,
    edit_setting: keys::TRANSFERORDER_EDIT_COMPLETED_ORDERS,
    fresh: &[
        instead(&transfer::LINE, transfer::Line::transferred, "0"),
        instead(&transfer::LINE, transfer::Line::target_date, "NULL"),
    ],
    line_part: "l.part",
    line_open: "l.transferred < l.quantity",
};

/// All of them.
pub(crate) static ORDER_TYPES: &[&OrderType] = &[&PURCHASE, &SALES, &RETURN, &TRANSFER];
