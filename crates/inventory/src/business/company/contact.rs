//! Contacts at companies.

use ironwood_rest::resource::{Condition, Operations, Resource, filter, sort};
use ironwood_rest::view::{TEXT, View, col, pk, sql};

use crate::schema::company::{COMPANY, CONTACT as TABLE};

/// A contact.
pub(crate) static VIEW: View = View::new(
    "Contact",
    &TABLE,
    &[
        pk(),
        col("company").help("Company."),
        sql("company_name", TEXT, "{company.name}"),
        col("name").help("Name of the contact."),
        col("phone"),
        col("email"),
        col("role").help("Role of the contact."),
    ],
);

/// Contacts.
pub(crate) static CONTACTS: Resource = Resource::new("/api/company/contact/", "company_contact", &VIEW)
    .operations(Operations::ALL.bulk_delete())
    .filters(&[filter("company", Condition::Link(&COMPANY, "{company} = {value}"))])
    .search(&["{company.name}", "{name}"])
    .sorts(&[sort("name", &["{name}"])])
    .default_sort(&["{name}"])
    .help("Contacts at companies.");
