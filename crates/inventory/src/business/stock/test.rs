//! Test results of stock items.

use ironwood_base::{Error, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, Delete, NO_RULES, Operations, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::row;
use ironwood_rest::select::truth;
use ironwood_rest::view::{BOOL, INT, TEXT, View, col, input, nested, pk};
use ironwood_store::sql;

use super::owner;
use crate::business::part::test_template::{BRIEF as TEMPLATE, check_value, key_of};
use crate::platform::users::view::BRIEF as USER_BRIEF;
use crate::schema::build::BUILD;
use crate::schema::keys::*;
use crate::schema::part::{PART, TEST_TEMPLATE};
use crate::schema::stock::{ITEM, TEST_RESULT as TABLE};
use crate::schema::users::USER;

/// A result inside of its stock item.
pub(crate) static BRIEF: View = View::new(
    "StockItemTestResultBrief",
    &TABLE,
    &[
        pk(),
        col("stock_item").read_only(),
        col("result").read_only(),
        col("value").read_only(),
        col("attachment").read_only().nullable(),
        col("notes").read_only(),
        col("test_station").read_only(),
        col("started_datetime").read_only(),
        col("finished_datetime").read_only(),
        col("user").read_only(),
        col("date").read_only(),
        col("template").read_only(),
    ],
);

static VIEW: View = View::new(
    "StockItemTestResult",
    &TABLE,
    &[
        pk(),
        col("stock_item").help("The item that was tested."),
        col("result").help("Whether it passed."),
        col("value").help("What was measured."),
        col("attachment").nullable().optional().help("A file with details."),
        col("notes").help("Remarks."),
        col("test_station").help("Where it was tested."),
        col("started_datetime").label("Started").help("When the test began."),
        col("finished_datetime").label("Finished").help("When the test ended."),
        col("user").read_only(),
        nested("user_detail", "user", &USER_BRIEF),
        col("date").read_only(),
        col("template")
            .label("Test template for this result")
            .optional()
            .nullable()
            .help("The test; or give its name as `test`."),
        nested("template_detail", "template", &TEMPLATE),
        input("test", TEXT).help("Name of the test, where `template` is not given."),
    ],
);

fn by_item(query: &mut Query<'_>, text: &str) -> Result<()> {
    let Ok(item) = text.trim().parse::<ItemKey>() else {
        return Err(Error::field("stock_item", "The key of a stock item is needed here."));
    };
    query.must_exist(&ITEM, item, "stock_item");
    if query.request.param("include_installed").and_then(truth).unwrap_or(false) {
        query.and_value(
            "{stock_item} IN (WITH RECURSIVE inside(id) AS (SELECT CAST({value} AS BIGINT) UNION \
             SELECT s.id FROM stock_stockitem s JOIN inside ON s.belongs_to = inside.id) SELECT inside.id FROM inside)",
            item,
        );
    } else {
        query.and_value("{stock_item} = {value}", item);
    }
    Ok(())
}

fn by_test(query: &mut Query<'_>, text: &str) -> Result<()> {
    query.and_value("{template.key} = {value}", key_of(text));
    Ok(())
}

/// Results of tests.
pub(crate) static RESULTS: Resource = Resource::new("/api/stock/test/", "stock_test", &VIEW)
    .operations(Operations::ALL.bulk_create().bulk_delete())
    .filters(&[
        filter("user", Condition::Link(&USER, "{t}.\"user\" = {value}")),
        filter("template", Condition::Link(&TEST_TEMPLATE, "{template} = {value}")),
        flag_filter("result", "{result}", "NOT {result}"),
        filter("value", Condition::Where(TEXT, "{t}.value = {value}")),
        filter("build", Condition::Link(&BUILD, "{stock_item.build} = {value}")),
        filter("part", Condition::Link(&PART, "{stock_item.part} = {value}")),
        flag_filter("required", "{template.required}", "NOT {template.required}"),
        flag_filter("enabled", "{template.enabled}", "NOT {template.enabled}"),
        filter("test", Condition::Custom(TEXT, by_test)).help("Name of the test."),
        filter("include_installed", Condition::Noted(BOOL)).help("With what is installed in the stock item."),
        filter("stock_item", Condition::Custom(INT, by_item)),
    ])
    .sorts(&[
        sort("date", &["{date}"]),
        sort("result", &["{result}"]),
        sort("started_datetime", &["{started_datetime}"]),
        sort("finished_datetime", &["{finished_datetime}"]),
        sort("test_station", &["{test_station}"]),
    ])
    .default_sort(&["{date}"])
    .rules(Rules { check, delete: Delete::Many(delete), ..NO_RULES })
    .help("Results of tests of stock items.");

fn delete(ctx: &mut Context<'_>, ids: &[AnyKey]) -> Result<bool> {
    let mut items: Vec<ItemKey> = Vec::new();
    let sql = "SELECT DISTINCT stock_item FROM stock_stockitemtestresult WHERE id IN ({keys})";
    ctx.conn.of_keys(sql, ids, |row| items.push(row.cell(0)))?;
    owner::check_items(ctx, &items)?;
    Ok(true)
}

row! {
    /// What a test asks of its results.
    struct TestRules in TEST_TEMPLATE as TestTemplateKey {
        requires_value: bool,
        requires_attachment: bool,
        choices: String,
    } without [..]
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let item: ItemKey = change.key("stock_item").unwrap_or_default();
    match change.old_key("stock_item") {
        Some(before) => owner::check_items(ctx, &[before, item])?,
        None => owner::check_items(ctx, &[item])?,
    }
    if change.int("template").is_none() {
        let name = change.extra.get("test").and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let template = template_of(ctx, item, &name)?;
        change.set("template", template);
    }
    if change.is_new() && ctx.caller.id().is_some() {
        change.set("user", ctx.user());
    }
    let Some(template) = change.key("template") else { return Ok(()) };
    let Some(test) = row::one::<TestRules>(ctx.conn, template)? else { return Ok(()) };
    if test.requires_value && change.text("value").is_empty() {
        return Err(Error::field("value", "This test needs a value."));
    }
    if test.requires_attachment && change.text("attachment").is_empty() && !change.files.contains_key("attachment") {
        return Err(Error::field("attachment", "This test needs a file."));
    }
    check_value(&test.choices, change.text("value"))?;
    let (began, ended) = (change.text("started_datetime"), change.text("finished_datetime"));
    if !began.is_empty() && !ended.is_empty() && ended < began {
        return Err(Error::field("finished_datetime", "A test ends after it began."));
    }
    Ok(())
}

/// The test of that name for the part of an item, or of a template above it: the nearest one.
fn template_of(ctx: &mut Context<'_>, item: ItemKey, name: &str) -> Result<TestTemplateKey> {
    let sql = sql!(
        "SELECT t.id FROM part_parttesttemplate t JOIN part_part o ON o.id = t.part JOIN stock_stockitem s ON s.id = $1 \
               JOIN part_part p ON p.id = s.part WHERE ",
        at_or_below!("p", "o"),
        " AND t.key = $2 \
               ORDER BY LENGTH(o.tree_path) DESC LIMIT 1"
    );
    let found = ctx.conn.one(sql, &[item.into(), key_of(name).into()])?;
    found.map(|row| row.cell(0)).ok_or_else(|| Error::field("test", "The part of the item has no such test."))
}

#[cfg(test)]
mod checks {
    use serde_json::json;

    use crate::testing::on_each_server;

    #[test]
    fn a_result_is_of_a_test_that_there_is_and_has_one_of_its_values() {
        on_each_server(|server| {
            let admin = server.superuser();
            let part = |name: &str, more: serde_json::Value| {
                let mut body = json!({"name": name, "description": "", "testable": true});
                body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                admin.made("/api/part/", body)
            };
            let family = part("Pump", json!({"is_template": true}));
            let pump = part("Pump 12 V", json!({"variant_of": family}));
            let template =
                json!({"part": family, "test_name": "Flow Rate", "description": "Water", "choices": "low, high"});
            let template = admin.made("/api/part/test-template/", template);
            let item = admin.made("/api/stock/", json!({"part": pump, "quantity": 1}));
            let say = |test: serde_json::Value, value: &str| {
                let mut body = json!({"stock_item": item, "result": true, "value": value});
                body.as_object_mut().unwrap().extend(test.as_object().unwrap().clone());
                admin.post("/api/stock/test/", body)
            };
            let tests = || server.int("SELECT COUNT(*) FROM part_parttesttemplate", &[]);

            for unknown in [json!({"test": "noise"}), json!({"test": ""}), json!({})] {
                let (status, answer) = say(unknown, "low");
                assert!(status == 400 && answer.get("test").is_some(), "{answer}");
            }
            assert_eq!(tests(), 1);
            for wrong in ["", "middle"] {
                let (status, answer) = say(json!({"template": template}), wrong);
                assert!(status == 400 && answer.get("value").is_some(), "{answer}");
            }
            let (status, answer) = say(json!({"test": "flow  RATE"}), "high");
            assert_eq!((status, answer["template"].as_i64()), (201, Some(template)), "{answer}");
        });
    }
}
