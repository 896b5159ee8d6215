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
    let mut asked = Vec::new();
    let html = "<img src='file:///etc/passwd' alt=gone1><img src='http://127.0.0.1:1/x.png' alt=gone2><img src='/media/x.svg'>\
                <svg width=9 height=9><image href='file:///etc/hostname'/></svg>";
    let printed = pool
        .print(&support::job(html), &mut |address| {
            asked.push(address.to_owned());
            (address == "/media/x.svg").then(|| {
                b"<svg xmlns='http://www.w3.org/2000/svg' width='5' height='5'><image href='/etc/hostname' width='5' height='5'/></svg>".to_vec()
            })
        })
        .unwrap();
    assert_eq!(asked, ["file:///etc/passwd", "http://127.0.0.1:1/x.png", "/media/x.svg"]);
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
    let silent = Pool::new("/bin/true".into(), Vec::new(), Limits::default());
    assert_eq!(silent.print(&support::job("x"), &mut |_| None), Err(Fault::Unavailable));
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
