#![no_main]
//! The target `operations`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::operations(data));
