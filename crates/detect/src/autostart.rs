//! Places whose content something starts: what a system, a login, an interpreter or a package
//! manager runs because of where it lies.

use model::Trigger;

/// How a place is recognised.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// What a path begins with, behind any folders in front.
    Below(&'static str),
    /// What a path ends with.
    Ends(&'static str),
    /// A folder, anywhere in the path, and an end of the name in or below it.
    Named(&'static str, &'static str),
}

use Place::{Below, Ends, Named};
use Trigger::{Clock, Event, Init, Install, Interpreter, Login, Systemd};

/// Places that are started without anybody asking for it.
const STARTED: &[(Place, Trigger)] = &[
    (Below("etc/cron.d/"), Clock),
    (Below("etc/cron.hourly/"), Clock),
    (Below("etc/cron.daily/"), Clock),
    (Below("etc/cron.weekly/"), Clock),
    (Below("etc/cron.monthly/"), Clock),
    (Below("etc/crontabs/"), Clock),
    (Below("etc/crontab"), Clock),
    (Below("etc/anacrontab"), Clock),
    (Below("var/spool/cron"), Clock),
    (Below("var/spool/at/"), Clock),
    (Below("var/spool/atjobs/"), Clock),
    (Below("etc/periodic/"), Clock),
    (Below("etc/logrotate.d/"), Clock),
    (Below("etc/logrotate.conf"), Clock),
    (Below("etc/systemd/system/"), Systemd),
    (Below("etc/systemd/user/"), Systemd),
    (Below("etc/systemd/system-generators/"), Systemd),
    (Below("usr/lib/systemd/system/"), Systemd),
    (Below("usr/lib/systemd/user/"), Systemd),
    (Below("usr/lib/systemd/system-generators/"), Systemd),
    (Below("usr/local/lib/systemd/system/"), Systemd),
    (Below("lib/systemd/system/"), Systemd),
    (Named(".config/systemd/user/", ".service"), Systemd),
    (Below("etc/init.d/"), Init),
    (Below("etc/init/"), Init),
    (Below("etc/inittab"), Init),
    (Below("etc/rc"), Init),
    (Below("etc/local.d/"), Init),
    (Below("etc/boot.local"), Init),
    (Below("etc/sv/"), Init),
    (Below("etc/service/"), Init),
    (Below("etc/services.d/"), Init),
    (Below("etc/runit/"), Init),
    (Below("etc/s6-overlay/"), Init),
    (Below("etc/s6-rc/"), Init),
    (Below("etc/cont-init.d/"), Init),
    (Below("docker-entrypoint.d/"), Init),
    (Below("docker-entrypoint-init.d/"), Init),
    (Below("var/lib/cloud/scripts/"), Init),
    (Below("etc/supervisor/"), Init),
    (Below("etc/supervisor.d/"), Init),
    (Below("etc/supervisord"), Init),
    (Below("etc/inetd."), Init),
    (Below("etc/xinetd."), Init),
    (Below("etc/monit"), Init),
    (Below("etc/environment"), Login),
    (Below("etc/security/pam_env.conf"), Login),
    (Ends("/.pam_environment"), Login),
    (Below("etc/profile"), Login),
    (Below("etc/bash.bashrc"), Login),
    (Below("etc/bash/bashrc"), Login),
    (Below("etc/bashrc"), Login),
    (Below("etc/zsh"), Login),
    (Below("etc/ksh.kshrc"), Login),
    (Below("etc/update-motd.d/"), Login),
    (Below("etc/X11/Xsession.d/"), Login),
    (Below("etc/xdg/autostart/"), Login),
    (Below("etc/pam.d/"), Login),
    (Below("etc/ssh/sshrc"), Login),
    (Below("etc/ssh/sshd_config"), Login),
    (Ends(".ssh/rc"), Login),
    (Ends("/.bashrc"), Login),
    (Ends("/.profile"), Login),
    (Ends("/.bash_profile"), Login),
    (Ends("/.bash_login"), Login),
    (Ends("/.bash_logout"), Login),
    (Ends("/.bash_aliases"), Login),
    (Ends("/.zshrc"), Login),
    (Ends("/.zshenv"), Login),
    (Ends("/.zprofile"), Login),
    (Ends("/.zlogin"), Login),
    (Ends("/.xprofile"), Login),
    (Ends("/.xsessionrc"), Login),
    (Named(".config/autostart/", ".desktop"), Login),
    (Below("etc/apt/apt.conf"), Event),
    (Below("etc/dpkg/dpkg.cfg"), Event),
    (Below("etc/udev/rules.d/"), Event),
    (Below("usr/lib/udev/rules.d/"), Event),
    (Below("lib/udev/rules.d/"), Event),
    (Below("etc/network/"), Event),
    (Below("etc/aliases"), Event),
    (Below("etc/ppp/ip-"), Event),
    (Below("etc/dhcp/"), Event),
    (Below("etc/acpi/"), Event),
    (Below("etc/pm/"), Event),
    (Ends("/.forward"), Event),
    (Ends("/.procmailrc"), Event),
    (Below("etc/NetworkManager/dispatcher.d/"), Event),
    (Ends("/sitecustomize.py"), Interpreter),
    (Ends("/usercustomize.py"), Interpreter),
    (Named("site-packages/", ".pth"), Interpreter),
    (Named("dist-packages/", ".pth"), Interpreter),
];

/// Places that are started when somebody uses what they belong to.
const USED: &[(Place, Trigger)] = &[
    (Named(".git/hooks/", ""), Event),
    (Named("git-core/templates/hooks/", ""), Event),
    (Named(".husky/", ""), Event),
    (Ends("/.gitconfig"), Event),
    (Ends(".git/config"), Event),
    (Below("etc/gitconfig"), Event),
    (Ends(".ssh/config"), Event),
    (Below("etc/ssh/ssh_config"), Event),
    (Ends("/package.json"), Install),
    (Ends("/setup.py"), Install),
];

impl Place {
    /// Whether `rooted`, a path that begins with a slash, is the place, with any folders in front.
    fn holds(self, rooted: &str) -> bool {
        let component = |before: &str| before.ends_with('/');
        let below = |folder: &str| {
            let mut at = rooted.match_indices(folder);
            at.any(|(at, _)| rooted.get(..at).is_some_and(component))
        };
        match self {
            Below(start) => below(start),
            Ends(end) => rooted
                .strip_suffix(end)
                .is_some_and(|before| end.starts_with('/') || component(before)),
            Named(folder, end) => rooted.ends_with(end) && below(folder),
        }
    }
}

/// What starts the content of a path, whatever is mounted in front of it.
pub fn trigger(path: &str) -> Option<Trigger> {
    let rooted = format!("/{}", path.trim_start_matches('/'));
    let mut places = STARTED.iter().chain(USED);
    places
        .find(|(place, _)| place.holds(&rooted))
        .map(|(_, trigger)| *trigger)
}

/// Whether the system of the image itself starts the content of a path by itself.
pub fn is_started(path: &str) -> bool {
    let path = path.trim_start_matches('/');
    let rooted = format!("/{path}");
    STARTED.iter().any(|(place, _)| match place {
        Below(start) => path.starts_with(start),
        other => other.holds(&rooted),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_it_lies_says_what_starts_it() {
        let cases = [
            ("/etc/cron.d/x", Some(Clock), true),
            ("/mnt/etc/cron.d/x", Some(Clock), false),
            ("/root/.bashrc", Some(Login), true),
            ("/etc/rc3.d/S01x", Some(Init), true),
            (
                "/usr/lib/python3/dist-packages/x.pth",
                Some(Interpreter),
                true,
            ),
            ("/srv/app/package.json", Some(Install), false),
            ("/srv/app/.git/hooks/pre-commit", Some(Event), false),
            ("/opt/x.pth", None, false),
            ("/letc/cron.d/x", None, false),
        ];
        for (path, started_by, started) in cases {
            assert_eq!(trigger(path), started_by, "{path}");
            assert_eq!(is_started(path), started, "{path}");
        }
    }
}
