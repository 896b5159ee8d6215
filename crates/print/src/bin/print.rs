//! Prints HTML files: `print [--dpi N] [--size WxH] [--root DIR] OUT FILE...`, to `OUT.pdf` or `OUT-1.png` and on.
//! With `--pool y` in a child process, as a server does it; `--times N` for measuring. For development and tests.

use std::path::{Path, PathBuf};
use std::time::Instant;

use ironwood_print::{Job, Limits, Output, PageSize, Pool};

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|argument| argument == "print-child") {
        let fonts = arguments.get(1).map(PathBuf::from);
        std::process::exit(i32::from(!ironwood_print::child::run(fonts)));
    }
    let mut option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.remove(at);
        Some(arguments.remove(at))
    };
    let dpi = option("--dpi").map(|dpi| dpi.parse().expect("a number"));
    let size = option("--size").map(|size| {
        let (width, height) = size.split_once('x').expect("WIDTHxHEIGHT in millimeters");
        PageSize { width: width.parse().expect("a number"), height: height.parse().expect("a number") }
    });
    let root = PathBuf::from(option("--root").unwrap_or_else(|| ".".to_owned()));
    let times: usize = option("--times").map_or(1, |times| times.parse().expect("a number"));
    let pooled = option("--pool").is_some();
    let Some((out, files)) = arguments.split_first() else { panic!("see the top of this file") };
    let job = Job {
        documents: files.iter().map(|file| std::fs::read_to_string(file).expect("a file")).collect(),
        title: Path::new(out).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        page: size.unwrap_or(PageSize::A4),
        output: dpi.map_or(Output::Pdf { archival: false }, |dpi| Output::Png { dpi }),
    };
    let mut answer = |address: &str| std::fs::read(root.join(address.trim_start_matches('/'))).ok();
    let pool = Pool::new(std::env::current_exe().expect("this program"), vec!["print-child".into()], Limits::default());
    for _ in 0..times {
        let start = Instant::now();
        let printed = if pooled { pool.print(&job, &mut answer) } else { ironwood_print::render(&job, &mut answer) };
        match printed {
            Ok(printed) => {
                println!("{} pages, {:?}, missing: {:?}", printed.pages, start.elapsed(), printed.missing);
                for (index, file) in printed.files.iter().enumerate() {
                    let name = if dpi.is_some() { format!("{out}-{}.png", index + 1) } else { format!("{out}.pdf") };
                    std::fs::write(name, file).expect("written");
                }
            }
            Err(fault) => println!("{fault:?}, {:?}", start.elapsed()),
        }
    }
}
