#![no_main]
//! The target `rules`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::rules(data));
