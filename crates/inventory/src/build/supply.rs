//! What a line of a build order needs, what it has, and what there is for it: SQL over the line's row.
//!
//! States that count as open: of builds and purchase orders pending (10), in progress (20) and on hold
//! (25); of sales orders pending (10), in progress (15) and on hold (25).

/// What is set aside for the line.
pub const ALLOCATED: &str = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM build_builditem a WHERE a.build_line = \
    {id})";
/// What open build orders are making of the part.
pub const IN_PRODUCTION: &str = "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN build_build b ON \
    b.id = s.build WHERE s.part = {bom_item.sub_part} AND s.is_building AND b.status IN (10, 20, 25))";
/// What open build orders are still to make of it.
pub const SCHEDULED: &str = "((SELECT COALESCE(CAST(SUM(GREATEST(b.quantity - b.completed, 0)) AS BIGINT), 0) FROM build_build b \
    WHERE b.part = {bom_item.sub_part} AND b.status IN (10, 20, 25)) * 100000)";
/// What open purchase orders are still to bring of it.
pub const ON_ORDER: &str = "(SELECT COALESCE(CAST(SUM((n.quantity - n.received) * (p.pack_quantity_native / 100000) / 100000) AS \
    BIGINT), 0) FROM company_supplierpart p JOIN order_purchaseorderlineitem n ON n.part = p.id JOIN \
    order_purchaseorder o ON o.id = n.\"order\" WHERE p.part = {bom_item.sub_part} AND o.status IN (10, \
    20, 25) AND n.quantity > n.received)";
/// Stock of the part that nothing else claims. Where the list is asked for one build order, only stock
/// below the location that the order takes from counts.
pub const AVAILABLE: &str = "GREATEST((SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part = \
    {bom_item.sub_part} AND s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND \
    s.customer IS NULL AND s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85) \
    AND ({?build} IS NULL OR {build.take_from} IS NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w \
    WHERE w.id = s.location AND w.tree_path >= {build.take_from.tree_path} AND w.tree_path < \
    SUBSTR({build.take_from.tree_path}, 1, LENGTH({build.take_from.tree_path}) - 1) || '0'))) - (SELECT \
    COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN order_salesorderallocation \
    a ON a.item = s.id JOIN order_salesorderlineitem n ON n.id = a.line JOIN order_salesorder o ON o.id \
    = n.\"order\" LEFT JOIN order_salesordershipment h ON h.id = a.shipment WHERE s.part = \
    {bom_item.sub_part} AND o.status IN (10, 15, 25) AND h.shipment_date IS NULL AND ({?build} IS NULL \
    OR {build.take_from} IS NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w WHERE w.id = s.location \
    AND w.tree_path >= {build.take_from.tree_path} AND w.tree_path < SUBSTR({build.take_from.tree_path}, \
    1, LENGTH({build.take_from.tree_path}) - 1) || '0'))) - (SELECT COALESCE(CAST(SUM(a.quantity) AS \
    BIGINT), 0) FROM stock_stockitem s JOIN build_builditem a ON a.stock_item = s.id JOIN \
    build_buildline n ON n.id = a.build_line JOIN build_build b ON b.id = n.build WHERE s.part = \
    {bom_item.sub_part} AND b.status IN (10, 20, 25) AND ({?build} IS NULL OR {build.take_from} IS NULL \
    OR EXISTS (SELECT 1 FROM stock_stocklocation w WHERE w.id = s.location AND w.tree_path >= \
    {build.take_from.tree_path} AND w.tree_path < SUBSTR({build.take_from.tree_path}, 1, \
    LENGTH({build.take_from.tree_path}) - 1) || '0'))), 0)";
/// Stock of it in external locations.
pub const EXTERNAL: &str = "(SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN stock_stocklocation \
    x ON x.id = s.location WHERE s.part = {bom_item.sub_part} AND x.external AND s.quantity > 0 AND \
    s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND \
    NOT s.is_building AND s.status IN (10, 50, 55, 85) AND ({?build} IS NULL OR {build.take_from} IS \
    NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w WHERE w.id = s.location AND w.tree_path >= \
    {build.take_from.tree_path} AND w.tree_path < SUBSTR({build.take_from.tree_path}, 1, \
    LENGTH({build.take_from.tree_path}) - 1) || '0')))";
/// Stock of its substitutes that nothing else claims.
pub const SUBSTITUTES: &str = "GREATEST((SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part IN \
    (SELECT u.part FROM part_bomitemsubstitute u WHERE u.bom_item = {bom_item}) AND s.quantity > 0 AND \
    s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND \
    NOT s.is_building AND s.status IN (10, 50, 55, 85) AND ({?build} IS NULL OR {build.take_from} IS \
    NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w WHERE w.id = s.location AND w.tree_path >= \
    {build.take_from.tree_path} AND w.tree_path < SUBSTR({build.take_from.tree_path}, 1, \
    LENGTH({build.take_from.tree_path}) - 1) || '0'))) - (SELECT COALESCE(CAST(SUM(a.quantity) AS \
    BIGINT), 0) FROM stock_stockitem s JOIN build_builditem a ON a.stock_item = s.id JOIN \
    build_buildline n ON n.id = a.build_line JOIN build_build b ON b.id = n.build WHERE s.part IN \
    (SELECT u.part FROM part_bomitemsubstitute u WHERE u.bom_item = {bom_item}) AND b.status IN (10, 20, \
    25)) - (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN \
    order_salesorderallocation a ON a.item = s.id JOIN order_salesorderlineitem n ON n.id = a.line JOIN \
    order_salesorder o ON o.id = n.\"order\" LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
    WHERE s.part IN (SELECT u.part FROM part_bomitemsubstitute u WHERE u.bom_item = {bom_item}) AND \
    o.status IN (10, 15, 25) AND h.shipment_date IS NULL), 0)";
/// Stock of its variants that is not set aside.
pub const VARIANTS: &str = "GREATEST((SELECT COALESCE(CAST(SUM(s.quantity - (SELECT COALESCE(SUM(a.quantity), 0) FROM \
    order_salesorderallocation a WHERE a.item = s.id) - (SELECT COALESCE(SUM(a.quantity), 0) FROM \
    build_builditem a WHERE a.stock_item = s.id)) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part IN \
    (SELECT v.id FROM part_part v WHERE v.tree_path > {bom_item.sub_part.tree_path} AND v.tree_path < \
    SUBSTR({bom_item.sub_part.tree_path}, 1, LENGTH({bom_item.sub_part.tree_path}) - 1) || '0') AND \
    s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND \
    s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85) AND ({?build} IS NULL \
    OR {build.take_from} IS NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w WHERE w.id = s.location \
    AND w.tree_path >= {build.take_from.tree_path} AND w.tree_path < SUBSTR({build.take_from.tree_path}, \
    1, LENGTH({build.take_from.tree_path}) - 1) || '0'))), 0)";
/// Something is on order.
pub const IS_ON_ORDER: &str = "(SELECT COALESCE(CAST(SUM((n.quantity - n.received) * (p.pack_quantity_native / 100000) / 100000) AS \
    BIGINT), 0) FROM company_supplierpart p JOIN order_purchaseorderlineitem n ON n.part = p.id JOIN \
    order_purchaseorder o ON o.id = n.\"order\" WHERE p.part = {bom_item.sub_part} AND o.status IN (10, \
    20, 25) AND n.quantity > n.received) > 0";
/// Nothing is on order.
pub const NOT_ON_ORDER: &str = "(SELECT COALESCE(CAST(SUM((n.quantity - n.received) * (p.pack_quantity_native / 100000) / 100000) AS \
    BIGINT), 0) FROM company_supplierpart p JOIN order_purchaseorderlineitem n ON n.part = p.id JOIN \
    order_purchaseorder o ON o.id = n.\"order\" WHERE p.part = {bom_item.sub_part} AND o.status IN (10, \
    20, 25) AND n.quantity > n.received) = 0";
/// What is set aside, used up and there is enough.
pub const IS_AVAILABLE: &str = "{quantity} <= {consumed} + (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM build_builditem \
    a WHERE a.build_line = {id}) + GREATEST((SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM \
    stock_stockitem s WHERE s.part = {bom_item.sub_part} AND s.quantity > 0 AND s.sales_order IS NULL \
    AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT s.is_building AND \
    s.status IN (10, 50, 55, 85) AND ({?build} IS NULL OR {build.take_from} IS NULL OR EXISTS (SELECT 1 \
    FROM stock_stocklocation w WHERE w.id = s.location AND w.tree_path >= {build.take_from.tree_path} \
    AND w.tree_path < SUBSTR({build.take_from.tree_path}, 1, LENGTH({build.take_from.tree_path}) - 1) || \
    '0'))) - (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN \
    order_salesorderallocation a ON a.item = s.id JOIN order_salesorderlineitem n ON n.id = a.line JOIN \
    order_salesorder o ON o.id = n.\"order\" LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
    WHERE s.part = {bom_item.sub_part} AND o.status IN (10, 15, 25) AND h.shipment_date IS NULL AND \
    ({?build} IS NULL OR {build.take_from} IS NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w WHERE \
    w.id = s.location AND w.tree_path >= {build.take_from.tree_path} AND w.tree_path < \
    SUBSTR({build.take_from.tree_path}, 1, LENGTH({build.take_from.tree_path}) - 1) || '0'))) - (SELECT \
    COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN build_builditem a ON \
    a.stock_item = s.id JOIN build_buildline n ON n.id = a.build_line JOIN build_build b ON b.id = \
    n.build WHERE s.part = {bom_item.sub_part} AND b.status IN (10, 20, 25) AND ({?build} IS NULL OR \
    {build.take_from} IS NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w WHERE w.id = s.location AND \
    w.tree_path >= {build.take_from.tree_path} AND w.tree_path < SUBSTR({build.take_from.tree_path}, 1, \
    LENGTH({build.take_from.tree_path}) - 1) || '0'))), 0) + GREATEST((SELECT \
    COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part IN (SELECT u.part \
    FROM part_bomitemsubstitute u WHERE u.bom_item = {bom_item}) AND s.quantity > 0 AND s.sales_order IS \
    NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT s.is_building \
    AND s.status IN (10, 50, 55, 85) AND ({?build} IS NULL OR {build.take_from} IS NULL OR EXISTS \
    (SELECT 1 FROM stock_stocklocation w WHERE w.id = s.location AND w.tree_path >= \
    {build.take_from.tree_path} AND w.tree_path < SUBSTR({build.take_from.tree_path}, 1, \
    LENGTH({build.take_from.tree_path}) - 1) || '0'))) - (SELECT COALESCE(CAST(SUM(a.quantity) AS \
    BIGINT), 0) FROM stock_stockitem s JOIN build_builditem a ON a.stock_item = s.id JOIN \
    build_buildline n ON n.id = a.build_line JOIN build_build b ON b.id = n.build WHERE s.part IN \
    (SELECT u.part FROM part_bomitemsubstitute u WHERE u.bom_item = {bom_item}) AND b.status IN (10, 20, \
    25)) - (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN \
    order_salesorderallocation a ON a.item = s.id JOIN order_salesorderlineitem n ON n.id = a.line JOIN \
    order_salesorder o ON o.id = n.\"order\" LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
    WHERE s.part IN (SELECT u.part FROM part_bomitemsubstitute u WHERE u.bom_item = {bom_item}) AND \
    o.status IN (10, 15, 25) AND h.shipment_date IS NULL), 0) + GREATEST((SELECT \
    COALESCE(CAST(SUM(s.quantity - (SELECT COALESCE(SUM(a.quantity), 0) FROM order_salesorderallocation \
    a WHERE a.item = s.id) - (SELECT COALESCE(SUM(a.quantity), 0) FROM build_builditem a WHERE \
    a.stock_item = s.id)) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part IN (SELECT v.id FROM \
    part_part v WHERE v.tree_path > {bom_item.sub_part.tree_path} AND v.tree_path < \
    SUBSTR({bom_item.sub_part.tree_path}, 1, LENGTH({bom_item.sub_part.tree_path}) - 1) || '0') AND \
    s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND \
    s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85) AND ({?build} IS NULL \
    OR {build.take_from} IS NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w WHERE w.id = s.location \
    AND w.tree_path >= {build.take_from.tree_path} AND w.tree_path < SUBSTR({build.take_from.tree_path}, \
    1, LENGTH({build.take_from.tree_path}) - 1) || '0'))), 0)";
/// It is not enough.
pub const NOT_AVAILABLE: &str = "{quantity} > {consumed} + (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM build_builditem \
    a WHERE a.build_line = {id}) + GREATEST((SELECT COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM \
    stock_stockitem s WHERE s.part = {bom_item.sub_part} AND s.quantity > 0 AND s.sales_order IS NULL \
    AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT s.is_building AND \
    s.status IN (10, 50, 55, 85) AND ({?build} IS NULL OR {build.take_from} IS NULL OR EXISTS (SELECT 1 \
    FROM stock_stocklocation w WHERE w.id = s.location AND w.tree_path >= {build.take_from.tree_path} \
    AND w.tree_path < SUBSTR({build.take_from.tree_path}, 1, LENGTH({build.take_from.tree_path}) - 1) || \
    '0'))) - (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN \
    order_salesorderallocation a ON a.item = s.id JOIN order_salesorderlineitem n ON n.id = a.line JOIN \
    order_salesorder o ON o.id = n.\"order\" LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
    WHERE s.part = {bom_item.sub_part} AND o.status IN (10, 15, 25) AND h.shipment_date IS NULL AND \
    ({?build} IS NULL OR {build.take_from} IS NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w WHERE \
    w.id = s.location AND w.tree_path >= {build.take_from.tree_path} AND w.tree_path < \
    SUBSTR({build.take_from.tree_path}, 1, LENGTH({build.take_from.tree_path}) - 1) || '0'))) - (SELECT \
    COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN build_builditem a ON \
    a.stock_item = s.id JOIN build_buildline n ON n.id = a.build_line JOIN build_build b ON b.id = \
    n.build WHERE s.part = {bom_item.sub_part} AND b.status IN (10, 20, 25) AND ({?build} IS NULL OR \
    {build.take_from} IS NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w WHERE w.id = s.location AND \
    w.tree_path >= {build.take_from.tree_path} AND w.tree_path < SUBSTR({build.take_from.tree_path}, 1, \
    LENGTH({build.take_from.tree_path}) - 1) || '0'))), 0) + GREATEST((SELECT \
    COALESCE(CAST(SUM(s.quantity) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part IN (SELECT u.part \
    FROM part_bomitemsubstitute u WHERE u.bom_item = {bom_item}) AND s.quantity > 0 AND s.sales_order IS \
    NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND s.consumed_by IS NULL AND NOT s.is_building \
    AND s.status IN (10, 50, 55, 85) AND ({?build} IS NULL OR {build.take_from} IS NULL OR EXISTS \
    (SELECT 1 FROM stock_stocklocation w WHERE w.id = s.location AND w.tree_path >= \
    {build.take_from.tree_path} AND w.tree_path < SUBSTR({build.take_from.tree_path}, 1, \
    LENGTH({build.take_from.tree_path}) - 1) || '0'))) - (SELECT COALESCE(CAST(SUM(a.quantity) AS \
    BIGINT), 0) FROM stock_stockitem s JOIN build_builditem a ON a.stock_item = s.id JOIN \
    build_buildline n ON n.id = a.build_line JOIN build_build b ON b.id = n.build WHERE s.part IN \
    (SELECT u.part FROM part_bomitemsubstitute u WHERE u.bom_item = {bom_item}) AND b.status IN (10, 20, \
    25)) - (SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM stock_stockitem s JOIN \
    order_salesorderallocation a ON a.item = s.id JOIN order_salesorderlineitem n ON n.id = a.line JOIN \
    order_salesorder o ON o.id = n.\"order\" LEFT JOIN order_salesordershipment h ON h.id = a.shipment \
    WHERE s.part IN (SELECT u.part FROM part_bomitemsubstitute u WHERE u.bom_item = {bom_item}) AND \
    o.status IN (10, 15, 25) AND h.shipment_date IS NULL), 0) + GREATEST((SELECT \
    COALESCE(CAST(SUM(s.quantity - (SELECT COALESCE(SUM(a.quantity), 0) FROM order_salesorderallocation \
    a WHERE a.item = s.id) - (SELECT COALESCE(SUM(a.quantity), 0) FROM build_builditem a WHERE \
    a.stock_item = s.id)) AS BIGINT), 0) FROM stock_stockitem s WHERE s.part IN (SELECT v.id FROM \
    part_part v WHERE v.tree_path > {bom_item.sub_part.tree_path} AND v.tree_path < \
    SUBSTR({bom_item.sub_part.tree_path}, 1, LENGTH({bom_item.sub_part.tree_path}) - 1) || '0') AND \
    s.quantity > 0 AND s.sales_order IS NULL AND s.belongs_to IS NULL AND s.customer IS NULL AND \
    s.consumed_by IS NULL AND NOT s.is_building AND s.status IN (10, 50, 55, 85) AND ({?build} IS NULL \
    OR {build.take_from} IS NULL OR EXISTS (SELECT 1 FROM stock_stocklocation w WHERE w.id = s.location \
    AND w.tree_path >= {build.take_from.tree_path} AND w.tree_path < SUBSTR({build.take_from.tree_path}, \
    1, LENGTH({build.take_from.tree_path}) - 1) || '0'))), 0)";
/// All that is still needed is set aside.
pub const IS_ALLOCATED: &str = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM build_builditem a WHERE a.build_line = \
    {id}) >= {quantity} - {consumed}";
/// Less than what is still needed is set aside.
pub const NOT_ALLOCATED: &str = "(SELECT COALESCE(CAST(SUM(a.quantity) AS BIGINT), 0) FROM build_builditem a WHERE a.build_line = \
    {id}) < {quantity} - {consumed}";
