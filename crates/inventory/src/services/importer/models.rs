//! Which records can be imported. Their fields, what these take, and what has to be given come from
//! the views of their resources.

use ironwood_base::Result;
use ironwood_rest::context::Context;
use ironwood_rest::input::RawObject;
use ironwood_rest::options;
use ironwood_rest::resource::Resource;
use ironwood_rest::table::{ColumnType, Table};
use ironwood_rest::view::{Field, Type, View};
use ironwood_rest::write;
use serde_json::{Map, Value as Json};

use super::file::Heading;
use crate::platform::file_rules::FileRules;
use crate::{
    business::bom, business::company, business::order, business::part, business::purchasing, business::returns,
    business::sales, business::stock, business::transfer, platform::attach, platform::common,
};

/// A kind of record that can be imported.
#[derive(Debug)]
pub(crate) struct Model {
    pub resource: &'static Resource,
    /// Fields that clients may give, but that no file brings.
    pub without: &'static [&'static str],
    /// Makes a row, as a POST does.
    pub make: Make,
    /// What the rows of a file have to do with each other.
    pub rules: Option<&'static FileRules>,
}

/// Makes a row of a resource; gives its key.
pub(crate) type Make = fn(&mut Context<'_>, &'static Resource, RawObject) -> Result<i64>;

const fn model(resource: &'static Resource) -> Model {
    Model { resource, without: &[], make: write::create, rules: None }
}

impl Model {
    /// Name of the record model without its application (`partcategory`).
    pub(crate) const fn name(&self) -> &'static str {
        self.resource.view.table.model()
    }
    /// What people call such a record.
    pub(crate) const fn label(&self) -> &'static str {
        self.resource.view.table.label
    }
    const fn without(mut self, fields: &'static [&'static str]) -> Self {
        self.without = fields;
        self
    }
    const fn made_by(mut self, make: Make) -> Self {
        self.make = make;
        self
    }
    const fn rules(mut self, rules: &'static FileRules) -> Self {
        self.rules = Some(rules);
        self
    }
}

const COUNT: usize = 34;

/// All of them.
pub(crate) static MODELS: [Model; COUNT] = [
    model(&order::project_code::PROJECT_CODES),
    model(&attach::tag::TAG),
    model(&common::custom_state::STATES),
    model(&attach::units::UNIT),
    model(&attach::template::TEMPLATE),
    model(&attach::parameter::PARAMETER),
    model(&part::category::CATEGORY),
    model(&part::test_template::TEST_TEMPLATE),
    model(&part::price::SALE),
    model(&part::price::INTERNAL),
    model(&part::part::PART).without(&["creation_date", "creation_user"]),
    model(&bom::item::ITEM).without(&["quantity", "validated", "substitutes"]).rules(&bom::import::RULES),
    model(&part::others::CATEGORY_PARAMETERS),
    model(&company::address::ADDRESSES),
    model(&company::companies::COMPANIES),
    model(&company::contact::CONTACTS),
    model(&company::manufacturer_part::PARTS),
    model(&company::supplier_part::PARTS),
    model(&company::price_break::PRICES),
    model(&stock::test::RESULTS),
    model(&stock::item::ITEM)
        .without(&["location_path", "serial_numbers", "use_pack_size"])
        .made_by(stock::create::one),
    model(&stock::location::LOCATION),
    model(&purchasing::order::ORDERS).without(&["notes"]),
    model(&purchasing::line::LINES).without(&["merge_items"]).made_by(purchasing::line::imported),
    model(&purchasing::extra_line::EXTRA_LINES),
    model(&sales::order::ORDERS).without(&["notes"]),
    model(&sales::line::LINES),
    model(&sales::shipment::SHIPMENTS),
    model(&sales::extra_line::EXTRA_LINES),
    model(&returns::order::ORDERS).without(&["notes"]),
    model(&returns::line::LINES),
    model(&returns::extra_line::EXTRA_LINES),
    model(&transfer::order::ORDERS).without(&["notes"]),
    model(&transfer::line::LINES),
];

/// Names and labels, as clients choose from them.
pub(crate) static CHOICES: [(&str, &str); COUNT] = {
    let mut choices = [("", ""); COUNT];
    let mut i = 0;
    while i < COUNT {
        choices[i] = (MODELS[i].name(), MODELS[i].label());
        i += 1;
    }
    choices
};

/// The model of that name.
pub(crate) fn find(name: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.name() == name)
}

/// Columns by which people name the rows of a table, besides the key.
pub(crate) fn names_of(table: &Table) -> &'static [&'static str] {
    match table.record {
        "part.part" => &["IPN", "name"],
        "part.partcategory" | "stock.stocklocation" => &["pathstring", "name"],
        "part.parttesttemplate" => &["key"],
        "stock.stocklocationtype" | "common.parametertemplate" | "company.company" => &["name"],
        "company.contact" => &["name", "email"],
        "company.manufacturerpart" => &["MPN"],
        "company.supplierpart" => &["SKU"],
        "stock.stockitem" => &["serial"],
        "common.projectcode" => &["code"],
        "build.build" | "order.purchaseorder" | "order.salesorder" | "order.returnorder" | "order.transferorder" => {
            &["reference"]
        }
        _ => &[],
    }
}

/// Amounts of records: a file that has none, or whose column is not found, is no file of ones.
const AMOUNTS: &[&str] = &["quantity", "raw_amount"];

/// Texts with a number and its unit.
pub(crate) const AMOUNTS_WITH_UNITS: &[&str] = &["raw_amount", "pack_quantity"];

/// Name of the field with the key of a record that is to be changed.
pub(crate) const ID: &str = "id";

/// A field of a file's rows.
#[derive(Debug)]
pub(crate) struct Importable {
    pub name: String,
    /// The view that the field is of, and itself; `None` for the key of the record.
    pub field: Option<(&'static View, &'static Field)>,
    /// What clients are told of it: as OPTIONS tells them.
    pub info: Map<String, Json>,
}

impl Importable {
    fn text(&self, name: &str) -> &str {
        self.info.get(name).and_then(Json::as_str).unwrap_or_default()
    }

    /// Name for people.
    pub(crate) fn label(&self) -> &str {
        self.text("label")
    }

    /// What it means; its label where there is nothing to add.
    pub(crate) fn help(&self) -> &str {
        Some(self.text("help_text")).filter(|help| !help.is_empty()).unwrap_or(self.label())
    }

    /// The table that its value is a key of.
    pub(crate) fn target(&self) -> Option<&'static Table> {
        self.field.and_then(|(view, field)| field.target(view.table))
    }

    /// Whether a new record needs it.
    pub(crate) fn is_required(&self) -> bool {
        let worked_out = self.field.is_some_and(|(_, field)| !field.suggested.is_empty());
        !worked_out && self.info.get("required") == Some(&Json::Bool(true))
    }

    /// What kind of values stand below its heading.
    pub(crate) fn heading(&self) -> Heading {
        let Some((view, field)) = self.field.filter(|_| !self.info.contains_key("choices")) else {
            return Heading::Other;
        };
        match field.wire(view.table) {
            Type::Of(ColumnType::Decimal { .. } | ColumnType::Int { .. } | ColumnType::Real)
                if self.target().is_none() =>
            {
                Heading::Number
            }
            Type::Of(ColumnType::Date | ColumnType::Time) => Heading::Date,
            _ if AMOUNTS_WITH_UNITS.contains(&field.name) => Heading::Number,
            _ => Heading::Other,
        }
    }

    /// The value of a new record where the file gives none.
    pub(crate) fn default(&self) -> Option<&Json> {
        // what the server calculates for one record is not right for the next one
        let moment = |(view, field): (&'static View, &'static Field)| {
            use ironwood_rest::table::Default::{Changed, Now};
            field.suggested.is_empty() && !field.column(view.table).is_some_and(|c| matches!(c.default, Now | Changed))
        };
        self.info.get("default").filter(|_| self.field.is_none_or(moment))
    }
}

/// Whether files can bring a field.
fn is_plain(view: &'static View, field: &Field) -> bool {
    field.writable
        && !field.described_read_only
        && match field.wire(view.table) {
            Type::Of(kind) => {
                !matches!(kind, ColumnType::File | ColumnType::Image | ColumnType::Json | ColumnType::Many { .. })
            }
            _ => false,
        }
}

/// The fields of a model that files bring: for new records or, with the key first, for changes.
pub(crate) fn fields(ctx: &mut Context<'_>, model: &'static Model, update: bool) -> Result<Vec<Importable>> {
    let mut fields = Vec::new();
    if update {
        let info = serde_json::json!({
            "type": "integer", "required": true, "read_only": false, "label": "ID",
            "help_text": "ID of the record to update.",
        });
        let info = info.as_object().cloned().unwrap_or_default();
        fields.push(Importable { name: ID.into(), field: None, info });
    }
    for view in [Some(model.resource.view), model.rules.map(|rules| rules.fields)].into_iter().flatten() {
        let mut described = options::accepted(ctx, view)?;
        for field in view.fields.iter().filter(|f| is_plain(view, f) && !model.without.contains(&f.name)) {
            let Some(Json::Object(mut info)) = described.remove(field.name) else { continue };
            if !update && AMOUNTS.contains(&field.name) {
                info.insert("required".into(), true.into());
                info.remove("default");
            }
            if let Some(target) = field.target(view.table) {
                let names: Vec<&str> = std::iter::once("pk").chain(names_of(target).iter().copied()).collect();
                info.insert("lookup_fields".into(), names.into());
            }
            fields.push(Importable { name: field.name.into(), field: Some((view, field)), info });
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_is_a_record_with_what_it_is_known_by() {
        for model in &MODELS {
            let table = model.resource.view.table;
            assert_eq!(options::model_name(table), model.name());
            assert!(model.resource.operations.create || model.name() == "stockitem", "{}", model.name());
            assert!(model.resource.operations.update, "{}", model.name());
            for name in model.without {
                assert!(model.resource.view.field(name).is_some() || *name == "location_path", "{name}");
            }
        }
        for table in crate::schema::TABLES {
            assert!(names_of(table).iter().all(|name| table.column(name).is_some()), "{}", table.name);
        }
    }
}
