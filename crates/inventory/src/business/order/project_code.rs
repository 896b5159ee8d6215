//! Project codes of orders and builds.

use ironwood_rest::resource::{Access, Resource, flag_filter, sort};
use ironwood_rest::view::{View, col, nested, pk};

use crate::platform::users::resources::OWNER_VIEW;
use crate::schema::common::PROJECT_CODE as TABLE;

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
