//! CSS for pages, a rule each: what a small document looks like as a PDF.

#[path = "../support/mod.rs"]
mod support;

mod boxes;
mod whole;

use support::{near, pages, print, read};

/// Paragraphs of one line of 10 mm each, on pages that hold ten of them.
fn lines(css: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html><style>@page {{ size: 100mm 120mm; margin: 10mm }} body, p, h1, h2 {{ margin: 0 }} \
         p {{ line-height: 10mm; font-size: 4mm }} {css}</style>{body}"
    )
}

fn paragraphs(count: usize) -> String {
    (1..=count).map(|number| format!("<p>line{number}.</p>")).collect()
}

#[test]
fn a_page_has_the_size_that_was_set() {
    for (size, width, height) in [
        ("A4", 210.0, 297.0),
        ("A5 landscape", 210.0, 148.0),
        ("letter", 215.9, 279.4),
        ("62mm 29mm", 62.0, 29.0),
        ("4in 6in", 101.6, 152.4),
    ] {
        let pages = pages(&format!("<style>@page {{ size: {size} }}</style>x"));
        near(pages[0].width, width);
        near(pages[0].height, height);
    }
}

#[test]
fn margins_and_padding_place_the_content() {
    let pages = pages(
        "<style>@page { size: A4; margin: 20mm 10mm 10mm 30mm; padding: 2mm } body { margin: 0; font: 10mm/10mm sans-serif }</style>x",
    );
    near(pages[0].find("x").x, 32.0);
    // The baseline of a line of 10 mm is about 8 mm below its top.
    assert!((pages[0].find("x").y - 30.0).abs() < 1.0, "{}", pages[0].find("x").y);
}

#[test]
fn a_page_without_size_has_the_size_of_the_job() {
    let pages = pages("<style>@page { margin: 0; width: 45mm; height: 20mm; padding: 1mm }</style>x");
    near(pages[0].width, 210.0);
    near(pages[0].find("x").x, 1.0 + 8.0 * 25.4 / 96.0);
}

#[test]
fn lines_go_on_to_the_next_page() {
    let pages = pages(&lines("", &paragraphs(25)));
    assert_eq!(pages.len(), 3);
    assert!(pages[0].has("line10.") && !pages[0].has("line11."));
    assert!(pages[1].has("line11.") && pages[2].has("line25."));
    near(pages[1].find("line11.").y, pages[0].find("line1.").y);
}

#[test]
fn the_first_page_may_be_different() {
    let pages = pages(&lines("@page :first { margin-top: 60mm }", &paragraphs(12)));
    assert!(!pages[0].has("line6."));
    assert!(pages[1].has("line6.") && pages[1].has("line12."));
}

#[test]
fn break_before_and_after() {
    for css in ["break-before: page", "page-break-before: always"] {
        let pages = pages(&lines(&format!(".b {{ {css} }}"), "<p>a</p><p class=b>b</p><p>c</p>"));
        assert_eq!(pages.len(), 2, "{css}");
        assert!(pages[1].has("b") && pages[1].has("c"));
    }
    for css in ["break-after: page", "page-break-after: always !important"] {
        let pages = pages(&lines("", &format!("<p style=\"{css}\">a</p><p>b</p>")));
        assert_eq!(pages.len(), 2, "{css}");
    }
}

#[test]
fn a_break_of_the_first_or_last_box_makes_no_empty_page() {
    let html = lines(
        "body { page-break-before: always; page-break-after: always } p { break-after: page }",
        "<div><p>a</p></div>",
    );
    assert_eq!(pages(&html).len(), 1);
}

#[test]
fn a_break_before_a_box_within_boxes() {
    let pages = pages(&lines(".b { break-before: page }", "<p>a</p><div><div><p class=b>b</p></div></div>"));
    assert_eq!(pages.len(), 2);
}

#[test]
fn a_break_to_a_right_page_may_leave_one_empty() {
    let pages = pages(&lines(".b { break-before: right }", "<p>a</p><p class=b>b</p>"));
    assert_eq!(pages.len(), 3);
    assert_eq!(pages[1].text(), "");
}

#[test]
fn a_box_stays_in_one_piece() {
    for css in ["break-inside: avoid", "page-break-inside: avoid"] {
        let body = format!("{}<div class=k>{}</div>", paragraphs(8), paragraphs(5));
        let pages = pages(&lines(&format!(".k {{ {css} }}"), &body));
        assert_eq!(pages.len(), 2);
        assert!(!pages[0].has("line9.") && pages[1].text().starts_with("line1."), "{}", pages[1].text());
    }
}

#[test]
fn a_box_longer_than_a_page_is_cut_all_the_same() {
    let pages = pages(&lines(".k { break-inside: avoid }", &format!("<div class=k>{}</div>", paragraphs(15))));
    assert_eq!(pages.len(), 2);
}

#[test]
fn a_heading_stays_with_what_follows() {
    let pages = pages(&lines(
        "h2 { font-size: 4mm; line-height: 10mm }",
        &format!("{}<h2>head</h2><p>next</p>", paragraphs(9)),
    ));
    assert!(!pages[0].has("head") && pages[1].has("head") && pages[1].has("next"));
}

#[test]
fn orphans_and_widows() {
    let text = "<p class=t>a1<br>a2<br>a3<br>a4</p>";
    // Nine lines leave room for one of four: two are the least.
    let first = pages(&lines("", &format!("{}{text}", paragraphs(9))));
    assert!(!first[0].has("a1") && first[1].has("a4"));
    // With room for three, one would be left over: two go on.
    let second = pages(&lines("", &format!("{}{text}", paragraphs(7))));
    assert!(second[0].has("a2") && !second[0].has("a3"));
    let third = pages(&lines(".t { orphans: 1; widows: 1 }", &format!("{}{text}", paragraphs(7))));
    assert!(third[0].has("a3") && third[1].has("a4"));
}

/// A table with a head and a foot, rows of 10 mm.
fn table(rows: usize) -> String {
    let rows: String = (1..=rows).map(|number| format!("<tr><td>row{number}.</td></tr>")).collect();
    format!(
        "<table><thead><tr><th>head</th></tr></thead><tfoot><tr><td>foot</td></tr></tfoot><tbody>{rows}</tbody></table>"
    )
}

const TABLE: &str =
    "table { border-spacing: 0 } td, th { padding: 0; line-height: 10mm; font-size: 4mm; height: 10mm }";

#[test]
fn heads_and_feet_of_tables_are_repeated() {
    let pages = pages(&lines(TABLE, &table(20)));
    assert_eq!(pages.len(), 3);
    for page in &pages {
        assert_eq!(page.text().matches("head").count(), 1, "{}", page.text());
        assert_eq!(page.text().matches("foot").count(), 1, "{}", page.text());
    }
    assert!(pages[0].has("row8.") && !pages[0].has("row9."));
    near(pages[1].find("head").y, pages[0].find("head").y);
    near(pages[1].find("row9.").y - pages[1].find("head").y, 10.0);
}

#[test]
fn rows_are_not_cut() {
    let rows: String = (1..=7).map(|number| format!("<tr><td>a{number}<br>b{number}</td></tr>")).collect();
    let css = "td { line-height: 10mm; padding: 0 } table { border-spacing: 0; border-collapse: collapse }";
    let pages = pages(&lines(css, &format!("<p>x</p><table>{rows}</table>")));
    assert!(pages[0].has("b4") && !pages[0].has("a5") && pages[1].has("a5"));
}

#[test]
fn margin_boxes_count_pages() {
    let css = "@page { @bottom-right { content: 'Page ' counter(page) ' of ' counter(pages) } @top-left { content: \"T\\2022\" } }";
    let pages = pages(&lines(css, &paragraphs(15)));
    let first = pages[0].find("Page 1 of 2");
    assert!(pages[1].has("Page 2 of 2"));
    near(first.y, 115.0 + 1.5);
    assert!(first.x > 50.0);
    near(pages[0].find("T\u{2022}").x, 10.0);
}

#[test]
fn margin_boxes_lie_on_all_sides() {
    let names = [
        "top-left-corner",
        "top-left",
        "top-center",
        "top-right",
        "top-right-corner",
        "left-top",
        "left-middle",
        "left-bottom",
        "right-top",
        "right-middle",
        "right-bottom",
        "bottom-left-corner",
        "bottom-left",
        "bottom-center",
        "bottom-right",
        "bottom-right-corner",
    ];
    let boxes: String = names.iter().enumerate().map(|(at, name)| format!("@{name} {{ content: 'b{at}.' }}")).collect();
    let pages = pages(&format!("<style>@page {{ size: 100mm 120mm; margin: 12mm; font-size: 2mm; {boxes} }}</style>x"));
    for at in 0..names.len() {
        let item = pages[0].find(&format!("b{at}."));
        assert!(item.x >= 0.0 && item.x < 100.0 && item.y > 0.0 && item.y < 120.0, "{item:?}");
    }
    let middle = pages[0].find("b2.");
    assert!((middle.x + middle.width / 2.0 - 50.0).abs() < 2.0, "{middle:?}");
    assert!(pages[0].find("b6.").y > 55.0 && pages[0].find("b6.").y < 65.0);
    assert!(pages[0].find("b9.").x > 88.0 && pages[0].find("b13.").y > 108.0);
}

#[test]
fn margin_boxes_inherit_the_font_of_the_page() {
    let css = "@page { font-size: 20mm; color: red; @top-left { content: 'x' } }";
    let pages = pages(&lines(css, "<p>y</p>"));
    let (big, small) = (pages[0].find("x"), pages[0].find("y"));
    assert!(big.y > small.y - 20.0);
    assert_eq!(pages[0].texts.len(), 2);
}

#[test]
fn running_elements_are_repeated_in_the_margin() {
    let css = "#h { position: running(head) } @page { @top-center { content: element(head) } }";
    let pages = pages(&lines(css, &format!("<div id=h>Title <b>bold</b></div>{}", paragraphs(15))));
    assert_eq!(pages.len(), 2);
    for page in &pages {
        assert!(page.has("Title") && page.has("bold"), "{}", page.text());
        assert!(page.find("Title").y < 10.0);
    }
    assert!(pages[0].has("line10."));
}

#[test]
fn named_strings_follow_the_chapters() {
    let css = "h2 { string-set: chapter content(); font-size: 4mm; line-height: 10mm } @page { @top-left { content: string(chapter) } }";
    let pages = pages(&lines(css, &format!("<h2>one</h2>{}<h2>two</h2>{}", paragraphs(9), paragraphs(12))));
    assert_eq!(pages.len(), 3);
    let headers: Vec<&str> = pages.iter().map(|page| page.texts[0].text.as_str()).collect();
    assert_eq!(headers, ["one", "two", "two"]);
}

#[test]
fn fixed_boxes_are_on_every_page() {
    let css = ".f { position: fixed; left: 0; top: 0; margin-top: -8mm; line-height: 5mm } .g { position: fixed; right: 0; bottom: 0 }";
    let pages = pages(&lines(css, &format!("<div class=f>fixed</div><div class=g>low</div>{}", paragraphs(15))));
    assert_eq!(pages.len(), 2);
    for page in &pages {
        assert_eq!(page.text().matches("fixed").count(), 1);
        assert!(page.find("fixed").y < 8.0, "{}", page.find("fixed").y);
        assert!(page.find("low").y > 100.0 && page.find("low").y < 110.0);
    }
}

#[test]
fn absolute_millimeters_are_exact() {
    let pages = pages(
        "<style>@page { size: 62mm 29mm; margin: 0 } body { margin: 0 } \
         div { position: absolute; left: 10.3mm; top: 5.7mm; width: 20.1mm; height: 7.9mm; background: black }</style><div></div>",
    );
    let item = &pages[0].boxes[0];
    for (found, expected) in [(item.x, 10.3), (item.y, 5.7), (item.width, 20.1), (item.height, 7.9)] {
        assert!((found - expected).abs() < 0.02, "{item:?}");
    }
}

#[test]
fn floats_flex_and_grid_lie_side_by_side() {
    let float = pages(&lines(
        ".r { float: right; width: 20mm } .l { float: left; width: 20mm }",
        "<p class=l>left</p><p class=r>right</p>",
    ));
    near(float[0].find("left").y, float[0].find("right").y);
    near(float[0].find("right").x, 70.0);
    let flex = pages(&lines("div { display: flex } p { flex: 1 }", "<div><p>a1</p><p>a2</p></div>"));
    near(flex[0].find("a2").x, 50.0);
    let grid = pages(&lines(
        "div { display: grid; grid-template-columns: 20mm 30mm; gap: 5mm }",
        "<div><p>a1</p><p>a2</p></div>",
    ));
    near(grid[0].find("a2").x, 35.0);
}

#[test]
fn a_float_after_text_lies_in_its_line() {
    let pages =
        pages(&lines(".r { float: right }", "<div style='font-size:4mm'>start<div class=r>end</div><hr></div>"));
    near(pages[0].find("start").y, pages[0].find("end").y);
}

#[test]
fn pictures_in_a_line_may_be_followed_by_blocks() {
    let css = ".l { display: inline-block; width: 20mm } .i { display: inline }";
    let body = "<div><div class=l>text</div><div class=i><b>beside</b><h2>below</h2></div></div>";
    let pages = pages(&lines(css, body));
    near(pages[0].find("text").y, pages[0].find("beside").y);
    assert!(pages[0].find("below").y > pages[0].find("text").y + 2.0);
}

#[test]
fn a_block_in_a_line_stands_on_its_last_line() {
    let css = "div { font-size: 4mm } .l { display: inline-block; width: 20mm }";
    let pages = pages(&lines(css, "<div><div class=l>one<br>two</div>beside</div>"));
    // The layout engine rounds its way to it: half a millimeter is left.
    assert!((pages[0].find("two").y - pages[0].find("beside").y).abs() < 0.8);
}

#[test]
fn collapsed_borders_are_drawn_once() {
    let css = "table { border-collapse: collapse } td { border: 1mm solid; padding: 0; width: 20mm; height: 10mm }";
    let pages = pages(&lines(css, "<table><tr><td><td><tr><td><td></table>"));
    let right = pages[0].boxes.iter().map(|item| item.x + item.width).fold(0.0, f64::max);
    // Two cells and three borders.
    assert!((right - 10.0 - 43.0).abs() < 1.1, "{right}");
}

#[test]
fn rows_may_have_borders() {
    let css = "table { border-collapse: collapse; width: 50mm } tr { border-bottom: 0.5mm solid }";
    let pages = pages(&lines(css, "<table><tr><td>a<td>b<tr><td>c<td>d</table>"));
    assert!(pages[0].boxes.len() >= 4, "{:?}", pages[0].boxes);
}

#[test]
fn columns_share_a_table_by_what_they_hold() {
    let css = "table { width: 80mm; border-spacing: 0 } td { padding: 0; font-size: 4mm }";
    let pages = pages(&lines(css, "<table><tr><td>A long text in the first column<td>short</table>"));
    assert!(pages[0].find("short").x > 70.0, "{}", pages[0].find("short").x);
}

#[test]
fn drawings_stay_vectors_and_pictures_pictures() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'><rect width='10' height='10'/></svg>";
    let pages = pages(&lines("", &format!("{svg}<img src=\"data:image/svg+xml,{}\">", svg.replace('#', "%23"))));
    assert!(pages[0].pictures.is_empty());
    assert_eq!(pages[0].boxes.len(), 2);
}

#[test]
fn text_in_drawings_is_drawn() {
    let svg = "<svg width='100' height='40'><text x='0' y='30' font-family='Arial' font-size='20'>Ab</text></svg>";
    assert!(!pages(&lines("", svg))[0].boxes.is_empty());
}

#[test]
fn a_missing_picture_prints_its_text() {
    let printed = print("<img src='/media/lost%20one.png' alt='A resistor'><img src='x.png'>").unwrap();
    assert_eq!(printed.missing, ["/media/lost%20one.png", "/x.png"]);
    assert!(read(printed.files[0].clone())[0].has("A resistor"));
}

#[test]
fn files_are_asked_for_by_their_address() {
    let mut requested = Vec::new();
    let mut answer = |address: &str| {
        requested.push(address.to_owned());
        (address == "/media/a b.css").then(|| b"@page { size: 50mm 30mm } p { break-before: page }".to_vec())
    };
    let job = support::job(
        "<link rel=stylesheet href='/media/a%20b.css'><p>a</p><p>b</p><div style='background: url(media/c.png)'>d</div>",
    );
    let printed = ironwood_print::render(&job, &mut answer).unwrap();
    let pages = read(printed.files[0].clone());
    assert_eq!(pages.len(), 2);
    near(pages[0].width, 50.0);
    assert!(requested.contains(&"/media/c.png".to_owned()), "{requested:?}");
}

#[test]
fn fonts_are_taken_from_files() {
    let packed = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fonts/LiberationMono-Regular.woff2")).unwrap();
    let unpacked = wuff::decompress_woff2(&packed).unwrap();
    for (name, font) in [("own.ttf", unpacked), ("own.woff2", packed)] {
        let job = support::job(&format!(
            "<style>@font-face {{ font-family: Own; src: url(/media/{name}) }} p {{ font: 10mm Own }} \
             @page {{ margin: 0 }}</style><p>iiiiMMMM</p>"
        ));
        let address = format!("/media/{name}");
        let printed =
            ironwood_print::render(&job, &mut |requested| (requested == address).then(|| font.clone())).unwrap();
        let pages = read(printed.files[0].clone());
        // All characters have the same width: the last begins at seven times 6 mm.
        near(pages[0].find("iiiiMMMM").width, 7.0 * 6.0);
    }
}

#[test]
fn print_styles_hold_and_screen_styles_do_not() {
    let pages = pages(&lines(
        "@media screen { .a { display: none } } @media print { .b { display: none } }",
        "<p class=a>a</p><p class=b>b</p>",
    ));
    assert!(pages[0].has("a") && !pages[0].has("b"));
}

#[test]
fn text_can_be_copied() {
    let pages = pages(&lines("", "<p>office fi fl — Größe Ωμέγα Привет ✓ 4.7 µF</p>"));
    assert_eq!(pages[0].text().replace('\u{3bc}', "\u{b5}"), "office fi fl — Größe Ω\u{b5}έγα Привет ✓ 4.7 \u{b5}F");
}

#[test]
fn long_text_may_end_in_an_ellipsis() {
    let css = "p { width: 20mm; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }";
    for body in ["<p>a very long text that does not fit</p>", "<p>a very <b>long text that does</b> not fit</p>"] {
        let pages = pages(&lines(css, body));
        let text = pages[0].text();
        assert!(text.starts_with("a very") && text.ends_with('\u{2026}') && !text.contains("fit"), "{text}");
    }
    assert_eq!(pages(&lines(css, "<p>short</p>"))[0].text(), "short");
}

#[test]
fn every_document_begins_on_its_own_page_and_counts_its_pages() {
    let mut job =
        support::job(&lines("@page { @top-left { content: counter(page) '/' counter(pages) } }", &paragraphs(15)));
    job.documents.push(lines("", "<p>second</p>"));
    let printed = ironwood_print::render(&job, &mut |_| None).unwrap();
    let pages = read(printed.files[0].clone());
    assert_eq!((printed.pages, pages.len()), (3, 3));
    assert!(pages[1].has("2/2") && pages[2].has("second"));
}

#[test]
fn attributes_about_looks_are_ignored() {
    let pages = pages(&lines("", "<table width=500 border=5 bgcolor=red><tr><td>a</table>"));
    assert!(pages[0].boxes.is_empty());
}

#[test]
fn captions_stand_above_their_table() {
    let pages = pages(&lines("", "<table><caption>caption</caption><tr><td>cell</table>"));
    assert!(pages[0].find("caption").y < pages[0].find("cell").y);
}

#[test]
fn archives_get_their_kind_of_pdf() {
    let mut job = support::job("<h1>Title</h1><p>x</p>");
    job.output = ironwood_print::Output::Pdf { archival: true };
    let printed = ironwood_print::render(&job, &mut |_| None).unwrap();
    let text = String::from_utf8_lossy(&printed.files[0]).into_owned();
    assert!(text.contains("pdfaid:part"), "no PDF/A marker");
}

#[test]
fn pictures_have_the_resolution_of_the_printer() {
    let mut job = support::job("<style>@page { size: 62mm 29mm; margin: 0 }</style><p>x</p>");
    job.output = ironwood_print::Output::Png { dpi: 300 };
    let printed = ironwood_print::render(&job, &mut |_| None).unwrap();
    let png = image::load_from_memory(&printed.files[0]).unwrap();
    assert_eq!((png.width(), png.height()), (732, 343));
    assert!(png.to_luma8().pixels().any(|pixel| pixel.0[0] < 100));
}

#[test]
fn lines_add_up_to_their_exact_height() {
    let rows: String = (0..40).map(|row| format!("<div>row{row}.</div>")).collect();
    let page = &pages(&format!(
        "<style>@page {{ size: 100mm 290mm; margin: 0 }} body {{ margin: 0; font-family: Arial; font-size: 12.8px }}</style>{rows}"
    ))[0];
    // ascent and descent of the font: 0.905 + 0.212
    let line = 12.8 * 1.1171875 * 25.4 / 96.0;
    let distance = page.find("row39.").y - page.find("row0.").y;
    assert!((distance - 39.0 * line).abs() < 0.1, "{distance} instead of {}", 39.0 * line);
}

#[test]
fn an_absolute_box_ends_at_the_edge_of_its_block() {
    let page = &pages(
        "<style>@page { size: 50mm 20mm; margin: 0 } body { margin: 0; font: 4mm/5mm Arial } \
         .b { position: relative; width: 50mm; height: 20mm } .t { position: absolute; left: 20mm; top: 2mm }</style>\
         <div class=b><div class=t>first second longer third</div></div>",
    )[0];
    near(page.find("first").x, 20.0);
    near(page.find("third").x, 20.0);
    assert!(page.find("third").y > page.find("first").y + 4.0);
}

#[test]
fn lengths_raise_boxes_in_lines() {
    let page = &pages(
        "<style>@page { size: 100mm 50mm; margin: 0 } body { margin: 0; font: 4mm/5mm Arial } p { margin: 10mm 0 } \
         i { display: inline-block; width: 5mm; height: 5mm; background: red }</style>\
         <p>x <i></i> <i style=\"vertical-align: 4mm\"></i> <i style=\"vertical-align: -2mm\"></i></p>",
    )[0];
    let tops: Vec<f64> = page.boxes.iter().filter(|item| (item.width - 5.0).abs() < 0.1).map(|item| item.y).collect();
    assert_eq!(tops.len(), 3, "{:?}", page.boxes);
    near(tops[0] - tops[1], 4.0);
    near(tops[2] - tops[0], 2.0);
}

#[test]
fn empty_elements_before_blocks_in_lines_stay_empty() {
    let page = &pages(
        "<style>@page { size: 100mm 50mm; margin: 10mm } body { margin: 0; font: 4mm/5mm Arial } p { margin: 0 } \
         .h { position: fixed; top: 0; margin-top: -5mm }</style><div class=h></div><div>text<span><p>block</p></span></div>",
    )[0];
    near(page.find("block").y - page.find("text").y, 5.0);
    assert!(page.find("text").y > 10.0, "{}", page.find("text").y);
}

#[test]
fn a_line_between_rows_is_on_both_pages() {
    let rows: String = (1..=15).map(|row| format!("<tr><td>row{row}.</td></tr>")).collect();
    let css = "table { width: 80mm; border-collapse: collapse } td { border: 0.5mm solid; padding: 0; height: 9.5mm }";
    let pages = pages(&lines(css, &format!("<table>{rows}</table>")));
    assert_eq!(pages.len(), 2);
    // the frame of the row above, of which the page shows the lower line; half of that is above the page's content
    let above = pages[1].boxes.iter().find(|item| item.width > 70.0 && (item.y + item.height - 10.25).abs() < 0.1);
    assert!(above.is_some(), "{:?}", pages[1].boxes);
}

#[test]
fn a_page_has_the_name_of_what_is_on_it() {
    let css = "@page wide { size: 120mm 100mm; margin: 20mm; @top-left { content: 'W' counter(page) } } \
               @page plain { @top-left { content: 'P' } } \
               .wide { page: wide } .plain { page: plain } .r { text-align: right }";
    let body = "<p>a</p><p>b</p><div class=wide><p>c</p><p class=r>d.</p></div><section><p class=wide>e</p></section>\
                <p class=plain>f</p><p>g</p>";
    let pages = pages(&lines(css, body));
    let texts: Vec<String> = pages.iter().map(|page| page.text()).collect();
    assert_eq!(texts, ["a b", "W2 c d. e", "P f", "g"]);
    let sizes: Vec<i64> = pages.iter().map(|page| page.width.round() as i64).collect();
    assert_eq!(sizes, [100, 120, 100, 100]);
    // The content is as wide as that page has it.
    let end = pages[1].find("d.");
    assert!(end.x + end.width > 96.0 && end.x + end.width < 100.5, "{end:?}");
    near(pages[1].find("c").x, 20.0);
}

#[test]
fn a_named_page_has_its_own_height() {
    let css = "@page low { margin-bottom: 60mm } .low { page: low }";
    let body = format!("<p>a</p><div class=low>{}</div>", paragraphs(8));
    let pages = pages(&lines(css, &body));
    assert_eq!(pages.len(), 3);
    assert!(pages[1].has("line5.") && !pages[1].has("line6.") && pages[2].has("line8."));
}

#[test]
fn pages_are_chosen_by_number() {
    let css =
        "@page :nth(2n) { @bottom-left { content: 'even' } } @page :nth(3), :first { @bottom-right { content: 'x' } }";
    let pages = pages(&lines(css, &paragraphs(35)));
    let marks: Vec<(bool, bool)> = pages.iter().map(|page| (page.has("even"), page.has("x"))).collect();
    assert_eq!(marks, [(false, true), (true, false), (false, true), (true, false)]);
}

#[test]
fn an_absolute_box_is_placed_from_the_top_of_its_page() {
    let css =
        ".c { position: relative } .a { position: absolute; top: 5mm; right: 0; line-height: 10mm; font-size: 4mm }";
    let body = format!("<div class=c>{}<div><b class=a>mark</b><p>last.</p></div></div>", paragraphs(12));
    let pages = pages(&lines(css, &body));
    assert_eq!(pages.len(), 2);
    assert!(!pages[0].has("mark"));
    near(pages[1].find("mark").y, pages[1].find("line11.").y + 5.0);
}

#[test]
fn an_absolute_picture_is_not_continued_on_the_next_page() {
    let picture = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let body = format!(
        "<div style=\"position: relative\"><img src=\"{picture}\" style=\"position: absolute; top: 90mm; left: 0; width: 30mm; height: 30mm\">{}</div>",
        paragraphs(15)
    );
    let pages = pages(&lines("", &body));
    assert_eq!((pages[0].pictures.len(), pages[1].pictures.len()), (1, 0));
}

#[test]
fn columns_leave_room_for_the_lines_around_them() {
    let table = "<table style=\"width: 80mm; STYLE\"><tr><td style=\"background: red\">a</td><td style=\"background: red\">bb</td></tr></table>";
    for style in ["border-spacing: 4mm", "border-collapse: collapse", "border-spacing: 0; border: 2mm solid"] {
        let pages = pages(&lines("td { border: 1mm solid }", &table.replace("STYLE", style)));
        let right = pages[0].boxes.iter().map(|item| item.x + item.width).fold(0.0, f64::max);
        assert!(right < 90.3 && right > 85.0, "{style}: {right}");
    }
}

#[test]
fn margins_of_blocks_in_a_line_are_kept_apart() {
    let css = "hr, h4 { margin: 10mm 0; border: 0; height: 0; font-size: 4mm; line-height: 10mm }";
    let pages = pages(&lines(css, "<p>a</p><div style=\"display: inline\"><hr> <h4>b</h4></div>"));
    near(pages[0].find("b").y - pages[0].find("a").y, 40.0);
}

#[test]
fn lines_have_the_height_of_their_font_after_a_shorthand() {
    for css in ["font: 10mm Arial", "font: 10mm/3 Arial; line-height: normal"] {
        let html = format!(
            "<style>@page {{ size: 100mm; margin: 0 }} body {{ margin: 0 }} p {{ margin: 0; {css} }}</style><p>a<p>b"
        );
        let pages = pages(&html);
        near(pages[0].find("b").y - pages[0].find("a").y, 11.17);
    }
}

#[test]
fn columns_of_a_fixed_table_are_parts_of_the_whole_table() {
    let css = "table { table-layout: fixed; width: 60mm; border-spacing: 2mm } td { padding: 0 } .h { width: 50%; padding-left: 5mm }";
    let body =
        "<table><tr><td>a</td><td class=h>b</td></tr><tr><td>much longer than the others</td><td>d</td></tr></table>";
    let pages = pages(&lines(css, body));
    near(pages[0].find("a").x, 12.0);
    // 60 mm less 30 mm and 5 mm of the second column, and three gaps of 2 mm
    near(pages[0].find("b").x, 12.0 + 19.0 + 2.0 + 5.0);
}
