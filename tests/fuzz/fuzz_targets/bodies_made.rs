#![no_main]
//! The target `bodies_made`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::bodies_made(data));
