//! What opens doors is marked as secret, and shown nowhere.

use ironwood_rest::resource::{Condition, Resource};
use ironwood_rest::table::{ColumnType, Table};
use ironwood_rest::view::{Source, View};

use crate::installation::app::the_registry;
use crate::schema::TABLES;

/// What the names of columns with secrets have in them.
const NAMES: &[&str] = &["password", "secret", "token", "key_hash", "sealed", "csrf", "otp", "private", "credential"];

/// Tables of settings by name, protected ones among them.
const SETTINGS: &[&str] = &[
    "common_inventreesetting",
    "common_inventreeusersetting",
    "plugin_pluginsetting",
    "plugin_pluginusersetting",
    "machine_machinesetting",
    "ironwood_meta",
];

#[test]
fn every_secret_column_is_marked() {
    for table in TABLES {
        for column in table.columns {
            let named = NAMES.iter().any(|name| column.name.contains(name));
            let setting = SETTINGS.contains(&table.name) && column.name == "value";
            let is_text = matches!(column.kind, ColumnType::Text);
            assert_eq!(column.secret, is_text && (named || setting), "{}.{}", table.name, column.name);
        }
    }
}

/// The templates of a view and of what it shows inside, with the tables that they are about.
fn templates(view: &'static View, depth: u32, all: &mut Vec<(&'static Table, String)>) {
    for field in view.fields {
        let mut about = view.table;
        for step in field.about.split('.').filter(|s| !s.is_empty()) {
            if let Some(ColumnType::Link(target, _)) = about.column(step).map(|c| c.kind) {
                about = target;
            }
        }
        match field.source {
            Source::Column(name) => all.push((view.table, format!("{{{name}}}"))),
            Source::Sql(template) | Source::Filled(template, _) => all.push((about, template.to_owned())),
            Source::Made(from, _) => all.extend(from.iter().map(|t| (about, (*t).to_owned()))),
            Source::Nested(_, inner) | Source::Ancestors(_, inner) if depth < 6 => templates(inner, depth + 1, all),
            Source::Many(many) if depth < 6 => templates(many.view, depth + 1, all),
            _ => {}
        }
    }
}

fn of_resource(resource: &'static Resource) -> Vec<(&'static Table, String)> {
    let mut all = Vec::new();
    templates(resource.view, 0, &mut all);
    templates(resource.row_view(), 0, &mut all);
    let table = resource.view.table;
    let mut own = |template: &str| all.push((table, template.to_owned()));
    for filter in resource.filters {
        match filter.condition {
            Condition::Where(_, sql) | Condition::Link(_, sql) | Condition::Ints(sql) | Condition::AllOf(sql) => {
                own(sql)
            }
            Condition::Flag(a, b) | Condition::LinkOrNull(_, a, b) => [a, b].into_iter().for_each(&mut own),
            Condition::Custom(..) | Condition::Noted(_) => {}
        }
    }
    resource.search.iter().chain(resource.sorts.iter().flat_map(|o| o.by)).for_each(|sql| own(sql));
    all
}

#[test]
fn no_template_reads_a_secret_column() {
    let secrets: Vec<(&str, &str)> =
        TABLES.iter().flat_map(|t| t.columns.iter().filter(|c| c.secret).map(|c| (t.name, c.name))).collect();
    assert!(secrets.len() > 10);
    for resource in &the_registry().resources {
        for (table, template) in of_resource(resource) {
            for (of, column) in &secrets {
                let own = table.name == *of
                    && [format!("{{{column}}}"), format!("{{t}}.\"{column}\"")].iter().any(|t| template.contains(t));
                let linked = template.contains(&format!(".{column}}}"));
                let below = template.contains(of) && template.contains(&format!(".{column}"));
                assert!(!own && !linked && !below, "{}: {template} reads {of}.{column}", resource.path);
            }
        }
    }
}
