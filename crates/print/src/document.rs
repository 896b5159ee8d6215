//! A document: parsed, prepared and laid out once at the width of its pages.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use blitz_dom::node::{Attribute, Node, NodeData, TextBrush, TextLayout};
use blitz_dom::{BaseDocument, DocumentConfig, FontContext, LocalName, MediaType, NodeId, QualName, local_name, ns};
use blitz_html::DocumentHtmlParser;
use blitz_traits::net::Url;
use blitz_traits::shell::{ColorScheme, Viewport};
use parley::Line;

use crate::css::PageRule;
use crate::css::scan::{self, PREFIX, PROPERTIES};
use crate::files::{self, Files, Requests};
use crate::style;
use crate::{Fault, adjust, columns, drawing, ellipsis, html, notes};

/// Device pixels in a CSS pixel. The layout engine rounds lines of text to device pixels: with fewer of them, the lines
/// of a page add up to another height than they have. It takes up to 60, its own units in a CSS pixel.
pub(crate) const SCALE: f32 = 60.0;

/// Most elements of a document. Layout takes 10 KB and 0.1 ms for each.
const MAX_ELEMENTS: usize = 40_000;

/// Deepest nesting: layout recurses on the stack.
const MAX_DEPTH: usize = 250;

/// Most tags that may be open in a text before it is parsed: more than may be nested, since end tags may be forgotten.
const MAX_OPEN: usize = 2000;

/// Longest text in one piece. The time for it grows with its square.
const MAX_TEXT: usize = 400_000;

/// Most rounds of files that name other files.
const MAX_ROUNDS: usize = 20;

/// HTML attributes about looks, which the templates' renderer has always ignored.
const LOOKS: &[&str] = &[
    "align",
    "background",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "color",
    "face",
    "frame",
    "height",
    "hspace",
    "link",
    "nowrap",
    "rules",
    "size",
    "text",
    "valign",
    "vspace",
    "width",
];

/// What style sheets say of an element in terms of pages.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Paging {
    pub(crate) break_before: String,
    pub(crate) break_after: String,
    pub(crate) break_inside: String,
    pub(crate) orphans: Option<usize>,
    pub(crate) widows: Option<usize>,
    pub(crate) string_set: String,
    pub(crate) bookmark_level: String,
    /// The name of the pages that the element is on.
    pub(crate) page: String,
}

/// A document whose style sheets have been read, before layout.
pub(crate) struct Parsed {
    dom: BaseDocument,
    fonts: FontContext,
    requests: Arc<Requests>,
    /// `@page` rules in the order of the style sheets.
    pub(crate) rules: Vec<PageRule>,
    carries: bool,
}

/// A document after layout.
pub(crate) struct Laid {
    pub(crate) dom: BaseDocument,
    pub(crate) paging: HashMap<NodeId, Paging>,
    /// Elements taken out of the flow with `position: running(name)`, in document order.
    pub(crate) running: Vec<(String, NodeId)>,
    /// Footnotes, and the numbers in their places, in document order.
    pub(crate) notes: Vec<NodeId>,
    pub(crate) calls: Vec<NodeId>,
}

/// Parses a document and prepares it for layout.
pub(crate) fn parse(html: &str, fonts: FontContext, files: &mut Files) -> Result<Parsed, Fault> {
    check_text(html)?;
    let requests = files::requests();
    let config = DocumentConfig {
        viewport: Some(Viewport::new(800, 600, SCALE, ColorScheme::Light)),
        base_url: Some(files::BASE.to_owned()),
        ua_stylesheets: style::sheets(),
        net_provider: Some(Arc::clone(&requests) as Arc<_>),
        font_ctx: Some(fonts.clone()),
        media_type: Some(MediaType::print()),
        incremental: Some(true),
        ..DocumentConfig::default()
    };
    let mut dom = BaseDocument::new(config);
    for (name, inherits) in PROPERTIES {
        dom.register_custom_property(&format!("{PREFIX}{name}"), "*", *inherits, None);
    }
    let mut mutator = dom.mutate();
    DocumentHtmlParser::parse_into_mutator(&mut mutator, html);
    drop(mutator);
    let elements = check(&dom)?;
    let mut parsed = Parsed { dom, fonts, requests, rules: Vec::new(), carries: false };
    parsed.prepare(&elements);
    parsed.load(files);
    Ok(parsed)
}

/// Elements whose end tag is often left out, or that have none: they say nothing about nesting.
const OPEN_ENDED: &[&str] = &[
    "area", "base", "body", "br", "caption", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img",
    "input", "li", "link", "meta", "optgroup", "option", "p", "path", "rect", "rp", "rt", "source", "tbody", "td",
    "tfoot", "th", "thead", "tr", "wbr",
];

/// Refuses a document with too many or too deeply nested elements before it is parsed, which would take long.
/// What this cannot see is found by [`check`].
fn check_text(html: &str) -> Result<(), Fault> {
    let (mut elements, mut depth) = (0usize, 0usize);
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        let (closes, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
        let name = &rest[..end];
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        elements += usize::from(!closes);
        if OPEN_ENDED.iter().any(|open| open.eq_ignore_ascii_case(name)) {
            continue;
        }
        if closes {
            depth = depth.saturating_sub(1);
        } else if !is_closed_at_once(rest) {
            depth += 1;
        }
        if depth > MAX_OPEN || elements > MAX_ELEMENTS {
            break;
        }
    }
    refuse(elements, if depth > MAX_OPEN { depth } else { 0 })
}

/// Whether a tag ends with `/>`, as far as it is looked at.
fn is_closed_at_once(tag: &str) -> bool {
    const LONGEST: usize = 4096;
    let mut before = 0;
    for byte in tag.bytes().take(LONGEST) {
        if byte == b'>' {
            return before == b'/';
        }
        before = byte;
    }
    false
}

fn refuse(elements: usize, depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::TooLarge(format!("Elements are nested more than {MAX_DEPTH} deep.")));
    }
    if elements > MAX_ELEMENTS {
        return Err(Fault::TooLarge(format!("The document has more than {MAX_ELEMENTS} elements.")));
    }
    Ok(())
}

/// The elements in document order, where there are not too many, nor too deep.
fn check(dom: &BaseDocument) -> Result<Vec<NodeId>, Fault> {
    let mut elements = Vec::new();
    let mut stack = vec![(dom.root_node().id, 0usize)];
    while let Some((id, depth)) = stack.pop() {
        let Some(node) = dom.get_node(id) else { continue };
        match &node.data {
            NodeData::Element(_) => elements.push(id),
            NodeData::Text(text) if text.content.len() > MAX_TEXT => {
                return Err(Fault::TooLarge(format!(
                    "The document contains a text longer than {MAX_TEXT} characters."
                )));
            }
            _ => {}
        }
        refuse(elements.len(), depth)?;
        stack.extend(node.children.iter().rev().map(|child| (*child, depth + 1)));
    }
    Ok(elements)
}

pub(crate) fn attribute_name(name: &str) -> QualName {
    QualName::new(None, ns!(), LocalName::from(name))
}

/// Whether the node is an HTML element of this name.
pub(crate) fn is_html(node: &Node, name: &str) -> bool {
    node.element_data().is_some_and(|element| element.name.ns == ns!(html) && &*element.name.local == name)
}

impl Parsed {
    /// Reads style sheets, and changes what the layout engine would take otherwise than templates mean it.
    fn prepare(&mut self, elements: &[NodeId]) {
        for &id in elements {
            let Some(element) = self.dom.get_node(id).and_then(|node| node.element_data()) else { continue };
            if element.name.ns == ns!(svg) {
                if element.name.local == local_name!("svg") {
                    self.prepare_svg(id);
                }
                continue;
            }
            let removed: Vec<QualName> = element
                .attrs()
                .iter()
                .filter(|attribute| LOOKS.contains(&&*attribute.name.local))
                .map(|attribute| attribute.name.clone())
                .collect();
            let style = element.attr(local_name!("style")).and_then(scan::read_style_attribute);
            let is_style = element.name.local == local_name!("style");
            let is_caption = element.name.local == local_name!("caption");
            let is_frame = matches!(&*element.name.local, "iframe" | "object" | "embed" | "video" | "audio" | "canvas");
            if !removed.is_empty() || style.is_some() {
                let mut mutator = self.dom.mutate();
                for name in removed {
                    mutator.clear_attribute(id, name);
                }
                if let Some(style) = style {
                    self.carries = true;
                    mutator.set_attribute(id, attribute_name("style"), &style);
                }
            }
            if is_style {
                self.read_style_element(id);
            } else if is_caption {
                self.move_caption(id);
            } else if is_frame {
                self.dom.mutate().remove_node(id);
            }
        }
    }

    /// Puts the caption of a table before it: the layout engine shows none.
    fn move_caption(&mut self, id: NodeId) {
        let Some(table) = self.dom.get_node(id).and_then(|node| node.parent) else { return };
        if self.dom.get_node(table).is_some_and(|node| is_html(node, "table")) {
            self.dom.mutate().insert_nodes_before(table, &[id]);
        }
    }

    /// Reads a `style` element, and gives the layout engine what it can use of it.
    fn read_style_element(&mut self, id: NodeId) {
        let Some(node) = self.dom.get_node(id) else { return };
        let sheet = scan::read_sheet(&node.text_content());
        let children = node.children.clone();
        self.rules.extend(sheet.pages);
        if !sheet.carries && !sheet.is_changed {
            return;
        }
        self.carries |= sheet.carries;
        let mut css = sheet.css;
        for child in children {
            if let Some(text) = self.dom.get_node_mut(child).and_then(|node| node.text_data_mut()) {
                text.content = std::mem::take(&mut css);
            }
        }
        self.dom.process_style_element(id);
    }

    /// Text in a drawing becomes outlines, and pictures of files go: the layout engine's own reader looks for
    /// both on the machine.
    fn prepare_svg(&mut self, id: NodeId) {
        let Some(node) = self.dom.get_node(id) else { return };
        let nested = node.parent.and_then(|parent| self.dom.get_node(parent)).and_then(|parent| parent.element_data());
        if nested.is_some_and(|parent| parent.name.ns == ns!(svg)) {
            return;
        }
        let source = node.outer_html();
        if !["<text", "<image", "<feImage", "<foreignObject"].iter().any(|element| source.contains(element)) {
            return;
        }
        let declared = if source.contains("xmlns=") {
            source
        } else {
            source.replacen(
                "<svg",
                "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"",
                1,
            )
        };
        let outlined = drawing::prepare(declared.into_bytes()).unwrap_or_default();
        let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, outlined);
        let kept = ["class", "id", "style"];
        let mut attributes: Vec<Attribute> = node
            .element_data()
            .into_iter()
            .flat_map(|element| element.attrs())
            .filter(|attribute| kept.contains(&&*attribute.name.local))
            .cloned()
            .collect();
        attributes
            .push(Attribute { name: attribute_name("src"), value: format!("data:image/svg+xml;base64,{encoded}") });
        let mut mutator = self.dom.mutate();
        let image = mutator.create_element(QualName::new(None, ns!(html), local_name!("img")), attributes);
        mutator.replace_node_with(id, &[image]);
    }

    /// Loads style sheets, fonts and pictures, and puts the alternative text in the place of missing pictures.
    fn load(&mut self, files: &mut Files) {
        for _ in 0..MAX_ROUNDS {
            if !files.serve(&self.requests, &mut self.dom) {
                break;
            }
            self.dom.handle_messages();
        }
        self.rules.append(&mut files.rules);
        self.carries |= std::mem::take(&mut files.carries);
        self.describe_missing(&files.lost);
    }

    fn describe_missing(&mut self, lost: &HashSet<String>) {
        let Ok(base) = Url::parse(files::BASE) else { return };
        let mut missing = Vec::new();
        for (id, node) in self.dom.tree().iter() {
            if !is_html(node, "img") || !node.flags.is_in_document() {
                continue;
            }
            let source = node.attr(local_name!("src")).unwrap_or_default();
            let is_lost = source.is_empty() || base.join(source).map_or(true, |url| lost.contains(url.as_str()));
            if is_lost {
                missing.push((id, node.attr(local_name!("alt")).unwrap_or_default().to_owned()));
            }
        }
        for (id, alternative) in missing {
            let mut mutator = self.dom.mutate();
            if alternative.trim().is_empty() {
                continue;
            }
            let text = mutator.create_text_node(&alternative);
            mutator.replace_node_with(id, &[text]);
        }
    }

    /// Lays the document out for a content box of this size in CSS pixels. `named` tells the width of that of pages with
    /// a name.
    pub(crate) fn lay_out(
        mut self,
        width: f32,
        height: f32,
        named: &dyn Fn(&str) -> f32,
        files: &mut Files,
    ) -> Result<Laid, Fault> {
        self.resolve(width, height, files);
        let has_notes = self.carries && !files.shows_running && notes::call(&mut self.dom);
        if adjust::open_inlines(&mut self.dom) || has_notes {
            let html = html::write(&self.dom, self.dom.root_element());
            let carries = self.carries;
            self = parse(&format!("<!DOCTYPE html>{html}"), self.fonts, files)?;
            self.carries |= carries;
            self.resolve(width, height, files);
        }
        Ok(self.finish(named))
    }

    fn resolve(&mut self, width: f32, height: f32, files: &mut Files) {
        let device = |length: f32| (length * SCALE).round().max(1.0) as u32;
        self.dom.set_viewport(Viewport::new(device(width), device(height), SCALE, ColorScheme::Light));
        for _ in 0..MAX_ROUNDS {
            self.dom.resolve(0.0);
            // Backgrounds are asked for once styles are known.
            if !files.serve(&self.requests, &mut self.dom) {
                break;
            }
        }
    }

    fn finish(mut self, named: &dyn Fn(&str) -> f32) -> Laid {
        if self.carries && adjust::fit_named_pages(&mut self.dom, named) {
            self.dom.resolve(0.0);
        }
        if adjust::adjust(&mut self.dom) {
            self.dom.resolve(0.0);
        }
        if columns::set(&mut self.dom) {
            self.dom.resolve(0.0);
        }
        if ellipsis::shorten(&mut self.dom) {
            self.dom.resolve(0.0);
        }
        let ids: Vec<NodeId> = self.dom.tree().iter().map(|(id, _)| id).collect();
        for &id in &ids {
            // Layout rounds boxes to CSS pixels, which is a quarter of a millimeter.
            if let Some(layout) = self.dom.get_node_mut(id).and_then(|node| node.try_layout_data_mut()) {
                layout.final_layout = layout.unrounded_layout;
            }
        }
        let mut laid =
            Laid { dom: self.dom, paging: HashMap::new(), running: Vec::new(), notes: Vec::new(), calls: Vec::new() };
        if self.carries {
            laid.read_paging(&ids);
        }
        laid
    }
}

/// The value of a property of an element. Nothing for one that is not shown: it has no style, and the layout engine must
/// not be asked to make one up.
pub(crate) fn computed(dom: &BaseDocument, id: NodeId, name: &str) -> String {
    let is_shown = dom.get_node(id).is_some_and(|node| node.primary_styles().is_some());
    if is_shown { dom.resolved_style_value(id, name) } else { String::new() }
}

/// The lines of a paragraph, without the empty one after a line break at its end, which takes no room.
pub(crate) fn lines(inline: &TextLayout) -> impl Iterator<Item = Line<'_, TextBrush>> {
    let last = inline.layout.len().saturating_sub(1);
    let is_empty = |line: &Line<'_, TextBrush>| line.text_range().is_empty() && line.items().next().is_none();
    let lines = inline.layout.lines().enumerate();
    lines.filter(move |(index, line)| *index == 0 || *index < last || !is_empty(line)).map(|(_, line)| line)
}

/// The name of the pages that an element is on, or nothing.
pub(crate) fn page_name(dom: &BaseDocument, id: NodeId) -> String {
    let name = computed(dom, id, &format!("{PREFIX}page"));
    let name = name.trim();
    if name.eq_ignore_ascii_case("auto") { String::new() } else { name.to_owned() }
}

impl Laid {
    /// Reads the properties about pages that style sheets gave to elements.
    fn read_paging(&mut self, ids: &[NodeId]) {
        self.calls =
            notes::in_order(&self.dom, |dom, id| dom.get_node(id).is_some_and(|node| is_html(node, notes::CALL)));
        for &id in ids {
            let Some(node) = self.dom.get_node(id) else { continue };
            if node.element_data().is_none() || !node.flags.is_in_document() || node.primary_styles().is_none() {
                continue;
            }
            let value = |name: &str| computed(&self.dom, id, &format!("{PREFIX}{name}")).trim().to_ascii_lowercase();
            let running = value("running");
            if !running.is_empty() {
                self.running.push((running, id));
                continue;
            }
            if !value("footnote").is_empty() {
                self.notes.push(id);
                continue;
            }
            let paging = Paging {
                break_before: value("break-before"),
                break_after: value("break-after"),
                break_inside: value("break-inside"),
                orphans: value("orphans").parse().ok(),
                widows: value("widows").parse().ok(),
                string_set: computed(&self.dom, id, &format!("{PREFIX}string-set")),
                bookmark_level: value("bookmark-level"),
                page: page_name(&self.dom, id),
            };
            if paging != Paging::default() {
                self.paging.insert(id, paging);
            }
        }
    }
}
