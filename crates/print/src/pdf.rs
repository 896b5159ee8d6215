//! Writes pages into a PDF, with links, bookmarks and a title.

use blitz_dom::{FontContext, NodeId, local_name};
use krilla::action::LinkAction;
use krilla::annotation::{Annotation, LinkAnnotation, LinkBorder, Target};
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::{Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::{Document, SerializeSettings};

use crate::canvas::Resources;
use crate::files::Files;
use crate::pages::{POINTS, Pages};
use crate::{Fault, Job, Output, Printed, breaks, fonts, raster};

/// Most documents of a job.
const MAX_DOCUMENTS: usize = 2000;

/// Longest text of all documents together.
const MAX_BYTES: usize = 20_000_000;

/// Most links of a PDF.
const MAX_LINKS: usize = 20_000;

/// What printing keeps from one job to the next.
pub(crate) struct Printer {
    fonts: FontContext,
}

impl Printer {
    /// `more` are fonts beside the bundled ones.
    pub(crate) fn new(more: Vec<Vec<u8>>) -> Self {
        Self { fonts: fonts::context(more) }
    }

    /// Prints a job.
    pub(crate) fn print(&self, job: &Job, files: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Result<Printed, Fault> {
        check(job)?;
        let mut files = Files::new(files);
        let (pdf, pages) = self.write(job, &mut files)?;
        let printed = match job.output {
            Output::Pdf { .. } => vec![pdf],
            Output::Png { dpi } => raster::pictures(pdf, dpi)?,
        };
        Ok(Printed { files: printed, pages, missing: files.missing })
    }

    fn write(&self, job: &Job, files: &mut Files) -> Result<(Vec<u8>, u32), Fault> {
        let archival = job.output == Output::Pdf { archival: true };
        let mut writer = Writer {
            pdf: Document::new_with(settings(archival)?),
            resources: Resources::new(matches!(job.output, Output::Png { .. })),
            outline: Vec::new(),
            pages: 0,
            links: 0,
        };
        for html in &job.documents {
            let mut pages = Pages::lay_out(html, job.page, &self.fonts, files)?;
            if writer.pages + pages.len() > breaks::MAX_PAGES {
                return Err(Fault::TooLarge(format!("The document has more than {} pages.", breaks::MAX_PAGES)));
            }
            writer.write(&mut pages)?;
        }
        let count = writer.pages as u32;
        Ok((writer.finish(job)?, count))
    }
}

fn check(job: &Job) -> Result<(), Fault> {
    if job.documents.is_empty() {
        return Err(Fault::Invalid("There is nothing to print.".to_owned()));
    }
    if job.documents.len() > MAX_DOCUMENTS {
        return Err(Fault::TooLarge(format!("At most {MAX_DOCUMENTS} documents can be printed at once.")));
    }
    if job.documents.iter().map(String::len).sum::<usize>() > MAX_BYTES {
        return Err(Fault::TooLarge(format!("The documents are larger than {} MB.", MAX_BYTES / 1_000_000)));
    }
    let valid = |length: f32| (1.0..=5000.0).contains(&length);
    if !valid(job.page.width) || !valid(job.page.height) {
        return Err(Fault::Invalid("The page must be between 1 mm and 5 m wide and high.".to_owned()));
    }
    Ok(())
}

fn settings(archival: bool) -> Result<SerializeSettings, Fault> {
    let mut settings = SerializeSettings { enable_tagging: false, ..SerializeSettings::default() };
    if archival {
        let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_B).finish();
        settings.configuration = configuration.map_err(|_| Fault::Invalid("Cannot write PDF/A.".to_owned()))?;
    }
    Ok(settings)
}

struct Writer {
    pdf: Document,
    resources: Resources,
    /// Bookmarks with their levels.
    outline: Vec<(usize, String, XyzDestination)>,
    pages: usize,
    links: usize,
}

/// A link on a page: its place in points, and where it goes.
struct Link {
    page: usize,
    area: Rect,
    goal: LinkTarget,
}

/// Where a link goes: a page of the web, or a place in the PDF.
#[derive(Clone)]
enum LinkTarget {
    Address(String),
    Place(usize, Point),
}

impl LinkTarget {
    fn target(&self) -> Target {
        match self {
            LinkTarget::Address(address) => Target::Action(LinkAction::new(address.clone()).into()),
            LinkTarget::Place(page, point) => Target::Destination(XyzDestination::new(*page, *point).into()),
        }
    }
}

impl Writer {
    fn write(&mut self, pages: &mut Pages) -> Result<(), Fault> {
        for heading in &pages.headings {
            if let Some((page, x, y)) = pages.place(0.0, heading.top) {
                let destination = XyzDestination::new(self.pages + page, Point::from_xy(x, y));
                self.outline.push((heading.level, heading.text.clone(), destination));
            }
        }
        let links = self.links(pages);
        for page in 0..pages.len() {
            let settings = pages.settings(page).ok_or_else(|| Fault::Invalid("The page has no size.".to_owned()))?;
            let mut sheet = self.pdf.start_page_with(settings);
            let mut surface = sheet.surface();
            pages.paint(page, &mut surface, &mut self.resources);
            surface.finish();
            for link in links.iter().filter(|link| link.page == page) {
                let border = LinkBorder::new(0.0, krilla::color::rgb::Color::black().into());
                let annotation = LinkAnnotation::new(link.area, link.goal.target()).with_border(border);
                sheet.add_annotation(Annotation::new_link(annotation, None));
            }
            sheet.finish();
        }
        self.pages += pages.len();
        Ok(())
    }

    /// The links of a document.
    fn links(&mut self, pages: &Pages) -> Vec<Link> {
        let dom = &pages.laid().dom;
        let mut links = Vec::new();
        for (id, node) in dom.tree().iter() {
            let Some(element) = node.element_data().filter(|element| element.is_link()) else { continue };
            let address = element.attr(local_name!("href")).unwrap_or_default().trim();
            if !node.flags.is_in_document() || node.primary_styles().is_none() || self.links > MAX_LINKS {
                continue;
            }
            let Some(goal) = self.goal(address, pages) else { continue };
            for (x, y, width, height) in areas(pages, id) {
                let Some((page, left, top)) = pages.place(x, y) else { continue };
                let area = Rect::from_xywh(left, top, width * POINTS, height * POINTS);
                if let Some(area) = area.filter(|area| area.width() > 0.0 && area.height() > 0.0) {
                    links.push(Link { page, area, goal: goal.clone() });
                    self.links += 1;
                }
            }
        }
        links
    }

    fn goal(&self, address: &str, pages: &Pages) -> Option<LinkTarget> {
        let dom = &pages.laid().dom;
        if let Some(anchor) = address.strip_prefix('#') {
            let id = dom.get_fragment_target(anchor)?;
            let (x, y, _, _) = *areas(pages, id).first()?;
            let (page, x, y) = pages.place(x, y)?;
            return Some(LinkTarget::Place(self.pages + page, Point::from_xy(x, y)));
        }
        let known = ["http://", "https://", "mailto:", "tel:"];
        let lower = address.to_ascii_lowercase();
        known.iter().any(|scheme| lower.starts_with(scheme)).then(|| LinkTarget::Address(address.to_owned()))
    }

    fn finish(mut self, job: &Job) -> Result<Vec<u8>, Fault> {
        let mut metadata = Metadata::new().creator("Ironwood".to_owned()).producer("Ironwood".to_owned());
        if let Some(now) = now() {
            metadata = metadata.creation_date(now);
        }
        if !job.title.is_empty() {
            metadata = metadata.title(job.title.clone());
        }
        self.pdf.set_metadata(metadata);
        if !self.outline.is_empty() {
            let mut outline = Outline::new();
            let mut entries = self.outline.into_iter().peekable();
            while entries.peek().is_some() {
                if let Some(node) = bookmark(&mut entries, 0) {
                    outline.push_child(node);
                }
            }
            self.pdf.set_outline(outline);
        }
        self.pdf.finish().map_err(|error| {
            Fault::Invalid(match job.output {
                Output::Pdf { archival: true } => {
                    "The document cannot be written as PDF/A. Print it as PDF without this option.".to_owned()
                }
                _ if matches!(error, KrillaError::Font(..)) => "A font of the document is damaged.".to_owned(),
                _ => format!("Cannot write the PDF: {error:?}"),
            })
        })
    }
}

/// A bookmark with those below it.
fn bookmark(
    entries: &mut std::iter::Peekable<impl Iterator<Item = (usize, String, XyzDestination)>>,
    depth: usize,
) -> Option<OutlineNode> {
    let (level, text, destination) = entries.next()?;
    let mut node = OutlineNode::new(text, destination);
    while depth < 8 && entries.peek().is_some_and(|(next, _, _)| *next > level) {
        if let Some(child) = bookmark(entries, depth + 1) {
            node.push_child(child);
        }
    }
    Some(node)
}

/// Where a node is in the document: left, top, width, height, for each line that it goes over.
fn areas(pages: &Pages, id: NodeId) -> Vec<(f32, f32, f32, f32)> {
    let dom = &pages.laid().dom;
    let rects = dom.node_client_rects(id);
    let scroll = dom.viewport_scroll();
    rects
        .iter()
        .map(|rect| ((rect.x + scroll.x) as f32, (rect.y + scroll.y) as f32, rect.width as f32, rect.height as f32))
        .collect()
}

/// The time in UTC.
fn now() -> Option<DateTime> {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    let (year, month, day) = civil_date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let date = DateTime::new(u16::try_from(year).ok()?).month(month as u8).day(day as u8);
    Some(date.hour(hour as u8).minute(minute as u8).second(second as u8).utc_offset_hour(0).utc_offset_minute(0))
}

/// Year, month and day of a number of days after 1970-01-01, by Howard Hinnant's `civil_from_days`.
fn civil_date(days: u64) -> (u64, u64, u64) {
    // Years that begin in March, in eras of 400 years from March 1 of the year 0.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil_date(0), (1970, 1, 1));
        assert_eq!(civil_date(11_016), (2000, 2, 29));
        assert_eq!(civil_date(20_785), (2026, 11, 28));
    }
}
