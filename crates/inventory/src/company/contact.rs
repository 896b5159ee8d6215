//! People at companies.

use ironwood_rest::view::{TEXT, View, col, pk, sql};

use super::tables::CONTACT as TABLE;

/// A contact.
pub static VIEW: View = View::new(
    "Contact",
    &TABLE,
    &[
        pk(),
        col("company").help("The company."),
        sql("company_name", TEXT, "{company.name}"),
        col("name").help("Name of the person."),
        col("phone"),
        col("email"),
        col("role").help("What the person does."),
    ],
);
