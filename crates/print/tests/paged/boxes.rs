//! Lists, footnotes, and boxes at the ends of pages.

use super::support::{self, near, pages};
use super::{lines, paragraphs};

#[test]
fn items_of_lists_have_their_markers() {
    let css = "<style>@page { size: 100mm; margin: 0 } body { margin: 0; font: 4mm/10mm Arial } \
               ul, ol { margin: 0; padding-left: 20mm }</style>";
    let pages = pages(&format!(
        "{css}<ul><li>one</ul><ol start=3><li>two<li value=9>three</ol><ol style=\"list-style-type: upper-roman\">\
         <li>four</ol><ol reversed><li>five<li>six</ol>"
    ));
    let line = |text: &str| {
        let y = pages[0].find(text).y;
        let near: Vec<&str> =
            pages[0].texts.iter().filter(|item| (item.y - y).abs() < 0.1).map(|item| item.text.as_str()).collect();
        near.concat().replace(['\u{a0}', ' '], "")
    };
    for (text, expected) in
        [("one", "•"), ("two", "3."), ("three", "9."), ("four", "I."), ("five", "2."), ("six", "1.")]
    {
        assert!(line(text).contains(expected), "{text}: {}", line(text));
    }
    // The marker is beside the text, with a space between them.
    let text = pages[0].find("two");
    assert!((text.x - 20.0).abs() < 0.1 || text.text.starts_with('3'), "{text:?}");
}

#[test]
fn footnotes_are_at_the_foot_of_their_page() {
    let css = ".n { float: footnote; font-size: 3mm; line-height: 5mm } @page { @footnote { margin-top: 5mm; \
               border-top: 1px solid #000 } }";
    let body: String = (1..=10)
        .map(|number| match number {
            2 => "<p>line2.<span class=n>first note</span></p>".to_owned(),
            9 => "<p>line9.<span class=n>second note</span></p>".to_owned(),
            number => format!("<p>line{number}.</p>"),
        })
        .collect();
    let pages = pages(&lines(css, &body));
    assert_eq!(pages.len(), 2);
    // Ten lines would fit, but 10 mm of the page are for the footnote.
    assert!(pages[0].has("line9.") || pages[0].has("line8."));
    assert!(!pages[0].has("line10."));
    assert!(pages[0].find("first note").y > 100.0, "{:?}", pages[0].find("first note"));
    assert!(pages[0].has("1. first note") && !pages[1].has("first note"));
    let second = pages.iter().position(|page| page.has("2. second note")).unwrap();
    assert!(pages[second].has("line9."), "a footnote is on the page of its number");
    assert!(pages[0].text().contains("line2."));
}

#[test]
fn breaks_are_avoided_before_and_after_boxes() {
    for css in [".a { break-after: avoid }", ".b { break-before: avoid }", "div { break-after: avoid-page }"] {
        let body = format!("{}<div><p class=a>above.</p></div><p class=b>below.</p>", paragraphs(9));
        let pages = pages(&lines(css, &body));
        assert!(pages[1].has("above.") && pages[1].has("below."), "{css}");
    }
}

#[test]
fn the_last_line_of_a_box_stays_with_its_lower_edge() {
    let body = format!("{}<div style=\"padding-bottom: 5mm\"><p>last.</p></div>", paragraphs(9));
    let pages = pages(&lines("", &body));
    assert!(pages[1].has("last."));
}

#[test]
fn an_absolute_box_is_painted_as_a_whole() {
    let square =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"><path d=\"M0 0h10v10h-10z\"/></svg>";
    let picture = format!("data:image/svg+xml,{}", square.replace('"', "%22").replace('<', "%3C").replace('#', "%23"));
    // Two lines fit on the first page, and end above the lower edge of the picture.
    let pages = pages(&format!(
        "<style>@page {{ size: 50mm 25mm; margin: 0 }} body {{ margin: 0; position: relative }} \
         p {{ margin: 0; line-height: 8mm; font-size: 4mm; orphans: 1; widows: 1 }} \
         img {{ position: absolute; right: 0; top: 0; width: 24mm; height: 24mm }}</style>\
         <img src=\"{picture}\"><p>a<br>b<br>c<br>d<br>e</p>"
    ));
    assert_eq!(pages.len(), 2);
    let tall = |page: &support::Page| page.boxes.iter().filter(|item| (item.height - 24.0).abs() < 0.1).count();
    assert_eq!((tall(&pages[0]), tall(&pages[1])), (1, 0));
}

#[test]
fn sizes_of_fonts_by_name_are_those_of_the_templates_renderer() {
    let width = |css: &str| {
        let html = format!(
            "<style>@page {{ size: 200mm; margin: 0 }} p {{ font-family: monospace; {css} }}</style><p>mmmmmmmmmmm</p>"
        );
        pages(&html)[0].find("mmm").width
    };
    // Ten letters of 0.6 of their size each, in CSS pixels.
    let expected = |size: f64| size * 0.6 * 10.0 * 25.4 / 96.0;
    for (css, size) in
        [("", 16.0), ("font-size: small", 14.222), ("font-size: x-small", 12.0), ("font-size: smaller", 14.222)]
    {
        near(width(css), expected(size));
    }
}

#[test]
fn boxes_that_go_on_reach_the_end_of_the_page() {
    // Nine lines of 10 mm fit, and the tenth begins the next page.
    let body = format!("<div style=\"border: 1mm solid #000; padding: 5mm 0\">{}</div>", paragraphs(12));
    let pages = pages(&lines("", &body));
    assert_eq!(pages.len(), 2);
    let is_side = |item: &&support::Item| (item.width - 1.0).abs() < 0.1 && (item.y + item.height - 110.0).abs() < 0.1;
    assert_eq!(pages[0].boxes.iter().filter(is_side).count(), 2, "{:?}", pages[0].boxes);
}
