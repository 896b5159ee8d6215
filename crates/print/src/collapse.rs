//! Collapsed borders of tables.
//!
//! The layout engine knows one border for a whole table. Here each edge between cells gets the border that wins,
//! on one of the two cells, and the table is laid out with separate borders and nothing between them.

use std::collections::HashMap;

use blitz_dom::node::{Node, SpecialElementData};
use blitz_dom::{BaseDocument, NodeId};

use crate::adjust::Changes;
use crate::document::computed;

/// Most cells that a cell is taken to span.
const MAX_SPAN: usize = 1000;

/// What the tables are told that had collapsed borders.
const SEPARATED: &str =
    "border-collapse:separate!important;border-spacing:0!important;border-width:0!important;padding:0!important";

/// Whether the borders of a table were collapsed, so that a line between two rows belongs to the upper one.
pub(crate) fn had_collapsed_borders(table: &Node) -> bool {
    table.attr(blitz_dom::local_name!("style")).is_some_and(|style| style.contains(SEPARATED))
}

/// A border of one side.
#[derive(Debug, Clone, PartialEq)]
struct Border {
    width: f32,
    style: String,
    color: String,
}

impl Border {
    /// What decides between borders: hidden ones win, then wide ones, then strong styles.
    fn strength(&self) -> (bool, f32, u8) {
        let rank = match self.style.as_str() {
            "double" => 8,
            "solid" => 7,
            "dashed" => 6,
            "dotted" => 5,
            "ridge" => 4,
            "outset" => 3,
            "groove" => 2,
            "inset" => 1,
            _ => 0,
        };
        (self.style == "hidden", self.width, rank)
    }

    fn is_shown(&self) -> bool {
        self.width > 0.0 && self.style != "hidden"
    }
}

const SIDES: [&str; 4] = ["top", "right", "bottom", "left"];
const TOP: usize = 0;
const RIGHT: usize = 1;
const BOTTOM: usize = 2;
const LEFT: usize = 3;

/// A cell in its place.
struct Cell {
    id: NodeId,
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
    own: [Border; 4],
}

/// Gives the cells of tables with collapsed borders the borders that they are to show.
pub(crate) fn separate(dom: &BaseDocument, changes: &mut Changes) {
    for (id, node) in dom.tree().iter() {
        let is_table = node.flags.is_table_root() && node.flags.is_in_document();
        if is_table && computed(dom, id, "border-collapse") == "collapse" {
            resolve(dom, id, changes);
        }
    }
}

fn resolve(dom: &BaseDocument, table: NodeId, changes: &mut Changes) {
    let Some(node) = dom.get_node(table) else { return };
    changes.add(table, SEPARATED);
    let Some(SpecialElementData::TableRoot(context)) = node.element_data().map(|element| &element.special_data) else {
        return;
    };
    let mut memory = Memory { dom, known: HashMap::new() };
    let cells: Vec<Cell> = context
        .cells
        .iter()
        .filter_map(|cell| {
            let cell_node = dom.get_node(cell.node_id)?;
            let (row, column) = (usize::from(cell.row), usize::from(cell.column));
            let rows = row..(row + span(cell_node, "rowspan")).min(context.rows.len());
            let columns = column..column + span(cell_node, "colspan");
            Some(Cell { id: cell.node_id, rows, columns, own: memory.borders(cell.node_id) })
        })
        .collect();
    let width = cells.iter().map(|cell| cell.columns.end).max().unwrap_or(0);
    let height = context.rows.len();
    let mut grid: HashMap<(usize, usize), usize> = HashMap::new();
    for (index, cell) in cells.iter().enumerate() {
        for row in cell.rows.clone() {
            for column in cell.columns.clone() {
                grid.insert((row, column), index);
            }
        }
    }
    let outer = memory.borders(table);
    for cell in &cells {
        let mut shown = cell.own.clone();
        let first = &context.rows[cell.rows.start];
        let last = &context.rows[cell.rows.end - 1];
        let neighbor = |row: Option<usize>, column: Option<usize>| Some(&cells[*grid.get(&(row?, column?))?]);
        let above = neighbor(cell.rows.start.checked_sub(1), Some(cell.columns.start));
        let left = neighbor(Some(cell.rows.start), cell.columns.start.checked_sub(1));
        let below = neighbor(Some(cell.rows.end), Some(cell.columns.start));
        let right = neighbor(Some(cell.rows.start), Some(cell.columns.end));
        // Borders of rows and of groups of rows.
        let group_begins = cell.rows.start == 0 || context.rows[cell.rows.start - 1].group != first.group;
        let group_ends = cell.rows.end >= height || context.rows[cell.rows.end].group != last.group;
        for (side, row) in [(TOP, first), (BOTTOM, last)] {
            let row_border = memory.borders(row.node_id)[side].clone();
            win(&mut shown[side], row_border);
            let at_edge = if side == TOP { group_begins } else { group_ends };
            if at_edge && let Some(group) = row.group {
                let group_border = memory.borders(group)[side].clone();
                win(&mut shown[side], group_border);
            }
        }
        if let Some(below) = below {
            win(&mut shown[BOTTOM], below.own[TOP].clone());
            if let Some(row) = context.rows.get(cell.rows.end) {
                let row_border = memory.borders(row.node_id)[TOP].clone();
                win(&mut shown[BOTTOM], row_border);
                if group_ends && let Some(group) = row.group {
                    let group_border = memory.borders(group)[TOP].clone();
                    win(&mut shown[BOTTOM], group_border);
                }
            }
        }
        if let Some(right) = right {
            win(&mut shown[RIGHT], right.own[LEFT].clone());
        }
        for (side, is_outer) in [
            (TOP, cell.rows.start == 0),
            (RIGHT, cell.columns.end >= width),
            (BOTTOM, cell.rows.end >= height),
            (LEFT, cell.columns.start == 0),
        ] {
            if is_outer {
                win(&mut shown[side], outer[side].clone());
            }
        }
        // An inner edge is shown by the cell before it.
        if above.is_some() {
            shown[TOP].width = 0.0;
        }
        if left.is_some() {
            shown[LEFT].width = 0.0;
        }
        let css: String = (0..4).filter_map(|side| declare(side, &shown[side], &cell.own[side])).collect();
        if !css.is_empty() {
            changes.add(cell.id, &css);
        }
    }
}

/// What has to be declared for a side to show a border.
fn declare(side: usize, shown: &Border, own: &Border) -> Option<String> {
    let name = SIDES[side];
    if !shown.is_shown() {
        return own.is_shown().then(|| format!("border-{name}-width:0!important;"));
    }
    (shown != own).then(|| format!("border-{name}:{}px {} {}!important;", shown.width, shown.style, shown.color))
}

fn win(border: &mut Border, other: Border) {
    let (a, b) = (border.strength(), other.strength());
    if (b.0 && !a.0) || (b.0 == a.0 && (b.1, b.2) > (a.1, a.2)) {
        *border = other;
    }
}

/// How many rows or columns a cell takes.
pub(crate) fn span(node: &Node, name: &str) -> usize {
    let value = node.attr(blitz_dom::LocalName::from(name)).and_then(|value| value.trim().parse().ok());
    value.unwrap_or(1usize).clamp(1, MAX_SPAN)
}

/// Borders by node, each read once.
struct Memory<'a> {
    dom: &'a BaseDocument,
    known: HashMap<NodeId, [Border; 4]>,
}

impl Memory<'_> {
    fn borders(&mut self, id: NodeId) -> [Border; 4] {
        let dom = self.dom;
        self.known.entry(id).or_insert_with(|| read_borders(dom, id)).clone()
    }
}

fn read_borders(dom: &BaseDocument, id: NodeId) -> [Border; 4] {
    let Some(styles) = dom.get_node(id).and_then(|node| node.primary_styles()) else {
        return [(); 4].map(|()| Border { width: 0.0, style: "none".to_owned(), color: String::new() });
    };
    let border = styles.get_border();
    let widths = [
        (border.border_top_width.0.to_f32_px(), border.border_top_style),
        (border.border_right_width.0.to_f32_px(), border.border_right_style),
        (border.border_bottom_width.0.to_f32_px(), border.border_bottom_style),
        (border.border_left_width.0.to_f32_px(), border.border_left_style),
    ];
    let mut side = 0;
    widths.map(|(width, style)| {
        let name = SIDES[side];
        side += 1;
        let style = format!("{style:?}").to_ascii_lowercase();
        if style == "none" || (width <= 0.0 && style != "hidden") {
            return Border { width: 0.0, style: "none".to_owned(), color: String::new() };
        }
        Border { width, style, color: computed(dom, id, &format!("border-{name}-color")) }
    })
}
