//! Imports records one at a time, in any order.
//!
//! A record is written at once where everything that it needs is known. One that names a user who
//! comes later, or stands below a row of its tree that comes later, waits in memory for the end;
//! so does what must be fitted in between other rows. A plain link to a row that comes later does
//! not wait: the database checks links at the end of the transaction, and the keys are looked up
//! here before, so that a message names the record.

use std::collections::{BTreeMap, HashMap};

use ironwood_base::{Error, clock};
use ironwood_rest::table::{ColumnType, Default, Table};
use ironwood_store::{Connection, Value};
use serde_json::{Map, Value as Json};

use super::batch::Origin;
use super::legacy::{self, MovedInto};
use super::plan::{Plan, Target, path, plans};
use super::split::RecordPosition;
use super::{API_VERSION, ImportOptions, Report, refused, values};

pub(super) type Fields = Map<String, Json>;

/// What waits for the end.
#[derive(Default)]
pub(super) struct Deferred {
    /// Rows that move into a table where others are: index into [`super::legacy::MOVES`].
    pub(super) rows: Vec<(usize, Origin, Fields)>,
    /// Test results that name their test instead of linking to it.
    pub(super) test_results: Vec<(Origin, Fields)>,
    /// Supplier parts that a part names as its preferred one.
    pub(super) default_suppliers: Vec<i64>,
}

pub(super) struct Importer<'c> {
    pub(super) conn: &'c mut Connection,
    options: ImportOptions,
    pub(super) plans: Vec<Plan>,
    pub(super) by_model: HashMap<&'static str, usize>,
    by_table: HashMap<&'static str, usize>,
    /// Links to rows not seen yet: the first record that has each.
    links: HashMap<(usize, i64), (Origin, &'static str)>,
    waiting: Vec<Waiting>,
    pub(super) later: Deferred,
    now: String,
    unknown_models: BTreeMap<String, u64>,
    unknown_fields: BTreeMap<String, u64>,
    left_out: BTreeMap<String, u64>,
    taken: u64,
}

/// A row that is not complete yet.
struct Waiting {
    plan: usize,
    origin: Origin,
    row: Row,
}

/// A row of a table and of its link tables.
struct Row {
    /// The key first; a tree's path is not there yet.
    values: Vec<Value>,
    many: Vec<(usize, i64)>,
    /// Links by natural key that are not resolved.
    natural: Vec<(Slot, String)>,
    /// Whether the names from the root down are to be calculated.
    names_missing: bool,
}

#[derive(Clone, Copy)]
enum Slot {
    Column(usize),
    Many(usize),
}

impl<'c> Importer<'c> {
    pub(super) fn new(conn: &'c mut Connection, tables: &[&'static Table], options: &ImportOptions) -> Self {
        let plans = plans(tables, conn.backend());
        let by_model = plans.iter().enumerate().map(|(i, plan)| (plan.table.record, i)).collect();
        let by_table = plans.iter().enumerate().map(|(i, plan)| (plan.table.name, i)).collect();
        Importer {
            conn,
            options: options.clone(),
            plans,
            by_model,
            by_table,
            links: HashMap::new(),
            waiting: Vec::new(),
            later: Deferred::default(),
            now: clock::now(),
            unknown_models: BTreeMap::new(),
            unknown_fields: BTreeMap::new(),
            left_out: BTreeMap::new(),
            taken: 0,
        }
    }

    /// Takes one record in.
    pub(super) fn add(&mut self, place: RecordPosition, record: Json) -> Result<(), Error> {
        let Json::Object(mut record) = record else {
            return Err(refused(format!("{place}: {}", values::wrong(&record, "a record"))));
        };
        if !record.contains_key("model") && record.get("metadata") == Some(&Json::Bool(true)) {
            return check_version(place, &record);
        }
        let Some(Json::String(model)) = record.get_mut("model").map(Json::take) else {
            return Err(refused(format!("{place}: record has no model")));
        };
        let pk = record.get_mut("pk").map_or(Json::Null, Json::take);
        let Some(Json::Object(fields)) = record.get_mut("fields").map(Json::take) else {
            return Err(refused(format!("{place}: {} {pk}: record has no fields", one_line(&model))));
        };
        if let Some(&plan) = self.by_model.get(model.as_str()) {
            let origin = self.origin(place, plan, self.plans[plan].table.record, &pk)?;
            return self.current(plan, origin, &pk, fields);
        }
        if let Some((rank, moved)) = legacy::find(&model)
            && let Some(&plan) = self.by_model.get(moved.to)
        {
            let origin = self.origin(place, plan, moved.from, &pk)?;
            return self.moved(rank, plan, origin, fields);
        }
        let list = if legacy::is_machinery(&model) { &mut self.left_out } else { &mut self.unknown_models };
        *list.entry(one_line(&model)).or_default() += 1;
        Ok(())
    }

    /// The record's key. Where a text stands for it, the row gets the next free key.
    fn origin(&self, place: RecordPosition, plan: usize, model: &'static str, pk: &Json) -> Result<Origin, Error> {
        let plan = &self.plans[plan];
        let key = if plan.text_key && pk.is_string() {
            plan.keys.next()
        } else {
            let no_key = Origin { place, model, key: 0 };
            values::key(pk).map_err(|reason| no_key.fault("pk", &reason))?
        };
        Ok(Origin { place, model, key })
    }

    fn current(&mut self, plan: usize, origin: Origin, pk: &Json, mut fields: Fields) -> Result<(), Error> {
        match origin.model {
            "part.part" => {
                if let Some(given) = fields.shift_remove("default_supplier").filter(|given| !given.is_null()) {
                    let key = values::key(&given).map_err(|reason| origin.fault("default_supplier", &reason))?;
                    if let Some(&target) = self.by_model.get("company.supplierpart") {
                        self.refer(target, key, origin, "default_supplier");
                    }
                    self.later.default_suppliers.push(key);
                }
            }
            "stock.stockitemtestresult" if !fields.contains_key("template") && fields.contains_key("test") => {
                self.reserve(plan, origin)?;
                self.later.test_results.push((origin, fields));
                return Ok(());
            }
            _ => legacy::modernise(origin.model, &mut fields),
        }
        if self.plans[plan].text_key
            && let (Json::String(_), [column]) = (pk, self.plans[plan].natural.as_slice())
        {
            let column = *column;
            let text = values::stored(self.plans[plan].columns[column], pk.clone())
                .map_err(|reason| origin.fault("pk", &reason))?;
            self.reserve(plan, origin)?;
            return self.accept(plan, origin, fields, Some((column, text)));
        }
        self.reserve(plan, origin)?;
        self.accept(plan, origin, fields, None)
    }

    fn moved(&mut self, rank: usize, plan: usize, origin: Origin, mut fields: Fields) -> Result<(), Error> {
        let moved = &legacy::MOVES[rank];
        if let Some((field, table)) = moved.owner
            && let Some(given) = fields.get(field).filter(|given| !given.is_null())
            && let Some(&target) = self.by_table.get(table)
        {
            let key = values::key(given).map_err(|reason| origin.fault(field, &reason))?;
            self.refer(target, key, origin, field);
        }
        moved.adapt(&mut fields);
        if moved.keeps_keys() && moved.how != MovedInto::ManufacturerParameter {
            self.reserve(plan, origin)?;
            return self.accept(plan, origin, fields, None);
        }
        self.later.rows.push((rank, origin, fields));
        Ok(())
    }

    /// Notes that the key is taken.
    pub(super) fn reserve(&mut self, plan: usize, origin: Origin) -> Result<(), Error> {
        if self.plans[plan].keys.insert(origin.key) {
            return Ok(());
        }
        Err(origin.fault("pk", "duplicate record with this key"))
    }

    fn refer(&mut self, target: usize, key: i64, origin: Origin, field: &'static str) {
        if !self.plans[target].keys.contains(key) {
            self.links.entry((target, key)).or_insert((origin, field));
        }
    }

    /// Turns the fields into a row, and writes it or lets it wait.
    pub(super) fn accept(
        &mut self,
        index: usize,
        origin: Origin,
        fields: Fields,
        own: Option<(usize, Value)>,
    ) -> Result<(), Error> {
        let row = self.row(index, origin, fields, own)?;
        let plan = &mut self.plans[index];
        plan.taken += 1;
        self.taken += 1;
        if let Some(natural) = plan.natural_key(&row.values) {
            plan.naturals.insert(natural, origin.key);
        }
        if let Some(tree) = &mut plan.tree {
            let parent = row.values[tree.parent + 1].borrow().as_int();
            let name = if tree.names.is_some() { row.values[tree.name + 1].borrow().as_text() } else { None };
            tree.rows.insert(origin.key, (parent, name.unwrap_or_default().into()));
        }
        let mut waiting = Waiting { plan: index, origin, row };
        if waiting.row.natural.is_empty() && self.complete(&mut waiting)? {
            self.write(waiting)
        } else {
            self.waiting.push(waiting);
            Ok(())
        }
    }

    fn row(&mut self, index: usize, origin: Origin, fields: Fields, own: Option<(usize, Value)>) -> Result<Row, Error> {
        let plan = &self.plans[index];
        let mut given: Vec<Option<Value>> = vec![None; plan.columns.len()];
        let mut row = Row { values: Vec::new(), many: Vec::new(), natural: Vec::new(), names_missing: false };
        let mut refers: Vec<(usize, i64, &'static str)> = Vec::new();
        for (name, value) in fields {
            let plan = &self.plans[index];
            let fault = |reason: &str| origin.fault(&one_line(&name), reason);
            match plan.fields.get(name.as_str()).copied() {
                None => {
                    *self.unknown_fields.entry(format!("{}.{}", origin.model, one_line(&name))).or_default() += 1;
                }
                Some(Target::Derived) => {}
                Some(Target::Token) => {
                    let (Json::String(text), Some(columns)) = (&value, plan.token) else {
                        return Err(fault(&values::wrong(&value, "a string")));
                    };
                    let Some(secret) = &self.options.secret else {
                        return Err(fault("tokens cannot be imported without a secret key"));
                    };
                    given[columns[0]] = Some(Value::Text(secret.token_hash(text)));
                    given[columns[1]] = Some(Value::Text(secret.seal_token(text)?));
                }
                Some(Target::Many(many)) => {
                    let target = plan.many[many].target;
                    let list = match value {
                        Json::Null => continue,
                        Json::Array(list) => list,
                        other => return Err(fault(&values::wrong(&other, "a list of keys"))),
                    };
                    for value in list {
                        match self.link(target, &value).map_err(|reason| fault(&reason))? {
                            Found::Key(key) => {
                                refers.push((target, key, plan.many[many].column.name));
                                row.many.push((many, key));
                            }
                            Found::Deferred(natural) => row.natural.push((Slot::Many(many), natural)),
                        }
                    }
                }
                Some(Target::Column(at, old)) => {
                    if old && given[at].is_some() {
                        continue;
                    }
                    let column = plan.columns[at];
                    let stored = if value.is_null() {
                        // where today a value is needed, null said what the default says
                        match (column.null, column.kind, column.default) {
                            (true, ..) => Value::Null,
                            (_, ColumnType::Json, _) => Value::Text("null".into()),
                            (_, _, Default::None) => return Err(fault("null in a required field")),
                            _ => continue,
                        }
                    } else if let Some(target) = plan.linked[at] {
                        match self.link(target, &value).map_err(|reason| fault(&reason))? {
                            Found::Key(key) => {
                                refers.push((target, key, column.name));
                                Value::Int(key)
                            }
                            Found::Deferred(natural) => {
                                row.natural.push((Slot::Column(at), natural));
                                Value::Null
                            }
                        }
                    } else if let ColumnType::Link(..) = column.kind {
                        // its table is no part of records: the row cannot be there
                        return Err(fault("the record that it refers to could not be imported"));
                    } else {
                        values::stored(column, value).map_err(|reason| fault(&reason))?
                    };
                    given[at] = Some(stored);
                }
            }
        }
        if let Some((at, value)) = own {
            given[at] = Some(value);
        }
        for (target, key, field) in refers {
            self.refer(target, key, origin, field);
        }
        let plan = &self.plans[index];
        row.values.reserve(plan.columns.len() + 2);
        row.values.push(Value::Int(origin.key));
        for (at, value) in given.into_iter().enumerate() {
            let column = plan.columns[at];
            row.values.push(match value {
                Some(value) => value,
                None => {
                    row.names_missing |= plan.tree.as_ref().is_some_and(|tree| tree.names == Some(at));
                    values::missing(column, &self.now).map_err(|reason| origin.fault(column.record, &reason))?
                }
            });
        }
        Ok(row)
    }

    fn link(&self, target: usize, given: &Json) -> Result<Found, String> {
        let plan = &self.plans[target];
        if let Json::Array(parts) = given {
            let natural = values::natural_key(parts).filter(|_| parts.len() == plan.natural.len().max(1));
            let Some(natural) = natural.filter(|_| !plan.natural.is_empty()) else {
                return Err(format!("{} is not a key of {}", values::short(&given.to_string()), plan.table.record));
            };
            return Ok(match plan.naturals.get(&natural) {
                Some(key) => Found::Key(*key),
                None => Found::Deferred(natural),
            });
        }
        if let (true, Json::String(text)) = (plan.text_key, given) {
            return Ok(match plan.naturals.get(text) {
                Some(key) => Found::Key(*key),
                None => Found::Deferred(text.clone()),
            });
        }
        values::key(given).map(Found::Key)
    }

    /// Adds a tree's path. `false` where a row above is not there yet.
    fn complete(&self, waiting: &mut Waiting) -> Result<bool, Error> {
        let plan = &self.plans[waiting.plan];
        let Some(tree) = &plan.tree else { return Ok(true) };
        let chain = match tree.chain(waiting.origin.key) {
            Ok(Some(chain)) => chain,
            Ok(None) => return Ok(false),
            Err(circle) => {
                let circle: Vec<String> = circle.iter().take(12).map(i64::to_string).collect();
                let reason = format!("the records form a cycle: {}", circle.join(" -> "));
                return Err(waiting.origin.fault(plan.columns[tree.parent].record, &reason));
            }
        };
        if let (true, Some(names)) = (waiting.row.names_missing, tree.names) {
            let parts: Vec<&str> = chain.iter().map(|key| tree.rows.get(key).map_or("", |(_, name)| name)).collect();
            let most = match plan.columns[names].max {
                0 => usize::MAX,
                most => most as usize,
            };
            waiting.row.values[names + 1] = Value::Text(parts.join("/").chars().take(most).collect());
        }
        waiting.row.values.push(Value::Text(path(&chain)));
        Ok(true)
    }

    fn write(&mut self, waiting: Waiting) -> Result<(), Error> {
        let Waiting { plan, origin, row } = waiting;
        let plan = &mut self.plans[plan];
        plan.rows.push(self.conn, origin, row.values)?;
        for (many, key) in row.many {
            plan.many[many].rows.push(self.conn, origin, [Value::Int(origin.key), Value::Int(key)])?;
        }
        Ok(())
    }

    /// Writes all that waits, and makes sure that nothing is missing.
    pub(super) fn settle(&mut self) -> Result<(), Error> {
        let mut waiting = std::mem::take(&mut self.waiting);
        for one in &mut waiting {
            for (slot, natural) in std::mem::take(&mut one.row.natural) {
                let plan = &self.plans[one.plan];
                let (target, field) = match slot {
                    Slot::Column(at) => (plan.linked[at], plan.columns[at].record),
                    Slot::Many(many) => (Some(plan.many[many].target), plan.many[many].column.record),
                };
                let found = target.and_then(|target| self.plans[target].naturals.get(&natural)).copied();
                let Some(key) = found else {
                    let model = target.map_or("row", |target| self.plans[target].table.record);
                    let reason = format!("{model} {} does not exist", values::show_natural(&natural));
                    return Err(one.origin.fault(field, &reason));
                };
                match slot {
                    Slot::Column(at) => one.row.values[at + 1] = Value::Int(key),
                    Slot::Many(many) => one.row.many.push((many, key)),
                }
            }
        }
        let plans = &self.plans;
        let dangling = self
            .links
            .iter()
            .filter(|((target, key), _)| !plans[*target].keys.contains(*key))
            .min_by_key(|(_, (origin, _))| origin.place);
        if let Some(((target, key), (origin, field))) = dangling {
            return Err(origin.fault(field, &format!("{} {key} does not exist", plans[*target].table.record)));
        }
        self.links.clear();
        for mut one in waiting {
            if !self.complete(&mut one)? {
                return Err(one.origin.fault("", "a parent record in the tree is missing"));
            }
            self.write(one)?;
        }
        for plan in &mut self.plans {
            plan.rows.flush(self.conn)?;
            for many in &mut plan.many {
                many.rows.flush(self.conn)?;
            }
        }
        Ok(())
    }

    /// Ends the import: what waits is written, what is unknown counted.
    pub(super) fn finish(mut self) -> Result<Report, Error> {
        self.settle()?;
        self.older_shapes()?;
        let doubled_serials = match self.by_model.get("stock.stockitem") {
            Some(_) => u64::try_from(crate::business::stock::serial::claim_all(self.conn)?).unwrap_or(0),
            None => 0,
        };
        let mut report = Report {
            records: self.taken,
            models: Vec::new(),
            unknown_models: self.unknown_models,
            unknown_fields: self.unknown_fields,
            left_out: self.left_out,
            doubled_serials,
        };
        if self.options.strict && !(report.unknown_models.is_empty() && report.unknown_fields.is_empty()) {
            return Err(refused(format!("unknown: {}", report.unknown())));
        }
        let mut touched = Vec::new();
        for plan in self.plans.iter().filter(|plan| plan.taken > 0) {
            report.models.push((plan.table.record, plan.taken));
            touched.push(plan.table.name);
        }
        self.conn.after_import(&touched)?;
        crate::schema::totals::resume(self.conn)?;
        self.conn.batch("ANALYZE")?;
        Ok(report)
    }
}

enum Found {
    Key(i64),
    /// Not seen yet: its natural key.
    Deferred(String),
}

fn check_version(place: RecordPosition, record: &Fields) -> Result<(), Error> {
    match record.get("api_version") {
        Some(Json::Number(version)) if version.as_i64().is_none_or(|version| version > API_VERSION) => {
            Err(refused(format!(
                "{place}: the records come from a newer version (API {version}); this version supports up to \
                {API_VERSION}"
            )))
        }
        _ => Ok(()),
    }
}

/// A name from the file, safe to stand in a message.
fn one_line(name: &str) -> String {
    name.chars().take(100).map(|c| if c.is_control() { '?' } else { c }).collect()
}
