#![no_main]
//! The target `typed`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::typed(data));
