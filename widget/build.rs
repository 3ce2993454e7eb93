//! Settings of the released wasm only: no `std` (cfg `embark_no_std`, see `src/no_std.rs`), and a small
//! stack. The data lies behind the stack, so its addresses take fewer bytes.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(embark_no_std)");
    let is = |name: &str, value: &str| std::env::var(name).as_deref() == Ok(value);
    if is("CARGO_CFG_TARGET_ARCH", "wasm32") && is("PROFILE", "release") {
        println!("cargo::rustc-cfg=embark_no_std");
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=65536");
    }
}
