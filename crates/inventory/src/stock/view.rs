//! Stock as other records show it.

use ironwood_rest::view::{INT, TEXT, View, col, pk, sql};

use super::tables::{LOCATION, LOCATION_TYPE};

/// A location in a few words.
pub static LOCATION_BRIEF: View = View::new("LocationBrief", &LOCATION, &[pk(), col("name"), col("pathstring")]);

/// One step on the way to a location.
pub static STEP: View = View::new("LocationStep", &LOCATION, &[pk(), col("name").read_only(), sql("icon", TEXT, ICON)]);

/// A location's own icon, or that of its type.
pub const ICON: &str = "COALESCE(NULLIF({custom_icon}, ''), {location_type.icon}, '')";

/// A type of locations.
pub static LOCATION_TYPE_VIEW: View = View::new(
    "StockLocationType",
    &LOCATION_TYPE,
    &[
        pk(),
        col("name"),
        col("description"),
        col("icon"),
        sql("location_count", INT, "(SELECT COUNT(*) FROM stock_stocklocation l WHERE l.location_type = {id})")
            .counted(),
    ],
);

/// A type of locations inside of a location.
pub static LOCATION_TYPE_BRIEF: View = View::new(
    "StockLocationTypeBrief",
    &LOCATION_TYPE,
    &[
        pk(),
        col("name"),
        col("description"),
        col("icon"),
        sql("location_count", INT, "CAST(NULL AS BIGINT)").nullable(),
    ],
);
