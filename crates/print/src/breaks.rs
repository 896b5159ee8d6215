//! Cuts a document into pages.

use crate::Fault;
use crate::flow::{Flow, Side, Span, Weight};

/// Most pages of a document.
pub(crate) const MAX_PAGES: usize = 2000;

/// A stretch of the document on a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Slice {
    pub(crate) top: f32,
    pub(crate) bottom: f32,
    /// Where it goes, in CSS pixels below the top of the page's content box.
    pub(crate) at: f32,
    /// Left and right edges, of heads and feet of tables.
    pub(crate) sides: Option<(f32, f32)>,
    /// Whether what goes over the edge is shown: at the top of the first page and the bottom of the last.
    pub(crate) open: (bool, bool),
    /// How much of what is above its top is shown, too: the line above the first row.
    pub(crate) lead: f32,
}

/// What of the document goes on a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Leaf {
    pub(crate) slices: Vec<Slice>,
    /// Whether the page is there only so that the next one is on the right side.
    pub(crate) is_blank: bool,
    /// The name that style sheets gave it, or nothing.
    pub(crate) name: String,
    /// The footnotes at its foot.
    pub(crate) notes: Vec<usize>,
}

impl Leaf {
    /// The stretch of the document that the page is about, without repeated heads and feet.
    pub(crate) fn main(&self) -> Option<Slice> {
        self.slices.iter().find(|slice| slice.sides.is_none()).copied()
    }
}

/// The part of a page that footnotes may take.
const MOST_NOTES: f32 = 0.8;

/// Rounding of layout: what is over by less than this fits.
pub(crate) const SLACK: f32 = 0.2;

/// Cuts a document into pages. `height` tells the height of the content box of the page at an index, with a name.
pub(crate) fn paginate(flow: &Flow, height: impl Fn(usize, &str) -> f32) -> Result<Vec<Leaf>, Fault> {
    let mut pages: Vec<Leaf> = Vec::new();
    let mut top = 0.0f32;
    loop {
        if pages.len() >= MAX_PAGES {
            return Err(Fault::TooLarge(format!("The document has more than {MAX_PAGES} pages.")));
        }
        let name = flow.names.iter().rev().find(|(start, _)| *start <= top + SLACK).map_or("", |(_, name)| name);
        let capacity = height(pages.len(), name);
        let (slices, next, notes) = fill_with_notes(flow, top, capacity, pages.is_empty());
        pages.push(Leaf { slices, is_blank: false, name: name.to_owned(), notes });
        let Some((start, side)) = next else { return Ok(pages) };
        let next_is_right = pages.len().is_multiple_of(2);
        if (side == Side::Left && next_is_right) || (side == Side::Right && !next_is_right) {
            pages.push(Leaf { slices: Vec::new(), is_blank: true, name: name.to_owned(), notes: Vec::new() });
        }
        top = start;
    }
}

/// Where the next page begins, and on which side.
type Next = Option<(f32, Side)>;

/// Fills a page so that it has room for the footnotes whose numbers are on it, and no more. Tells which these are.
fn fill_with_notes(flow: &Flow, top: f32, capacity: f32, is_first: bool) -> (Vec<Slice>, Next, Vec<usize>) {
    let mut reserved = 0.0f32;
    let mut room_for = 0;
    loop {
        let page = Page { flow, top, capacity: capacity - reserved.min(capacity * MOST_NOTES) };
        let (slices, next) = page.fill(is_first);
        let end = next.map_or(f32::MAX, |(start, _)| start);
        let is_on_page = |place: f32| (is_first || place >= top - SLACK) && place < end - SLACK;
        let notes: Vec<usize> = (0..flow.notes.len()).filter(|index| is_on_page(flow.notes[*index].0)).collect();
        let Some(index) = notes.get(room_for).filter(|_| reserved < capacity * MOST_NOTES) else {
            return (slices, next, notes);
        };
        reserved += flow.notes[*index].1 + if room_for == 0 { flow.notes_edge } else { 0.0 };
        room_for += 1;
    }
}

/// A page that is filled from a place in the document on.
struct Page<'a> {
    flow: &'a Flow,
    top: f32,
    capacity: f32,
}

impl Page<'_> {
    /// What goes on the page, and where the next one begins.
    fn fill(&self, is_first: bool) -> (Vec<Slice>, Option<(f32, Side)>) {
        let mut slices = Vec::new();
        let mut at = 0.0;
        if !is_first {
            for (head, sides) in self.heads() {
                slices.push(Slice {
                    top: head.0,
                    bottom: head.1,
                    at,
                    sides: Some(sides),
                    open: (false, false),
                    lead: 0.0,
                });
                at += head.1 - head.0;
            }
        }
        // Below a repeated head there is its own line. Half of another one is above the edge.
        let lead = if slices.is_empty() { self.line_above() } else { 0.0 };
        at += lead / 2.0;
        let room = self.capacity - at;
        let limit = self.top + room + SLACK;
        let forced =
            self.flow.forced.iter().find(|forced| forced.start > self.top + SLACK && forced.cut >= self.top - SLACK);
        if let Some(forced) = forced.filter(|forced| forced.cut <= limit) {
            slices.insert(0, self.slice(forced.cut.max(self.top), (at, lead), is_first, false));
            return (slices, Some((forced.start, forced.side)));
        }
        if self.flow.end <= limit {
            slices.insert(0, self.slice(self.flow.end, (at, lead), is_first, true));
            return (slices, None);
        }
        let mut cut = self.cut(limit, room);
        let foot_height: f32 = self.feet(cut).iter().map(|(foot, _)| foot.1 - foot.0).sum();
        if foot_height > 0.0 && foot_height < room / 2.0 {
            cut = self.cut(limit - foot_height, room - foot_height);
            let mut foot_at = at + cut - self.top;
            for (foot, sides) in self.feet(cut) {
                slices.push(Slice {
                    top: foot.0,
                    bottom: foot.1,
                    at: foot_at,
                    sides: Some(sides),
                    open: (false, false),
                    lead: 0.0,
                });
                foot_at += foot.1 - foot.0;
            }
        }
        let after = self.flow.tops.partition_point(|edge| *edge < cut - SLACK);
        let next = match self.flow.tops.get(after) {
            // A box that was cut through goes on where it was cut.
            Some(edge) if !self.is_cut_through(cut) => edge.max(cut),
            _ => cut,
        };
        slices.insert(0, self.slice(cut, (at, lead), is_first, false));
        let more = next + SLACK < self.flow.end;
        (slices, more.then_some((next, Side::Any)))
    }

    fn slice(&self, bottom: f32, (at, lead): (f32, f32), first: bool, last: bool) -> Slice {
        Slice { top: self.top, bottom, at, sides: None, open: (first, last), lead }
    }

    /// The width of the line between the last row of the page before and the first one of this page.
    fn line_above(&self) -> f32 {
        let after = self.flow.rules.partition_point(|(place, _)| *place < self.top - SLACK);
        let line = self.flow.rules.get(after).filter(|(place, _)| *place <= self.top + SLACK);
        line.map_or(0.0, |(_, width)| *width)
    }

    /// Whether a cut goes through something solid.
    fn is_cut_through(&self, cut: f32) -> bool {
        let inside = |span: &&Span| span.top + SLACK < cut && span.bottom - SLACK > cut && span.weight == Weight::Solid;
        self.flow.spans.iter().take_while(|span| span.top < cut).any(|span| inside(&span))
    }

    /// Heads of the tables that this page begins in.
    fn heads(&self) -> Vec<((f32, f32), (f32, f32))> {
        let mut heads = Vec::new();
        let mut used = 0.0;
        for table in &self.flow.tables {
            let begins_within = table.body.0 + SLACK < self.top && self.top < table.body.1 - SLACK;
            if let Some(head) = table.head.filter(|_| begins_within) {
                used += head.1 - head.0;
                if used < self.capacity / 2.0 {
                    heads.push((head, table.sides));
                }
            }
        }
        heads
    }

    /// Feet of the tables that a cut goes through.
    fn feet(&self, cut: f32) -> Vec<((f32, f32), (f32, f32))> {
        let is_cut = |body: (f32, f32)| body.0 + SLACK < cut && cut < body.1 - SLACK;
        let tables = self.flow.tables.iter().filter(|table| is_cut(table.body));
        tables.filter_map(|table| Some((table.foot?, table.sides))).collect()
    }

    /// The best place for a cut above `limit`.
    fn cut(&self, limit: f32, room: f32) -> f32 {
        for weight in [Weight::Lines, Weight::Together, Weight::Solid] {
            let place = self.lift(limit, weight, room);
            let edge = self.flow.bottoms.partition_point(|bottom| *bottom <= place + SLACK);
            let bottom = edge.checked_sub(1).and_then(|last| self.flow.bottoms.get(last)).copied();
            if let Some(bottom) = bottom.filter(|bottom| *bottom > self.top + 1.0) {
                // A box without content may be much longer than a page: it is cut anywhere.
                return if place - bottom > room / 2.0 { place } else { bottom };
            }
        }
        limit - SLACK
    }

    /// Moves a place up until it cuts through no span of this weight or more. Spans longer than a page do not count.
    fn lift(&self, limit: f32, least: Weight, room: f32) -> f32 {
        let mut place = limit;
        let end = self.flow.spans.partition_point(|span| span.top < limit);
        // Sorted by their tops, from the lowest up: a span further up may still reach down to the place.
        for span in self.flow.spans[..end].iter().rev() {
            if span.top < self.top - room {
                break;
            }
            let counts = span.weight >= least && span.bottom - span.top <= room + SLACK;
            if counts && span.top + SLACK < place && place + SLACK < span.bottom {
                place = span.top;
            }
        }
        place
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp)] // whole numbers
mod tests {
    use super::*;
    use crate::flow::{Forced, Table};

    fn flow(lines: usize, height: f32) -> Flow {
        let mut flow = Flow { end: lines as f32 * height, ..Flow::default() };
        for line in 0..lines {
            let top = line as f32 * height;
            flow.spans.push(Span { top, bottom: top + height, weight: Weight::Solid });
            flow.tops.push(top);
            flow.bottoms.push(top + height);
        }
        flow
    }

    fn cuts(flow: &Flow, height: f32) -> Vec<(f32, f32)> {
        let pages = paginate(flow, |_, _| height).unwrap();
        pages.iter().map(|page| page.main().map_or((0.0, 0.0), |slice| (slice.top, slice.bottom))).collect()
    }

    #[test]
    fn lines_are_not_cut() {
        assert_eq!(cuts(&flow(5, 10.0), 25.0), [(0.0, 20.0), (20.0, 40.0), (40.0, 50.0)]);
    }

    #[test]
    fn what_is_longer_than_a_page_is_cut_anywhere() {
        assert_eq!(cuts(&flow(1, 50.0), 20.0).len(), 3);
    }

    #[test]
    fn forced_breaks_and_sides() {
        let mut flow = flow(2, 10.0);
        flow.forced.push(Forced { cut: 10.0, start: 10.0, side: Side::Right });
        assert_eq!(cuts(&flow, 100.0), [(0.0, 10.0), (0.0, 0.0), (10.0, 20.0)]);
    }

    #[test]
    fn heads_and_feet_of_tables_are_repeated() {
        let mut flow = flow(10, 10.0);
        flow.tables.push(Table {
            body: (10.0, 90.0),
            head: Some((0.0, 10.0)),
            foot: Some((90.0, 100.0)),
            sides: (0.0, 50.0),
        });
        let pages = paginate(&flow, |_, _| 50.0).unwrap();
        assert_eq!(pages.len(), 3);
        assert_eq!(pages[0].slices.len(), 2);
        assert_eq!(pages[1].slices.len(), 3);
        assert_eq!(pages[1].main().unwrap().at, 10.0);
        assert_eq!(pages[1].main().unwrap().top, 40.0);
    }
}
