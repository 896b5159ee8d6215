//! What is computed of a part: stock, allocations, requirements.
//!
//! States that count as open: of builds and purchase orders pending (10), in progress (20) and on hold
//! (25); of sales orders pending (10), in progress (15) and on hold (25).

/// Stock of the part itself.
pub const IN_STOCK: &str = "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part = {id} \
    AND s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND \
    s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85))";
/// Stock of its variants.
pub const VARIANT_STOCK: &str = "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM part_part v JOIN stock_stockitem s ON \
    s.part = v.id WHERE v.tree_path > {tree_path} AND v.tree_path < SUBSTR({tree_path}, 1, \
    LENGTH({tree_path}) - 1) || '0' AND s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS \
    NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, \
    50, 55, 85))";
/// Stock of the part and its variants.
pub const TOTAL_IN_STOCK: &str = "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM part_part v JOIN stock_stockitem s ON \
    s.part = v.id WHERE v.tree_path >= {tree_path} AND v.tree_path < SUBSTR({tree_path}, 1, \
    LENGTH({tree_path}) - 1) || '0' AND s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS \
    NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, \
    50, 55, 85))";
/// Stock of it in external locations.
pub const EXTERNAL_STOCK: &str = "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN \
    stock_stocklocation l ON l.id = s.location WHERE s.part = {id} AND l.external AND s.quantity > 0 \
    AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS \
    NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85))";
/// What open build orders are making of it.
pub const BUILDING: &str = "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN build_build b \
    ON b.id = s.build WHERE s.part = {id} AND s.is_building AND b.status IN (10, 20, 25))";
/// What open build orders are still to make of it.
pub const SCHEDULED: &str = "(SELECT COALESCE(CAST(SUM(GREATEST(b.quantity - b.completed, 0)) AS BIGINT), 0) * 100000 FROM \
    build_build b WHERE b.part = {id} AND b.status IN (10, 20, 25))";
/// What open purchase orders are still to bring; quantities of packs count what is in them.
pub const ON_ORDER: &str = "(SELECT COALESCE(CAST(SUM((l.quantity - l.received) * (p.pack_quantity_native / 100000) / \
    100000) AS BIGINT), 0) FROM company_supplierpart p JOIN order_purchaseorderlineitem l ON l.part \
    = p.id JOIN order_purchaseorder o ON o.id = l.\"order\" WHERE p.part = {id} AND o.status IN (10, \
    20, 25) AND l.quantity > l.received)";
/// Stock set aside for open sales orders and not yet shipped.
pub const ALLOCATED_TO_SALES: &str = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem i JOIN \
    order_salesorderallocation a ON a.item = i.id JOIN order_salesorderlineitem l ON l.id = a.line \
    JOIN order_salesorder o ON o.id = l.\"order\" LEFT JOIN order_salesordershipment h ON h.id = \
    a.shipment WHERE i.part = {id} AND o.status IN (10, 15, 20, 25) AND h.shipment_date IS NULL)";
/// Stock set aside for open build orders.
pub const ALLOCATED_TO_BUILDS: &str = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem i JOIN build_builditem \
    a ON a.stock_item = i.id JOIN build_buildline l ON l.id = a.build_line JOIN build_build b ON \
    b.id = l.build WHERE i.part = {id} AND b.status IN (10, 20, 25))";
/// What open build orders still need of it.
pub const REQUIRED_FOR_BUILDS: &str = "(SELECT COALESCE(CAST(SUM(l.quantity - l.consumed) AS BIGINT), 0) FROM part_bomitem m JOIN \
    build_buildline l ON l.bom_item = m.id JOIN build_build b ON b.id = l.build WHERE m.sub_part = \
    {id} AND b.status IN (10, 20, 25))";
/// What open sales orders still need of it.
pub const REQUIRED_FOR_SALES: &str = "(SELECT COALESCE(CAST(SUM(l.quantity - l.shipped) AS BIGINT), 0) FROM order_salesorderlineitem l \
    JOIN order_salesorder o ON o.id = l.\"order\" WHERE l.part = {id} AND o.status IN (10, 15, 20, 25))";
/// The same in whole parts.
pub const WHOLE_REQUIRED_FOR_BUILDS: &str = "(SELECT COALESCE(CAST(SUM(l.quantity - l.consumed) AS BIGINT), 0) FROM part_bomitem m JOIN \
    build_buildline l ON l.bom_item = m.id JOIN build_build b ON b.id = l.build WHERE m.sub_part = \
    {id} AND b.status IN (10, 20, 25)) / 100000";
/// The same in whole parts.
pub const WHOLE_REQUIRED_FOR_SALES: &str = "(SELECT COALESCE(CAST(SUM(l.quantity - l.shipped) AS BIGINT), 0) FROM order_salesorderlineitem l \
    JOIN order_salesorder o ON o.id = l.\"order\" WHERE l.part = {id} AND o.status IN (10, 15, 20, 25)) / 100000";
/// Stock that is not set aside for anything.
pub const UNALLOCATED: &str = "GREATEST((SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM part_part v JOIN \
    stock_stockitem s ON s.part = v.id WHERE v.tree_path >= {tree_path} AND v.tree_path < \
    SUBSTR({tree_path}, 1, LENGTH({tree_path}) - 1) || '0' AND s.quantity > 0 AND s.sales_order IS \
    NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT \
    s.is_building AND s.status IN (10, 50, 55, 85)) - (SELECT COALESCE(CAST(SUM(a.quantity) AS \
    BIGINT), 0) FROM stock_stockitem i JOIN order_salesorderallocation a ON a.item = i.id JOIN \
    order_salesorderlineitem l ON l.id = a.line JOIN order_salesorder o ON o.id = l.\"order\" LEFT \
    JOIN order_salesordershipment h ON h.id = a.shipment WHERE i.part = {id} AND o.status IN (10, \
    15, 25) AND h.shipment_date IS NULL) - (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM \
    stock_stockitem i JOIN build_builditem a ON a.stock_item = i.id JOIN build_buildline l ON l.id = \
    a.build_line JOIN build_build b ON b.id = l.build WHERE i.part = {id} AND b.status IN (10, 20, \
    25)), 0)";
/// There is less than the least that should be there (six places against five).
pub const LOW_STOCK: &str = "{minimum_stock} <> 0 AND (SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM part_part v \
    JOIN stock_stockitem s ON s.part = v.id WHERE v.tree_path >= {tree_path} AND v.tree_path < \
    SUBSTR({tree_path}, 1, LENGTH({tree_path}) - 1) || '0' AND s.quantity > 0 AND s.sales_order IS \
    NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT \
    s.is_building AND s.status IN (10, 50, 55, 85)) * 10 < {minimum_stock}";
/// There is at least what should be there.
pub const NOT_LOW_STOCK: &str = "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM part_part v JOIN stock_stockitem s ON \
    s.part = v.id WHERE v.tree_path >= {tree_path} AND v.tree_path < SUBSTR({tree_path}, 1, \
    LENGTH({tree_path}) - 1) || '0' AND s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS \
    NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, \
    50, 55, 85)) * 10 >= {minimum_stock}";
/// There is more than the most that should be there.
pub const HIGH_STOCK: &str = "{maximum_stock} <> 0 AND (SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM part_part v \
    JOIN stock_stockitem s ON s.part = v.id WHERE v.tree_path >= {tree_path} AND v.tree_path < \
    SUBSTR({tree_path}, 1, LENGTH({tree_path}) - 1) || '0' AND s.quantity > 0 AND s.sales_order IS \
    NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT \
    s.is_building AND s.status IN (10, 50, 55, 85)) * 10 > {maximum_stock}";
/// There is no more than what should be there.
pub const NOT_HIGH_STOCK: &str = "({maximum_stock} = 0 OR (SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM part_part v \
    JOIN stock_stockitem s ON s.part = v.id WHERE v.tree_path >= {tree_path} AND v.tree_path < \
    SUBSTR({tree_path}, 1, LENGTH({tree_path}) - 1) || '0' AND s.quantity > 0 AND s.sales_order IS \
    NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT \
    s.is_building AND s.status IN (10, 50, 55, 85)) * 10 <= {maximum_stock})";
/// There is some of it.
pub const HAS_STOCK: &str = "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part = {id} \
    AND s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND \
    s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85)) > 0";
/// There is none of it.
pub const NOT_HAS_STOCK: &str = "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part = {id} \
    AND s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND \
    s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85)) <= 0";
/// There is some of it.
pub const HAS_UNALLOCATED: &str = "GREATEST((SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM part_part v JOIN \
    stock_stockitem s ON s.part = v.id WHERE v.tree_path >= {tree_path} AND v.tree_path < \
    SUBSTR({tree_path}, 1, LENGTH({tree_path}) - 1) || '0' AND s.quantity > 0 AND s.sales_order IS \
    NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT \
    s.is_building AND s.status IN (10, 50, 55, 85)) - (SELECT COALESCE(CAST(SUM(a.quantity) AS \
    BIGINT), 0) FROM stock_stockitem i JOIN order_salesorderallocation a ON a.item = i.id JOIN \
    order_salesorderlineitem l ON l.id = a.line JOIN order_salesorder o ON o.id = l.\"order\" LEFT \
    JOIN order_salesordershipment h ON h.id = a.shipment WHERE i.part = {id} AND o.status IN (10, \
    15, 25) AND h.shipment_date IS NULL) - (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM \
    stock_stockitem i JOIN build_builditem a ON a.stock_item = i.id JOIN build_buildline l ON l.id = \
    a.build_line JOIN build_build b ON b.id = l.build WHERE i.part = {id} AND b.status IN (10, 20, \
    25)), 0) > 0";
/// There is none of it.
pub const NOT_HAS_UNALLOCATED: &str = "GREATEST((SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM part_part v JOIN \
    stock_stockitem s ON s.part = v.id WHERE v.tree_path >= {tree_path} AND v.tree_path < \
    SUBSTR({tree_path}, 1, LENGTH({tree_path}) - 1) || '0' AND s.quantity > 0 AND s.sales_order IS \
    NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT \
    s.is_building AND s.status IN (10, 50, 55, 85)) - (SELECT COALESCE(CAST(SUM(a.quantity) AS \
    BIGINT), 0) FROM stock_stockitem i JOIN order_salesorderallocation a ON a.item = i.id JOIN \
    order_salesorderlineitem l ON l.id = a.line JOIN order_salesorder o ON o.id = l.\"order\" LEFT \
    JOIN order_salesordershipment h ON h.id = a.shipment WHERE i.part = {id} AND o.status IN (10, \
    15, 25) AND h.shipment_date IS NULL) - (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM \
    stock_stockitem i JOIN build_builditem a ON a.stock_item = i.id JOIN build_buildline l ON l.id = \
    a.build_line JOIN build_build b ON b.id = l.build WHERE i.part = {id} AND b.status IN (10, 20, \
    25)), 0) <= 0";
/// There is some of it.
pub const IS_ON_ORDER: &str = "(SELECT COALESCE(CAST(SUM((l.quantity - l.received) * (p.pack_quantity_native / 100000) / \
    100000) AS BIGINT), 0) FROM company_supplierpart p JOIN order_purchaseorderlineitem l ON l.part \
    = p.id JOIN order_purchaseorder o ON o.id = l.\"order\" WHERE p.part = {id} AND o.status IN (10, \
    20, 25) AND l.quantity > l.received) > 0";
/// There is none of it.
pub const NOT_IS_ON_ORDER: &str = "(SELECT COALESCE(CAST(SUM((l.quantity - l.received) * (p.pack_quantity_native / 100000) / \
    100000) AS BIGINT), 0) FROM company_supplierpart p JOIN order_purchaseorderlineitem l ON l.part \
    = p.id JOIN order_purchaseorder o ON o.id = l.\"order\" WHERE p.part = {id} AND o.status IN (10, \
    20, 25) AND l.quantity > l.received) <= 0";
/// Stock items are known, but nothing is left.
pub const DEPLETED: &str = "((SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part = {id} \
    AND s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND \
    s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85)) = 0 AND EXISTS \
    (SELECT 1 FROM stock_stockitem x WHERE x.part = {id}))";
/// Something is left, or nothing ever was.
pub const NOT_DEPLETED: &str = "NOT ((SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part = \
    {id} AND s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS \
    NULL AND s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85)) = 0 AND \
    EXISTS (SELECT 1 FROM stock_stockitem x WHERE x.part = {id}))";
/// Build orders need more than is set aside for them.
pub const NEEDED_FOR_BUILDS: &str = "(SELECT COALESCE(CAST(SUM(l.quantity - l.consumed) AS BIGINT), 0) FROM part_bomitem m JOIN \
    build_buildline l ON l.bom_item = m.id JOIN build_build b ON b.id = l.build WHERE m.sub_part = \
    {id} AND b.status IN (10, 20, 25)) > (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM \
    stock_stockitem i JOIN build_builditem a ON a.stock_item = i.id JOIN build_buildline l ON l.id = \
    a.build_line JOIN build_build b ON b.id = l.build WHERE i.part = {id} AND b.status IN (10, 20, \
    25))";
/// What build orders need is set aside for them.
pub const NOT_NEEDED_FOR_BUILDS: &str = "(SELECT COALESCE(CAST(SUM(l.quantity - l.consumed) AS BIGINT), 0) FROM part_bomitem m JOIN \
    build_buildline l ON l.bom_item = m.id JOIN build_build b ON b.id = l.build WHERE m.sub_part = \
    {id} AND b.status IN (10, 20, 25)) <= (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM \
    stock_stockitem i JOIN build_builditem a ON a.stock_item = i.id JOIN build_buildline l ON l.id = \
    a.build_line JOIN build_build b ON b.id = l.build WHERE i.part = {id} AND b.status IN (10, 20, \
    25))";

#[cfg(test)]
mod tests {
    use crate::stock::available::{IN_STOCK as CONDITION, ROW_IN_STOCK, in_stock};

    #[test]
    fn all_sums_mean_the_same_by_in_stock() {
        let plain = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
        for sum in
            [super::IN_STOCK, super::VARIANT_STOCK, super::TOTAL_IN_STOCK, super::EXTERNAL_STOCK, super::UNALLOCATED]
        {
            assert!(plain(sum).contains(&plain(CONDITION)), "{sum}");
        }
        assert_eq!(plain(&in_stock("x").replace("x.", "s.")), plain(CONDITION));
        let row = ROW_IN_STOCK.replace('{', "s.").replace('}', "");
        assert_eq!(plain(row.trim_matches(['(', ')'])).trim_end_matches(')'), plain(CONDITION).trim_end_matches(')'));
    }
}
