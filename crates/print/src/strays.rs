//! Boxes with `position: absolute` on pages. They are placed from the top of their containing block, which may have
//! begun on an earlier page than the one that they belong to; and pictures among them are not cut by the end of a page.

use blitz_dom::NodeId;
use blitz_dom::node::{Node, SpecialElementData};
use stylo_taffy::to_taffy_style;
use taffy::CompactLength;

use crate::breaks::Leaf;
use crate::document::Laid;

/// Pictures that only one page shows, though their lower part would be on the next one.
pub(crate) struct Strays(Vec<(NodeId, usize)>);

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

impl Strays {
    /// Moves boxes to the pages that they belong to.
    pub(crate) fn place(laid: &mut Laid, leaves: &[Leaf]) -> Self {
        let mut strays = Self(Vec::new());
        if leaves.len() < 2 {
            return strays;
        }
        let mut moves = Vec::new();
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
                if let Some(start) = start.filter(|start| *start < begins + around.final_layout().size.height) {
                    moves.push((id, start - begins));
                    top += start - begins;
                }
            }
            if matches!(element.special_data, SpecialElementData::Image(_))
                && let Some(page) = page_of(leaves, top)
                && leaves[page].main().is_some_and(|slice| top + node.final_layout().size.height > slice.bottom)
            {
                strays.0.push((id, page));
            }
        }
        for (id, by) in moves {
            crate::pages::move_to(laid, id, |location| location.y += by);
        }
        strays
    }

    /// The pictures that a page does not show.
    pub(crate) fn hidden(&self, page: usize) -> impl Iterator<Item = NodeId> {
        self.0.iter().filter(move |(_, own)| *own != page).map(|(id, _)| *id)
    }
}
