//! What a compiled program is made of: the facts that the acts of [`crate::Program`] cannot say.

use serde::{Deserialize, Serialize};

/// An ELF file, as far as a rule may want to know it. Kept only if there is something to say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binary {
    /// What the system does with it.
    pub form: Form,
    /// What its code is hidden in, if it is.
    pub packing: Option<Packing>,
    /// Functions of the C library that it defines in its place, for a library.
    pub hooks: Vec<String>,
    /// Whether it asks for the function that its own stands in front of (`dlsym`).
    pub calls_next: bool,
    /// Vocabularies of which it holds words, with those words.
    pub marks: Vec<Mark>,
}

/// What the system does with an ELF file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Runs it.
    #[default]
    Program,
    /// Loads it into a program.
    Library,
    /// Loads it into the kernel.
    KernelModule,
    /// Nothing: an object file, a memory image.
    Other,
}

/// How the code of a program is hidden until it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packing {
    /// What did it, as far as the structure tells: `UPX`, or words for the structure.
    pub by: String,
    /// Whether the structure was damaged so that the packer's own tool cannot undo it.
    pub is_damaged: bool,
    /// Whether it was undone here, and the content read.
    pub is_undone: bool,
}

/// A vocabulary that speaks of one thing. One word of it says little; several words of several
/// vocabularies say what a program is for, however it is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vocabulary {
    /// Messages between miner and pool.
    PoolProtocol,
    /// Options of miners.
    MinerOption,
    /// Names of mined algorithms.
    MinedAlgorithm,
    /// Constants in the code of mined algorithms.
    MinedConstant,
    /// What miners tell their user.
    MiningReport,
    /// Names of floods against others.
    FloodCommand,
    /// What a program says to a chat server it takes orders from.
    ChatOrder,
    /// Passwords that devices leave the factory with.
    FactoryPassword,
    /// Commands that carry a program to the next device.
    SpreadCommand,
    /// Files that tell of other processes and connections, or that name hiding.
    ProcessView,
    /// Functions of the kernel that answer what runs, listens and lies where.
    KernelView,
    /// Ways to change functions of a running kernel.
    KernelPatch,
    /// Ways to make a process root inside the kernel.
    KernelCredential,
    /// Machine code of a backdoor planted in a well-known library.
    PlantedCode,
}

impl Vocabulary {
    /// The words for it in a report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PoolProtocol => "messages to a mining pool",
            Self::MinerOption => "options of a miner",
            Self::MinedAlgorithm => "names of mined algorithms",
            Self::MinedConstant => "constants of mined algorithms",
            Self::MiningReport => "reports of a miner",
            Self::FloodCommand => "names of floods",
            Self::ChatOrder => "messages to a chat server",
            Self::FactoryPassword => "factory passwords",
            Self::SpreadCommand => "commands that carry it further",
            Self::ProcessView => "views of processes and connections",
            Self::KernelView => "kernel functions that show what runs",
            Self::KernelPatch => "ways to change the kernel",
            Self::KernelCredential => "ways to become root",
            Self::PlantedCode => "code of a planted backdoor",
        }
    }
}

/// Words of one vocabulary that stand in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Which.
    pub vocabulary: Vocabulary,
    /// The words, printable.
    pub words: Vec<String>,
}

impl Binary {
    /// The words of a vocabulary that it holds.
    pub fn words(&self, vocabulary: Vocabulary) -> &[String] {
        let mark = self.marks.iter().find(|mark| mark.vocabulary == vocabulary);
        mark.map_or(&[], |mark| &mark.words)
    }
}
