//! What the layout engine paints, written into a page of a PDF.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use anyrender::{Filter, Glyph, NormalizedCoord, Paint, PaintRef, PaintScene, RenderContext};
use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Size, Transform};
use krilla::image::Image;
use krilla::num::NormalizedF32;
use krilla::paint::{FillRule, LineCap, LineJoin, LinearGradient, RadialGradient, SpreadMethod, Stop, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};
use kurbo::{Affine, Cap, Join, PathEl, Rect, Shape, Stroke};
use peniko::{BlendMode, Color, Extend, Fill, FontData, GradientKind, ImageBrushRef, ImageFormat, StyleRef};

use crate::glyphs::Faces;
use crate::pixels;

/// Most copies of a picture that is repeated over a background.
const MAX_TILES: usize = 400;

/// Fonts and pictures of a PDF, each written once.
#[derive(Default)]
pub(crate) struct Resources {
    pub(crate) faces: Faces,
    writer: pixels::Writer,
    /// Pictures by what is in them and their size in points. None for what cannot be decoded.
    images: HashMap<(u64, u32, u32), Option<Image>>,
    /// Digests of the data that the layout engine has for pictures, by its numbers for them.
    digests: HashMap<u64, u64>,
}

impl Resources {
    /// Resources of a PDF that is made for its own sake, or only for pictures of its pages.
    pub(crate) fn new(is_for_pictures: bool) -> Self {
        let mut resources = Self::default();
        resources.writer.is_for_pictures = is_for_pictures;
        resources
    }

    /// A picture that is shown at a size in points: a file, or pixels within a drawing.
    fn image(&mut self, data: &peniko::ImageData, points: (f64, f64)) -> Option<Image> {
        let blob = &data.data;
        let digest = *self.digests.entry(blob.id()).or_insert_with(|| {
            let mut hasher = DefaultHasher::new();
            blob.data().hash(&mut hasher);
            hasher.finish()
        });
        let writer = &mut self.writer;
        let image = self.images.entry((digest, points.0.ceil() as u32, points.1.ceil() as u32)).or_insert_with(|| {
            let size = (data.width, data.height);
            if blob.data().len() as u64 == u64::from(data.width) * u64::from(data.height) * 4 {
                return writer.write_rgba(blob.data(), size, points);
            }
            let (bytes, _) = blob.clone().into_raw_parts();
            writer.write(bytes, points)
        });
        image.clone()
    }
}

/// A page, or a part of it, that the layout engine paints on. Its unit is the device pixel.
pub(crate) struct Canvas<'a, 's> {
    surface: &'a mut Surface<'s>,
    resources: &'a mut Resources,
    /// From device pixels to points.
    base: Affine,
    /// What is outside of this is not painted, in device pixels.
    bounds: Rect,
    /// How many things each layer put on the surface.
    layers: Vec<usize>,
    /// Whether the background of the canvas is still to come, which is painted elsewhere.
    skips_canvas: bool,
}

impl<'a, 's> Canvas<'a, 's> {
    pub(crate) fn new(
        surface: &'a mut Surface<'s>,
        resources: &'a mut Resources,
        base: Affine,
        bounds: Rect,
        skips_canvas: bool,
    ) -> Self {
        Self { surface, resources, base, bounds, layers: Vec::new(), skips_canvas }
    }

    /// Whether a shape is outside of what is painted.
    fn is_outside(&self, transform: Affine, shape: &impl Shape, extra: f64) -> bool {
        let bounds = transform.transform_rect_bbox(shape.bounding_box()).inflate(extra, extra);
        !(bounds.x0.is_finite() && bounds.x1.is_finite() && bounds.y0.is_finite() && bounds.y1.is_finite())
            || bounds.y1 <= self.bounds.y0
            || bounds.y0 >= self.bounds.y1
            || bounds.x1 < self.bounds.x0
            || bounds.x0 > self.bounds.x1
    }

    fn paint(&self, brush: &PaintRef, transform: Affine, alpha: f32) -> Option<(krilla::paint::Paint, NormalizedF32)> {
        match brush {
            Paint::Solid(color) => {
                let (color, opacity) = convert_color(*color);
                Some((color.into(), scaled(opacity, alpha)))
            }
            Paint::Gradient(gradient) => {
                let stops = gradient.stops.iter().map(|stop| {
                    let (color, opacity) = convert_color(stop.color.to_alpha_color());
                    Stop { offset: normalized(stop.offset), color: color.into(), opacity }
                });
                let stops: Vec<Stop> = stops.collect();
                let spread_method = match gradient.extend {
                    Extend::Repeat => SpreadMethod::Repeat,
                    Extend::Reflect => SpreadMethod::Reflect,
                    _ => SpreadMethod::Pad,
                };
                let transform = convert_transform(self.base * transform);
                let paint = match gradient.kind {
                    GradientKind::Linear(line) => LinearGradient {
                        x1: line.start.x as f32,
                        y1: line.start.y as f32,
                        x2: line.end.x as f32,
                        y2: line.end.y as f32,
                        transform,
                        spread_method,
                        stops,
                        anti_alias: false,
                    }
                    .into(),
                    GradientKind::Radial(circle) => RadialGradient {
                        fx: circle.start_center.x as f32,
                        fy: circle.start_center.y as f32,
                        fr: circle.start_radius,
                        cx: circle.end_center.x as f32,
                        cy: circle.end_center.y as f32,
                        cr: circle.end_radius,
                        transform,
                        spread_method,
                        stops,
                        anti_alias: false,
                    }
                    .into(),
                    GradientKind::Sweep(_) => {
                        let color = gradient.stops.first()?.color.to_alpha_color();
                        convert_color(color).0.into()
                    }
                };
                Some((paint, normalized(alpha)))
            }
            Paint::Image(_) | Paint::Resource(_) | Paint::Custom(_) => None,
        }
    }

    fn fill_path(
        &mut self,
        rule: Fill,
        transform: Affine,
        brush: &PaintRef,
        brush_transform: Option<Affine>,
        shape: &impl Shape,
    ) {
        let Some(path) = convert_path(shape, self.base * transform) else { return };
        let brush_transform = transform * brush_transform.unwrap_or_default();
        let Some((paint, opacity)) = self.paint(brush, brush_transform, 1.0) else { return };
        if opacity == NormalizedF32::ZERO {
            return;
        }
        self.surface.set_stroke(None);
        self.surface.set_fill(Some(krilla::paint::Fill { paint, opacity, rule: convert_rule(rule) }));
        self.surface.draw_path(&path);
    }

    fn fill_image(
        &mut self,
        brush: &ImageBrushRef,
        transform: Affine,
        brush_transform: Option<Affine>,
        shape: &impl Shape,
    ) {
        let (width, height) = (f64::from(brush.image.width), f64::from(brush.image.height));
        let placement = self.base * transform * brush_transform.unwrap_or_default();
        let Some(image) = self.image(brush, placement) else { return };
        let Some(size) = Size::from_wh(width as f32, height as f32) else { return };
        let Some(clip) = convert_path(shape, self.base * transform) else { return };
        let placed = brush_transform.unwrap_or_default();
        let area = placed.inverse().transform_rect_bbox(shape.bounding_box());
        let picture = Rect::new(0.0, 0.0, width, height);
        let fits =
            placed == Affine::IDENTITY && (area.x1 - picture.x1).abs() < 0.5 && (area.y1 - picture.y1).abs() < 0.5;
        let range = |extend: Extend, from: f64, to: f64, length: f64| match extend {
            Extend::Repeat | Extend::Reflect => ((from / length).floor() as i64, (to / length).ceil() as i64),
            _ => (0, 1),
        };
        let columns = range(brush.sampler.x_extend, area.x0, area.x1, width);
        let rows = range(brush.sampler.y_extend, area.y0, area.y1, height);
        let opacity = normalized(brush.sampler.alpha);
        let mut pushed = 0;
        if !fits {
            self.surface.push_clip_path(&clip, &FillRule::NonZero);
            pushed += 1;
        }
        if opacity != NormalizedF32::ONE {
            self.surface.push_opacity(opacity);
            pushed += 1;
        }
        let tiles = (rows.0..rows.1).flat_map(|row| (columns.0..columns.1).map(move |column| (column, row)));
        for (column, row) in tiles.take(MAX_TILES) {
            let offset = Affine::translate((column as f64 * width, row as f64 * height));
            self.surface.push_transform(&convert_transform(self.base * transform * placed * offset));
            self.surface.draw_image(image.clone(), size);
            self.surface.pop();
        }
        for _ in 0..pushed {
            self.surface.pop();
        }
    }

    /// A picture with as many pixels as it needs at this place.
    fn image(&mut self, brush: &ImageBrushRef, placement: Affine) -> Option<Image> {
        let data = &brush.image;
        if data.format != ImageFormat::Rgba8 {
            return None;
        }
        let [a, b, c, d, _, _] = placement.as_coeffs();
        let points = (f64::from(data.width) * a.hypot(b), f64::from(data.height) * c.hypot(d));
        self.resources.image(data, points)
    }

    fn push(&mut self, rule: Fill, transform: Affine, clip: &impl Shape, alpha: f32) {
        let mut pushed = 0;
        if let Some(path) = convert_path(clip, self.base * transform) {
            self.surface.push_clip_path(&path, &convert_rule(rule));
            pushed += 1;
        }
        if alpha < 1.0 {
            self.surface.push_opacity(normalized(alpha));
            pushed += 1;
        }
        self.layers.push(pushed);
    }
}

impl RenderContext for Canvas<'_, '_> {}

impl PaintScene for Canvas<'_, '_> {
    fn reset(&mut self) {}

    fn push_layer(
        &mut self,
        fill: Fill,
        _blend: impl Into<BlendMode>,
        alpha: f32,
        transform: Affine,
        clip: &impl Shape,
        _filter: Option<Arc<Filter>>,
        _backdrop_filter: Option<Arc<Filter>>,
    ) {
        self.push(fill, transform, clip, alpha);
    }

    fn push_clip_layer(&mut self, fill: Fill, transform: Affine, clip: &impl Shape) {
        self.push(fill, transform, clip, 1.0);
    }

    fn pop_layer(&mut self) {
        for _ in 0..self.layers.pop().unwrap_or_default() {
            self.surface.pop();
        }
    }

    fn stroke<'b>(
        &mut self,
        style: &Stroke,
        transform: Affine,
        brush: impl Into<PaintRef<'b>>,
        brush_transform: Option<Affine>,
        shape: &impl Shape,
    ) {
        if self.is_outside(transform, shape, style.width) {
            return;
        }
        let brush = brush.into();
        let matrix = self.base * transform;
        let Some(path) = convert_path(shape, matrix) else { return };
        let Some((paint, opacity)) = self.paint(&brush, transform * brush_transform.unwrap_or_default(), 1.0) else {
            return;
        };
        let factor = matrix.determinant().abs().sqrt();
        let dash = (!style.dash_pattern.is_empty()).then(|| StrokeDash {
            array: style.dash_pattern.iter().map(|length| (length * factor) as f32).collect(),
            offset: (style.dash_offset * factor) as f32,
        });
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(krilla::paint::Stroke {
            paint,
            width: (style.width * factor) as f32,
            miter_limit: style.miter_limit as f32,
            line_cap: match style.start_cap {
                Cap::Butt => LineCap::Butt,
                Cap::Square => LineCap::Square,
                Cap::Round => LineCap::Round,
            },
            line_join: match style.join {
                Join::Bevel => LineJoin::Bevel,
                Join::Miter => LineJoin::Miter,
                Join::Round => LineJoin::Round,
            },
            opacity,
            dash,
        }));
        self.surface.draw_path(&path);
        self.surface.set_stroke(None);
    }

    fn fill<'b>(
        &mut self,
        style: Fill,
        transform: Affine,
        brush: impl Into<PaintRef<'b>>,
        brush_transform: Option<Affine>,
        shape: &impl Shape,
    ) {
        if std::mem::take(&mut self.skips_canvas) || self.is_outside(transform, shape, 0.0) {
            return;
        }
        let brush = brush.into();
        match &brush {
            Paint::Image(image) => self.fill_image(image, transform, brush_transform, shape),
            _ => self.fill_path(style, transform, &brush, brush_transform, shape),
        }
    }

    fn draw_glyphs<'b, 'c: 'b>(
        &'c mut self,
        font: &'b FontData,
        font_size: f32,
        _hint: bool,
        _normalized_coords: &'b [NormalizedCoord],
        embolden: kurbo::Vec2,
        style: impl Into<StyleRef<'b>>,
        brush: impl Into<PaintRef<'b>>,
        brush_alpha: f32,
        transform: Affine,
        glyph_transform: Option<Affine>,
        glyphs: impl Iterator<Item = Glyph> + Clone,
    ) {
        let glyphs: Vec<Glyph> = glyphs.collect();
        let (Some(first), Some(last)) = (glyphs.first(), glyphs.last()) else { return };
        // A line belongs to the page that its middle is on.
        let size = f64::from(font_size);
        let middle = transform * kurbo::Point::new(f64::from(first.x), f64::from(first.y) - size * 0.3);
        let end = transform * kurbo::Point::new(f64::from(last.x), f64::from(last.y) - size * 0.3);
        let outside = |at: f64| at < self.bounds.y0 || at >= self.bounds.y1;
        if (outside(middle.y) && outside(end.y)) || !size.is_finite() || size <= 0.0 {
            return;
        }
        let brush = brush.into();
        let Some((paint, opacity)) = self.paint(&brush, transform, brush_alpha) else { return };
        let Some(face) = self.resources.faces.get(font) else { return };
        let mut text = String::new();
        let mut placed = Vec::with_capacity(glyphs.len());
        for (index, glyph) in glyphs.iter().enumerate() {
            let start = text.len();
            text.extend(face.character(glyph.id));
            let advance = glyphs.get(index + 1).map_or(0.5 * font_size, |next| next.x - glyph.x);
            placed.push(KrillaGlyph::new(
                GlyphId::new(glyph.id),
                advance / font_size,
                0.0,
                (first.y - glyph.y) / font_size,
                0.0,
                start..text.len(),
                None,
            ));
        }
        let face = face.font.clone();
        let stroke = match style.into() {
            StyleRef::Stroke(stroke) => Some(stroke.width as f32),
            StyleRef::Fill(_) => (embolden.x > 0.0).then_some(embolden.x as f32),
        };
        self.surface.set_fill(Some(krilla::paint::Fill { paint: paint.clone(), opacity, rule: FillRule::NonZero }));
        self.surface.set_stroke(stroke.map(|width| krilla::paint::Stroke {
            paint,
            width,
            opacity,
            ..Default::default()
        }));
        let origin = Affine::translate((f64::from(first.x), f64::from(first.y)));
        let matrix = self.base * transform * origin * glyph_transform.unwrap_or_default();
        self.surface.push_transform(&convert_transform(matrix));
        self.surface.draw_glyphs(Point::from_xy(0.0, 0.0), &placed, face, &text, font_size, false);
        self.surface.pop();
        self.surface.set_stroke(None);
    }

    fn draw_box_shadow(&mut self, transform: Affine, rect: Rect, brush: Color, radius: f64, std_dev: f64) {
        // A blur would have to be a picture; a few rounded boxes on top of each other look alike.
        const STEPS: u32 = 6;
        if self.is_outside(transform, &rect, std_dev * 2.0) {
            return;
        }
        if std_dev < 0.5 {
            self.fill_path(Fill::NonZero, transform, &Paint::Solid(brush), None, &rect.to_rounded_rect(radius));
            return;
        }
        let layer = brush.multiply_alpha(1.0 / STEPS as f32);
        for step in 0..STEPS {
            let grow = std_dev * 1.5 * (1.0 - 2.0 * (f64::from(step) + 0.5) / f64::from(STEPS));
            let grown = rect.inflate(grow, grow);
            if grown.width() > 0.0 && grown.height() > 0.0 {
                let rounded = grown.to_rounded_rect((radius + grow).max(0.0));
                self.fill_path(Fill::NonZero, transform, &Paint::Solid(layer), None, &rounded);
            }
        }
    }
}

fn convert_color(color: Color) -> (rgb::Color, NormalizedF32) {
    let color = color.to_rgba8();
    (rgb::Color::new(color.r, color.g, color.b), normalized(f32::from(color.a) / 255.0))
}

fn normalized(value: f32) -> NormalizedF32 {
    NormalizedF32::new(value.clamp(0.0, 1.0)).unwrap_or(NormalizedF32::ONE)
}

fn scaled(opacity: NormalizedF32, alpha: f32) -> NormalizedF32 {
    normalized(opacity.get() * alpha)
}

fn convert_rule(rule: Fill) -> FillRule {
    match rule {
        Fill::NonZero => FillRule::NonZero,
        Fill::EvenOdd => FillRule::EvenOdd,
    }
}

fn convert_transform(transform: Affine) -> Transform {
    let [a, b, c, d, e, f] = transform.as_coeffs();
    Transform::from_row(a as f32, b as f32, c as f32, d as f32, e as f32, f as f32)
}

fn convert_path(shape: &impl Shape, transform: Affine) -> Option<Path> {
    let mut builder = PathBuilder::new();
    for element in shape.path_elements(0.1) {
        match transform * element {
            PathEl::MoveTo(to) => builder.move_to(to.x as f32, to.y as f32),
            PathEl::LineTo(to) => builder.line_to(to.x as f32, to.y as f32),
            PathEl::QuadTo(a, to) => builder.quad_to(a.x as f32, a.y as f32, to.x as f32, to.y as f32),
            PathEl::CurveTo(a, b, to) => {
                builder.cubic_to(a.x as f32, a.y as f32, b.x as f32, b.y as f32, to.x as f32, to.y as f32);
            }
            PathEl::ClosePath => builder.close(),
        }
    }
    builder.finish()
}
