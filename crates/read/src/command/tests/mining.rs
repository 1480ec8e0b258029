//! Miners and what only resembles them.

use super::*;

/// A Monero address in form only: its checksum is wrong.
const WALLET: &str = "46BeWrHpwXmHDpDEUmZBWZfoQpdc6HaERCNmx1pEYL2rAcuwufPN9rXHHtyUA4QVy66qeFQkn6sfK8aHYjA3jk3o1Bv16em";

fn mined(line: &str) -> Option<String> {
    let mut acts = acts(line);
    acts.retain(|act| act.starts_with("mine "));
    acts.pop()
}

#[test]
fn a_miner_under_any_name() {
    for line in [
        format!("xmrig -o pool.example.com:3333 -u {WALLET} -p x"),
        format!("./kworker --url pool.example.com:3333 --user={WALLET}.worker"),
        format!("nohup /tmp/.x/sshd -o stratum+tcp://pool.example.com:3333 -u {WALLET} -k --donate-level 1"),
        format!("sudo nice -n 19 ./ps -u {WALLET} -o pool.example.com:3333"),
        format!("docker run --rm miner/image -o pool.example.com:3333 -u {WALLET}"),
        "minerd -a cryptonight -o stratum+tcp://pool.example.com:3333 -u user -p x".to_owned(),
        "x --algo rx/0 -o pool.example.com:3333 -u name".to_owned(),
        "x -a kawpow -o pool.example.com:3333 -u name -p x".to_owned(),
        "x -o pool.example.com:3333 -u name.worker -p x".to_owned(),
        "ethminer -P stratum1+tcp://0x00112233445566778899aabbccddeeff00112233.rig@pool.example.com:4444".to_owned(),
        "PhoenixMiner -pool pool.example.com:4444 -wal 0x00112233445566778899aabbccddeeff00112233".to_owned(),
        "./x --cpu-max-threads-hint=50 --randomx-1gb-pages".to_owned(),
        "./x --nicehash --coin=monero".to_owned(),
    ] {
        assert!(mined(&line).is_some(), "{line}");
    }
    let line = format!("./x -o pool.example.com:3333 -u {WALLET} --algo rx/0");
    assert_eq!(
        mined(&line),
        Some(format!("mine pool.example.com:3333 {WALLET} rx/0"))
    );
}

#[test]
fn what_only_resembles_a_miner() {
    for line in [
        "curl -o x -u user:password https://h.example:8443/x",
        "ssh -o StrictHostKeyChecking=no -p 2222 user@h.example",
        "sort -u -o out in",
        "gcc -o a -u symbol main.c",
        "psql -h db -p 5432 -U postgres",
        "mysql -u root -p x -h db:3306",
        "redis-server --port 6379 --user x",
        "java -jar app.jar --server.port=8080 --url=jdbc:postgresql://db:5432/x",
        "gunicorn -w 4 -b 0.0.0.0:8000 app:app",
        "xmrig -c config.json",
        "openssl enc -a -in x",
        "tar -C / -xf x.tar",
        "app --url http://backend:8080 --user admin --pass x --worker 4",
        "ffmpeg -i in -s 1280x720 -a 1 out",
        "iptables -A OUTPUT -m string --string stratum+tcp:// -j DROP",
        "uwsgi -s 127.0.0.1:3031 -w wsgi -p 4",
        "nginx -g 'daemon off;'",
    ] {
        assert_eq!(mined(line), None, "{line}");
    }
}
