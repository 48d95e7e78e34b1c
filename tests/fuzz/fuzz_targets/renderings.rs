#![no_main]
//! The target `renderings`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::renderings(data));
