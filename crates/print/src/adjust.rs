//! What the layout engine does otherwise than templates expect is changed once styles are known: by declarations
//! on single elements, and by moving some.

use std::collections::{HashMap, HashSet};

use blitz_dom::node::{Node, NodeData, SpecialElementData};
use blitz_dom::{BaseDocument, LocalName, NodeId, QualName, local_name, ns};
use stylo_taffy::to_taffy_style;
use taffy::CompactLength;

use crate::collapse;
use crate::document::{self, SCALE, attribute_name, computed, page_name};
use crate::lists;

/// Declarations to be added to elements.
#[derive(Default)]
pub(crate) struct Changes {
    css: HashMap<NodeId, String>,
}

impl Changes {
    pub(crate) fn add(&mut self, id: NodeId, css: &str) {
        let added = self.css.entry(id).or_default();
        added.push_str(css);
        added.push(';');
    }

    /// Adds the declarations to the elements' own. Returns whether there are any.
    fn apply(self, dom: &mut BaseDocument) -> bool {
        let any = !self.css.is_empty();
        for (id, css) in self.css {
            let Some(node) = dom.get_node(id) else { continue };
            let present = node.attr(local_name!("style")).unwrap_or_default();
            let style = format!("{present};{css}");
            dom.mutate().set_attribute(id, attribute_name("style"), &style);
        }
        any
    }
}

/// Makes all changes but those of [`open_inlines`]. Returns whether there are any, so that layout has to be done again.
pub(crate) fn adjust(dom: &mut BaseDocument) -> bool {
    let mut changes = Changes::default();
    align_cells(dom, &mut changes);
    align_in_lines(dom, &mut changes);
    fit_absolute(dom, &mut changes);
    collapse::separate(dom, &mut changes);
    lists::mark(dom, &mut changes);
    let moved = move_floats(dom);
    changes.apply(dom) || moved
}

/// Gives boxes on pages with a name the width that these have, where it differs from that of the other pages. Returns
/// whether there are any.
pub(crate) fn fit_named_pages(dom: &mut BaseDocument, named: &dyn Fn(&str) -> f32) -> bool {
    let mut changes = Changes::default();
    for (id, node) in dom.tree().iter() {
        let Some(styles) = node.primary_styles().filter(|_| node.flags.is_in_document()) else { continue };
        if node.element_data().is_none() || node.is_out_of_flow() {
            continue;
        }
        let name = page_name(dom, id);
        let parent =
            node.parent.and_then(|parent| dom.get_node(parent)).filter(|parent| parent.element_data().is_some());
        let around = parent.map(|parent| page_name(dom, parent.id)).unwrap_or_default();
        let more = if name == around { 0.0 } else { named(&name) - named(&around) };
        if more.abs() < 0.01 || !is_block(&computed(dom, id, "display")) {
            continue;
        }
        let width = to_taffy_style(&styles).size.width.into_raw();
        let share = match width.tag() {
            CompactLength::AUTO_TAG => 1.0,
            CompactLength::PERCENT_TAG => width.value(),
            _ => continue,
        };
        let width = (node.final_layout().size.width + more * share).max(1.0);
        changes.add(id, &format!("width:{width}px!important;max-width:none!important;box-sizing:border-box!important"));
    }
    changes.apply(dom)
}

/// Gives up the boxes of inline elements with blocks in them. What is in them then goes where CSS has it: text and
/// pictures in the line that the element began in, blocks below. Returns whether there are any; the document then
/// has to be read again, as the layout engine cannot change the boxes that it has made for them.
pub(crate) fn open_inlines(dom: &mut BaseDocument) -> bool {
    let mut changes = Changes::default();
    let opened = find_inlines(dom, &mut changes);
    for id in opened {
        part_blocks(dom, id);
    }
    changes.apply(dom)
}

/// Keeps the margins of blocks in an inline element apart, as the templates' renderer has them: there is a line between
/// them, though an empty one.
fn part_blocks(dom: &mut BaseDocument, id: NodeId) {
    let Some(node) = dom.get_node(id) else { return };
    let mut follows = false;
    let mut parted = Vec::new();
    for child in &node.children {
        let Some(content) = dom.get_node(*child).map(|child| line_content(dom, child)) else { continue };
        match content {
            None if follows => parted.push(*child),
            None => follows = true,
            Some(true) => follows = false,
            Some(false) => {}
        }
    }
    let mut mutator = dom.mutate();
    for before in parted {
        let line = mutator.create_element(QualName::new(None, ns!(html), LocalName::from("iw-line")), Vec::new());
        mutator.set_attribute(line, attribute_name("style"), "display:flow-root;height:0");
        mutator.insert_nodes_before(before, &[line]);
    }
}

fn find_inlines(dom: &BaseDocument, changes: &mut Changes) -> HashSet<NodeId> {
    let display = |id: NodeId| computed(dom, id, "display");
    let mut opened: HashSet<NodeId> = HashSet::new();
    for (_, node) in dom.tree().iter() {
        let Some(mut parent) = node.parent.filter(|_| node.flags.is_in_document()) else { continue };
        if node.element_data().is_none() || node.is_out_of_flow() || opened.contains(&parent) {
            continue;
        }
        let may_be_inline = dom.get_node(parent).is_some_and(|parent| {
            parent.element_data().is_some_and(|element| element.name.ns == ns!(html)) && !parent.flags.is_inline_root()
        });
        if !may_be_inline || display(parent) != "inline" || !is_block(&display(node.id)) {
            continue;
        }
        while display(parent) == "inline" && opened.insert(parent) {
            changes.add(parent, "display:contents!important");
            let Some(next) = dom.get_node(parent).and_then(|node| node.parent) else { break };
            parent = next;
        }
    }
    opened
}

fn is_block(display: &str) -> bool {
    matches!(display, "block" | "flex" | "grid" | "table" | "list-item" | "flow-root")
}

/// Cells have their contents in the middle (see the base style sheet). Others are aligned as was declared for them
/// or for their row. Their own `vertical-align` must not stay, as it would raise the text within its line.
fn align_cells(dom: &BaseDocument, changes: &mut Changes) {
    for (_, node) in dom.tree().iter() {
        let Some(SpecialElementData::TableRoot(table)) = node.element_data().map(|element| &element.special_data)
        else {
            continue;
        };
        if !node.flags.is_in_document() {
            continue;
        }
        let rows: Vec<String> = table.rows.iter().map(|row| computed(dom, row.node_id, "vertical-align")).collect();
        for cell in &table.cells {
            let own = computed(dom, cell.node_id, "vertical-align");
            let row = rows.get(usize::from(cell.row)).map_or("middle", String::as_str);
            let align = if own == "baseline" { row } else { own.as_str() };
            let align = match align {
                "top" | "text-top" => "start",
                "bottom" | "text-bottom" => "end",
                _ => "center",
            };
            if own != "baseline" || align != "center" {
                changes
                    .add(cell.node_id, &format!("vertical-align:baseline!important;align-content:{align}!important"));
            }
        }
    }
}

/// A box with `position: absolute` whose width comes from its content ends at the edge of its containing block: the
/// layout engine takes the whole width of that block as the most, whatever `left` and `right` say.
fn fit_absolute(dom: &BaseDocument, changes: &mut Changes) {
    for (id, node) in dom.tree().iter() {
        if !node.flags.is_in_document() || node.taffy_position() != taffy::Position::Absolute {
            continue;
        }
        let (Some(styles), Some(block)) = (node.primary_styles(), node.oof_containing_block.get()) else { continue };
        let style = to_taffy_style(&styles);
        let is_auto = |length: CompactLength| length.tag() == CompactLength::AUTO_TAG;
        let has_auto_side = is_auto(style.inset.left.into_raw()) || is_auto(style.inset.right.into_raw());
        if !is_auto(style.size.width.into_raw()) || !is_auto(style.max_size.width.into_raw()) || !has_auto_side {
            continue;
        }
        let Some(around) = dom.get_node(block).map(|block| block.final_layout()) else { continue };
        let width = around.size.width - around.border.left - around.border.right;
        let length = |length: CompactLength| match length.tag() {
            CompactLength::LENGTH_TAG => length.value(),
            CompactLength::PERCENT_TAG => length.value() * width,
            _ => 0.0,
        };
        let taken = length(style.inset.left.into_raw())
            + length(style.inset.right.into_raw())
            + length(style.margin.left.into_raw())
            + length(style.margin.right.into_raw());
        let room = (width - taken).max(0.0);
        let layout = node.final_layout();
        if layout.size.width <= room {
            continue;
        }
        let inner = layout.size.width - layout.padding.left - layout.padding.right;
        let edges = match style.box_sizing {
            taffy::BoxSizing::BorderBox => 0.0,
            taffy::BoxSizing::ContentBox => layout.size.width - inner + layout.border.left + layout.border.right,
        };
        changes.add(id, &format!("max-width:{}px!important", (room - edges).max(0.0)));
    }
}

/// Raises blocks and pictures in lines as far as they are to be. The layout engine takes a length of `vertical-align` as
/// device pixels, and has a block of blocks stand on its first line instead of its last one.
fn align_in_lines(dom: &BaseDocument, changes: &mut Changes) {
    for (_, node) in dom.tree().iter() {
        let inline = node.element_data().and_then(|element| element.inline_layout_data.as_ref());
        let Some(inline) = inline.filter(|_| node.flags.is_in_document() && node.flags.is_inline_root()) else {
            continue;
        };
        for inner in inline.layout.inline_boxes() {
            let id = NodeId::from_u64(inner.id);
            let Some(node) = dom.get_node(id) else { continue };
            match shift_in_line(dom, node) {
                None | Some(0.0) => {}
                // The text of such a block would be raised once more within it.
                Some(shift) if node.flags.is_inline_root() => changes.add(
                    id,
                    &format!("vertical-align:baseline!important;position:relative;top:{}px!important", -shift),
                ),
                Some(shift) => changes.add(id, &format!("vertical-align:{}px!important", shift * SCALE)),
            }
        }
    }
}

/// How far a box is above the line of text, in CSS pixels. None where it is aligned by a keyword.
fn shift_in_line(dom: &BaseDocument, node: &Node) -> Option<f32> {
    if node.is_out_of_flow() || node.primary_styles().is_none() {
        return None;
    }
    let value = |name: &str| computed(dom, node.id, name);
    let aligned = value("vertical-align");
    let number = |text: &str, unit: &str| text.strip_suffix(unit).and_then(|number| number.parse::<f32>().ok());
    let declared = match aligned.as_str() {
        "baseline" => 0.0,
        length => match number(length, "%") {
            Some(percent) => percent / 100.0 * number(&value("line-height"), "px")?,
            None => number(length, "px")?,
        },
    };
    let is_block =
        !node.flags.is_inline_root() && value("display") == "inline-block" && value("overflow-y") == "visible";
    let lines = if is_block { baselines(dom, node, 0.0) } else { None };
    Some(declared + lines.map_or(0.0, |(first, last)| last - first))
}

/// The baselines of the first and the last line of a box, from its top.
fn baselines(dom: &BaseDocument, node: &Node, top: f32) -> Option<(f32, f32)> {
    if node.is_out_of_flow() {
        return None;
    }
    if node.flags.is_inline_root() {
        let inline = node.element_data()?.inline_layout_data.as_ref()?;
        let layout = node.final_layout();
        let start = top + layout.padding.top + layout.border.top + inline.block_offset;
        let mut lines = document::lines(inline).map(|line| start + line.metrics().baseline / SCALE);
        let first = lines.next()?;
        return Some((first, lines.last().unwrap_or(first)));
    }
    let children = node.layout_children.borrow();
    let inner =
        children.iter().flatten().filter_map(|id| dom.get_node(*id)).filter(|child| child.element_data().is_some());
    let found = inner.filter_map(|child| baselines(dom, child, top + child.final_layout().location.y));
    found.reduce(|a, b| (a.0, b.1))
}

/// Moves floats before the text and pictures in whose line they stand, where that line is followed by a block: the
/// layout engine would put them below it.
fn move_floats(dom: &mut BaseDocument) -> bool {
    let mut moves = Vec::new();
    for (id, node) in dom.tree().iter() {
        if node.element_data().is_none() || !node.flags.is_in_document() || node.primary_styles().is_none() {
            continue;
        }
        let Some(parent) = node.parent.and_then(|parent| dom.get_node(parent)) else { continue };
        if parent.element_data().is_none_or(|element| element.name.ns != ns!(html)) || parent.flags.is_inline_root() {
            continue;
        }
        let Some(at) = parent.children.iter().position(|child| *child == id).filter(|at| *at > 0) else { continue };
        let floats = |id: NodeId| !matches!(computed(dom, id, "float").as_str(), "none" | "");
        if !floats(id) {
            continue;
        }
        let mut first = None;
        for before in parent.children[..at].iter().rev() {
            let Some(sibling) = dom.get_node(*before) else { continue };
            match line_content(dom, sibling) {
                Some(true) => first = Some(*before),
                Some(false) => {}
                None if sibling.element_data().is_some() && floats(*before) => {}
                None => break,
            }
        }
        moves.extend(first.map(|first| (id, first)));
    }
    for (id, first) in &moves {
        dom.mutate().insert_nodes_before(*first, &[*id]);
    }
    !moves.is_empty()
}

/// Whether a node is content of a line (`Some(false)`: white space or nothing). None for a block.
fn line_content(dom: &BaseDocument, node: &Node) -> Option<bool> {
    match &node.data {
        NodeData::Text(text) => Some(!text.content.trim().is_empty()),
        NodeData::Element(_) if node.is_out_of_flow() => Some(false),
        NodeData::Element(_) => match computed(dom, node.id, "display").as_str() {
            "none" => Some(false),
            display if display.starts_with("inline") => {
                let floats = computed(dom, node.id, "float");
                (floats == "none").then_some(true)
            }
            _ => None,
        },
        _ => Some(false),
    }
}
