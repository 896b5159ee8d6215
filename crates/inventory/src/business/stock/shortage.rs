//! The result of an automatic allocation: allocated quantities, and reasons for shortages.

use std::collections::HashMap;

use ironwood_base::{Quantity, Result};
use ironwood_rest::context::Context;
use ironwood_rest::http::Answer;
use ironwood_rest::selected;
use ironwood_rest::view::{BOOL, INT, QUANTITY, TEXT, Type, View, value};
use ironwood_store::{Connection, sql};
use serde_json::{Value as Json, json};

use super::available::{IN_STOCK, SET_ASIDE};
use super::history;
use crate::platform::system::job;
use crate::schema::keys::{AnyKey, PartKey};

static LINE: View = View::plain(
    "AutoAllocationLine",
    &[
        value("line", INT).help("Line."),
        value("part", INT).nullable().help("Part of the line."),
        value("open", QUANTITY).help("Quantity that was not allocated before."),
        value("allocated", QUANTITY).help("Quantity allocated."),
        value("reason", TEXT).nullable().help("Reason for the shortage."),
    ],
);

/// The answer of an action that allocates automatically.
pub(crate) static VIEW: View = View::plain(
    "AutoAllocation",
    &[
        value("task_id", TEXT),
        value("exists", BOOL),
        value("pending", BOOL),
        value("complete", BOOL),
        value("success", BOOL),
        value("http_status", INT),
        value("open", QUANTITY).help("Total quantity that was not allocated before."),
        value("allocated", QUANTITY).help("Quantity allocated."),
        value("lines", Type::List(&LINE)).help("Details for each open line."),
    ],
);

/// A line of which something was not allocated.
#[derive(Debug, Clone)]
pub(crate) struct OpenLine {
    pub line: AnyKey,
    pub part: PartKey,
    /// Parts whose stock it may take.
    pub parts: Vec<PartKey>,
    pub open: Quantity,
    pub allocated: Quantity,
    /// Why it was passed over, where that is not for lack of stock.
    pub passed_over: Option<&'static str>,
}

selected! {
    /// The stock of a part.
    struct PartStock {
        part: PartKey = "s.part",
        quantity: Quantity = "CAST(SUM(s.quantity) AS BIGINT)",
        free: Quantity = sql!("CAST(SUM(GREATEST(s.quantity - ", SET_ASIDE, ", 0)) AS BIGINT)"),
    }
}

/// Stock of parts before anything of it was allocated: what is there, and what of it is free.
#[derive(Debug, Default)]
pub(crate) struct Supply(HashMap<PartKey, (Quantity, Quantity)>);

impl Supply {
    /// Reads the stock of parts for which lines fell short; `taken` is what was allocated of each part meanwhile.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn load(conn: &mut Connection, lines: &[OpenLine], taken: &HashMap<PartKey, Quantity>) -> Result<Self> {
        let short = lines.iter().filter(|line| line.allocated < line.open && line.passed_over.is_none());
        let mut keys: Vec<PartKey> = short.flat_map(|line| line.parts.iter().copied()).collect();
        keys.sort_unstable();
        keys.dedup();
        let from = sql!("FROM stock_stockitem s WHERE s.part IN ({keys}) AND ", IN_STOCK, " GROUP BY s.part");
        let found = selected::among::<PartStock>(conn, from, &keys)?.into_iter().map(|there| {
            let free = there.free.saturating_add(taken.get(&there.part).copied().unwrap_or_default());
            (there.part, (there.quantity, free))
        });
        Ok(Supply(found.collect()))
    }

    fn reason(&self, line: &OpenLine) -> Option<String> {
        if line.allocated >= line.open {
            return None;
        }
        if let Some(why) = line.passed_over {
            return Some(why.to_owned());
        }
        let sum = line
            .parts
            .iter()
            .filter_map(|part| self.0.get(part))
            .fold((Quantity::ZERO, Quantity::ZERO), |sum, there| {
                (sum.0.saturating_add(there.0), sum.1.saturating_add(there.1))
            });
        Some(match sum {
            (Quantity::ZERO, _) => "No matching stock is available.".to_owned(),
            (_, Quantity::ZERO) => "All matching stock is already allocated.".to_owned(),
            (_, free) if free <= line.allocated => "Not enough stock is available.".to_owned(),
            (_, free) => format!(
                "{} are available, but other lines, locations, serial numbers, or expiry dates leave no more for this \
                line.",
                history::quantity(free)
            ),
        })
    }
}

/// The answer: a finished job, with what came of each line.
///
/// # Errors
/// Those of the database.
pub(crate) fn answer(
    ctx: &mut Context<'_>,
    kind: &str,
    payload: &Json,
    lines: &[OpenLine],
    supply: &Supply,
) -> Result<Answer> {
    let sum = |each: fn(&OpenLine) -> Quantity| history::quantity(lines.iter().map(each).sum());
    let rows: Vec<Json> = lines
        .iter()
        .map(|line| {
            json!({
                "line": line.line, "part": line.part, "open": history::quantity(line.open),
                "allocated": history::quantity(line.allocated), "reason": supply.reason(line),
            })
        })
        .collect();
    let mut body = job::note_done(ctx, kind, payload)?;
    body["open"] = sum(|line| line.open);
    body["allocated"] = sum(|line| line.allocated);
    body["lines"] = rows.into();
    Ok(Answer::json(200, &body))
}
