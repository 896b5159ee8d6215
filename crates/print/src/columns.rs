//! The widths of the columns of tables, as CSS has them: room that is left goes to columns by what they hold.
//! The layout engine gives the same room to all.

use std::collections::HashMap;

use blitz_dom::node::{Node, SpecialElementData};
use blitz_dom::{BaseDocument, NodeId, QualName, local_name, ns};
use stylo_taffy::to_taffy_style;
use taffy::CompactLength;

use crate::collapse::{self, span};
use crate::document::{SCALE, attribute_name, computed};

/// Deepest nesting of tables whose columns are measured.
const MAX_NESTING: usize = 4;

/// What a column asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Column {
    /// The width of its longest word, and of its longest line.
    least: f32,
    most: f32,
    /// A width that was declared, which is within both.
    is_fixed: bool,
    /// A share of the table.
    share: Option<f32>,
}

/// Gives the columns of all tables their widths. Returns whether there are any tables.
pub(crate) fn set(dom: &mut BaseDocument) -> bool {
    let tables: Vec<NodeId> = dom
        .tree()
        .iter()
        .filter(|(_, node)| node.flags.is_table_root() && node.flags.is_in_document())
        .map(|(id, _)| id)
        .collect();
    let mut changes = Vec::new();
    let mut paddings = Vec::new();
    for id in tables {
        let Some(node) = dom.get_node(id) else { continue };
        let Some(SpecialElementData::TableRoot(table)) = node.element_data().map(|element| &element.special_data)
        else {
            continue;
        };
        let is_fixed = computed(dom, id, "table-layout") == "fixed" && declared_width(node).is_some();
        if is_fixed {
            let mut widths = fixed_widths(dom, node);
            if widths.len() > 1 {
                let lines = Lines::of(dom, node);
                paddings.extend(lines.paddings(dom));
                lines.give(&mut widths);
                changes.push((id, widths));
            }
            continue;
        }
        let (columns, _) = measure(dom, node, 0);
        if columns.len() < 2 || table.rows.is_empty() {
            continue;
        }
        let lines = Lines::of(dom, node);
        let room = node.final_layout().size.width - lines.around(node, table.style.padding, columns.len());
        let mut widths =
            distribute(&columns, room - table.style.gap.width.into_raw().value() * (columns.len() - 1) as f32);
        paddings.extend(lines.paddings(dom));
        lines.give(&mut widths);
        changes.push((id, widths));
    }
    for (id, css) in paddings {
        let Some(node) = dom.get_node(id) else { continue };
        let style = format!("{};{css}", node.attr(local_name!("style")).unwrap_or_default());
        dom.mutate().set_attribute(id, attribute_name("style"), &style);
    }
    for (id, widths) in &changes {
        insert_columns(dom, *id, widths);
    }
    !changes.is_empty()
}

/// The widths of the columns of a table with `table-layout: fixed`: those of its columns and of the cells of its first
/// row, of which percentages are of the whole table.
fn fixed_widths(dom: &BaseDocument, node: &Node) -> Vec<f32> {
    let Some(SpecialElementData::TableRoot(table)) = node.element_data().map(|element| &element.special_data) else {
        return Vec::new();
    };
    let layout = node.final_layout();
    let whole =
        layout.size.width - (layout.padding.left + layout.padding.right + layout.border.left + layout.border.right);
    let length = |width: taffy::Dimension, edges: f32| match width.tag() {
        CompactLength::LENGTH_TAG => Some(width.value() + edges),
        CompactLength::PERCENT_TAG => Some(width.value() * whole + edges),
        _ => None,
    };
    let mut widths: Vec<Option<f32>> = Vec::new();
    for known in &table.columns {
        let style = dom.get_node(known.node_id).and_then(|node| node.primary_styles());
        widths.push(style.and_then(|style| length(to_taffy_style(&style).size.width, 0.0)));
    }
    for cell in &table.cells {
        let Some(cell_node) = dom.get_node(cell.node_id) else { continue };
        let (first, across) = (usize::from(cell.column), span(cell_node, "colspan"));
        if widths.len() < first + across {
            widths.resize(first + across, None);
        }
        let Some(style) = cell_node.primary_styles().filter(|_| cell.row == 0) else { continue };
        let style = to_taffy_style(&style);
        let layout = cell_node.final_layout();
        let edges = match style.box_sizing {
            taffy::BoxSizing::BorderBox => 0.0,
            taffy::BoxSizing::ContentBox => {
                layout.padding.left + layout.padding.right + layout.border.left + layout.border.right
            }
        };
        if let Some(width) = length(style.size.width, edges) {
            // What is declared for a cell over several columns is for all of them.
            let free = widths[first..first + across].iter().filter(|width| width.is_none()).count() as f32;
            let taken: f32 = widths[first..first + across].iter().flatten().sum();
            for column in widths[first..first + across].iter_mut().filter(|width| width.is_none()) {
                *column = Some(((width - taken) / free).max(0.0));
            }
        }
    }
    let lines = Lines::of(dom, node);
    let gap = table.style.gap.width.into_raw().value() * (widths.len() + 1) as f32;
    let used: f32 = widths.iter().flatten().sum();
    let rest = whole - used - gap - lines.at(0) - lines.at(widths.len());
    let free = widths.iter().filter(|width| width.is_none()).count();
    let each = rest / if free == 0 { widths.len() } else { free }.max(1) as f32;
    let fill = |width: Option<f32>| match width {
        Some(width) if free == 0 => width + each.max(0.0),
        width => width.unwrap_or(each.max(0.0)),
    };
    widths.into_iter().map(fill).collect()
}

/// Puts columns with these widths in the place of those that the table has.
fn insert_columns(dom: &mut BaseDocument, table: NodeId, widths: &[f32]) {
    let Some(node) = dom.get_node(table) else { return };
    let children: Vec<NodeId> = node.children.iter().copied().collect();
    let is_column = |id: &NodeId| {
        let name = dom.get_node(*id).and_then(|child| child.element_data()).map(|element| &element.name.local);
        name.is_some_and(|name| matches!(&**name, "col" | "colgroup"))
    };
    let old: Vec<NodeId> = children.iter().copied().filter(|id| is_column(id)).collect();
    let mut mutator = dom.mutate();
    for id in old {
        mutator.set_attribute(id, attribute_name("style"), "display:none!important");
    }
    let new: Vec<NodeId> = widths
        .iter()
        .map(|width| {
            let column = mutator.create_element(QualName::new(None, ns!(html), local_name!("col")), Vec::new());
            let style = format!(
                "display:table-column!important;width:{}px!important;max-width:none!important",
                width.max(0.01)
            );
            mutator.set_attribute(column, attribute_name("style"), &style);
            column
        })
        .collect();
    match children.first() {
        Some(first) => mutator.insert_nodes_before(*first, &new),
        None => mutator.append_children(table, &new),
    }
}

/// Half of the lines between the columns of a table with collapsed borders, from the left edge of the first column to the
/// right edge of the last. Cells share these lines, though the layout engine was told that they belong to one of them.
#[derive(Default)]
struct Lines {
    /// The widest in each place.
    halves: Vec<f32>,
    /// Those at the right of cells, by row and place.
    rights: HashMap<(u16, usize), f32>,
    /// The cells with their rows and places.
    cells: Vec<(NodeId, u16, usize)>,
}

impl Lines {
    fn of(dom: &BaseDocument, node: &Node) -> Self {
        let mut lines = Self::default();
        let Some(SpecialElementData::TableRoot(table)) = node.element_data().map(|element| &element.special_data)
        else {
            return lines;
        };
        for cell in table.cells.iter().filter(|_| collapse::had_collapsed_borders(node)) {
            let Some(cell_node) = dom.get_node(cell.node_id) else { continue };
            let border = cell_node.final_layout().border;
            let first = usize::from(cell.column);
            let last = first + span(cell_node, "colspan");
            if lines.halves.len() <= last {
                lines.halves.resize(last + 1, 0.0f32);
            }
            lines.halves[first] = lines.halves[first].max(border.left / 2.0);
            lines.halves[last] = lines.halves[last].max(border.right / 2.0);
            lines.rights.insert((cell.row, last), border.right / 2.0);
            lines.cells.push((cell.node_id, cell.row, first));
        }
        lines
    }

    fn at(&self, index: usize) -> f32 {
        self.halves.get(index).copied().unwrap_or(0.0)
    }

    /// What a cell has more of its lines, which it shares, than of those that it was given.
    fn of_cell(&self, cell: &Node, row: u16, first: usize) -> f32 {
        if self.halves.is_empty() {
            return 0.0;
        }
        let border = cell.final_layout().border;
        let left = if first == 0 { border.left / 2.0 } else { self.rights.get(&(row, first)).copied().unwrap_or(0.0) };
        left - border.left - border.right / 2.0
    }

    /// What a table has beside its columns.
    fn around(&self, table: &Node, padding: taffy::Rect<taffy::LengthPercentage>, columns: usize) -> f32 {
        let border = table.final_layout().border;
        // Of a table with separate borders, the padding includes their spacing.
        let padding = padding.left.into_raw().value() + padding.right.into_raw().value();
        padding + border.left + border.right + self.at(0) + self.at(columns)
    }

    /// Declarations for cells whose lines are narrower than others in the same place: what is in them stays where it is.
    fn paddings(&self, dom: &BaseDocument) -> Vec<(NodeId, String)> {
        /// What cannot be seen.
        const LEAST: f32 = 0.05;
        let mut found = Vec::new();
        for (id, row, first) in &self.cells {
            let (row, first) = (*row, *first);
            let Some(node) = dom.get_node(*id) else { continue };
            let layout = node.final_layout();
            let last = first + span(node, "colspan");
            let left = match first {
                0 => self.at(0) - layout.border.left / 2.0,
                first => self.rights.get(&(row, first)).copied().unwrap_or(0.0) - self.at(first),
            };
            let right = self.at(last) - layout.border.right / 2.0;
            if left.abs() > LEAST || right > LEAST {
                let (left, right) = ((layout.padding.left + left).max(0.0), layout.padding.right + right);
                let css = format!("padding-left:{left}px!important;padding-right:{right}px!important");
                found.push((*id, css));
            }
        }
        found
    }

    /// Gives the lines to the columns that the layout engine has them in.
    fn give(&self, widths: &mut [f32]) {
        for (index, width) in widths.iter_mut().enumerate() {
            let before = if index == 0 { self.at(0) } else { -self.at(index) };
            *width += before + self.at(index + 1);
        }
    }
}

/// The columns of a table, and the space between and around them.
fn measure(dom: &BaseDocument, node: &Node, nesting: usize) -> (Vec<Column>, f32) {
    let Some(SpecialElementData::TableRoot(table)) = node.element_data().map(|element| &element.special_data) else {
        return (Vec::new(), 0.0);
    };
    let mut columns: Vec<Column> = vec![Column::default(); table.columns.len()];
    for (column, known) in columns.iter_mut().zip(&table.columns) {
        if let Some(style) = dom.get_node(known.node_id).and_then(|node| node.primary_styles()) {
            declare(column, to_taffy_style(&style).size.width, 0.0);
        }
    }
    let lines = Lines::of(dom, node);
    let mut spanning = Vec::new();
    for cell in &table.cells {
        let Some(cell_node) = dom.get_node(cell.node_id) else { continue };
        let first = usize::from(cell.column);
        let across = span(cell_node, "colspan");
        if columns.len() < first + across {
            columns.resize(first + across, Column::default());
        }
        let (least, most) = contents(dom, cell_node, nesting);
        let shared = lines.of_cell(cell_node, cell.row, first);
        let (least, most) = (least + shared, most + shared);
        if across > 1 {
            spanning.push((first, across, least, most));
            continue;
        }
        let column = &mut columns[first];
        column.least = column.least.max(least);
        column.most = column.most.max(most);
        if let Some(style) = cell_node.primary_styles() {
            let style = to_taffy_style(&style);
            let layout = cell_node.final_layout();
            let edges = match style.box_sizing {
                taffy::BoxSizing::BorderBox => 0.0,
                taffy::BoxSizing::ContentBox => {
                    layout.padding.left + layout.padding.right + layout.border.left + layout.border.right + shared
                }
            };
            declare(column, style.size.width, edges);
        }
    }
    let gap = table.style.gap.width.into_raw().value();
    spanning.sort_by_key(|(_, across, _, _)| *across);
    for (first, across, least, most) in spanning {
        let between = gap * (across - 1) as f32;
        widen(&mut columns[first..first + across], least - between, most - between);
    }
    for column in &mut columns {
        column.most = column.most.max(column.least);
    }
    let around = lines.around(node, table.style.padding, columns.len());
    let between = gap * columns.len().saturating_sub(1) as f32;
    (columns, around + between)
}

/// Takes a declared width into account.
fn declare(column: &mut Column, width: taffy::Dimension, edges: f32) {
    match width.tag() {
        CompactLength::LENGTH_TAG => {
            let width = width.value() + edges;
            column.most = if column.is_fixed { column.most.max(width) } else { width.max(column.least) };
            column.is_fixed = true;
        }
        CompactLength::PERCENT_TAG => {
            let share = width.value().clamp(0.0, 1.0);
            column.share = Some(column.share.map_or(share, |known| known.max(share)));
        }
        _ => {}
    }
}

/// Makes columns wide enough for a cell that goes over all of them.
fn widen(columns: &mut [Column], least: f32, most: f32) {
    let lacking_most = most - columns.iter().map(|column| column.most.max(column.least)).sum::<f32>();
    if lacking_most > 0.0 {
        share_out(columns, lacking_most, |column, part| column.most = column.most.max(column.least) + part);
    }
    let lacking = least - columns.iter().map(|column| column.least).sum::<f32>();
    if lacking > 0.0 {
        share_out(columns, lacking, |column, part| column.least += part);
    }
}

/// Gives each column its part of a width, in proportion to what it holds; columns without a declared width first.
fn share_out(columns: &mut [Column], width: f32, mut give: impl FnMut(&mut Column, f32)) {
    let is_free = |column: &Column| !column.is_fixed && column.share.is_none();
    let any_free = columns.iter().any(is_free);
    let takes = |column: &Column| !any_free || is_free(column);
    let total: f32 = columns.iter().filter(|column| takes(column)).map(|column| column.most).sum();
    let count = columns.iter().filter(|column| takes(column)).count().max(1) as f32;
    for column in columns.iter_mut().filter(|column| takes(column)) {
        let part = if total > 0.0 { width * column.most / total } else { width / count };
        give(column, part);
    }
}

/// The widths of columns in a table of this inner width.
fn distribute(columns: &[Column], width: f32) -> Vec<f32> {
    let share = |column: &Column| column.share.map(|share| (share * width).max(column.least));
    // From the narrowest to the widest that columns may be; the width lies between two of these.
    let least: Vec<f32> = columns.iter().map(|column| column.least).collect();
    let with_shares: Vec<f32> = columns.iter().map(|column| share(column).unwrap_or(column.least)).collect();
    let with_fixed: Vec<f32> = columns
        .iter()
        .map(|column| share(column).unwrap_or(if column.is_fixed { column.most } else { column.least }))
        .collect();
    let most: Vec<f32> = columns.iter().map(|column| share(column).unwrap_or(column.most)).collect();
    let sum = |widths: &[f32]| widths.iter().sum::<f32>();
    if sum(&least) >= width {
        return least;
    }
    for (narrow, wide) in [(&least, &with_shares), (&with_shares, &with_fixed), (&with_fixed, &most)] {
        let (below, above) = (sum(narrow), sum(wide));
        if width <= above && above > below {
            let part = (width - below) / (above - below);
            return narrow.iter().zip(wide).map(|(narrow, wide)| narrow + (wide - narrow) * part).collect();
        }
    }
    let mut widened: Vec<Column> = columns.to_vec();
    for (column, most) in widened.iter_mut().zip(&most) {
        column.most = *most;
    }
    share_out(&mut widened, width - sum(&most), |column, part| column.most += part);
    widened.iter().map(|column| column.most).collect()
}

/// The width of the longest word and of the longest line of a box, with its edges.
fn contents(dom: &BaseDocument, node: &Node, nesting: usize) -> (f32, f32) {
    let Some(element) = node.element_data() else { return (0.0, 0.0) };
    if node.is_out_of_flow() || matches!(node.taffy_display(), taffy::Display::None) {
        return (0.0, 0.0);
    }
    let layout = node.final_layout();
    let edges = layout.padding.left + layout.padding.right + layout.border.left + layout.border.right;
    let (least, most) = match &element.special_data {
        SpecialElementData::Image(_) | SpecialElementData::TextInput(_) | SpecialElementData::CheckboxInput(_) => {
            return (layout.size.width, layout.size.width);
        }
        SpecialElementData::TableRoot(_) if nesting < MAX_NESTING => {
            let (columns, more) = measure(dom, node, nesting + 1);
            let sum = |width: fn(&Column) -> f32| columns.iter().map(width).sum::<f32>() + more;
            return fit(node, (sum(|column| column.least), sum(|column| column.most)), edges);
        }
        _ => match &element.inline_layout_data {
            Some(inline) if node.flags.is_inline_root() => {
                let widths = inline.layout.calculate_content_widths();
                (widths.min / SCALE, widths.max / SCALE)
            }
            _ => children(dom, node, nesting),
        },
    };
    fit(node, (least + edges, most + edges), edges)
}

/// The widths of what is in a box: side by side in a row, else the widest.
fn children(dom: &BaseDocument, node: &Node, nesting: usize) -> (f32, f32) {
    let style = node.primary_styles().map(|style| to_taffy_style(&style));
    let is_row = style.is_some_and(|style| {
        style.display == taffy::Display::Flex
            && matches!(style.flex_direction, taffy::FlexDirection::Row | taffy::FlexDirection::RowReverse)
    });
    let mut widths = (0.0f32, 0.0f32);
    for id in node.layout_children.borrow().iter().flatten() {
        let Some(child) = dom.get_node(*id) else { continue };
        let (least, most) = contents(dom, child, nesting);
        let margin = if child.element_data().is_some() { child.final_layout().margin } else { taffy::Rect::ZERO };
        let margins = margin.left + margin.right;
        if is_row {
            widths = (widths.0 + least + margins, widths.1 + most + margins);
        } else {
            widths = (widths.0.max(least + margins), widths.1.max(most + margins));
        }
    }
    widths
}

/// Applies declared widths of a box that is not a cell.
fn fit(node: &Node, (least, most): (f32, f32), edges: f32) -> (f32, f32) {
    let Some(style) = node.primary_styles() else { return (least, most) };
    let style = to_taffy_style(&style);
    let outer = match style.box_sizing {
        taffy::BoxSizing::BorderBox => 0.0,
        taffy::BoxSizing::ContentBox => edges,
    };
    let length = |width: CompactLength| (width.tag() == CompactLength::LENGTH_TAG).then(|| width.value() + outer);
    let is_cell = node.attr(local_name!("colspan")).is_some()
        || crate::document::is_html(node, "td")
        || crate::document::is_html(node, "th");
    let (mut least, mut most) = (least, most);
    if !is_cell && let Some(width) = length(style.size.width.into_raw()) {
        (least, most) = (width, width);
    }
    if let Some(width) = length(style.min_size.width.into_raw()) {
        (least, most) = (least.max(width), most.max(width));
    }
    if let Some(width) = length(style.max_size.width.into_raw()) {
        (least, most) = (least.min(width), most.min(width));
    }
    (least, most)
}

fn declared_width(node: &Node) -> Option<taffy::Dimension> {
    let style = to_taffy_style(&*node.primary_styles()?);
    (style.size.width.tag() != CompactLength::AUTO_TAG).then_some(style.size.width)
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // whole numbers
mod tests {
    use super::*;

    fn column(least: f32, most: f32) -> Column {
        Column { least, most, ..Column::default() }
    }

    #[test]
    fn room_that_is_left_goes_by_contents() {
        assert_eq!(distribute(&[column(10.0, 30.0), column(10.0, 10.0)], 80.0), [60.0, 20.0]);
        let fixed = Column { is_fixed: true, ..column(5.0, 20.0) };
        assert_eq!(distribute(&[fixed, column(10.0, 10.0)], 80.0), [20.0, 60.0]);
        let half = Column { share: Some(0.5), ..column(5.0, 20.0) };
        assert_eq!(distribute(&[half, column(10.0, 10.0)], 80.0), [40.0, 40.0]);
    }

    #[test]
    fn room_that_lacks_is_taken_from_long_lines() {
        assert_eq!(distribute(&[column(10.0, 110.0), column(10.0, 10.0)], 70.0), [60.0, 10.0]);
        assert_eq!(distribute(&[column(50.0, 110.0), column(40.0, 40.0)], 70.0), [50.0, 40.0]);
    }

    #[test]
    fn cells_over_several_columns_widen_them() {
        let mut columns = [column(10.0, 10.0), column(10.0, 30.0)];
        widen(&mut columns, 20.0, 80.0);
        assert_eq!(columns.map(|column| column.most), [20.0, 60.0]);
    }
}
