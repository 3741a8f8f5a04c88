//! The side of the process that compiles: bounds itself, reads one component, answers with its code, and ends.

use std::io::{Read, Write};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};
use wasmtime::InstanceAllocationStrategy;

use super::{CompileLimits, precompiled};
use crate::engine::{Engine, Metering};
use crate::limits::COMPONENT_BYTES;

/// The first byte of an answer: code, or why there is none.
pub(super) const OK: u8 = b'+';
pub(super) const REFUSED: u8 = b'-';

/// The last byte of an answer, so that one that was cut off is none.
pub(super) const ENDS: u8 = b'.';

/// What stands before the component: the limits.
pub(super) struct Header {
    seconds: u64,
    memory: u64,
    metering: Metering,
}

impl Header {
    const SIZE: usize = 17;

    pub(super) fn new(limits: &CompileLimits, metering: Metering) -> Self {
        Self {
            seconds: limits.time.as_secs() + u64::from(limits.time.subsec_nanos() > 0),
            memory: limits.memory,
            metering,
        }
    }

    pub(super) fn bytes(&self) -> [u8; Self::SIZE] {
        let mut bytes = [0; Self::SIZE];
        bytes[..8].copy_from_slice(&self.seconds.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.memory.to_le_bytes());
        bytes[16] = u8::from(self.metering == Metering::Time);
        bytes
    }

    fn read(from: &mut impl Read) -> std::io::Result<Self> {
        let (mut seconds, mut memory, mut metering) = ([0; 8], [0; 8], [0; 1]);
        from.read_exact(&mut seconds)?;
        from.read_exact(&mut memory)?;
        from.read_exact(&mut metering)?;
        Ok(Self {
            seconds: u64::from_le_bytes(seconds),
            memory: u64::from_le_bytes(memory),
            metering: match metering {
                [0] => Metering::Fuel,
                _ => Metering::Time,
            },
        })
    }
}

/// Compiles the one component that `input` has for the process that started this one, as [`Child`](super::Child), and answers on `output`.
///
/// It limits the process that it is called in for good, in memory and time, so it is the last thing that a program does. Whoever is the program
/// of a `Child` calls it with its standard input and output, before anything else.
pub fn serve(mut input: impl Read, mut output: impl Write) -> ExitCode {
    let served = Header::read(&mut input).and_then(|header| {
        bound(&header)?;
        let mut bytes = Vec::new();
        input
            .take(COMPONENT_BYTES as u64 + 1)
            .read_to_end(&mut bytes)?;
        let (first, answer) = match compiled(header.metering, &bytes) {
            Ok(code) => (OK, code),
            Err(why) => (REFUSED, why.into_bytes()),
        };
        output.write_all(&[first])?;
        output.write_all(&answer)?;
        output.write_all(&[ENDS])?;
        output.flush()
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Whoever started it reads this.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn compiled(metering: Metering, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut config = Engine::config_of(metering);
    // No instance is made here, and the pool would take more addresses than this process may have.
    config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
    let engine = wasmtime::Engine::new(&config).map_err(|error| format!("{error:#}"))?;
    precompiled(&engine, bytes).map_err(|error| error.to_string())
}

/// Limits this process: memory, processor time on all processors, no file larger than nothing, no core.
fn bound(header: &Header) -> std::io::Result<()> {
    let processors = std::thread::available_parallelism().map_or(1, |number| number.get() as u64);
    let limits = [
        (Resource::As, header.memory),
        (Resource::Cpu, header.seconds.saturating_mul(processors) + 1),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    for (resource, most) in limits {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}
