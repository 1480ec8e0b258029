//! The instructions of CPython's virtual machine, by version.
//!
//! Source: `Lib/opcode.py` of 2.7 and 3.6 to 3.13. Instructions that do the same here share an
//! [`Op`]; where the same name takes its operands differently, the version decides.

use crate::language::script::syntax::{Operator, Unary};

/// How many versions are known.
const VERSIONS: usize = 9;

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

/// Every instruction that has an effect here, with its number in each version (0 if it has none), in
/// the order of [`Version`]: generated from `opcode.opmap` of each version.
#[rustfmt::skip]
const NUMBERS: &[(Op, [u8; VERSIONS])] = &[
    (Op::NoEffect, [0, 0, 0, 0, 0, 0, 87, 0, 0]), // ASYNC_GEN_WRAP
    (Op::With, [0, 52, 52, 52, 52, 52, 52, 52, 1]), // BEFORE_ASYNC_WITH
    (Op::With, [0, 0, 0, 0, 0, 0, 53, 53, 2]), // BEFORE_WITH
    (Op::LoadUnknown, [0, 0, 0, 53, 0, 0, 0, 0, 0]), // BEGIN_FINALLY
    (Op::Binary(Operator::Add), [23, 23, 23, 23, 23, 23, 0, 0, 0]), // BINARY_ADD
    (Op::Binary(Operator::And), [64, 64, 64, 64, 64, 64, 0, 0, 0]), // BINARY_AND
    (Op::Binary(Operator::Divide), [21, 0, 0, 0, 0, 0, 0, 0, 0]), // BINARY_DIVIDE
    (Op::Binary(Operator::FloorDivide), [26, 26, 26, 26, 26, 26, 0, 0, 0]), // BINARY_FLOOR_DIVIDE
    (Op::Binary(Operator::ShiftLeft), [62, 62, 62, 62, 62, 62, 0, 0, 0]), // BINARY_LSHIFT
    (Op::Binary(Operator::MatrixMultiply), [0, 16, 16, 16, 16, 16, 0, 0, 0]), // BINARY_MATRIX_MULTIPLY
    (Op::Binary(Operator::Modulo), [22, 22, 22, 22, 22, 22, 0, 0, 0]), // BINARY_MODULO
    (Op::Binary(Operator::Multiply), [20, 20, 20, 20, 20, 20, 0, 0, 0]), // BINARY_MULTIPLY
    (Op::BinaryNumbered, [0, 0, 0, 0, 0, 0, 122, 122, 45]), // BINARY_OP
    (Op::Binary(Operator::Or), [66, 66, 66, 66, 66, 66, 0, 0, 0]), // BINARY_OR
    (Op::Binary(Operator::Power), [19, 19, 19, 19, 19, 19, 0, 0, 0]), // BINARY_POWER
    (Op::Binary(Operator::ShiftRight), [63, 63, 63, 63, 63, 63, 0, 0, 0]), // BINARY_RSHIFT
    (Op::BinarySlice, [0, 0, 0, 0, 0, 0, 0, 26, 4]), // BINARY_SLICE
    (Op::Subscript, [25, 25, 25, 25, 25, 25, 25, 25, 5]), // BINARY_SUBSCR
    (Op::Binary(Operator::Subtract), [24, 24, 24, 24, 24, 24, 0, 0, 0]), // BINARY_SUBTRACT
    (Op::Binary(Operator::Divide), [27, 27, 27, 27, 27, 27, 0, 0, 0]), // BINARY_TRUE_DIVIDE
    (Op::Binary(Operator::Xor), [65, 65, 65, 65, 65, 65, 0, 0, 0]), // BINARY_XOR
    (Op::BreakLoop, [80, 80, 80, 0, 0, 0, 0, 0, 0]), // BREAK_LOOP
    (Op::OldBuildClass, [89, 0, 0, 0, 0, 0, 0, 0, 0]), // BUILD_CLASS
    (Op::BuildConstKeyMap, [0, 156, 156, 156, 156, 156, 156, 156, 46]), // BUILD_CONST_KEY_MAP
    (Op::BuildList, [103, 103, 103, 103, 103, 103, 103, 103, 47]), // BUILD_LIST
    (Op::BuildUnpack, [0, 149, 149, 149, 0, 0, 0, 0, 0]), // BUILD_LIST_UNPACK
    (Op::BuildMap, [105, 105, 105, 105, 105, 105, 105, 105, 48]), // BUILD_MAP
    (Op::BuildMapUnpack, [0, 150, 150, 150, 0, 0, 0, 0, 0]), // BUILD_MAP_UNPACK
    (Op::BuildMapUnpack, [0, 151, 151, 151, 0, 0, 0, 0, 0]), // BUILD_MAP_UNPACK_WITH_CALL
    (Op::BuildList, [104, 104, 104, 104, 104, 104, 104, 104, 49]), // BUILD_SET
    (Op::BuildUnpack, [0, 153, 153, 153, 0, 0, 0, 0, 0]), // BUILD_SET_UNPACK
    (Op::BuildSlice, [133, 133, 133, 133, 133, 133, 133, 133, 50]), // BUILD_SLICE
    (Op::BuildString, [0, 157, 157, 157, 157, 157, 157, 157, 51]), // BUILD_STRING
    (Op::BuildTuple, [102, 102, 102, 102, 102, 102, 102, 102, 52]), // BUILD_TUPLE
    (Op::BuildUnpack, [0, 152, 152, 152, 0, 0, 0, 0, 0]), // BUILD_TUPLE_UNPACK
    (Op::BuildUnpack, [0, 158, 158, 158, 0, 0, 0, 0, 0]), // BUILD_TUPLE_UNPACK_WITH_CALL
    (Op::Call, [0, 0, 0, 0, 0, 0, 171, 171, 53]), // CALL
    (Op::NoEffect, [0, 0, 0, 162, 0, 0, 0, 0, 0]), // CALL_FINALLY
    (Op::CallFunction, [131, 131, 131, 131, 131, 131, 0, 0, 0]), // CALL_FUNCTION
    (Op::CallFunctionEx, [0, 142, 142, 142, 142, 142, 142, 142, 54]), // CALL_FUNCTION_EX
    (Op::CallFunctionKw, [141, 141, 141, 141, 141, 141, 0, 0, 0]), // CALL_FUNCTION_KW
    (Op::CallFunctionVar, [140, 0, 0, 0, 0, 0, 0, 0, 0]), // CALL_FUNCTION_VAR
    (Op::CallFunctionVarKw, [142, 0, 0, 0, 0, 0, 0, 0, 0]), // CALL_FUNCTION_VAR_KW
    (Op::Intrinsic1, [0, 0, 0, 0, 0, 0, 0, 173, 55]), // CALL_INTRINSIC_1
    (Op::PopTop, [0, 0, 0, 0, 0, 0, 0, 174, 56]), // CALL_INTRINSIC_2
    (Op::CallKw, [0, 0, 0, 0, 0, 0, 0, 0, 57]), // CALL_KW
    (Op::CallMethod, [0, 0, 161, 161, 161, 161, 0, 0, 0]), // CALL_METHOD
    (Op::CheckMatch, [0, 0, 0, 0, 0, 0, 37, 37, 6]), // CHECK_EG_MATCH
    (Op::CheckMatch, [0, 0, 0, 0, 0, 0, 36, 36, 7]), // CHECK_EXC_MATCH
    (Op::NoEffect, [0, 0, 0, 0, 0, 0, 0, 55, 8]), // CLEANUP_THROW
    (Op::Compare, [107, 107, 107, 107, 107, 107, 107, 107, 58]), // COMPARE_OP
    (Op::Contains, [0, 0, 0, 0, 118, 118, 118, 118, 59]), // CONTAINS_OP
    (Op::Jump, [119, 119, 119, 0, 0, 0, 0, 0, 0]), // CONTINUE_LOOP
    (Op::ConvertValue, [0, 0, 0, 0, 0, 0, 0, 0, 60]), // CONVERT_VALUE
    (Op::Copy, [0, 0, 0, 0, 0, 0, 120, 120, 61]), // COPY
    (Op::NoEffect, [0, 0, 0, 0, 0, 0, 149, 149, 62]), // COPY_FREE_VARS
    (Op::PopTop, [96, 96, 96, 96, 96, 96, 96, 96, 63]), // DELETE_ATTR
    (Op::NoEffect, [0, 138, 138, 138, 138, 138, 139, 139, 64]), // DELETE_DEREF
    (Op::NoEffect, [126, 126, 126, 126, 126, 126, 126, 126, 65]), // DELETE_FAST
    (Op::NoEffect, [98, 98, 98, 98, 98, 98, 98, 98, 66]), // DELETE_GLOBAL
    (Op::NoEffect, [91, 91, 91, 91, 91, 91, 91, 91, 67]), // DELETE_NAME
    (Op::PopTwo, [61, 61, 61, 61, 61, 61, 61, 61, 9]), // DELETE_SUBSCR
    (Op::DictMerge, [0, 0, 0, 0, 164, 164, 164, 164, 68]), // DICT_MERGE
    (Op::DictMerge, [0, 0, 0, 0, 165, 165, 165, 165, 69]), // DICT_UPDATE
    (Op::DupTop, [4, 4, 4, 4, 4, 4, 0, 0, 0]), // DUP_TOP
    (Op::DupTopX, [99, 0, 0, 0, 0, 0, 0, 0, 0]), // DUP_TOPX
    (Op::DupTopTwo, [0, 5, 5, 5, 5, 5, 0, 0, 0]), // DUP_TOP_TWO
    (Op::NoEffect, [0, 0, 0, 54, 54, 54, 54, 54, 10]), // END_ASYNC_FOR
    (Op::NoEffect, [88, 88, 88, 88, 0, 0, 0, 0, 0]), // END_FINALLY
    (Op::EndFor, [0, 0, 0, 0, 0, 0, 0, 4, 11]), // END_FOR
    (Op::NoEffect, [0, 0, 0, 0, 0, 0, 0, 5, 12]), // END_SEND
    (Op::Exec, [85, 0, 0, 0, 0, 0, 0, 0, 0]), // EXEC_STMT
    (Op::ExtendedArg, [145, 144, 144, 144, 144, 144, 144, 144, 71]), // EXTENDED_ARG
    (Op::FormatSimple, [0, 0, 0, 0, 0, 0, 0, 0, 14]), // FORMAT_SIMPLE
    (Op::FormatValue, [0, 155, 155, 155, 155, 155, 155, 155, 0]), // FORMAT_VALUE
    (Op::FormatWithSpec, [0, 0, 0, 0, 0, 0, 0, 0, 15]), // FORMAT_WITH_SPEC
    (Op::ForIter, [93, 93, 93, 93, 93, 93, 93, 93, 72]), // FOR_ITER
    (Op::NoEffect, [0, 0, 0, 0, 0, 129, 0, 0, 0]), // GEN_START
    (Op::NoEffect, [0, 50, 50, 50, 50, 50, 50, 50, 16]), // GET_AITER
    (Op::LoadUnknown, [0, 51, 51, 51, 51, 51, 51, 51, 18]), // GET_ANEXT
    (Op::NoEffect, [0, 73, 73, 73, 73, 73, 131, 131, 73]), // GET_AWAITABLE
    (Op::NoEffect, [68, 68, 68, 68, 68, 68, 68, 68, 19]), // GET_ITER
    (Op::LoadUnknown, [0, 0, 0, 0, 0, 30, 30, 30, 20]), // GET_LEN
    (Op::NoEffect, [0, 69, 69, 69, 69, 69, 69, 69, 21]), // GET_YIELD_FROM_ITER
    (Op::ImportFrom, [109, 109, 109, 109, 109, 109, 109, 109, 74]), // IMPORT_FROM
    (Op::ImportName, [108, 108, 108, 108, 108, 108, 108, 108, 75]), // IMPORT_NAME
    (Op::ImportStar, [84, 84, 84, 84, 84, 84, 84, 0, 0]), // IMPORT_STAR
    (Op::Binary(Operator::Add), [55, 55, 55, 55, 55, 55, 0, 0, 0]), // INPLACE_ADD
    (Op::Binary(Operator::And), [77, 77, 77, 77, 77, 77, 0, 0, 0]), // INPLACE_AND
    (Op::Binary(Operator::Divide), [58, 0, 0, 0, 0, 0, 0, 0, 0]), // INPLACE_DIVIDE
    (Op::Binary(Operator::FloorDivide), [28, 28, 28, 28, 28, 28, 0, 0, 0]), // INPLACE_FLOOR_DIVIDE
    (Op::Binary(Operator::ShiftLeft), [75, 75, 75, 75, 75, 75, 0, 0, 0]), // INPLACE_LSHIFT
    (Op::Binary(Operator::MatrixMultiply), [0, 17, 17, 17, 17, 17, 0, 0, 0]), // INPLACE_MATRIX_MULTIPLY
    (Op::Binary(Operator::Modulo), [59, 59, 59, 59, 59, 59, 0, 0, 0]), // INPLACE_MODULO
    (Op::Binary(Operator::Multiply), [57, 57, 57, 57, 57, 57, 0, 0, 0]), // INPLACE_MULTIPLY
    (Op::Binary(Operator::Or), [79, 79, 79, 79, 79, 79, 0, 0, 0]), // INPLACE_OR
    (Op::Binary(Operator::Power), [67, 67, 67, 67, 67, 67, 0, 0, 0]), // INPLACE_POWER
    (Op::Binary(Operator::ShiftRight), [76, 76, 76, 76, 76, 76, 0, 0, 0]), // INPLACE_RSHIFT
    (Op::Binary(Operator::Subtract), [56, 56, 56, 56, 56, 56, 0, 0, 0]), // INPLACE_SUBTRACT
    (Op::Binary(Operator::Divide), [29, 29, 29, 29, 29, 29, 0, 0, 0]), // INPLACE_TRUE_DIVIDE
    (Op::Binary(Operator::Xor), [78, 78, 78, 78, 78, 78, 0, 0, 0]), // INPLACE_XOR
    (Op::NoEffect, [0, 0, 0, 0, 0, 0, 0, 3, 22]), // INTERPRETER_EXIT
    (Op::Is, [0, 0, 0, 0, 117, 117, 117, 117, 76]), // IS_OP
    (Op::Jump, [113, 113, 113, 113, 113, 113, 0, 0, 0]), // JUMP_ABSOLUTE
    (Op::JumpBackward, [0, 0, 0, 0, 0, 0, 140, 140, 77]), // JUMP_BACKWARD
    (Op::JumpBackward, [0, 0, 0, 0, 0, 0, 134, 134, 78]), // JUMP_BACKWARD_NO_INTERRUPT
    (Op::JumpForward, [110, 110, 110, 110, 110, 110, 110, 110, 79]), // JUMP_FORWARD
    (Op::JumpOrPop(false), [111, 111, 111, 111, 111, 111, 111, 0, 0]), // JUMP_IF_FALSE_OR_POP
    (Op::PopTwo, [0, 0, 0, 0, 121, 121, 0, 0, 0]), // JUMP_IF_NOT_EXC_MATCH
    (Op::JumpOrPop(true), [112, 112, 112, 112, 112, 112, 112, 0, 0]), // JUMP_IF_TRUE_OR_POP
    (Op::KwNames, [0, 0, 0, 0, 0, 0, 172, 172, 0]), // KW_NAMES
    (Op::ListAppend, [94, 145, 145, 145, 145, 145, 145, 145, 80]), // LIST_APPEND
    (Op::ListExtend, [0, 0, 0, 0, 162, 162, 162, 162, 81]), // LIST_EXTEND
    (Op::NoEffect, [0, 0, 0, 0, 82, 82, 82, 0, 0]), // LIST_TO_TUPLE
    (Op::LoadUnknown, [0, 0, 0, 0, 74, 74, 74, 74, 23]), // LOAD_ASSERTION_ERROR
    (Op::LoadAttr, [106, 106, 106, 106, 106, 106, 106, 106, 82]), // LOAD_ATTR
    (Op::LoadBuildClass, [0, 71, 71, 71, 71, 71, 71, 71, 24]), // LOAD_BUILD_CLASS
    (Op::LoadDeref, [0, 148, 148, 148, 148, 148, 148, 0, 0]), // LOAD_CLASSDEREF
    (Op::LoadDeref, [135, 135, 135, 135, 135, 135, 136, 136, 0]), // LOAD_CLOSURE
    (Op::LoadConst, [100, 100, 100, 100, 100, 100, 100, 100, 83]), // LOAD_CONST
    (Op::LoadDeref, [136, 136, 136, 136, 136, 136, 137, 137, 84]), // LOAD_DEREF
    (Op::LoadFast, [124, 124, 124, 124, 124, 124, 124, 124, 85]), // LOAD_FAST
    (Op::LoadFast, [0, 0, 0, 0, 0, 0, 0, 143, 86]), // LOAD_FAST_AND_CLEAR
    (Op::LoadFast, [0, 0, 0, 0, 0, 0, 0, 127, 87]), // LOAD_FAST_CHECK
    (Op::LoadFastLoadFast, [0, 0, 0, 0, 0, 0, 0, 0, 88]), // LOAD_FAST_LOAD_FAST
    (Op::LoadFromDictOrDeref, [0, 0, 0, 0, 0, 0, 0, 176, 89]), // LOAD_FROM_DICT_OR_DEREF
    (Op::LoadFromDictOrGlobals, [0, 0, 0, 0, 0, 0, 0, 175, 90]), // LOAD_FROM_DICT_OR_GLOBALS
    (Op::LoadGlobal, [116, 116, 116, 116, 116, 116, 116, 116, 91]), // LOAD_GLOBAL
    (Op::LoadUnknown, [82, 0, 0, 0, 0, 0, 0, 87, 25]), // LOAD_LOCALS
    (Op::LoadMethod, [0, 0, 160, 160, 160, 160, 160, 0, 0]), // LOAD_METHOD
    (Op::LoadName, [101, 101, 101, 101, 101, 101, 101, 101, 92]), // LOAD_NAME
    (Op::LoadSuperAttr, [0, 0, 0, 0, 0, 0, 0, 141, 93]), // LOAD_SUPER_ATTR
    (Op::NoEffect, [0, 0, 0, 0, 0, 0, 135, 135, 94]), // MAKE_CELL
    (Op::MakeClosure, [134, 0, 0, 0, 0, 0, 0, 0, 0]), // MAKE_CLOSURE
    (Op::MakeFunction, [132, 132, 132, 132, 132, 132, 132, 132, 26]), // MAKE_FUNCTION
    (Op::MapAdd, [147, 147, 147, 147, 147, 147, 147, 147, 95]), // MAP_ADD
    (Op::PopTwo, [0, 0, 0, 0, 0, 152, 152, 152, 96]), // MATCH_CLASS
    (Op::LoadUnknown, [0, 0, 0, 0, 0, 33, 33, 33, 27]), // MATCH_KEYS
    (Op::LoadUnknown, [0, 0, 0, 0, 0, 31, 31, 31, 28]), // MATCH_MAPPING
    (Op::LoadUnknown, [0, 0, 0, 0, 0, 32, 32, 32, 29]), // MATCH_SEQUENCE
    (Op::NoEffect, [9, 9, 9, 9, 9, 9, 9, 9, 30]), // NOP
    (Op::NoEffect, [87, 87, 87, 87, 87, 87, 0, 0, 0]), // POP_BLOCK
    (Op::PopExcept, [0, 89, 89, 89, 89, 89, 89, 89, 31]), // POP_EXCEPT
    (Op::NoEffect, [0, 0, 0, 163, 0, 0, 0, 0, 0]), // POP_FINALLY
    (Op::PopJumpBack(When::False), [0, 0, 0, 0, 0, 0, 175, 0, 0]), // POP_JUMP_BACKWARD_IF_FALSE
    (Op::PopJumpBack(When::None), [0, 0, 0, 0, 0, 0, 174, 0, 0]), // POP_JUMP_BACKWARD_IF_NONE
    (Op::PopJumpBack(When::NotNone), [0, 0, 0, 0, 0, 0, 173, 0, 0]), // POP_JUMP_BACKWARD_IF_NOT_NONE
    (Op::PopJumpBack(When::True), [0, 0, 0, 0, 0, 0, 176, 0, 0]), // POP_JUMP_BACKWARD_IF_TRUE
    (Op::PopJump(When::False), [0, 0, 0, 0, 0, 0, 114, 0, 0]), // POP_JUMP_FORWARD_IF_FALSE
    (Op::PopJump(When::None), [0, 0, 0, 0, 0, 0, 129, 0, 0]), // POP_JUMP_FORWARD_IF_NONE
    (Op::PopJump(When::NotNone), [0, 0, 0, 0, 0, 0, 128, 0, 0]), // POP_JUMP_FORWARD_IF_NOT_NONE
    (Op::PopJump(When::True), [0, 0, 0, 0, 0, 0, 115, 0, 0]), // POP_JUMP_FORWARD_IF_TRUE
    (Op::PopJump(When::False), [114, 114, 114, 114, 114, 114, 0, 114, 97]), // POP_JUMP_IF_FALSE
    (Op::PopJump(When::None), [0, 0, 0, 0, 0, 0, 0, 129, 98]), // POP_JUMP_IF_NONE
    (Op::PopJump(When::NotNone), [0, 0, 0, 0, 0, 0, 0, 128, 99]), // POP_JUMP_IF_NOT_NONE
    (Op::PopJump(When::True), [115, 115, 115, 115, 115, 115, 0, 115, 100]), // POP_JUMP_IF_TRUE
    (Op::PopTop, [1, 1, 1, 1, 1, 1, 1, 1, 32]), // POP_TOP
    (Op::NoEffect, [0, 0, 0, 0, 0, 0, 166, 0, 0]), // PRECALL
    (Op::PopTop, [70, 70, 70, 70, 70, 70, 70, 0, 0]), // PRINT_EXPR
    (Op::PrintItem, [71, 0, 0, 0, 0, 0, 0, 0, 0]), // PRINT_ITEM
    (Op::PrintItemTo, [73, 0, 0, 0, 0, 0, 0, 0, 0]), // PRINT_ITEM_TO
    (Op::NoEffect, [72, 0, 0, 0, 0, 0, 0, 0, 0]), // PRINT_NEWLINE
    (Op::PopTop, [74, 0, 0, 0, 0, 0, 0, 0, 0]), // PRINT_NEWLINE_TO
    (Op::PushExcInfo, [0, 0, 0, 0, 0, 0, 35, 35, 33]), // PUSH_EXC_INFO
    (Op::PushNull, [0, 0, 0, 0, 0, 0, 2, 2, 34]), // PUSH_NULL
    (Op::Raise, [130, 130, 130, 130, 130, 130, 130, 130, 101]), // RAISE_VARARGS
    (Op::Reraise, [0, 0, 0, 0, 48, 119, 119, 119, 102]), // RERAISE
    (Op::NoEffect, [0, 0, 0, 0, 0, 0, 151, 151, 149]), // RESUME
    (Op::ReturnConst, [0, 0, 0, 0, 0, 0, 0, 121, 103]), // RETURN_CONST
    (Op::LoadUnknown, [0, 0, 0, 0, 0, 0, 75, 75, 35]), // RETURN_GENERATOR
    (Op::Return, [83, 83, 83, 83, 83, 83, 83, 83, 36]), // RETURN_VALUE
    (Op::RotFour, [5, 0, 0, 6, 6, 6, 0, 0, 0]), // ROT_FOUR
    (Op::RotN, [0, 0, 0, 0, 0, 99, 0, 0, 0]), // ROT_N
    (Op::RotThree, [3, 3, 3, 3, 3, 3, 0, 0, 0]), // ROT_THREE
    (Op::RotTwo, [2, 2, 2, 2, 2, 2, 0, 0, 0]), // ROT_TWO
    (Op::Send, [0, 0, 0, 0, 0, 0, 123, 123, 104]), // SEND
    (Op::NoEffect, [0, 85, 85, 85, 85, 85, 85, 85, 37]), // SETUP_ANNOTATIONS
    (Op::NoEffect, [0, 154, 154, 154, 154, 154, 0, 0, 0]), // SETUP_ASYNC_WITH
    (Op::SetupTry, [121, 121, 121, 0, 0, 0, 0, 0, 0]), // SETUP_EXCEPT
    (Op::SetupTry, [122, 122, 122, 122, 122, 122, 0, 0, 0]), // SETUP_FINALLY
    (Op::NoEffect, [120, 120, 120, 0, 0, 0, 0, 0, 0]), // SETUP_LOOP
    (Op::With, [143, 143, 143, 143, 143, 143, 0, 0, 0]), // SETUP_WITH
    (Op::ListAppend, [146, 146, 146, 146, 146, 146, 146, 146, 105]), // SET_ADD
    (Op::SetFunctionAttribute, [0, 0, 0, 0, 0, 0, 0, 0, 106]), // SET_FUNCTION_ATTRIBUTE
    (Op::ListExtend, [0, 0, 0, 0, 163, 163, 163, 163, 107]), // SET_UPDATE
    (Op::Slice(0), [30, 0, 0, 0, 0, 0, 0, 0, 0]), // SLICE+0
    (Op::Slice(1), [31, 0, 0, 0, 0, 0, 0, 0, 0]), // SLICE+1
    (Op::Slice(2), [32, 0, 0, 0, 0, 0, 0, 0, 0]), // SLICE+2
    (Op::Slice(3), [33, 0, 0, 0, 0, 0, 0, 0, 0]), // SLICE+3
    (Op::PopTop, [0, 127, 0, 0, 0, 0, 0, 0, 0]), // STORE_ANNOTATION
    (Op::StoreAttr, [95, 95, 95, 95, 95, 95, 95, 95, 108]), // STORE_ATTR
    (Op::StoreDeref, [137, 137, 137, 137, 137, 137, 138, 138, 109]), // STORE_DEREF
    (Op::StoreFast, [125, 125, 125, 125, 125, 125, 125, 125, 110]), // STORE_FAST
    (Op::StoreFastLoadFast, [0, 0, 0, 0, 0, 0, 0, 0, 111]), // STORE_FAST_LOAD_FAST
    (Op::StoreFastStoreFast, [0, 0, 0, 0, 0, 0, 0, 0, 112]), // STORE_FAST_STORE_FAST
    (Op::StoreGlobal, [97, 97, 97, 97, 97, 97, 97, 97, 113]), // STORE_GLOBAL
    (Op::StoreMap, [54, 0, 0, 0, 0, 0, 0, 0, 0]), // STORE_MAP
    (Op::StoreName, [90, 90, 90, 90, 90, 90, 90, 90, 114]), // STORE_NAME
    (Op::StoreSlice, [0, 0, 0, 0, 0, 0, 0, 27, 38]), // STORE_SLICE
    (Op::OldStoreSlice(0), [40, 0, 0, 0, 0, 0, 0, 0, 0]), // STORE_SLICE+0
    (Op::OldStoreSlice(1), [41, 0, 0, 0, 0, 0, 0, 0, 0]), // STORE_SLICE+1
    (Op::OldStoreSlice(2), [42, 0, 0, 0, 0, 0, 0, 0, 0]), // STORE_SLICE+2
    (Op::OldStoreSlice(3), [43, 0, 0, 0, 0, 0, 0, 0, 0]), // STORE_SLICE+3
    (Op::StoreSubscript, [60, 60, 60, 60, 60, 60, 60, 60, 39]), // STORE_SUBSCR
    (Op::Swap, [0, 0, 0, 0, 0, 0, 99, 99, 115]), // SWAP
    (Op::NoEffect, [0, 0, 0, 0, 0, 0, 0, 0, 40]), // TO_BOOL
    (Op::Represent, [13, 0, 0, 0, 0, 0, 0, 0, 0]), // UNARY_CONVERT
    (Op::Unary(Unary::Invert), [15, 15, 15, 15, 15, 15, 15, 15, 41]), // UNARY_INVERT
    (Op::Unary(Unary::Minus), [11, 11, 11, 11, 11, 11, 11, 11, 42]), // UNARY_NEGATIVE
    (Op::Unary(Unary::Not), [12, 12, 12, 12, 12, 12, 12, 12, 43]), // UNARY_NOT
    (Op::Unary(Unary::Plus), [10, 10, 10, 10, 10, 10, 10, 0, 0]), // UNARY_POSITIVE
    (Op::UnpackEx, [0, 94, 94, 94, 94, 94, 94, 94, 116]), // UNPACK_EX
    (Op::UnpackSequence, [92, 92, 92, 92, 92, 92, 92, 92, 117]), // UNPACK_SEQUENCE
    (Op::NoEffect, [81, 0, 0, 0, 0, 0, 0, 0, 0]), // WITH_CLEANUP
    (Op::NoEffect, [0, 82, 82, 82, 0, 0, 0, 0, 0]), // WITH_CLEANUP_FINISH
    (Op::NoEffect, [0, 81, 81, 81, 0, 0, 0, 0, 0]), // WITH_CLEANUP_START
    (Op::LoadUnknown, [0, 0, 0, 0, 49, 49, 49, 49, 44]), // WITH_EXCEPT_START
    (Op::PopTop, [0, 72, 72, 72, 72, 72, 0, 0, 0]), // YIELD_FROM
    (Op::Yield, [86, 86, 86, 86, 86, 86, 86, 150, 118]), // YIELD_VALUE
];
