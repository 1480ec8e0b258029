//! Compiled code does what its source does, whatever version compiled it.

use model::{Behavior, Budget, Entry, Fact};
use proptest::prelude::*;

use super::*;
use crate::encoding::{base64, to_text};
use crate::world::{Lowered, World};

macro_rules! fixtures {
    ($name:literal, $($version:literal)*) => {
        [$((
            concat!($name, ".", $version),
            &include_bytes!(concat!("fixtures/", $name, ".", $version, ".pyc"))[..],
        )),*]
    };
}

fn lowered(text: &str) -> Lowered {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    super::super::lower(&mut world, text);
    world.finish()
}

/// What a text does, without where and in which words it says so.
fn acts(text: &str) -> Vec<String> {
    let lowered = lowered(text);
    assert_eq!(lowered.gaps, []);
    lowered
        .acts
        .iter()
        .map(|act| format!("{:?}", act.behavior))
        .collect()
}

#[test]
fn compiled_code_does_what_its_source_does() {
    let cases = [
        (
            include_str!("fixtures/shell.py"),
            &fixtures!("shell", "27" "36" "37" "38" "39" "310" "311" "312" "313")[..],
        ),
        (
            include_str!("fixtures/hidden.py"),
            &fixtures!("hidden", "27" "36" "37" "38" "39" "310" "311" "312" "313")[..],
        ),
        (
            include_str!("fixtures/flow.py"),
            &fixtures!("flow", "27" "36" "37" "38" "39" "310" "311" "312" "313")[..],
        ),
        (
            include_str!("fixtures/new.py"),
            &fixtures!("new", "36" "37" "38" "39" "310" "311" "312" "313")[..],
        ),
    ];
    for (source, compiled) in cases {
        let mut expected = acts(source);
        expected.sort();
        assert!(!expected.is_empty());
        for (name, bytes) in compiled {
            let mut found = acts(&to_text(bytes));
            // Handlers of exceptions are compiled more than once.
            found.sort();
            found.dedup();
            expected.dedup();
            assert_eq!(found, expected, "{name}");
        }
    }
}

#[test]
fn every_instruction_of_the_fixtures_fits() {
    for (name, bytes) in fixtures!("flow", "27" "36" "37" "38" "39" "310" "311" "312" "313") {
        let version = of_file(bytes).unwrap();
        let code = marshal::code(&bytes[version.header()..], version).unwrap();
        let shared = Shared::new(version, Rc::from(""), bytes.len());
        Unit::new(&code, &shared, 0).run();
        assert!(shared.misfits.get() < 8, "{name}: {}", shared.misfits.get());
        let (_, told) = of_any_version(&bytes[version.header()..]).unwrap();
        let layout =
            |version| [Version::V36, Version::V38, Version::V311].map(|from| version >= from);
        assert_eq!(layout(told), layout(version), "{name} is told as {told:?}");
    }
}

#[test]
fn a_file_is_read_and_shows_what_it_does() {
    for (name, bytes) in fixtures!("shell", "27" "36" "311" "313") {
        let entry = Entry::file("opt/x.pyc", bytes.len() as u64);
        let reading = crate::file(&entry, bytes, &Budget::default(), None);
        let program = reading.facts.iter().find_map(|fact| match fact {
            Fact::Program(program) => Some(program),
            _ => None,
        });
        let program = program.unwrap();
        assert!(program.declared, "{name}");
        let connect = program
            .acts
            .iter()
            .find(|act| matches!(act.behavior, Behavior::Connect { .. }));
        assert_eq!(
            connect.unwrap().evidence,
            r#"s.connect(("192.0.2.1", 4444))"#,
            "{name}"
        );
    }
}

#[test]
fn marshalled_code_in_source_is_read() {
    for (name, bytes) in fixtures!("shell", "27" "36" "38" "310" "311" "312" "313") {
        let code = base64::encode(&bytes[of_file(bytes).unwrap().header()..]);
        for text in [
            format!("import marshal,base64\nexec(marshal.loads(base64.b64decode('{code}')))"),
            format!(
                "import types,marshal,base64\ntypes.FunctionType(marshal.loads(base64.b64decode('{code}')),globals())()"
            ),
        ] {
            let connects = |lowered: &Lowered| {
                lowered.acts.iter().any(|act| matches!(&act.behavior, Behavior::Connect { host, .. } if host.text == "192.0.2.1"))
            };
            assert!(connects(&lowered(&text)), "{name}");
        }
    }
}

#[test]
fn code_made_of_itself_ends() {
    // A tuple that refers to itself, and code whose constants are tuples of tuples.
    let mut bytes = b"\xa7\x0d\r\n\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend([0xa9, 2, b'r', 0, 0, 0, 0, b'r', 0, 0, 0, 0].repeat(50));
    assert!(names(&to_text(&bytes)).is_none());
    assert_eq!(lowered(&to_text(&bytes)).acts.len(), 0);
}

#[test]
fn code_that_is_shared_without_end_ends() {
    // Each code object makes two functions of the next one: the second by reference.
    let mut inner = b")\0".to_vec();
    for level in (1..24_u32).rev() {
        let code = code_of(&inner);
        inner = [&b")\x02"[..], &code, b"r", &level.to_le_bytes()].concat();
    }
    let bytes = [
        &b"\xa7\x0d\r\n\0\0\0\0\0\0\0\0\0\0\0\0"[..],
        &code_of(&inner),
    ]
    .concat();
    let text = to_text(&bytes);
    assert!(names(&text).is_some());
    assert_eq!(module(&text).damage.len(), 1);
}

/// A code object of 3.11 with these constants, of which it makes functions.
fn code_of(constants: &[u8]) -> Vec<u8> {
    let instructions = [100, 0, 132, 0, 1, 0, 100, 1, 132, 0, 1, 0, 100, 0, 83, 0];
    let length = u32::try_from(instructions.len()).unwrap().to_le_bytes();
    let rest = b")\0)\0s\0\0\0\0z\x01xz\x01xz\x01x\0\0\0\0s\0\0\0\0s\0\0\0\0";
    [
        &[0xe3][..],
        &[0; 20],
        b"s",
        &length,
        &instructions,
        constants,
        rest,
    ]
    .concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damaged_code_never_panics(at in any::<prop::sample::Index>(), value in any::<u8>(), which in 0_usize..9) {
        let fixtures = fixtures!("flow", "27" "36" "37" "38" "39" "310" "311" "312" "313");
        let mut bytes = fixtures[which].1.to_vec();
        let at = 16 + at.index(bytes.len() - 16);
        bytes[at] = value;
        lowered(&to_text(&bytes));
    }

    #[test]
    fn arbitrary_instructions_never_panic(code in prop::collection::vec(any::<u8>(), 0..400), which in 0_usize..9) {
        let version = Version::ALL[which];
        let name = || Object::Text("x".into());
        let code = Code {
            arguments: 1,
            named: 0,
            flags: 0,
            code: code.into(),
            constants: vec![Object::Int(1), name(), Object::None].into(),
            names: vec![name(); 4].into(),
            locals: vec![name(); 4].into(),
            cells: vec![name()],
            name: "x".into(),
        };
        statements(&code, version, 4_096);
    }
}
