//! Shortens the names of what the widget's wasm file imports from wasm-bindgen's glue. Each of these names ends in
//! a hash, which does not compress and stands in both files; without them the download is 4 % smaller.

use anyhow::{Context, Result, bail, ensure};

/// Returns wasm file and glue with imported modules and functions renamed. Functions of our own JavaScript modules
/// keep their names, because the glue passes these modules to the wasm unchanged.
///
/// # Errors
/// When the wasm file is invalid, or a name is not exactly once in the glue.
pub fn shorten(wasm: &[u8], glue: &str) -> Result<(Vec<u8>, String)> {
    let mut names = Names {
        glue: glue.to_owned(),
        modules: Vec::new(),
        functions: Vec::new(),
    };
    let mut from = Reader(wasm);
    let mut out = from.take(8)?.to_vec();
    while !from.0.is_empty() {
        let id = from.byte()?;
        let size = from.number()?;
        let mut content = from.take(size)?.to_vec();
        if id == IMPORTS {
            content = imports(&content, &mut names)?;
        }
        out.push(id);
        put(&mut out, &content);
    }
    Ok((out, names.glue))
}

/// The import section (<https://webassembly.github.io/spec/core/binary/modules.html#import-section>) with the new
/// names.
fn imports(content: &[u8], names: &mut Names) -> Result<Vec<u8>> {
    let mut from = Reader(content);
    let count = from.number()?;
    let mut out = Vec::new();
    number(&mut out, count);
    for _ in 0..count {
        let (module, function) = (from.name()?, from.name()?);
        ensure!(from.byte()? == FUNCTION, "{function} is no function");
        let kind = from.number()?;
        put(&mut out, names.module(module)?.as_bytes());
        put(&mut out, names.function(module, function)?.as_bytes());
        out.push(FUNCTION);
        number(&mut out, kind);
    }
    Ok(out)
}

/// The glue, and the names that were replaced in it so far.
struct Names {
    glue: String,
    modules: Vec<String>,
    functions: Vec<String>,
}

impl Names {
    fn module(&mut self, name: &str) -> Result<String> {
        let (nth, is_new) = place(&mut self.modules, name);
        if is_new {
            self.rename(
                &format!("\n        \"{name}\": "),
                &format!("\n        {}: ", short(nth)),
            )?;
        }
        Ok(short(nth))
    }

    fn function(&mut self, module: &str, name: &str) -> Result<String> {
        if module.starts_with(OURS) {
            return Ok(name.to_owned());
        }
        let (nth, is_new) = place(&mut self.functions, name);
        if is_new {
            self.rename(
                &format!("\n        {name}: "),
                &format!("\n        {}: ", short(nth)),
            )?;
        }
        Ok(short(nth))
    }

    fn rename(&mut self, old: &str, new: &str) -> Result<()> {
        let times = self.glue.matches(old).count();
        ensure!(times == 1, "the glue has {old:?} {times} times");
        self.glue = self.glue.replace(old, new);
        Ok(())
    }
}

/// The index of the name in the list, and whether it was added by this call.
fn place(list: &mut Vec<String>, name: &str) -> (usize, bool) {
    match list.iter().position(|known| known == name) {
        Some(nth) => (nth, false),
        None => {
            list.push(name.to_owned());
            (list.len() - 1, true)
        }
    }
}

/// `a` to `z`, then `aa` and so on.
fn short(nth: usize) -> String {
    let letter = char::from(b'a' + (nth % 26) as u8);
    match nth / 26 {
        0 => letter.to_string(),
        more => format!("{}{letter}", short(more - 1)),
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .context("the wasm is cut off")?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        self.take(1)?
            .first()
            .copied()
            .context("the wasm is cut off")
    }

    /// An unsigned LEB128 number of at most 32 bits.
    fn number(&mut self) -> Result<usize> {
        let mut number = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            number |= usize::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(number);
            }
        }
        bail!("a number of the wasm has no end")
    }

    fn name(&mut self) -> Result<&'a str> {
        let length = self.number()?;
        Ok(std::str::from_utf8(self.take(length)?)?)
    }
}

fn number(out: &mut Vec<u8>, mut number: usize) {
    while number > 127 {
        out.push((number & 127) as u8 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends bytes after their length.
fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    number(out, bytes.len());
    out.extend_from_slice(bytes);
}

const IMPORTS: u8 = 2;
const FUNCTION: u8 = 0;
/// Prefix of our own JavaScript modules.
const OURS: &str = "./snippets/";

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "    const import0 = {\n        __wbg_open_ea46: function(a) {\n        __wbg_open_ea46x: f,\n    };\n    \
        return {\n        \"./glue.js\": import0,\n        \"./snippets/x/page.js\": import1,\n    };";

    fn wasm(imports: &[(&str, &str)]) -> Vec<u8> {
        let mut content = vec![imports.len() as u8];
        for (module, function) in imports {
            put(&mut content, module.as_bytes());
            put(&mut content, function.as_bytes());
            content.extend([FUNCTION, 3]);
        }
        let mut wasm = b"\0asm\x01\0\0\0\x01\x01\x07".to_vec();
        wasm.push(IMPORTS);
        put(&mut wasm, &content);
        wasm.extend(b"\x0a\x02ab");
        wasm
    }

    #[test]
    fn both_files_know_each_other_by_shorter_names() -> Result<()> {
        let old = wasm(&[
            ("./glue.js", "__wbg_open_ea46"),
            ("./snippets/x/page.js", "handedOver"),
            ("./glue.js", "__wbg_open_ea46x"),
        ]);
        let (new, glue) = shorten(&old, GLUE)?;
        assert_eq!(new, wasm(&[("a", "a"), ("b", "handedOver"), ("a", "b")]));
        let expect = GLUE
            .replace("__wbg_open_ea46x", "b")
            .replace("__wbg_open_ea46", "a")
            .replace("\"./glue.js\"", "a")
            .replace("\"./snippets/x/page.js\"", "b");
        assert_eq!(glue, expect);
        Ok(())
    }

    #[test]
    fn what_the_glue_does_not_have_once_and_wasm_that_is_none_are_refused() {
        let unknown = wasm(&[("./glue.js", "__wbg_close_1")]);
        assert!(shorten(&unknown, GLUE).is_err());
        let good = wasm(&[("./glue.js", "__wbg_open_ea46")]);
        assert!(shorten(&good, &GLUE.repeat(2)).is_err());
        for length in [3, 9, 10, 12, 20, good.len() - 1] {
            assert!(shorten(&good[..length], GLUE).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn there_is_a_name_for_each() {
        let names: Vec<String> = [0, 25, 26, 51, 52, 701].map(short).into();
        assert_eq!(names, ["a", "z", "aa", "az", "ba", "zz"]);
    }
}
