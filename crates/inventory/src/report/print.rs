//! Printing, which is not set up yet: requests are described and refused.

use ironwood_base::{Error, Result};
use ironwood_rest::context::Context;
use ironwood_rest::form;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Shape, action};
use ironwood_rest::view::{TEXT, Type, View, input};

use super::tables::{LABEL, REPORT};

static LABEL_VIEW: View = View::plain(
    "LabelPrint",
    &[
        input("template", ironwood_rest::view::INT).links(&LABEL).required().always().help("Template."),
        input("plugin", TEXT).label("Printing Plugin").always().help("Key of the printing plugin."),
        input("items", Type::Ints).required().always().help("IDs of the records to print."),
    ],
);

static REPORT_VIEW: View = View::plain(
    "ReportPrint",
    &[
        input("template", ironwood_rest::view::INT).links(&REPORT).required().always().help("Template."),
        input("items", Type::Ints).required().always().help("IDs of the records to print."),
    ],
);

/// `POST /api/label/print/`.
pub(super) static PRINT_LABELS: Action =
    action(Method::Post, "/api/label/print/", "label_print_create", Access::SignedIn, |ctx, _| {
        refuse(ctx, &LABEL_VIEW)
    })
    .writes(false)
    .request(Shape::Object(&LABEL_VIEW))
    .response(200, Shape::Object(&LABEL_VIEW))
    .help("Prints labels for records.");

/// `POST /api/report/print/`.
pub(super) static PRINT_REPORT: Action =
    action(Method::Post, "/api/report/print/", "report_print_create", Access::SignedIn, |ctx, _| {
        refuse(ctx, &REPORT_VIEW)
    })
    .writes(false)
    .request(Shape::Object(&REPORT_VIEW))
    .response(200, Shape::Object(&REPORT_VIEW))
    .help("Prints a report for records.");

fn refuse(ctx: &mut Context<'_>, view: &'static View) -> Result<Answer> {
    form::read(ctx, view)?;
    not_set_up()
}

/// What every request to print is answered.
///
/// # Errors
/// Always.
pub fn not_set_up() -> Result<Answer> {
    Err(Error::non_field("Printing is not set up."))
}
