//! Printing on an IPP printer that is not ours: `ippeveprinter` of CUPS (package `cups-ipp-utils` of Debian).

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::driver::{Fault, Labels, Printing, Values, find};

/// Longest time for the printer to start, and for its file to appear.
const PATIENCE: Duration = Duration::from_secs(20);

/// A printer that ends with the test.
struct Printer {
    process: Child,
    port: u16,
    spool: PathBuf,
}

impl Drop for Printer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.spool);
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

impl Printer {
    /// Starts one. `None` where the program is not installed.
    fn start() -> Option<Self> {
        let program = std::env::split_paths(&std::env::var_os("PATH")?)
            .chain([PathBuf::from("/usr/bin"), PathBuf::from("/usr/sbin")])
            .map(|folder| folder.join("ippeveprinter"))
            .find(|path| path.is_file())?;
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let spool = std::env::temp_dir().join(format!("ironwood-ipp-{}-{port}", std::process::id()));
        std::fs::create_dir_all(&spool).unwrap();
        let process = Command::new(program)
            // without announcing itself; documents are kept
            .args(["-r", "off", "-k", "-n", "localhost", "-f", "application/pdf", "-p", &port.to_string(), "-d"])
            .arg(&spool)
            .arg("-K")
            .arg(&spool)
            .arg("Labels")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let printer = Printer { process, port, spool };
        soon("the printer does not start", || std::net::TcpStream::connect(("localhost", port)).ok());
        Some(printer)
    }

    fn values(&self, more: &[(&str, &str)]) -> Values {
        let url = format!("ipp://localhost:{}/ipp/print", self.port);
        let all = [("URL", url.as_str())].into_iter().chain(more.iter().copied());
        Values(all.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    fn documents(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(&self.spool).unwrap().flatten().map(|entry| entry.path());
        files.filter(|path| path.extension().is_some_and(|ending| ending == "pdf")).collect()
    }
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_default()
}

#[test]
fn a_printer_of_cups_takes_labels_with_their_options() {
    let Some(printer) = Printer::start() else {
        eprintln!("SKIPPED: ippeveprinter (package cups-ipp-utils) is not installed here");
        return;
    };
    let driver = find("ipp").unwrap();
    let printing = Printing { folder: None, program: Vec::new(), local: true };
    let values = printer.values(&[]);
    soon("the printer is not ready", || (driver.probe)(&values, &printing).ok());
    let pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n\
                trailer<</Root 1 0 R>>\n%%EOF\n";
    let labels =
        Labels { title: "Labels for Bolt".into(), files: vec![pdf.to_vec()], copies: 2, width: 62.0, height: 29.0 };
    let send = |more: &[(&str, &str)], labels: &Labels| (driver.send)(&printer.values(more), &printing, labels);
    send(&[], &labels).unwrap();
    soon("the document does not arrive", || printer.documents().iter().any(|path| read(path) == pdf).then_some(()));
    let all = [
        ("MEDIA", "na_letter_8.5x11in"),
        ("SIDES", "one-sided"),
        ("COLOR", "monochrome"),
        ("QUALITY", "5"),
        ("ORIENTATION", "4"),
        ("SCALING", "none"),
        ("FINISHING", "3"),
        ("DARKNESS", "10"),
        ("PRIORITY", "60"),
    ];
    // A printer takes one job after the other. What it does not have, it leaves out.
    soon("the printer rejects the options", || match send(&all, &labels) {
        Ok(()) => Some(()),
        Err(Fault::Unreachable(_)) => None,
        Err(fault) => panic!("{fault:?}"),
    });
    // this printer has no paper of that name, or it leaves it out, too: it never ends in a panic
    let _ = send(&[("MEDIA", "no-such-paper")], &labels);
    let nowhere = Values([("URL".to_owned(), format!("ipp://localhost:{}/nowhere", printer.port))].into());
    assert!((driver.send)(&nowhere, &printing, &labels).is_err());
}
