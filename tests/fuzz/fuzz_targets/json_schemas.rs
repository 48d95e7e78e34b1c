#![no_main]
//! The target `json_schemas`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| (service_end_fuzz::targets::of("json_schemas"))(data));
