//! Lines that only Perl code has.

/// Whether a line is one that only Perl code has.
pub fn is_line(line: &str) -> bool {
    let starts = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    let is_variable = |text: &str| {
        text.strip_prefix(['$', '@', '%'])
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
    };
    if let Some(rest) = line
        .strip_prefix("use ")
        .or_else(|| line.strip_prefix("no "))
    {
        return line.ends_with(';') && !rest.contains(" from ") && !rest.contains("\\");
    }
    if starts(&["my ", "our ", "local "]) {
        let rest = line
            .split_once(' ')
            .map_or("", |(_, rest)| rest.trim_start_matches(['(', ' ']));
        return is_variable(rest);
    }
    let assigned = is_variable(line)
        && line.contains('=')
        && line.ends_with([';', '{', ',', '('])
        && !line.contains("=>")
        && !line.starts_with("$(")
        && !line.contains("$this->");
    assigned
        || starts(&["sub ", "package "]) && line.ends_with(['{', ';', '}'])
        || starts(&[
            "print STDERR ",
            "print $",
            "print {",
            "bless ",
            "__END__",
            "__PACKAGE__",
            "=cut",
        ])
        || starts(&[
            "exit if fork",
            "socket(",
            "connect(",
            "open(STD",
            "exec{",
            "unless (",
        ])
        || starts(&["if ($", "while ($", "while (<", "foreach my $", "} elsif ("])
            && line.ends_with('{')
        || starts(&[
            "return ",
            "push @",
            "die ",
            "next if ",
            "last if ",
            "next unless ",
            "last unless ",
        ]) && line.ends_with(';')
            && line.contains(['$', '@'])
}
