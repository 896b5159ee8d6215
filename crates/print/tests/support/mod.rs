//! Reads PDFs back: texts, boxes and pictures of each page with their places in millimeters.

#![allow(dead_code, reason = "each test program uses a part")]

use std::sync::Arc;

use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::util::TransformExt as _;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, interpret_page,
};
use hayro::hayro_syntax::Pdf;
use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape};
use ironwood_print::{Fault, Job, Output, PageSize, Printed};

/// Millimeters in a point.
const MM: f64 = 25.4 / 72.0;

/// A text, or a box or picture without one, and where it is in millimeters from the top left corner of its page.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) text: String,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A page of a PDF.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) texts: Vec<Item>,
    /// Filled and stroked paths by their bounding boxes.
    pub(crate) boxes: Vec<Item>,
    pub(crate) pictures: Vec<Item>,
}

impl Page {
    /// All texts, line by line.
    pub(crate) fn text(&self) -> String {
        self.texts.iter().map(|item| item.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Where a text begins.
    pub(crate) fn find(&self, text: &str) -> &Item {
        self.texts
            .iter()
            .find(|item| item.text.contains(text))
            .unwrap_or_else(|| panic!("no {text:?} in {:?}", self.text()))
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        self.text().contains(text)
    }
}

struct Reader {
    page: Page,
}

impl<'a> Device<'a> for Reader {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, _: &DrawMode) {
        self.page.boxes.push(item(props.transform.transform_rect_bbox(path.bounding_box())));
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        use hayro::hayro_interpret::hayro_cmap::BfString;
        let mut text = String::new();
        for glyph in run.glyphs() {
            match glyph.as_unicode() {
                Some(BfString::Char(c)) => text.push(c),
                Some(BfString::String(s)) => text.push_str(&s),
                None => text.push('\u{fffd}'),
            }
        }
        let place = |index: usize| {
            let glyph = &run.glyphs()[index];
            props.transform * glyph.transform() * Point::ZERO
        };
        if run.glyphs().is_empty() {
            return;
        }
        let (first, last) = (place(0), place(run.glyphs().len() - 1));
        let next = Item { text, x: first.x * MM, y: first.y * MM, width: (last.x - first.x) * MM, height: 0.0 };
        // Runs of a line that follow each other are one text.
        match self.page.texts.last_mut() {
            Some(before)
                if (before.y - next.y).abs() < 0.01 && next.x >= before.x && next.x - before.x - before.width < 4.0 =>
            {
                before.text.push_str(&next.text);
                before.width = next.x + next.width - before.x;
            }
            _ => self.page.texts.push(next),
        }
    }

    fn draw_image(&mut self, _: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.page.pictures.push(item(props.transform.transform_rect_bbox(Rect::new(0.0, 0.0, 1.0, 1.0))));
    }

    fn pop_clip(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}

fn item(rect: Rect) -> Item {
    Item { text: String::new(), x: rect.x0 * MM, y: rect.y0 * MM, width: rect.width() * MM, height: rect.height() * MM }
}

/// Reads a PDF.
pub(crate) fn read(pdf: Vec<u8>) -> Vec<Page> {
    let pdf = Pdf::new(Arc::new(pdf)).expect("a PDF");
    let cache = InterpreterCache::new();
    let mut pages = Vec::new();
    for page in pdf.pages().iter() {
        let (width, height) = page.render_dimensions();
        let transform: Affine = page.initial_transform(true).to_kurbo();
        let area = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
        let mut context = Context::new(transform, area, &cache, page.xref(), InterpreterSettings::default());
        let mut reader =
            Reader { page: Page { width: f64::from(width) * MM, height: f64::from(height) * MM, ..Page::default() } };
        interpret_page(page, &mut context, &mut reader);
        pages.push(reader.page);
    }
    pages
}

/// A job of one document for A4.
pub(crate) fn job(html: &str) -> Job {
    Job {
        documents: vec![html.to_owned()],
        title: "Test".to_owned(),
        page: PageSize::A4,
        output: Output::Pdf { archival: false },
    }
}

/// Prints a document that names no files.
pub(crate) fn print(html: &str) -> Result<Printed, Fault> {
    ironwood_print::render(&job(html), &mut |_| None)
}

/// The pages of a document that names no files.
pub(crate) fn pages(html: &str) -> Vec<Page> {
    read(print(html).expect("printed").files.remove(0))
}

/// Asserts that two lengths differ by less than a tenth of a millimeter.
#[track_caller]
pub(crate) fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 0.1, "{found} mm instead of {expected} mm");
}
