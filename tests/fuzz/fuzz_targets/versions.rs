#![no_main]
//! The target `versions`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::versions(data));
