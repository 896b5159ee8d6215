//! Keys of settings, with the types of their values.
//!
//! A key that `settings.toml` does not define, or defines with another type, does not compile. Nor does reading a setting of
//! the server as one of a user.

use std::marker::PhantomData;

/// A setting of the server.
#[derive(Debug)]
pub enum Server {}

/// A setting of each user.
#[derive(Debug)]
pub enum User {}

/// The key of a setting whose value is a `T`.
pub struct Key<T: ?Sized, S = Server>(&'static str, PhantomData<fn(S) -> Box<T>>);

impl<T: ?Sized, S> Key<T, S> {
    /// The key as it is stored.
    pub const fn name(self) -> &'static str {
        self.0
    }
}

impl<T: ?Sized, S> Clone for Key<T, S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: ?Sized, S> Copy for Key<T, S> {}

impl<T: ?Sized, S> std::fmt::Debug for Key<T, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

macro_rules! keys {
    ($scope:ident, $section:literal: $($key:ident: $type:tt,)*) => {
        $(
            #[doc = concat!("See `settings.toml`: `", stringify!($key), "`.")]
            pub(crate) const $key: Key<$type, $scope> = {
                assert!(is_defined($section, stringify!($key), first_of!($type)), "no such setting of this type");
                Key(stringify!($key), PhantomData)
            };
        )*
    };
}

/// The bytes with which a default of the type begins.
macro_rules! first_of {
    (bool) => {
        b"tf"
    };
    (i64) => {
        b"-0123456789"
    };
    (str) => {
        b"\""
    };
}

keys! { Server, "[global]":
    _DEFAULT_TEMPLATES: bool,
    INVENTREE_COMPANY_NAME: str,
    PART_NAME_FORMAT: str,
    BARCODE_STORE_RESULTS: bool,
    BUILDORDER_EXTERNAL_BUILDS: bool,
    BUILDORDER_EXTERNAL_REQUIRED: bool,
    BUILDORDER_REQUIRE_ACTIVE_PART: bool,
    BUILDORDER_REQUIRE_CLOSED_CHILDS: bool,
    BUILDORDER_REQUIRE_LOCKED_PART: bool,
    BUILDORDER_REQUIRE_RESPONSIBLE: bool,
    BUILDORDER_REQUIRE_VALID_BOM: bool,
    INVENTREE_ANNOUNCE_ID: bool,
    INVENTREE_DOWNLOAD_FROM_URL: bool,
    INVENTREE_INSTANCE_TITLE: bool,
    INVENTREE_STRICT_URLS: bool,
    LOGIN_ENABLE_PWD_FORGOT: bool,
    LOGIN_ENABLE_REG: bool,
    PARAMETER_ENFORCE_UNITS: bool,
    PART_ALLOW_DELETE_FROM_ASSEMBLY: bool,
    PART_ALLOW_DUPLICATE_IPN: bool,
    PART_ALLOW_EDIT_IPN: bool,
    PART_ASSEMBLY: bool,
    PART_BOM_ALLOW_ZERO_QUANTITY: bool,
    PART_BOM_USE_INTERNAL_PRICE: bool,
    PART_COMPONENT: bool,
    PART_ENABLE_LOCKING: bool,
    PART_ENABLE_REVISION: bool,
    PART_INTERNAL_PRICE: bool,
    PART_PURCHASEABLE: bool,
    PART_REVISION_ASSEMBLY_ONLY: bool,
    PART_SALABLE: bool,
    PART_TEMPLATE: bool,
    PART_TRACKABLE: bool,
    PART_VIRTUAL: bool,
    PREVENT_BUILD_COMPLETION_HAVING_INCOMPLETED_TESTS: bool,
    PRICING_ACTIVE_VARIANTS: bool,
    PRICING_AUTO_UPDATE: bool,
    PRICING_PURCHASE_HISTORY_OVERRIDES_SUPPLIER: bool,
    PRICING_USE_STOCK_PRICING: bool,
    PRICING_USE_SUPPLIER_PRICING: bool,
    PRICING_USE_VARIANT_PRICING: bool,
    PURCHASEORDER_AUTO_COMPLETE: bool,
    PURCHASEORDER_CONVERT_CURRENCY: bool,
    PURCHASEORDER_EDIT_COMPLETED_ORDERS: bool,
    PURCHASEORDER_MERGE_LINE_ITEMS: bool,
    PURCHASEORDER_REQUIRE_RESPONSIBLE: bool,
    REPORT_DEBUG_MODE: bool,
    REPORT_FETCH_URLS: bool,
    RETURNORDER_EDIT_COMPLETED_ORDERS: bool,
    RETURNORDER_REQUIRE_RESPONSIBLE: bool,
    SALESORDER_BLOCK_INCOMPLETE_ITEM_TESTS: bool,
    SALESORDER_DEFAULT_SHIPMENT: bool,
    SALESORDER_EDIT_COMPLETED_ORDERS: bool,
    SALESORDER_REQUIRE_RESPONSIBLE: bool,
    SALESORDER_SHIPMENT_REQUIRES_CHECK: bool,
    SALESORDER_SHIP_COMPLETE: bool,
    SERIAL_NUMBER_GLOBALLY_UNIQUE: bool,
    STOCKTAKE_DELETE_OLD_ENTRIES: bool,
    STOCKTAKE_ENABLE: bool,
    STOCKTAKE_EXCLUDE_EXTERNAL: bool,
    STOCK_ALLOW_DELETE_SERIALIZED: bool,
    STOCK_ALLOW_EDIT_SERIAL: bool,
    STOCK_ALLOW_EXPIRED_BUILD: bool,
    STOCK_ALLOW_EXPIRED_SALE: bool,
    STOCK_ALLOW_OUT_OF_STOCK_TRANSFER: bool,
    STOCK_DELETE_DEPLETED_DEFAULT: bool,
    STOCK_ENABLE_EXPIRY: bool,
    STOCK_ENFORCE_BOM_INSTALLATION: bool,
    STOCK_MERGE_ON_TRANSFER: bool,
    STOCK_OWNERSHIP_CONTROL: bool,
    STOCK_TRACKING_DELETE_OLD_ENTRIES: bool,
    TRANSFERORDER_EDIT_COMPLETED_ORDERS: bool,
    TRANSFERORDER_REQUIRE_RESPONSIBLE: bool,
    BARCODE_RESULTS_MAX_NUM: i64,
    CHANGE_LOG_DAYS: i64,
    CURRENCY_UPDATE_INTERVAL: i64,
    INVENTREE_DELETE_TASKS_DAYS: i64,
    INVENTREE_DOWNLOAD_IMAGE_MAX_SIZE: i64,
    INVENTREE_UPLOAD_MAX_SIZE: i64,
    PRICING_DECIMAL_PLACES: i64,
    PRICING_DECIMAL_PLACES_MIN: i64,
    PRICING_STOCK_ITEM_AGE_DAYS: i64,
    PRICING_UPDATE_DAYS: i64,
    STOCKTAKE_AUTO_DAYS: i64,
    STOCKTAKE_DELETE_DAYS: i64,
    STOCK_STALE_DAYS: i64,
    STOCK_TRACKING_DELETE_DAYS: i64,
    BUILDORDER_REFERENCE_PATTERN: str,
    CURRENCY_CODES: str,
    CURRENCY_UPDATE_PLUGIN: str,
    INVENTREE_BASE_URL: str,
    INVENTREE_DEFAULT_CURRENCY: str,
    INVENTREE_INSTANCE: str,
    INVENTREE_INSTANCE_ID: str,
    PART_CATEGORY_DEFAULT_ICON: str,
    PART_IPN_REGEX: str,
    PURCHASEORDER_REFERENCE_PATTERN: str,
    REPORT_ADDRESS: str,
    REPORT_DEFAULT_PAGE_SIZE: str,
    REPORT_LOGO: str,
    RETURNORDER_REFERENCE_PATTERN: str,
    SALESORDER_REFERENCE_PATTERN: str,
    STOCK_BATCH_CODE_TEMPLATE: str,
    STOCK_LOCATION_DEFAULT_ICON: str,
    TRANSFERORDER_REFERENCE_PATTERN: str,
}

keys! { User, "[user]":
    LAST_USED_PRINTING_MACHINES: str,
}

const FILE: &[u8] = include_str!("settings.toml").as_bytes();

const LINES: usize = {
    let (mut at, mut lines) = (0, 1);
    while at < FILE.len() {
        if FILE[at] == b'\n' {
            lines += 1;
        }
        at += 1;
    }
    lines
};

/// Where each line begins: found once, not for each key.
static STARTS: [usize; LINES] = {
    let mut starts = [0; LINES];
    let (mut at, mut line) = (0, 1);
    while at < FILE.len() {
        if FILE[at] == b'\n' {
            starts[line] = at + 1;
            line += 1;
        }
        at += 1;
    }
    starts
};

/// Whether the section defines the key with a default that begins with one of these bytes.
const fn is_defined(section: &str, key: &str, first: &[u8]) -> bool {
    let (mut line, mut within) = (0, false);
    while line < LINES {
        let start = STARTS[line];
        if has(start, b"[") {
            within = has(start, section.as_bytes());
        } else if within && has(start, key.as_bytes()) && has(start + key.len(), DEFAULT) {
            let at = start + key.len() + DEFAULT.len();
            return at < FILE.len() && contains(first, FILE[at]);
        }
        line += 1;
    }
    false
}

const DEFAULT: &[u8] = b" = { default = ";

const fn has(at: usize, text: &[u8]) -> bool {
    if at + text.len() > FILE.len() {
        return false;
    }
    let mut i = 0;
    while i < text.len() {
        if FILE[at + i] != text[i] {
            return false;
        }
        i += 1;
    }
    true
}

const fn contains(bytes: &[u8], wanted: u8) -> bool {
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == wanted {
            return true;
        }
        i += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_looked_for_in_their_section_with_their_type() {
        assert!(is_defined("[global]", "STOCK_STALE_DAYS", first_of!(i64)));
        assert!(!is_defined("[global]", "STOCK_STALE_DAYS", first_of!(bool)), "it is a number");
        assert!(!is_defined("[user]", "STOCK_STALE_DAYS", first_of!(i64)), "it is one of the server");
        assert!(!is_defined("[global]", "STOCK_STALE_DAY", first_of!(i64)), "the key is longer");
        assert!(is_defined("[user]", "LABEL_INLINE", first_of!(bool)));
    }
}
