//! Templates of labels and reports for one kind of records. Today all are below `/api/label/template/` and
//! `/api/report/template/`.

use ironwood_base::Result;
use ironwood_rest::http::{Answer, Method};
use ironwood_rest::resource::{Access, Action, Args, Filter, Outside, Resource, Shape, flag_filter, free_action};
use ironwood_rest::view::{INT, View, col, col_as, pk};

use crate::platform::common::choices::{PAGE_SIZE, PAGE_SIZES};
use crate::schema::report::{LABEL, REPORT};
use crate::services::report::document::DocumentType;
use crate::services::report::print::older;
use crate::services::report::template::{LABELS, REPORTS};

static LABEL_VIEW: View = View::new(
    "OlderLabelTemplate",
    &LABEL,
    &[
        pk(),
        col("name").help("Name of the template."),
        col("description").required().help("Description."),
        col_as("label", "template").help("Template file (HTML)."),
        col("filters").help("Conditions that records must meet. Empty: all records."),
        col("width").help("Width in millimeters."),
        col("height").help("Height in millimeters."),
        col("filename_pattern").help("File name of the output."),
        col("enabled").help("Whether the template is enabled."),
    ],
);

static REPORT_VIEW: View = View::new(
    "OlderReportTemplate",
    &REPORT,
    &[
        pk(),
        col("name").help("Name of the template."),
        col("description").required().help("Description."),
        col("template").help("Template file (HTML)."),
        col("filters").help("Conditions that records must meet. Empty: all records."),
        col("page_size").optional().choices(PAGE_SIZES).chosen_from(PAGE_SIZE).help("Page size."),
        col("landscape").help("Use landscape orientation."),
        col("filename_pattern").help("File name of the output."),
        col("enabled").help("Whether the template is enabled."),
    ],
);

const FILTERS: &[Filter] = &[flag_filter("enabled", "{enabled}", "NOT {enabled}")];

/// Values of columns that every row of a resource has.
type FixedValues = &'static [(&'static str, &'static str)];

const fn label(path: &'static str, id: &'static str, fixed: FixedValues) -> Resource {
    Resource {
        path,
        id,
        view: &LABEL_VIEW,
        filters: FILTERS,
        fixed,
        open_params: None,
        deprecated: true,
        help: "Label templates for one type of record. Use /api/label/template/ instead.",
        ..LABELS
    }
}

const fn report(path: &'static str, id: &'static str, fixed: FixedValues) -> Resource {
    Resource {
        path,
        id,
        view: &REPORT_VIEW,
        filters: FILTERS,
        fixed,
        open_params: None,
        deprecated: true,
        help: "Report templates for one type of record. Use /api/report/template/ instead.",
        ..REPORTS
    }
}

type Run = fn(&Outside<'_>, &Args) -> Result<Answer>;

const PDF: Shape = Shape::File(&["application/pdf"]);

const fn print(path: &'static str, id: &'static str, run: Run) -> Action {
    free_action(Method::Get, path, id, Access::SignedIn, run)
        .params(&[
            ("part", INT, "Key of a part to print."),
            ("item", INT, "Key of a stock item to print."),
            ("location", INT, "Key of a location to print."),
            ("build", INT, "Key of a build order to print."),
            ("order", INT, "Key of an order to print."),
        ])
        .response(200, PDF)
        .deprecated()
        .help("Prints a template for records. Use /api/label/print/ or /api/report/print/ instead.")
}

fn template_of(args: &Args) -> &str {
    args.first().map_or("", String::as_str)
}

const fn print_label(path: &'static str, id: &'static str) -> Action {
    print(path, id, |outside, args| older(outside, DocumentType::Label, template_of(args)))
}

const fn print_report(path: &'static str, id: &'static str) -> Action {
    print(path, id, |outside, args| older(outside, DocumentType::Report, template_of(args)))
}

pub(super) static PART_LABEL: Resource = label("/api/label/part/", "label_part", &[("model_type", "part")]);
pub(super) static STOCK_LABEL: Resource = label("/api/label/stock/", "label_stock", &[("model_type", "stockitem")]);
pub(super) static LOCATION_LABEL: Resource =
    label("/api/label/location/", "label_location", &[("model_type", "stocklocation")]);
pub(super) static BILL_OF_MATERIALS: Resource = report("/api/report/bom/", "report_bom", &[("model_type", "part")]);
pub(super) static BUILD_ORDER: Resource = report("/api/report/build/", "report_build", &[("model_type", "build")]);
pub(super) static PURCHASE_ORDER: Resource = report("/api/report/po/", "report_po", &[("model_type", "purchaseorder")]);
pub(super) static SALES_ORDER: Resource = report("/api/report/so/", "report_so", &[("model_type", "salesorder")]);
pub(super) static RETURN_ORDER: Resource = report("/api/report/ro/", "report_ro", &[("model_type", "returnorder")]);
pub(super) static LOCATION: Resource = report("/api/report/slr/", "report_slr", &[("model_type", "stocklocation")]);
pub(super) static TESTS: Resource = report("/api/report/test/", "report_test", &[("model_type", "stockitem")]);

pub(super) static PRINT_PART_LABEL: Action = print_label("/api/label/part/{id}/print/", "label_part_print");
pub(super) static PRINT_STOCK_LABEL: Action = print_label("/api/label/stock/{id}/print/", "label_stock_print");
pub(super) static PRINT_LOCATION_LABEL: Action = print_label("/api/label/location/{id}/print/", "label_location_print");
pub(super) static PRINT_BILL_OF_MATERIALS: Action = print_report("/api/report/bom/{id}/print/", "report_bom_print");
pub(super) static PRINT_BUILD_ORDER: Action = print_report("/api/report/build/{id}/print/", "report_build_print");
pub(super) static PRINT_PURCHASE_ORDER: Action = print_report("/api/report/po/{id}/print/", "report_po_print");
pub(super) static PRINT_SALES_ORDER: Action = print_report("/api/report/so/{id}/print/", "report_so_print");
pub(super) static PRINT_RETURN_ORDER: Action = print_report("/api/report/ro/{id}/print/", "report_ro_print");
pub(super) static PRINT_LOCATION: Action = print_report("/api/report/slr/{id}/print/", "report_slr_print");
pub(super) static PRINT_TESTS: Action = print_report("/api/report/test/{id}/print/", "report_test_print");
