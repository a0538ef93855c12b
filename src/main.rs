//! The thin binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    mxkeep::cli::main()
}
