//! Printers that understand IPP: CUPS, and printers themselves (IPP Everywhere, AirPrint).
//!
//! Source: RFC 8010 (encoding) and RFC 8011 (operations): Print-Job and Get-Printer-Attributes; PWG 5100.1 (finishings),
//! 5100.13 (colors), 5100.16 (scaling); `print-darkness` is an attribute of label printers behind PAPPL and `LPrint`.

use base64::Engine as _;
use ureq::http::Uri;

use super::{Driver, Fault, LabelFormat, Labels, Printing, Values, setting};
use crate::services::machine::address;

/// Port of IPP.
const PORT: u16 = 631;
/// Longest answer that is read, in bytes.
const LONGEST: u64 = 1 << 20;

const PRINT_JOB: u16 = 0x0002;
const GET_PRINTER_ATTRIBUTES: u16 = 0x000b;

/// Tags of groups and values.
const OPERATION: u8 = 0x01;
const JOB: u8 = 0x02;
const END: u8 = 0x03;
const INTEGER: u8 = 0x21;
const ENUM: u8 = 0x23;
const NAME: u8 = 0x42;
const KEYWORD: u8 = 0x44;
const URI: u8 = 0x45;
const CHARSET: u8 = 0x47;
const LANGUAGE: u8 = 0x48;
const MIME: u8 = 0x49;

/// State of a printer that takes nothing.
const STOPPED: i32 = 5;
/// States of a job that will not be printed: canceled, aborted.
const ENDED: std::ops::RangeInclusive<i32> = 7..=8;

type Choices = &'static [(&'static str, &'static str)];

static SIDES: Choices = &[
    ("one-sided", "One side"),
    ("two-sided-long-edge", "Both sides, turned on the long edge"),
    ("two-sided-short-edge", "Both sides, turned on the short edge"),
];
static COLORS: Choices =
    &[("auto", "As in the document"), ("color", "Color"), ("monochrome", "Gray"), ("bi-level", "Black and white")];
static QUALITIES: Choices = &[("3", "Draft"), ("4", "Normal"), ("5", "High")];
static ORIENTATIONS: Choices =
    &[("3", "Portrait"), ("4", "Landscape"), ("5", "Reverse landscape"), ("6", "Reverse portrait")];
static SCALINGS: Choices = &[
    ("none", "Actual size"),
    ("auto", "Chosen by the printer"),
    ("auto-fit", "Smaller if it does not fit"),
    ("fit", "Fit to the paper"),
    ("fill", "Fill the paper"),
];
static FINISHINGS: Choices = &[
    ("3", "None"),
    ("4", "Staple"),
    ("5", "Punch"),
    ("60", "Cut after each page"),
    ("62", "Cut after each copy"),
    ("63", "Cut after the job"),
];

/// Settings that become attributes of a job: the setting, its attribute, and how its value is written.
static ATTRIBUTES: &[(&str, &str, u8)] = &[
    ("MEDIA", "media", KEYWORD),
    ("SIDES", "sides", KEYWORD),
    ("COLOR", "print-color-mode", KEYWORD),
    ("QUALITY", "print-quality", ENUM),
    ("ORIENTATION", "orientation-requested", ENUM),
    ("SCALING", "print-scaling", KEYWORD),
    ("FINISHING", "finishings", ENUM),
    ("DARKNESS", "print-darkness", INTEGER),
    ("PRIORITY", "job-priority", INTEGER),
];

pub(super) static DRIVER: Driver = Driver {
    slug: "ipp",
    name: "IPP",
    description: "Queues of CUPS, and printers that understand IPP Everywhere or AirPrint.",
    settings: &[
        setting(
            "URL",
            "Address",
            "URL of the printer, such as ipp://printer.local/ipp/print or ipp://server:631/printers/labels",
        )
        .required(),
        setting(
            "MEDIA",
            "Media",
            "Name of the paper as the printer calls it, such as om_label_62x29mm; empty: its usual one",
        )
        .per_job(),
        setting("SIDES", "Sides", "Empty: the setting of the printer").choices(SIDES).per_job(),
        setting("COLOR", "Colors", "Empty: the setting of the printer").choices(COLORS).per_job(),
        setting("QUALITY", "Quality", "Empty: the setting of the printer").choices(QUALITIES).per_job(),
        setting("ORIENTATION", "Orientation", "Empty: the setting of the printer").choices(ORIENTATIONS).per_job(),
        setting("SCALING", "Scaling", "Empty: the setting of the printer").choices(SCALINGS).per_job(),
        setting("FINISHING", "Finishing", "Empty: the setting of the printer").choices(FINISHINGS).per_job(),
        setting("DARKNESS", "Darkness", "Label printers: from -100 to 100. Empty: the setting of the printer")
            .integer(-100, 100)
            .per_job(),
        setting("PRIORITY", "Priority", "From 1 to 100. Empty: the usual priority").integer(1, 100).per_job(),
        setting("USER", "User name", "If the printer requires one"),
        setting("PASSWORD", "Password", "If the printer requires one").secret(),
    ],
    format: LabelFormat::Pdf,
    probe,
    send,
};

/// A printer's address, for IPP and for HTTP.
struct Target {
    ipp: String,
    http: String,
}

fn target(values: &Values) -> Result<Target, Fault> {
    let wrong = || Fault::Refused("Enter an address such as ipp://printer.local/ipp/print.".into());
    let uri: Uri = values.text("URL").trim().parse().map_err(|_| wrong())?;
    let (scheme, usual) = match uri.scheme_str() {
        Some("ipp") => ("http", PORT),
        Some("ipps") => ("https", PORT),
        Some("http") => ("http", 80),
        Some("https") => ("https", 443),
        _ => return Err(wrong()),
    };
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(Fault::Refused("Enter the user name and password in the settings User name and Password.".into()));
    }
    let port = uri.port_u16().unwrap_or(usual);
    let path = uri.path();
    let safe = if scheme == "https" { "ipps" } else { "ipp" };
    Ok(Target { ipp: format!("{safe}://{host}:{port}{path}"), http: format!("{scheme}://{host}:{port}{path}") })
}

/// A request in the making.
struct Message(Vec<u8>);

impl Message {
    fn new(operation: u16, target: &Target, user: &str) -> Message {
        let mut message = Message(vec![1, 1]);
        message.0.extend(operation.to_be_bytes());
        message.0.extend(1_u32.to_be_bytes());
        message.0.push(OPERATION);
        message.add(CHARSET, "attributes-charset", b"utf-8");
        message.add(LANGUAGE, "attributes-natural-language", b"en");
        message.add(URI, "printer-uri", target.ipp.as_bytes());
        message.add(NAME, "requesting-user-name", if user.is_empty() { b"ironwood" } else { user.as_bytes() });
        message
    }

    fn add(&mut self, tag: u8, name: &str, value: &[u8]) {
        let length = |length: usize| u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        let value = &value[..value.len().min(usize::from(u16::MAX))];
        self.0.push(tag);
        self.0.extend(length(name.len()));
        self.0.extend(name.as_bytes());
        self.0.extend(length(value.len()));
        self.0.extend(value);
    }
}

/// What a printer answers.
struct Reply {
    status: u16,
    attributes: Vec<(String, Vec<u8>)>,
}

fn read(bytes: &[u8]) -> Option<Reply> {
    let status = u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?);
    let mut rest = bytes.get(8..)?;
    let mut attributes: Vec<(String, Vec<u8>)> = Vec::new();
    while let [tag, after @ ..] = rest {
        rest = after;
        match *tag {
            END => break,
            0..=0x0f => {}
            _ => {
                let mut part = || -> Option<Vec<u8>> {
                    let length = usize::from(u16::from_be_bytes(rest.get(..2)?.try_into().ok()?));
                    let part = rest.get(2..2 + length)?.to_vec();
                    rest = rest.get(2 + length..)?;
                    Some(part)
                };
                let (name, value) = (part()?, part()?);
                let name = String::from_utf8_lossy(&name).into_owned();
                // a further value of the attribute before has no name
                let name = if name.is_empty() { attributes.last()?.0.clone() } else { name };
                attributes.push((name, value));
            }
        }
    }
    Some(Reply { status, attributes })
}

impl Reply {
    fn text(&self, name: &str) -> Option<String> {
        let found = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(String::from_utf8_lossy(&found.1).into_owned())
    }

    fn number(&self, name: &str) -> Option<i32> {
        let found = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(i32::from_be_bytes(found.1.as_slice().try_into().ok()?))
    }
}

fn ask(values: &Values, printing: &Printing, target: &Target, message: &[u8]) -> Result<Reply, Fault> {
    let mut request = address::agent(printing.local).post(&target.http).header("content-type", "application/ipp");
    let user = values.text("USER");
    if !user.is_empty() {
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{}", values.text("PASSWORD")));
        request = request.header("authorization", format!("Basic {pair}"));
    }
    let unreachable = |why: String| Fault::Unreachable(format!("The printer cannot be reached: {why}"));
    let mut answer = match request.send(message) {
        Ok(answer) => answer,
        Err(ureq::Error::StatusCode(401 | 403)) => {
            return Err(Fault::Refused("The printer does not accept the user name and password.".into()));
        }
        Err(ureq::Error::StatusCode(404)) => {
            return Err(Fault::Refused("There is no printer at this path. Check the address.".into()));
        }
        Err(why) => return Err(unreachable(why.to_string())),
    };
    let bytes = answer.body_mut().with_config().limit(LONGEST).read_to_vec();
    let reply = bytes.map_err(|why| unreachable(why.to_string())).map(|bytes| read(&bytes))?;
    let reply = reply.ok_or_else(|| Fault::Refused("The device at this address is not an IPP printer.".into()))?;
    match reply.status {
        0..=0x00ff => Ok(reply),
        status => {
            let why = reply.text("status-message").unwrap_or_else(|| format!("status {status:#06x}"));
            // 0x0500 and above: the printer is at fault, and may not be later
            Err(if status >= 0x0500 {
                Fault::Unreachable(format!("The printer does not accept jobs at the moment: {why}"))
            } else {
                Fault::Refused(format!("The printer rejected the job: {why}"))
            })
        }
    }
}

fn probe(values: &Values, printing: &Printing) -> Result<(), Fault> {
    let target = target(values)?;
    let mut message = Message::new(GET_PRINTER_ATTRIBUTES, &target, values.text("USER"));
    message.0.push(END);
    let reply = ask(values, printing, &target, &message.0)?;
    if reply.number("printer-state") == Some(STOPPED) {
        let why = reply.text("printer-state-reasons").unwrap_or_default();
        return Err(Fault::Unreachable(format!("The printer has stopped: {why}")));
    }
    Ok(())
}

fn send(values: &Values, printing: &Printing, labels: &Labels) -> Result<(), Fault> {
    let target = target(values)?;
    let mut message = Message::new(PRINT_JOB, &target, values.text("USER"));
    message.add(NAME, "job-name", labels.title.chars().take(100).collect::<String>().as_bytes());
    message.add(MIME, "document-format", b"application/pdf");
    message.0.push(JOB);
    let copies = i32::try_from(labels.copies).unwrap_or(1);
    message.add(INTEGER, "copies", &copies.to_be_bytes());
    for (setting, attribute, tag) in ATTRIBUTES {
        let value = values.text(setting).trim();
        match *tag {
            _ if value.is_empty() => {}
            KEYWORD => message.add(KEYWORD, attribute, value.as_bytes()),
            tag => {
                if let Ok(number) = value.parse::<i32>() {
                    message.add(tag, attribute, &number.to_be_bytes());
                }
            }
        }
    }
    message.0.push(END);
    message.0.extend(labels.files.first().map_or(&[][..], Vec::as_slice));
    let reply = ask(values, printing, &target, &message.0)?;
    if reply.number("job-state").is_some_and(|state| ENDED.contains(&state)) {
        let why = reply.text("job-state-reasons").unwrap_or_default();
        return Err(Fault::Refused(format!("The printer canceled the job: {why}")));
    }
    Ok(())
}

#[cfg(test)]
pub(in crate::services::machine) mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// A small printer: its address, and the messages that it was sent. It answers with these states in turn.
    pub(in crate::services::machine) fn printer(statuses: &'static [u16]) -> (String, Receiver<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ipp://{}/ipp/print", listener.local_addr().unwrap());
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            for status in statuses {
                let (mut stream, _) = listener.accept().unwrap();
                let (mut all, mut buffer) = (Vec::new(), [0; 65_536]);
                let body = loop {
                    let read = stream.read(&mut buffer).unwrap();
                    all.extend(&buffer[..read]);
                    let Some(at) = all.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
                    let head = String::from_utf8_lossy(&all[..at]).to_lowercase();
                    assert!(head.starts_with("post /ipp/print ") && head.contains("application/ipp"), "{head}");
                    let length = head.split("content-length:").nth(1).unwrap().lines().next().unwrap().trim();
                    if all.len() - at - 4 >= length.parse::<usize>().unwrap() {
                        break all[at + 4..].to_vec();
                    }
                };
                sender.send(body).unwrap();
                let mut reply = vec![1, 1];
                reply.extend(status.to_be_bytes());
                reply.extend([0, 0, 0, 1, OPERATION]);
                let mut message = Message(reply);
                message.add(CHARSET, "attributes-charset", b"utf-8");
                message.add(0x41, "status-message", b"as told");
                message.0.extend([4]);
                message.add(0x23, "printer-state", &3_i32.to_be_bytes());
                message.0.push(END);
                let head = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    message.0.len()
                );
                stream.write_all(head.as_bytes()).unwrap();
                stream.write_all(&message.0).unwrap();
            }
        });
        (url, receiver)
    }

    /// Names and values of attributes.
    pub(in crate::services::machine) type Attributes = Vec<(String, Vec<u8>)>;

    /// The attributes of a message, and the document behind them.
    pub(in crate::services::machine) fn decode(message: &[u8]) -> (u16, Attributes, Vec<u8>) {
        let reply = read(message).unwrap();
        let end = message.windows(5).position(|window| window == b"\x03%PDF").map_or(message.len(), |at| at + 1);
        (reply.status, reply.attributes, message[end..].to_vec())
    }
}
