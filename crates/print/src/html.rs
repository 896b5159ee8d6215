//! Elements as HTML again. The layout engine's own writer closes empty elements with `/>`, which HTML takes for an open
//! element.

use blitz_dom::node::{Node, NodeData};
use blitz_dom::{BaseDocument, NodeId, ns};

/// Elements without an end tag.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Elements whose text is not escaped.
const RAW: &[&str] = &["style", "script", "xmp", "iframe", "noembed", "noframes", "plaintext"];

/// An element with everything in it, as HTML.
pub(crate) fn write(dom: &BaseDocument, node: &Node) -> String {
    let mut out = String::new();
    element(dom, node, &mut out);
    out
}

fn element(dom: &BaseDocument, node: &Node, out: &mut String) {
    match &node.data {
        NodeData::Text(text) => escape(&text.content, false, out),
        NodeData::Element(data) => {
            let name = &*data.name.local;
            out.push('<');
            out.push_str(name);
            for attribute in data.attrs() {
                out.push(' ');
                if let Some(prefix) = &attribute.name.prefix {
                    out.push_str(prefix);
                    out.push(':');
                }
                out.push_str(&attribute.name.local);
                out.push_str("=\"");
                escape(&attribute.value, true, out);
                out.push('"');
            }
            out.push('>');
            let is_html = data.name.ns == ns!(html);
            if is_html && VOID.contains(&name) {
                return;
            }
            let is_raw = is_html && RAW.contains(&name);
            for child in node.children.iter().filter_map(|id: &NodeId| dom.get_node(*id)) {
                match &child.data {
                    NodeData::Text(text) if is_raw => out.push_str(&text.content),
                    _ => element(dom, child, out),
                }
            }
            out.push_str("</");
            out.push_str(name);
            out.push('>');
        }
        _ => {}
    }
}

fn escape(text: &str, in_attribute: bool, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if in_attribute => out.push_str("&quot;"),
            character => out.push(character),
        }
    }
}
