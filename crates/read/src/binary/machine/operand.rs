//! Operands: registers, memory and constants, as an instruction names them.

use iced_x86::{Instruction, OpKind, Register};

use super::{Machine, Path};

/// Positions of registers by the processor's numbering.
pub const AX: usize = 0;
pub const CX: usize = 1;
pub const DX: usize = 2;
pub const BX: usize = 3;
pub const SP: usize = 4;
pub const BP: usize = 5;
pub const SI: usize = 6;
pub const DI: usize = 7;

/// The lowest `bytes` bytes of a number.
pub const fn low(number: u64, bytes: usize) -> u64 {
    if bytes >= 8 {
        number
    } else {
        number & ((1 << (bytes * 8)) - 1)
    }
}

/// A number of `bytes` bytes with its sign.
pub const fn signed(number: u64, bytes: usize) -> i64 {
    let bits = match bytes {
        1 => 8,
        2 => 16,
        4 => 32,
        _ => 64,
    };
    let shift = 64 - bits;
    ((number << shift) as i64) >> shift
}

impl<'a> Machine<'a, '_, '_> {
    /// Bytes of an operand.
    pub(super) fn size(instruction: &Instruction, operand: u32) -> usize {
        match instruction.op_kind(operand) {
            OpKind::Register => instruction.op_register(operand).size(),
            OpKind::Immediate8 => 1,
            OpKind::Immediate16 | OpKind::Immediate8to16 => 2,
            OpKind::Immediate32 | OpKind::Immediate8to32 => 4,
            OpKind::Immediate64 | OpKind::Immediate8to64 | OpKind::Immediate32to64 => 8,
            _ => instruction.memory_size().size(),
        }
    }

    /// The value of an operand.
    pub(super) fn read(
        &self,
        path: &Path<'a>,
        instruction: &Instruction,
        operand: u32,
    ) -> Option<u64> {
        match instruction.op_kind(operand) {
            OpKind::Register => read_register(path, instruction.op_register(operand)),
            OpKind::Memory => {
                let address = self.address(path, instruction)?;
                let size = instruction.memory_size().size();
                (size <= 8).then(|| path.memory.number(address, size))?
            }
            OpKind::Immediate8
            | OpKind::Immediate16
            | OpKind::Immediate32
            | OpKind::Immediate64
            | OpKind::Immediate8to16
            | OpKind::Immediate8to32
            | OpKind::Immediate8to64
            | OpKind::Immediate32to64 => Some(low(
                instruction.immediate(operand),
                Self::size(instruction, operand),
            )),
            OpKind::NearBranch16 | OpKind::NearBranch32 | OpKind::NearBranch64 => {
                Some(instruction.near_branch_target())
            }
            _ => None,
        }
    }

    /// Sets an operand.
    pub(super) fn write(
        &self,
        path: &mut Path<'a>,
        instruction: &Instruction,
        operand: u32,
        value: Option<u64>,
    ) {
        match instruction.op_kind(operand) {
            OpKind::Register => write_register(path, instruction.op_register(operand), value),
            OpKind::Memory => {
                if let Some(address) = self.address(path, instruction) {
                    let size = instruction.memory_size().size();
                    for part in 0..size.div_ceil(8).min(8) {
                        let value = if part == 0 { value } else { None };
                        let at = address.wrapping_add(part as u64 * 8);
                        path.memory.set_number(at, (size - part * 8).min(8), value);
                    }
                }
            }
            _ => {}
        }
    }

    /// The address of an instruction's memory operand.
    pub(super) fn address(&self, path: &Path<'a>, instruction: &Instruction) -> Option<u64> {
        // Thread-local memory lies where nobody knows.
        if matches!(instruction.memory_segment(), Register::FS | Register::GS) {
            return None;
        }
        if instruction.is_ip_rel_memory_operand() {
            return Some(instruction.ip_rel_memory_address());
        }
        let part = |register| match register {
            Register::None => Some(0),
            register => read_register(path, register),
        };
        let base = part(instruction.memory_base())?;
        let index = part(instruction.memory_index())?;
        let scale = u64::from(instruction.memory_index_scale());
        let address = base
            .wrapping_add(index.wrapping_mul(scale))
            .wrapping_add(instruction.memory_displacement64());
        Some(low(address, self.elf.word))
    }

    /// Puts a word on the stack.
    pub(super) fn push(&self, path: &mut Path<'a>, value: Option<u64>) {
        let word = self.elf.word;
        if let Some(top) = path.registers[SP] {
            let top = low(top.wrapping_sub(word as u64), word);
            path.registers[SP] = Some(top);
            path.memory.set_number(top, word, value);
        }
    }

    /// Takes a word off the stack.
    pub(super) fn pop(&self, path: &mut Path<'a>) -> Option<u64> {
        let word = self.elf.word;
        let top = path.registers[SP]?;
        path.registers[SP] = Some(low(top.wrapping_add(word as u64), word));
        path.memory.number(top, word)
    }

    /// Argument `index` of a function that was just called.
    pub(super) fn argument(&self, path: &Path<'a>, index: usize) -> Option<u64> {
        const ORDER: [usize; 6] = [DI, SI, DX, CX, 8, 9];
        let word = self.elf.word;
        let on_stack = match ORDER.get(index) {
            Some(&register) if self.wide => return path.registers[register],
            _ if self.wide => index - ORDER.len() + 1,
            _ => index + 1,
        };
        let at = path.registers[SP]?.wrapping_add((on_stack * word) as u64);
        path.memory.number(at, word)
    }
}

/// Whether a register is one of the high bytes of old, and the position of the whole one.
fn position(register: Register) -> Option<(usize, bool)> {
    let high = match register {
        Register::AH => Some(AX),
        Register::CH => Some(CX),
        Register::DH => Some(DX),
        Register::BH => Some(BX),
        _ => None,
    };
    if let Some(whole) = high {
        return Some((whole, true));
    }
    register
        .is_gpr()
        .then(|| (register.full_register().number(), false))
}

/// The value of a register.
pub fn read_register(path: &Path, register: Register) -> Option<u64> {
    if register.is_xmm() {
        return path.vectors.get(register.number())?[0];
    }
    let (position, is_high) = position(register)?;
    let whole = (*path.registers.get(position)?)?;
    let shifted = if is_high { whole >> 8 } else { whole };
    Some(low(shifted, register.size()))
}

/// Sets a register; half of a wide one clears the other half, smaller parts keep the rest.
pub fn write_register(path: &mut Path, register: Register, value: Option<u64>) {
    if register.is_xmm() {
        if let Some(vector) = path.vectors.get_mut(register.number()) {
            *vector = [value, None];
        }
        return;
    }
    let Some((position, is_high)) = position(register) else {
        return;
    };
    let Some(whole) = path.registers.get_mut(position) else {
        return;
    };
    let size = register.size();
    *whole = match (value, size) {
        (Some(value), 4..) => Some(low(value, size)),
        // The rest of an unknown register is taken for empty: code that sets a part of one and
        // then uses more of it cleared it before.
        (Some(value), _) => {
            let (shift, mask) = if is_high {
                (8, 0xff)
            } else {
                (0, low(u64::MAX, size))
            };
            Some(whole.unwrap_or(0) & !(mask << shift) | (value & mask) << shift)
        }
        (None, _) => None,
    };
}
