//! What a user may do.
//!
//! A group has, for each [`Ruleset`], the right to view, add, change and delete. A ruleset stands for a
//! number of tables; a table may belong to several, and then one of them is enough. The right to view in a ruleset
//! may reach further than its tables ([`Ruleset::shown`]). A few tables are open to every signed-in user. Superusers have all permissions, inactive users none.

use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use ironwood_rest::context::Permission;
use ironwood_store::{Fragment, fragment};
use serde_json::{Map, Value as Json};

use crate::schema::keys::{GroupKey, UserKey};

/// An area of work to which rights are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ruleset {
    Admin,
    PartCategory,
    Part,
    Bom,
    StockLocation,
    Stock,
    Build,
    PurchaseOrder,
    SalesOrder,
    ReturnOrder,
    TransferOrder,
    ShopFloor,
}

impl Ruleset {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Ruleset; 12] = [
        Ruleset::Admin,
        Ruleset::PartCategory,
        Ruleset::Part,
        Ruleset::Bom,
        Ruleset::StockLocation,
        Ruleset::Stock,
        Ruleset::Build,
        Ruleset::PurchaseOrder,
        Ruleset::SalesOrder,
        Ruleset::ReturnOrder,
        Ruleset::TransferOrder,
        Ruleset::ShopFloor,
    ];

    /// Name in the database and the API.
    pub const fn name(self) -> &'static str {
        match self {
            Ruleset::Admin => "admin",
            Ruleset::PartCategory => "part_category",
            Ruleset::Part => "part",
            Ruleset::Bom => "bom",
            Ruleset::StockLocation => "stock_location",
            Ruleset::Stock => "stock",
            Ruleset::Build => "build",
            Ruleset::PurchaseOrder => "purchase_order",
            Ruleset::SalesOrder => "sales_order",
            Ruleset::ReturnOrder => "return_order",
            Ruleset::TransferOrder => "transfer_order",
            Ruleset::ShopFloor => "shop_floor",
        }
    }

    /// Name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Ruleset::Admin => "Admin",
            Ruleset::PartCategory => "Part Categories",
            Ruleset::Part => "Parts",
            Ruleset::Bom => "Bills of Material",
            Ruleset::StockLocation => "Stock Locations",
            Ruleset::Stock => "Stock Items",
            Ruleset::Build => "Build Orders",
            Ruleset::PurchaseOrder => "Purchase Orders",
            Ruleset::SalesOrder => "Sales Orders",
            Ruleset::ReturnOrder => "Return Orders",
            Ruleset::TransferOrder => "Transfer Orders",
            Ruleset::ShopFloor => "Shop Floor",
        }
    }

    /// The ruleset of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }

    /// The tables that it stands for.
    pub const fn tables(self) -> &'static [&'static str] {
        match self {
            Ruleset::Admin => &[
                "auth_group",
                "auth_user",
                "auth_permission",
                "users_apitoken",
                "users_ruleset",
                "report_labeltemplate",
                "report_reportasset",
                "report_reportsnippet",
                "report_reporttemplate",
                "account_emailaddress",
                "account_emailconfirmation",
                "socialaccount_socialaccount",
                "socialaccount_socialapp",
                "socialaccount_socialtoken",
                "otp_totp_totpdevice",
                "otp_static_statictoken",
                "otp_static_staticdevice",
                "mfa_authenticator",
                "oauth2_provider_application",
                "oauth2_provider_grant",
                "oauth2_provider_idtoken",
                "oauth2_provider_accesstoken",
                "oauth2_provider_refreshtoken",
                "oauth2_provider_devicegrant",
                "plugin_pluginconfig",
                "plugin_pluginsetting",
                "plugin_pluginusersetting",
                "common_barcodescanresult",
                "common_newsfeedentry",
                "taggit_tag",
                "taggit_taggeditem",
                "flags_flagstate",
                "machine_machineconfig",
                "machine_machinesetting",
                "common_emailmessage",
                "common_emailthread",
                "django_mailbox_mailbox",
                "django_mailbox_messageattachment",
                "django_mailbox_message",
            ],
            Ruleset::PartCategory => {
                &["part_partcategory", "part_partcategoryparametertemplate", "part_partcategorystar"]
            }
            Ruleset::Part => &[
                "part_part",
                "part_partpricing",
                "part_partsellpricebreak",
                "part_partinternalpricebreak",
                "part_parttesttemplate",
                "part_partrelated",
                "part_partstar",
                "part_partstocktake",
                "part_partcategorystar",
                "company_supplierpart",
                "company_manufacturerpart",
            ],
            Ruleset::Bom => &["part_bomitem", "part_bomitemsubstitute"],
            Ruleset::StockLocation => &["stock_stocklocation", "stock_stocklocationtype"],
            Ruleset::Stock => &["stock_stockitem", "stock_stockitemtracking", "stock_stockitemtestresult", SHOP_FLOOR],
            Ruleset::Build => &[
                "part_part",
                "part_partcategory",
                "part_bomitem",
                "part_bomitemsubstitute",
                "build_build",
                "build_builditem",
                "build_buildline",
                "stock_stockitem",
                "stock_stocklocation",
            ],
            Ruleset::PurchaseOrder => &[
                "company_company",
                "company_contact",
                "company_address",
                "company_manufacturerpart",
                "company_supplierpart",
                "company_supplierpricebreak",
                "order_purchaseorder",
                "order_purchaseorderlineitem",
                "order_purchaseorderextraline",
            ],
            Ruleset::SalesOrder => &[
                "company_company",
                "company_contact",
                "company_address",
                "order_salesorder",
                "order_salesorderallocation",
                "order_salesorderlineitem",
                "order_salesorderextraline",
                "order_salesordershipment",
            ],
            Ruleset::ReturnOrder => &[
                "company_company",
                "company_contact",
                "company_address",
                "order_returnorder",
                "order_returnorderlineitem",
                "order_returnorderextraline",
            ],
            Ruleset::TransferOrder => {
                &["order_transferorder", "order_transferorderallocation", "order_transferorderlineitem"]
            }
            Ruleset::ShopFloor => &[SHOP_FLOOR],
        }
    }

    /// Further tables whose rows are shown to those who may view in it.
    pub const fn shown(self) -> &'static [&'static str] {
        match self {
            Ruleset::ShopFloor => {
                &["part_part", "part_partcategory", "stock_stockitem", "stock_stockitemtracking", "stock_stocklocation"]
            }
            _ => &[],
        }
    }
}

/// Stands in the place of a table for what is done on the shop floor: taking stock out and bringing it back. No table
/// of the database, so that the right to it gives none on the items themselves.
pub(crate) const SHOP_FLOOR: &str = "stock_shopfloor";

/// Tables that need no permission: every signed-in user can use them, within the rules of the resource.
pub(crate) static OPEN: &[&str] = &[
    "admin_logentry",
    "contenttypes_contenttype",
    "common_attachment",
    "common_parametertemplate",
    "common_parameter",
    "common_customunit",
    "common_dataoutput",
    "common_inventreesetting",
    "common_inventreeusersetting",
    "common_notificationentry",
    "common_notificationmessage",
    "common_notesimage",
    "common_projectcode",
    "common_webhookendpoint",
    "common_webhookmessage",
    "common_inventreecustomuserstatemodel",
    "common_selectionlistentry",
    "common_selectionlist",
    "users_owner",
    "users_userprofile",
    "error_report_error",
    "exchange_rate",
    "exchange_exchangebackend",
    "usersessions_usersession",
    "sessions_session",
    "django_q_ormq",
    "django_q_failure",
    "django_q_task",
    "django_q_schedule",
    "django_q_success",
    "importer_dataimportsession",
    "importer_dataimportcolumnmap",
    "importer_dataimportrow",
];

/// Tables whose rows other records name to everyone who is signed in: users, groups and tags.
static NAMED: &[&str] =
    &["auth_user", "auth_group", "auth_user_groups", "users_owner", "users_ruleset", "taggit_tag", "taggit_taggeditem"];

/// Before the name of a ruleset: stands in the place of a table where an operation needs the right in
/// that very ruleset (`role:bom`), whichever tables it touches.
pub(crate) const ROLE: &str = "role:";

/// What the name of a table leads to.
enum Table {
    Open,
    /// One bit for each ruleset that it belongs to, and for each that only shows its rows.
    In {
        all: u16,
        shown: u16,
    },
}

impl Table {
    /// The rulesets whose right to do that is one on the rows.
    const fn bits(&self, permission: Permission) -> u16 {
        match (self, permission) {
            (Table::Open, _) => 0,
            (Table::In { all, shown }, Permission::View) => *all | *shown,
            (Table::In { all, .. }, _) => *all,
        }
    }
}

static TABLES: LazyLock<HashMap<&'static str, Table>> = LazyLock::new(|| {
    let mut map: HashMap<&'static str, Table> = OPEN.iter().map(|t| (*t, Table::Open)).collect();
    for ruleset in Ruleset::ALL {
        let bit = 1 << ruleset as u16;
        for &table in ruleset.tables() {
            if let Table::In { all, .. } = map.entry(table).or_insert(Table::In { all: 0, shown: 0 }) {
                *all |= bit;
            }
        }
        for &table in ruleset.shown() {
            if let Table::In { shown, .. } = map.entry(table).or_insert(Table::In { all: 0, shown: 0 }) {
                *shown |= bit;
            }
        }
    }
    map
});

/// The rulesets whose right to do that is one on the rows of a table; empty for an open table and one that no one but
/// a superuser may use.
pub(crate) fn rulesets(table: &str, permission: Permission) -> impl Iterator<Item = Ruleset> {
    let bits = match (table.strip_prefix(ROLE).and_then(Ruleset::parse), TABLES.get(table)) {
        (Some(role), _) => 1 << role as u16,
        (None, found) => found.map_or(0, |table| table.bits(permission)),
    };
    Ruleset::ALL.into_iter().filter(move |r| bits & (1 << *r as u16) != 0)
}

/// What a token needs for an act on a table, as the API document names it: one of these.
pub(crate) fn scopes(table: &str, permission: Permission) -> Vec<String> {
    rulesets(table, permission).map(|r| format!("r:{}:{}", permission.name(), r.name())).collect()
}

/// SQL: the user with the alias `u` is active and may see rows of that table.
pub(crate) fn may_view(table: &str) -> Fragment {
    let names: Vec<Fragment> = rulesets(table, Permission::View).map(|r| Fragment::literal(r.name())).collect();
    match TABLES.get(table) {
        Some(Table::Open) => "u.is_active".into(),
        _ if names.is_empty() => "u.is_active AND u.is_superuser".into(),
        _ => fragment!(
            "u.is_active AND (u.is_superuser OR EXISTS (SELECT 1 FROM auth_user_groups g JOIN users_ruleset r \
             ON r.\"group\" = g.\"group\" WHERE g.\"user\" = u.id AND r.can_view AND r.name IN ({})))",
            Fragment::join(&names, ", ")
        ),
    }
}

/// Rights by ruleset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rights([u8; Ruleset::ALL.len()]);

impl Rights {
    /// Adds one right.
    pub fn allow(&mut self, ruleset: Ruleset, permission: Permission) {
        self.0[ruleset as usize] |= 1 << permission as u8;
    }

    /// All of them: the same bytes for the same rights.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether the right is there.
    pub fn has(self, ruleset: Ruleset, permission: Permission) -> bool {
        self.0[ruleset as usize] & (1 << permission as u8) != 0
    }
}

/// A user with an account, with their current groups and permissions.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    pub id: UserKey,
    pub username: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub is_active: bool,
    pub is_staff: bool,
    pub is_superuser: bool,
    /// Keys of the user's groups, ascending.
    pub groups: Vec<GroupKey>,
    pub rights: Rights,
}

impl User {
    /// Whether the user has this permission in that ruleset.
    pub fn may(&self, ruleset: Ruleset, permission: Permission) -> bool {
        self.is_active && (self.is_superuser || self.rights.has(ruleset, permission))
    }

    /// Whether the user has this permission on rows of that table. A table without a ruleset is for superusers.
    pub fn may_table(&self, table: &str, permission: Permission) -> bool {
        if !self.is_active || self.is_superuser {
            return self.is_active;
        }
        if let Some(role) = table.strip_prefix(ROLE) {
            return Ruleset::parse(role).is_some_and(|r| self.rights.has(r, permission));
        }
        match TABLES.get(table) {
            Some(Table::Open) => true,
            Some(found) => {
                // Who may change parts may do anything with their bills of material.
                let inherited = table == INHERITED.0 && self.rights.has(INHERITED.1, Permission::Change);
                let bits = found.bits(permission);
                inherited
                    || Ruleset::ALL.into_iter().any(|r| bits & (1 << r as u16) != 0 && self.rights.has(r, permission))
            }
            None => false,
        }
    }

    /// Whether rows of that table are shown to this user inside of other records, and may be asked about there.
    pub fn sees(&self, table: &str) -> bool {
        self.is_active && (NAMED.contains(&table) || self.may_table(table, Permission::View))
    }

    /// Whether private columns of everyone's row of that table are shown to this user: who administers users may
    /// see their addresses.
    pub fn sees_private(&self, table: &str) -> bool {
        self.is_active && (self.is_superuser || (self.is_staff && self.may_table(table, Permission::Change)))
    }

    /// `{"part": ["view", "add"], "stock": null, …}`: rights by ruleset.
    pub fn roles(&self) -> Map<String, Json> {
        let of = |ruleset| {
            let names: Vec<Json> =
                Permission::ALL.into_iter().filter(|a| self.may(ruleset, *a)).map(|a| a.name().into()).collect();
            if names.is_empty() { Json::Null } else { names.into() }
        };
        Ruleset::ALL.into_iter().map(|r| (r.name().to_owned(), of(r))).collect()
    }

    /// First and last name, or the user name if both are empty.
    pub fn full_name(&self) -> String {
        let full = format!("{} {}", self.first_name, self.last_name);
        let full = full.trim();
        if full.is_empty() { self.username.clone() } else { full.to_owned() }
    }
}

/// Lines of bills of material take on the rights on parts.
const INHERITED: (&str, Ruleset) = ("part_bomitem", Ruleset::Part);

fn model_of(table: &'static str) -> &'static str {
    table.rsplit_once('_').map_or(table, |(_, model)| model)
}

/// The record models that rulesets are about (`supplierpart`), with their tables, by name.
pub(crate) fn models() -> Vec<(&'static str, &'static str)> {
    let ruled = |(table, kind): (&&'static str, &Table)| {
        (matches!(kind, Table::In { .. }) && *table != SHOP_FLOOR).then(|| (model_of(table), *table))
    };
    let mut found: Vec<_> = TABLES.iter().filter_map(ruled).collect();
    found.sort_unstable_by_key(|(model, _)| *model);
    found
}

/// The rulesets whose right to do that is one on the rows of a table, with those whose rights others take on.
pub(crate) fn granting(table: &'static str, permission: Permission) -> impl Iterator<Item = Ruleset> {
    rulesets(table, permission).chain((table == INHERITED.0).then_some(INHERITED.1))
}

/// Models that need no right, by name.
pub(crate) fn open_models() -> impl Iterator<Item = &'static str> {
    OPEN.iter().map(|table| model_of(table))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(rights: &[(Ruleset, Permission)]) -> User {
        let mut user = User {
            id: UserKey::from_id(1),
            username: "ann".into(),
            email: String::new(),
            first_name: "Ann".into(),
            last_name: String::new(),
            is_active: true,
            is_staff: false,
            is_superuser: false,
            groups: vec![],
            rights: Rights::default(),
        };
        rights.iter().for_each(|(r, a)| user.rights.allow(*r, *a));
        user
    }

    #[test]
    fn one_of_a_tables_rulesets_is_enough() {
        let builder = user(&[(Ruleset::Build, Permission::View)]);
        assert!(builder.may_table("part_part", Permission::View));
        assert!(!builder.may_table("part_part", Permission::Change));
        assert!(!builder.may_table("company_company", Permission::View));
        assert!(!builder.may(Ruleset::Part, Permission::View));
    }

    #[test]
    fn who_may_nothing_has_only_the_open_tables() {
        let nobody = user(&[]);
        for permission in Permission::ALL {
            for ruleset in Ruleset::ALL {
                assert!(ruleset.tables().iter().all(|t| !nobody.may_table(t, permission)));
            }
            assert!(OPEN.iter().all(|t| nobody.may_table(t, permission)));
            assert!(!nobody.may_table("ironwood_session", permission), "an unknown table is closed");
        }
    }

    #[test]
    fn superusers_and_inactive_users() {
        let mut root = user(&[]);
        root.is_superuser = true;
        assert!(root.may_table("anything", Permission::Delete) && root.may(Ruleset::Admin, Permission::Add));
        root.is_active = false;
        assert!(!root.may_table("common_projectcode", Permission::View) && !root.may(Ruleset::Admin, Permission::View));
        let mut gone = user(&[(Ruleset::Part, Permission::View)]);
        gone.is_active = false;
        assert!(!gone.may_table("part_part", Permission::View));
    }

    #[test]
    fn changing_parts_includes_their_bills() {
        let editor = user(&[(Ruleset::Part, Permission::Change)]);
        assert!(editor.may_table("part_bomitem", Permission::Delete));
        assert!(!editor.may_table("part_bomitemsubstitute", Permission::Delete));
        assert!(!user(&[(Ruleset::Part, Permission::View)]).may_table("part_bomitem", Permission::View));
    }

    #[test]
    fn roles_as_clients_read_them() {
        let roles = user(&[(Ruleset::Stock, Permission::Change), (Ruleset::Stock, Permission::View)]).roles();
        assert_eq!(roles["stock"], serde_json::json!(["view", "change"]));
        assert_eq!(roles["part"], Json::Null);
        assert_eq!(roles.len(), 12);
    }

    #[test]
    fn the_shop_floor_sees_stock_and_changes_none() {
        let worker = user(&[(Ruleset::ShopFloor, Permission::View), (Ruleset::ShopFloor, Permission::Add)]);
        assert!(worker.may_table(SHOP_FLOOR, Permission::Add) && !worker.may_table(SHOP_FLOOR, Permission::Delete));
        for table in Ruleset::ShopFloor.shown() {
            assert!(worker.may_table(table, Permission::View), "{table}");
            assert!(Permission::ALL[1..].iter().all(|permission| !worker.may_table(table, *permission)), "{table}");
        }
        assert!(
            !worker.may(Ruleset::Stock, Permission::View) && !worker.may_table("company_company", Permission::View)
        );
        assert!(user(&[(Ruleset::Stock, Permission::Add)]).may_table(SHOP_FLOOR, Permission::Add));
    }

    #[test]
    fn no_table_is_both_open_and_ruled() {
        for ruleset in Ruleset::ALL {
            assert_eq!(Ruleset::parse(ruleset.name()), Some(ruleset));
            for table in ruleset.tables() {
                assert!(!OPEN.contains(table), "{table}");
                assert!(rulesets(table, Permission::Delete).any(|r| r == ruleset));
            }
        }
    }
}
