//! Exports a multi-level bill of materials as a table.

use std::collections::{BTreeMap, HashMap, HashSet};

use ironwood_base::amount::{Pieces, Wide};
use ironwood_base::{Error, Key, Quantity, Result, key};
use ironwood_rest::context::Context;
use ironwood_rest::list;
use ironwood_rest::options::label;
use ironwood_rest::query::Query;
use ironwood_rest::resource::Resource;
use ironwood_rest::select::{self, Rows};
use ironwood_rest::selected;
use ironwood_rest::view::{INT, Type, View, input};
use ironwood_store::{Fragment, Row, fragment, sql};
use serde_json::{Map, Value as Json};

use super::item;
use super::lines::{self, Line};
use crate::platform::output::exporter::{Exporter, on};
use crate::platform::output::sheet::Sheet;
use crate::schema::bom::BOM_ITEM;
use crate::schema::keys::{AnyKey, BomItemKey, ParameterTemplateKey, PartKey};

/// Bills of materials with the lines of their assemblies.
pub(crate) static LEVELS: Exporter = Exporter {
    name: "bom-exporter",
    label: "Multi-level bill of materials",
    takes: |resource| resource.path == item::ITEM.path,
    options: Some(&OPTIONS),
    sheet,
};

static OPTIONS: View = View::plain(
    "BomExportOptions",
    &[
        input("export_levels", INT).label("Levels").default("0").help("Number of levels. 0: all levels."),
        on("export_total_quantity")
            .label("Total quantity")
            .help("Include the total quantity required for the top-level assembly."),
        on("export_stock_data").label("Stock").help("Include stock of the components."),
        on("export_pricing_data").label("Prices").help("Include prices of the components."),
        on("export_supplier_data").label("Suppliers").help("Include suppliers of the components."),
        on("export_manufacturer_data").label("Manufacturers").help("Include manufacturers of the components."),
        on("export_substitute_data").label("Substitutes").help("Include substitutes."),
        on("export_parameter_data").label("Parameters").help("Include parameters of the components."),
    ],
);

/// Columns that go where stock, or prices, are not wanted.
const STOCK: &[&str] = &[
    "available_stock",
    "available_substitute_stock",
    "available_variant_stock",
    "external_stock",
    "on_order",
    "building",
    "can_build",
];
const PRICES: &[&str] = &["pricing_min", "pricing_max", "pricing_min_total", "pricing_max_total", "pricing_updated"];
/// What is shown of the line's part.
const OF_PART: &[(&str, &str)] = &[("name", "Name"), ("IPN", "IPN"), ("description", "Description")];

type JsonRow = Map<String, Json>;

/// One row of the table: a line, how deep it stands, and how much of it one of the topmost assemblies needs.
struct Placed {
    line: BomItemKey,
    level: i64,
    total: Wide<Pieces>,
}

/// The lines that a list's filters leave, each followed by the lines of its part where that is an assembly,
/// down to the level asked for (`export_levels`; 0: all).
///
/// # Errors
/// 400 for malformed options, or where the table would be longer than a list may be.
fn sheet(ctx: &mut Context<'_>, resource: &'static Resource) -> Result<Sheet> {
    let says = |ctx: &Context<'_>, name: &str| LEVELS.says(ctx, name);
    let levels = match ctx.request.param("export_levels").map(str::trim).filter(|l| !l.is_empty()) {
        None => 0,
        Some(text) => text
            .parse::<i64>()
            .ok()
            .filter(|levels| *levels >= 0)
            .ok_or_else(|| Error::field("export_levels", "Must be a number of levels, or 0 for all."))?,
    };
    let mut request = ctx.request.clone();
    for name in ["sub_part_detail", "pricing"] {
        request.query.push((name.into(), "true".into()));
    }
    let mut inner = Context::new(ctx.conn, ctx.caller, &request, ctx.domain, ctx.registry, ctx.limits);
    let top = read(&list::all_rows(&mut inner, resource)?)?;
    let mut tree = Tree::default();
    let first: Vec<BomItemKey> = top.iter().filter_map(key_of).collect();
    tree.grow(inner.conn, &first, levels)?;
    let placed = tree.walk(&first, levels, ctx.limits.list)?;
    let mut rows: HashMap<BomItemKey, JsonRow> = HashMap::new();
    let mut more: Vec<BomItemKey> = tree.lines.keys().copied().filter(|line| !first.contains(line)).collect();
    more.sort_unstable();
    let mut inner = Context::new(ctx.conn, ctx.caller, &request, ctx.domain, ctx.registry, ctx.limits);
    for lot in more.chunks(512) {
        let mut query = Query::new(inner.conn.backend(), &request, inner.caller, &BOM_ITEM);
        query.and_keys("{id}", lot);
        let (bytes, _) = select::write_rows(&mut inner, &item::VIEW, Rows { query, page: None })?;
        rows.extend(by_key(read(&bytes)?));
    }
    rows.extend(by_key(top));
    let mut sheet = Sheet::default();
    let mut hidden: Vec<&str> = vec!["substitutes", "pk"];
    for (option, names) in [("export_stock_data", STOCK), ("export_pricing_data", PRICES)] {
        if !says(ctx, option) {
            hidden.extend(names);
        }
    }
    let with_totals = says(ctx, "export_total_quantity");
    let mut more: Vec<Extra> = Vec::new();
    let parts: Vec<PartKey> =
        tree.lines.values().map(|line| line.sub_part).collect::<HashSet<_>>().into_iter().collect();
    let lines: Vec<BomItemKey> = tree.lines.keys().copied().collect();
    for (option, extra) in [
        ("export_substitute_data", &SUBSTITUTES),
        ("export_supplier_data", &SUPPLIERS),
        ("export_manufacturer_data", &MANUFACTURERS),
    ] {
        if says(ctx, option) {
            let keys = if extra.of_lines { key::ids(&lines) } else { key::ids(&parts) };
            more.push(Extra::read(ctx, extra, &key::of_ids(&keys))?);
        }
    }
    let parameters = if says(ctx, "export_parameter_data") { parameters(ctx, &parts)? } else { Parameters::default() };

    sheet.columns.push("BOM Level".into());
    let fields: Vec<_> = item::VIEW
        .fields
        .iter()
        .filter(|f| f.shown() && !hidden.contains(&f.name))
        .filter(|f| !matches!(f.wire(&BOM_ITEM), Type::Object(_) | Type::List(_)))
        .collect();
    sheet.columns.extend(fields.iter().map(|f| label(f)));
    sheet.columns.extend(OF_PART.iter().map(|(_, name)| format!("Component.{name}")));
    if with_totals {
        sheet.columns.push("Total Quantity".into());
    }
    more.iter().for_each(|extra| sheet.columns.extend(extra.columns()));
    sheet.columns.extend(parameters.names.values().cloned());

    for place in placed {
        let (Some(row), Some(line)) = (rows.get(&place.line), tree.lines.get(&place.line)) else { continue };
        let mut cells = vec![Json::from(place.level)];
        cells.extend(fields.iter().map(|f| row.get(f.name).cloned().unwrap_or(Json::Null)));
        let part = row.get("sub_part_detail").and_then(Json::as_object);
        cells.extend(OF_PART.iter().map(|(name, _)| part.and_then(|p| p.get(*name)).cloned().unwrap_or(Json::Null)));
        if with_totals {
            cells.push(quantity(place.total));
        }
        for extra in &more {
            extra.cells(if extra.spec.of_lines { line.id.general() } else { line.sub_part.general() }, &mut cells);
        }
        let given = parameters.values.get(&line.sub_part);
        cells.extend(
            parameters
                .names
                .keys()
                .map(|template| given.and_then(|g| g.get(template)).map_or(Json::Null, |data| data.as_str().into())),
        );
        sheet.rows.push(cells);
    }
    Ok(sheet)
}

fn read(bytes: &[u8]) -> Result<Vec<JsonRow>> {
    serde_json::from_slice(bytes).map_err(|error| Error::Internal(format!("rows: {error}")))
}

fn key_of(row: &JsonRow) -> Option<BomItemKey> {
    row.get("pk").and_then(Json::as_i64).map(Key::from_id)
}

fn by_key(rows: Vec<JsonRow>) -> impl Iterator<Item = (BomItemKey, JsonRow)> {
    rows.into_iter().filter_map(|row| key_of(&row).map(|key| (key, row)))
}

/// A quantity as a JSON number; beyond 64 bits as a text.
fn quantity(quantity: Wide<Pieces>) -> Json {
    let Some(narrow) = quantity.narrow() else { return Json::String(quantity.units().to_string()) };
    let mut bytes = Vec::new();
    narrow.write_short(&mut bytes);
    serde_json::from_slice(&bytes).unwrap_or(Json::Null)
}

/// Lines by their keys, and the lines of each assembly below them.
#[derive(Default)]
struct Tree {
    lines: HashMap<BomItemKey, Line>,
    below: HashMap<PartKey, Vec<BomItemKey>>,
}

impl Tree {
    /// Reads everything below these lines, two statements for each level.
    fn grow(&mut self, conn: &mut ironwood_store::Connection, first: &[BomItemKey], levels: i64) -> Result<()> {
        self.lines = lines::by_key(conn, first)?;
        let mut level = 1;
        let assemblies = |lines: &mut dyn Iterator<Item = &Line>| -> Vec<PartKey> {
            let mut keys: Vec<PartKey> = lines.filter(|line| line.is_assembly).map(|line| line.sub_part).collect();
            keys.sort_unstable();
            keys.dedup();
            keys
        };
        let mut wanted = assemblies(&mut self.lines.values());
        while !wanted.is_empty() && (levels == 0 || level < levels) {
            let found = lines::for_parts(conn, &wanted)?;
            let mut new: Vec<Line> = Vec::new();
            for part in wanted {
                let own = found.get(&part).cloned().unwrap_or_default();
                self.below.insert(part, own.iter().map(|line| line.id).collect());
                new.extend(own);
            }
            wanted = assemblies(&mut new.iter());
            wanted.retain(|part| !self.below.contains_key(part));
            self.lines.extend(new.into_iter().map(|line| (line.id, line)));
            level += 1;
        }
        Ok(())
    }

    /// The rows of the table, each line directly followed by what is below it.
    fn walk(&self, first: &[BomItemKey], levels: i64, most: u64) -> Result<Vec<Placed>> {
        let mut placed = Vec::new();
        // the assemblies on the way from the top: imported data may have a part inside itself
        let mut way: Vec<PartKey> = Vec::new();
        // what is still to be placed, the next one last
        let mut waiting: Vec<Placed> =
            first.iter().rev().map(|line| Placed { line: *line, level: 1, total: Quantity::ONE.into() }).collect();
        while let Some(Placed { line, level, total: above }) = waiting.pop() {
            let Some(known) = self.lines.get(&line) else { continue };
            let total = above.times(known.quantity);
            placed.push(Placed { line, level, total });
            if placed.len() as u64 >= most {
                return Err(Error::field("export_levels", "The table is too long. Choose fewer levels."));
            }
            way.truncate(usize::try_from(level - 1).unwrap_or(0));
            way.push(known.part);
            let deeper = known.is_assembly && (levels == 0 || level < levels) && !way.contains(&known.sub_part);
            if let Some(below) = self.below.get(&known.sub_part).filter(|_| deeper) {
                waiting.extend(below.iter().rev().map(|line| Placed { line: *line, level: level + 1, total }));
            }
        }
        Ok(placed)
    }
}

/// Further columns, as many as the row with the most of them needs.
struct Spec {
    /// SQL over the keys `{keys}`, from its FROM on.
    from: &'static str,
    /// SQL of the key.
    key: &'static str,
    /// Whether the keys are those of lines, and not of their parts.
    of_lines: bool,
    /// Names of the columns, with `{}` for their number, and their SQL.
    columns: &'static [(&'static str, &'static str)],
}

static SUBSTITUTES: Spec = Spec {
    from: "FROM part_bomitemsubstitute u JOIN part_part p ON p.id = u.part \
          WHERE u.bom_item IN ({keys}) ORDER BY u.id",
    of_lines: true,
    key: "u.bom_item",
    columns: &[("Substitute {}", "p.name")],
};
static SUPPLIERS: Spec = Spec {
    from: "FROM company_supplierpart s \
          LEFT JOIN company_company c ON c.id = s.supplier LEFT JOIN company_manufacturerpart m \
          ON m.id = s.manufacturer_part WHERE s.part IN ({keys}) ORDER BY s.id",
    of_lines: false,
    key: "s.part",
    columns: &[
        ("Supplier {}", "c.name"),
        ("Supplier {} SKU", "s.\"SKU\""),
        ("Supplier {} MPN", "COALESCE(m.\"MPN\", '')"),
    ],
};
static MANUFACTURERS: Spec = Spec {
    from: "FROM company_manufacturerpart m LEFT JOIN company_company c \
          ON c.id = m.manufacturer WHERE m.part IN ({keys}) ORDER BY m.id",
    of_lines: false,
    key: "m.part",
    columns: &[("Manufacturer {}", "c.name"), ("Manufacturer {} MPN", "m.\"MPN\"")],
};

struct Extra {
    spec: &'static Spec,
    found: HashMap<AnyKey, Vec<Vec<String>>>,
    most: usize,
}

impl Extra {
    fn read(ctx: &mut Context<'_>, spec: &'static Spec, keys: &[AnyKey]) -> Result<Self> {
        let mut found: HashMap<AnyKey, Vec<Vec<String>>> = HashMap::new();
        let values = |row: &Row<'_>| (1..=spec.columns.len()).map(|i| row.text(i).to_owned()).collect();
        let columns: Fragment = spec.columns.iter().map(|(_, sql)| fragment!(", {sql}")).collect();
        let sql = fragment!("SELECT {}{columns} {}", spec.key, spec.from);
        ctx.conn.of_keys(&sql, keys, |row| found.entry(row.cell(0)).or_default().push(values(row)))?;
        let most = found.values().map(Vec::len).max().unwrap_or(0);
        Ok(Extra { spec, found, most })
    }

    fn columns(&self) -> impl Iterator<Item = String> + '_ {
        (1..=self.most).flat_map(|n| self.spec.columns.iter().map(move |(name, _)| name.replace("{}", &n.to_string())))
    }

    fn cells(&self, key: AnyKey, cells: &mut Vec<Json>) {
        let own = self.found.get(&key).map_or(&[] as &[Vec<String>], Vec::as_slice);
        for n in 0..self.most {
            let values = own.get(n);
            for i in 0..self.spec.columns.len() {
                cells.push(values.map_or(Json::Null, |v| v[i].as_str().into()));
            }
        }
    }
}

/// Parameters of parts: names by template, values by part and template.
#[derive(Default)]
struct Parameters {
    names: BTreeMap<ParameterTemplateKey, String>,
    values: HashMap<PartKey, HashMap<ParameterTemplateKey, String>>,
}

selected! {
    struct Parameter<'r> {
        part: PartKey = "p.model_id",
        template: ParameterTemplateKey = "p.template",
        name: &'r str = "t.name",
        data: &'r str = "p.data",
    }
}

fn parameters(ctx: &mut Context<'_>, parts: &[PartKey]) -> Result<Parameters> {
    let mut all = Parameters::default();
    let sql = sql!(
        "SELECT ",
        Parameter::COLUMNS,
        " FROM common_parameter p JOIN common_parametertemplate t ON t.id = p.template \
         WHERE p.model_type = 'part.part' AND p.model_id IN ({keys})"
    );
    ctx.conn.of_keys(sql, parts, |row| {
        let Parameter { part, template, name, data } = Parameter::read(row);
        all.names.entry(template).or_insert_with(|| name.to_owned());
        all.values.entry(part).or_default().insert(template, data.to_owned());
    })?;
    Ok(all)
}
