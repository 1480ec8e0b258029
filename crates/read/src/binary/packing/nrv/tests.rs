//! One text, compressed by the UCL library in each variant.

use super::*;

const CASES: &[(Variant, Bits, &str)] = &[
    (
        Variant::B,
        Bits::Eight,
        "ec616263023f64203031ff3233343536373839b22011bb710008a88409941810ac40000000000120ff",
    ),
    (
        Variant::B,
        Bits::Sixteen,
        "3fec6162630264203031b2ff3233343536373839201108bb710084a81809944010ac000000002001ff",
    ),
    (
        Variant::B,
        Bits::ThirtyTwo,
        "b2ff3fec61626302642030313233343536373839201184a808bb71004010180994ac0000000000002001ff",
    ),
    (
        Variant::D,
        Bits::Eight,
        "ec616263057f6420303132ff33343536373839206a23ec710145442054292056591249249254ff",
    ),
    (
        Variant::D,
        Bits::Sixteen,
        "7fec6162630564203031326aff33343536373839202345ec7101204420542912565924495492ff",
    ),
    (
        Variant::D,
        Bits::ThirtyTwo,
        "6aff7fec616263056420303132333435363738392023204445ec710112562054295954922449ff",
    ),
    (
        Variant::E,
        Bits::Eight,
        "ec616263053f6420303132ff33343536373839206a236c710145416051296052591249249254ff",
    ),
    (
        Variant::E,
        Bits::Sixteen,
        "3fec6162630564203031326aff333435363738392023456c7101604160512912525924495492ff",
    ),
    (
        Variant::E,
        Bits::ThirtyTwo,
        "6aff3fec6162630564203031323334353637383920236041456c710112526051295954922449ff",
    ),
];

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

#[test]
fn every_variant_is_undone() {
    let q = "q".repeat(1_400);
    let text = format!("abcabcabcabd 0123456789 abcabd 0123456789 {q}0123456789 abcabcabcabd");
    for (variant, bits, hex) in CASES {
        let undone = decode(&bytes(hex), *variant, *bits, 1 << 20);
        assert_eq!(
            undone
                .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .as_deref(),
            Some(text.as_str()),
            "{variant:?} {bits:?}"
        );
    }
}

#[test]
fn damage_and_bounds_end_it() {
    for (variant, bits, hex) in CASES {
        let mut packed = bytes(hex);
        assert_eq!(decode(&packed, *variant, *bits, 100), None);
        packed.truncate(20);
        assert_eq!(decode(&packed, *variant, *bits, 1 << 20), None);
        for at in 0..packed.len() {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x55;
            let _ = decode(&damaged, *variant, *bits, 1 << 16);
        }
    }
}
