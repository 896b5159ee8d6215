//! A document on pages, ready to be painted.

use std::fmt::Write as _;

use blitz_dom::util::Point;
use blitz_dom::{FontContext, NodeId};
use krilla::page::PageSettings;
use krilla::surface::Surface;
use kurbo::{Affine, Rect};

use crate::breaks::{self, Leaf, Slice};
use crate::canvas::{Canvas, Resources};
use crate::css::PageStyle;
use crate::css::content::{Piece, parse_content};
use crate::css::page::PageKind;
use crate::css::scan::HIDDEN;
use crate::document::{self, Laid, SCALE, is_html};
use crate::files::Files;
use crate::fill::Sides;
use crate::flow::{Flow, Heading};
use crate::margin::{self, PageTexts, Sheet};
use crate::notes::Notes;
use crate::strays::Strays;
use crate::{Fault, PageSize, html};

/// Points in a CSS pixel.
pub(crate) const POINTS: f32 = 0.75;

/// Where boxes are put that are not to be painted: far to the side, in CSS pixels, and not so far that their own place
/// would lose digits.
pub(crate) const ASIDE: f32 = 1.0e5;

/// The index of a page that is neither the first nor a left one.
const USUAL_PAGE: usize = 2;

/// A document on pages.
pub(crate) struct Pages {
    laid: Laid,
    leaves: Vec<Leaf>,
    styles: Vec<PageStyle>,
    /// The margins of all pages, where there are any.
    margins: Option<Laid>,
    notes: Option<Notes>,
    sides: Vec<Sides>,
    pub(crate) headings: Vec<Heading>,
    fixed: Fixed,
    strays: Strays,
    /// The color behind all of a page.
    canvas: Option<peniko::Color>,
}

/// Boxes with `position: fixed`, which every page shows.
#[derive(Default)]
struct Fixed {
    /// Each with its place in the page's content box.
    boxes: Vec<(NodeId, f32, f32)>,
    /// Children of the root element, in the order in which they are painted.
    others: Vec<NodeId>,
}

impl Pages {
    /// Lays a document out on pages.
    pub(crate) fn lay_out(html: &str, size: PageSize, fonts: &FontContext, files: &mut Files) -> Result<Self, Fault> {
        files.begin();
        let parsed = document::parse(html, fonts.clone(), files)?;
        let rules = parsed.rules.clone();
        let fallback = (size.width * crate::css::length::PX_PER_MM, size.height * crate::css::length::PX_PER_MM);
        // All pages have the width of those that are neither first nor blank; a page may still be higher or lower.
        let style =
            |index, is_blank, name: &str| PageStyle::resolve(&rules, PageKind { index, is_blank, name }, fallback);
        let usual = style(USUAL_PAGE, false, "");
        let width = |name: &str| style(USUAL_PAGE, false, name).content[2];
        let mut laid = parsed.lay_out(usual.content[2], usual.content[3], &width, files)?;
        let mut flow = Flow::of(&laid);
        let area = usual.boxes.iter().find(|(name, _)| name == "footnote").map(|(_, declarations)| &declarations[..]);
        let size = (usual.content[2], usual.content[3]);
        let notes = match laid.notes.is_empty() {
            true => None,
            false => Some(Notes::of(&laid, &style_elements(&laid), area.unwrap_or_default(), size, fonts, files)?),
        };
        if let Some(notes) = &notes {
            flow.notes_edge = notes.edge();
            flow.notes.iter_mut().zip(notes.heights()).for_each(|(note, height)| note.1 = height);
        }
        let leaves = breaks::paginate(&flow, |index, name| style(index, false, name).content[3])?;
        let styles: Vec<PageStyle> =
            leaves.iter().enumerate().map(|(index, leaf)| style(index, leaf.is_blank, &leaf.name)).collect();
        let strays = Strays::place(&mut laid, &leaves, |page| styles[page].content[3]);
        let mut pages = Self {
            strays,
            canvas: canvas_color(&laid),
            fixed: Fixed::of(&laid),
            headings: flow.headings.clone(),
            margins: None,
            notes,
            sides: std::mem::take(&mut flow.sides),
            laid,
            leaves,
            styles,
        };
        pages.lay_out_margins(&flow, fonts, files)?;
        Ok(pages)
    }

    pub(crate) fn len(&self) -> usize {
        self.leaves.len()
    }

    /// The size of a page in points.
    pub(crate) fn settings(&self, page: usize) -> Option<PageSettings> {
        let style = &self.styles[page];
        PageSettings::from_wh(style.width * POINTS, style.height * POINTS)
    }

    /// Which page a place in the document is on, and where, in points from the page's top left corner.
    pub(crate) fn place(&self, x: f32, y: f32) -> Option<(usize, f32, f32)> {
        let found = self.leaves.iter().enumerate().find_map(|(page, leaf)| {
            let slice = leaf.main()?;
            (y < slice.bottom).then_some((page, slice))
        });
        let (page, slice) = found.or_else(|| Some((self.leaves.len() - 1, self.leaves.last()?.main()?)))?;
        let content = self.styles[page].content;
        let top = content[1] + slice.at + (y - slice.top).max(0.0);
        Some((page, (content[0] + x) * POINTS, top * POINTS))
    }

    pub(crate) fn laid(&self) -> &Laid {
        &self.laid
    }

    fn lay_out_margins(&mut self, flow: &Flow, fonts: &FontContext, files: &mut Files) -> Result<(), Fault> {
        if !self.styles.iter().any(margin::has_margins) {
            return Ok(());
        }
        let sheets: Vec<Sheet> = self
            .styles
            .iter()
            .zip(&self.leaves)
            .map(|(style, leaf)| Sheet { style, texts: self.texts(flow, leaf) })
            .collect();
        let styles = style_elements(&self.laid);
        files.shows_running = true;
        let margins = margin::lay_out(&sheets, &styles, fonts.clone(), files);
        files.shows_running = false;
        self.margins = Some(margins?);
        Ok(())
    }

    /// Where a page is cut in the document, and the part of the page below that, where it has room left there.
    fn rest(&self, page: usize) -> Option<(f32, (f32, f32))> {
        let leaf = &self.leaves[page];
        let slice = leaf.main().filter(|slice| !slice.open.1)?;
        let has_feet = leaf.slices.iter().any(|other| other.sides.is_some() && other.at > slice.at);
        let content = self.styles[page].content;
        let top = content[1] + slice.at + slice.bottom - slice.top;
        let notes = self.notes.as_ref().map_or(0.0, |notes| notes.height(&leaf.notes));
        let bottom = content[1] + content[3] - notes;
        (!has_feet && top < bottom).then_some((slice.bottom, (top, bottom)))
    }

    /// The running elements and named strings that hold on a page: the first ones on it, else the last ones before it.
    fn texts(&self, flow: &Flow, leaf: &Leaf) -> PageTexts {
        let (top, bottom) = leaf.main().map_or((0.0, f32::MAX), |slice| (slice.top, slice.bottom));
        let dom = &self.laid.dom;
        let mut texts = PageTexts { running: Vec::new(), named: Vec::new() };
        let mut held: Vec<(bool, String, f32, String)> = Vec::new();
        for (name, id) in &self.laid.running {
            let Some(node) = dom.get_node(*id) else { continue };
            let place = flow.places.get(id).copied().unwrap_or(0.0);
            held.push((true, name.clone(), place, without_running(&html::write(dom, node))));
        }
        for (id, paging) in &self.laid.paging {
            let (Some(place), Some(node)) = (flow.places.get(id), dom.get_node(*id)) else { continue };
            let Some((name, value)) = paging.string_set.trim().split_once(char::is_whitespace) else { continue };
            let text = node.text_content().split_whitespace().collect::<Vec<_>>().join(" ");
            let value = if value.contains("content(") {
                text
            } else {
                let pieces = parse_content(value).unwrap_or_default();
                pieces
                    .iter()
                    .filter_map(|piece| if let Piece::Text(text) = piece { Some(text.as_str()) } else { None })
                    .collect()
            };
            held.push((false, name.to_ascii_lowercase(), *place, value));
        }
        held.sort_by(|a, b| a.2.total_cmp(&b.2));
        let mut on_page: Vec<(bool, &str)> = Vec::new();
        for (is_running, name, place, text) in &held {
            let list = if *is_running { &mut texts.running } else { &mut texts.named };
            if *place >= bottom {
                continue;
            }
            if *place >= top - 0.5 {
                if on_page.contains(&(*is_running, name.as_str())) {
                    continue;
                }
                on_page.push((*is_running, name));
            }
            list.retain(|(known, _)| known != name);
            list.push((name.clone(), text.clone()));
        }
        texts
    }

    /// Paints a page.
    pub(crate) fn paint(&mut self, page: usize, surface: &mut Surface, resources: &mut Resources) {
        let style = &self.styles[page];
        let device = |length: f32| f64::from(length * SCALE);
        let whole = Rect::new(0.0, 0.0, device(style.width), device(style.height));
        let base = Affine::scale(f64::from(POINTS / SCALE));
        if let Some(color) = self.canvas {
            let mut canvas = Canvas::new(surface, resources, base, whole, false);
            anyrender::PaintScene::fill(&mut canvas, peniko::Fill::NonZero, Affine::IDENTITY, color, None, &whole);
        }
        if let Some(margins) = &mut self.margins {
            let top: f32 = self.styles[..page].iter().map(|style| style.height).sum();
            let mut canvas = Canvas::new(surface, resources, base, whole, false);
            margins.dom.set_viewport_scroll(blitz_dom::Point { x: 0.0, y: f64::from(top) });
            blitz_paint::paint_scene(
                &mut canvas,
                &mut margins.dom,
                f64::from(SCALE),
                whole.x1 as u32,
                whole.y1 as u32,
                0,
                0,
            );
        }
        let skips = self.canvas.is_some();
        let content = style.content;
        self.fixed.put_aside(&mut self.laid);
        self.strays.put_aside(&mut self.laid);
        for slice in &self.leaves[page].slices {
            let bounds = slice_bounds(slice, content, whole);
            let mut canvas = Canvas::new(surface, resources, base, bounds, skips);
            anyrender::PaintScene::push_clip_layer(&mut canvas, peniko::Fill::NonZero, Affine::IDENTITY, &bounds);
            let scroll = Point { x: -f64::from(content[0]), y: f64::from(slice.top - slice.at - content[1]) };
            self.laid.dom.set_viewport_scroll(scroll);
            blitz_paint::paint_scene(
                &mut canvas,
                &mut self.laid.dom,
                f64::from(SCALE),
                whole.x1 as u32,
                whole.y1 as u32,
                0,
                0,
            );
            anyrender::PaintScene::pop_layer(&mut canvas);
        }
        if let Some((cut, stretch)) = self.rest(page) {
            let mut canvas = Canvas::new(surface, resources, base, whole, false);
            for sides in self.sides.iter().filter(|sides| sides.is_cut(cut)) {
                sides.paint(&mut canvas, content[0], stretch);
            }
        }
        let strays = self.strays.show(&mut self.laid, page);
        if let Some(slice) = self.leaves[page].main().filter(|_| !strays.is_empty()) {
            let scroll = Point { x: -f64::from(content[0]), y: f64::from(slice.top - slice.at - content[1]) };
            self.laid.dom.set_viewport_scroll(scroll);
            let mut canvas = Canvas::new(surface, resources, base, whole, skips);
            paint_alone(&mut self.laid, &strays, &mut canvas, whole);
        }
        self.strays.put_back(&mut self.laid);
        if let Some(notes) = &mut self.notes {
            notes.paint(&self.leaves[page].notes, content, whole, |dom, bounds| {
                let mut canvas = Canvas::new(surface, resources, base, bounds, false);
                anyrender::PaintScene::push_clip_layer(&mut canvas, peniko::Fill::NonZero, Affine::IDENTITY, &bounds);
                let (width, height) = (whole.x1 as u32, whole.y1 as u32);
                blitz_paint::paint_scene(&mut canvas, dom, f64::from(SCALE), width, height, 0, 0);
                anyrender::PaintScene::pop_layer(&mut canvas);
            });
        }
        if !self.fixed.boxes.is_empty() {
            self.fixed.show(&mut self.laid, content);
            self.laid.dom.set_viewport_scroll(Point { x: 0.0, y: 0.0 });
            let mut canvas = Canvas::new(surface, resources, base, whole, skips);
            blitz_paint::paint_scene(
                &mut canvas,
                &mut self.laid.dom,
                f64::from(SCALE),
                whole.x1 as u32,
                whole.y1 as u32,
                0,
                0,
            );
            self.fixed.hide_others(&mut self.laid, false);
        }
    }
}

/// The style sheets of a document, for other ones that are made of parts of it.
fn style_elements(laid: &Laid) -> String {
    let mut styles = String::new();
    for (_, node) in laid.dom.tree().iter() {
        if is_html(node, "style") && node.flags.is_in_document() {
            let text = node.text_content().replace(HIDDEN, "").replace("</", "<\\/");
            let _ = write!(styles, "<style>{text}</style>");
        } else if is_html(node, "link") && node.flags.is_in_document() {
            styles.push_str(&html::write(&laid.dom, node));
        }
    }
    styles
}

/// Paints boxes whose places are those in the document, and nothing else.
fn paint_alone(laid: &mut Laid, boxes: &[NodeId], canvas: &mut Canvas<'_, '_>, whole: Rect) {
    let Some(root) = laid.dom.try_root_element().map(|root| root.id) else { return };
    let Some(node) = laid.dom.get_node_mut(root) else { return };
    let painted = node.paint_children.replace(Some(boxes.iter().copied().collect()));
    let stacked = node.stacking_context.take();
    blitz_paint::paint_scene(canvas, &mut laid.dom, f64::from(SCALE), whole.x1 as u32, whole.y1 as u32, 0, 0);
    if let Some(node) = laid.dom.get_node_mut(root) {
        node.paint_children.replace(painted);
        node.stacking_context = stacked;
    }
}

/// Where a slice is on the page, in device pixels.
fn slice_bounds(slice: &Slice, content: [f32; 4], whole: Rect) -> Rect {
    let device = |length: f32| f64::from(length * SCALE);
    let top = content[1] + slice.at;
    let bottom = top + slice.bottom - slice.top;
    let (left, right) = slice.sides.map_or((whole.x0, whole.x1), |(left, right)| {
        // Borders of cells may go over the edge of their table.
        (device(content[0] + left - 2.0), device(content[0] + right + 2.0))
    });
    let top = if slice.open.0 { whole.y0 } else { device(top - slice.lead) };
    let bottom = if slice.open.1 { whole.y1 } else { device(bottom) };
    Rect::new(left, top, right, bottom)
}

/// The HTML of an element without what took it out of the flow.
fn without_running(html: &str) -> String {
    format!("<iw-running style=\"display:block\">{}</iw-running>", html.replace(HIDDEN, ""))
}

/// The background of the root element, else of the body, which covers all of a page.
fn canvas_color(laid: &Laid) -> Option<peniko::Color> {
    let root = laid.dom.try_root_element()?;
    let body = root.children.iter().filter_map(|id| laid.dom.get_node(*id)).find(|node| is_html(node, "body"));
    [Some(root), body].into_iter().flatten().find_map(|node| {
        use blitz_dom::util::ToColorColor as _;
        let styles = node.primary_styles()?;
        let color =
            styles.get_background().background_color.resolve_to_absolute(&styles.clone_color()).as_color_color();
        (color.components[3] > 0.0).then_some(color)
    })
}

impl Fixed {
    fn of(laid: &Laid) -> Self {
        let Some(root) = laid.dom.try_root_element() else { return Self::default() };
        let mut fixed = Self::default();
        let painted = root.paint_children.borrow().iter().flatten().copied().collect::<Vec<_>>();
        let stacked =
            root.stacking_context.iter().flat_map(|context| context.children.iter().map(|child| child.node_id));
        for id in painted.into_iter().chain(stacked) {
            let Some(node) = laid.dom.get_node(id) else { continue };
            if node.taffy_position() == taffy::Position::Fixed && node.oof_containing_block.get() == Some(root.id) {
                let location = node.final_layout().location;
                fixed.boxes.push((id, location.x, location.y));
            } else if node.element_data().is_some() {
                fixed.others.push(id);
            }
        }
        fixed
    }

    /// Moves fixed boxes out of sight.
    fn put_aside(&self, laid: &mut Laid) {
        for (id, _, _) in &self.boxes {
            move_to(laid, *id, |location| location.x = ASIDE);
        }
    }

    /// Moves fixed boxes to their place on the page, and everything else out of sight.
    fn show(&self, laid: &mut Laid, content: [f32; 4]) {
        for (id, x, y) in &self.boxes {
            move_to(laid, *id, |location| (location.x, location.y) = (x + content[0], y + content[1]));
        }
        self.hide_others(laid, true);
    }

    fn hide_others(&self, laid: &mut Laid, hidden: bool) {
        let offset = if hidden { ASIDE } else { -ASIDE };
        for id in &self.others {
            move_to(laid, *id, |location| location.x += offset);
        }
    }
}

pub(crate) fn move_to(laid: &mut Laid, id: NodeId, change: impl FnOnce(&mut taffy::Point<f32>)) {
    if let Some(layout) = laid.dom.get_node_mut(id).and_then(|node| node.try_layout_data_mut()) {
        change(&mut layout.final_layout.location);
    }
}
