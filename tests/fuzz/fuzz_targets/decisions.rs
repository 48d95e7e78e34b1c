#![no_main]
//! The target `decisions`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::decisions(data));
