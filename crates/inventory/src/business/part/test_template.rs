//! Test templates for stock items of a part and its variants.

use ironwood_base::{Error, Result};
use ironwood_rest::at_or_below;
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Condition, NO_RULES, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::select::truth;
use ironwood_rest::view::{BOOL, INT, TEXT, View, col, pk, sql};
use ironwood_store::{Value, sql};

use crate::schema::keys::PartKey;
use crate::schema::part::{PART, TEST_TEMPLATE as TABLE, TestTemplate};

const RESULTS: &str = "(SELECT COUNT(*) FROM stock_stockitemtestresult r WHERE r.template = {id})";

fn by_part(query: &mut Query<'_>, text: &str) -> Result<()> {
    let key: PartKey = text.trim().parse().map_err(|_| Error::field("part", "Must be the ID of a part."))?;
    query.must_be_eligible(&PART, key, "part");
    let inherited = query.request.param("include_inherited").and_then(truth).unwrap_or(true);
    // of the part and of all templates above it
    query.and_tree(if inherited { "{part} IN {above}" } else { "{part} = {value}" }, &PART, key);
    Ok(())
}

/// A test.
pub(crate) static VIEW: View = View::new(
    "PartTestTemplate",
    &TABLE,
    &[
        pk(),
        col("key").read_only().help("Normalized name of the test, without spaces and special characters."),
        col("part").help("Part that the test applies to."),
        col("test_name").help("Name of the test."),
        col("description").label("Test Description").help("Description of the test."),
        col("enabled").help("Whether the test is enabled."),
        col("required").help("Whether stock must pass this test."),
        col("requires_value").help("Whether a test result must have a value."),
        col("requires_attachment").help("Whether a test result must have an attachment."),
        sql("results", INT, RESULTS),
        col("choices").help("Valid values for a test result, separated by commas."),
    ],
);

/// A test inside of its result.
pub(crate) static BRIEF: View = View::new(
    "PartTestTemplateBrief",
    &TABLE,
    &[
        pk(),
        col("key").read_only(),
        col("part"),
        col("test_name"),
        col("description"),
        col("enabled"),
        col("required"),
        col("requires_value"),
        col("requires_attachment"),
        sql("results", INT, "0"),
        col("choices"),
    ],
);

/// Tests.
pub(crate) static TEST_TEMPLATE: Resource = Resource::new("/api/part/test-template/", "part_test_template", &VIEW)
    .filters(&[
        flag_filter("enabled", "{enabled}", "NOT {enabled}"),
        flag_filter("required", "{required}", "NOT {required}"),
        flag_filter("requires_value", "{requires_value}", "NOT {requires_value}"),
        flag_filter("requires_attachment", "{requires_attachment}", "NOT {requires_attachment}"),
        flag_filter(
            "has_results",
            "EXISTS (SELECT 1 FROM stock_stockitemtestresult r WHERE r.template = {id})",
            "NOT EXISTS (SELECT 1 FROM stock_stockitemtestresult r WHERE r.template = {id})",
        ),
        filter("key", Condition::Where(TEXT, "{key} = {value}")),
        filter("part", Condition::Custom(INT, by_part)).help("Tests of this part and its parent templates."),
        filter("include_inherited", Condition::Noted(BOOL)).help("Include tests of parent templates (default)."),
    ])
    .search(&["{test_name}", "{description}"])
    .sorts(&[
        sort("enabled", &["{enabled}"]),
        sort("required", &["{required}"]),
        sort("requires_value", &["{requires_value}"]),
        sort("requires_attachment", &["{requires_attachment}"]),
        sort("results", &[RESULTS]),
        sort("test_name", &["{test_name}"]),
    ])
    .default_sort(&["{test_name}"])
    .rules(Rules { check, ..NO_RULES })
    .help("Test templates of parts.");

/// The key of a test's name: lower-case letters, digits and `_`; it begins with a letter or `_`.
pub(crate) fn key_of(name: &str) -> String {
    let key: String = name.trim().to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
    if key.starts_with(|c: char| c.is_numeric()) { format!("_{key}") } else { key }
}

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let mut fields = ironwood_base::error::Fields::new();
    let key = key_of(change.text(TestTemplate::test_name));
    if key.is_empty() {
        fields.add("test_name", "Name must contain letters or digits.");
    }
    if change.text(TestTemplate::description).is_empty() {
        fields.add("description", "This field may not be blank.");
    }
    let choices: Vec<&str> =
        change.text(TestTemplate::choices).split(',').map(str::trim).filter(|c| !c.is_empty()).collect();
    if choices.iter().enumerate().any(|(i, c)| choices[..i].contains(c)) {
        fields.add("choices", "Choices must be unique.");
    }
    // the same key must not stand twice in what the part has of its own and from the templates above it
    let sql = sql!(
        "SELECT 1 FROM part_parttesttemplate t JOIN part_part o ON o.id = t.part JOIN part_part p ON p.id = $1 \
               WHERE ",
        at_or_below!("p", "o"),
        " \
               AND t.key = $2 AND t.id <> $3 LIMIT 1"
    );
    let params = [change.int(TestTemplate::part).into(), key.as_str().into(), Value::Int(change.id.unwrap_or(0))];
    if ctx.conn.one(sql, &params)?.is_some() {
        fields.add("test_name", "A test with this name already exists for this part or one of its templates.");
    }
    fields.check()?;
    change.set(TestTemplate::key, key);
    Ok(())
}

/// Refuses a value that the test does not allow.
pub(crate) fn check_value(choices: &str, value: &str) -> Result<()> {
    let choices: Vec<&str> = choices.split(',').map(str::trim).filter(|c| !c.is_empty()).collect();
    if choices.is_empty() || choices.contains(&value) {
        Ok(())
    } else {
        Err(Error::field("value", "This is not a valid value for the test."))
    }
}
