#![no_main]
//! The target `builders`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::builders(data));
