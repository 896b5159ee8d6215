//! Filling a new database with the demo company.

use ironwood_base::Result;
use ironwood_inventory::installation::app::App;
use ironwood_inventory::installation::records;
use ironwood_inventory::{installation::demo, platform::users};
use ironwood_store::Origin;

use crate::cli::Serve;

/// Name and password of the demo company's administrator.
const ADMIN: (&str, &str) = ("admin", "ironwood");

/// Fills an empty database; gives the sign-in. A database with something in it stays as it is.
pub(super) fn fill(app: &App, options: &Serve) -> Result<Option<(String, String)>> {
    if !app.db().read(records::is_empty)? {
        tracing::info!("the database is not empty: demo data was not added");
        return Ok(None);
    }
    let password = options.admin_password.clone().unwrap_or_else(|| ADMIN.1.to_owned());
    let hash = users::password::hash(&password)?;
    let scale = options.scale;
    app.db().write(&Origin::command("serve --demo"), move |conn| {
        conn.without_predicate_locks()?;
        let import = records::ImportOptions { strict: true, secret: None };
        records::import_records(conn, demo::records(scale, &hash), &import).map(|_| ())
    })?;
    Ok(Some((ADMIN.0.to_owned(), password)))
}
