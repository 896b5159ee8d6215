//! Printing on an IPP printer that is not ours: a queue of CUPS (`cupsd`; package `cups-daemon` of Debian).

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::driver::{Labels, Printing, Values, find};

/// Longest time for CUPS to start, and for a job to be done.
const PATIENCE: Duration = Duration::from_secs(20);

/// CUPS with one queue that prints into nothing. It ends with the test.
struct Cups {
    process: Child,
    port: u16,
    folder: PathBuf,
}

impl Drop for Cups {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Waits for something that is there soon.
fn soon<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

impl Cups {
    /// Starts it. `None` where it is not installed.
    fn start() -> Option<Self> {
        let program = std::env::split_paths(&std::env::var_os("PATH")?)
            .chain([PathBuf::from("/usr/sbin")])
            .map(|folder| folder.join("cupsd"))
            .find(|path| path.is_file())?;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = std::env::temp_dir().join(format!("ironwood-cups-{}-{port}", std::process::id()));
        for part in ["root", "spool", "cache", "state"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        let path = folder.display();
        let write = |name: &str, text: String| fs::write(folder.join(name), text).unwrap();
        write(
            "cupsd.conf",
            format!(
                "Listen localhost:{port}\nBrowsing No\nDefaultAuthType None\nWebInterface No\n\
                 <Location />\nOrder allow,deny\nAllow all\n</Location>\n\
                 <Policy default>\n<Limit All>\nOrder deny,allow\n</Limit>\n</Policy>\n"
            ),
        );
        write(
            "cups-files.conf",
            format!(
                "FileDevice Yes\nServerRoot {path}/root\nRequestRoot {path}/spool\nCacheDir {path}/cache\n\
                 StateDir {path}/state\nTempDir {path}/state\nAccessLog stderr\nErrorLog stderr\nPageLog stderr\n\
                 Printcap\nSystemGroup root\n"
            ),
        );
        write(
            "root/printers.conf",
            "<DefaultPrinter Labels>\nDeviceURI file:///dev/null\nState Idle\nAccepting Yes\nShared Yes\n\
             JobSheets none none\nErrorPolicy abort-job\n</DefaultPrinter>\n"
                .to_owned(),
        );
        let process = Command::new(program)
            .arg("-f")
            .arg("-c")
            .arg(folder.join("cupsd.conf"))
            .arg("-s")
            .arg(folder.join("cups-files.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let cups = Cups { process, port, folder };
        soon("CUPS does not start", || TcpStream::connect(("localhost", port)).ok());
        Some(cups)
    }

    fn values(&self, queue: &str, more: &[(&str, &str)]) -> Values {
        let url = format!("ipp://localhost:{}/printers/{queue}", self.port);
        let all = [("URL", url.as_str())].into_iter().chain(more.iter().copied());
        Values(all.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    /// What CUPS keeps of a job: its attributes, and its document.
    fn job(&self, number: usize) -> Option<(String, Vec<u8>)> {
        let spool = self.folder.join("spool");
        let attributes = fs::read(spool.join(format!("c{number:05}"))).ok()?;
        let document = fs::read(spool.join(format!("d{number:05}-001"))).ok()?;
        Some((String::from_utf8_lossy(&attributes).into_owned(), document))
    }
}

#[test]
fn a_queue_of_cups_takes_labels_with_their_options() {
    let Some(cups) = Cups::start() else {
        eprintln!("SKIPPED: cupsd (package cups-daemon) is not installed here");
        return;
    };
    let driver = find("ipp").unwrap();
    let printing = Printing { folder: None, program: Vec::new(), local: true };
    soon("the queue is not ready", || (driver.probe)(&cups.values("Labels", &[]), &printing).ok());
    let pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n\
                trailer<</Root 1 0 R>>\n%%EOF\n";
    let labels =
        Labels { title: "Labels for Bolt".into(), files: vec![pdf.to_vec()], copies: 2, width: 62.0, height: 29.0 };
    let send = |queue: &str, more: &[(&str, &str)]| (driver.send)(&cups.values(queue, more), &printing, &labels);
    send("Labels", &[]).unwrap();
    let (attributes, document) = soon("the job does not arrive", || cups.job(1));
    assert_eq!(document, pdf);
    assert!(attributes.contains("Labels for Bolt") && attributes.contains("application/pdf"), "{attributes}");
    let all = [
        ("MEDIA", "om_label_62x29mm"),
        ("SIDES", "one-sided"),
        ("COLOR", "monochrome"),
        ("QUALITY", "5"),
        ("ORIENTATION", "4"),
        ("SCALING", "none"),
        ("FINISHING", "60"),
        ("DARKNESS", "10"),
        ("PRIORITY", "60"),
    ];
    send("Labels", &all).unwrap();
    let (attributes, _) = soon("the job does not arrive", || cups.job(2));
    for expected in [
        "copies\0\u{4}\0\0\0\u{2}",
        "media\0\u{10}om_label_62x29mm",
        "sides\0\u{9}one-sided",
        "print-color-mode\0\nmonochrome",
        "print-quality\0\u{4}\0\0\0\u{5}",
        "orientation-requested\0\u{4}\0\0\0\u{4}",
        "print-scaling\0\u{4}none",
        "finishings\0\u{4}\0\0\0<",
        "print-darkness\0\u{4}\0\0\0\n",
        "job-priority\0\u{4}\0\0\0<",
    ] {
        assert!(attributes.contains(expected), "{expected:?} in {attributes:?}");
    }
    let refused = send("Nothing", &[]).unwrap_err();
    assert!(refused.message().contains("does not exist"), "{refused:?}");
}
