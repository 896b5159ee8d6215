//! Printing into a folder, and by a program of the server's administrator.

use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ironwood_base::clock;

use super::{Driver, Fault, LabelFormat, Labels, Printing, Values, setting};
use crate::platform::media::name;
use crate::platform::users::secret::{hex, random};

/// Longest time that a program may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked whether a program has ended.
const LOOK: Duration = Duration::from_millis(50);
/// Bytes of what a program says that are told.
const SAID: usize = 300;

pub(super) static FOLDER: Driver = Driver {
    slug: "folder",
    name: "Folder",
    description: "Writes each print job as a PDF into a folder that another program watches. The server's \
                  configuration names the folder (--print-folder).",
    settings: &[setting(
        "FOLDER",
        "Folder",
        "Name of a subfolder of the configured folder. Empty: the configured folder",
    )],
    format: LabelFormat::Pdf,
    probe: |values, printing| folder(values, printing).map(|_| ()),
    send: write,
};

/// The folder, made where it is not there yet.
fn folder(values: &Values, printing: &Printing) -> Result<std::path::PathBuf, Fault> {
    let Some(base) = &printing.folder else {
        return Err(Fault::Refused(
            "No folder for print jobs is configured on this server. Start it with --print-folder.".into(),
        ));
    };
    let own = values.text("FOLDER").trim();
    if !own.is_empty() && (own.contains(['/', '\\', '\0']) || name::safe(own) != own) {
        return Err(Fault::Refused("Enter a folder name without slashes.".into()));
    }
    let folder = base.join(own);
    fs::create_dir_all(&folder).map_err(|why| Fault::Unreachable(format!("The folder cannot be used: {why}")))?;
    Ok(folder)
}

fn write(values: &Values, printing: &Printing, labels: &Labels) -> Result<(), Fault> {
    let folder = folder(values, printing)?;
    let failed = |why: String| Fault::Unreachable(format!("The file cannot be written: {why}"));
    let unique = random::<4>().map(|bytes| hex(&bytes)).map_err(|error| failed(error.to_string()))?;
    let stamp: String = clock::now().chars().filter(char::is_ascii_alphanumeric).collect();
    for copy in 0..labels.copies.max(1) {
        let target = folder.join(format!("{stamp}-{unique}-{copy}.pdf"));
        let draft = target.with_extension("part");
        let bytes = labels.files.first().map_or(&[][..], Vec::as_slice);
        // whoever watches the folder sees the finished file only
        fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, &target)).map_err(|why| failed(why.to_string()))?;
    }
    Ok(())
}

pub(super) static PROGRAM: Driver = Driver {
    slug: "program",
    name: "Program",
    description: "Sends each print job as a PDF to the standard input of the program in the server's configuration \
                  (--print-program).",
    settings: &[setting("PRINTER", "Printer", "Replaces {printer} in the arguments of the program")],
    format: LabelFormat::Pdf,
    probe: |values, printing| command(values, printing).map(|_| ()),
    send: run,
};

/// The program with its arguments.
fn command(values: &Values, printing: &Printing) -> Result<Command, Fault> {
    let Some((program, arguments)) = printing.program.split_first() else {
        return Err(Fault::Refused(
            "No printing program is configured on this server. Start it with --print-program.".into(),
        ));
    };
    let printer = values.text("PRINTER").trim();
    let is_plain = printer.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if !is_plain || printer.starts_with('-') {
        return Err(Fault::Refused("Enter a printer name of letters, digits, dots, and hyphens.".into()));
    }
    let mut command = Command::new(program);
    command.args(arguments.iter().map(|argument| argument.replace("{printer}", printer)));
    Ok(command)
}

fn run(values: &Values, printing: &Printing, labels: &Labels) -> Result<(), Fault> {
    for _ in 0..labels.copies.max(1) {
        run_once(command(values, printing)?, labels.files.first().map_or(&[][..], Vec::as_slice))?;
    }
    Ok(())
}

fn run_once(mut command: Command, bytes: &[u8]) -> Result<(), Fault> {
    let failed = |why: std::io::Error| Fault::Unreachable(format!("The program cannot be run: {why}"));
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    let (input, said) = (child.stdin.take(), child.stderr.take());
    let done = std::thread::scope(|scope| {
        // a program that reads nothing must not hold up the server
        scope.spawn(move || input.map(|mut input| input.write_all(bytes)));
        let listening = scope.spawn(move || {
            let mut text = Vec::new();
            if let Some(said) = said {
                let _ = said.take(1 << 16).read_to_end(&mut text);
            }
            String::from_utf8_lossy(&text).chars().take(SAID).collect::<String>()
        });
        let began = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok((status, listening.join().unwrap_or_default())),
                Ok(None) if began.elapsed() < PATIENCE => std::thread::sleep(LOOK),
                Ok(None) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    let seconds = PATIENCE.as_secs();
                    return Err(Fault::Unreachable(format!("The program took longer than {seconds} seconds.")));
                }
                Err(why) => return Err(failed(why)),
            }
        }
    });
    let (status, said) = done?;
    if status.success() {
        Ok(())
    } else {
        Err(Fault::Unreachable(format!("The program failed ({status}): {}", said.trim())))
    }
}
