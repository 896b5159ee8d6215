use std::process::ExitCode;

use ironwood::{cli, commands, config};

/// Gives memory back to the system after a heavy request; the allocator of the C library keeps it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    #[cfg(feature = "print")]
    if ironwood::layout_engine::is_child() {
        return if ironwood::layout_engine::run_child() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    // before anything is read, so that nothing is read or said twice
    #[cfg(unix)]
    ironwood::memory::give_back_at_once();
    let arguments = match config::with_file(std::env::args_os().collect()) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("ironwood: {error}");
            return ExitCode::from(2);
        }
    };
    match commands::run(cli::parse(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ironwood: {}", error.to_string().lines().collect::<Vec<_>>().join(" "));
            ExitCode::FAILURE
        }
    }
}
