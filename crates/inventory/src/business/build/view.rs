//! Build orders as the API shows them.

use ironwood_base::status::{BUILD_STATUS, BuildStatus};
use ironwood_rest::view::{BOOL, CALLER, INT, REAL, TEXT, Type, View, col, input, nested, pk, sql};
use ironwood_store::sql;

use crate::business::order::duplicate;
use crate::business::order::project_code::VIEW as PROJECT_CODE_VIEW;
use crate::business::part::view::BRIEF as PART;
use crate::platform::common::custom_state::status_text;
use crate::platform::common::{parameter, tag, tree};
use crate::platform::settings::keys;
use crate::platform::users::resources::OWNER_VIEW;
use crate::platform::users::view::BRIEF as USER;
use crate::schema::build::BUILD as TABLE;

/// An open build order whose day has come.
pub(crate) const OVERDUE: &str =
    sql!("({status} IN (", [..BuildStatus::OPEN], ") AND {target_date} IS NOT NULL AND {target_date} <= {today})");

/// What is copied from another build order.
pub(crate) static DUPLICATE: View =
    View::plain("BuildDuplicateOptions", &[duplicate::original(&TABLE), duplicate::PARAMETERS]);

/// Fields that another record leaves out which shows a build order in short.
pub(crate) const DETAILS: &[&str] =
    &["part_detail", "issued_by_detail", "responsible_detail", "project_code_detail", "project_code_label"];

/// A build order.
pub(crate) static VIEW: View = View::new(
    "Build",
    &TABLE,
    &[
        pk(),
        col("title").help("Description of the build order.").label("Description"),
        col("barcode_hash").read_only(),
        col("batch").label("Batch Code").help("Batch code of the build outputs."),
        col("creation_date").read_only(),
        col("completed").label("Completed items").read_only().help("Completed quantity."),
        col("completion_date").read_only(),
        col("destination").label("Destination Location").help("Destination location of completed outputs."),
        input("duplicate", Type::Object(&DUPLICATE))
            .label("Duplication Options")
            .listed()
            .help("What to copy from another build order."),
        col("external")
            .label("External Build")
            .help("Whether the build is done by an external supplier, through purchase orders."),
        col("parent").label("Parent Build").help("Parent build order."),
        col("part").help("Part to build."),
        sql("part_name", TEXT, "{part.name}"),
        nested("part_detail", "part", &PART).on("part_detail", true),
        col("project_code").help("Project code."),
        sql("project_code_label", TEXT, "{project_code.code}").nullable().on("project_code_detail", true),
        nested("project_code_detail", "project_code", &PROJECT_CODE_VIEW).on("project_code_detail", true),
        sql("overdue", BOOL, OVERDUE).default("false"),
        col("reference")
            .optional()
            .described_required()
            .suggested(keys::BUILDORDER_REFERENCE_PATTERN.name())
            .help("Build order reference."),
        col("sales_order").label("Sales Order Reference").help("Sales order."),
        col("quantity").kind(REAL).optional().described_required().default("1").help("Quantity to build."),
        col("start_date").label("Build start date").help("Planned start date."),
        col("status").label("Build Status").read_only().chosen_from("BuildStatus"),
        status_text!(BUILD_STATUS).nullable(),
        col("status_custom_key")
            .label("Custom status key")
            .fallback("{status}")
            .read_only()
            .nullable()
            .default("null")
            .chosen_from("BuildStatus"),
        col("target_date")
            .label("Target completion date")
            .help("Planned completion date. The build order is overdue after this date."),
        col("take_from").label("Source Location").help("Source location of stock. Empty: any location."),
        col("notes"),
        col("link").label("External Link").help("Link to an external page."),
        col("issued_by").read_only().suggested(CALLER).help("User who created the build order."),
        nested("issued_by_detail", "issued_by", &USER).on("user_detail", true),
        col("responsible").help("Responsible user or group."),
        nested("responsible_detail", "responsible", &OWNER_VIEW).on("user_detail", true),
        parameter::PARAMETERS,
        col("priority").label("Build Priority").help("Priority. Higher numbers are more urgent."),
        sql("level", INT, tree::LEVEL).label("Build Level"),
        tag::TAGS,
    ],
);
