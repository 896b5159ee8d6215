//! Whatever is asked of a list, however much of it: the statement stays within what both databases take.

use std::time::Instant;

use ironwood_rest::http::Method;
use ironwood_rest::registry::Target;
use ironwood_rest::resource::Resource;

use crate::installation::app::the_registry;
use crate::testing::{Dice, on_each_server};

/// More of everything than a list needs.
fn excesses(resource: &Resource, dice: &mut Dice) -> Vec<String> {
    let many = |one: &str, times: usize| vec![one; times].join(",");
    let own: Vec<&str> = resource.sorts.iter().map(|order| order.name).collect();
    let mut all = vec![
        format!("ordering={}", many("name,-name,id", 2_000)),
        format!("ordering={}", own.join(",")),
        format!("ordering={}", many(dice.pick(&own).copied().unwrap_or("x"), 5_000)),
        format!("search={}", "a ".repeat(200)),
        format!("search={}", "a,".repeat(30_000)),
        format!("search={}&search_regex=true", "(x+x+)+y ".repeat(20)),
        format!("search={}&search_whole=true", "word ".repeat(60)),
        format!("limit={}&offset={}", "9".repeat(400), "9".repeat(400)),
        (0..3_000).map(|i| format!("parameter_{i}_gte=1")).collect::<Vec<_>>().join("&"),
    ];
    for filter in resource.filters {
        let value = match dice.below(4) {
            0 => many("1", 40_000),
            1 => many(&dice.below(1_000).to_string(), 300),
            2 => "x".repeat(50_000),
            _ => many("a", 5_000),
        };
        all.push(format!("{}={value}", filter.name));
    }
    // every filter that there is, at once
    let everything: Vec<String> = resource.filters.iter().map(|filter| format!("{}=1", filter.name)).collect();
    all.push(everything.join("&"));
    all
}

#[test]
fn no_list_is_asked_for_more_than_a_statement_holds() {
    on_each_server(|server| {
        let admin = server.superuser();
        let mut dice = Dice(8);
        let mut wrong = Vec::new();
        for (path, operation) in the_registry().operations() {
            let Target::List(resource) = operation.target else { continue };
            if operation.method != Method::Get {
                continue;
            }
            for question in excesses(resource, &mut dice) {
                let began = Instant::now();
                let status =
                    admin.app_status(Method::Get, &format!("{path}?{question}"), ironwood_rest::http::Body::Empty);
                if status >= 500 || began.elapsed().as_secs() > 5 {
                    wrong.push(format!("{path}?{question:.60}: {status} after {:?}", began.elapsed()));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}
