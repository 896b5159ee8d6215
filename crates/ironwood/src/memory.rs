//! How the server gives memory back to the system.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// Milliseconds for which mimalloc keeps memory that is free, in case it is needed again. It reads this before `main`.
const DELAY: &str = "MIMALLOC_PURGE_DELAY";

/// Makes the allocator of a server give back free memory at once, unless the environment says otherwise: starts the
/// program again in the same process with that setting. A server with a million stock items then needs 20 MB less, for
/// 2 % more of the processor. Goes on as it is where the program cannot be started again. Must come before anything is
/// read: a configuration from a pipe is there only once.
pub fn give_back_at_once() {
    // the word may be a value of another command, which only starts again in vain
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
    eprintln!("ironwood: cannot be started again to use less memory: {error}");
}
