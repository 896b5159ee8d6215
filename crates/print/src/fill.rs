//! What goes on over the end of a page: the background and the side borders of boxes that are cut by it reach down to
//! where the content of the page ends.

use anyrender::PaintScene;
use blitz_dom::node::Node;
use blitz_dom::util::ToColorColor as _;
use kurbo::{Affine, Rect};
use peniko::{Color, Fill};

use crate::breaks::SLACK;
use crate::canvas::Canvas;
use crate::document::SCALE;

/// A box with a background or borders at its sides. Lengths are in CSS pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sides {
    place: Rect,
    background: Option<Color>,
    /// Width and color of the borders at the left and at the right.
    borders: [(f32, Color); 2],
}

impl Sides {
    /// Those of a box at a place in the document. None where there is nothing to see.
    pub(crate) fn of(node: &Node, x: f32, top: f32) -> Option<Self> {
        let layout = node.final_layout();
        let styles = node.primary_styles()?;
        let own = styles.clone_color();
        let color = styles.get_background().background_color.resolve_to_absolute(&own).as_color_color();
        let background = (color.components[3] > 0.0).then_some(color);
        let borders = [
            (layout.border.left, styles.clone_border_left_color().resolve_to_absolute(&own).as_color_color()),
            (layout.border.right, styles.clone_border_right_color().resolve_to_absolute(&own).as_color_color()),
        ];
        let (x, top) = (f64::from(x), f64::from(top));
        let place = Rect::new(x, top, x + f64::from(layout.size.width), top + f64::from(layout.size.height));
        let is_seen = background.is_some() || borders.iter().any(|(width, _)| *width > 0.0);
        is_seen.then_some(Self { place, background, borders })
    }

    /// Whether a cut at this place in the document goes through the box.
    pub(crate) fn is_cut(&self, cut: f32) -> bool {
        let (cut, slack) = (f64::from(cut), f64::from(SLACK));
        self.place.y0 + slack < cut && cut + slack < self.place.y1
    }

    /// Paints the box between two heights on a page whose content begins at `left`.
    pub(crate) fn paint(&self, canvas: &mut Canvas<'_, '_>, left: f32, (top, bottom): (f32, f32)) {
        let scale = f64::from(SCALE);
        let mut fill = |x0: f64, x1: f64, color: Color| {
            let x = f64::from(left);
            let area = Rect::new(x + x0, f64::from(top), x + x1, f64::from(bottom));
            canvas.fill(Fill::NonZero, Affine::scale(scale), color, None, &area);
        };
        if let Some(background) = self.background {
            fill(self.place.x0, self.place.x1, background);
        }
        let [(left, left_color), (right, right_color)] = self.borders;
        if left > 0.0 {
            fill(self.place.x0, self.place.x0 + f64::from(left), left_color);
        }
        if right > 0.0 {
            fill(self.place.x1 - f64::from(right), self.place.x1, right_color);
        }
    }
}
