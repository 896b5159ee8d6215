//! Shapes of the records format as far back as InvenTree 0.13: what has moved to another table, and
//! fields that have another name or form today.

use ironwood_base::decimal::{self, Excess};
use serde_json::{Map, Value as Json, json};

/// A model that is part of another one today.
pub(super) struct Move {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// Field with the key of the row that it belongs to, and that row's table.
    pub(super) owner: Option<(&'static str, &'static str)>,
    pub(super) how: MovedInto,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MovedInto {
    /// The rows keep their keys.
    Template,
    Parameter,
    /// Rows of several tables meet in one: those whose key is taken get another one.
    Attachment(&'static str),
    Report(&'static str),
    Label(&'static str),
    ManufacturerParameter,
}

const fn moved(
    from: &'static str,
    to: &'static str,
    owner: Option<(&'static str, &'static str)>,
    how: MovedInto,
) -> Move {
    Move { from, to, owner, how }
}
const fn attachment(from: &'static str, kind: &'static str, owner: &'static str, table: &'static str) -> Move {
    moved(from, "common.attachment", Some((owner, table)), MovedInto::Attachment(kind))
}
const fn report(from: &'static str, kind: &'static str) -> Move {
    moved(from, "report.reporttemplate", None, MovedInto::Report(kind))
}
const fn label(from: &'static str, kind: &'static str) -> Move {
    moved(from, "report.labeltemplate", None, MovedInto::Label(kind))
}

/// In the order in which rows that meet in one table are given their keys.
pub(super) static MOVES: &[Move] = &[
    moved("part.partparametertemplate", "common.parametertemplate", None, MovedInto::Template),
    moved("part.partparameter", "common.parameter", Some(("part", "part_part")), MovedInto::Parameter),
    moved(
        "company.manufacturerpartparameter",
        "common.parameter",
        Some(("manufacturer_part", "company_manufacturerpart")),
        MovedInto::ManufacturerParameter,
    ),
    attachment("part.partattachment", "part", "part", "part_part"),
    attachment("stock.stockitemattachment", "stockitem", "stock_item", "stock_stockitem"),
    attachment("build.buildorderattachment", "build", "build", "build_build"),
    attachment("order.purchaseorderattachment", "purchaseorder", "order", "order_purchaseorder"),
    attachment("order.salesorderattachment", "salesorder", "order", "order_salesorder"),
    attachment("order.returnorderattachment", "returnorder", "order", "order_returnorder"),
    attachment("company.companyattachment", "company", "company", "company_company"),
    attachment(
        "company.manufacturerpartattachment",
        "manufacturerpart",
        "manufacturer_part",
        "company_manufacturerpart",
    ),
    report("report.testreport", "stockitem"),
    report("report.stocklocationreport", "stocklocation"),
    report("report.buildreport", "build"),
    report("report.billofmaterialsreport", "part"),
    report("report.purchaseorderreport", "purchaseorder"),
    report("report.salesorderreport", "salesorder"),
    report("report.returnorderreport", "returnorder"),
    label("label.stockitemlabel", "stockitem"),
    label("label.stocklocationlabel", "stocklocation"),
    label("label.partlabel", "part"),
    label("label.buildlinelabel", "buildline"),
];

/// The move of a model, and its place in the list.
pub(super) fn find(model: &str) -> Option<(usize, &'static Move)> {
    MOVES.iter().enumerate().find(|(_, m)| m.from == model)
}

impl Move {
    /// Whether the rows keep their keys, so that they can be taken in at once.
    pub(super) fn keeps_keys(&self) -> bool {
        matches!(self.how, MovedInto::Template | MovedInto::Parameter)
    }

    /// Gives the fields today's names.
    pub(super) fn adapt(&self, fields: &mut Map<String, Json>) {
        if let Some((owner, _)) = self.owner {
            rename(fields, owner, "model_id");
        }
        let mut set = |name: &str, value: Json| fields.insert(name.to_owned(), value);
        match self.how {
            MovedInto::Template => {}
            MovedInto::Parameter => {
                set("model_type", json!(["part", "part"]));
            }
            MovedInto::Attachment(kind) => {
                set("model_type", json!(kind));
                rename(fields, "user", "upload_user");
            }
            MovedInto::Report(kind) => {
                set("model_type", json!(kind));
            }
            MovedInto::Label(kind) => {
                set("model_type", json!(kind));
                rename(fields, "label", "template");
            }
            MovedInto::ManufacturerParameter => {
                set("model_type", json!(["company", "manufacturerpart"]));
                rename(fields, "value", "data");
                if fields.get("units").and_then(Json::as_str).is_none_or(|units| units.trim().is_empty()) {
                    let number = fields.get("data").and_then(Json::as_str).and_then(|t| t.trim().parse::<f64>().ok());
                    if let Some(number) = number.filter(|number| number.is_finite()) {
                        fields.insert("data_numeric".to_owned(), json!(number));
                    }
                }
            }
        }
    }
}

fn rename(fields: &mut Map<String, Json>, old: &str, new: &str) {
    if let Some(value) = fields.shift_remove(old) {
        fields.insert(new.to_owned(), value);
    }
}

/// Fields of a model that have another name today: old and new.
pub(super) fn renamed(model: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    const RENAMED: &[(&str, &str, &str)] = &[
        ("part.partcategory", "icon", "_icon"),
        ("stock.stocklocation", "icon", "custom_icon"),
        ("part.partcategoryparametertemplate", "parameter_template", "template"),
    ];
    RENAMED.iter().filter(move |(of, ..)| *of == model).map(|(_, old, new)| (*old, *new))
}

/// Gives fields of a model that is still there today's form.
pub(super) fn modernise(model: &str, fields: &mut Map<String, Json>) {
    match model {
        "part.bomitem" => {
            if let Some(overage) = fields.shift_remove("overage") {
                split_overage(overage.as_str().unwrap_or_default(), fields);
            }
            if !fields.contains_key("raw_amount") {
                let quantity = match fields.get("quantity") {
                    Some(Json::String(text)) => text.clone(),
                    Some(Json::Number(number)) => number.to_string(),
                    _ => return,
                };
                if let Ok(value) = decimal::parse(&quantity, decimal::QUANTITY, Excess::Refuse) {
                    let text = decimal::to_string(value, decimal::QUANTITY);
                    let text = text.trim_end_matches('0').trim_end_matches('.');
                    fields.insert("raw_amount".to_owned(), json!(text));
                }
            }
        }
        "part.parttesttemplate" if !fields.contains_key("key") => {
            let name = fields.get("test_name").and_then(Json::as_str).unwrap_or_default();
            let key = test_key(name);
            fields.insert("key".to_owned(), json!(key));
        }
        "common.inventreesetting" => {
            if let Some(Json::String(key)) = fields.get_mut("key")
                && key == "PART_PARAMETER_ENFORCE_UNITS"
            {
                *key = "PARAMETER_ENFORCE_UNITS".to_owned();
            }
        }
        _ => {}
    }
}

/// What is built in excess: `5%` is attrition today, `5` the quantity for setting up.
fn split_overage(text: &str, fields: &mut Map<String, Json>) {
    let text = text.trim();
    let (name, number, most) = match text.strip_suffix('%') {
        Some(percent) => ("attrition", percent, Some(100_000)),
        None => ("setup_quantity", text, None),
    };
    let places = if most.is_some() { 3 } else { decimal::QUANTITY };
    if let Ok(value) = decimal::parse(number, places, Excess::Round) {
        let value = value.clamp(0, most.unwrap_or(i64::MAX));
        fields.entry(name).or_insert(json!(decimal::to_string(value, places)));
    }
}

/// The key of a test, from its name: lower case, only what may stand in a name of a variable.
pub(super) fn test_key(name: &str) -> String {
    let mut key: String = name.trim().to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    if key.chars().next().is_some_and(char::is_numeric) {
        key.insert(0, '_');
    }
    key
}

/// Whether a model belongs to the reference's own machinery, so that leaving it out loses nothing.
pub(super) fn is_machinery(model: &str) -> bool {
    const APPS: &[&str] = &[
        "contenttypes.",
        "sessions.",
        "admin.",
        "django_q.",
        "error_report.",
        "otp_totp.",
        "otp_static.",
        "mfa.",
        "account.",
        "socialaccount.",
        "authtoken.",
        "usersessions.",
        "user_sessions.",
        "sites.",
        "django_mailbox.",
    ];
    model == "auth.permission" || APPS.iter().any(|app| model.starts_with(app))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(value: Json) -> Map<String, Json> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn overage_becomes_attrition_or_setup() {
        let mut item = fields(json!({"quantity": "2.50000", "overage": "5%"}));
        modernise("part.bomitem", &mut item);
        assert_eq!(Json::Object(item), json!({"quantity": "2.50000", "attrition": "5.000", "raw_amount": "2.5"}));
        let mut item = fields(json!({"quantity": 3, "overage": "2", "raw_amount": "3"}));
        modernise("part.bomitem", &mut item);
        assert_eq!(item["setup_quantity"], "2.00000");
        let mut item = fields(json!({"quantity": "10", "overage": ""}));
        modernise("part.bomitem", &mut item);
        assert_eq!(Json::Object(item), json!({"quantity": "10", "raw_amount": "10"}));
    }

    #[test]
    fn test_keys() {
        assert_eq!(test_key(" Firmware Version "), "firmwareversion");
        assert_eq!(test_key("3.3 V rail (a_b)"), "_33vraila_b");
        assert_eq!(test_key(""), "");
    }
}
