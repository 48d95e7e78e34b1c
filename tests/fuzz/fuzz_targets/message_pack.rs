#![no_main]
//! The target `message_pack`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| service_end_fuzz::targets::message_pack(data));
