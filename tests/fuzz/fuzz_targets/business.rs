#![no_main]
//! The target `business`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::business(data));
