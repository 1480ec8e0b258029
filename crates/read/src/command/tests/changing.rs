//! Files and the system changed.

use model::{Act, Language, Provenance, Value};

use super::*;
use crate::language;

#[test]
fn files_are_changed() {
    check(&[
        ("chmod +x /tmp/x", "mode +x /tmp/x"),
        ("chmod -R 777 /a /b", "mode 777 /a ; mode 777 /b"),
        ("chmod 4755 /tmp/sh", "mode 4755 /tmp/sh"),
        ("chmod -x /a", "mode -x /a"),
        ("chattr +i /etc/crontab", "attribute +i /etc/crontab"),
        ("chattr -R -ia /root/.ssh", "attribute -ia /root/.ssh"),
        ("rm -rf /var/log /tmp/x", "delete /var/log ; delete /tmp/x"),
        ("shred -n 3 -zu /var/log/wtmp", "delete /var/log/wtmp"),
        ("truncate -s 0 /var/log/wtmp", "delete /var/log/wtmp"),
        ("unlink /x", "delete /x"),
        (
            "install -m 4755 /bin/sh /tmp/x",
            "read /bin/sh ; mode 4755 /tmp/x",
        ),
        ("mkdir -p /a", ""),
        ("mkfifo /tmp/f", ""),
        ("mknod /tmp/f p", ""),
        ("mknod /dev/x b 8 0", "execute mknod /dev/x b 8 0"),
        ("touch -r /bin/ls /tmp/x", ""),
        ("cp -a /a /b", "read /a"),
        ("crontab -r", "delete /var/spool/cron/crontabs/root"),
        ("crontab -u www -r", "delete /var/spool/cron/crontabs/www"),
        (
            "dd if=/etc/shadow of=/tmp/x",
            "read /etc/shadow ; write /tmp/x > `{content of /etc/shadow}`",
        ),
    ]);
}

#[test]
fn what_is_piped_in_is_written() {
    for (line, expected) in [
        ("tee /tmp/x", "write /tmp/x > `a\n`"),
        ("tee -a /etc/hosts", "write /etc/hosts >> `a\n`"),
        ("sudo tee --append /etc/hosts", "write /etc/hosts >> `a\n`"),
        ("dd of=/tmp/x bs=1", "write /tmp/x > `a\n`"),
        ("crontab -", "write /var/spool/cron/crontabs/root > `a\n`"),
        ("crontab", "write /var/spool/cron/crontabs/root > `a\n`"),
        (
            "crontab -u bob -",
            "write /var/spool/cron/crontabs/bob > `a\n`",
        ),
        (
            "tee /proc/sys/kernel/core_pattern",
            "write /proc/sys/kernel/core_pattern > `a\n` ; kernel kernel.core_pattern=a",
        ),
    ] {
        let outcome = outcome(|_| {}, line, Some("a\n".into()));
        assert_eq!(outcome.acts.join(" ; "), expected, "{line}");
    }
}

#[test]
fn a_crontab_keeps_only_lines_that_are_lines() {
    let mut table = outcome(|_| {}, "crontab -l", None).printed;
    table.append(&Value::literal("\n* * * * * id\n"));
    let acts = outcome(|_| {}, "crontab -", Some(table)).acts;
    assert_eq!(
        acts.first().map(String::as_str),
        Some("write /var/spool/cron/crontabs/root > `* * * * * id\n`")
    );
}

#[test]
fn copies_hold_what_the_original_held() {
    let fetched = Value::unknown(Provenance::Fetched("u".to_owned()));
    for line in [
        "cp /tmp/x /usr/bin/y",
        "mv -f /tmp/x /usr/bin/y",
        "ln -sf /tmp/x /usr/bin/y",
        "install -Dm755 /tmp/x /usr/bin/y",
    ] {
        let budget = Budget::default();
        let mut world = World::new(&budget);
        world.remember(&"/tmp/x".into(), fetched.clone(), false);
        let words = split_words(&Value::literal(line));
        run(&mut world, Call::new(words[0].clone(), words[1..].to_vec()));
        let held = world.written("/usr/bin/y").and_then(Value::fetched_from);
        assert_eq!(held, Some("u"), "{line}");
    }
    let write =
        |world: &mut World| world.remember(&"/tmp/x".into(), "* * * * * root id\n".into(), false);
    for line in [
        "cp /tmp/x /etc/cron.d/x",
        "cp /tmp/x /etc/cron.d/",
        "cp -t /etc/cron.d /tmp/x",
        "mv /tmp/x /etc/cron.d",
    ] {
        let acts = outcome(write, line, None).acts;
        let expected = "write /etc/cron.d/x > `* * * * * root id\n`";
        assert_eq!(acts.first().map(String::as_str), Some(expected), "{line}");
    }
}

#[test]
fn the_system_is_changed() {
    check(&[
        ("mount /dev/sda1 /mnt", "mount /dev/sda1 /mnt"),
        ("mount -t proc -o rw proc /proc", "mount proc /proc"),
        ("mount --bind /a /b", "mount /a /b"),
        ("mount", "execute mount"),
        ("insmod /tmp/x.ko a=b", "module /tmp/x.ko"),
        ("modprobe msr allow_writes=on", "module msr"),
        ("modprobe -a a b", "module a ; module b"),
        ("modprobe -r a", "execute modprobe -r a"),
        (
            "sysctl -w vm.nr_hugepages=128",
            "kernel vm.nr_hugepages=128",
        ),
        (
            "sysctl -q kernel/core_pattern=x",
            "kernel kernel.core_pattern=x",
        ),
        ("sysctl -p", "execute sysctl -p"),
        ("wrmsr -a 0x1a4 0xf", "msr 0x1a4"),
        ("kill -9 12 13", "kill 12 ; kill 13"),
        ("kill -0 12", ""),
        ("kill -s TERM 12", "kill 12"),
        ("pkill -9 -f xmrig", "kill xmrig"),
        ("killall -q -KILL minerd", "kill minerd"),
        ("fuser -k 80/tcp", "kill 80/tcp"),
        ("pivot_root /mnt /mnt/old", "root /mnt"),
        (
            "switch_root /mnt /sbin/init",
            "root /mnt ; execute /sbin/init",
        ),
        ("systemctl enable x", "execute systemctl enable x"),
        ("iptables -F", "execute iptables -F"),
        (
            "docker run -v /:/mnt alpine chroot /mnt sh",
            "execute docker run -v /:/mnt alpine chroot /mnt sh ; root /mnt ; execute sh >``",
        ),
    ]);
}

#[test]
fn what_is_killed_is_named_by_the_pattern_that_found_it() {
    let listed = Value::unknown(Provenance::Output("ps".to_owned()));
    let picked = outcome(|_| {}, "grep xmrig", Some(listed)).printed;
    let others = outcome(|_| {}, "grep -v grep", Some(picked)).printed;
    let numbers = outcome(|_| {}, "awk '{print $2}'", Some(others)).printed;
    let acts = outcome(|_| {}, "xargs kill -9", Some(numbers)).acts;
    assert_eq!(acts, ["kill {lines matching xmrig}"]);
    let found = outcome(|_| {}, "pgrep -f kinsing", None).printed;
    assert_eq!(found.text, "{processes matching kinsing}");
}

#[test]
fn accounts_that_open_a_door_are_told() {
    let doors = |script: &str| {
        let budget = Budget::default();
        let mut world = World::new(&budget);
        language::lower(&mut world, Language::Shell, script);
        let door = |act: Act| match act.behavior {
            Behavior::SetAccount {
                name,
                uid,
                password,
                shell,
            } => Some(format!("{name} {uid} {password:?} {shell}")),
            _ => None,
        };
        let acts = world.finish().acts;
        acts.into_iter().filter_map(door).collect::<Vec<_>>()
    };
    let cases = [
        ("useradd -o -u 0 -s /bin/sh x", "x 0 Unsaid /bin/sh"),
        ("useradd -ou 0 -m -l x", "x 0 Unsaid "),
        ("usermod --non-unique --uid 0 lp", "lp 0 Unsaid "),
        ("adduser --uid 0 --gecos '' x", "x 0 Unsaid "),
        ("useradd -p '$6$a$b' x", "x  Fixed "),
        ("echo x:y | chpasswd", "x  Fixed "),
        ("chpasswd <<< 'x:y'", "x  Fixed "),
        ("printf 'y\\ny\\n' | passwd x", "x  Fixed "),
        ("passwd -d root", "root  Empty "),
        ("echo 'x::0:0' >> /etc/passwd", "x 0 Empty "),
    ];
    for (script, door) in cases {
        assert_eq!(doors(script), [door], "{script}");
    }
    for script in [
        "useradd -m -u 1000 x",
        "usermod -o -u \"${PUID:-0}\" abc",
        "echo \"root:$PASSWORD\" | chpasswd",
        "passwd -l root",
    ] {
        assert!(doors(script).is_empty(), "{script}: {:?}", doors(script));
    }
}
