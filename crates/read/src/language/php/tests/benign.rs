//! Honest code next to what is not.

use super::{acts, lowered};

#[test]
fn what_is_checked_is_not_run() {
    for script in [
        "<?php system('ls '.escapeshellarg($_GET['d']));",
        "<?php passthru('convert -resize '.intval($_GET['w']).' a.png');",
        "<?php exec('ping -c '.(int)$_GET['n'].' localhost');",
        "<?php if (in_array($_GET['a'], ['x', 'y'])) { system('svc '.$_GET['a']); }",
    ] {
        let all = acts(script);
        assert!(
            !all.iter().any(|act| act.contains("{request")),
            "{all:?} of {script}"
        );
    }
}

#[test]
fn ordinary_applications_do_nothing_that_is_told() {
    for script in [
        "<?php echo htmlspecialchars($_GET['name']);",
        "<?php require_once __DIR__ . '/vendor/autoload.php'; $app = new App(); $app->run();",
        "<?php return ['debug' => getenv('DEBUG'), 'url' => 'http://localhost'];",
        "<html><body>plain text `with` backticks</body></html>",
        "<?xml version=\"1.0\"?><a/>",
        "<?php namespace A\\B; use C\\D as E; final class X extends E implements Y { const Z = 1; public function f(int $a, ?string $b = null): array { return array_map(fn($x) => $x * 2, [$a]); } }",
    ] {
        let lowered = lowered(script);
        assert!(lowered.acts.is_empty(), "{:?} of {script}", lowered.acts);
        assert!(lowered.gaps.is_empty(), "{:?} of {script}", lowered.gaps);
    }
}

#[test]
fn hostile_texts_end() {
    let deep = format!("<?php eval({}'x'{});", "(".repeat(5_000), ")".repeat(5_000));
    let chain = format!("<?php system({}'x');", "'a'.".repeat(20_000));
    let arrays = format!("<?php eval({}1{});", "[".repeat(3_000), "]".repeat(3_000));
    let calls = format!("<?php eval($a{});", "->b()".repeat(10_000));
    let nots = format!("<?php eval({}1);", "!".repeat(10_000));
    let turns =
        "<?php for ($i = 0; $i < 1e12; $i++) { $s .= 'aaaaaaaaaaaaaaaa'; } eval($s);".to_owned();
    for script in [deep, chain, arrays, calls, nots, turns] {
        lowered(&script);
    }
    for broken in [
        "<?php eval(",
        "<?php $a = [",
        "<?php if (",
        "<?php \"$",
        "<?php <<<A",
        "<?= $",
        "<?php function",
        "<?php class {",
    ] {
        lowered(broken);
    }
}
