//! Project codes of orders and builds.

use ironwood_base::Result;
use ironwood_base::error::Fields;
use ironwood_rest::change::Change;
use ironwood_rest::resource::{Access, Resource, flag_filter, sort};
use ironwood_rest::view::{View, col, nested, pk};
use ironwood_store::Connection;

use crate::platform::users::resources::OWNER_VIEW;
use crate::schema::common::PROJECT_CODE as TABLE;
use crate::schema::keys::ProjectCodeKey;

/// A project code.
pub(crate) static VIEW: View = View::new(
    "ProjectCode",
    &TABLE,
    &[
        pk(),
        col("code").label("Project Code").help("Project code."),
        col("description").help("Description of the project."),
        col("active").help("Whether the code can be used for new orders."),
        col("responsible").help("Responsible user or group."),
        nested("responsible_detail", "responsible", &OWNER_VIEW).always(),
    ],
);

/// Project codes.
pub(crate) static PROJECT_CODES: Resource = Resource::new("/api/project-code/", "project_code", &VIEW)
    .access(Access::ReadOrStaffTable("common_projectcode"))
    .filters(&[flag_filter("active", "{active}", "NOT {active}")])
    .search(&["{code}", "{description}"])
    .sorts(&[sort("code", &["{code}"])])
    .help("Project codes for orders and builds.");

/// Where records name their project.
const FIELD: &str = "project_code";

/// Refuses to give a record a project code that is not active. One that it has already may stay.
///
/// # Errors
/// Those of the database.
pub(crate) fn check(conn: &mut Connection, change: &Change, fields: &mut Fields) -> Result<()> {
    if change.is_changed(FIELD) { check_active(conn, change.key(FIELD), fields) } else { Ok(()) }
}

/// Refuses a project code that is not active.
///
/// # Errors
/// Those of the database.
pub(crate) fn check_active(conn: &mut Connection, key: Option<ProjectCodeKey>, fields: &mut Fields) -> Result<()> {
    let Some(key) = key else { return Ok(()) };
    let sql = "SELECT code FROM common_projectcode WHERE id = $1 AND NOT active";
    if let Some(row) = conn.one(sql, &[key.into()])? {
        fields.add(FIELD, format!("Project code {} is not active. Select an active one.", row.text(0)));
    }
    Ok(())
}
