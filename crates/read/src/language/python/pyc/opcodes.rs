//! The instructions of CPython's virtual machine, by version.
//!
//! Source: `Lib/opcode.py` of 2.7 and 3.6 to 3.13. Instructions that do the same here share an
//! [`Op`]; where the same name takes its operands differently, the version decides.

use super::numbers::NUMBERS;
use crate::language::script::syntax::{Operator, Unary};

/// How many versions are known.
pub const VERSIONS: usize = 9;

/// A version whose instructions are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the variants are the versions' own numbers")]
pub enum Version {
    V27,
    V36,
    V37,
    V38,
    V39,
    V310,
    V311,
    V312,
    V313,
}

impl Version {
    /// All, newest first.
    pub const ALL: [Self; VERSIONS] = [
        Self::V313,
        Self::V312,
        Self::V311,
        Self::V310,
        Self::V39,
        Self::V38,
        Self::V37,
        Self::V36,
        Self::V27,
    ];

    /// The version that writes this magic number (`importlib/_bootstrap_external.py`).
    pub const fn of_magic(magic: u16) -> Option<Self> {
        Some(match magic {
            62_171..=62_211 => Self::V27,
            3_370..=3_379 => Self::V36,
            3_390..=3_394 => Self::V37,
            3_400..=3_413 => Self::V38,
            3_420..=3_425 => Self::V39,
            3_430..=3_439 => Self::V310,
            3_450..=3_495 => Self::V311,
            3_500..=3_531 => Self::V312,
            3_550..=3_571 => Self::V313,
            _ => return None,
        })
    }

    /// The version of this number.
    pub const fn of_number(major: usize, minor: usize) -> Option<Self> {
        Some(match (major, minor) {
            (2, 7) => Self::V27,
            (3, 6) => Self::V36,
            (3, 7) => Self::V37,
            (3, 8) => Self::V38,
            (3, 9) => Self::V39,
            (3, 10) => Self::V310,
            (3, 11) => Self::V311,
            (3, 12) => Self::V312,
            (3, 13) => Self::V313,
            _ => return None,
        })
    }

    /// The magic number of its last release.
    pub const fn magic(self) -> u16 {
        match self {
            Self::V27 => 62_211,
            Self::V36 => 3_379,
            Self::V37 => 3_394,
            Self::V38 => 3_413,
            Self::V39 => 3_425,
            Self::V310 => 3_439,
            Self::V311 => 3_495,
            Self::V312 => 3_531,
            Self::V313 => 3_571,
        }
    }

    /// Bytes before the code object in a file.
    pub const fn header(self) -> usize {
        match self {
            Self::V27 => 8,
            Self::V36 => 12,
            _ => 16,
        }
    }
}

/// When a jump is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants say it")]
pub enum When {
    True,
    False,
    None,
    NotNone,
}

/// What an instruction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the instructions' own names")]
pub enum Op {
    Binary(Operator),
    BinaryNumbered,
    BinarySlice,
    BreakLoop,
    BuildConstKeyMap,
    BuildList,
    BuildMap,
    BuildMapUnpack,
    BuildSlice,
    BuildString,
    BuildTuple,
    BuildUnpack,
    Call,
    CallFunction,
    CallFunctionEx,
    CallFunctionKw,
    CallFunctionVar,
    CallFunctionVarKw,
    CallKw,
    CallMethod,
    CheckMatch,
    Compare,
    Contains,
    ConvertValue,
    Copy,
    DictMerge,
    DupTop,
    DupTopTwo,
    DupTopX,
    EndFor,
    Exec,
    ExtendedArg,
    ForIter,
    FormatSimple,
    FormatValue,
    FormatWithSpec,
    ImportFrom,
    ImportName,
    ImportStar,
    Intrinsic1,
    Is,
    Jump,
    JumpBackward,
    JumpForward,
    JumpOrPop(bool),
    KwNames,
    ListAppend,
    ListExtend,
    LoadAttr,
    LoadBuildClass,
    LoadConst,
    LoadDeref,
    LoadFast,
    LoadFastLoadFast,
    LoadFromDictOrDeref,
    LoadFromDictOrGlobals,
    LoadGlobal,
    LoadMethod,
    LoadName,
    LoadSuperAttr,
    LoadUnknown,
    MakeClosure,
    MakeFunction,
    MapAdd,
    NoEffect,
    OldBuildClass,
    OldStoreSlice(u8),
    PopExcept,
    PopJump(When),
    PopJumpBack(When),
    PopTop,
    PopTwo,
    PrintItem,
    PrintItemTo,
    PushExcInfo,
    PushNull,
    Raise,
    Represent,
    Reraise,
    Return,
    ReturnConst,
    RotFour,
    RotN,
    RotThree,
    RotTwo,
    Send,
    SetFunctionAttribute,
    SetupTry,
    Slice(u8),
    StoreAttr,
    StoreDeref,
    StoreFast,
    StoreFastLoadFast,
    StoreFastStoreFast,
    StoreGlobal,
    StoreMap,
    StoreName,
    StoreSlice,
    StoreSubscript,
    Subscript,
    Swap,
    Unary(Unary),
    UnpackEx,
    UnpackSequence,
    With,
    Yield,
}

/// An instruction.
#[derive(Debug, Clone, Copy)]
pub struct Instruction {
    /// What it does; `None` if that is not known.
    pub op: Option<Op>,
    /// Its operand.
    pub operand: usize,
    /// Where it begins in the code, with what extends its operand.
    pub at: usize,
    /// Where it ends, with the caches behind it.
    pub end: usize,
}

/// The instructions of a code object.
pub fn instructions(code: &[u8], version: Version) -> Vec<Instruction> {
    let table = table(version);
    let mut out = Vec::new();
    let (mut at, mut begin, mut extended) = (0, 0, 0_usize);
    while let Some(&number) = code.get(at) {
        let is_old = version == Version::V27;
        // Operands came with 90 in 2.7, and are there for all since 3.6.
        let length = match is_old {
            true if number >= 90 => 3,
            true => 1,
            false => 2,
        };
        let low = code.get(at + 1).copied().unwrap_or_default();
        let high = code.get(at + 2).copied().unwrap_or_default();
        let (own, shift) = match length {
            3 => (usize::from(low) | usize::from(high) << 8, 16),
            2 => (usize::from(low), 8),
            _ => (0, 0),
        };
        let operand = (extended << shift | own) & 0xffff_ffff;
        let op = table.get(usize::from(number)).copied().flatten();
        at += length;
        if op == Some(Op::ExtendedArg) {
            extended = operand;
            continue;
        }
        // Caches follow the instruction they are of.
        while version >= Version::V311 && code.get(at) == Some(&0) {
            at += 2;
        }
        out.push(Instruction {
            op,
            operand,
            at: begin,
            end: at,
        });
        begin = at;
        extended = 0;
    }
    out
}

/// The instructions of a version by number.
fn table(version: Version) -> [Option<Op>; 256] {
    let mut table = [None; 256];
    for (op, numbers) in NUMBERS {
        let number = numbers.get(version as usize).copied().unwrap_or_default();
        if number > 0
            && let Some(place) = table.get_mut(usize::from(number))
        {
            *place = Some(*op);
        }
    }
    table
}
