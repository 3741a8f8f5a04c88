//! What stands in for closed imports, by itself and running.

use wasmparser::{Parser, Payload};
use wasmtime::component::{Component, ComponentExportIndex, Func, Instance, Linker, Val};
use wasmtime::{Config, Engine, ResourceLimiter, Store};

use crate::component::{component, sealed};

/// The stand-in in a sealed component: the first of the two in it.
pub(crate) fn bytes(sealed: &[u8]) -> Vec<u8> {
    let nested = Parser::new(0).parse_all(sealed).find_map(|payload| {
        if let Payload::ComponentSection {
            unchecked_range, ..
        } = payload.unwrap()
        {
            Some(sealed[unchecked_range].to_vec())
        } else {
            None
        }
    });
    nested.unwrap()
}

/// Sums memory that is asked for.
#[derive(Default)]
pub(crate) struct Memory(pub(crate) usize);

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        now: usize,
        then: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let sum = self.0 + (then - now);
        let fits = sum <= 64 << 20;
        if fits {
            self.0 = sum;
        }
        Ok(fits)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

/// A component that imports nothing, instantiated.
pub(crate) struct Running {
    pub(crate) store: Store<Memory>,
    instance: Instance,
    pub(crate) component: Component,
}

impl Running {
    pub(crate) fn new(bytes: &[u8]) -> Running {
        let mut config = Config::new();
        config.consume_fuel(true);
        let engine = Engine::new(&config).unwrap();
        let component = Component::new(&engine, bytes).unwrap();
        let mut store = Store::new(&engine, Memory::default());
        store.limiter(|memory| memory);
        // To take a byte of what is printed costs about ten.
        store.set_fuel(1_000_000_000).unwrap();
        let instance = Linker::new(&engine).instantiate(&mut store, &component);
        Running {
            instance: instance.unwrap(),
            store,
            component,
        }
    }

    /// The stand-in for all that a world of this body imports.
    pub(crate) fn standin(body: &str) -> Running {
        let sealed = sealed(&component(body), &[]);
        assert_eq!(sealed.kept, [""; 0]);
        Running::new(&bytes(&sealed.bytes))
    }

    /// The stand-in for one of WASI's interfaces and what it needs.
    pub(crate) fn of(interface: &str) -> Running {
        Running::standin(&format!(
            "world w {{ import {interface}@0.2.12; export f: func(); }}"
        ))
    }

    pub(crate) fn func(&mut self, interface: &str, name: &str) -> Func {
        let parent: Option<ComponentExportIndex> = (!interface.is_empty()).then(|| {
            let instance = self.instance;
            instance
                .get_export_index(&mut self.store, None, interface)
                .unwrap_or_else(|| panic!("no {interface}"))
        });
        let index = self
            .instance
            .get_export_index(&mut self.store, parent.as_ref(), name)
            .unwrap_or_else(|| panic!("no {name} in {interface}"));
        self.instance.get_func(&mut self.store, index).unwrap()
    }

    pub(crate) fn try_call(
        &mut self,
        interface: &str,
        name: &str,
        arguments: &[Val],
    ) -> wasmtime::Result<Option<Val>> {
        let func = self.func(interface, name);
        let count = func.ty(&self.store).results().len();
        let mut results = vec![Val::Bool(false); count];
        func.call(&mut self.store, arguments, &mut results)?;
        Ok(results.pop())
    }

    /// Calls a function of one of WASI's interfaces.
    pub(crate) fn call(&mut self, interface: &str, name: &str, arguments: &[Val]) -> Val {
        let interface = format!("{interface}@0.2.12");
        let result = self.try_call(&interface, name, arguments);
        result.unwrap().unwrap_or(Val::Tuple(Vec::new()))
    }
}
