//! Letting actions through that a guard stops.

use clap::Args;

use crate::plan::{DIGITS, SHORTEST_WAIVER};

/// Letting actions through that a guard stops.
#[derive(Debug, Default, Args)]
pub struct WaiveArgs {
    /// Let the action with this digest through, whatever guards say; the plan tells it; repeatable
    #[arg(long, value_name = "DIGEST", value_parser = digits)]
    pub waive: Vec<String>,
}

/// The digits of a digest, or the first of them.
fn digits(text: &str) -> Result<String, String> {
    let is_digest =
        (SHORTEST_WAIVER..=DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(format!("write {SHORTEST_WAIVER} to {DIGITS} hexadecimal digits, as the plan tells them"))
    }
}
