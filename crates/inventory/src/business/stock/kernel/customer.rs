//! Assigning stock items to customers, and returning them.

use ironwood_base::status::HistoryCode;
use ironwood_base::{Error, Quantity, Result};
use ironwood_rest::selected;
use ironwood_store::{Connection, fragment};

use super::ledger::{Deltas, Ledger};
use super::{With, number};
use crate::schema::keys::*;

/// Before a customer (`customer`) or sales order (`sales_order`) is deleted: the items that name it in
/// that column no longer do, and their history tells so.
///
/// # Errors
/// Those of the database.
pub(crate) fn release(conn: &mut Connection, user: UserKey, column: &'static str, key: AnyKey) -> Result<()> {
    let sql = fragment!("SELECT id FROM stock_stockitem WHERE \"{column}\" = $1");
    let keys: Vec<ItemKey> = conn.rows(&sql, &[key.into()])?.iter().map(|row| row.cell(0)).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let mut ledger = Ledger::open(conn, user, &keys)?;
    for item in keys {
        let changed = ledger.item_mut(item)?;
        let name = if column == "customer" { "customer" } else { "salesorder" };
        if column == "customer" {
            changed.customer = None;
        } else {
            changed.sales_order = None;
        }
        let mut deltas = Deltas::new();
        deltas.insert("quantity".into(), number(changed.quantity));
        deltas.insert(name.into(), serde_json::Value::Null);
        ledger.record(item, HistoryCode::EDITED, deltas, "")?;
    }
    ledger.close().map(|_| ())
}

/// Who gets stock.
#[derive(Debug, Clone)]
pub(crate) struct Recipient {
    pub customer: CompanyKey,
    pub name: String,
    /// The sales order that it is for.
    pub sales_order: Option<SalesOrderKey>,
}

selected! {
    struct Customer {
        id: CompanyKey = "c.id",
        name: String = "c.name",
    }
}

impl Ledger<'_> {
    /// A customer by key, as [`Ledger::assign`] takes it.
    ///
    /// # Errors
    /// 400 on `customer` where there is no such company.
    pub(crate) fn recipient(&mut self, customer: CompanyKey, sales_order: Option<SalesOrderKey>) -> Result<Recipient> {
        let row = self.conn.one("SELECT name FROM company_company WHERE id = $1", &[customer.into()])?;
        let row = row.ok_or_else(|| Error::field("customer", "This company does not exist."))?;
        Ok(Recipient { customer, name: row.text(0).to_owned(), sales_order })
    }

    /// Assigns a quantity of an item to a customer, with or without a sales order. Returns the key of what the customer
    /// has: the item, or a new one split off from it.
    ///
    /// # Errors
    /// 400 on `quantity` where there is not that much.
    pub(crate) fn assign(&mut self, key: ItemKey, quantity: Quantity, to: &Recipient, notes: &str) -> Result<ItemKey> {
        let given = self.split(key, quantity, None, &With::default())?;
        let item = self.item_mut(given)?;
        item.customer = Some(to.customer);
        item.sales_order = to.sales_order;
        item.location = None;
        let mut deltas = Deltas::new();
        deltas.insert("quantity".into(), number(quantity));
        deltas.insert("customer".into(), to.customer.into());
        deltas.insert("customer_name".into(), to.name.as_str().into());
        if let Some(order) = to.sales_order {
            deltas.insert("salesorder".into(), order.into());
        }
        let code = if to.sales_order.is_some() {
            HistoryCode::SHIPPED_AGAINST_SALES_ORDER
        } else {
            HistoryCode::SENT_TO_CUSTOMER
        };
        self.record(given, code, deltas, notes)?;
        Ok(given)
    }

    /// Takes a quantity back into stock, from a customer, an assembly or a build (`None`: all of it).
    /// What was allocated of it no longer is. `code` is the history code: `RETURNED_TO_STOCK`,
    /// `RETURNED_FROM_CUSTOMER`, `RETURNED_AGAINST_RETURN_ORDER`. Gives the key of what came back.
    ///
    /// # Errors
    /// 400 on `quantity` where there is not that much, on `location` where it cannot be there.
    pub(crate) fn take_back(
        &mut self,
        key: ItemKey,
        quantity: Option<Quantity>,
        location: Option<LocationKey>,
        code: HistoryCode,
        with: &With,
    ) -> Result<ItemKey> {
        if let Some(location) = location {
            self.check_location(location)?;
        }
        let item = self.item(key)?;
        let quantity = if item.is_serialised() { item.quantity } else { quantity.unwrap_or(item.quantity) };
        let back = self.split(key, quantity, None, &With::default())?;
        let mut deltas = Deltas::new();
        deltas.insert("quantity".into(), number(quantity));
        if let Some(location) = location {
            deltas.insert("location".into(), location.into());
        }
        let item = self.item(back)?;
        let (customer, build) = (item.customer, item.consumed_by);
        if let Some(customer) = customer {
            deltas.insert("customer".into(), customer.into());
            let name = self.customer_name(customer)?;
            deltas.insert("customer_name".into(), name.into());
        }
        if let Some(build) = build {
            deltas.insert("build_order".into(), build.into());
        }
        if let Some(status) = with.status {
            self.set_status(back, status, &mut deltas)?;
        }
        with.put_refs(&mut deltas);
        let item = self.item_mut(back)?;
        if item.is_serialised() {
            item.delete_on_deplete = false;
        }
        item.consumed_by = None;
        item.customer = None;
        item.belongs_to = None;
        item.sales_order = None;
        item.location = location;
        self.record(back, code, deltas, &with.notes)?;
        if back == key {
            self.freed.push(key);
        }
        Ok(back)
    }

    /// The name of a customer; those of all items at work are read at once.
    fn customer_name(&mut self, customer: CompanyKey) -> Result<String> {
        if !self.customers.contains_key(&customer) {
            let mut keys: Vec<CompanyKey> = self.items().filter_map(|item| item.customer).chain([customer]).collect();
            keys.sort_unstable();
            keys.dedup();
            let from = "FROM company_company c WHERE c.id IN ({keys})";
            let named: Vec<Customer> = selected::among(self.conn, from, &keys)?;
            self.customers.extend(named.into_iter().map(|customer| (customer.id, customer.name)));
        }
        Ok(self.customers.get(&customer).cloned().unwrap_or_default())
    }
}
