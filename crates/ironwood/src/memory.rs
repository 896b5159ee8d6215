//! How the server returns memory to the system.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// Milliseconds for which mimalloc keeps memory that is free, in case it is needed again. It reads this before `main`.
const DELAY: &str = "MIMALLOC_PURGE_DELAY";

/// Makes the allocator of a server return free memory at once, unless the environment already sets the delay: restarts
/// the program in the same process with the variable set. With a million stock items, the server then needs 20 MB less
/// memory, for about 2 % more processor time. If the restart fails, the server continues without it. Call this before
/// reading anything: a configuration file that is a pipe can be read only once.
pub fn give_back_at_once() {
    // another command with this word as a value restarts, too, which does no harm
    if std::env::var_os(DELAY).is_some() || !std::env::args_os().any(|word| word == "serve") {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let mut again = Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    let error = again.args(arguments).env(DELAY, "0").exec();
    eprintln!("ironwood: could not restart to save memory, continuing without: {error}");
}
