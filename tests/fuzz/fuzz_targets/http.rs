#![no_main]
//! The target `http`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::http(data));
