//! What each instruction does to a path.

use iced_x86::{ConditionCode, Instruction, Mnemonic as M, Register};

use super::operand::{self, AX, BP, CX, DI, DX, SI, SP, low, signed};
use super::{Flags, Machine, Next, Path};

/// Most rounds of one repeated string instruction.
const MOST_ROUNDS: u64 = 64 << 10;

impl<'a> Machine<'a, '_, '_> {
    /// Runs one instruction that stands at `here`.
    pub(super) fn execute(&mut self, path: &mut Path<'a>, i: &Instruction, here: u64) -> Next {
        match i.mnemonic() {
            M::Call | M::Jmp => return self.go(path, i, here),
            M::Ret => return self.back(path, i),
            M::Syscall | M::Sysenter => return self.syscall(path),
            M::Int if i.immediate(0) == 0x80 => return self.syscall(path),
            M::Int | M::Int3 | M::Hlt | M::Ud2 | M::Into => return Next::Stop,
            M::Loop | M::Loope | M::Loopne | M::Jrcxz | M::Jecxz => {
                return self.count_down(path, i, here);
            }
            _ => {}
        }
        if i.is_jcc_short_or_near() {
            let taken = holds(&path.flags, i.condition_code());
            return self.branch(path, taken, i.near_branch_target(), here);
        }
        if !(self.moves(path, i)
            || self.computes(path, i)
            || self.strings(path, i)
            || self.moves_vectors(path, i))
        {
            self.forget(path, i, here);
        }
        Next::On
    }

    /// A jump or a call.
    fn go(&mut self, path: &mut Path<'a>, i: &Instruction, here: u64) -> Next {
        let is_call = i.mnemonic() == M::Call;
        let after = path.ip;
        match self.read(path, i, 0) {
            Some(target) => {
                if is_call {
                    self.push(path, Some(after));
                }
                Next::To(low(target, self.elf.word))
            }
            // What is called there cannot be told: it returns something.
            None if is_call => {
                forget_call(path);
                Next::On
            }
            None => {
                if i.op_count() > 0 && i.op0_register() != Register::None {
                    self.table_jump(path, here);
                }
                Next::Stop
            }
        }
    }

    /// A jump to somewhere unknown ends the path; a function that was left by one returns.
    fn table_jump(&mut self, path: &Path<'a>, here: u64) {
        if self.forks(path, here) {
            let mut other = path.clone();
            forget_call(&mut other);
            if let Some(after) = self.pop(&mut other).filter(|&after| self.elf.runs(after)) {
                other.ip = after;
                self.wait(other);
            }
        }
    }

    fn back(&mut self, path: &mut Path<'a>, i: &Instruction) -> Next {
        let Some(target) = self.pop(path) else {
            return Next::Stop;
        };
        if i.op_count() == 1
            && let Some(top) = path.registers[SP]
        {
            path.registers[SP] = Some(top.wrapping_add(i.immediate(0)));
        }
        Next::To(target)
    }

    /// Goes on where a condition leads; both ways if it cannot be told.
    pub(super) fn branch(
        &mut self,
        path: &mut Path<'a>,
        taken: Option<bool>,
        target: u64,
        here: u64,
    ) -> Next {
        match taken {
            Some(true) => Next::To(target),
            Some(false) => Next::On,
            None => {
                if !self.forks(path, here) {
                    return Next::Stop;
                }
                let mut other = path.clone();
                other.ip = target;
                self.wait(other);
                Next::On
            }
        }
    }

    fn count_down(&mut self, path: &mut Path<'a>, i: &Instruction, here: u64) -> Next {
        let counter = path.registers[CX];
        let taken = if matches!(i.mnemonic(), M::Jrcxz | M::Jecxz) {
            counter.map(|counter| counter == 0)
        } else {
            let counter = counter.map(|counter| low(counter.wrapping_sub(1), self.elf.word));
            path.registers[CX] = counter;
            let goes_on = match i.mnemonic() {
                M::Loope => path.flags.zero,
                M::Loopne => path.flags.zero.map(|zero| !zero),
                _ => Some(true),
            };
            counter.zip(goes_on).map(|(counter, on)| counter != 0 && on)
        };
        self.branch(path, taken, i.near_branch_target(), here)
    }

    /// Instructions that move and convert; `false` if it is none of them.
    fn moves(&mut self, path: &mut Path<'a>, i: &Instruction) -> bool {
        match i.mnemonic() {
            M::Mov | M::Movzx | M::Movnti | M::Movbe => {
                let value = self.read(path, i, 1);
                self.write(path, i, 0, value);
            }
            M::Movsx | M::Movsxd => {
                let (from, to) = (Self::size(i, 1), Self::size(i, 0));
                let value = self.read(path, i, 1);
                let value = value.map(|value| low(signed(value, from) as u64, to));
                self.write(path, i, 0, value);
            }
            M::Lea => {
                let address = self.address(path, i);
                self.write(path, i, 0, address);
            }
            M::Push => {
                let size = Self::size(i, 0);
                let value = self.read(path, i, 0);
                let value = value.map(|value| match i.op0_kind() {
                    iced_x86::OpKind::Register | iced_x86::OpKind::Memory => value,
                    _ => low(signed(value, size) as u64, self.elf.word),
                });
                self.push(path, value);
            }
            M::Pop => {
                let value = self.pop(path);
                self.write(path, i, 0, value);
            }
            M::Pushad => {
                let before = path.registers[SP];
                for register in 0..8 {
                    let value = if register == SP {
                        before
                    } else {
                        path.registers[register]
                    };
                    self.push(path, value);
                }
            }
            M::Popad => {
                for register in (0..8).rev() {
                    let value = self.pop(path);
                    if register != SP {
                        path.registers[register] = value;
                    }
                }
            }
            M::Leave => {
                path.registers[SP] = path.registers[BP];
                path.registers[BP] = self.pop(path);
            }
            M::Xchg => {
                let (one, other) = (self.read(path, i, 0), self.read(path, i, 1));
                self.write(path, i, 0, other);
                self.write(path, i, 1, one);
            }
            M::Cdq => sign_into(path, 4),
            M::Cqo => sign_into(path, 8),
            M::Cwde => widen(path, 2, 4),
            M::Cdqe => widen(path, 4, 8),
            M::Cbw => operand::write_register(
                path,
                Register::AX,
                operand::read_register(path, Register::AL).map(|al| low(signed(al, 1) as u64, 2)),
            ),
            M::Fnstenv => {
                if let Some(address) = self.address(path, i) {
                    path.memory
                        .set_number(address.wrapping_add(12), 4, path.float_ip);
                }
            }
            M::Cld => path.flags.down = false,
            M::Std => path.flags.down = true,
            M::Nop | M::Endbr64 | M::Endbr32 | M::Pause | M::Wait => {}
            _ if i.condition_code() != ConditionCode::None => return self.conditional(path, i),
            _ => return false,
        }
        true
    }

    /// `cmovcc` and `setcc`.
    fn conditional(&mut self, path: &mut Path<'a>, i: &Instruction) -> bool {
        let taken = holds(&path.flags, i.condition_code());
        let value = if i.op_count() == 1 {
            taken.map(u64::from)
        } else {
            match taken {
                Some(true) => self.read(path, i, 1),
                Some(false) => self.read(path, i, 0),
                None => None,
            }
        };
        self.write(path, i, 0, value);
        true
    }

    /// `movs`, `stos`, `lods`, `scas` and `cmps`, repeated or not.
    fn strings(&mut self, path: &mut Path<'a>, i: &Instruction) -> bool {
        let size = match i.mnemonic() {
            M::Movsb | M::Stosb | M::Lodsb | M::Scasb | M::Cmpsb => 1,
            M::Movsw | M::Stosw | M::Lodsw => 2,
            M::Stosd | M::Lodsd => 4,
            M::Movsd
                if i.op0_kind() != iced_x86::OpKind::Register
                    && i.op_count() == 2
                    && i.op1_kind() != iced_x86::OpKind::Register =>
            {
                4
            }
            M::Movsq | M::Stosq | M::Lodsq => 8,
            _ => return false,
        };
        let repeats = i.has_rep_prefix() || i.has_repne_prefix();
        let until_same = i.has_repne_prefix();
        let rounds = if repeats { path.registers[CX] } else { Some(1) };
        let compares = matches!(i.mnemonic(), M::Scasb | M::Cmpsb);
        // An unknown or endless number of rounds leaves nothing known of where it went.
        let Some(rounds) = rounds.filter(|&rounds| compares || rounds <= MOST_ROUNDS) else {
            for register in [CX, SI, DI] {
                path.registers[register] = None;
            }
            path.flags = Flags {
                down: path.flags.down,
                ..Flags::default()
            };
            return true;
        };
        let mut left = rounds;
        for _ in 0..rounds.min(MOST_ROUNDS) {
            left -= 1;
            self.steps = self
                .steps
                .saturating_add(u32::from(left.is_multiple_of(16)));
            self.string_round(path, i, size);
            let stops =
                compares && repeats && path.flags.zero.is_none_or(|zero| zero == until_same);
            if stops {
                break;
            }
        }
        if repeats {
            path.registers[CX] = Some(left);
        }
        true
    }

    fn string_round(&mut self, path: &mut Path<'a>, i: &Instruction, size: usize) {
        let (source, target) = (path.registers[SI], path.registers[DI]);
        let accumulator = path.registers[AX].map(|ax| low(ax, size));
        let (mut uses_source, mut uses_target) = (false, false);
        match i.mnemonic() {
            M::Stosb | M::Stosw | M::Stosd | M::Stosq => {
                uses_target = true;
                if let Some(target) = target {
                    path.memory.set_number(target, size, accumulator);
                }
            }
            M::Lodsb | M::Lodsw | M::Lodsd | M::Lodsq => {
                uses_source = true;
                let value = source.and_then(|source| path.memory.number(source, size));
                let register = [Register::AL, Register::AX, Register::EAX, Register::RAX];
                operand::write_register(path, register[size.trailing_zeros() as usize & 3], value);
            }
            M::Scasb => {
                uses_target = true;
                let other = target.and_then(|target| path.memory.number(target, 1));
                self.compare(path, accumulator, other, 1);
            }
            M::Cmpsb => {
                (uses_source, uses_target) = (true, true);
                let one = source.and_then(|source| path.memory.number(source, 1));
                let other = target.and_then(|target| path.memory.number(target, 1));
                self.compare(path, one, other, 1);
            }
            _ => {
                (uses_source, uses_target) = (true, true);
                if let (Some(source), Some(target)) = (source, target) {
                    path.memory.copy(target, source, size as u64);
                }
            }
        }
        let step = if path.flags.down {
            (size as u64).wrapping_neg()
        } else {
            size as u64
        };
        for (used, register) in [(uses_source, SI), (uses_target, DI)] {
            if used {
                path.registers[register] =
                    path.registers[register].map(|at| low(at.wrapping_add(step), self.elf.word));
            }
        }
    }

    /// An instruction that is not modelled: what it writes is unknown from now on.
    fn forget(&mut self, path: &mut Path<'a>, i: &Instruction, here: u64) {
        let name = format!("{:?}", i.mnemonic());
        if name.starts_with('F') {
            path.float_ip = Some(here);
        } else {
            path.flags = Flags {
                down: path.flags.down,
                ..Flags::default()
            };
        }
        if i.op_count() > 0 {
            self.write(path, i, 0, None);
        }
        if matches!(i.mnemonic(), M::Cpuid | M::Rdtsc | M::Rdtscp | M::Xgetbv) {
            for register in [AX, operand::BX, CX, DX] {
                path.registers[register] = None;
            }
        }
    }
}

/// Forgets what a function that is not known may change.
pub fn forget_call(path: &mut Path) {
    for register in [AX, CX, DX, 8, 9, 10, 11] {
        path.registers[register] = None;
    }
    path.vectors = [[None; 2]; 16];
}

/// The sign of the accumulator fills the data register.
fn sign_into(path: &mut Path, size: usize) {
    path.registers[DX] = path.registers[AX].map(|ax| {
        let sign = signed(low(ax, size), size) >> 63;
        low(sign as u64, size)
    });
}

fn widen(path: &mut Path, from: usize, to: usize) {
    path.registers[AX] = path.registers[AX].map(|ax| low(signed(low(ax, from), from) as u64, to));
}

/// Whether a condition holds, if that can be told.
pub fn holds(flags: &Flags, condition: ConditionCode) -> Option<bool> {
    use ConditionCode as C;
    let less = || Some(flags.sign? != flags.overflow?);
    match condition {
        C::o => flags.overflow,
        C::no => flags.overflow.map(|set| !set),
        C::b => flags.carry,
        C::ae => flags.carry.map(|set| !set),
        C::e => flags.zero,
        C::ne => flags.zero.map(|set| !set),
        C::be => Some(flags.carry? || flags.zero?),
        C::a => Some(!(flags.carry? || flags.zero?)),
        C::s => flags.sign,
        C::ns => flags.sign.map(|set| !set),
        C::p => flags.parity,
        C::np => flags.parity.map(|set| !set),
        C::l => less(),
        C::ge => less().map(|less| !less),
        C::le => Some(flags.zero? || less()?),
        C::g => Some(!(flags.zero? || less()?)),
        C::None => None,
    }
}
