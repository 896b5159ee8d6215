//! Build orders: large ones.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};

use crate::harness::{Bench, Failed, Requests, Scenario, get, post};

pub(crate) static SCENARIOS: &[Scenario] = &[
    Scenario::writes("build: auto-allocate 272 of 70 lines", auto_allocate, None).undone(unallocate),
    Scenario::writes("build: complete 10 outputs of 200 lines", complete, None),
    Scenario::reads("build: list of 100 lines with all columns", lines, None),
];

/// Outputs that are prepared, to be completed ten at a time.
const OUTPUTS: usize = 12_000;
/// Outputs of one request.
const AT_ONCE: usize = 10;

fn key(row: &Json) -> Result<i64, Failed> {
    row["pk"].as_i64().ok_or_else(|| format!("no key: {row}").into())
}

fn made(bench: &Bench, path: &str, body: Json) -> Result<i64, Failed> {
    let answer = bench.ask(&post(path, body))?;
    key(answer.get(0).unwrap_or(&answer))
}

/// A build order of a new assembly with so many lines, each of a part of its own with some stock items of one
/// piece; `wanted` says how many pieces the line with that number takes.
fn order(bench: &Bench, lines: usize, lots: usize, wanted: impl Fn(usize) -> usize) -> Result<(i64, i64), Failed> {
    let name = bench.next();
    let place = made(bench, "/api/stock/location/", json!({"name": format!("Bench {name}")}))?;
    let part = |part: String, assembly: bool| {
        let body = json!({"name": part, "description": "for benchmarks", "assembly": assembly, "component": !assembly});
        made(bench, "/api/part/", body)
    };
    let assembly = part(format!("Assembly {name}"), true)?;
    for line in 0..lines {
        let component = part(format!("Component {name}/{line}"), false)?;
        let body = json!({"part": assembly, "sub_part": component, "quantity": wanted(line)});
        bench.ask(&post("/api/bom/", body))?;
        for _ in 0..lots {
            bench.ask(&post("/api/stock/", json!({"part": component, "quantity": 1, "location": place})))?;
        }
    }
    let build = made(bench, "/api/build/", json!({"part": assembly, "quantity": 1, "title": "bench"}))?;
    Ok((build, place))
}

/// The order that is there already, or a new one: 70 lines that take 272 stock items.
fn seventy(bench: &Bench) -> Result<i64, Failed> {
    let known = bench.ask(&get("/api/build/?search=seventy&limit=1"))?;
    if let Some(build) = known["results"][0]["pk"].as_i64() {
        return Ok(build);
    }
    let (build, _) = order(bench, 70, 4, |line| if line < 62 { 4 } else { 3 })?;
    bench.patch(&format!("/api/build/{build}/"), json!({"title": "seventy"}))?;
    Ok(build)
}

fn auto_allocate(bench: &Bench) -> Result<Requests, Failed> {
    let path = format!("/api/build/{}/auto-allocate/", seventy(bench)?);
    Ok(Box::new(move |_| post(path.clone(), json!({"interchangeable": true}))))
}

fn unallocate(bench: &Bench) -> Result<Requests, Failed> {
    let path = format!("/api/build/{}/unallocate/", seventy(bench)?);
    Ok(Box::new(move |_| post(path.clone(), json!({}))))
}

fn complete(bench: &Bench) -> Result<Requests, Failed> {
    let (build, place) = order(bench, 200, 0, |_| 2)?;
    let create = format!("/api/build/{build}/create-output/");
    let mut outputs = Vec::with_capacity(OUTPUTS);
    while outputs.len() < OUTPUTS {
        let first = outputs.len() + 1;
        let serials = format!("{first}-{}", first + 499);
        let rows = bench.ask(&post(create.clone(), json!({"quantity": 500, "serial_numbers": serials})))?;
        for row in rows.as_array().into_iter().flatten() {
            outputs.push(key(row)?);
        }
    }
    let next = AtomicUsize::new(0);
    let path = format!("/api/build/{build}/complete/");
    Ok(Box::new(move |_| {
        let at = next.fetch_add(AT_ONCE, Ordering::Relaxed) % OUTPUTS;
        let rows: Vec<Json> = outputs.iter().skip(at).take(AT_ONCE).map(|o| json!({"output": o})).collect();
        post(path.clone(), json!({"outputs": rows, "location": place}))
    }))
}

fn lines(bench: &Bench) -> Result<Requests, Failed> {
    let (build, _) = order(bench, 100, 2, |_| 2)?;
    bench.ask(&post(format!("/api/build/{build}/auto-allocate/"), json!({"interchangeable": true})))?;
    let path = format!(
        "/api/build/line/?build={build}&limit=100&part_detail=true&assembly_detail=true&bom_item_detail=true\
         &build_detail=true&allocations=true"
    );
    Ok(Box::new(move |_| get(path.clone())))
}
