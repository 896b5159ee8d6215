//! Status codes: the states that orders, stock and the like can be in, as numbers, with their names.
//!
//! Numbers, names and labels are part of the API. A [`Code`] is a number together with what it is a state of, so that
//! states of different things cannot be mixed up, and one that does not exist does not compile.

use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;

/// One state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub key: i64,
    /// Name for programs (`ON_HOLD`).
    pub name: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// Class of the color in which it is shown (`success`, `danger`, …).
    pub color: &'static str,
}

/// All states of one kind of thing.
#[derive(Debug)]
pub struct StatusClass {
    /// Name in the API (`StockStatus`).
    pub name: &'static str,
    pub values: &'static [Status],
}

impl StatusClass {
    /// The state with that number.
    pub fn find(&self, key: i64) -> Option<&'static Status> {
        self.values.iter().find(|s| s.key == key)
    }
}

/// Whether two texts are the same, also while the program is built.
pub const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

const fn status(key: i64, name: &'static str, label: &'static str, color: &'static str) -> Status {
    Status { key, name, label, color }
}

/// What has states.
pub trait Stateful: Copy + Ord + Hash + 'static {}

/// A state of a `T`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code<T: Stateful>(i64, PhantomData<T>);

impl<T: Stateful> Code<T> {
    /// The state that is stored as this number, which may be one that an administrator has defined.
    pub const fn from_key(key: i64) -> Self {
        Code(key, PhantomData)
    }

    /// The number that is stored.
    pub const fn key(self) -> i64 {
        self.0
    }
}

impl<T: Stateful> Default for Code<T> {
    /// No state, until the row is read.
    fn default() -> Self {
        Self::from_key(0)
    }
}
impl<T: Stateful> fmt::Debug for Code<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl<T: Stateful> fmt::Display for Code<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The states of one kind of thing: the list for the API, and a constant for each.
macro_rules! codes {
    (
        $(#[$doc:meta])*
        $class:ident: $type:ident = Code<$of:ident>, $name:literal
        $($code:ident = $key:literal, $label:literal, $color:literal;)*
    ) => {
        $(#[$doc])*
        pub static $class: StatusClass =
            StatusClass { name: $name, values: &[$(status($key, stringify!($code), $label, $color)),*] };

        #[doc = concat!("What a [`", stringify!($type), "`] is a state of.")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $of {}

        impl Stateful for $of {}

        $(#[$doc])*
        pub type $type = Code<$of>;

        impl Code<$of> {
            $(#[doc = $label] pub const $code: Self = Self::from_key($key);)*

            /// The state that is built in under this number.
            pub fn find(key: i64) -> Option<Self> {
                $class.find(key).map(|status| Self::from_key(status.key))
            }
        }
    };
}

codes! {
    /// Condition of a stock item.
    STOCK_STATUS: StockStatus = Code<Stock>, "StockStatus"
    OK = 10, "OK", "success";
    ATTENTION = 50, "Attention needed", "warning";
    DAMAGED = 55, "Damaged", "warning";
    DESTROYED = 60, "Destroyed", "danger";
    REJECTED = 65, "Rejected", "danger";
    LOST = 70, "Lost", "dark";
    QUARANTINED = 75, "Quarantined", "info";
    RETURNED = 85, "Returned", "warning";
}

codes! {
    /// What happened to a stock item.
    STOCK_HISTORY_CODE: HistoryCode = Code<History>, "StockHistoryCode"
    LEGACY = 0, "Legacy stock tracking entry", "secondary";
    CREATED = 1, "Stock item created", "secondary";
    EDITED = 5, "Edited stock item", "secondary";
    ASSIGNED_SERIAL = 6, "Assigned serial number", "secondary";
    STOCK_COUNT = 10, "Stock counted", "secondary";
    STOCK_ADD = 11, "Stock manually added", "secondary";
    STOCK_REMOVE = 12, "Stock manually removed", "secondary";
    STOCK_SERIALIZED = 13, "Serialized stock items", "secondary";
    RETURNED_TO_STOCK = 15, "Returned to stock", "secondary";
    STOCK_MOVE = 20, "Location changed", "secondary";
    STOCK_UPDATE = 25, "Stock updated", "secondary";
    INSTALLED_INTO_ASSEMBLY = 30, "Installed into assembly", "secondary";
    REMOVED_FROM_ASSEMBLY = 31, "Removed from assembly", "secondary";
    INSTALLED_CHILD_ITEM = 35, "Installed component item", "secondary";
    REMOVED_CHILD_ITEM = 36, "Removed component item", "secondary";
    SPLIT_FROM_PARENT = 40, "Split from parent item", "secondary";
    SPLIT_CHILD_ITEM = 42, "Split child item", "secondary";
    MERGED_STOCK_ITEMS = 45, "Merged stock items", "secondary";
    DISASSEMBLED = 46, "Disassembled into components", "secondary";
    CREATED_FROM_DISASSEMBLY = 47, "Created from disassembly", "secondary";
    CONVERTED_TO_VARIANT = 48, "Converted to variant", "secondary";
    BUILD_OUTPUT_CREATED = 50, "Build order output created", "secondary";
    BUILD_OUTPUT_COMPLETED = 55, "Build order output completed", "secondary";
    BUILD_OUTPUT_REJECTED = 56, "Build order output rejected", "secondary";
    BUILD_CONSUMED = 57, "Consumed by build order", "secondary";
    SHIPPED_AGAINST_SALES_ORDER = 60, "Shipped against Sales Order", "secondary";
    RECEIVED_AGAINST_PURCHASE_ORDER = 70, "Received against Purchase Order", "secondary";
    RETURNED_AGAINST_RETURN_ORDER = 80, "Returned against Return Order", "secondary";
    SENT_TO_CUSTOMER = 100, "Sent to customer", "secondary";
    RETURNED_FROM_CUSTOMER = 105, "Returned from customer", "secondary";
}

codes! {
    /// State of a build order.
    BUILD_STATUS: BuildStatus = Code<Build>, "BuildStatus"
    PENDING = 10, "Pending", "secondary";
    PRODUCTION = 20, "Production", "primary";
    ON_HOLD = 25, "On Hold", "warning";
    CANCELLED = 30, "Cancelled", "danger";
    COMPLETE = 40, "Complete", "success";
}

codes! {
    /// State of a purchase order.
    PURCHASE_ORDER_STATUS: PurchaseOrderStatus = Code<PurchaseOrder>, "PurchaseOrderStatus"
    PENDING = 10, "Pending", "secondary";
    PLACED = 20, "Placed", "primary";
    ON_HOLD = 25, "On Hold", "warning";
    COMPLETE = 30, "Complete", "success";
    CANCELLED = 40, "Cancelled", "danger";
    LOST = 50, "Lost", "warning";
    RETURNED = 60, "Returned", "warning";
}

codes! {
    /// State of a sales order.
    SALES_ORDER_STATUS: SalesOrderStatus = Code<SalesOrder>, "SalesOrderStatus"
    PENDING = 10, "Pending", "secondary";
    IN_PROGRESS = 15, "In Progress", "primary";
    SHIPPED = 20, "Shipped", "primary";
    ON_HOLD = 25, "On Hold", "warning";
    COMPLETE = 30, "Complete", "success";
    CANCELLED = 40, "Cancelled", "danger";
    LOST = 50, "Lost", "warning";
    RETURNED = 60, "Returned", "warning";
}

codes! {
    /// State of a return order.
    RETURN_ORDER_STATUS: ReturnOrderStatus = Code<ReturnOrder>, "ReturnOrderStatus"
    PENDING = 10, "Pending", "secondary";
    IN_PROGRESS = 20, "In Progress", "primary";
    ON_HOLD = 25, "On Hold", "warning";
    COMPLETE = 30, "Complete", "success";
    CANCELLED = 40, "Cancelled", "danger";
}

codes! {
    /// What becomes of a returned item.
    RETURN_ORDER_LINE_STATUS: ReturnOutcome = Code<ReturnedItem>, "ReturnOrderLineStatus"
    PENDING = 10, "Pending", "secondary";
    RETURN = 20, "Return", "success";
    REPAIR = 30, "Repair", "primary";
    REPLACE = 40, "Replace", "warning";
    REFUND = 50, "Refund", "info";
    REJECT = 60, "Reject", "danger";
}

codes! {
    /// State of a transfer order.
    TRANSFER_ORDER_STATUS: TransferOrderStatus = Code<TransferOrder>, "TransferOrderStatus"
    PENDING = 10, "Pending", "secondary";
    ISSUED = 20, "Issued", "primary";
    ON_HOLD = 25, "On Hold", "warning";
    COMPLETE = 30, "Complete", "success";
    CANCELLED = 40, "Cancelled", "danger";
}

impl Code<Stock> {
    /// Of stock that may be used.
    pub const AVAILABLE: [Self; 4] = [Self::OK, Self::ATTENTION, Self::DAMAGED, Self::RETURNED];
}

impl Code<Build> {
    /// Neither complete nor cancelled.
    pub const OPEN: [Self; 3] = [Self::PENDING, Self::PRODUCTION, Self::ON_HOLD];
}

impl Code<PurchaseOrder> {
    /// Something is still to be done.
    pub const OPEN: [Self; 3] = [Self::PENDING, Self::PLACED, Self::ON_HOLD];
}

impl Code<SalesOrder> {
    /// Something is still to be done.
    pub const OPEN: [Self; 4] = [Self::PENDING, Self::IN_PROGRESS, Self::SHIPPED, Self::ON_HOLD];
}

impl Code<TransferOrder> {
    /// Something is still to be done.
    pub const OPEN: [Self; 3] = [Self::PENDING, Self::ISSUED, Self::ON_HOLD];
}

/// What an [`OrderStatus`] is a state of: an order of any kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {}

impl Stateful for Order {}

/// State of an order of any kind.
pub type OrderStatus = Code<Order>;

/// All kinds of orders share these numbers.
macro_rules! orders {
    ($($kind:ident),*) => {
        $(impl Code<$kind> {
            /// The state without the kind of the order.
            pub const fn of_order(self) -> OrderStatus {
                assert!(
                    Self::PENDING.key() == OrderStatus::PENDING.key()
                        && Self::ON_HOLD.key() == OrderStatus::ON_HOLD.key()
                        && Self::COMPLETE.key() == OrderStatus::COMPLETE.key()
                        && Self::CANCELLED.key() == OrderStatus::CANCELLED.key()
                );
                OrderStatus::from_key(self.key())
            }
        })*
    };
}

orders!(PurchaseOrder, SalesOrder, ReturnOrder, TransferOrder);

impl Code<Order> {
    pub const PENDING: Self = Self::from_key(10);
    pub const ON_HOLD: Self = Self::from_key(25);
    pub const COMPLETE: Self = Self::from_key(30);
    pub const CANCELLED: Self = Self::from_key(40);
    /// Something is still to be done. The states of one kind that count as open are among these, and no kind uses one of
    /// these numbers for anything else: pending, in progress (sales), issued or shipped, on hold.
    pub const OPEN: [Self; 4] = [
        Self::PENDING,
        SalesOrderStatus::IN_PROGRESS.of_order(),
        PurchaseOrderStatus::PLACED.of_order(),
        Self::ON_HOLD,
    ];
}

codes! {
    /// State of an import session.
    DATA_IMPORT_STATUS_CODE: ImportStatus = Code<Import>, "DataImportStatusCode"
    INITIAL = 0, "Initializing", "secondary";
    MAPPING = 10, "Mapping Columns", "primary";
    IMPORTING = 20, "Importing Data", "primary";
    PROCESSING = 30, "Processing Data", "primary";
    COMPLETE = 40, "Complete", "success";
}

codes! {
    /// State of a label printer.
    LABEL_PRINTER_STATUS: PrinterStatus = Code<Printer>, "LabelPrinterStatus"
    CONNECTED = 100, "Connected", "success";
    UNKNOWN = 101, "Unknown", "secondary";
    PRINTING = 110, "Printing", "primary";
    WARNING = 200, "Warning", "warning";
    NO_MEDIA = 301, "No media", "warning";
    PAPER_JAM = 302, "Paper jam", "warning";
    DISCONNECTED = 400, "Disconnected", "danger";
    ERROR = 500, "Error", "danger";
}

/// State of a machine; kinds of machines define their own.
pub static MACHINE_STATUS: StatusClass = StatusClass { name: "MachineStatus", values: &[] };

/// Every kind there is.
pub static ALL: &[&StatusClass] = &[
    &STOCK_STATUS,
    &STOCK_HISTORY_CODE,
    &BUILD_STATUS,
    &PURCHASE_ORDER_STATUS,
    &SALES_ORDER_STATUS,
    &RETURN_ORDER_STATUS,
    &RETURN_ORDER_LINE_STATUS,
    &TRANSFER_ORDER_STATUS,
    &DATA_IMPORT_STATUS_CODE,
    &LABEL_PRINTER_STATUS,
    &MACHINE_STATUS,
];

/// The kind of that name.
pub fn class(name: &str) -> Option<&'static StatusClass> {
    ALL.iter().find(|c| c.name == name).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_within_a_kind() {
        for class in ALL {
            for (i, status) in class.values.iter().enumerate() {
                assert!(class.values[..i].iter().all(|s| s.key != status.key && s.name != status.name));
            }
        }
        assert_eq!((StockStatus::OK.key(), HistoryCode::STOCK_MOVE.key()), (10, 20));
        assert_eq!((StockStatus::find(85), StockStatus::find(86)), (Some(StockStatus::RETURNED), None));
        assert_ne!(BuildStatus::COMPLETE.key(), OrderStatus::COMPLETE.key(), "builds count differently");
    }
}
