//! What `bailiwick audit` prints of components from several toolchains, as files in `tests/audit`: with `BLESS=1` they are written anew.

use std::path::{Path, PathBuf};
use std::process::Command;

use bailiwick_host::Tool;
use bailiwick_host::contract::audit::{Audit, Class, Tier, class_of, given};

use crate::guests::{engine, probe_path, shipped, wat};
use crate::{javascript, python};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/audit")
}

/// Compares what is printed of a component with the file, and its tier with what it is.
fn golden(name: &str, bytes: &[u8], tier: Tier, elsewhere: Tier) {
    let audit = Audit::read(name, bytes).unwrap();
    assert_eq!(
        (audit.tier, audit.tier_elsewhere),
        (tier, elsewhere),
        "{name}"
    );
    let work = tempfile::tempdir().unwrap();
    let path = work.path().join(format!("{name}.wasm"));
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .arg("audit")
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{name}");
    let said = String::from_utf8(output.stdout).unwrap();
    let found: String = said.lines().map(steady).collect();
    let file = folder().join(format!("{name}.txt"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, found).unwrap();
        return;
    }
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(found, wanted, "{} (BLESS=1 writes it anew)", file.display());
}

/// A line without what another compiler makes different: the digest, sizes, and what an instance takes.
fn steady(line: &str) -> String {
    if let Some((name, _)) = line.split_once("  sha256:") {
        return format!("{name}  sha256:[DIGEST]\n");
    }
    if line.trim_start().starts_with("an instance: ") {
        return "  an instance: [BOUNDS]\n".to_owned();
    }
    match line.split_once(" bytes, ") {
        Some((_, language)) if line.starts_with("  ") => format!("  [SIZE] bytes, {language}\n"),
        _ => format!("{line}\n"),
    }
}

#[test]
fn the_shipped_tools_import_what_they_may_do_and_nothing_else() {
    for (name, tier, imports) in [
        ("files", Tier::Reads, &["bailiwick:fs/read@0.1.0"][..]),
        (
            "edit",
            Tier::Edits,
            &["bailiwick:fs/read@0.1.0", "bailiwick:fs/write@0.1.0"],
        ),
    ] {
        let bytes = shipped(name);
        let audit = Audit::read(name, &bytes).unwrap();
        let names = audit.imports.iter();
        let names = names.filter(|import| import.class != Class::Types);
        let names: Vec<_> = names.map(|import| import.name.as_str()).collect();
        assert_eq!(names, imports, "{name}");
        assert_eq!(audit.tier_mounted, None, "{name}");
        golden(name, &bytes, tier, tier);
    }
}

#[test]
fn components_of_other_kinds_have_the_right_tier() {
    let environ = std::fs::read(probe_path("environ")).unwrap();
    golden("environ", &environ, Tier::Pure, Tier::Edits);
    let command = wat::parse_file(folder().join("command.wat")).unwrap();
    golden("command", &command, Tier::Pure, Tier::Pure);
    golden("network", &wat("network"), Tier::Pure, Tier::Net);
    golden(
        "stranger",
        &wat("stranger"),
        Tier::Unbounded,
        Tier::Unbounded,
    );
}

#[test]
fn a_javascript_component_is_audited() {
    if let Some(path) = javascript::component() {
        let bytes = std::fs::read(path).unwrap();
        golden("javascript", &bytes, Tier::Pure, Tier::Edits);
    }
}

#[test]
fn a_python_component_is_audited() {
    if let Some(bytes) = python::component() {
        golden("python", &bytes, Tier::Reads, Tier::Net);
    }
}

/// The table of what imports mean is about what is linked. A linker cannot be asked what is in it, so its source is.
#[test]
fn the_table_of_imports_is_that_of_the_linker() {
    let source = include_str!("../runtime/host/src/link.rs");
    let mut linked: Vec<String> = source
        .lines()
        .filter_map(|line| line.trim().split_once("::add_to_linker::<State"))
        .map(|(module, _)| match module.rsplit_once("::").unwrap() {
            ("bindings", "progress") => "bailiwick:tool/progress".to_owned(),
            ("bindings", module) => format!("bailiwick:{}", module.replacen('_', "/", 1)),
            (package, module) => format!("wasi:{package}/{}", module.replace('_', "-")),
        })
        .collect();
    linked.extend(source.lines().filter_map(|line| {
        let (name, _) = line.trim().strip_prefix('"')?.split_once("@0.2.\"")?;
        Some(name.to_owned())
    }));
    // By a module of its own.
    linked.extend(["types", "preopens"].map(|name| format!("wasi:filesystem/{name}")));
    linked.sort();
    let mut table: Vec<_> = given().collect();
    table.sort_by_key(|(name, _)| *name);
    assert!(table.iter().all(|(_, class)| *class != Class::Unknown));
    let only_types = ["bailiwick:fs/paths", "bailiwick:tool/types"];
    let names = table.iter().map(|(name, _)| *name);
    let names: Vec<_> = names.filter(|name| !only_types.contains(name)).collect();
    assert_eq!(names, linked);
}

/// What loads imports nothing that is called unknown, and what imports such a thing does not load.
#[test]
fn what_is_unknown_does_not_load() {
    let unknown = |bytes: &[u8]| {
        let audit = Audit::read("probe", bytes).unwrap();
        let mut imports = audit.imports.iter();
        imports.any(|import| import.class == Class::Unknown)
    };
    for name in ["echo", "environ", "filesystem", "io-paths", "sleep"] {
        let bytes = std::fs::read(probe_path(name)).unwrap();
        assert!(!unknown(&bytes), "{name}");
        assert!(Tool::load(engine(), "probe", &bytes).is_ok(), "{name}");
    }
    let stranger = wat("stranger");
    assert!(unknown(&stranger) && Tool::load(engine(), "probe", &stranger).is_err());
    assert_eq!(
        class_of("wasi:cli/stdout@0.3.0", false).class,
        Class::Unknown
    );
}
