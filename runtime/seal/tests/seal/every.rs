//! Every interface of WASI 0.2 can be closed, and every function that is has a stand-in.

use bailiwick_seal::seal;
use wasmtime::component::Val;
use wasmtime::component::types::{ComponentItem, Type};

use crate::component::{component, imports, interfaces, sealed};
use crate::standin::{self, Running};

fn importing(interfaces: &[String]) -> Vec<u8> {
    let imports = interfaces.iter().map(|name| format!("import {name};\n"));
    let imports: String = imports.collect();
    component(&format!(
        "world w {{ {imports} export f: func(a: string) -> u32; }}"
    ))
}

#[test]
fn each_by_itself() {
    for interface in interfaces() {
        let component = importing(std::slice::from_ref(&interface));
        let sealed = sealed(&component, &[]);
        assert!(sealed.sealed.contains(&interface), "{interface}");
        assert_eq!(imports(&sealed.bytes), [""; 0]);
    }
}

#[test]
fn all_together() {
    let component = importing(&interfaces());
    assert_eq!(imports(&component).len(), interfaces().len());
    let sealed = sealed(&component, &[]);
    assert_eq!(imports(&sealed.bytes), [""; 0]);
    let mut traps = sealed.traps.clone();
    traps.sort();
    let expected = [
        "wasi:cli/exit@0.2.12#exit",
        "wasi:cli/exit@0.2.12#exit-with-code",
        "wasi:random/random@0.2.12#get-random-bytes",
        "wasi:random/random@0.2.12#get-random-u64",
    ];
    assert_eq!(traps, expected);
    let grown = sealed.bytes.len() - component.len();
    assert!(grown <= 64 << 10, "sealing costs {grown} bytes");
    // All of them run: what they are given is all zero.
    let mut called = 0;
    let mut running = Running::new(&standin::bytes(&sealed.bytes));
    for (interface, name, params) in functions(&running) {
        let arguments: Option<Vec<Val>> = params.into_iter().map(zero).collect();
        let full = format!("{interface}#{name}");
        let is_wait_for_nothing = full.ends_with("/poll@0.2.12#poll");
        if let Some(arguments) =
            arguments.filter(|_| !is_wait_for_nothing && !traps.contains(&full))
        {
            let result = running.try_call(&interface, &name, &arguments);
            assert!(result.is_ok(), "{full}: {result:?}");
            called += 1;
        }
    }
    // Those that take no handle.
    assert_eq!(called, 24);
}

#[test]
fn each_can_be_kept_alone() {
    let all = interfaces();
    let component = importing(&all);
    for interface in &all {
        let sealed = sealed(&component, &[interface]);
        assert!(sealed.kept.contains(interface), "{interface}");
    }
    let names: Vec<&str> = all.iter().map(|name| &**name).collect();
    let sealed = seal(&component, &names).unwrap();
    assert_eq!((sealed.bytes, sealed.sealed.len()), (component, 0));
}

/// Every function that an instance exports, with the types of its parameters.
fn functions(running: &Running) -> Vec<(String, String, Vec<Type>)> {
    let engine = running.component.engine();
    let mut functions = Vec::new();
    for (interface, item) in running.component.component_type().exports(engine) {
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            continue;
        };
        for (name, item) in instance.exports(engine) {
            if let ComponentItem::ComponentFunc(function) = item.ty {
                let params = function.params().map(|(_, ty)| ty).collect();
                functions.push((interface.to_owned(), name.to_owned(), params));
            }
        }
    }
    functions
}

/// A value of a type, unless it has handles in it.
fn zero(ty: Type) -> Option<Val> {
    Some(match ty {
        Type::Bool => Val::Bool(false),
        Type::U8 => Val::U8(0),
        Type::U16 => Val::U16(0),
        Type::U32 => Val::U32(0),
        Type::U64 => Val::U64(0),
        Type::String => Val::String(String::new()),
        Type::List(_) => Val::List(Vec::new()),
        Type::Option(_) => Val::Option(None),
        Type::Enum(ty) => Val::Enum(ty.names().next()?.to_owned()),
        Type::Flags(_) => Val::Flags(Vec::new()),
        Type::Record(ty) => {
            let fields = ty.fields();
            let fields = fields.map(|field| Some((field.name.to_owned(), zero(field.ty)?)));
            Val::Record(fields.collect::<Option<_>>()?)
        }
        _ => return None,
    })
}
