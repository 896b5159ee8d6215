//! Black-box tests: the program as it runs, over real connections.

mod attacks;
mod browser;
mod database;
mod demo;
mod ending;
mod faults;
mod input;
mod log;
mod operation;
mod pages;
#[cfg(feature = "print")]
mod printing;
mod server;
mod slow;
