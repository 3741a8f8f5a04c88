//! What a guest's imports are linked to: our own interfaces, and of WASI what needs no grant.
//!
//! WASI is linked interface by interface and never as a whole, which would bring sockets and a filesystem of the host's. An
//! import that is not here makes loading fail, by name.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    Component, HasData, HasSelf, InstancePre, Linker, Resource, ResourceAny, ResourceTable,
    ResourceType, Val,
};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p2::bindings::{cli, clocks, io, random};
use wasmtime_wasi::random::WasiRandom;

use crate::bindings;
use crate::state::State;
use crate::wasi::{self, Errors, HasErrors};

/// What every tool of an engine can be linked to.
#[derive(Clone)]
pub(crate) struct Links {
    linker: Linker<State>,
}

struct HasTable;

impl HasData for HasTable {
    type Data<'a> = &'a mut ResourceTable;
}

/// The host's type of the handles of [`INERT`] interfaces. None of them stands for anything.
enum Never {}

impl Links {
    pub(crate) fn new(engine: &wasmtime::Engine) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(engine);
        let l = &mut linker;

        bindings::fs_read::add_to_linker::<State, HasSelf<State>>(l, |state| state)?;
        bindings::fs_write::add_to_linker::<State, HasSelf<State>>(l, |state| state)?;
        bindings::progress::add_to_linker::<State, HasSelf<State>>(l, |state| state)?;

        // What each call asks for first is where it is counted: these are not ours, and the guest pays for them all the same.
        io::error::add_to_linker::<State, HasErrors>(l, |state| Errors(&mut state.met().table))?;
        io::poll::add_to_linker::<State, HasTable>(l, |state| &mut state.met().table)?;
        io::streams::add_to_linker::<State, HasTable>(l, |state| &mut state.met().table)?;
        clocks::wall_clock::add_to_linker::<State, WasiClocks>(l, |s| s.met().clocks())?;
        clocks::monotonic_clock::add_to_linker::<State, WasiClocks>(l, |s| s.met().clocks())?;
        random::random::add_to_linker::<State, WasiRandom>(l, State::randomness)?;
        random::insecure::add_to_linker::<State, WasiRandom>(l, State::randomness)?;
        random::insecure_seed::add_to_linker::<State, WasiRandom>(l, State::randomness)?;
        cli::environment::add_to_linker::<State, WasiCli>(l, |s| s.met().cli())?;
        cli::exit::add_to_linker::<State, WasiCli>(l, |s| s.met().cli())?;
        cli::stdin::add_to_linker::<State, WasiCli>(l, |s| s.met().cli())?;
        cli::stdout::add_to_linker::<State, WasiCli>(l, |s| s.met().cli())?;
        cli::stderr::add_to_linker::<State, WasiCli>(l, |s| s.met().cli())?;
        cli::terminal_input::add_to_linker::<State, WasiCli>(l, |s| s.met().cli())?;
        cli::terminal_output::add_to_linker::<State, WasiCli>(l, |s| s.met().cli())?;
        cli::terminal_stdin::add_to_linker::<State, WasiCli>(l, |s| s.met().cli())?;
        cli::terminal_stdout::add_to_linker::<State, WasiCli>(l, |s| s.met().cli())?;
        cli::terminal_stderr::add_to_linker::<State, WasiCli>(l, |s| s.met().cli())?;
        Ok(Self { linker })
    }

    /// Links a component.
    ///
    /// # Errors
    ///
    /// wasmtime's, when it imports something that is not here, or with another type.
    pub(crate) fn link(&self, component: &Component) -> wasmtime::Result<InstancePre<State>> {
        let mut linker = self.linker.clone();
        wasi::link(&mut linker, component)?;
        inert(&mut linker, component)?;
        linker.instantiate_pre(component)
    }
}

/// Interfaces that standard libraries import whether a guest uses sockets or not. There is no network behind them.
const INERT: [&str; 7] = [
    "wasi:sockets/instance-network@0.2.",
    "wasi:sockets/ip-name-lookup@0.2.",
    "wasi:sockets/network@0.2.",
    "wasi:sockets/tcp-create-socket@0.2.",
    "wasi:sockets/tcp@0.2.",
    "wasi:sockets/udp-create-socket@0.2.",
    "wasi:sockets/udp@0.2.",
];

/// Links the [`INERT`] interfaces with nothing in them. What would make a socket or look up a name answers `access-denied`, so there is
/// no socket that any other function could be called with; the one handle of a network stands for nothing.
fn inert(linker: &mut Linker<State>, component: &Component) -> wasmtime::Result<()> {
    let engine = component.engine();
    for (name, import) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(interface) = import.ty else {
            continue;
        };
        if !INERT.iter().any(|inert| name.starts_with(inert)) {
            continue;
        }
        let mut instance = linker.instance(name)?;
        for (item, ty) in interface.exports(engine) {
            match (ty.ty, item) {
                // The streams and pollables among these interfaces' resources are those of `wasi:io`, which is linked.
                (
                    ComponentItem::Resource(_),
                    "network"
                    | "tcp-socket"
                    | "udp-socket"
                    | "incoming-datagram-stream"
                    | "outgoing-datagram-stream"
                    | "resolve-address-stream",
                ) => instance.resource(item, ResourceType::host::<Never>(), |_, _| Ok(()))?,
                (ComponentItem::ComponentFunc(_), "network-error-code") => {
                    instance.func_new(item, |_, _, _, results| give(results, Val::Option(None)))?
                }
                (
                    ComponentItem::ComponentFunc(_),
                    "create-tcp-socket" | "create-udp-socket" | "resolve-addresses",
                ) => {
                    let denied = Val::Enum("access-denied".to_owned());
                    instance.func_new(item, move |_, _, _, results| {
                        give(results, Val::Result(Err(Some(Box::new(denied.clone())))))
                    })?;
                }
                (ComponentItem::ComponentFunc(_), "instance-network") => {
                    instance.func_new(item, |mut store, _, _, results| {
                        let nothing = Resource::<Never>::new_own(0);
                        let handle = ResourceAny::try_from_resource(nothing, &mut store)?;
                        give(results, Val::Resource(handle))
                    })?;
                }
                (ComponentItem::ComponentFunc(_), item) => {
                    let name = item.to_owned();
                    instance.func_new(item, move |_, _, _, _| {
                        Err(wasmtime::format_err!(
                            "`{name}` was called without a handle"
                        ))
                    })?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Sets the one result of an inert function. Its type is the component's own word, so there may be none or another; wasmtime checks
/// the value against it.
fn give(results: &mut [Val], value: Val) -> wasmtime::Result<()> {
    let [result] = results else {
        return Err(wasmtime::format_err!(
            "an import is declared with other results than it has"
        ));
    };
    *result = value;
    Ok(())
}
