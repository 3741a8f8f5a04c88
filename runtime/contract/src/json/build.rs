//! What values are built with.

use std::convert::Infallible;
use std::sync::Arc;

use crate::types::{Case, Field, Handle, Mount, Named};

/// Builds values from JSON that has been checked: what it is given always fits the type. Only a handle can be refused,
/// for only the host knows which names there are.
///
/// The order of calls is that of the JSON's parts, inner before outer.
#[allow(missing_docs)] // one for each primitive type, under its WIT name
pub trait Build {
    /// A value of the engine.
    type Value;
    /// Why a handle is not given.
    type Error;

    fn bool(&mut self, value: bool) -> Self::Value;
    fn s8(&mut self, value: i8) -> Self::Value;
    fn u8(&mut self, value: u8) -> Self::Value;
    fn s16(&mut self, value: i16) -> Self::Value;
    fn u16(&mut self, value: u16) -> Self::Value;
    fn s32(&mut self, value: i32) -> Self::Value;
    fn u32(&mut self, value: u32) -> Self::Value;
    fn s64(&mut self, value: i64) -> Self::Value;
    fn u64(&mut self, value: u64) -> Self::Value;
    fn f32(&mut self, value: f32) -> Self::Value;
    fn f64(&mut self, value: f64) -> Self::Value;
    fn char(&mut self, value: char) -> Self::Value;
    fn string(&mut self, value: String) -> Self::Value;
    /// A `list<u8>`.
    fn bytes(&mut self, value: Vec<u8>) -> Self::Value;
    fn list(&mut self, items: Vec<Self::Value>) -> Self::Value;
    fn tuple(&mut self, items: Vec<Self::Value>) -> Self::Value;
    /// As many values as the type has fields, in the same order.
    fn record(&mut self, ty: &Arc<Named<Field>>, fields: Vec<Self::Value>) -> Self::Value;
    /// The case is `ty.items[case]`; there is a payload when it has one.
    fn variant(
        &mut self,
        ty: &Arc<Named<Case>>,
        case: usize,
        payload: Option<Self::Value>,
    ) -> Self::Value;
    /// The case is `ty.items[case]`.
    fn enum_(&mut self, ty: &Arc<Named<Case>>, case: usize) -> Self::Value;
    /// Those that are set, as indices into `ty.items`, each once.
    fn flags(&mut self, ty: &Arc<Named<Case>>, set: &[usize]) -> Self::Value;
    fn option(&mut self, value: Option<Self::Value>) -> Self::Value;
    /// There is a payload when the type has one.
    fn result(&mut self, value: Result<Option<Self::Value>, Option<Self::Value>>) -> Self::Value;
    /// The record that asks for a mount of what `name` stands for, with its path.
    fn mount(&mut self, mount: &Mount, name: &str) -> Result<Self::Value, Self::Error>;
    /// The handle that `name` stands for.
    fn handle(&mut self, handle: &Handle, name: &str) -> Result<Self::Value, Self::Error>;
}

/// What is done with the names of handles where nothing is built: all else about arguments is only checked.
pub trait Names {
    /// Why a name is refused.
    type Error;

    /// A mount is asked for of what `name` stands for.
    fn mount(&mut self, mount: &Mount, name: &str) -> Result<(), Self::Error>;
    /// A handle is asked for that `name` stands for.
    fn handle(&mut self, handle: &Handle, name: &str) -> Result<(), Self::Error>;
}

impl<N: Names> Build for N {
    type Value = ();
    type Error = N::Error;

    fn bool(&mut self, _: bool) {}
    fn s8(&mut self, _: i8) {}
    fn u8(&mut self, _: u8) {}
    fn s16(&mut self, _: i16) {}
    fn u16(&mut self, _: u16) {}
    fn s32(&mut self, _: i32) {}
    fn u32(&mut self, _: u32) {}
    fn s64(&mut self, _: i64) {}
    fn u64(&mut self, _: u64) {}
    fn f32(&mut self, _: f32) {}
    fn f64(&mut self, _: f64) {}
    fn char(&mut self, _: char) {}
    fn string(&mut self, _: String) {}
    fn bytes(&mut self, _: Vec<u8>) {}
    fn list(&mut self, _: Vec<()>) {}
    fn tuple(&mut self, _: Vec<()>) {}
    fn record(&mut self, _: &Arc<Named<Field>>, _: Vec<()>) {}
    fn variant(&mut self, _: &Arc<Named<Case>>, _: usize, _: Option<()>) {}
    fn enum_(&mut self, _: &Arc<Named<Case>>, _: usize) {}
    fn flags(&mut self, _: &Arc<Named<Case>>, _: &[usize]) {}
    fn option(&mut self, _: Option<()>) {}
    fn result(&mut self, _: Result<Option<()>, Option<()>>) {}

    fn mount(&mut self, mount: &Mount, name: &str) -> Result<(), N::Error> {
        Names::mount(self, mount, name)
    }

    fn handle(&mut self, handle: &Handle, name: &str) -> Result<(), N::Error> {
        Names::handle(self, handle, name)
    }
}

/// Takes any name for a handle: what is left is the check.
#[derive(Debug, Clone, Copy, Default)]
pub struct Check;

impl Names for Check {
    type Error = Infallible;

    fn mount(&mut self, _: &Mount, _: &str) -> Result<(), Infallible> {
        Ok(())
    }

    fn handle(&mut self, _: &Handle, _: &str) -> Result<(), Infallible> {
        Ok(())
    }
}
