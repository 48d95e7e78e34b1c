#![no_main]
//! The target `problems`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::problems(data));
