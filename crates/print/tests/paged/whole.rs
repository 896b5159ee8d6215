//! What a PDF says of itself, and where one gets from its pages.

use super::support;

fn written(html: &str) -> String {
    let mut job = support::job(html);
    job.title = "Parts list".to_owned();
    let printed = ironwood_print::render(&job, &mut |_| None).unwrap();
    String::from_utf8_lossy(&printed.files[0]).into_owned()
}

#[test]
fn links_lead_to_the_web_and_to_other_pages() {
    let pdf = written(
        "<p><a href='https://example.org/part/5'>out</a> <a href='#end'>in</a> <a href='javascript:alert(1)'>no</a></p>\
         <p id=end style='break-before: page'>end</p>",
    );
    assert_eq!(pdf.matches("/Subtype /Link").count() + pdf.matches("/Subtype/Link").count(), 2);
    assert!(pdf.contains("https://example.org/part/5"));
    assert!(!pdf.contains("javascript"));
}

#[test]
fn headings_are_bookmarks_and_jobs_have_a_title() {
    let pdf = written("<h1>Chapter one</h1><h2 style='bookmark-level: none'>Hidden</h2><h2>Section two</h2>");
    for text in ["/Outlines", "Chapter one", "Section two", "Parts list", "Ironwood"] {
        assert!(pdf.contains(text), "{text}");
    }
    assert!(!pdf.contains("Hidden"));
}
