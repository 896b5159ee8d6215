//! Stock items nested in other records.

use ironwood_rest::context::Facts;
use ironwood_rest::select::write_text;
use ironwood_rest::view::{Field, INT, TEXT, View, col, made, pk, sql};
use ironwood_store::ValueRef;

use crate::platform::settings::keys;
use crate::platform::state::Snapshot;
use crate::schema::stock::{LOCATION, LOCATION_TYPE};

/// A location in a few words.
pub(crate) static LOCATION_BRIEF: View =
    View::new("LocationBrief", &LOCATION, &[pk(), col("name"), col("pathstring").label("Path")]);

/// One step on the way to a location.
pub(crate) static STEP: View = View::new("LocationStep", &LOCATION, &[pk(), col("name").read_only(), ICON]);

/// A location's own icon, or that of its type; where it has no type, the server's (`STOCK_LOCATION_DEFAULT_ICON`).
pub(crate) const ICON: Field =
    made("icon", TEXT, &["COALESCE(NULLIF({custom_icon}, ''), {location_type.icon})"], write_icon);

fn write_icon(out: &mut Vec<u8>, values: &[ValueRef<'_>], facts: &Facts<'_>) {
    let everywhere = || Snapshot::of(facts).map_or("", |s| s.settings.text(keys::STOCK_LOCATION_DEFAULT_ICON));
    write_text(out, values.first().and_then(|v| v.as_text()).unwrap_or_else(everywhere));
}

/// A type of locations.
pub(crate) static LOCATION_TYPE_VIEW: View = View::new(
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
pub(crate) static LOCATION_TYPE_BRIEF: View = View::new(
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
