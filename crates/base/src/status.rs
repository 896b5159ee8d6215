//! Status codes: the states that orders, stock and the like can be in, as numbers, with their names.
//!
//! Numbers, names and labels are part of the API.

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

    /// The state with that name; it must exist (a mistake shows when the program is built).
    pub const fn key(&self, name: &str) -> i64 {
        let mut i = 0;
        while i < self.values.len() {
            if same(self.values[i].name, name) {
                return self.values[i].key;
            }
            i += 1;
        }
        panic!("unknown status")
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

/// Condition of a stock item.
pub static STOCK_STATUS: StatusClass = StatusClass {
    name: "StockStatus",
    values: &[
        status(10, "OK", "OK", "success"),
        status(50, "ATTENTION", "Attention needed", "warning"),
        status(55, "DAMAGED", "Damaged", "warning"),
        status(60, "DESTROYED", "Destroyed", "danger"),
        status(65, "REJECTED", "Rejected", "danger"),
        status(70, "LOST", "Lost", "dark"),
        status(75, "QUARANTINED", "Quarantined", "info"),
        status(85, "RETURNED", "Returned", "warning"),
    ],
};

/// What happened to a stock item.
pub static STOCK_HISTORY_CODE: StatusClass = StatusClass {
    name: "StockHistoryCode",
    values: &[
        status(0, "LEGACY", "Legacy stock tracking entry", "secondary"),
        status(1, "CREATED", "Stock item created", "secondary"),
        status(5, "EDITED", "Edited stock item", "secondary"),
        status(6, "ASSIGNED_SERIAL", "Assigned serial number", "secondary"),
        status(10, "STOCK_COUNT", "Stock counted", "secondary"),
        status(11, "STOCK_ADD", "Stock manually added", "secondary"),
        status(12, "STOCK_REMOVE", "Stock manually removed", "secondary"),
        status(13, "STOCK_SERIALIZED", "Serialized stock items", "secondary"),
        status(15, "RETURNED_TO_STOCK", "Returned to stock", "secondary"),
        status(20, "STOCK_MOVE", "Location changed", "secondary"),
        status(25, "STOCK_UPDATE", "Stock updated", "secondary"),
        status(30, "INSTALLED_INTO_ASSEMBLY", "Installed into assembly", "secondary"),
        status(31, "REMOVED_FROM_ASSEMBLY", "Removed from assembly", "secondary"),
        status(35, "INSTALLED_CHILD_ITEM", "Installed component item", "secondary"),
        status(36, "REMOVED_CHILD_ITEM", "Removed component item", "secondary"),
        status(40, "SPLIT_FROM_PARENT", "Split from parent item", "secondary"),
        status(42, "SPLIT_CHILD_ITEM", "Split child item", "secondary"),
        status(45, "MERGED_STOCK_ITEMS", "Merged stock items", "secondary"),
        status(46, "DISASSEMBLED", "Disassembled into components", "secondary"),
        status(47, "CREATED_FROM_DISASSEMBLY", "Created from disassembly", "secondary"),
        status(48, "CONVERTED_TO_VARIANT", "Converted to variant", "secondary"),
        status(50, "BUILD_OUTPUT_CREATED", "Build order output created", "secondary"),
        status(55, "BUILD_OUTPUT_COMPLETED", "Build order output completed", "secondary"),
        status(56, "BUILD_OUTPUT_REJECTED", "Build order output rejected", "secondary"),
        status(57, "BUILD_CONSUMED", "Consumed by build order", "secondary"),
        status(60, "SHIPPED_AGAINST_SALES_ORDER", "Shipped against Sales Order", "secondary"),
        status(70, "RECEIVED_AGAINST_PURCHASE_ORDER", "Received against Purchase Order", "secondary"),
        status(80, "RETURNED_AGAINST_RETURN_ORDER", "Returned against Return Order", "secondary"),
        status(100, "SENT_TO_CUSTOMER", "Sent to customer", "secondary"),
        status(105, "RETURNED_FROM_CUSTOMER", "Returned from customer", "secondary"),
    ],
};

/// State of a build order.
pub static BUILD_STATUS: StatusClass = StatusClass {
    name: "BuildStatus",
    values: &[
        status(10, "PENDING", "Pending", "secondary"),
        status(20, "PRODUCTION", "Production", "primary"),
        status(25, "ON_HOLD", "On Hold", "warning"),
        status(30, "CANCELLED", "Cancelled", "danger"),
        status(40, "COMPLETE", "Complete", "success"),
    ],
};

/// State of a purchase order.
pub static PURCHASE_ORDER_STATUS: StatusClass = StatusClass {
    name: "PurchaseOrderStatus",
    values: &[
        status(10, "PENDING", "Pending", "secondary"),
        status(20, "PLACED", "Placed", "primary"),
        status(25, "ON_HOLD", "On Hold", "warning"),
        status(30, "COMPLETE", "Complete", "success"),
        status(40, "CANCELLED", "Cancelled", "danger"),
        status(50, "LOST", "Lost", "warning"),
        status(60, "RETURNED", "Returned", "warning"),
    ],
};

/// State of a sales order.
pub static SALES_ORDER_STATUS: StatusClass = StatusClass {
    name: "SalesOrderStatus",
    values: &[
        status(10, "PENDING", "Pending", "secondary"),
        status(15, "IN_PROGRESS", "In Progress", "primary"),
        status(20, "SHIPPED", "Shipped", "primary"),
        status(25, "ON_HOLD", "On Hold", "warning"),
        status(30, "COMPLETE", "Complete", "success"),
        status(40, "CANCELLED", "Cancelled", "danger"),
        status(50, "LOST", "Lost", "warning"),
        status(60, "RETURNED", "Returned", "warning"),
    ],
};

/// State of a return order.
pub static RETURN_ORDER_STATUS: StatusClass = StatusClass {
    name: "ReturnOrderStatus",
    values: &[
        status(10, "PENDING", "Pending", "secondary"),
        status(20, "IN_PROGRESS", "In Progress", "primary"),
        status(25, "ON_HOLD", "On Hold", "warning"),
        status(30, "COMPLETE", "Complete", "success"),
        status(40, "CANCELLED", "Cancelled", "danger"),
    ],
};

/// What becomes of a returned item.
pub static RETURN_ORDER_LINE_STATUS: StatusClass = StatusClass {
    name: "ReturnOrderLineStatus",
    values: &[
        status(10, "PENDING", "Pending", "secondary"),
        status(20, "RETURN", "Return", "success"),
        status(30, "REPAIR", "Repair", "primary"),
        status(40, "REPLACE", "Replace", "warning"),
        status(50, "REFUND", "Refund", "info"),
        status(60, "REJECT", "Reject", "danger"),
    ],
};

/// State of a transfer order.
pub static TRANSFER_ORDER_STATUS: StatusClass = StatusClass {
    name: "TransferOrderStatus",
    values: &[
        status(10, "PENDING", "Pending", "secondary"),
        status(20, "ISSUED", "Issued", "primary"),
        status(25, "ON_HOLD", "On Hold", "warning"),
        status(30, "COMPLETE", "Complete", "success"),
        status(40, "CANCELLED", "Cancelled", "danger"),
    ],
};

/// State of an import session.
pub static DATA_IMPORT_STATUS_CODE: StatusClass = StatusClass {
    name: "DataImportStatusCode",
    values: &[
        status(0, "INITIAL", "Initializing", "secondary"),
        status(10, "MAPPING", "Mapping Columns", "primary"),
        status(20, "IMPORTING", "Importing Data", "primary"),
        status(30, "PROCESSING", "Processing Data", "primary"),
        status(40, "COMPLETE", "Complete", "success"),
    ],
};

/// State of a label printer.
pub static LABEL_PRINTER_STATUS: StatusClass = StatusClass {
    name: "LabelPrinterStatus",
    values: &[
        status(100, "CONNECTED", "Connected", "success"),
        status(101, "UNKNOWN", "Unknown", "secondary"),
        status(110, "PRINTING", "Printing", "primary"),
        status(200, "WARNING", "Warning", "warning"),
        status(301, "NO_MEDIA", "No media", "warning"),
        status(302, "PAPER_JAM", "Paper jam", "warning"),
        status(400, "DISCONNECTED", "Disconnected", "danger"),
        status(500, "ERROR", "Error", "danger"),
    ],
};

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
        const OK: i64 = StatusClass { name: "", values: STOCK_VALUES }.key("OK");
        assert_eq!(OK, 10);
    }

    const STOCK_VALUES: &[Status] = &[status(10, "OK", "OK", "success")];
}
