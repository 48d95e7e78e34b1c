//! Says what is missing to build `etcd-client`, whose own build script says it late and at length.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PROTOC");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    std::fs::write(
        out.join("trial.proto"),
        "syntax = \"proto3\";\nimport \"google/protobuf/descriptor.proto\";\n\
         extend google.protobuf.FileOptions { string trial = 50000; }\n",
    )?;
    let protoc = std::env::var_os("PROTOC").unwrap_or_else(|| OsString::from("protoc"));
    let trial = Command::new(protoc)
        .args(["--descriptor_set_out=trial.bin", "--proto_path=.", "trial.proto"])
        .current_dir(out)
        .output();
    if !trial.is_ok_and(|output| output.status.success()) {
        println!(
            "cargo::error=the client of etcd is built with `protoc` and its standard files: install Debian's packages \
             `protobuf-compiler` and `libprotobuf-dev`"
        );
    }
    Ok(())
}
