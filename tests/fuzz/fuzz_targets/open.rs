#![no_main]
//! The target `open`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::open(data));
