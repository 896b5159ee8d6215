//! Child processes: warm ones are fast, and what goes wrong in one harms nobody. The child is the program `print`.

mod support;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use ironwood_print::{Fault, Limits, Output, Pool};

fn pool(limits: Limits) -> Pool {
    let child = PathBuf::from(env!("CARGO_BIN_EXE_print"));
    Pool::new(child, vec!["print-child".into()], limits)
}

fn one(job: Duration) -> Pool {
    pool(Limits { children: 1, job, queue: Duration::from_secs(60) })
}

#[track_caller]
fn too_large(fault: Result<ironwood_print::Printed, Fault>) {
    assert!(matches!(fault, Err(Fault::TooLarge(_))), "{fault:?}");
}

/// The pool still prints.
#[track_caller]
fn works(pool: &Pool) {
    assert_eq!(pool.print(&support::job("<p>fine</p>"), &mut |_| None).unwrap().pages, 1);
}

#[test]
fn a_warm_child_prints_a_label_at_once() {
    let pool = one(Duration::from_secs(60));
    pool.warm_up().unwrap();
    let mut job = support::job("<style>@page { size: 62mm 29mm; margin: 1mm }</style><b>R-100k</b>");
    job.output = Output::Png { dpi: 300 };
    pool.print(&job, &mut |_| None).unwrap();
    // The fastest of several: the machine may be busy.
    let fastest = (0..10)
        .map(|_| {
            let start = Instant::now();
            pool.print(&job, &mut |_| None).unwrap();
            start.elapsed()
        })
        .min()
        .unwrap();
    assert!(fastest < Duration::from_millis(150), "{fastest:?}");
}

#[test]
fn files_come_from_the_parent_alone() {
    let pool = one(Duration::from_secs(60));
    let mut requested = Vec::new();
    let html = "<img src='file:///etc/passwd' alt=gone1><img src='http://127.0.0.1:1/x.png' alt=gone2><img src='/media/x.svg'>\
                <svg width=9 height=9><image href='file:///etc/hostname'/></svg>";
    let printed = pool
        .print(&support::job(html), &mut |address| {
            requested.push(address.to_owned());
            (address == "/media/x.svg").then(|| {
                b"<svg xmlns='http://www.w3.org/2000/svg' width='5' height='5'><image href='/etc/hostname' width='5' height='5'/></svg>".to_vec()
            })
        })
        .unwrap();
    assert_eq!(requested, ["file:///etc/passwd", "http://127.0.0.1:1/x.png", "/media/x.svg"]);
    assert_eq!(printed.missing, ["file:///etc/passwd", "http://127.0.0.1:1/x.png"]);
    assert!(support::read(printed.files[0].clone())[0].has("gone1"));
}

#[test]
fn deep_nesting_is_refused() {
    let pool = one(Duration::from_secs(120));
    for element in ["div", "span", "b"] {
        let html = format!("<{element}>").repeat(20_000);
        too_large(pool.print(&support::job(&html), &mut |_| None));
    }
    let svg = format!("<svg>{}</svg>", "<g>".repeat(20_000));
    too_large(pool.print(&support::job(&svg), &mut |_| None));
    works(&pool);
}

#[test]
fn many_elements_are_refused() {
    let pool = one(Duration::from_secs(120));
    too_large(pool.print(&support::job(&"<p>x</p>".repeat(100_000)), &mut |_| None));
    too_large(pool.print(&support::job(&format!("<table>{}</table>", "<tr><td>x".repeat(30_000))), &mut |_| None));
    too_large(pool.print(&support::job(&"word ".repeat(600_000)), &mut |_| None));
    too_large(pool.print(
        &support::job(&format!("<div style='height:1mm'>{}</div>", "<p style='break-after:page'>x</p>".repeat(3000))),
        &mut |_| None,
    ));
    works(&pool);
}

#[test]
fn a_huge_picture_is_left_out() {
    let pool = one(Duration::from_secs(120));
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_luma8(20_000, 2_500).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let png = png.into_inner();
    let printed =
        pool.print(&support::job("<img src='/media/huge.png' alt='huge'>"), &mut |_| Some(png.clone())).unwrap();
    assert_eq!(printed.missing, ["/media/huge.png"]);
    works(&pool);
}

#[test]
fn what_takes_too_long_is_stopped() {
    let pool = one(Duration::from_millis(1500));
    pool.warm_up().unwrap();
    let start = Instant::now();
    // Each of many documents takes a while.
    let mut job = support::job(&format!("<table>{}</table>", "<tr><td>a<td>b<td>c".repeat(5000)));
    job.documents = vec![job.documents[0].clone(); 100];
    assert_eq!(pool.print(&job, &mut |_| None), Err(Fault::TooSlow));
    assert!(start.elapsed() < Duration::from_secs(20));
    works(&pool);
}

#[test]
fn a_pool_that_is_busy_says_so() {
    let pool = pool(Limits { children: 1, job: Duration::from_secs(60), queue: Duration::from_millis(100) });
    pool.warm_up().unwrap();
    let mut inner = None;
    pool.print(&support::job("<img src=x>"), &mut |_| {
        inner = Some(pool.print(&support::job("x"), &mut |_| None));
        None
    })
    .unwrap();
    assert_eq!(inner, Some(Err(Fault::Busy)));
    works(&pool);
}

#[test]
fn a_program_that_is_not_there_is_unavailable() {
    let pool = Pool::new("/nonexistent".into(), Vec::new(), Limits::default());
    assert_eq!(pool.print(&support::job("x"), &mut |_| None), Err(Fault::Unavailable));
    let without_answer = Pool::new("/bin/true".into(), Vec::new(), Limits::default());
    assert_eq!(without_answer.print(&support::job("x"), &mut |_| None), Err(Fault::Unavailable));
}

#[test]
fn faults_in_styles_do_not_matter() {
    let pool = one(Duration::from_secs(60));
    for css in [
        "@page { size: -5mm 0; margin: 500cm }",
        "@page { size: 1e30mm 1e30mm }",
        "@page{",
        "* { width: 1e38px; transform: scale(1e38) }",
        "p { font-size: 1e30px }",
        "p { line-height: 0; break-after: page }",
        "p { columns: 5; position: fixed; float: left }",
        "@page { @top-left { content: counter(",
        "body { zoom: 1e9; border: 1e9px solid }",
    ] {
        let printed = pool.print(&support::job(&format!("<style>{css}</style><p>x</p><p>y</p>")), &mut |_| None);
        assert!(matches!(printed, Ok(_) | Err(Fault::TooLarge(_) | Fault::Invalid(_))), "{css}: {printed:?}");
    }
    works(&pool);
}

/// What a document may do to whoever prints it: nothing but end, with a PDF or with a clear fault.
#[track_caller]
fn ends(pool: &Pool, what: &str, html: &str, file: Option<&[u8]>) {
    let printed = pool.print(&support::job(html), &mut |_| file.map(<[u8]>::to_vec));
    let is_clear = match &printed {
        Ok(_) | Err(Fault::TooLarge(_) | Fault::Crashed | Fault::TooSlow) => true,
        Err(Fault::Invalid(why)) => !why.contains("{"),
        Err(_) => false,
    };
    assert!(is_clear, "{what}: {printed:?}");
    works(pool);
}

#[test]
fn billions_of_cells_and_tracks_end() {
    let pool = one(Duration::from_secs(20));
    let spans = "<tr><td colspan=1000 rowspan=1000>x</tr>".repeat(1000);
    for (what, html) in [
        ("spans", "<table><tr><td colspan=1000000000 rowspan=1000000000>x<td>y</table>".to_owned()),
        ("many spans", format!("<table>{spans}</table>")),
        ("collapsed spans", format!("<table style='border-collapse: collapse'>{spans}</table>")),
        ("columns", "<table><colgroup span=1000000000><col span=1000000000><tr><td>x</table>".to_owned()),
        ("tracks", "<div style='display:grid;grid:repeat(1000000,1px)/repeat(1000000,1px)'><i>a</i></div>".to_owned()),
        (
            "lines",
            "<div style='display:grid'><i style='grid-area:1000000/1000000/-1000000/-1000000'>a</i></div>".to_owned(),
        ),
        (
            "filled",
            "<div style='display:grid;width:1e6px;grid-template-columns:repeat(auto-fill,0.001px)'>a</div>".to_owned(),
        ),
    ] {
        ends(&pool, what, &html, None);
    }
}

#[test]
fn extreme_lengths_and_numbers_end() {
    let pool = one(Duration::from_secs(20));
    for style in [
        "width:1e30mm;height:1e30mm;margin:1e30mm;padding:1e30mm;border:1e30mm solid",
        "margin:-1e30mm;position:absolute;left:-1e30mm;top:1e38px;text-indent:1e30mm;letter-spacing:1e30mm",
        "width:calc(NaN * 1px);height:calc(infinity * 1px);font-size:calc(infinity * 1px);transform:scale(calc(NaN))",
        "font-size:1e-30mm;line-height:1e-30",
        "height:1e9px;background-size:.001px .001px;background-image:linear-gradient(red,blue)",
        "columns:1000000;float:footnote;break-before:page",
        "position:fixed;bottom:1e30mm;box-shadow:0 0 1e9px 1e9px red",
    ] {
        ends(&pool, style, &format!("<style>p {{ {style} }}</style>a<p>x</p><p>y</p>b"), None);
    }
    for page in ["size: calc(0 / 0 * 1mm) NaNmm", "size: .001mm; margin: 50mm", "size: 5000mm; margin: -5000mm"] {
        ends(&pool, page, &format!("<style>@page {{ {page} }}</style>{}", "x ".repeat(100)), None);
    }
}

#[test]
fn drawings_that_grow_and_counters_end() {
    let pool = one(Duration::from_secs(5));
    let copies: String =
        (1..9).map(|n| format!("<g id=a{n}>{}</g>", format!("<use href='#a{}'/>", n - 1).repeat(10))).collect();
    let entities: String =
        (1..10).map(|n| format!("<!ENTITY a{n} '{}'>", format!("&a{};", n - 1).repeat(10))).collect();
    let entities = format!(
        "<!DOCTYPE svg [<!ENTITY a0 'lol'>{entities}]><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>\
         <text>&a9;</text></svg>"
    );
    ends(
        &pool,
        "copies",
        &format!("<svg width=9 height=9><g id=a0><path d='M0 0h1v1z'/></g>{copies}<use href='#a8'/></svg>"),
        None,
    );
    ends(&pool, "entities", "<img src='/media/x.svg'>", Some(entities.as_bytes()));
    let counters = format!(
        "<style>@page {{ @top-left {{ content: {} }} }} p {{ break-after: page }}</style>{}",
        "counter(page, lower-roman) ".repeat(5000),
        "<p>x</p>".repeat(300)
    );
    ends(&pool, "counters", &counters, None);
    let lists = "<ol start=2147483647 reversed><li value=-2147483648>x<li>y</ol>";
    ends(&pool, "lists", lists, None);
    ends(&pool, "footnotes", &format!("<style>i {{ float: footnote }}</style>{}", "a<i>b".repeat(200)), None);
}

#[test]
fn damaged_fonts_end() {
    let pool = one(Duration::from_secs(20));
    let packed = include_bytes!("../fonts/LiberationMono-Regular.woff2");
    let font = wuff::decompress_woff2(packed).unwrap();
    let tables = usize::from(u16::from_be_bytes([font[4], font[5]]));
    let html =
        "<style>@font-face { font-family: F; src: url(/media/f.ttf) } p { font-family: F }</style><p>office 1</p>";
    for entry in (0..tables).map(|index| 12 + 16 * index) {
        let field = |at: usize| u32::from_be_bytes(font[entry + at..entry + at + 4].try_into().unwrap()) as usize;
        let name = String::from_utf8_lossy(&font[entry..entry + 4]).into_owned();
        let (start, length) = (field(8), field(12));
        for fill in [0x00, 0xff] {
            let mut damaged = font.clone();
            damaged[start..start + length].fill(fill);
            ends(&pool, &format!("{name} of {fill}"), html, Some(&damaged));
        }
        let mut moved = font.clone();
        moved[entry + 8..entry + 16].copy_from_slice(&[0xff, 0xff, 0xff, 0xf0, 0, 0, 0xff, 0xff]);
        ends(&pool, &format!("{name} moved"), html, Some(&moved));
    }
    ends(&pool, "half a font", html, Some(&font[..font.len() / 2]));
}
