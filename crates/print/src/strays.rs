//! Boxes with `position: absolute` on pages. They are placed from the top of their containing block, which may have
//! begun on an earlier page than the one that they belong to; and those that need not go on to the next page are painted
//! as a whole, though what is in the flow ends above.

use std::collections::HashSet;

use blitz_dom::node::{Node, SpecialElementData};
use blitz_dom::{BaseDocument, NodeId};
use stylo_taffy::to_taffy_style;
use taffy::CompactLength;

use crate::breaks::Leaf;
use crate::document::Laid;
use crate::pages::ASIDE;

/// A box that only one page shows, though its lower part would be on the next one.
struct Stray {
    id: NodeId,
    page: usize,
    /// Its place in the document, and in its containing block.
    place: (f32, f32),
    own: (f32, f32),
}

/// Those of a document.
pub(crate) struct Strays(Vec<Stray>);

/// The page that a place in the document is on.
fn page_of(leaves: &[Leaf], y: f32) -> Option<usize> {
    /// What is so near to the end of a page begins on the next one.
    const SLACK: f32 = 0.2;
    let last = leaves.iter().rposition(|leaf| leaf.main().is_some());
    leaves.iter().position(|leaf| leaf.main().is_some_and(|slice| y < slice.bottom - SLACK)).or(last)
}

/// Where a box would be if it were in the flow: below what comes before it in the box that it is in.
fn place_in_flow(laid: &Laid, node: &Node) -> Option<f32> {
    let dom = &laid.dom;
    let height = |node: &Node| if node.element_data().is_some() { node.final_layout().size.height } else { 0.0 };
    let mut inner = node.id;
    let mut parent = dom.get_node(node.parent?)?;
    // Elements in lines have no box of their own.
    while height(parent) <= 0.0 {
        inner = parent.id;
        parent = dom.get_node(parent.parent?)?;
    }
    let top = parent.absolute_position(0.0, 0.0).y;
    if parent.flags.is_inline_root() {
        return Some(top);
    }
    let before = parent.children.iter().take_while(|id| **id != inner).filter_map(|id| dom.get_node(*id));
    let bottoms = before.filter(|node| height(node) > 0.0 && !node.is_out_of_flow());
    let last = bottoms.last().map(|node| node.absolute_position(0.0, 0.0).y + height(node));
    Some(last.map_or(top, |last| last.max(top)))
}

/// Whether a box is in another one of these.
fn is_within(dom: &BaseDocument, node: &Node, boxes: &HashSet<NodeId>) -> bool {
    let mut around = node.containing_block();
    while let Some(id) = around {
        if boxes.contains(&id) {
            return true;
        }
        around = dom.get_node(id).and_then(Node::containing_block);
    }
    false
}

impl Strays {
    /// Moves boxes to the pages that they belong to. `height` tells the height of the content box of a page.
    pub(crate) fn place(laid: &mut Laid, leaves: &[Leaf], height: impl Fn(usize) -> f32) -> Self {
        if leaves.len() < 2 {
            return Self(Vec::new());
        }
        let mut moves = Vec::new();
        let mut found = Vec::new();
        for (id, node) in laid.dom.tree().iter() {
            if !node.flags.is_in_document() || node.taffy_position() != taffy::Position::Absolute {
                continue;
            }
            let (Some(element), Some(styles)) = (node.element_data(), node.primary_styles()) else { continue };
            let around = node.oof_containing_block.get().and_then(|id| laid.dom.get_node(id));
            let mut top = node.absolute_position(0.0, 0.0).y;
            let has_top = to_taffy_style(&styles).inset.top.into_raw().tag() != CompactLength::AUTO_TAG;
            if let (Some(around), true) = (around, has_top) {
                let begins = around.absolute_position(0.0, 0.0).y;
                let own = place_in_flow(laid, node).and_then(|place| page_of(leaves, place));
                let (first, own) = (page_of(leaves, begins), own);
                let start = own.filter(|_| own > first).and_then(|page| leaves[page].main()).map(|slice| slice.top);
                if let Some(start) = start {
                    moves.push((id, start - begins));
                    top += start - begins;
                }
            }
            let bottom = top + node.final_layout().size.height;
            let Some(page) = page_of(leaves, top) else { continue };
            let Some(slice) = leaves[page].main().filter(|slice| bottom > slice.bottom) else { continue };
            let fits = bottom <= slice.top - slice.at + height(page);
            // Boxes with a place in the third dimension are painted with others in their order.
            if node.z_index() == 0 && (fits || matches!(element.special_data, SpecialElementData::Image(_))) {
                found.push((id, page));
            }
        }
        for (id, by) in moves {
            crate::pages::move_to(laid, id, |location| location.y += by);
        }
        let all: HashSet<NodeId> = found.iter().map(|(id, _)| *id).collect();
        let outermost = found.into_iter().filter_map(|(id, page)| {
            let node = laid.dom.get_node(id).filter(|node| !is_within(&laid.dom, node, &all))?;
            let (place, own) = (node.absolute_position(0.0, 0.0), node.final_layout().location);
            Some(Stray { id, page, place: (place.x, place.y), own: (own.x, own.y) })
        });
        Self(outermost.collect())
    }

    /// Moves all of them out of sight.
    pub(crate) fn put_aside(&self, laid: &mut Laid) {
        for stray in &self.0 {
            crate::pages::move_to(laid, stray.id, |location| location.x = stray.own.0 + ASIDE);
        }
    }

    /// Moves those of a page to their places in the document. Tells which they are.
    pub(crate) fn show(&self, laid: &mut Laid, page: usize) -> Vec<NodeId> {
        let mut shown = Vec::new();
        for stray in self.0.iter().filter(|stray| stray.page == page) {
            crate::pages::move_to(laid, stray.id, |location| (location.x, location.y) = stray.place);
            shown.push(stray.id);
        }
        shown
    }

    /// Moves all of them back into their containing blocks.
    pub(crate) fn put_back(&self, laid: &mut Laid) {
        for stray in &self.0 {
            crate::pages::move_to(laid, stray.id, |location| (location.x, location.y) = stray.own);
        }
    }
}
