//! The techniques, one file each: the card, the detector, its hits and its misses.

pub mod appended_program;
pub mod bind_shell;
pub mod change_root;
pub mod changed_program;
pub mod cron;
pub mod decode_and_run;
pub mod disguised_program;
pub mod fetch_and_run;
pub mod host_namespace;
pub mod host_write;
pub mod library_preload;
pub mod login_script;
pub mod lookalike_program;
pub mod miner;
pub mod miner_tuning;
pub mod misspelt_package;
pub mod pool_address;
pub mod reverse_shell;
pub mod rival_killing;
pub mod run_picture;
pub mod ssh_key;
pub mod systemd_unit;
pub mod vocabulary;

#[cfg(test)]
pub mod check;
