//! What only the released wasm has: no `std` (cfg `embark_small`, see `src/small.rs`), and a small stack, so
//! that the data behind it gets short addresses.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(embark_small)");
    let is = |name: &str, value: &str| std::env::var(name).as_deref() == Ok(value);
    if is("CARGO_CFG_TARGET_ARCH", "wasm32") && is("PROFILE", "release") {
        println!("cargo::rustc-cfg=embark_small");
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=65536");
    }
}
