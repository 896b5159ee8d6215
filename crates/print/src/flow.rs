//! Where a laid out document may be cut into pages.
//!
//! The document is one long strip. Its boxes tell where a cut would go through something: a line, a picture, a
//! row of a table, a box that is to stay in one piece. `breaks` then chooses the cuts.

use std::collections::HashMap;

use blitz_dom::node::{Node, SpecialElementData, TextLayout};
use blitz_dom::{BaseDocument, NodeId};
use parley::PositionedLayoutItem;

use crate::breaks::SLACK;
use crate::collapse;
use crate::document::{self, Laid, Paging, SCALE, is_html};
use crate::fill::Sides;

/// How bad a cut through a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// Orphans and widows.
    Lines,
    /// What is to stay together: rows, headings with what follows.
    Together,
    /// Lines and pictures, which cannot be cut.
    Solid,
}

/// A stretch of the document that is not to be cut, in CSS pixels from its top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Span {
    pub(crate) top: f32,
    pub(crate) bottom: f32,
    pub(crate) weight: Weight,
}

/// On which side a page begins after a forced break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Any,
    Left,
    Right,
}

/// A place where a page ends whatever room is left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Forced {
    /// Where the content before it ends at the latest.
    pub(crate) cut: f32,
    /// Where the next page begins.
    pub(crate) start: f32,
    pub(crate) side: Side,
}

/// A table whose head and foot are repeated on each page that it goes over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Table {
    /// Where its body begins and ends.
    pub(crate) body: (f32, f32),
    pub(crate) head: Option<(f32, f32)>,
    pub(crate) foot: Option<(f32, f32)>,
    /// The left and right edges, for clipping.
    pub(crate) sides: (f32, f32),
}

/// A heading for the bookmarks of a PDF.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Heading {
    pub(crate) level: usize,
    pub(crate) text: String,
    pub(crate) top: f32,
}

/// What paging has to know of a document.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    pub(crate) spans: Vec<Span>,
    /// Bottom edges of boxes and lines.
    pub(crate) bottoms: Vec<f32>,
    /// Top edges of boxes and lines.
    pub(crate) tops: Vec<f32>,
    pub(crate) forced: Vec<Forced>,
    pub(crate) tables: Vec<Table>,
    /// Lines between rows that belong to both of them: where they end, and their width.
    pub(crate) rules: Vec<(f32, f32)>,
    pub(crate) headings: Vec<Heading>,
    /// Names of pages, and from where on they hold.
    pub(crate) names: Vec<(f32, String)>,
    /// Where running elements and named strings begin to hold: place and node.
    pub(crate) places: HashMap<NodeId, f32>,
    /// Footnotes: where the line of their number begins, and how high they are.
    pub(crate) notes: Vec<(f32, f32)>,
    /// How high what is above the footnotes of a page is.
    pub(crate) notes_edge: f32,
    /// Boxes with backgrounds and borders.
    pub(crate) sides: Vec<Sides>,
    /// Where the content ends.
    pub(crate) end: f32,
}

/// The first and last solid stretch in a box, so that its edges can be kept with them.
#[derive(Debug, Clone, Copy)]
struct Ends {
    first: (f32, f32),
    last: (f32, f32),
}

impl Flow {
    /// Looks through a document.
    pub(crate) fn of(laid: &Laid) -> Self {
        let mut walk = Walk { laid, dom: &laid.dom, flow: Flow::default() };
        if let Some(root) = laid.dom.try_root_element() {
            walk.flow.names.push((f32::MIN, walk.name_at_edge(root, true).to_owned()));
            walk.flow.notes = vec![(f32::NAN, 0.0); laid.notes.len()];
            walk.block(root, 0.0, 0.0);
        }
        // A number that is in no line of the flow is taken to be where the one before it is.
        let mut before = 0.0;
        for (place, _) in &mut walk.flow.notes {
            before = if place.is_nan() { before } else { *place };
            *place = before;
        }
        let mut flow = walk.flow;
        flow.spans.retain(|span| span.bottom > span.top && span.bottom.is_finite());
        flow.spans.sort_by(|a, b| a.top.total_cmp(&b.top));
        flow.rules.sort_by(|a, b| a.0.total_cmp(&b.0));
        flow.tops.sort_by(f32::total_cmp);
        flow.bottoms.sort_by(f32::total_cmp);
        flow.forced.sort_by(|a, b| a.cut.total_cmp(&b.cut));
        flow.names.sort_by(|a, b| a.0.total_cmp(&b.0));
        flow
    }

    fn add(&mut self, top: f32, bottom: f32, weight: Weight) {
        self.spans.push(Span { top, bottom, weight });
    }

    fn edges(&mut self, top: f32, bottom: f32) {
        self.tops.push(top);
        self.bottoms.push(bottom);
    }
}

struct Walk<'a> {
    laid: &'a Laid,
    dom: &'a BaseDocument,
    flow: Flow,
}

/// The stretch that glues an edge to what touches it: more than cuts may be beside their place.
const TOUCH: f32 = 2.0 * SLACK;

impl<'a> Walk<'a> {
    fn node(&self, id: NodeId) -> Option<&'a Node> {
        self.dom.get_node(id)
    }

    fn paging(&self, id: NodeId) -> Option<&'a Paging> {
        self.laid.paging.get(&id)
    }

    /// Looks through a box whose containing box begins at `x` and `y`.
    fn block(&mut self, node: &Node, x: f32, y: f32) -> Option<Ends> {
        if node.is_out_of_flow() {
            return None;
        }
        let layout = node.final_layout();
        let (x, top) = (x + layout.location.x, y + layout.location.y);
        let bottom = top + layout.size.height;
        if node.is_whitespace_node() || matches!(node.taffy_display(), taffy::Display::None) {
            return None;
        }
        self.heading(node, top);
        let visible = layout.size.height > 0.0;
        let is_root = node.parent.is_none_or(|parent| parent == self.dom.root_node().id) || is_html(node, "body");
        if visible && !is_root {
            self.flow.edges(top, bottom);
        }
        if visible && !is_root && !node.flags.is_table_root() {
            self.flow.sides.extend(Sides::of(node, x, top));
        }
        let ends = self.content(node, x, top, bottom);
        let Some(ends) = ends else {
            // An empty box is kept in one piece, like a picture.
            if visible && !is_root {
                self.flow.add(top, bottom, Weight::Solid);
                self.flow.end = self.flow.end.max(bottom);
            }
            self.keep_together(node, top, bottom);
            return visible.then_some(Ends { first: (top, bottom), last: (top, bottom) });
        };
        // A box that is higher than its content may go over the end of a page, as in WeasyPrint.
        let filled = bottom.min(ends.last.1 + layout.padding.bottom + layout.border.bottom);
        if !is_root {
            // Edges of a box stay with what they are next to.
            self.flow.add(top, ends.first.0 + TOUCH, Weight::Solid);
            self.flow.add(ends.last.1 - TOUCH, filled, Weight::Solid);
            self.flow.end = self.flow.end.max(filled);
        }
        self.keep_together(node, top, filled.max(ends.last.1));
        Some(Ends { first: (top.min(ends.first.0), ends.first.1), last: (ends.last.0, filled.max(ends.last.1)) })
    }

    /// Notes a box that no page is to begin in.
    fn keep_together(&mut self, node: &Node, top: f32, bottom: f32) {
        let stays = match self.paging(node.id).map(|paging| paging.break_inside.as_str()) {
            Some("") | None => heading_level(node).is_some(),
            Some(value) => value.starts_with("avoid"),
        };
        if stays {
            self.flow.add(top, bottom, Weight::Together);
        }
    }

    fn content(&mut self, node: &Node, x: f32, top: f32, bottom: f32) -> Option<Ends> {
        let element = node.element_data()?;
        match &element.special_data {
            SpecialElementData::Image(_)
            | SpecialElementData::TextInput(_)
            | SpecialElementData::CheckboxInput(_)
            | SpecialElementData::Canvas(_) => {
                self.flow.add(top, bottom, Weight::Solid);
                self.flow.end = self.flow.end.max(bottom);
                Some(Ends { first: (top, bottom), last: (top, bottom) })
            }
            SpecialElementData::TableRoot(_) => self.table(node, x, top),
            _ if node.flags.is_inline_root() => self.lines(node, x, top),
            _ => self.children(node, x, top),
        }
    }

    /// The lines of a paragraph.
    fn lines(&mut self, node: &Node, x: f32, top: f32) -> Option<Ends> {
        let layout = node.final_layout();
        let inline = node.element_data()?.inline_layout_data.as_ref()?;
        let start = top + layout.padding.top + layout.border.top + inline.block_offset;
        let lines: Vec<(f32, f32)> = document::lines(inline)
            .map(|line| {
                (start + line.metrics().block_min_coord / SCALE, start + line.metrics().block_max_coord / SCALE)
            })
            .filter(|(top, bottom)| bottom > top)
            .collect();
        let mut inner = None;
        for id in node.layout_children.borrow().iter().flatten() {
            let Some(child) = self.node(*id) else { continue };
            if child.element_data().is_none() || child.is_out_of_flow() {
                continue;
            }
            // Boxes in lines; they are cut only where they are taller than a few lines.
            let found = self.block(child, x, top);
            inner = join(inner, found);
        }
        let tall = inner.is_some() && lines.len() == 1 && lines[0].1 - lines[0].0 > TALL_LINE;
        if lines.is_empty() || tall {
            return inner;
        }
        if !self.laid.calls.is_empty() {
            self.calls(inline, start);
        }
        for (top, bottom) in &lines {
            self.flow.add(*top, *bottom, Weight::Solid);
            self.flow.edges(*top, *bottom);
            self.flow.end = self.flow.end.max(*bottom);
        }
        let (orphans, widows) = self.least_lines(node);
        let (first, last) = (lines[0], lines[lines.len() - 1]);
        self.flow.add(first.0, lines[orphans.min(lines.len()) - 1].1, Weight::Lines);
        self.flow.add(lines[lines.len() - widows.min(lines.len())].0, last.1, Weight::Lines);
        join(inner, Some(Ends { first, last }))
    }

    /// Notes the numbers of footnotes in the lines of a paragraph that begins at `start`.
    fn calls(&mut self, inline: &TextLayout, start: f32) {
        for line in inline.layout.lines() {
            let top = start + line.metrics().block_min_coord / SCALE;
            for item in line.items() {
                let PositionedLayoutItem::GlyphRun(run) = item else { continue };
                let id = run.style().brush.id;
                if let Some(index) = self.laid.calls.iter().position(|call| *call == id)
                    && let Some(note) = self.flow.notes.get_mut(index)
                {
                    note.0 = top;
                }
            }
        }
    }

    /// The least lines before and after a break in a paragraph.
    fn least_lines(&self, node: &Node) -> (usize, usize) {
        let mut at = Some(node);
        while let Some(node) = at {
            if let Some(paging) = self.paging(node.id)
                && (paging.orphans.is_some() || paging.widows.is_some())
            {
                return (paging.orphans.unwrap_or(2).max(1), paging.widows.unwrap_or(2).max(1));
            }
            at = node.parent.and_then(|parent| self.node(parent));
        }
        (2, 2)
    }

    /// Boxes one below the other, or side by side.
    fn children(&mut self, node: &Node, x: f32, top: f32) -> Option<Ends> {
        let children = node.layout_children.borrow();
        let mut all = None;
        let mut before: Option<(&Node, Ends)> = None;
        for id in children.iter().flatten() {
            let Some(child) = self.node(*id) else { continue };
            if child.element_data().is_none() {
                continue;
            }
            if matches!(child.taffy_display(), taffy::Display::None) {
                self.flow.places.insert(*id, before.map_or(top, |(_, ends)| ends.last.1));
                continue;
            }
            let Some(ends) = self.block(child, x, top) else { continue };
            self.between(before, child, top);
            if let Some((sibling, ends_before)) = before
                && (self.stays_with_next(sibling) || self.stays_with_last(child))
                && ends.first.1 > ends_before.last.0
            {
                self.flow.add(ends_before.last.0, ends.first.1, Weight::Together);
            }
            before = Some((child, ends));
            all = join(all, Some(ends));
        }
        all
    }

    /// Notes a forced break before a box.
    fn between(&mut self, before: Option<(&Node, Ends)>, child: &Node, parent_top: f32) {
        let forced_after = before.and_then(|(sibling, _)| self.last_break(sibling));
        let name = self.name_at_edge(child, true);
        let is_renamed = before.is_some_and(|(sibling, _)| self.name_at_edge(sibling, false) != name);
        let forced = forced_after.or_else(|| self.first_break(child)).or(is_renamed.then_some(Side::Any));
        let Some(side) = forced else { return };
        let layout = child.final_layout();
        let child_top = parent_top + layout.location.y;
        if let Some((sibling, ends)) = before {
            let sibling_bottom = parent_top + sibling.final_layout().location.y + sibling.final_layout().size.height;
            let cut = ends.last.1.max(sibling_bottom);
            // The margin of the first box of a page counts after a forced break.
            let start = child_top - layout.margin.top.max(0.0);
            self.flow.forced.push(Forced { cut: cut.min(child_top), start, side });
            if is_renamed {
                self.flow.names.push((start, name.to_owned()));
            }
        }
    }

    /// The name of the page that the first or last box in a box is on.
    fn name_at_edge(&self, node: &Node, first: bool) -> &'a str {
        if let Some(inner) = self.flow_child(node, first).and_then(|id| self.node(id)) {
            return self.name_at_edge(inner, first);
        }
        self.paging(node.id).map_or("", |paging| &paging.page)
    }

    /// The forced break before a box: its own, or that of the first box in it.
    fn first_break(&self, node: &Node) -> Option<Side> {
        let own = self.paging(node.id).and_then(|paging| forced_side(&paging.break_before));
        own.or_else(|| self.first_break(self.node(self.flow_child(node, true)?)?))
    }

    fn last_break(&self, node: &Node) -> Option<Side> {
        let own = self.paging(node.id).and_then(|paging| forced_side(&paging.break_after));
        own.or_else(|| self.last_break(self.node(self.flow_child(node, false)?)?))
    }

    /// The first or last box in the flow of a box.
    fn flow_child(&self, node: &Node, first: bool) -> Option<NodeId> {
        if node.flags.is_inline_root() || node.flags.is_table_root() {
            return None;
        }
        let children = node.layout_children.borrow();
        let children = children.as_ref()?;
        let is_box = |id: &&NodeId| {
            self.node(**id).is_some_and(|child| {
                child.element_data().is_some() && !child.is_out_of_flow() && child.final_layout().size.height > 0.0
            })
        };
        if first { children.iter().find(is_box).copied() } else { children.iter().rev().find(is_box).copied() }
    }

    /// Whether no page begins between a box and the one after it: headings, unless style sheets say otherwise, and boxes
    /// that end with one.
    fn stays_with_next(&self, node: &Node) -> bool {
        match self.paging(node.id).map(|paging| paging.break_after.as_str()) {
            Some("") | None => heading_level(node).is_some() || self.at_edge(node, false, Self::stays_with_next),
            Some(value) => value.starts_with("avoid"),
        }
    }

    /// Whether no page begins between a box and the one before it: lists, unless style sheets say otherwise, and boxes that
    /// begin with one.
    fn stays_with_last(&self, node: &Node) -> bool {
        match self.paging(node.id).map(|paging| paging.break_before.as_str()) {
            Some("") | None => {
                is_html(node, "ul") || is_html(node, "ol") || self.at_edge(node, true, Self::stays_with_last)
            }
            Some(value) => value.starts_with("avoid"),
        }
    }

    /// What holds for the first or last box in the flow of a box.
    fn at_edge(&self, node: &Node, first: bool, holds: fn(&Self, &Node) -> bool) -> bool {
        self.flow_child(node, first).and_then(|id| self.node(id)).is_some_and(|child| holds(self, child))
    }

    fn heading(&mut self, node: &Node, top: f32) {
        let level = match self.paging(node.id).map(|paging| paging.bookmark_level.as_str()) {
            Some("none") => None,
            Some("") | None => heading_level(node),
            Some(level) => level.parse().ok(),
        };
        if let Some(level) = level {
            let text = node.text_content().split_whitespace().collect::<Vec<_>>().join(" ");
            if !text.is_empty() {
                self.flow.headings.push(Heading { level, text, top });
            }
        }
        if self.paging(node.id).is_some_and(|paging| !paging.string_set.is_empty()) {
            self.flow.places.insert(node.id, top);
        }
    }
}

/// Lines higher than this hold boxes that may be cut themselves.
const TALL_LINE: f32 = 150.0;

/// What a row of a table takes up, and what it may be told.
struct Row {
    id: NodeId,
    group: Option<NodeId>,
    top: f32,
    bottom: f32,
    /// Width of the widest line below it.
    line: f32,
}

impl Walk<'_> {
    /// The rows of a table. A row has no box of its own, but its cells have.
    fn table(&mut self, node: &Node, x: f32, top: f32) -> Option<Ends> {
        let SpecialElementData::TableRoot(table) = &node.element_data()?.special_data else { return None };
        let mut rows: Vec<Row> = table
            .rows
            .iter()
            .map(|row| Row { id: row.node_id, group: row.group, top: f32::MAX, bottom: f32::MIN, line: 0.0 })
            .collect();
        for cell in &table.cells {
            let Some(cell_node) = self.node(cell.node_id) else { continue };
            let layout = cell_node.final_layout();
            let cell_top = top + layout.location.y;
            self.block(cell_node, x, top);
            if let Some(row) = rows.get_mut(usize::from(cell.row)) {
                row.top = row.top.min(cell_top);
                let spans = cell_node.attr(blitz_dom::local_name!("rowspan")).is_some_and(|span| span.trim() != "1");
                if !spans {
                    row.bottom = row.bottom.max(cell_top + layout.size.height);
                    row.line = row.line.max(layout.border.bottom);
                }
            }
        }
        // Captions are boxes of the table beside its cells.
        for id in node.layout_children.borrow().iter().flatten() {
            let is_cell = table.cells.iter().any(|cell| cell.node_id == *id);
            if !is_cell
                && let Some(child) = self.node(*id)
                && child.element_data().is_some()
            {
                self.block(child, x, top);
            }
        }
        rows.retain(|row| row.bottom > row.top);
        if collapse::had_collapsed_borders(node) {
            self.flow.rules.extend(rows.iter().filter(|row| row.line > 0.0).map(|row| (row.bottom, row.line)));
        }
        let first = rows.first()?;
        let ends = Ends {
            first: (first.top, first.bottom),
            last: rows.last().map_or((first.top, first.bottom), |row| (row.top, row.bottom)),
        };
        self.rows(node, &rows, x);
        Some(ends)
    }

    fn rows(&mut self, table: &Node, rows: &[Row], x: f32) {
        let is_group =
            |row: &Row, name: &str| row.group.and_then(|id| self.node(id)).is_some_and(|group| is_html(group, name));
        let extent = |name: &str| {
            let group = rows.iter().filter(|row| is_group(row, name));
            group.fold(None, |extent: Option<(f32, f32)>, row| {
                Some(extent.map_or((row.top, row.bottom), |(top, bottom)| (top.min(row.top), bottom.max(row.bottom))))
            })
        };
        let (head, foot) = (extent("thead"), extent("tfoot"));
        let body: Vec<&Row> = rows.iter().filter(|row| !is_group(row, "thead") && !is_group(row, "tfoot")).collect();
        for row in rows {
            self.flow.add(row.top, row.bottom, Weight::Together);
        }
        let (Some(first), Some(last)) = (body.first(), body.last()) else { return };
        for (before, after) in body.iter().zip(body.iter().skip(1)) {
            let break_after = self.paging(before.id).and_then(|paging| forced_side(&paging.break_after));
            let break_before = self.paging(after.id).and_then(|paging| forced_side(&paging.break_before));
            if let Some(side) = break_after.or(break_before) {
                self.flow.forced.push(Forced { cut: before.bottom, start: after.top, side });
            }
            let stays = self.paging(before.id).is_some_and(|paging| paging.break_after.starts_with("avoid"))
                || self.paging(after.id).is_some_and(|paging| paging.break_before.starts_with("avoid"));
            if stays {
                self.flow.add(before.top, after.bottom, Weight::Together);
            }
        }
        for group in body.iter().filter_map(|row| row.group) {
            if self.paging(group).is_some_and(|paging| paging.break_inside.starts_with("avoid")) {
                let rows = body.iter().filter(|row| row.group == Some(group));
                let (top, bottom) =
                    rows.fold((f32::MAX, f32::MIN), |(top, bottom), row| (top.min(row.top), bottom.max(row.bottom)));
                self.flow.add(top, bottom, Weight::Together);
            }
        }
        if let Some((top, _)) = head {
            self.flow.add(top, first.bottom, Weight::Together);
        }
        if let Some((_, bottom)) = foot {
            self.flow.add(last.top, bottom, Weight::Together);
        }
        if head.is_some() || foot.is_some() {
            let sides = (x, x + table.final_layout().size.width);
            self.flow.tables.push(Table { body: (first.top, last.bottom), head, foot, sides });
        }
    }
}

fn join(a: Option<Ends>, b: Option<Ends>) -> Option<Ends> {
    let (Some(a), Some(b)) = (a, b) else { return a.or(b) };
    let first = if b.first.0 < a.first.0 { b.first } else { a.first };
    let last = if b.last.1 > a.last.1 { b.last } else { a.last };
    Some(Ends { first, last })
}

/// The level of a heading of HTML.
fn heading_level(node: &Node) -> Option<usize> {
    let element = node.element_data()?;
    let level = element.name.local.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&level).then_some(level)
}

fn forced_side(value: &str) -> Option<Side> {
    match value.split('!').next().unwrap_or_default().trim() {
        "page" | "always" | "all" | "column" => Some(Side::Any),
        "left" | "verso" => Some(Side::Left),
        "right" | "recto" => Some(Side::Right),
        _ => None,
    }
}
