//! Searches find the same rows, whichever way the database takes to them.

use ironwood_rest::http::Method;
use ironwood_rest::registry::Target;

use crate::app::the_registry;
use crate::testing::{Client, on_each_server};

fn found(client: &Client, address: &str) -> Option<Vec<i64>> {
    let (status, rows) = client.get(address);
    let rows = rows.as_array().filter(|_| status == 200)?;
    let mut keys: Vec<i64> = rows.iter().filter_map(|row| row["pk"].as_i64()).collect();
    keys.sort_unstable();
    Some(keys)
}

/// A regular expression that is a plain text looks at each row with its linked rows; the text itself may be
/// looked for in the linked rows first.
#[test]
fn a_text_is_found_in_linked_rows_as_in_the_row_itself() {
    on_each_server(|server| {
        server.fill_with_demo();
        let admin = server.superuser();
        let (mut wrong, mut told) = (Vec::new(), 0);
        for (path, operation) in the_registry().operations() {
            let Target::List(resource) = operation.target else { continue };
            if operation.method != Method::Get || !resource.search.iter().any(|field| field.contains('.')) {
                continue;
            }
            for term in ["a", "re", "10", "ing", "er,a"] {
                let plain = found(&admin, &format!("{path}?search={term}"));
                let joined = found(&admin, &format!("{path}?search={term}&search_regex=true"));
                if plain != joined {
                    wrong.push(format!("{path} {term}: {plain:?}, not {joined:?}"));
                }
                told += plain.map_or(0, |keys| keys.len());
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(told > 500, "only {told} rows were found at all");
    });
}
