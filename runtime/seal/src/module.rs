//! The core module of the stand-ins: one small function for each that is closed.
//!
//! Memory holds what the functions return, which is made here and now, and behind that one place for all that callers
//! hand over. Nobody reads what is put there, so every allocation may have the same address: memory grows to the
//! largest, and never by the number of calls.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, EntityType, ExportKind, ExportSection,
    FunctionSection, ImportSection, InstructionSink, MemArg, MemorySection, MemoryType, Module,
    TypeSection, ValType,
};
use wit_parser::abi::{AbiVariant, WasmSignature, WasmType};
use wit_parser::{
    Function, LiftLowerAbi, ManglingAndAbi, ResourceIntrinsic, TypeId, WasmExport, WasmExportKind,
    WasmImport, WorldKey,
};

use crate::error::SealError;
use crate::inert::{Inert, Maker};
use crate::special::Answer;

const NAMES: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);

/// What the memory is called. A function that a world imports by itself may be called so, too.
const MEMORY: &str = "memory";

const PAGE: u32 = 64 << 10;

/// Where the pointer and length of a list lie that is made in a call. No pointer to a result is null.
const LIST: u32 = 8;

/// Where the results lie that are all zero.
const ZEROS: u32 = 16;

/// What one stand-in does, with its result made.
enum Body {
    Trap,
    Return(Inert),
    AllReady,
    Bytes(u8),
}

struct StandIn {
    name: String,
    signature: WasmSignature,
    body: Body,
}

/// A function to close: the import that it is of, if that is an interface, and what its stand-in does.
pub(crate) struct Closed<'a> {
    pub(crate) interface: Option<&'a WorldKey>,
    pub(crate) function: &'a Function,
    pub(crate) answer: Answer,
}

/// The module, and which of `functions` have a stand-in that ends the call, by their place.
pub(crate) fn module(
    maker: &mut Maker<'_>,
    functions: &[Closed<'_>],
    keys: &HashMap<TypeId, WorldKey>,
) -> Result<(Vec<u8>, Vec<usize>), SealError> {
    let mut standins = Vec::new();
    let mut traps = Vec::new();
    for (index, closed) in functions.iter().enumerate() {
        let signature = maker
            .resolve
            .wasm_signature(AbiVariant::GuestExport, closed.function);
        let body = body(maker, closed, &signature)?;
        if let Body::Trap = body {
            traps.push(index);
        }
        let name = maker.resolve.wasm_export_name(
            NAMES,
            WasmExport::Func {
                interface: closed.interface,
                func: closed.function,
                kind: WasmExportKind::Normal,
            },
        );
        if name == MEMORY {
            return Err(SealError::Uncloseable {
                import: name,
                reason: "what would stand in for it has another use for its name",
            });
        }
        standins.push(StandIn {
            name,
            signature,
            body,
        });
    }
    Ok((Writer::new(maker, &standins, keys).module(&standins), traps))
}

/// A special answer is given only where the function has the shape that it is for: any component can call its functions
/// so.
fn body(
    maker: &mut Maker<'_>,
    closed: &Closed<'_>,
    signature: &WasmSignature,
) -> Result<Body, SealError> {
    let params = signature.params.as_slice();
    let inert = match closed.answer {
        Answer::Trap => None,
        Answer::AllReady if signature.retptr && params.len() == 2 && is_list(params) => {
            return Ok(Body::AllReady);
        }
        Answer::Bytes(byte) if signature.retptr && params == [WasmType::I64] => {
            return Ok(Body::Bytes(byte));
        }
        Answer::Ok(payload) => maker.ok(closed.function, payload)?,
        Answer::Value(value) => maker.result(closed.function)?.map(|mut inert| {
            inert.put(0, value);
            inert
        }),
        Answer::Inert | Answer::AllReady | Answer::Bytes(_) => maker.result(closed.function)?,
    };
    Ok(inert.map_or(Body::Trap, Body::Return))
}

fn is_list(params: &[WasmType]) -> bool {
    matches!(params, [WasmType::Pointer, WasmType::Length])
}

/// Where things are in the module.
#[derive(Default)]
struct Writer {
    /// Functions that make handles, by module and name: they are imported, and are the first.
    imports: Vec<(String, String)>,
    /// Which of them makes those of a resource.
    makers: HashMap<TypeId, u32>,
    /// Where each distinct result that is not zero lies.
    places: HashMap<Inert, u32>,
    /// The same, in order.
    results: Vec<(Inert, u32)>,
    /// Where memory is free.
    free: u32,
}

impl Writer {
    fn new(maker: &Maker<'_>, standins: &[StandIn], keys: &HashMap<TypeId, WorldKey>) -> Writer {
        let mut writer = Writer::default();
        let returned = || {
            standins.iter().filter_map(|standin| match &standin.body {
                Body::Return(inert) => Some((inert, standin.signature.retptr)),
                _ => None,
            })
        };
        for (_, resource) in returned().flat_map(|(inert, _)| &inert.handles) {
            if let Entry::Vacant(entry) = writer.makers.entry(*resource) {
                entry.insert(length(writer.imports.len()));
                writer.imports.push(maker.resolve.wasm_import_name(
                    NAMES,
                    WasmImport::ResourceIntrinsic {
                        interface: keys.get(resource),
                        resource: *resource,
                        intrinsic: ResourceIntrinsic::ExportedNew,
                    },
                ));
            }
        }
        // What is all zero lies in one place.
        let in_memory = || returned().filter(|(_, retptr)| *retptr);
        let zeros = in_memory().map(|(inert, _)| inert.bytes.len()).max();
        writer.free = ZEROS + length(zeros.unwrap_or(0));
        for (inert, _) in in_memory().filter(|(inert, _)| !is_zero(inert)) {
            if !writer.places.contains_key(inert) {
                let at = writer.free.next_multiple_of(8);
                writer.free = at + length(inert.bytes.len());
                writer.places.insert(inert.clone(), at);
                writer.results.push((inert.clone(), at));
            }
        }
        writer.free = writer.free.next_multiple_of(16);
        writer
    }

    fn place(&self, inert: &Inert) -> u32 {
        self.places.get(inert).copied().unwrap_or(ZEROS)
    }

    /// The number of the function that makes a handle.
    fn handle(&self, resource: TypeId) -> u32 {
        self.makers.get(&resource).copied().unwrap_or(0)
    }

    fn module(&self, standins: &[StandIn]) -> Vec<u8> {
        let mut types = Types::default();
        let mut imports = ImportSection::new();
        for (module, name) in &self.imports {
            let ty = types.number(vec![ValType::I32], vec![ValType::I32]);
            imports.import(module, name, EntityType::Function(ty));
        }
        let mut functions = Functions {
            before: length(self.imports.len()),
            section: FunctionSection::new(),
            code: CodeSection::new(),
            known: HashMap::new(),
        };
        let mut exports = ExportSection::new();
        exports.export(MEMORY, ExportKind::Memory, 0);

        let room_type = types.number(vec![ValType::I32], Vec::new());
        let room = functions.number(room_type, self.room());
        let realloc_type = types.number(vec![ValType::I32; 4], vec![ValType::I32]);
        let realloc = functions.number(
            realloc_type,
            code(|code| {
                code.local_get(3).call(room).i32_const(signed(self.free));
            }),
        );
        exports.export("cabi_realloc", ExportKind::Func, realloc);

        for standin in standins {
            let core = |types: &[WasmType]| types.iter().copied().map(core_type).collect();
            let results: Vec<ValType> = core(&standin.signature.results);
            let result = results.first().copied();
            let ty = types.number(core(&standin.signature.params), results);
            let body = code(|code| self.body(code, standin, result, room));
            let function = functions.number(ty, body);
            exports.export(&standin.name, ExportKind::Func, function);
        }

        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: u64::from(self.free.div_ceil(PAGE)),
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut data = DataSection::new();
        for (inert, at) in &self.results {
            let used = inert.bytes.iter().rposition(|byte| *byte != 0);
            let used = &inert.bytes[..used.map_or(0, |last| last + 1)];
            data.active(0, &ConstExpr::i32_const(signed(*at)), used.iter().copied());
        }
        let mut module = Module::new();
        module
            .section(&types.section)
            .section(&imports)
            .section(&functions.section)
            .section(&memories)
            .section(&exports)
            .section(&functions.code)
            .section(&data);
        module.finish()
    }

    /// `room(bytes)`: that many fit behind the results, or there is no memory for them.
    fn room(&self) -> wasm_encoder::Function {
        let bytes_then_pages = 0;
        code(|code| {
            code.local_get(bytes_then_pages)
                .i64_extend_i32_u()
                .i64_const(i64::from(self.free) + i64::from(PAGE) - 1)
                .i64_add()
                .i64_const(i64::from(PAGE.ilog2()))
                .i64_shr_u()
                .i32_wrap_i64()
                .memory_size(0)
                .i32_sub()
                .local_tee(bytes_then_pages)
                .i32_const(0)
                .i32_gt_s()
                .if_(BlockType::Empty);
            code.local_get(bytes_then_pages)
                .memory_grow(0)
                .i32_const(-1)
                .i32_eq()
                .if_(BlockType::Empty)
                .unreachable()
                .end()
                .end();
        })
    }

    fn body(
        &self,
        code: &mut InstructionSink<'_>,
        standin: &StandIn,
        result: Option<ValType>,
        room: u32,
    ) {
        match &standin.body {
            Body::Trap => {
                code.unreachable();
            }
            Body::Return(inert) if standin.signature.retptr => {
                let at = signed(self.place(inert));
                for (offset, resource) in &inert.handles {
                    code.i32_const(at + signed(length(*offset)))
                        .i32_const(0)
                        .call(self.handle(*resource))
                        .i32_store(WORD);
                }
                code.i32_const(at);
            }
            Body::Return(inert) => match (result, inert.handles.first()) {
                (None, _) => {}
                (Some(_), Some((_, resource))) => {
                    code.i32_const(0).call(self.handle(*resource));
                }
                (Some(ty), None) => constant(code, ty, &inert.bytes),
            },
            Body::AllReady => self.all_ready(code, room),
            Body::Bytes(byte) => self.bytes(code, *byte, room),
        }
    }

    /// `(pointer, length) -> list<u32>`: 0, 1, … as many as there are. A list of none never gets ready.
    fn all_ready(&self, code: &mut InstructionSink<'_>, room: u32) {
        let length = 1;
        code.local_get(length)
            .i32_const(1)
            .i32_sub()
            .i32_const(signed(MOST_READY))
            .i32_ge_u()
            .if_(BlockType::Empty)
            .unreachable()
            .end();
        code.local_get(length).i32_const(2).i32_shl().call(room);
        self.list(code, |code| {
            code.local_get(length);
        });
        code.loop_(BlockType::Empty)
            .local_get(length)
            .i32_const(1)
            .i32_sub()
            .local_tee(length);
        code.i32_const(2)
            .i32_shl()
            .i32_const(signed(self.free))
            .i32_add()
            .local_get(length)
            .i32_store(WORD);
        code.local_get(length).br_if(0).end();
        code.i32_const(signed(LIST));
    }

    /// `(length) -> list<u8>`.
    fn bytes(&self, code: &mut InstructionSink<'_>, byte: u8, room: u32) {
        let length = 0;
        code.local_get(length)
            .i64_const(i64::from(i32::MAX))
            .i64_gt_u()
            .if_(BlockType::Empty)
            .unreachable()
            .end();
        code.local_get(length).i32_wrap_i64().call(room);
        code.i32_const(signed(self.free))
            .i32_const(i32::from(byte))
            .local_get(length)
            .i32_wrap_i64()
            .memory_fill(0);
        self.list(code, |code| {
            code.local_get(length).i32_wrap_i64();
        });
        code.i32_const(signed(LIST));
    }

    /// Returns what is in the free place as a list.
    fn list(&self, code: &mut InstructionSink<'_>, length: impl FnOnce(&mut InstructionSink<'_>)) {
        code.i32_const(signed(LIST))
            .i32_const(signed(self.free))
            .i32_store(WORD);
        code.i32_const(signed(LIST + 4));
        length(code);
        code.i32_store(WORD);
    }
}

/// How many handles a list may have that are waited for.
const MOST_READY: u32 = 1 << 20;

const WORD: MemArg = MemArg {
    offset: 0,
    align: 2,
    memory_index: 0,
};

fn constant(code: &mut InstructionSink<'_>, ty: ValType, bytes: &[u8]) {
    let mut value = [0; 8];
    for (to, byte) in value.iter_mut().zip(bytes) {
        *to = *byte;
    }
    let bits = u64::from_le_bytes(value);
    match ty {
        ValType::I64 => code.i64_const(bits.cast_signed()),
        ValType::F32 => code.f32_const(f32::from_bits(low(bits)).into()),
        ValType::F64 => code.f64_const(f64::from_bits(bits).into()),
        _ => code.i32_const(low(bits).cast_signed()),
    };
}

fn low(bits: u64) -> u32 {
    let [a, b, c, d, ..] = bits.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

fn core_type(ty: WasmType) -> ValType {
    match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => ValType::I32,
        WasmType::I64 | WasmType::PointerOrI64 => ValType::I64,
        WasmType::F32 => ValType::F32,
        WasmType::F64 => ValType::F64,
    }
}

/// Results are bounded, so that every place in them fits.
fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn signed(number: u32) -> i32 {
    number.cast_signed()
}

fn is_zero(inert: &Inert) -> bool {
    inert.handles.is_empty() && inert.bytes.iter().all(|byte| *byte == 0)
}

fn code(write: impl FnOnce(&mut InstructionSink<'_>)) -> wasm_encoder::Function {
    let mut function = wasm_encoder::Function::new([]);
    let mut code = function.instructions();
    write(&mut code);
    code.end();
    function
}

/// Types of functions, each once.
#[derive(Default)]
struct Types {
    section: TypeSection,
    known: HashMap<(Vec<ValType>, Vec<ValType>), u32>,
}

impl Types {
    fn number(&mut self, params: Vec<ValType>, results: Vec<ValType>) -> u32 {
        let next = self.section.len();
        *self
            .known
            .entry((params, results))
            .or_insert_with_key(|(params, results)| {
                let (params, results) = (params.iter().copied(), results.iter().copied());
                self.section.ty().function(params, results);
                next
            })
    }
}

/// Functions, each once: most stand-ins are the same few.
struct Functions {
    before: u32,
    section: FunctionSection,
    code: CodeSection,
    known: HashMap<(u32, Vec<u8>), u32>,
}

impl Functions {
    fn number(&mut self, ty: u32, body: wasm_encoder::Function) -> u32 {
        let next = self.before + self.section.len();
        *self
            .known
            .entry((ty, body.clone().into_raw_body()))
            .or_insert_with(|| {
                self.section.function(ty);
                self.code.function(&body);
                next
            })
    }
}
