//! What was scanned.

use ironwood_rest::resource::{Access, Operations, Resource, Test, filter, flag_filter, order};
use ironwood_rest::view::{View, col, nested, pk};

use crate::common::tables::BARCODE_SCAN as TABLE;
use crate::users::tables::USER;
use crate::users::view::BRIEF as USER_BRIEF;

static VIEW: View = View::new(
    "BarcodeScanResult",
    &TABLE,
    &[
        pk(),
        col("data").read_only().help("What was scanned."),
        col("timestamp").read_only().help("When."),
        col("endpoint").label("Path").read_only().help("The address that it was sent to."),
        col("context").read_only().help("What else was sent."),
        col("response").read_only().help("What was answered."),
        col("result").read_only().help("Whether something was found."),
        col("user").read_only().help("Who scanned it."),
        nested("user_detail", "user", &USER_BRIEF).always(),
    ],
);

/// Scans that were kept: everybody sees their own, superusers all.
pub static SCANS: Resource = Resource::new("/api/barcode/history/", "barcode_history", &VIEW)
    .operations(Operations { delete: true, ..Operations::READ }.bulk_delete())
    .access(Access::StaffWrites)
    .filters(&[
        filter("user", Test::Link(&USER, "{t}.\"user\" = {value}")),
        flag_filter("result", "{result}", "NOT {result}"),
    ])
    .search(&["{data}"])
    .order(&[
        order("user", &["{t}.\"user\""]),
        order("timestamp", &["{timestamp}"]),
        order("endpoint", &["{endpoint}"]),
        order("result", &["{result}"]),
    ])
    .default_order(&["-{timestamp}"])
    .help("Barcodes that were scanned, as far as the settings say to keep them.");
