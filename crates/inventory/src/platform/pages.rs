//! URLs of the pages of records.
//!
//! Scans, calendars and messages hand these addresses out, and clients print some of older servers;
//! [`address_of`] makes them and [`find`] reads them, so every address that is handed out leads
//! somewhere.

/// Pages stand below this path.
pub const ROOT: &str = "/web";
/// Where pages stood in servers of other versions.
const OLD_ROOTS: [&str; 2] = ["/web", "/platform"];

/// The pages of one kind of record.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The record model without its app (`supplierpart`).
    pub model: &'static str,
    /// What people call such a record.
    pub name: &'static str,
    /// Where its pages are, below [`ROOT`], before the key.
    pub path: &'static str,
    /// Where its list is in the API.
    pub api: &'static str,
    /// Where the web interface of this program shows such records (`/parts/12`).
    pub shown: &'static str,
    /// Other paths that clients know.
    others: &'static [&'static str],
}

const fn kind(
    [model, name]: [&'static str; 2],
    [path, api, shown]: [&'static str; 3],
    others: &'static [&'static str],
) -> Kind {
    Kind { model, name, path, api, shown, others }
}

/// All kinds of records that have pages.
pub static KINDS: &[Kind] = &[
    kind(["part", "Part"], ["/part", "/api/part/", "/parts"], &[]),
    kind(["partcategory", "Part category"], ["/part/category", "/api/part/category/", "/categories"], &[]),
    kind(["stockitem", "Stock item"], ["/stock/item", "/api/stock/", "/stock"], &[]),
    kind(["stocklocation", "Stock location"], ["/stock/location", "/api/stock/location/", "/locations"], &[]),
    kind(
        ["transferorder", "Transfer order"],
        ["/stock/transfer-order", "/api/order/transfer-order/", "/transfer-orders"],
        &["/transfer-order", "/order/transfer-order"],
    ),
    kind(
        ["build", "Build order"],
        ["/manufacturing/build-order", "/api/build/", "/builds"],
        &["/build", "/build-order"],
    ),
    kind(
        ["purchaseorder", "Purchase order"],
        ["/purchasing/purchase-order", "/api/order/po/", "/purchase-orders"],
        &["/purchase-order", "/order/purchase-order"],
    ),
    kind(
        ["supplierpart", "Supplier part"],
        ["/purchasing/supplier-part", "/api/company/part/", "/supplier-parts"],
        &["/supplier-part"],
    ),
    kind(
        ["manufacturerpart", "Manufacturer part"],
        ["/purchasing/manufacturer-part", "/api/company/part/manufacturer/", "/manufacturer-parts"],
        &["/manufacturer-part"],
    ),
    kind(
        ["company", "Company"],
        ["/company", "/api/company/", "/companies"],
        &["/purchasing/supplier", "/purchasing/manufacturer", "/sales/customer"],
    ),
    kind(
        ["salesorder", "Sales order"],
        ["/sales/sales-order", "/api/order/so/", "/sales-orders"],
        &["/sales-order", "/order/sales-order"],
    ),
    kind(
        ["salesordershipment", "Shipment"],
        ["/sales/shipment", "/api/order/so/shipment/", "/shipments"],
        &["/shipment"],
    ),
    kind(
        ["returnorder", "Return order"],
        ["/sales/return-order", "/api/order/ro/", "/return-orders"],
        &["/return-order", "/order/return-order"],
    ),
    kind(["user", "User"], ["/core/user", "/api/user/", "/users"], &[]),
    kind(["group", "Group"], ["/core/group", "/api/user/group/", "/groups"], &[]),
];

/// The path of a record's page. `model` may be given with its app (`order.salesorder`). `None` where
/// such records have no pages.
pub fn address_of(model: &str, key: i64) -> Option<String> {
    let model = model.rsplit('.').next().unwrap_or(model);
    let kind = KINDS.iter().find(|kind| kind.model == model)?;
    Some(format!("{ROOT}{}/{key}", kind.path))
}

/// The record that a path leads to, whatever follows its key. `None` where it names none.
pub fn find(path: &str) -> Option<(&'static Kind, i64)> {
    let path = OLD_ROOTS.iter().find_map(|root| path.strip_prefix(root)).unwrap_or(path);
    KINDS.iter().find_map(|kind| {
        std::iter::once(&kind.path).chain(kind.others).find_map(|place| {
            let rest = path.strip_prefix(place)?.strip_prefix('/')?;
            let key = rest.split('/').next().filter(|key| key.bytes().all(|b| b.is_ascii_digit()))?;
            Some((kind, key.parse().ok()?))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_leads_to_its_record() {
        for kind in KINDS {
            let address = address_of(kind.model, 12).unwrap();
            assert!(address.starts_with("/web/"), "{address}");
            for path in
                [address.clone(), format!("{address}/"), format!("{address}/details"), kind.path.to_owned() + "/12"]
            {
                assert_eq!(find(&path), Some((kind, 12)), "{path}");
            }
            for other in kind.others {
                assert_eq!(find(&format!("{other}/7/")), Some((kind, 7)), "{other}");
            }
        }
        assert_eq!(address_of("company.supplierpart", 5).as_deref(), Some("/web/purchasing/supplier-part/5"));
        assert_eq!(find("/platform/part/3").map(|(kind, key)| (kind.model, key)), Some(("part", 3)));
        assert_eq!(find("/part/category/3").map(|(kind, key)| (kind.model, key)), Some(("partcategory", 3)));
        for path in [
            "/",
            "/web/part/",
            "/web/part/x",
            "/web/nothing/1",
            "/part/1x",
            "/api/part/1",
            "/part/99999999999999999999",
        ] {
            assert_eq!(find(path), None, "{path}");
        }
        assert_eq!(address_of("common.projectcode", 1), None);
    }

    /// The paths of all kinds of records that the web interface shows, by their models.
    fn shown() -> std::collections::HashMap<String, String> {
        let areas = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/areas");
        let described = regex::Regex::new(r"model: '([a-z]+)',\s*path: '([a-z-]+)'").unwrap();
        let mut found = std::collections::HashMap::new();
        for area in std::fs::read_dir(areas).unwrap() {
            let Ok(text) = std::fs::read_to_string(area.unwrap().path().join("index.ts")) else { continue };
            found.extend(described.captures_iter(&text).map(|kind| (kind[1].to_owned(), format!("/{}", &kind[2]))));
        }
        found
    }

    #[test]
    fn the_web_interface_shows_every_kind_where_its_addresses_lead() {
        let shown = shown();
        assert!(shown.len() > 30, "{shown:?}");
        for kind in KINDS {
            assert_eq!(shown.get(kind.model).map(String::as_str), Some(kind.shown), "{}", kind.model);
        }
        // no page of the interface is taken for an address of other servers
        for path in shown.values() {
            assert_eq!(find(&format!("{path}/12")), None, "{path}");
            assert_eq!(find(&format!("{path}/12/details")), None, "{path}");
        }
    }

    #[test]
    fn records_with_barcodes_and_orders_have_pages() {
        let barcodes = crate::services::barcode::kind::KINDS.iter().map(|kind| kind.table);
        let orders = crate::business::order::kind::KINDS.iter().map(|kind| kind.table);
        for table in barcodes.chain(orders) {
            assert!(address_of(table.record, 1).is_some(), "{}", table.record);
        }
        let registry = crate::installation::app::the_registry();
        for kind in KINDS {
            assert!(registry.resources.iter().any(|r| r.path == kind.api && r.operations.retrieve), "{}", kind.api);
        }
    }
}
