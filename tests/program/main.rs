//! Black-box tests: the program as it runs, over real connections.

mod browser;
mod demo;
mod ending;
mod faults;
mod input;
mod server;
