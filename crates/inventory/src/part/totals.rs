//! Calculated fields of a part: stock, allocations, and requirements.
//!
//! States that count as open: of builds and purchase orders pending (10), in progress (20) and on hold
//! (25); of sales orders pending (10), in progress (15), shipped (20) and on hold (25).

/// Stock of the part itself: `$part` is SQL for its key.
macro_rules! in_stock {
    ($part:expr) => {
        concat!(
            "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE \
                s.part = ",
            $part,
            " AND ",
            $crate::stock::available::in_stock_condition!(),
            ")"
        )
    };
}
/// The sum of `$each`, SQL over a part `v`, over the parts of a family: from `$path` (without it where `$from` is
/// `>`) up to `$end`. Each part is summed by itself: joined, its stock would tempt PostgreSQL to walk through all
/// parts, because it cannot know how few there are in a family.
macro_rules! of_family {
    ($each:expr, $from:literal, $path:expr, $end:expr) => {
        concat!(
            "(SELECT COALESCE(CAST(SUM(",
            $each,
            ") AS BIGINT), 0) FROM part_part v WHERE v.tree_path ",
            $from,
            " ",
            $path,
            " AND v.tree_path < ",
            $end,
            ")"
        )
    };
}
/// Stock of its variants: `$path` and `$end` are SQL for the bounds of its tree.
macro_rules! variant_stock {
    ($path:expr, $end:expr) => {
        $crate::part::totals::of_family!($crate::part::totals::in_stock!("v.id"), ">", $path, $end)
    };
}
/// Stock of the part and its variants: `$path` and `$end` are SQL for the bounds of its tree.
macro_rules! total_in_stock {
    ($path:expr, $end:expr) => {
        $crate::part::totals::of_family!($crate::part::totals::in_stock!("v.id"), ">=", $path, $end)
    };
}
/// Stock of it in external locations: `$part` is SQL for its key.
macro_rules! external_stock {
    ($part:expr) => {
        concat!(
            "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN \
                stock_stocklocation l ON l.id = s.location WHERE s.part = ",
            $part,
            " AND l.external AND ",
            $crate::stock::available::in_stock_condition!(),
            ")"
        )
    };
}
/// What open build orders are making of it: `$part` is SQL for its key.
macro_rules! building {
    ($part:expr) => {
        concat!(
            // no join: the part's own items are read, and never those of all build orders
            "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part = ",
            $part,
            " AND s.is_building AND (SELECT b.status FROM build_build b WHERE b.id = s.build) IN (10, 20, 25))"
        )
    };
}
/// What open purchase orders are still to bring; quantities of packs count what is in them: `$part` is SQL for its key.
macro_rules! on_order {
    ($part:expr) => {
        concat!(
            "(SELECT COALESCE(CAST(SUM((l.quantity - l.received) * (p.pack_quantity_native / \
                100000) / 100000) AS BIGINT), 0) FROM company_supplierpart p JOIN \
                order_purchaseorderlineitem l ON l.part = p.id JOIN order_purchaseorder o ON o.id = \
                l.\"order\" WHERE p.part = ",
            $part,
            " AND o.status IN (10, 20, 25) AND l.quantity > l.received)"
        )
    };
}
/// Stock allocated for open sales orders and not yet shipped: `$part` is SQL for its key.
macro_rules! allocated_to_sales {
    ($part:expr) => {
        concat!(
            // CROSS JOIN: from the part's own stock, and never through all allocations, however few
            "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem i CROSS JOIN \
                order_salesorderallocation a JOIN order_salesorderlineitem l ON l.id = a.line JOIN \
                order_salesorder o ON o.id = l.\"order\" LEFT JOIN order_salesordershipment h ON \
                h.id = a.shipment WHERE a.item = i.id AND i.part = ",
            $part,
            " AND o.status IN (10, 15, 20, 25) AND h.shipment_date IS NULL)"
        )
    };
}
/// Stock allocated for open build orders: `$part` is SQL for its key.
macro_rules! allocated_to_builds {
    ($part:expr) => {
        concat!(
            "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem i CROSS JOIN \
                build_builditem a JOIN build_buildline l ON l.id = a.build_line JOIN build_build b ON \
                b.id = l.build WHERE a.stock_item = i.id AND i.part = ",
            $part,
            " AND b.status IN (10, 20, 25))"
        )
    };
}
/// What open build orders still need of it: `$part` is SQL for its key.
macro_rules! required_for_builds {
    ($part:expr) => {
        concat!(
            "(SELECT COALESCE(CAST(SUM(l.quantity - l.consumed) AS BIGINT), 0) FROM part_bomitem \
                m JOIN build_buildline l ON l.bom_item = m.id JOIN build_build b ON b.id = l.build \
                WHERE m.sub_part = ",
            $part,
            " AND b.status IN (10, 20, 25))"
        )
    };
}
/// What open sales orders still need of it: `$part` is SQL for its key.
macro_rules! required_for_sales {
    ($part:expr) => {
        concat!(
            "(SELECT COALESCE(CAST(SUM(l.quantity - l.shipped) AS BIGINT), 0) FROM \
                order_salesorderlineitem l JOIN order_salesorder o ON o.id = l.\"order\" WHERE \
                l.part = ",
            $part,
            " AND o.status IN (10, 15, 20, 25))"
        )
    };
}

pub(crate) use {
    allocated_to_builds, allocated_to_sales, building, external_stock, in_stock, of_family, on_order, total_in_stock,
};

/// Stock of the part itself.
pub const IN_STOCK: &str = in_stock!("{id}");
/// Stock of its variants.
pub const VARIANT_STOCK: &str = variant_stock!("{tree_path}", "{tree_end}");
/// Stock of the part and its variants.
pub const TOTAL_IN_STOCK: &str = total_in_stock!("{tree_path}", "{tree_end}");
/// Stock of it in external locations.
pub const EXTERNAL_STOCK: &str = external_stock!("{id}");
/// What open build orders are making of it.
pub const BUILDING: &str = building!("{id}");
/// What open build orders are still to make of it.
pub const SCHEDULED: &str = "(SELECT COALESCE(CAST(SUM(GREATEST(b.quantity - b.completed, 0)) AS BIGINT), 0) * 100000 FROM \
    build_build b WHERE b.part = {id} AND b.status IN (10, 20, 25))";
/// What open purchase orders are still to bring; quantities of packs count what is in them.
pub const ON_ORDER: &str = on_order!("{id}");
/// Stock allocated for open sales orders and not yet shipped.
pub const ALLOCATED_TO_SALES: &str = allocated_to_sales!("{id}");
/// Stock allocated for open build orders.
pub const ALLOCATED_TO_BUILDS: &str = allocated_to_builds!("{id}");
/// What open build orders still need of it.
pub const REQUIRED_FOR_BUILDS: &str = required_for_builds!("{id}");
/// What open sales orders still need of it.
pub const REQUIRED_FOR_SALES: &str = required_for_sales!("{id}");
/// The same in whole parts.
pub const WHOLE_REQUIRED_FOR_BUILDS: &str = concat!(required_for_builds!("{id}"), " / 100000");
/// The same in whole parts.
pub const WHOLE_REQUIRED_FOR_SALES: &str = concat!(required_for_sales!("{id}"), " / 100000");
/// Stock that is not allocated for anything.
pub const UNALLOCATED: &str = concat!(
    "GREATEST(",
    total_in_stock!("{tree_path}", "{tree_end}"),
    " - ",
    allocated_to_sales!("{id}"),
    " - ",
    allocated_to_builds!("{id}"),
    ", 0)"
);
/// There is less than the least that should be there (six places against five).
pub const LOW_STOCK: &str =
    concat!("{minimum_stock} <> 0 AND ", total_in_stock!("{tree_path}", "{tree_end}"), " * 10 < {minimum_stock}");
/// There is at least what should be there.
pub const NOT_LOW_STOCK: &str = concat!(total_in_stock!("{tree_path}", "{tree_end}"), " * 10 >= {minimum_stock}");
/// There is more than the most that should be there.
pub const HIGH_STOCK: &str =
    concat!("{maximum_stock} <> 0 AND ", total_in_stock!("{tree_path}", "{tree_end}"), " * 10 > {maximum_stock}");
/// There is no more than what should be there.
pub const NOT_HIGH_STOCK: &str =
    concat!("({maximum_stock} = 0 OR ", total_in_stock!("{tree_path}", "{tree_end}"), " * 10 <= {maximum_stock})");
/// There is some of it.
pub const HAS_STOCK: &str = concat!(in_stock!("{id}"), " > 0");
/// There is none of it.
pub const NOT_HAS_STOCK: &str = concat!(in_stock!("{id}"), " <= 0");
/// There is some of it.
pub const HAS_UNALLOCATED: &str = concat!(
    "GREATEST(",
    total_in_stock!("{tree_path}", "{tree_end}"),
    " - ",
    allocated_to_sales!("{id}"),
    " - ",
    allocated_to_builds!("{id}"),
    ", 0) > 0"
);
/// There is none of it.
pub const NOT_HAS_UNALLOCATED: &str = concat!(
    "GREATEST(",
    total_in_stock!("{tree_path}", "{tree_end}"),
    " - ",
    allocated_to_sales!("{id}"),
    " - ",
    allocated_to_builds!("{id}"),
    ", 0) <= 0"
);
/// There is some of it.
pub const IS_ON_ORDER: &str = concat!(on_order!("{id}"), " > 0");
/// There is none of it.
pub const NOT_IS_ON_ORDER: &str = concat!(on_order!("{id}"), " <= 0");
/// Stock items are known, but nothing is left.
pub const DEPLETED: &str =
    concat!("(", in_stock!("{id}"), " = 0 AND EXISTS (SELECT 1 FROM stock_stockitem x WHERE x.part = {id}))");
/// Something is left, or nothing ever was.
pub const NOT_DEPLETED: &str =
    concat!("NOT (", in_stock!("{id}"), " = 0 AND EXISTS (SELECT 1 FROM stock_stockitem x WHERE x.part = {id}))");
/// Build orders need more than is allocated for them.
pub const NEEDED_FOR_BUILDS: &str = concat!(required_for_builds!("{id}"), " > ", allocated_to_builds!("{id}"));
/// What build orders need is allocated for them.
pub const NOT_NEEDED_FOR_BUILDS: &str = concat!(required_for_builds!("{id}"), " <= ", allocated_to_builds!("{id}"));
