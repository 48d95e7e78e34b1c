#![no_main]
//! The target `formats`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::formats(data));
