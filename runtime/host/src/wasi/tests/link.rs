//! Which components are linked.

use wasmtime::component::Component;

use super::super::Unserved;
use crate::engine::Engine;

/// Links a component that imports one interface with this in it.
fn linked(import: &str, exports: &str) -> wasmtime::Result<()> {
    let engine = Engine::new().expect("the machine can have one");
    let text = format!("(component (import \"{import}\" (instance {exports})))");
    let bytes = wat::parse_str(&text).expect("it is a component");
    let component = Component::from_binary(engine.wasmtime(), &bytes)?;
    engine.links().link(&component).map(drop)
}

const DESCRIPTOR: &str = r#"(export "descriptor" (type (sub resource)))"#;

#[test]
fn a_version_that_is_served_is_linked_and_no_other() {
    for version in ["0.2.0", "0.2.6", "0.2.12"] {
        let import = format!("wasi:filesystem/types@{version}");
        linked(&import, DESCRIPTOR).expect("it is served");
    }
    for version in ["0.2.13", "0.3.0", "0.2.0-rc-2023-11-10"] {
        let import = format!("wasi:filesystem/types@{version}");
        let error = linked(&import, DESCRIPTOR).expect_err("it is not served");
        let unserved: &Unserved = error.downcast_ref().expect("its type");
        assert_eq!(unserved.import, import);
    }
}

#[test]
fn a_function_that_there_is_not_or_of_another_type_is_not_linked() {
    let import = "wasi:filesystem/types@0.2.12";
    for exports in [
        r#"(export "format-disk" (func))"#,
        r#"(export "filesystem-error-code" (func (param "err" u32)))"#,
    ] {
        let error = linked(import, exports).expect_err("it is not served");
        assert!(format!("{error:#}").contains(import), "{error:#}");
    }
    let import = "wasi:filesystem/others@0.2.12";
    assert!(linked(import, "").is_err());
}
