#![no_main]
//! The target `services_made`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::services_made(data));
