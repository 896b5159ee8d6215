//! URLs of the pages of records.
//!
//! Scans, calendars and messages hand these addresses out, and clients print some of older servers;
//! [`address_of`] makes them and [`find`] reads them, so every address that is handed out leads
//! somewhere.

use ironwood_rest::table::Table;

use crate::schema::build::BUILD;
use crate::schema::company::{COMPANY, MANUFACTURER_PART, SUPPLIER_PART};
use crate::schema::keys::AnyKey;
use crate::schema::part::{CATEGORY, PART};
use crate::schema::purchasing::ORDER as PURCHASE_ORDER;
use crate::schema::record_type;
use crate::schema::returns::ORDER as RETURN_ORDER;
use crate::schema::sales::{ORDER as SALES_ORDER, SHIPMENT};
use crate::schema::stock::{ITEM, LOCATION};
use crate::schema::transfer::ORDER as TRANSFER_ORDER;
use crate::schema::users::{GROUP, USER};

/// Pages stand below this path.
pub const ROOT: &str = "/web";
/// Where pages stood in servers of other versions.
const OLD_ROOTS: [&str; 2] = ["/web", "/platform"];

/// The pages of a type of record.
#[derive(Debug)]
pub struct Pages {
    pub table: &'static Table,
    /// Where they are, below [`ROOT`], before the key.
    path: &'static str,
    /// Where the web interface of this program shows such records (`/parts/12`).
    pub shown: &'static str,
    /// Other paths that clients know.
    others: &'static [&'static str],
}

const fn pages(table: &'static Table, [path, shown]: [&'static str; 2], others: &'static [&'static str]) -> Pages {
    Pages { table, path, shown, others }
}

/// All types of records that have pages.
pub static PAGES: &[Pages] = &[
    pages(&PART, ["/part", "/parts"], &[]),
    pages(&CATEGORY, ["/part/category", "/categories"], &[]),
    pages(&ITEM, ["/stock/item", "/stock"], &[]),
    pages(&LOCATION, ["/stock/location", "/locations"], &[]),
    pages(
        &TRANSFER_ORDER,
        ["/stock/transfer-order", "/transfer-orders"],
        &["/transfer-order", "/order/transfer-order"],
    ),
    pages(&BUILD, ["/manufacturing/build-order", "/builds"], &["/build", "/build-order"]),
    pages(
        &PURCHASE_ORDER,
        ["/purchasing/purchase-order", "/purchase-orders"],
        &["/purchase-order", "/order/purchase-order"],
    ),
    pages(&SUPPLIER_PART, ["/purchasing/supplier-part", "/supplier-parts"], &["/supplier-part"]),
    pages(&MANUFACTURER_PART, ["/purchasing/manufacturer-part", "/manufacturer-parts"], &["/manufacturer-part"]),
    pages(
        &COMPANY,
        ["/company", "/companies"],
        &["/purchasing/supplier", "/purchasing/manufacturer", "/sales/customer"],
    ),
    pages(&SALES_ORDER, ["/sales/sales-order", "/sales-orders"], &["/sales-order", "/order/sales-order"]),
    pages(&SHIPMENT, ["/sales/shipment", "/shipments"], &["/shipment"]),
    pages(&RETURN_ORDER, ["/sales/return-order", "/return-orders"], &["/return-order", "/order/return-order"]),
    pages(&USER, ["/core/user", "/users"], &[]),
    pages(&GROUP, ["/core/group", "/groups"], &[]),
];

/// Pages of records that are no [record types](crate::schema::record_type), and their lists in the API.
const USERS: [(&Table, &str); 2] = [(&USER, "/api/user/"), (&GROUP, "/api/user/group/")];

impl Pages {
    /// Where the list of such records is in the API.
    pub fn api(&self) -> &'static str {
        let own = USERS.iter().find(|(table, _)| table.name == self.table.name);
        own.map(|(_, api)| *api).or_else(|| Some(record_type::of(self.table)?.api)).unwrap_or_default()
    }
}

/// The path of a record's page. `model` may be given with its app (`order.salesorder`). `None` where
/// such records have no pages.
pub fn address_of(model: &str, key: AnyKey) -> Option<String> {
    let model = model.rsplit('.').next().unwrap_or(model);
    let pages = PAGES.iter().find(|pages| pages.table.model() == model)?;
    Some(format!("{ROOT}{}/{key}", pages.path))
}

/// The record that a path leads to, whatever follows its key. `None` where it names none.
pub fn find(path: &str) -> Option<(&'static Pages, AnyKey)> {
    let path = OLD_ROOTS.iter().find_map(|root| path.strip_prefix(root)).unwrap_or(path);
    PAGES.iter().find_map(|pages| {
        std::iter::once(&pages.path).chain(pages.others).find_map(|place| {
            let rest = path.strip_prefix(place)?.strip_prefix('/')?;
            let key = rest.split('/').next().filter(|key| key.bytes().all(|b| b.is_ascii_digit()))?;
            Some((pages, key.parse().ok()?))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str) -> Option<(&'static str, i64)> {
        find(path).map(|(pages, key)| (pages.table.model(), key.id()))
    }

    #[test]
    fn every_address_leads_to_its_record() {
        for pages in PAGES {
            let address = address_of(pages.table.record, AnyKey::from_id(12)).unwrap();
            assert!(address.starts_with("/web/"), "{address}");
            for path in
                [address.clone(), format!("{address}/"), format!("{address}/details"), pages.path.to_owned() + "/12"]
            {
                assert_eq!(named(&path), Some((pages.table.model(), 12)), "{path}");
            }
            for other in pages.others {
                assert_eq!(named(&format!("{other}/7/")), Some((pages.table.model(), 7)), "{other}");
            }
        }
        assert_eq!(
            address_of("company.supplierpart", AnyKey::from_id(5)).as_deref(),
            Some("/web/purchasing/supplier-part/5")
        );
        assert_eq!(named("/platform/part/3"), Some(("part", 3)));
        assert_eq!(named("/part/category/3"), Some(("partcategory", 3)));
        for path in [
            "/",
            "/web/part/",
            "/web/part/x",
            "/web/nothing/1",
            "/part/1x",
            "/api/part/1",
            "/part/99999999999999999999",
        ] {
            assert_eq!(named(path), None, "{path}");
        }
        assert_eq!(address_of("common.projectcode", AnyKey::from_id(1)), None);
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
        for pages in PAGES {
            assert_eq!(
                shown.get(pages.table.model()).map(String::as_str),
                Some(pages.shown),
                "{}",
                pages.table.model()
            );
        }
        // no page of the interface is taken for an address of other servers
        for path in shown.values() {
            assert_eq!(named(&format!("{path}/12")), None, "{path}");
            assert_eq!(named(&format!("{path}/12/details")), None, "{path}");
        }
    }

    #[test]
    fn records_with_barcodes_and_orders_have_pages() {
        let barcodes = record_type::with(record_type::Has::Barcode).map(|one| one.table);
        let orders = crate::business::order::order_type::ORDER_TYPES.iter().map(|kind| kind.table);
        for table in barcodes.chain(orders) {
            assert!(address_of(table.record, AnyKey::from_id(1)).is_some(), "{}", table.record);
        }
        let registry = crate::installation::app::the_registry();
        for pages in PAGES {
            assert!(
                registry.resources.iter().any(|r| r.path == pages.api() && r.operations.retrieve),
                "{}",
                pages.path
            );
        }
    }
}
