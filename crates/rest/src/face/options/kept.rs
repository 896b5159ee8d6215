//! Answers to OPTIONS that are kept: built once for each address, query, and set of rights, for as long as nothing of it
//! is changed. What differs each time, such as the moment, has a mark in its place.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

use ironwood_base::{Result, clock};
use ironwood_store::{Kept, Stamp};
use serde_json::Value as Json;

use crate::context::Context;
use crate::operations::Operation;

/// Answers that are kept; a long one has 50 kB.
const MOST: usize = 100;
/// Longest query of an answer that is kept.
const LONGEST_QUERY: usize = 200;

/// Address, query, and rights.
type Key = (usize, String, Vec<u8>);

static KEPT: LazyLock<Kept<Key, Answer>> = LazyLock::new(|| Kept::new(MOST));
/// Begins each mark: nobody can write it into a text.
static MARK: LazyLock<String> = LazyLock::new(|| format!("mark-{:016x}-", RandomState::new().build_hasher().finish()));

/// What differs each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Varying {
    Now,
    Today,
    Caller,
    /// The value that a list suggests.
    Suggested(&'static str),
}

impl Varying {
    /// What stands for it.
    pub(super) fn mark(self) -> String {
        let mark = &*MARK;
        match self {
            Varying::Now => format!("{mark}now"),
            Varying::Today => format!("{mark}today"),
            Varying::Caller => format!("{mark}caller"),
            Varying::Suggested(list) => format!("{mark}list-{list}"),
        }
    }
}

/// An answer as text around what varies.
#[derive(Debug)]
pub(super) struct Answer {
    pieces: Vec<(Vec<u8>, Varying)>,
    end: Vec<u8>,
}

impl Answer {
    /// Divides a text at its marks.
    pub(super) fn new(text: &str, varying: &[Varying]) -> Self {
        let (mut rest, mut pieces) = (text, Vec::new());
        let start = format!("\"{}", *MARK);
        while let Some(at) = rest.find(&start) {
            let behind = &rest[at + 1..];
            let length = behind.find('"').unwrap_or(behind.len());
            let Some(which) = varying.iter().find(|varying| varying.mark() == behind[..length]) else { break };
            pieces.push((rest.as_bytes()[..at].to_vec(), *which));
            rest = &behind[(length + 1).min(behind.len())..];
        }
        Answer { pieces, end: rest.as_bytes().to_vec() }
    }

    /// The answer as it is now. `None` where a list suggests nothing any more.
    pub(super) fn fill(&self, ctx: &mut Context<'_>, known: &HashMap<&'static str, Json>) -> Result<Option<Vec<u8>>> {
        let size: usize = self.pieces.iter().map(|(text, _)| text.len() + 40).sum();
        let mut out = Vec::with_capacity(size + self.end.len());
        let mut suggested: HashMap<&'static str, Json> = HashMap::new();
        for (text, varying) in &self.pieces {
            out.extend_from_slice(text);
            let value = match varying {
                Varying::Now => clock::now().into(),
                Varying::Today => clock::today().into(),
                Varying::Caller => ctx.caller.id().into(),
                Varying::Suggested(list) => match known.get(list).or_else(|| suggested.get(list)) {
                    Some(value) => value.clone(),
                    None => {
                        let Some(value) = super::suggestion(ctx, list)? else { return Ok(None) };
                        suggested.insert(list, value.clone());
                        value
                    }
                },
            };
            out.extend_from_slice(value.to_string().as_bytes());
        }
        out.extend_from_slice(&self.end);
        Ok(Some(out))
    }
}

/// Under what the answer to a request is kept, if it may be.
pub(super) fn key(ctx: &mut Context<'_>, operations: &[Operation]) -> Result<Option<(Key, Stamp)>> {
    let (Some(counters), Some(rights)) = (ctx.domain.counters_of_options(), ctx.caller.rights()) else {
        return Ok(None);
    };
    let query = &ctx.request.raw_query;
    if query.len() > LONGEST_QUERY {
        return Ok(None);
    }
    let stamp = ctx.conn.stamp(counters)?;
    Ok(stamp.map(|stamp| ((operations.as_ptr() as usize, query.clone(), rights), stamp)))
}

/// An answer that was kept.
pub(super) fn find(key: &(Key, Stamp)) -> Option<std::sync::Arc<Answer>> {
    KEPT.get(&key.0, &key.1)
}

/// Keeps an answer.
pub(super) fn keep((key, stamp): (Key, Stamp), answer: Answer) {
    KEPT.put(key, stamp, std::sync::Arc::new(answer));
}
