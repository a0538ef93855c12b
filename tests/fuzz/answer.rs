#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "targets.rs"]
#[expect(dead_code, reason = "each program needs one of them")]
mod targets;

fuzz_target!(|bytes: &[u8]| targets::answer(bytes));
