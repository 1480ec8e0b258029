//! The vector instructions that compilers copy and clear memory with.

use iced_x86::{Instruction, Mnemonic as M, OpKind};

use super::{Machine, Path};

impl<'a> Machine<'a, '_, '_> {
    /// Moves and simple logic of 16-byte registers; `false` if it is none of them.
    pub(super) fn moves_vectors(&mut self, path: &mut Path<'a>, i: &Instruction) -> bool {
        match i.mnemonic() {
            M::Movaps | M::Movups | M::Movdqa | M::Movdqu | M::Movapd | M::Movupd => {
                let value = self.vector(path, i, 1);
                self.set_vector(path, i, value, 2);
            }
            M::Movq | M::Movd => {
                let low = self.read(path, i, 1);
                if is_vector(i, 0) {
                    self.set_vector(path, i, [low, Some(0)], 2);
                } else {
                    self.write(path, i, 0, low);
                }
            }
            M::Movlps | M::Movlpd if !is_vector(i, 0) => {
                let value = self.vector(path, i, 1);
                self.set_vector(path, i, value, 1);
            }
            M::Movhps | M::Movhpd => {
                if is_vector(i, 0) {
                    let own = self.vector(path, i, 0);
                    let high = self.half(path, i, 0);
                    self.set_vector(path, i, [own[0], high], 2);
                } else {
                    let value = self.vector(path, i, 1);
                    self.set_vector(path, i, [value[1], None], 1);
                }
            }
            M::Punpcklqdq | M::Unpcklpd | M::Movlhps => {
                let (own, other) = (self.vector(path, i, 0), self.vector(path, i, 1));
                self.set_vector(path, i, [own[0], other[0]], 2);
            }
            M::Pxor | M::Xorps | M::Xorpd | M::Por | M::Pand => {
                let (own, other) = (self.vector(path, i, 0), self.vector(path, i, 1));
                let same = is_vector(i, 1) && i.op0_register() == i.op1_register();
                let combine = |at: usize| match i.mnemonic() {
                    M::Por => own[at].zip(other[at]).map(|(own, other)| own | other),
                    M::Pand => own[at].zip(other[at]).map(|(own, other)| own & other),
                    _ if same => Some(0),
                    _ => own[at].zip(other[at]).map(|(own, other)| own ^ other),
                };
                self.set_vector(path, i, [combine(0), combine(1)], 2);
            }
            _ => return false,
        }
        true
    }

    fn vector(&self, path: &Path<'a>, i: &Instruction, operand: u32) -> [Option<u64>; 2] {
        if i.op_kind(operand) == OpKind::Memory {
            return [self.half(path, i, 0), self.half(path, i, 8)];
        }
        let register = i.op_register(operand);
        let value = path.vectors.get(register.number()).copied();
        value.filter(|_| register.is_xmm()).unwrap_or_default()
    }

    fn half(&self, path: &Path<'a>, i: &Instruction, offset: u64) -> Option<u64> {
        let address = self.address(path, i)?;
        path.memory.number(address.wrapping_add(offset), 8)
    }

    fn set_vector(
        &self,
        path: &mut Path<'a>,
        i: &Instruction,
        value: [Option<u64>; 2],
        halves: usize,
    ) {
        if is_vector(i, 0) {
            if let Some(vector) = path.vectors.get_mut(i.op0_register().number()) {
                *vector = value;
            }
        } else if i.op0_kind() == OpKind::Memory
            && let Some(address) = self.address(path, i)
        {
            for (at, half) in value.iter().take(halves).enumerate() {
                path.memory
                    .set_number(address.wrapping_add(at as u64 * 8), 8, *half);
            }
        }
    }
}

fn is_vector(i: &Instruction, operand: u32) -> bool {
    i.op_kind(operand) == OpKind::Register && i.op_register(operand).is_xmm()
}
