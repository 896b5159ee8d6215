//! Label and report templates.

use std::collections::HashMap;

use ironwood_base::error::Fields;
use ironwood_base::{Error, Result, clock};
use ironwood_rest::change::Change;
use ironwood_rest::context::Context;
use ironwood_rest::query::Query;
use ironwood_rest::resource::{Access, Condition, Filter, NO_RULES, Resource, Rules, filter, flag_filter, sort};
use ironwood_rest::seen;
use ironwood_rest::selected;
use ironwood_rest::view::{BOOL, Field, TEXT, View, col, filled, nested, pk};
use ironwood_store::{Connection, Value, fragment};

use super::document::table_of;
use super::filters::{self, Filters};
use super::render;
use super::upload;
use crate::platform::common::choices::{PAGE_SIZE, PAGE_SIZES};
use crate::platform::users::view::BRIEF as USER_VIEW;
use crate::schema::record_type::WITH_DOCUMENTS;
use crate::schema::report::{LABEL, REPORT};

const COMMON: [Field; 14] = [
    pk(),
    col("name").help("Name of the template."),
    col("description").required().help("Description."),
    col("model_type").choices(WITH_DOCUMENTS).help("Type of records that the template is for."),
    col("template").help("Template file (HTML)."),
    col("filters")
        .help("Conditions that records must meet, such as `part__category=5, status__in=[10,50]`. Empty: all records."),
    filled("filters_usable", BOOL, "{model_type} || ':' || {filters}", usable)
        .help("Whether the filters are valid. A template with invalid filters is not offered for any record."),
    col("filename_pattern").help("File name of the output. May contain template tags."),
    col("enabled").help("Whether the template is enabled."),
    col("revision").read_only().help("Revision number, increased with each change."),
    col("attach_to_model").label("Attach to Model on Print").help("Attach the output to the record."),
    col("updated").help("When the template was last changed."),
    col("updated_by").label("Update By").help("User who last changed the template."),
    nested("updated_by_detail", "updated_by", &USER_VIEW).always(),
];

const fn with<const N: usize, const ALL: usize>(own: [Field; N]) -> [Field; ALL] {
    let mut all = [COMMON[0]; ALL];
    let mut i = 0;
    while i < ALL {
        all[i] = if i < COMMON.len() { COMMON[i] } else { own[i - COMMON.len()] };
        i += 1;
    }
    all
}

static LABEL_VIEW: View = View::new(
    "LabelTemplate",
    &LABEL,
    &with::<2, 16>([
        col("width").label("Width [mm]").help("Width in millimeters."),
        col("height").label("Height [mm]").help("Height in millimeters."),
    ]),
);

static REPORT_VIEW: View = View::new(
    "ReportTemplate",
    &REPORT,
    &with::<3, 17>([
        col("page_size").optional().choices(PAGE_SIZES).chosen_from(PAGE_SIZE).help("Page size."),
        col("landscape").help("Use landscape orientation."),
        col("merge").help("Print several records in one report."),
    ]),
);

const ENABLED: Filter = flag_filter("enabled", "{enabled}", "NOT {enabled}").help("Only enabled templates.");
const OF_KIND: Filter =
    filter("model_type", Condition::Custom(TEXT, of_kind)).help("Templates for this type of record.");
const OF_ITEMS: Filter = filter("items", Condition::Noted(TEXT))
    .help("With `model_type`: only templates that match all of these records (IDs separated by commas).");

/// Templates of labels.
pub(crate) static LABELS: Resource = Resource::new("/api/label/template/", "label_template", &LABEL_VIEW)
    .access(Access::StaffWrites)
    .filters(&[ENABLED, OF_KIND, OF_ITEMS])
    .search(&["{name}", "{description}"])
    .sorts(&[
        sort("name", &["{name}"]),
        sort("enabled", &["{enabled}"]),
        sort("width", &["{width}"]),
        sort("height", &["{height}"]),
    ])
    .open_params(for_items)
    .rules(Rules { check, ..NO_RULES })
    .help("Label templates.");

/// Templates of reports.
pub(crate) static REPORTS: Resource = Resource::new("/api/report/template/", "report_template", &REPORT_VIEW)
    .access(Access::StaffWrites)
    .filters(&[
        ENABLED,
        OF_KIND,
        OF_ITEMS,
        flag_filter("landscape", "{landscape}", "NOT {landscape}"),
        flag_filter("merge", "{merge}", "NOT {merge}"),
        flag_filter("attach_to_model", "{attach_to_model}", "NOT {attach_to_model}"),
    ])
    .search(&["{name}", "{description}"])
    .sorts(&[sort("name", &["{name}"]), sort("enabled", &["{enabled}"])])
    .open_params(for_items)
    .rules(Rules { check, ..NO_RULES })
    .help("Report templates.");

fn of_kind(query: &mut Query<'_>, kind: &str) -> Result<()> {
    if table_of(kind).is_none() {
        return Err(Error::field("model_type", "Labels and reports are not available for this type of record."));
    }
    query.and_value("{model_type} = {value}", kind);
    Ok(())
}

selected! {
    /// A template that is for some records only.
    struct Filtered {
        id: i64 = "id",
        filters: String = "filters",
    }
}

/// Leaves out templates that are not meant for every record of `items` that there is, as far as the caller may know
/// that: those whose filters are broken, or look at records that the caller may not view, are not offered.
fn for_items(conn: &mut Connection, query: &mut Query<'_>) -> Result<()> {
    let request = query.request;
    let Some(table) = request.param("model_type").and_then(table_of) else { return Ok(()) };
    let Some(items) = request.param("items").filter(|text| !text.trim().is_empty()) else { return Ok(()) };
    let keys: Option<Vec<i64>> = items.split(',').take(MOST_ITEMS + 1).map(|key| key.trim().parse().ok()).collect();
    let keys = keys.filter(|keys| keys.len() <= MOST_ITEMS);
    let keys = keys.ok_or_else(|| Error::field("items", format!("Use 1 to {MOST_ITEMS} IDs, separated by commas.")))?;
    let Some(registry) = query.registry.filter(|_| query.sees(table)) else {
        return Err(Error::Denied("You need permission to view these records.".into()));
    };
    let kind = request.param("model_type").unwrap_or_default();
    let from = fragment!("FROM {} WHERE model_type = $1 AND filters <> ''", query.table.name);
    let templates: Vec<Filtered> = selected::all(conn, &from, &[kind.into()])?;
    let records = || {
        let mut records = Query::new(query.backend, request, query.caller, table);
        records.and(registry.list_of(table).map_or("", |resource| resource.scope));
        seen::restrict(&mut records, query.caller);
        records
    };
    let all = filters::count(conn, records(), &Filters::default(), &keys)?;
    let mut unfit = Vec::new();
    for Filtered { id, filters: text } in templates {
        let fits = match Filters::parse(&text, table, registry) {
            Ok(filters) if filters.is_for(query.caller) => filters::count(conn, records(), &filters, &keys)? == all,
            _ => false,
        };
        if !fits {
            unfit.push(id);
        }
    }
    if !unfit.is_empty() {
        let placeholder = query.bind(Value::keys(&unfit));
        query.and(&fragment!("{{id}} NOT IN ({})", query.backend.keys(&placeholder)));
    }
    Ok(())
}

/// Whether the filters of templates can be used, by kind and filters.
fn usable(ctx: &mut Context<'_>, all: &[&str]) -> Result<HashMap<String, Vec<u8>>> {
    let is_usable =
        |kind: &str, text: &str| table_of(kind).is_some_and(|table| Filters::parse(text, table, ctx.registry).is_ok());
    let shown = |of: &&str| {
        let (kind, text) = of.split_once(':').unwrap_or((of, ""));
        ((*of).to_owned(), is_usable(kind, text).to_string().into_bytes())
    };
    Ok(all.iter().map(shown).collect())
}

/// Most records that templates are looked up for.
const MOST_ITEMS: usize = 1_000;

fn check(ctx: &mut Context<'_>, change: &mut Change) -> Result<()> {
    let mut faults = Fields::new();
    let table = table_of(change.text("model_type"));
    if let Some(table) = table
        && (change.is_changed("filters") || change.is_changed("model_type"))
    {
        match Filters::parse(change.text("filters"), table, ctx.registry) {
            Err(why) => faults.add("filters", why),
            Ok(filters) if !filters.is_for(ctx.caller) => {
                faults.add("filters", "You need permission to view the records that these filters use.");
            }
            Ok(_) => {}
        }
    }
    if change.is_changed("filename_pattern")
        && let Err(why) = render::check_syntax("filename pattern", change.text("filename_pattern"))
    {
        faults.add("filename_pattern", why.to_string());
    }
    faults.check()?;
    upload::check(ctx, change, "template", upload::HTML)?;
    upload::check_syntax(change, "template")?;
    change.set("revision", change.int("revision").unwrap_or(1) + 1);
    change.set("updated", clock::now());
    change.set("updated_by", ctx.caller.id());
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::platform::users::permission::{Permission, Ruleset};
    use crate::services::report::upload::tests::{html, sent};
    use crate::testing::on_each_server;

    #[test]
    fn templates_are_kept_by_staff() {
        on_each_server(|server| {
            let admin = server.superuser();
            let fields = [("name", "Bag"), ("description", "For bags"), ("model_type", "part")];
            let (status, made) =
                sent(&admin, "/api/label/template/", &fields, Some(html("template", "bag.html", "<p>1</p>")));
            assert_eq!(status, 201, "{made}");
            assert_eq!(made["template"], "/media/report/label/bag.html");
            assert_eq!((&made["revision"], &made["updated_by"]), (&json!(2), &json!(admin.user)));
            assert_eq!((&made["width"], &made["height"]), (&json!(50.0), &json!(20.0)));
            let clerk = server.user("clerk", &[(Ruleset::Part, &[Permission::View])]);
            assert_eq!(clerk.read("/api/label/template/")[0]["name"], "Bag");
            let row = format!("/api/label/template/{}/", made["pk"]);
            assert_eq!(clerk.patch(&row, json!({"name": "Box"})).0, 403);
            assert_eq!(clerk.delete(&row).0, 403);
            let (_, changed) = admin.patch(&row, json!({"enabled": false, "revision": 99}));
            assert_eq!((&changed["revision"], &changed["enabled"]), (&json!(3), &json!(false)));

            // the same name for another kind is fine, twice for one kind is not; nor is the file's name
            let (status, body) = sent(&admin, "/api/label/template/", &fields, Some(html("template", "x.html", "")));
            assert_eq!(status, 400, "{body}");
            let other = [("name", "Bag"), ("description", "For bags"), ("model_type", "stockitem")];
            let (status, body) = sent(&admin, "/api/label/template/", &other, Some(html("template", "bag.html", "")));
            assert!(status == 400 && body.get("template").is_some(), "{body}");
            let (status, body) = sent(&admin, "/api/label/template/", &other, Some(html("template", "bag.exe", "")));
            assert!(status == 400 && body.get("template").is_some(), "{body}");
            let (status, body) = sent(&admin, "/api/label/template/", &other, None);
            assert!(status == 400 && body.get("template").is_some(), "{body}");
        });
    }

    #[test]
    fn templates_are_offered_for_records_that_they_are_meant_for() {
        on_each_server(|server| {
            let admin = server.superuser();
            let part = |name: &str, ipn: &str| {
                admin.made("/api/part/", json!({"name": name, "description": name, "IPN": ipn, "active": true}))
            };
            let (resistor, screw) = (part("Resistor", "R-1"), part("Screw", "S-1"));
            let make = |name: &str, filters: &str| {
                let fields = [
                    ("name", name),
                    ("description", name),
                    ("model_type", "part"),
                    ("filters", filters),
                    ("page_size", "A3"),
                ];
                let file = html("template", &format!("{name}.html"), "");
                sent(&admin, "/api/report/template/", &fields, Some(file))
            };
            for (name, filters) in [
                ("any", ""),
                ("resistors", "IPN__startswith=R-"),
                ("active", "active=true, IPN__in=[\"R-1\", \"S-1\"]"),
                ("lower", "name__icontains=REW"),
                ("none", "category__name=Nothing"),
                ("odd", "name__contains=%"),
            ] {
                let (status, body) = make(name, filters);
                assert_eq!(status, 201, "{body}");
            }
            let offered = |items: &str| {
                let rows = admin.read(&format!("/api/report/template/?model_type=part&items={items}"));
                let mut names: Vec<String> =
                    rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect();
                names.sort();
                names.join(" ")
            };
            assert_eq!(offered(&resistor.to_string()), "active any resistors");
            assert_eq!(offered(&screw.to_string()), "active any lower");
            assert_eq!(offered(&format!("{resistor},{screw}")), "active any");
            assert_eq!(admin.get("/api/report/template/?model_type=part&items=x").0, 400);
            assert_eq!(admin.get("/api/report/template/?model_type=user").0, 400);
            for wrong in ["nothing=1", "IPN", "password__x=1", "active=perhaps"] {
                let (status, body) = make("wrong", wrong);
                assert!(status == 400 && body.get("filters").is_some(), "{wrong}: {status} {body}");
            }
        });
    }

    /// Makes a template for parts past the rules, as an older server may have left it.
    fn planted(server: &crate::testing::Server, name: &'static str, filters: &'static str) {
        server.write(move |conn| {
            let sql = "INSERT INTO report_reporttemplate (name, description, model_type, template, filters, \
                 filename_pattern, enabled, revision, attach_to_model, updated, page_size, landscape, merge) \
                 VALUES ($1, '', 'part', $1, $2, '', TRUE, 1, FALSE, NULL, 'A4', FALSE, FALSE)";
            conn.execute(sql, &[name.into(), filters.into()])
        });
    }

    #[test]
    fn filters_tell_nothing_that_the_caller_may_not_view() {
        on_each_server(|server| {
            let admin = server.superuser();
            let category = admin.made("/api/part/category/", json!({"name": "Secret plans"}));
            let part = admin.made("/api/part/", json!({"name": "P", "category": category, "IPN": "1"}));
            let clerk = server.user("clerk", &[(Ruleset::Part, &[Permission::View])]);
            let nobody = server.user("nobody", &[]);
            let list = format!("/api/report/template/?model_type=part&items={part}");
            let names = |client: &crate::testing::Client| -> Vec<String> {
                let rows = client.read(&list);
                rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
            };
            for (name, filters) in [
                ("hash", "creation_user__password__startswith=!"),
                ("mail", "creation_user__email__contains="),
                ("broken", "nothing=1"),
                ("far", "category__name__startswith=Secret"),
                ("unset", "revision_of__isnull=true"),
                ("own", "creation_user__username=root"),
            ] {
                planted(server, name, filters);
            }
            assert_eq!(names(&admin), ["far", "unset", "own"]);
            assert_eq!(names(&clerk), ["unset", "own"], "a category that the clerk may not view");
            assert_eq!(nobody.get(&list).0, 403);
            assert_eq!(nobody.get("/api/report/template/?model_type=part").0, 200);
            for row in admin.read("/api/report/template/").as_array().unwrap() {
                let usable = !["hash", "mail", "broken"].contains(&row["name"].as_str().unwrap());
                assert_eq!(row["filters_usable"], usable, "{row}");
            }
            // who may not view what a filter looks at may not write it either
            let staff = server.user("staff", &[(Ruleset::Part, &[Permission::View])]);
            let user = staff.user;
            server.write(move |c| c.execute("UPDATE auth_user SET is_staff = TRUE WHERE id = $1", &[user.into()]));
            let fields = |filters: &'static str| {
                [("name", filters), ("description", "x"), ("model_type", "part"), ("filters", filters)]
            };
            for (filters, expected) in [
                ("creation_user__password__startswith=a", 400),
                ("creation_user__email=a", 400),
                ("category__name=x", 400),
                ("name__isnull=true", 201),
                ("IPN=1", 201),
            ] {
                let file = html("template", &format!("{}.html", &filters[..4]), "");
                let (status, answer) = sent(&staff, "/api/report/template/", &fields(filters), Some(file));
                assert_eq!(status, expected, "{filters}: {answer}");
            }
            assert!(names(&staff).contains(&"IPN=1".to_owned()));
        });
    }
}
