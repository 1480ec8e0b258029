//! Honest code, and texts that break parsers.

use super::lowered;

#[test]
fn ordinary_modules_do_nothing_that_is_told() {
    for script in [
        "package Foo::Bar;\nuse strict;\nuse warnings;\nour $VERSION = '1.0';\nsub new { my ($class, %args) = @_; return bless { %args }, $class; }\n1;\n__END__\n=head1 system('x')\n",
        "my %h; $h{$_}++ for qw(a b c); print join(', ', map { \"$_=$h{$_}\" } sort keys %h), \"\\n\"; eval { 1 };",
        "use POSIX qw(floor); my $x = floor(3.7) / 2; my ($y) = $x =~ m{(\\d+)/(\\d+)}; # exec\nprint $y // 'none', \"\\n\"; open_it(); sub open_it { return 1 }",
    ] {
        let lowered = lowered(script);
        assert!(lowered.acts.is_empty(), "{:?} of {script}", lowered.acts);
        assert!(lowered.gaps.is_empty(), "{:?} of {script}", lowered.gaps);
    }
}

#[test]
fn hostile_texts_end() {
    let texts = [
        format!("system {}'x'{};", "(".repeat(5_000), ")".repeat(5_000)),
        format!("system {}'x';", "'a'.".repeat(20_000)),
        format!("eval {}1{};", "[".repeat(3_000), "]".repeat(3_000)),
        format!("eval $a{};", "->b()".repeat(10_000)),
        format!("eval {}1;", "!".repeat(10_000)),
        format!("eval {}", "{".repeat(10_000)),
        format!("eval {};", "$".repeat(10_000)),
        format!("eval \"{}\";", "@{[".repeat(2_000)),
        format!("system 'a'; {}", "s/a/b/e;".repeat(5_000)),
        "system 'x'; my $s = 'x'; for (;;) { $s .= $s; }".to_owned(),
        "system 'x'; while (1) { push @a, @a, 1; }".to_owned(),
    ];
    for text in &texts {
        lowered(text);
    }
    for broken in [
        "system(",
        "eval {",
        "my $x = q{",
        "s/a/",
        "<<E;",
        "print <<",
        "$h{",
        "sub {",
        "@{",
        "qw(",
        "tr/a",
        "if (",
        "=pod\nsystem",
        "system \"$",
        "system \"@{[",
        "y///",
        "s{}{}",
        "m",
        "system <",
        "*{",
        "&{",
        "$#{",
    ] {
        lowered(&format!("system 'x'; {broken}"));
        lowered(broken);
    }
}
