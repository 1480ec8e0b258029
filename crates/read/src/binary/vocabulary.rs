//! Words in a compiled program that say what it is for: one pass over all bytes for all of them.
//!
//! No word is told alone; rules want several words of several vocabularies. The words are kept
//! veiled in this program, so that it does not look to itself, or to others of its kind, like what
//! it looks for.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use model::{Mark, Vocabulary, text};

/// What the bytes of a word are changed by.
const VEIL: u8 = 0xa5;

const fn veiled<const N: usize>(word: &[u8; N]) -> [u8; N] {
    let mut out = *word;
    let mut at = 0;
    while at < N {
        out[at] ^= VEIL;
        at += 1;
    }
    out
}

macro_rules! words {
    ($($word:literal)*) => {
        &[$({
            const WORD: [u8; $word.len()] = veiled($word);
            &WORD
        }),*]
    };
}

/// The vocabularies. Words are such as programs of another kind do not hold by chance; what is
/// common in a trade (`hashrate` in a monitor) counts only beside others.
const VOCABULARIES: &[(Vocabulary, &[&[u8]])] = &[
    (
        Vocabulary::PoolProtocol,
        words![
            b"mining.subscribe" b"mining.authorize" b"mining.submit" b"mining.notify"
            b"mining.set_difficulty" b"mining.set_target" b"mining.extranonce" b"mining.configure"
            b"eth_submitLogin" b"eth_submitHashrate" b"stratum+tcp://" b"stratum+ssl://"
            b"stratum+tls://" b"stratum2+tcp" b"stratum1+tcp" b"daemon+http" b"job_id" b"keepalived" b"nicehash" b"client.reconnect" b"client.get_version" b"X-Stratum" b"xnonce"
        ],
    ),
    (
        Vocabulary::MinerOption,
        words![
            b"donate-level" b"donate-over-proxy" b"rig-id" b"max-threads-hint" b"cpu-priority"
            b"max-cpu-usage" b"randomx-mode" b"randomx-1gb-pages" b"randomx-wrmsr" b"randomx-no-numa"
            b"huge-pages-jit" b"retry-pause" b"userpass" b"no-longpoll" b"no-stratum" b"scantime"
            b"argon2-impl" b"cpu-no-yield" b"no-huge-pages" b"algo-perf" b"bench-algo-time"
            b"pause-on-battery" b"pause-on-active" b"coinbase-addr" b"worker-id" b"pool-pass"
            b"rig-password" b"opencl-launch" b"cuda-bfactor" b"wallet-address" b"asm-variant"
        ],
    ),
    (
        Vocabulary::MinedAlgorithm,
        words![
            b"cryptonight" b"cn-heavy" b"cn-lite" b"cn-pico" b"cn/r" b"rx/0" b"rx/wow" b"rx/arq"
            b"randomx" b"RandomX" b"argon2/chukwa" b"kawpow" b"ethash" b"etchash" b"ghostrider"
            b"astrobwt" b"sha256d" b"yescryptr" b"yespower" b"verushash" b"autolykos" b"lyra2rev2"
            b"lyra2z" b"x16r" b"x11gost" b"neoscrypt" b"allium" b"minotaur" b"progpow" b"heavyhash"
            b"equihash" b"cuckaroo" b"phi1612" b"m7m" b"hmq1725" b"blake2s" b"scryptjane"
        ],
    ),
    (
        Vocabulary::MinedConstant,
        words![
            // RandomX: its salt, keys of its generators, multipliers of its superscalar hash.
            b"RandomX\x03"
            b"\x53\xa5\xac\x6d\x09\x66\x71\x62\x2b\x55\xb5\xdb\x17\x49\xf4\xb4"
            b"\x0d\x2c\xb5\x92\xde\x56\xa8\x9f\x47\xdb\x82\xcc\xad\x3a\x98\xd7"
            b"\xfc\xa1\xf5\x59\x8a\x97\x0a\x81"
            // The final hashes of CryptoNight: start values of JH-256 and Skein-512-256, the first
            // table of Groestl.
            b"\xeb\x98\xa3\x41\x2c\x20\xd3\xeb\x92\xcd\xbe\x7b\x9c\xb2\x45\xc1"
            b"\x13\x3e\xdb\x2f\xa1\x44\xd0\xcc\xeb\xa9\x79\x1a\x30\x90\x35\xe8"
            b"\xc6\x32\xf4\xa5\xf4\x97\xa5\xc6\xf8\x6f\x97\x84\x97\xeb\x84\xf8"
        ],
    ),
    (
        Vocabulary::MiningReport,
        words![
            b"hashrate" b" H/s" b"kH/s" b"MH/s" b"khash/s" b"accepted (" b"new job from"
            b"no active pools" b"use pool " b"shares accepted" b"share accepted" b"speed 10s/60s/15m"
            b"Stratum authentication failed" b"Stratum difficulty" b"nonce found" b"hashes/s"
            b"donate" b"dataset ready" b"init dataset" b"huge pages" b"DIFFICULTY" b"solved block"
            b"mining thread" b"miner thread" b"start mining" b"Hashrate"
        ],
    ),
    (
        Vocabulary::FloodCommand,
        words![
            b"udpflood" b"synflood" b"tcpflood" b"httpflood" b"ackflood" b"icmpflood" b"stdflood"
            b"UDPFLOOD" b"SYNFLOOD" b"TCPFLOOD" b"HTTPFLOOD" b"ACKFLOOD" b"STDFLOOD" b"UDPRAW"
            b"UDP flood" b"SYN flood" b"TCP flood" b"HTTP flood" b"ACK flood" b"ICMP flood"
            b"UDP Flood" b"SYN Flood" b"TCP Flood" b"HTTP Flood" b"ACK Flood" b"udp flood"
            b"syn flood" b"tcp flood" b"http flood" b"ack flood" b"udp_flood" b"syn_flood"
            b"tcp_flood" b"http_flood" b"ack_flood" b"flood_udp" b"flood_syn" b"flood_tcp"
            b"flood_http" b"flood_ack" b"attack_udp" b"attack_tcp" b"attack_syn" b"attack_http"
            b"attack_ack" b"attack_gre" b"attack_app_http" b"UdpFlood" b"SynFlood" b"TcpFlood"
            b"HttpFlood" b"AckFlood" b"udpFlood" b"synFlood" b"tcpFlood" b"httpFlood" b"slowloris"
            b"SLOWLORIS" b"TSource Engine Query" b"dns_amp" b"DNSAMP" b"ntp_amp" b"memcached_amp"
        ],
    ),
    (
        Vocabulary::ChatOrder,
        words![
            b"PRIVMSG" b"NICK %s" b"JOIN %s" b"JOIN #" b"NOTICE %s" b"PONG %s" b"USER %s"
            b"MODE %s" b"PONG :" b"WHO %s"
        ],
    ),
    (
        Vocabulary::FactoryPassword,
        words![
            b"vizxv" b"xc3511" b"7ujMko0" b"juantech" b"jvbzd" b"klv123" b"Zte521" b"hi3518"
            b"zlxx." b"dreambox" b"xmhdipc" b"S2fGqNF" b"OxhlwSG8" b"taZz@23495859" b"GM8182"
            b"tsgoingon" b"solokey" b"realtek" b"anko" b"ikwb" b"fucker" b"meinsm" b"cat1029"
            b"ipcam_rt5350" b"gforge" b"telecomadmin" b"fidel123" b"20080826" b"e8telnet"
        ],
    ),
    (
        Vocabulary::SpreadCommand,
        words![
            b"/bin/busybox wget" b"/bin/busybox tftp" b"/bin/busybox ps" b"/bin/busybox cat"
            b"/bin/busybox rm" b"/bin/busybox chmod" b"/bin/busybox cp" b"/bin/busybox kill"
            b"busybox wget http" b"tftp -g -l" b"tftp -g -r" b"tftp -r " b"applet not found"
            b"/dvrHelper" b"echo -ne '\\x" b"echo -en '\\x" b">.nippon" b"cd /tmp || cd /var/run"
            b"cd /tmp; wget" b"/maps\0/proc/" b"GET /shell?" b"/GponForm/" b"/HNAP1/"
            b"/ctrlt/DeviceUpgrade" b"/setup.cgi?next_file" b"/cgi-bin/;"
        ],
    ),
    (
        Vocabulary::ProcessView,
        words![
            b"/proc/self/fd/%d" b"/proc/%s/stat" b"/proc/%s/cmdline" b"/proc/%s/comm" b"/proc/%s/exe"
            b"/proc/%s/status" b"/proc/%s/environ" b"/proc/net/tcp" b"/proc/net/unix" b"/etc/ld.so.preload"
            b"ld.so.preload" b"/proc/%d/cmdline" b"/proc/%d/comm" b"process_to_filter" b"is_hidden"
            b"hide_proc" b"hidden_" b"HIDE_" b"/proc/%d/maps" b"/proc/%d/fd" b"/proc/*/maps"
        ],
    ),
    (
        Vocabulary::KernelView,
        words![
            b"sys_getdents" b"sys_kill" b"tcp4_seq_show" b"tcp6_seq_show" b"udp4_seq_show"
            b"udp6_seq_show" b"filldir" b"proc_root_readdir" b"packet_rcv"
            b"fillonedir" b"iterate_dir"
        ],
    ),
    (
        Vocabulary::KernelPatch,
        words![
            b"sys_call_table" b"kallsyms_lookup_name" b"ftrace_set_filter_ip" b"register_ftrace_function"
            b"register_kprobe" b"module_mutex" b"set_memory_rw" b"write_cr0" b"kallsyms_on_each_symbol"
            b"native_write_cr0" b"text_poke" b"stop_machine"
        ],
    ),
    (
        Vocabulary::KernelCredential,
        words![
            b"commit_creds" b"prepare_creds" b"prepare_kernel_cred" b"call_usermodehelper"
        ],
    ),
    (
        Vocabulary::PlantedCode,
        words![
            b"\xf3\x0f\x1e\xfa\x55\x48\x89\xf5\x4c\x89\xce\x53\x89\xfb\x81\xe7\x00\x00\x00\x80\x48\x83\xec\x28\x48\x89\x54\x24\x18\x48\x89\x4c\x24\x10"
        ],
    ),
];

/// All words in one automaton, and which vocabulary each is of.
struct Words {
    automaton: Option<AhoCorasick>,
    all: Vec<(Vocabulary, Vec<u8>)>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let all: Vec<_> = VOCABULARIES
        .iter()
        .flat_map(|(vocabulary, words)| {
            words.iter().map(|word| {
                let plain = word.iter().map(|byte| byte ^ VEIL).collect::<Vec<u8>>();
                (*vocabulary, plain)
            })
        })
        .collect();
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::DFA))
        .build(all.iter().map(|(_, word)| word));
    Words {
        automaton: automaton.ok(),
        all,
    }
});

/// Longest word; so much of one piece is looked at again with the next.
const OVERLAP: usize = 64;

/// Which words content holds; it may come in pieces.
#[derive(Debug, Clone, Default)]
pub struct Found {
    words: BTreeSet<usize>,
    tail: Vec<u8>,
}

impl Found {
    /// Looks at the next piece.
    pub fn push(&mut self, piece: &[u8]) {
        let start = piece.len().min(OVERLAP);
        self.tail.extend_from_slice(&piece[..start]);
        let border = std::mem::take(&mut self.tail);
        self.look(&border);
        self.look(piece);
        let end = if start < OVERLAP { &border } else { piece };
        self.tail = end[end.len().saturating_sub(OVERLAP)..].to_vec();
    }

    fn look(&mut self, bytes: &[u8]) {
        if let Some(automaton) = &WORDS.automaton {
            let found = automaton.find_overlapping_iter(bytes);
            self.words
                .extend(found.map(|found| found.pattern().as_usize()));
        }
    }

    /// The vocabularies with their words.
    pub fn marks(&self) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        for index in &self.words {
            let Some((vocabulary, word)) = WORDS.all.get(*index) else {
                continue;
            };
            let word = if word.iter().all(|byte| (0x20..0x7f).contains(byte)) {
                text::printable(word)
            } else {
                model::digest::hex(word)
            };
            match marks.iter_mut().find(|mark| mark.vocabulary == *vocabulary) {
                Some(mark) => mark.words.push(word),
                None => marks.push(Mark {
                    vocabulary: *vocabulary,
                    words: vec![word],
                }),
            }
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_across_pieces() {
        let text = b"xx mining.subscribe yy job_id zz";
        for at in 0..text.len() {
            let mut found = Found::default();
            found.push(&text[..at]);
            found.push(&text[at..]);
            let marks = found.marks();
            assert_eq!(marks.len(), 1, "{at}");
            assert_eq!(marks[0].vocabulary, Vocabulary::PoolProtocol);
            assert_eq!(marks[0].words, ["mining.subscribe", "job_id"], "{at}");
        }
    }

    #[test]
    fn the_table_is_not_readable_as_it_stands() {
        for (_, words) in VOCABULARIES {
            for word in *words {
                assert!(word.iter().any(|byte| !(0x20..0x7f).contains(byte)));
            }
        }
    }
}
