//! The templates of the program: those that others extend, and the ones that a database is given.

use std::path::Path;

use ironwood_base::{Result, clock};
use ironwood_rest::effects::Effects;
use ironwood_store::{Connection, Value, fragment};

use super::document::DocumentType;
use crate::platform::media;
use crate::platform::settings::{self, Settings, keys};
use crate::schema::keys::UserKey;

const LABEL_PART: &str = include_str!("label_part.html");
const LABEL_STOCK: &str = include_str!("label_stock.html");
const LABEL_LOCATION: &str = include_str!("label_location.html");
const LABEL_BUILD_LINE: &str = include_str!("label_build_line.html");
const BOM: &str = include_str!("report_bom.html");
const BUILD: &str = include_str!("report_build.html");
const PURCHASE_ORDER: &str = include_str!("report_purchase_order.html");
const SALES_ORDER: &str = include_str!("report_sales_order.html");
const RETURN_ORDER: &str = include_str!("report_return_order.html");
const TRANSFER_ORDER: &str = include_str!("report_transfer_order.html");
const SHIPMENT: &str = include_str!("report_shipment.html");
const TEST: &str = include_str!("report_test.html");
const STOCK: &str = include_str!("report_stock.html");
const LOCATION: &str = include_str!("report_location.html");

/// Templates by the names under which others extend or include them, and under which those of a migrated database are
/// kept: their files may be missing.
static BUILT_IN: &[(&str, &str)] = &[
    ("label/label_base.html", include_str!("label_base.html")),
    ("label/ironwood_label.html", include_str!("ironwood_label.html")),
    ("report/inventree_report_base.html", include_str!("report_base.html")),
    ("report/inventree_order_report_base.html", include_str!("order_base.html")),
    ("report/ironwood_report.html", include_str!("ironwood_report.html")),
    ("report/ironwood_order.html", include_str!("ironwood_order.html")),
    ("label/part_label.html", LABEL_PART),
    ("label/part_label_code128.html", LABEL_PART),
    ("label/stockitem_qr.html", LABEL_STOCK),
    ("label/stocklocation_qr.html", LABEL_LOCATION),
    ("label/stocklocation_qr_and_text.html", LABEL_LOCATION),
    ("label/buildline_label.html", LABEL_BUILD_LINE),
    ("report/inventree_bill_of_materials_report.html", BOM),
    ("report/inventree_build_order_report.html", BUILD),
    ("report/inventree_purchase_order_report.html", PURCHASE_ORDER),
    ("report/inventree_sales_order_report.html", SALES_ORDER),
    ("report/inventree_return_order_report.html", RETURN_ORDER),
    ("report/inventree_transfer_order_report.html", TRANSFER_ORDER),
    ("report/inventree_sales_order_shipment_report.html", SHIPMENT),
    ("report/inventree_test_report.html", TEST),
    ("report/inventree_stock_report_merge.html", STOCK),
    ("report/inventree_stock_location_report.html", LOCATION),
];

/// The text of a template of the program.
pub(crate) fn text(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// A template that a database is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Default {
    pub kind: DocumentType,
    pub name: &'static str,
    pub description: &'static str,
    /// The kind of records.
    pub model: &'static str,
    pub file: &'static str,
    pub text: &'static str,
    /// Size of a label in millimeters, as a text.
    pub size: (&'static str, &'static str),
    pub pattern: &'static str,
    pub merge: bool,
}

const fn label(
    [name, model, file]: [&'static str; 3],
    size: (&'static str, &'static str),
    text: &'static str,
) -> Default {
    let (kind, description, pattern) = (DocumentType::Label, "QR code and text", "labels.pdf");
    Default { kind, name, description, model, file, text, size, pattern, merge: false }
}

const fn report(
    [name, description, model]: [&'static str; 3],
    [file, pattern]: [&'static str; 2],
    text: &'static str,
) -> Default {
    Default { kind: DocumentType::Report, name, description, model, file, text, size: ("", ""), pattern, merge: false }
}

const SMALL: (&str, &str) = ("50", "25");
const MEDIUM: (&str, &str) = ("62", "29");
const LARGE: (&str, &str) = ("89", "36");
/// 21 labels on a sheet of A4.
const SHEET: (&str, &str) = ("63.5", "38.1");

/// All of them.
pub(crate) static DEFAULTS: &[Default] = &[
    label(["Part 62 x 29 mm", "part", "ironwood_part_62x29.html"], MEDIUM, LABEL_PART),
    label(["Part 50 x 25 mm", "part", "ironwood_part_50x25.html"], SMALL, LABEL_PART),
    label(["Part 89 x 36 mm", "part", "ironwood_part_89x36.html"], LARGE, LABEL_PART),
    label(["Part 63.5 x 38.1 mm (A4 sheet)", "part", "ironwood_part_sheet.html"], SHEET, LABEL_PART),
    label(["Stock item 62 x 29 mm", "stockitem", "ironwood_stock_62x29.html"], MEDIUM, LABEL_STOCK),
    label(["Stock item 50 x 25 mm", "stockitem", "ironwood_stock_50x25.html"], SMALL, LABEL_STOCK),
    label(["Stock item 89 x 36 mm", "stockitem", "ironwood_stock_89x36.html"], LARGE, LABEL_STOCK),
    label(["Stock item 63.5 x 38.1 mm (A4 sheet)", "stockitem", "ironwood_stock_sheet.html"], SHEET, LABEL_STOCK),
    label(["Location 62 x 29 mm", "stocklocation", "ironwood_location_62x29.html"], MEDIUM, LABEL_LOCATION),
    label(["Location 50 x 25 mm", "stocklocation", "ironwood_location_50x25.html"], SMALL, LABEL_LOCATION),
    label(["Location 89 x 36 mm", "stocklocation", "ironwood_location_89x36.html"], LARGE, LABEL_LOCATION),
    label(
        ["Location 63.5 x 38.1 mm (A4 sheet)", "stocklocation", "ironwood_location_sheet.html"],
        SHEET,
        LABEL_LOCATION,
    ),
    label(["Build line 62 x 29 mm", "buildline", "ironwood_build_line_62x29.html"], MEDIUM, LABEL_BUILD_LINE),
    label(["Build line 50 x 25 mm", "buildline", "ironwood_build_line_50x25.html"], SMALL, LABEL_BUILD_LINE),
    label(["Build line 89 x 36 mm", "buildline", "ironwood_build_line_89x36.html"], LARGE, LABEL_BUILD_LINE),
    label(
        ["Build line 63.5 x 38.1 mm (A4 sheet)", "buildline", "ironwood_build_line_sheet.html"],
        SHEET,
        LABEL_BUILD_LINE,
    ),
    report(
        ["Bill of materials", "What an assembly is made of", "part"],
        ["ironwood_bill_of_materials.html", "BOM-{{ part.name }}.pdf"],
        BOM,
    ),
    report(
        ["Build order", "Materials and outputs of a build order", "build"],
        ["ironwood_build_order.html", "{{ reference }}.pdf"],
        BUILD,
    ),
    report(
        ["Purchase order", "An order for a supplier", "purchaseorder"],
        ["ironwood_purchase_order.html", "{{ reference }}.pdf"],
        PURCHASE_ORDER,
    ),
    report(
        ["Sales order", "An order for a customer", "salesorder"],
        ["ironwood_sales_order.html", "{{ reference }}.pdf"],
        SALES_ORDER,
    ),
    report(
        ["Return order", "What a customer sends back", "returnorder"],
        ["ironwood_return_order.html", "{{ reference }}.pdf"],
        RETURN_ORDER,
    ),
    report(
        ["Transfer order", "What moves between locations", "transferorder"],
        ["ironwood_transfer_order.html", "{{ reference }}.pdf"],
        TRANSFER_ORDER,
    ),
    report(
        ["Packing list", "What a shipment contains", "salesordershipment"],
        ["ironwood_packing_list.html", "{{ order.reference }}-{{ reference }}.pdf"],
        SHIPMENT,
    ),
    report(
        ["Test report", "Test results of a stock item", "stockitem"],
        ["ironwood_test_report.html", "Test-{{ part.name }}-{{ serial|default:stock_item.pk }}.pdf"],
        TEST,
    ),
    Default {
        merge: true,
        ..report(
            ["Stock list", "A table of stock items", "stockitem"],
            ["ironwood_stock_list.html", "stock.pdf"],
            STOCK,
        )
    },
    report(
        ["Location contents", "The stock in a location and below it", "stocklocation"],
        ["ironwood_location.html", "{{ location.name }}.pdf"],
        LOCATION,
    ),
];

/// Setting that notes that a database was given the templates, or had its own.
const GIVEN: keys::Key<bool> = keys::_DEFAULT_TEMPLATES;

/// Gives the templates to a database that has none and was never given any; tells how many. What is deleted
/// afterwards stays away.
///
/// # Errors
/// Those of the database.
pub(crate) fn give_once(conn: &mut Connection, media: &Path, effects: &mut Effects) -> Result<usize> {
    if Settings::load(conn)?.bool(GIVEN) {
        return Ok(0);
    }
    settings::set_global(conn, GIVEN.name(), "True")?;
    let sql = "SELECT 1 FROM report_labeltemplate UNION ALL SELECT 1 FROM report_reporttemplate LIMIT 1";
    if conn.one(sql, &[])?.is_some() { Ok(0) } else { add(conn, media, effects, None) }
}

/// Adds the templates of which there is none of that name for that kind of records; tells how many.
///
/// # Errors
/// Those of the database.
pub(crate) fn add(conn: &mut Connection, media: &Path, effects: &mut Effects, user: Option<UserKey>) -> Result<usize> {
    let mut added = 0;
    for default in DEFAULTS {
        let table = default.kind.table().name;
        let sql = fragment!("SELECT 1 FROM {table} WHERE name = $1 AND model_type = $2");
        if conn.one(&sql, &[default.name.into(), default.model.into()])?.is_some() {
            continue;
        }
        let folder = format!("report/{}", default.kind.name());
        let path = media::write(media, effects, &folder, default.file, default.text.as_bytes())?;
        let own = if default.kind == DocumentType::Label { "width, height" } else { "page_size, merge" };
        let sql = fragment!(
            "INSERT INTO {table} (template, name, description, revision, attach_to_model, filename_pattern, enabled, \
             model_type, filters, updated, updated_by, {own}) \
             VALUES ($1, $2, $3, 1, FALSE, $4, TRUE, $5, '', $6, $7, $8, $9)"
        );
        let real = |text: &str| Value::Real(text.parse().unwrap_or(50.0));
        let [first, second] = match default.kind {
            DocumentType::Label => [real(default.size.0), real(default.size.1)],
            DocumentType::Report => ["A4".into(), Value::Bool(default.merge)],
        };
        let params = [
            path.into(),
            default.name.into(),
            default.description.into(),
            default.pattern.into(),
            default.model.into(),
            clock::now().into(),
            user.into(),
            first,
            second,
        ];
        conn.execute(&sql, &params)?;
        added += 1;
    }
    Ok(added)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::services::report::render::check_syntax;
    use crate::services::report::tests::Fake;
    use crate::testing::on_each_server;

    #[test]
    fn all_templates_of_the_program_can_be_read() {
        for (name, text) in BUILT_IN {
            check_syntax(name, text).unwrap();
        }
        for default in DEFAULTS {
            check_syntax(default.name, default.pattern).unwrap();
            assert!(default.pattern.len() <= 100);
        }
    }

    #[test]
    fn a_database_is_given_templates_once_and_more_on_request() {
        on_each_server(|server| {
            server.app.prepare(None, None, false).unwrap();
            let admin = server.superuser();
            let count = || {
                let rows = |kind: &str| admin.read(&format!("/api/{kind}/template/")).as_array().unwrap().len();
                rows("label") + rows("report")
            };
            assert_eq!(count(), DEFAULTS.len());
            for row in admin.read("/api/label/template/").as_array().unwrap() {
                assert_eq!(admin.file(row["template"].as_str().unwrap()), 200, "{row}");
                assert_eq!(admin.delete(&format!("/api/label/template/{}/", row["pk"])).0, 204);
            }
            server.app.prepare(None, None, false).unwrap();
            assert_eq!(count(), DEFAULTS.len() - 16, "what was deleted stays away");
            let (status, added) = admin.post("/api/report/defaults/", json!({}));
            assert_eq!((status, &added["added"]), (200, &json!(16)), "{added}");
            assert_eq!(count(), DEFAULTS.len());
            assert_eq!(server.user("bob", &[]).post("/api/report/defaults/", json!({})).0, 403);
        });
    }

    #[test]
    fn each_default_prints_records_of_the_demo_company() {
        on_each_server(|server| {
            server.fill_with_demo();
            let (admin, layout_engine) = (server.superuser(), Fake::at(server));
            assert_eq!(admin.post("/api/report/defaults/", json!({})).0, 200);
            let lists = [
                ("part", "/api/part/?assembly=true"),
                ("stockitem", "/api/stock/?serialized=true"),
                ("stocklocation", "/api/stock/location/"),
                ("buildline", "/api/build/line/"),
                ("build", "/api/build/"),
                ("purchaseorder", "/api/order/po/"),
                ("salesorder", "/api/order/so/"),
                ("returnorder", "/api/order/ro/"),
                ("transferorder", "/api/order/transfer-order/"),
                ("salesordershipment", "/api/order/so/shipment/"),
            ];
            for default in DEFAULTS {
                let kind = default.kind.name();
                let all = admin.read(&format!("/api/{kind}/template/?model_type={}", default.model));
                let row = all.as_array().unwrap().iter().find(|row| row["name"] == default.name).unwrap().clone();
                let (_, list) = lists.iter().find(|(model, _)| *model == default.model).unwrap();
                let records = admin.read(&format!("{list}{}limit=2", if list.contains('?') { "&" } else { "?" }));
                let items: Vec<i64> =
                    records["results"].as_array().unwrap().iter().map(|row| row["pk"].as_i64().unwrap()).collect();
                if items.is_empty() {
                    continue;
                }
                let body = json!({"template": row["pk"], "items": items});
                let (status, made) = admin.post(&format!("/api/{kind}/print/"), body.clone());
                assert_eq!(status, 201, "{}: {made}", default.name);
                let body = json!({"template": row["pk"], "items": items, "format": "html"});
                let (_, made) = admin.post(&format!("/api/{kind}/preview/"), body);
                let missing: Vec<&str> =
                    made["missing"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
                assert!(made["errors"] == json!([]), "{}: {made}", default.name);
                let odd: Vec<&&str> = missing.iter().filter(|name| !name.contains('.')).collect();
                assert!(odd.is_empty(), "{}: {odd:?}", default.name);
                assert!(!layout_engine.last().is_empty());
            }
        });
    }
}
