//! History of barcode scans.

use ironwood_rest::resource::{Access, Condition, Operations, Resource, filter, flag_filter, sort};
use ironwood_rest::view::{View, col, nested, pk};

use crate::platform::users::view::BRIEF as USER_BRIEF;
use crate::schema::common::BARCODE_SCAN as TABLE;
use crate::schema::users::USER;

static VIEW: View = View::new(
    "BarcodeScanResult",
    &TABLE,
    &[
        pk(),
        col("data").read_only().help("Content of the barcode."),
        col("timestamp").read_only().help("When."),
        col("endpoint").label("Path").read_only().help("Endpoint that received the scan."),
        col("context").read_only().help("Further input of the scan."),
        col("response").read_only().help("Response to the scan."),
        col("result").read_only().help("Whether a match was found."),
        col("user").read_only().help("User who scanned the barcode."),
        nested("user_detail", "user", &USER_BRIEF).always(),
    ],
);

/// Barcode scans. Users see their own, superusers see all.
pub(crate) static SCANS: Resource = Resource::new("/api/barcode/history/", "barcode_history", &VIEW)
    .operations(Operations { delete: true, ..Operations::READ }.bulk_delete())
    .access(Access::StaffWrites)
    .filters(&[
        filter("user", Condition::Link(&USER, "{t}.\"user\" = {value}")),
        flag_filter("result", "{result}", "NOT {result}"),
    ])
    .search(&["{data}"])
    .sorts(&[
        sort("user", &["{t}.\"user\""]),
        sort("timestamp", &["{timestamp}"]),
        sort("endpoint", &["{endpoint}"]),
        sort("result", &["{result}"]),
    ])
    .default_sort(&["-{timestamp}"])
    .help("History of barcode scans, as far as the settings keep it.");
