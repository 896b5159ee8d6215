//! Price dependencies: assemblies on their components, templates on their variants.

use std::collections::{HashMap, HashSet};

use ironwood_base::Result;
use ironwood_store::Connection;

use super::sources::{self, Line, Part};
use crate::platform::settings::Settings;
use crate::platform::settings::keys;
use crate::schema::keys::PartKey;

/// Parts, and everything below them. Where records that came from elsewhere have a part inside itself, the
/// lines (and variants) by which it gets there are left out: no price depends on itself, whichever part one
/// begins with.
#[derive(Debug, Default)]
pub(super) struct Graph {
    lines: HashMap<PartKey, Vec<Line>>,
    variants: HashMap<PartKey, Vec<PartKey>>,
    sorted: Vec<PartKey>,
}

impl Graph {
    /// Reads these parts and all below them, however deep: five statements for each level.
    pub(super) fn load(conn: &mut Connection, settings: &Settings, roots: &[PartKey]) -> Result<Self> {
        let only_active = settings.bool(keys::PRICING_ACTIVE_VARIANTS);
        let mut known: HashMap<PartKey, Part> = sources::parts(conn, roots)?;
        let mut graph = Graph::default();
        let mut all: Vec<PartKey> = known.keys().copied().collect();
        all.sort_unstable();
        let mut seen: HashSet<PartKey> = all.iter().copied().collect();
        let mut level = all.clone();
        while !level.is_empty() {
            let of = |wanted: fn(&Part) -> bool| -> Vec<PartKey> {
                level.iter().copied().filter(|id| known.get(id).is_some_and(wanted)).collect()
            };
            let (assemblies, templates) = (of(|part| part.assembly), of(|part| part.is_template));
            let lines = sources::lines(conn, &assemblies, &mut known)?;
            let mut next: Vec<PartKey> = lines.values().flatten().flat_map(|line| line.candidates.clone()).collect();
            graph.lines.extend(lines);
            for (id, below) in sources::descendants(conn, &templates)? {
                let variants: Vec<PartKey> = below.iter().filter(|p| p.active || !only_active).map(|p| p.id).collect();
                next.extend(&variants);
                graph.variants.insert(id, variants);
                known.extend(below.into_iter().map(|part| (part.id, part)));
            }
            next.retain(|id| seen.insert(*id));
            next.sort_unstable();
            all.extend(&next);
            level = next;
        }
        graph.sort(&all);
        Ok(graph)
    }

    /// All parts, each after those that its price depends on.
    pub(super) fn sorted(&self) -> &[PartKey] {
        &self.sorted
    }

    /// The lines that a part is made from.
    pub(super) fn lines(&self, id: PartKey) -> &[Line] {
        self.lines.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The variants that the price of a template depends on.
    pub(super) fn variants(&self, id: PartKey) -> &[PartKey] {
        self.variants.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The parts that the part's price depends on.
    pub(super) fn below(&self, id: PartKey) -> impl Iterator<Item = PartKey> {
        let lines = self.lines(id).iter().flat_map(|line| line.candidates.iter().copied());
        lines.chain(self.variants(id).iter().copied())
    }

    /// Sorts the parts from the bottom up, and cuts circles: Tarjan's strongly connected components, which come
    /// out with what is below first.
    fn sort(&mut self, all: &[PartKey]) {
        /// A part on the way down, and which of those below it comes next.
        struct Step {
            id: PartKey,
            below: Vec<PartKey>,
            next: usize,
        }
        let mut found: HashMap<PartKey, usize> = HashMap::with_capacity(all.len());
        let mut lowest: HashMap<PartKey, usize> = HashMap::with_capacity(all.len());
        let mut group: HashMap<PartKey, usize> = HashMap::with_capacity(all.len());
        let (mut open, mut circles) = (Vec::new(), HashSet::new());
        for root in all {
            if found.contains_key(root) {
                continue;
            }
            let mut way: Vec<Step> = Vec::new();
            let mut enter = Some(*root);
            loop {
                if let Some(id) = enter.take() {
                    let number = found.len();
                    found.insert(id, number);
                    lowest.insert(id, number);
                    open.push(id);
                    way.push(Step { id, below: self.below(id).collect(), next: 0 });
                }
                let Some(step) = way.last_mut() else { break };
                let id = step.id;
                if let Some(below) = step.below.get(step.next).copied() {
                    step.next += 1;
                    match found.get(&below) {
                        None => enter = Some(below),
                        // still open: it leads back to where we came from
                        Some(number) if !group.contains_key(&below) => {
                            let low = lowest.entry(id).or_insert(*number);
                            *low = (*low).min(*number);
                            if below == id {
                                circles.insert(found.get(&id).copied().unwrap_or(0));
                            }
                        }
                        Some(_) => {}
                    }
                    continue;
                }
                way.pop();
                let low = lowest.get(&id).copied().unwrap_or(0);
                if let Some(above) = way.last()
                    && let Some(its) = lowest.get_mut(&above.id)
                {
                    *its = (*its).min(low);
                }
                let number = found.get(&id).copied().unwrap_or(0);
                if low == number {
                    let mut members = 0;
                    while let Some(member) = open.pop() {
                        group.insert(member, number);
                        self.sorted.push(member);
                        members += 1;
                        if member == id {
                            break;
                        }
                    }
                    if members > 1 {
                        circles.insert(number);
                    }
                }
            }
        }
        if circles.is_empty() {
            return;
        }
        let outside = |id: PartKey, below: &PartKey| match (group.get(&id), group.get(below)) {
            (Some(one), Some(other)) => one != other || !circles.contains(one),
            _ => true,
        };
        for (id, lines) in &mut self.lines {
            lines.iter_mut().for_each(|line| line.candidates.retain(|part| outside(*id, part)));
        }
        for (id, variants) in &mut self.variants {
            variants.retain(|part| outside(*id, part));
        }
    }
}
