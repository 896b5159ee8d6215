//! Rows of older shapes that must be fitted in between the others, at the end of an import.

use std::collections::HashMap;

use ironwood_base::Error;
use ironwood_rest::selected;
use ironwood_store::Value;
use serde_json::{Value as Json, json};

use super::batch::Origin;
use super::importer::{Deferred, Fields, Importer};
use super::legacy::{MOVES, MovedInto, test_key};

selected! {
    /// A test template.
    struct TestKey {
        id: i64 = "id",
        part: i64 = "part",
        key: String = "key",
    }
}

selected! {
    /// A row by its name.
    struct Named {
        id: i64 = "id",
        name: String = "name",
    }
}

impl Importer<'_> {
    pub(super) fn older_shapes(&mut self) -> Result<(), Error> {
        let Deferred { mut rows, test_results, default_suppliers } = std::mem::take(&mut self.later);
        if !rows.is_empty() {
            rows.sort_by_key(|(rank, origin, _)| (*rank, origin.key));
            self.fit_in(rows)?;
        }
        if !test_results.is_empty() {
            self.link_test_results(test_results)?;
        }
        self.settle()?;
        for key in default_suppliers {
            self.conn
                .execute("UPDATE company_supplierpart SET \"primary\" = TRUE WHERE id = $1", &[Value::Int(key)])?;
        }
        Ok(())
    }

    /// Rows of several tables meet in one. The first to come keeps its key.
    fn fit_in(&mut self, rows: Vec<(usize, Origin, Fields)>) -> Result<(), Error> {
        let mut templates: Option<HashMap<String, i64>> = None;
        for (rank, mut origin, mut fields) in rows {
            let moved = &MOVES[rank];
            let Some(&plan) = self.by_model.get(moved.to) else { continue };
            if self.plans[plan].keys.contains(origin.key) {
                origin.key = self.plans[plan].keys.next();
            }
            self.reserve(plan, origin)?;
            if moved.how == MovedInto::ManufacturerParameter {
                if templates.is_none() {
                    templates = Some(self.texts("FROM common_parametertemplate ORDER BY id DESC")?);
                }
                let name = fields.shift_remove("name");
                let units = fields.shift_remove("units");
                let name = name.as_ref().and_then(Json::as_str).unwrap_or_default().to_owned();
                let known = templates.get_or_insert_default();
                let template = match known.get(&name) {
                    Some(key) => *key,
                    None => {
                        let Some(&plan) = self.by_model.get("common.parametertemplate") else { continue };
                        let made = Origin { key: self.plans[plan].keys.next(), ..origin };
                        let mut template = Fields::new();
                        template.insert("name".into(), json!(name));
                        template.insert("units".into(), units.unwrap_or(json!("")));
                        self.reserve(plan, made)?;
                        self.accept(plan, made, template, None)?;
                        known.insert(name, made.key);
                        made.key
                    }
                };
                fields.insert("template".into(), json!(template));
            }
            self.accept(plan, origin, fields, None)?;
        }
        Ok(())
    }

    /// Test results once named their test: it is sought in the family of the item's part, and made
    /// for the top of the family where there is none.
    fn link_test_results(&mut self, results: Vec<(Origin, Fields)>) -> Result<(), Error> {
        let (Some(&plan), Some(&template_plan)) =
            (self.by_model.get("stock.stockitemtestresult"), self.by_model.get("part.parttesttemplate"))
        else {
            return Ok(());
        };
        let mut known: HashMap<(i64, String), i64> = HashMap::new();
        let tests: Vec<TestKey> = selected::all(self.conn, "FROM part_parttesttemplate ORDER BY id DESC", &[])?;
        for TestKey { id, part, key } in tests {
            known.insert((self.top_part(part), key), id);
        }
        for (origin, mut fields) in results {
            let name = fields.shift_remove("test");
            let name = name.as_ref().and_then(Json::as_str).unwrap_or_default().to_owned();
            let item = fields.get("stock_item").and_then(Json::as_i64).unwrap_or_default();
            let row = self.conn.one("SELECT part FROM stock_stockitem WHERE id = $1", &[Value::Int(item)])?;
            let Some(row) = row else {
                return Err(origin.fault("stock_item", &format!("stock.stockitem {item} does not exist")));
            };
            let top = self.top_part(row.int(0));
            let family = (top, test_key(&name));
            let template = match known.get(&family) {
                Some(key) => *key,
                None => {
                    let made = Origin { key: self.plans[template_plan].keys.next(), ..origin };
                    let mut template = Fields::new();
                    template.insert("part".into(), json!(top));
                    template.insert("test_name".into(), json!(name));
                    template.insert("key".into(), json!(family.1));
                    self.reserve(template_plan, made)?;
                    self.accept(template_plan, made, template, None)?;
                    known.insert(family, made.key);
                    made.key
                }
            };
            fields.insert("template".into(), json!(template));
            self.accept(plan, origin, fields, None)?;
        }
        Ok(())
    }

    /// The part from which a part is a variant, of a variant, and so on.
    fn top_part(&self, part: i64) -> i64 {
        let tree = self.by_model.get("part.part").and_then(|plan| self.plans[*plan].tree.as_ref());
        let chain = tree.and_then(|tree| tree.chain(part).ok().flatten());
        chain.and_then(|chain| chain.first().copied()).unwrap_or(part)
    }

    fn texts(&mut self, from: &'static str) -> Result<HashMap<String, i64>, Error> {
        let found: Vec<Named> = selected::all(self.conn, from, &[])?;
        Ok(found.into_iter().map(|row| (row.name, row.id)).collect())
    }
}
