//! Markers of list items. The layout engine knows few kinds of them, counts from one whatever a document says, and
//! drops the space after a number; it shows a marker that is given as a string as it is.

use blitz_dom::{BaseDocument, NodeId};

use crate::adjust::Changes;
use crate::css::content::format_counter;
use crate::document::{computed, is_html};

/// Lists in which items are numbered anew.
const LISTS: &[&str] = &["ol", "ul", "menu", "dir"];

/// Gives all list items their markers.
pub(crate) fn mark(dom: &BaseDocument, changes: &mut Changes) {
    for (id, node) in dom.tree().iter() {
        let is_list = LISTS.iter().any(|name| is_html(node, name));
        // Items outside of a list are numbered within the element that they are in.
        let holds_items = is_list || node.parent.is_some_and(|parent| parent == dom.root_node().id);
        if holds_items && node.flags.is_in_document() {
            number(dom, id, changes);
        }
    }
}

/// Numbers the items of a list, but not those of lists in it.
fn number(dom: &BaseDocument, list: NodeId, changes: &mut Changes) {
    let items = items(dom, list);
    let attribute = |id: NodeId, name: &str| {
        let element = dom.get_node(id)?.element_data()?;
        let found = element.attrs().iter().find(|attribute| &*attribute.name.local == name)?;
        Some(found.value.clone())
    };
    let given = |id: NodeId, name: &str| attribute(id, name).and_then(|text| text.trim().parse::<i32>().ok());
    let step = if attribute(list, "reversed").is_some() { -1 } else { 1 };
    let first = if step < 0 { items.len() as i32 } else { 1 };
    let mut next = given(list, "start").unwrap_or(first);
    for id in items {
        let own = given(id, "value").unwrap_or(next);
        next = own.saturating_add(step);
        if let Some(marker) = marker(&computed(dom, id, "list-style-type"), own) {
            changes.add(id, &format!("list-style-type:\"{marker}\"!important"));
        }
    }
}

/// The list items below an element, in document order.
fn items(dom: &BaseDocument, list: NodeId) -> Vec<NodeId> {
    let mut found = Vec::new();
    let below = |id: NodeId| dom.get_node(id).map(|node| node.children.iter().rev().copied().collect::<Vec<_>>());
    let mut stack = below(list).unwrap_or_default();
    while let Some(id) = stack.pop() {
        let Some(node) = dom.get_node(id) else { continue };
        if node.element_data().is_none() || LISTS.iter().any(|name| is_html(node, name)) {
            continue;
        }
        if node.primary_styles().is_some_and(|style| style.get_box().display.is_list_item()) {
            found.push(id);
        }
        stack.extend(below(id).unwrap_or_default());
    }
    found
}

/// The marker of an item with this number, and what is between it and the text. None where the layout engine shows what
/// it is to, or nothing.
fn marker(style: &str, number: i32) -> Option<String> {
    const SPACE: char = '\u{a0}';
    let counted = |text: String| Some(format!("{text}.{SPACE}"));
    match style {
        "none" => None,
        other if other.starts_with(['"', '\'']) || other.contains('(') => None,
        "disc" => Some(format!("•{SPACE}")),
        "circle" => Some(format!("◦{SPACE}")),
        "square" => Some(format!("▪{SPACE}")),
        "disclosure-open" => Some(format!("▾{SPACE}")),
        "disclosure-closed" => Some(format!("▸{SPACE}")),
        style => match usize::try_from(number) {
            Ok(number) if number > 0 => counted(format_counter(number, style)),
            _ => counted(number.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_written_in_many_ways() {
        let plain = |style: &str, number: i32| {
            let marker = marker(style, number).unwrap();
            marker.trim_end_matches(['.', '\u{a0}']).to_owned()
        };
        for (style, number, expected) in [
            ("decimal", 12, "12"),
            ("decimal", -3, "-3"),
            ("lower-alpha", 0, "0"),
            ("lower-roman", 14, "xiv"),
            ("disc", 7, "•"),
            ("unknown", 7, "7"),
        ] {
            assert_eq!(plain(style, number), expected, "{style}");
        }
        assert_eq!(marker("none", 1), None);
        assert_eq!(marker("\"-\"", 1), None);
    }
}
