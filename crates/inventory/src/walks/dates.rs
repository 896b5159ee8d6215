//! No date or time outside of the years 1 to 9999 is taken anywhere: other programs cannot read them.

use ironwood_rest::http::Method;
use ironwood_rest::registry::Target;
use ironwood_rest::resource::{Condition, Resource};
use ironwood_rest::table::ColumnType;
use ironwood_rest::view::Type;
use serde_json::{Map, Value as Json};

use crate::installation::app::the_registry;
use crate::testing::on_each_server;

const OUTSIDE: &[&str] =
    &["0000-01-01", "-000001-01-01", "10000-01-01", "0001-01-01T00:00:00%2B05:00", "9999-12-31T23:59:59-01:00"];

fn is_moment(kind: Type) -> bool {
    matches!(kind, Type::Of(ColumnType::Date | ColumnType::Time))
}

fn resources(method: Method) -> impl Iterator<Item = &'static Resource> {
    the_registry().operations().into_iter().filter_map(move |(_, operation)| match operation.target {
        Target::List(resource) if operation.method == method => Some(resource),
        _ => None,
    })
}

#[test]
fn no_filter_and_no_field_takes_a_year_before_1_or_after_9999() {
    on_each_server(|server| {
        let admin = server.superuser();
        let (mut filters, mut fields, mut wrong) = (0, 0, Vec::new());
        for resource in resources(Method::Get) {
            for filter in resource.filters {
                let (Condition::Where(kind, _) | Condition::Custom(kind, _) | Condition::Noted(kind)) =
                    filter.condition
                else {
                    continue;
                };
                for text in OUTSIDE.iter().filter(|_| is_moment(kind)) {
                    filters += 1;
                    let address = format!("{}?{}={text}", resource.path, filter.name);
                    // the client of these tests sends queries as they are
                    let (status, answer) = admin.get(&address.replace("%2B", "+"));
                    if status != 400 || answer.get(filter.name).is_none() {
                        wrong.push(format!("{address}: {status}"));
                    }
                }
            }
        }
        for resource in resources(Method::Post) {
            let view = resource.row_view();
            for field in view.fields.iter().filter(|f| f.writable && is_moment(f.wire(view.table))) {
                for text in OUTSIDE {
                    fields += 1;
                    let body = Map::from_iter([(field.name.to_owned(), Json::from(text.replace("%2B", "+")))]);
                    let (status, answer) = admin.post(resource.path, Json::Object(body));
                    if status != 400 || answer.get(field.name).is_none() {
                        wrong.push(format!("POST {} {}: {text}: {status} {answer}", resource.path, field.name));
                    }
                }
            }
        }
        assert!(filters > 100 && fields > 50, "{filters} filters and {fields} fields were tried");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
