//! Parts found by the values of their parameters, among 100,000.

use ironwood_store::{Fragment, Value};

use crate::harness::{Bench, Failed, Floor, Requests, Scenario, get, json_rows};

pub(crate) static SCENARIOS: &[Scenario] = &[
    Scenario::reads("parameter: 100 parts above 4.7k of 100,000", above, Some(above_floor)),
    Scenario::reads("parameter: 100 parts of 100,000 sorted by value", sorted, None),
];

const MANY: i64 = 100_000;
const TEMPLATE: &str = "Resistance of very many";

/// The template, made with its parts where it is not there yet.
fn template(bench: &Bench) -> Result<i64, Failed> {
    Ok(bench.app.db().write(&crate::harness::origin(), |conn| {
        let sql = "SELECT id FROM common_parametertemplate WHERE name = $1";
        if let Some(row) = conn.one(sql, &[TEMPLATE.into()])? {
            return Ok(row.int(0));
        }
        let sql = "INSERT INTO common_parametertemplate (name, units, description, checkbox, choices, enabled, \"unique\") \
                   VALUES ($1, 'ohm', '', FALSE, '', TRUE, 0) RETURNING id";
        let id = conn.one(sql, &[TEMPLATE.into()])?.map_or(0, |row| row.int(0));
        for start in (0..MANY).step_by(500) {
            let parts: Vec<String> = (start..start + 500)
                .map(|n| format!("('Measured {n}', TRUE, TRUE, {}, '')", 2_000_000 + n))
                .collect();
            let head = "INSERT INTO part_part (name, component, active, tree_id, tree_path)";
            let keys = conn.rows(Fragment::generated(format!("{head} VALUES {} RETURNING id", parts.join(", "))), &[])?;
            let values: Vec<String> = keys
                .iter()
                .zip(start..)
                .map(|(row, n)| format!("('part.part', {}, {id}, '{n}', {n}, '')", row.int(0)))
                .collect();
            let head = "INSERT INTO common_parameter (model_type, model_id, template, data, data_numeric, note)";
            conn.execute(Fragment::generated(format!("{head} VALUES {}", values.join(", "))), &[])?;
        }
        conn.execute("UPDATE part_part SET tree_path = '/' || CAST(id AS TEXT) || '/' WHERE tree_path = ''", &[])?;
        // as the database would do by itself a little later
        conn.batch("ANALYZE")?;
        Ok(id)
    })?)
}

fn above(bench: &Bench) -> Result<Requests, Failed> {
    let path = format!("/api/part/?parameter_{}_gt=4.7k&limit=100&offset=1000", template(bench)?);
    Ok(Box::new(move |_| get(path.clone())))
}

fn above_floor(bench: &Bench) -> Result<Floor, Failed> {
    let template = template(bench)?;
    Ok(Box::new(move |conn| {
        let sql = "SELECT p.id, p.name, p.description, p.\"IPN\", p.category, p.active FROM part_part p \
                   JOIN common_parameter v ON v.model_id = p.id AND v.model_type = 'part.part' \
                   WHERE v.template = $1 AND v.data_numeric > 4700 ORDER BY p.name, p.id LIMIT 100 OFFSET 1000";
        json_rows(conn, sql, &[Value::Int(template)], &["pk", "name", "description", "IPN", "category", "active"])
    }))
}

fn sorted(bench: &Bench) -> Result<Requests, Failed> {
    let template = template(bench)?;
    let path = format!("/api/part/?parameter_{template}_gt=0&ordering=-parameter_{template}&limit=100");
    Ok(Box::new(move |_| get(path.clone())))
}
