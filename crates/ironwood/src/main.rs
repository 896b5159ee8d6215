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
    let arguments = match config::with_file(std::env::args_os().collect()) {
        Ok(arguments) => arguments,
        Err(error) => {
            eprintln!("ironwood: {error}");
            return ExitCode::from(2);
        }
    };
    let cli = cli::parse(arguments);
    #[cfg(unix)]
    if matches!(cli.command, cli::Command::Serve(_)) {
        ironwood::memory::give_back_at_once();
    }
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ironwood: {}", error.to_string().lines().collect::<Vec<_>>().join(" "));
            ExitCode::FAILURE
        }
    }
}
