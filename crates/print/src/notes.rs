//! Footnotes: elements with `float: footnote`. A number stands in their place, and they go to the foot of the page that
//! it is on.

use std::fmt::Write as _;

use blitz_dom::{BaseDocument, FontContext, LocalName, NodeId, QualName, ns};
use kurbo::Rect;

use crate::css::scan::{HIDDEN, PREFIX};
use crate::document::{self, Laid, SCALE, attribute_name, computed};
use crate::files::Files;
use crate::margin::write_declarations;
use crate::{Fault, html};

/// The element that stands in the place of a footnote.
pub(crate) const CALL: &str = "iw-call";

/// What the number in the text looks like.
const CALL_STYLE: &str = "font-size:0.7em;line-height:0;vertical-align:super";

/// The footnotes of a document, laid out below each other.
pub(crate) struct Notes {
    laid: Laid,
    /// What is above those of a page: the room before it, then where it begins and ends.
    rule: (f32, f32, f32),
    /// Where each begins and ends.
    places: Vec<(f32, f32)>,
}

/// Puts numbers into the places of footnotes. Returns whether there are any.
pub(crate) fn call(dom: &mut BaseDocument) -> bool {
    let is_note = |dom: &BaseDocument, id| !computed(dom, id, &format!("{PREFIX}footnote")).trim().is_empty();
    let notes = in_order(dom, is_note);
    let mut mutator = dom.mutate();
    for (index, id) in notes.iter().enumerate() {
        let number = index + 1;
        let call = mutator.create_element(QualName::new(None, ns!(html), LocalName::from(CALL)), Vec::new());
        mutator.set_attribute(call, attribute_name("style"), CALL_STYLE);
        let text = mutator.create_text_node(&number.to_string());
        mutator.append_children(call, &[text]);
        mutator.insert_nodes_before(*id, &[call]);
    }
    drop(mutator);
    for (index, id) in notes.iter().enumerate() {
        let first = dom.get_node(*id).and_then(|node| node.children.first().copied());
        let mut mutator = dom.mutate();
        let marker = mutator.create_text_node(&format!("{}. ", index + 1));
        match first {
            Some(first) => mutator.insert_nodes_before(first, &[marker]),
            None => mutator.append_children(*id, &[marker]),
        }
    }
    !notes.is_empty()
}

/// The elements that `is_wanted` holds for, in document order, without those in others of them.
pub(crate) fn in_order(dom: &BaseDocument, is_wanted: impl Fn(&BaseDocument, NodeId) -> bool) -> Vec<NodeId> {
    let mut found = Vec::new();
    let mut stack = vec![dom.root_node().id];
    while let Some(id) = stack.pop() {
        let Some(node) = dom.get_node(id) else { continue };
        if node.element_data().is_some() && node.primary_styles().is_some() && is_wanted(dom, id) {
            found.push(id);
            continue;
        }
        stack.extend(node.children.iter().rev());
    }
    found
}

impl Notes {
    /// Lays the footnotes of a document out, at the width of its pages. `styles` are its style sheets, and `area` the
    /// declarations of `@footnote`.
    pub(crate) fn of(
        laid: &Laid,
        styles: &str,
        area: &[(String, String)],
        size: (f32, f32),
        fonts: &FontContext,
        files: &mut Files,
    ) -> Result<Self, Fault> {
        let mut text = format!(
            "<!DOCTYPE html><html><head>{styles}<style>html, body {{ margin: 0 !important; padding: 0 !important; \
             border: 0 !important; background: none !important; width: auto !important; height: auto !important; \
             position: static !important }}</style></head><body>"
        );
        text.push_str("<iw-rule style=\"display:block;margin-top:1em;");
        write_declarations(&mut text, area.iter());
        text.push_str("\"></iw-rule>");
        for id in &laid.notes {
            let Some(node) = laid.dom.get_node(*id) else { continue };
            let note = html::write(&laid.dom, node).replace(HIDDEN, "");
            let _ = write!(text, "<iw-note style=\"display:flow-root\">{note}</iw-note>");
        }
        text.push_str("</body></html>");
        files.shows_running = true;
        let laid = document::parse(&text, fonts.clone(), files).and_then(|parsed| {
            let width = size.0;
            parsed.lay_out(size.0, size.1, &|_| width, files)
        });
        files.shows_running = false;
        let laid = laid?;
        let named = |name: &str| {
            let is_named = |dom: &BaseDocument, id| dom.get_node(id).is_some_and(|node| document::is_html(node, name));
            in_order(&laid.dom, is_named)
        };
        let extent = |id: NodeId| {
            let node = laid.dom.get_node(id)?;
            let top = node.absolute_position(0.0, 0.0).y;
            Some((top, top + node.final_layout().size.height))
        };
        let rule = named("iw-rule").first().copied().and_then(|id| {
            let (top, bottom) = extent(id)?;
            Some((laid.dom.get_node(id)?.final_layout().margin.top, top, bottom))
        });
        let places = named("iw-note").into_iter().filter_map(extent).collect();
        Ok(Self { rule: rule.unwrap_or_default(), places, laid })
    }

    /// The height of the part of a page that is for footnotes, beside these.
    pub(crate) fn edge(&self) -> f32 {
        self.rule.0 + self.rule.2 - self.rule.1
    }

    pub(crate) fn heights(&self) -> impl Iterator<Item = f32> {
        self.places.iter().map(|(top, bottom)| bottom - top)
    }

    /// The height of the footnotes of a page, with what is above them.
    pub(crate) fn height(&self, notes: &[usize]) -> f32 {
        let heights = notes.iter().filter_map(|index| self.places.get(*index)).map(|(top, bottom)| bottom - top);
        if notes.is_empty() { 0.0 } else { self.edge() + heights.sum::<f32>() }
    }

    /// Paints footnotes so that the last one ends at the lower edge of a page's content. `paint` paints what of the
    /// document is within bounds in device pixels.
    pub(crate) fn paint(
        &mut self,
        notes: &[usize],
        content: [f32; 4],
        whole: Rect,
        mut paint: impl FnMut(&mut BaseDocument, Rect),
    ) {
        let places: Vec<(f32, f32)> = notes.iter().filter_map(|index| self.places.get(*index).copied()).collect();
        if places.is_empty() {
            return;
        }
        let mut y = content[1] + content[3] - self.height(notes) + self.rule.0;
        // Notes that follow each other are painted at once.
        let mut stretches: Vec<(f32, f32)> = vec![(self.rule.1, self.rule.2)];
        for (top, bottom) in places {
            match stretches.last_mut() {
                Some(last) if (last.1 - top).abs() < 0.01 => last.1 = bottom,
                _ => stretches.push((top, bottom)),
            }
        }
        for (top, bottom) in stretches {
            let scroll = blitz_dom::Point { x: -f64::from(content[0]), y: f64::from(top - y) };
            self.laid.dom.set_viewport_scroll(scroll);
            let device = |length: f32| f64::from(length * SCALE);
            paint(&mut self.laid.dom, Rect::new(whole.x0, device(y), whole.x1, device(y + bottom - top)));
            y += bottom - top;
        }
    }
}
