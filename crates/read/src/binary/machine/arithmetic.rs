//! Arithmetic and logic, with the flags they set.

use iced_x86::{Instruction, Mnemonic as M, OpKind};

use super::operand::{AX, DX, low, signed};
use super::{Flags, Machine, Path};

impl<'a> Machine<'a, '_, '_> {
    /// Instructions that compute; `false` if it is none of them.
    pub(super) fn computes(&mut self, path: &mut Path<'a>, i: &Instruction) -> bool {
        let size = Self::size(i, 0).clamp(1, 8);
        match i.mnemonic() {
            M::Add | M::Adc | M::Xadd => self.add(path, i, size),
            M::Sub | M::Sbb | M::Cmp => self.subtract(path, i, size),
            M::And | M::Or | M::Xor | M::Test => self.logic(path, i, size),
            M::Inc | M::Dec | M::Neg | M::Not | M::Bswap => self.one_operand(path, i, size),
            M::Shl | M::Sal | M::Shr | M::Sar | M::Rol | M::Ror => self.shift(path, i, size),
            M::Imul if i.op_count() > 1 => {
                let at = i.op_count() - 2;
                let (one, other) = (self.read(path, i, at), self.read(path, i, at + 1));
                let product = one
                    .zip(other)
                    .map(|(one, other)| low(one.wrapping_mul(other), size));
                self.write(path, i, 0, product);
                forget_flags(path);
            }
            M::Mul | M::Imul => {
                let value = self.read(path, i, 0);
                self.multiply(path, value, size, i.mnemonic() == M::Imul);
            }
            M::Div | M::Idiv => {
                let value = self.read(path, i, 0);
                self.divide(path, value, size, i.mnemonic() == M::Idiv);
            }
            M::Clc => path.flags.carry = Some(false),
            M::Stc => path.flags.carry = Some(true),
            _ => return false,
        }
        true
    }

    fn add(&mut self, path: &mut Path<'a>, i: &Instruction, size: usize) {
        let (one, other) = (self.read(path, i, 0), self.read_wide(path, i, 1, size));
        let carry = if i.mnemonic() == M::Adc {
            path.flags.carry.map(u64::from)
        } else {
            Some(0)
        };
        let sum = one.zip(other).zip(carry).map(|((one, other), carry)| {
            let sum = low(one.wrapping_add(other).wrapping_add(carry), size);
            let carried =
                u128::from(low(one, size)) + u128::from(low(other, size)) + u128::from(carry)
                    > u128::from(low(u64::MAX, size));
            let overflow = signed((one ^ sum) & (other ^ sum), size) < 0;
            (sum, carried, overflow)
        });
        path.flags = match sum {
            Some((sum, carry, overflow)) => flags(path, sum, size, Some(carry), Some(overflow)),
            None => unknown(path),
        };
        if i.mnemonic() == M::Xadd {
            self.write(path, i, 1, one);
        }
        self.write(path, i, 0, sum.map(|(sum, ..)| sum));
    }

    fn subtract(&mut self, path: &mut Path<'a>, i: &Instruction, size: usize) {
        let same = i.op0_kind() == OpKind::Register
            && i.op1_kind() == OpKind::Register
            && i.op0_register() == i.op1_register();
        let (mut one, mut other) = (self.read(path, i, 0), self.read_wide(path, i, 1, size));
        if same && i.mnemonic() != M::Sbb {
            (one, other) = (Some(0), Some(0));
        }
        if i.mnemonic() == M::Sbb {
            if same {
                one = Some(0);
                other = Some(0);
            }
            let borrow = path.flags.carry.map(u64::from);
            other = other
                .zip(borrow)
                .map(|(other, borrow)| other.wrapping_add(borrow));
        }
        let difference = self.compare(path, one, other, size);
        if i.mnemonic() != M::Cmp {
            self.write(path, i, 0, difference);
        }
    }

    /// Sets the flags of `one - other` and returns it.
    pub(super) fn compare(
        &self,
        path: &mut Path<'a>,
        one: Option<u64>,
        other: Option<u64>,
        size: usize,
    ) -> Option<u64> {
        let Some((one, other)) = one.zip(other) else {
            path.flags = unknown(path);
            return None;
        };
        let (one, other) = (low(one, size), low(other, size));
        let difference = low(one.wrapping_sub(other), size);
        let overflow = signed((one ^ other) & (one ^ difference), size) < 0;
        path.flags = flags(path, difference, size, Some(one < other), Some(overflow));
        Some(difference)
    }

    fn logic(&mut self, path: &mut Path<'a>, i: &Instruction, size: usize) {
        let (one, other) = (self.read(path, i, 0), self.read_wide(path, i, 1, size));
        let same = i.op0_kind() == OpKind::Register
            && i.op1_kind() == OpKind::Register
            && i.op0_register() == i.op1_register();
        let result = match i.mnemonic() {
            M::Xor if same => Some(0),
            M::And | M::Test if one == Some(0) || other == Some(0) => Some(0),
            M::Or if other == Some(low(u64::MAX, size)) => other,
            M::Xor => one.zip(other).map(|(one, other)| one ^ other),
            M::Or => one.zip(other).map(|(one, other)| one | other),
            _ => one.zip(other).map(|(one, other)| one & other),
        };
        let result = result.map(|result| low(result, size));
        path.flags = match result {
            Some(result) => flags(path, result, size, Some(false), Some(false)),
            None => Flags {
                carry: Some(false),
                overflow: Some(false),
                ..unknown(path)
            },
        };
        if i.mnemonic() != M::Test {
            self.write(path, i, 0, result);
        }
    }

    fn one_operand(&mut self, path: &mut Path<'a>, i: &Instruction, size: usize) {
        let value = self.read(path, i, 0);
        let carry = path.flags.carry;
        let result = match i.mnemonic() {
            M::Inc => value.map(|value| low(value.wrapping_add(1), size)),
            M::Dec => value.map(|value| low(value.wrapping_sub(1), size)),
            M::Neg => value.map(|value| low(value.wrapping_neg(), size)),
            M::Not => value.map(|value| low(!value, size)),
            _ => value.map(|value| {
                if size == 4 {
                    u64::from((value as u32).swap_bytes())
                } else {
                    value.swap_bytes()
                }
            }),
        };
        if matches!(i.mnemonic(), M::Inc | M::Dec | M::Neg) {
            let top = 1 << (size * 8 - 1);
            let overflow = result.map(|result| match i.mnemonic() {
                M::Inc => result == top,
                M::Dec => result == top - 1,
                _ => result == top,
            });
            let carry = if i.mnemonic() == M::Neg {
                value.map(|value| value != 0)
            } else {
                carry
            };
            path.flags = match result {
                Some(result) => flags(path, result, size, carry, overflow),
                None => Flags {
                    carry,
                    ..unknown(path)
                },
            };
        }
        self.write(path, i, 0, result);
    }

    fn shift(&mut self, path: &mut Path<'a>, i: &Instruction, size: usize) {
        let value = self.read(path, i, 0);
        let count = if i.op_count() > 1 {
            self.read(path, i, 1)
        } else {
            Some(1)
        };
        let bits = size as u32 * 8;
        let shifted = value.zip(count).map(|(value, count)| {
            let count = (count & if size == 8 { 63 } else { 31 }) as u32;
            let wide = u128::from(low(value, size));
            let left = if bits == 0 { 0 } else { count % bits };
            let result = match i.mnemonic() {
                M::Shl | M::Sal => (wide << count) as u64,
                M::Shr => (wide >> count) as u64,
                M::Sar => (i128::from(signed(value, size)) >> count) as u64,
                M::Rol => (wide << left | wide >> (bits - left)) as u64,
                _ => (wide >> left | wide << (bits - left)) as u64,
            };
            (low(result, size), count)
        });
        match shifted {
            Some((_, 0)) => return,
            Some((result, _)) => path.flags = flags(path, result, size, None, None),
            None => forget_flags(path),
        }
        self.write(path, i, 0, shifted.map(|(result, _)| result));
    }

    fn multiply(&mut self, path: &mut Path<'a>, value: Option<u64>, size: usize, is_signed: bool) {
        let product = value.zip(path.registers[AX]).map(|(one, other)| {
            if is_signed {
                (i128::from(signed(low(one, size), size))
                    * i128::from(signed(low(other, size), size))) as u128
            } else {
                u128::from(low(one, size)) * u128::from(low(other, size))
            }
        });
        forget_flags(path);
        if size == 1 {
            path.registers[AX] = product.map(|product| low(product as u64, 2));
            return;
        }
        path.registers[AX] = product.map(|product| low(product as u64, size));
        path.registers[DX] = product.map(|product| low((product >> (size * 8)) as u64, size));
    }

    fn divide(&mut self, path: &mut Path<'a>, value: Option<u64>, size: usize, is_signed: bool) {
        forget_flags(path);
        let divided = value
            .zip(path.registers[AX])
            .zip(path.registers[DX])
            .filter(|_| size >= 4)
            .and_then(|((divisor, ax), dx)| {
                let whole = u128::from(low(dx, size)) << (size * 8) | u128::from(low(ax, size));
                if is_signed {
                    let shift = 128 - size as u32 * 16;
                    let whole = ((whole << shift) as i128) >> shift;
                    let divisor = i128::from(signed(low(divisor, size), size));
                    let quotient = whole.checked_div(divisor)? as u64;
                    Some((quotient, whole.checked_rem(divisor)? as u64))
                } else {
                    let divisor = u128::from(low(divisor, size));
                    Some((
                        whole.checked_div(divisor)? as u64,
                        whole.checked_rem(divisor)? as u64,
                    ))
                }
            });
        path.registers[AX] = divided.map(|(quotient, _)| low(quotient, size));
        path.registers[DX] = divided.map(|(_, rest)| low(rest, size));
    }

    /// An operand widened with its sign: constants are shorter than what they are added to.
    fn read_wide(
        &self,
        path: &Path<'a>,
        i: &Instruction,
        operand: u32,
        size: usize,
    ) -> Option<u64> {
        let own = Self::size(i, operand);
        let value = self.read(path, i, operand)?;
        Some(if own < size {
            low(signed(value, own) as u64, size)
        } else {
            value
        })
    }
}

fn flags(
    path: &Path,
    result: u64,
    size: usize,
    carry: Option<bool>,
    overflow: Option<bool>,
) -> Flags {
    Flags {
        zero: Some(result == 0),
        sign: Some(signed(result, size) < 0),
        carry,
        overflow,
        parity: Some((result as u8).count_ones().is_multiple_of(2)),
        down: path.flags.down,
    }
}

fn unknown(path: &Path) -> Flags {
    Flags {
        down: path.flags.down,
        ..Flags::default()
    }
}

fn forget_flags(path: &mut Path) {
    path.flags = unknown(path);
}
