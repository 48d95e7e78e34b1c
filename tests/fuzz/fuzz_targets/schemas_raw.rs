#![no_main]
//! The target `schemas_raw`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::schemas_raw(data));
