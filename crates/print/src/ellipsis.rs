//! Text that ends in three dots where it does not fit (`text-overflow: ellipsis`), which the layout engine only clips.

use blitz_dom::node::{Node, NodeData};
use blitz_dom::{BaseDocument, NodeId};

use crate::document::{self, SCALE, computed};

const DOTS: char = '\u{2026}';

/// Shortens the texts that do not fit. Returns whether there are any.
pub(crate) fn shorten(dom: &mut BaseDocument) -> bool {
    let mut changes = Vec::new();
    for (id, node) in dom.tree().iter() {
        if !node.flags.is_inline_root() || !node.flags.is_in_document() {
            continue;
        }
        let Some(kept) = kept_characters(node) else { continue };
        // An anonymous box within the element has its text.
        let element = if node.is_anonymous() { node.parent.unwrap_or(id) } else { id };
        if computed(dom, element, "text-overflow") == "ellipsis" && computed(dom, element, "overflow-x") != "visible" {
            cut(dom, element, kept, &mut changes);
        }
    }
    for (id, text) in &changes {
        dom.mutate().set_node_text(*id, text);
    }
    !changes.is_empty()
}

/// How many characters of a line fit before the dots. None where all of it fits, or where there are several lines.
fn kept_characters(node: &Node) -> Option<usize> {
    let inline = node.element_data()?.inline_layout_data.as_ref()?;
    let layout = node.final_layout();
    let edges = layout.padding.left + layout.padding.right + layout.border.left + layout.border.right;
    let room = (layout.size.width - edges) * SCALE;
    let mut lines = document::lines(inline);
    let line = lines.next().filter(|line| line.metrics().advance > room + SCALE / 2.0)?;
    if lines.next().is_some() {
        return None;
    }
    let mut end = 0;
    let mut width = 0.0;
    for run in line.runs() {
        // The dots are as wide as the font is high.
        let dots = run.font_size();
        for cluster in run.clusters() {
            if width + cluster.advance() + dots > room {
                return Some(inline.text.get(..end)?.chars().count());
            }
            width += cluster.advance();
            end = cluster.text_range().end;
        }
    }
    Some(inline.text.get(..end)?.chars().count())
}

/// Cuts the texts in an element after so many characters, white space counted as it is laid out.
fn cut(dom: &BaseDocument, element: NodeId, kept: usize, changes: &mut Vec<(NodeId, String)>) {
    let mut left = kept;
    let mut is_cut = false;
    // White space at the beginning, and after other white space, takes no room.
    let mut after_space = true;
    let mut stack = vec![element];
    while let Some(id) = stack.pop() {
        let Some(node) = dom.get_node(id) else { continue };
        stack.extend(node.children.iter().rev());
        let NodeData::Text(text) = &node.data else { continue };
        if is_cut {
            changes.push((id, String::new()));
            continue;
        }
        let mut out = String::new();
        for c in text.content.chars() {
            let collapses = c.is_whitespace() && c != '\u{a0}';
            if collapses && after_space {
                continue;
            }
            if left == 0 {
                is_cut = true;
                break;
            }
            left -= 1;
            after_space = collapses;
            out.push(if collapses { ' ' } else { c });
        }
        if is_cut {
            let mut shortened = out.trim_end().to_owned();
            shortened.push(DOTS);
            changes.push((id, shortened));
        }
    }
}
