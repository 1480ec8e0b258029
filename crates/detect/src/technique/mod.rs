//! The techniques, one file each: the card, the detector, its hits and its misses.

pub mod appended_program;
pub mod bind_shell;
pub mod change_root;
pub mod cloud_metadata;
pub mod credential_files;
pub mod cron;
pub mod decode_and_run;
pub mod disguised_program;
pub mod fetch_and_run;
pub mod file_hiding;
pub mod flow;
pub mod host_namespace;
pub mod host_write;
pub mod library_preload;
pub mod log_wiping;
pub mod login_script;
pub mod memory_execution;
pub mod miner;
pub mod miner_tuning;
pub mod pool_address;
pub mod process_hiding;
pub mod reverse_shell;
pub mod rival_killing;
pub mod run_picture;
pub mod security_tools;
pub mod self_deletion;
pub mod service_account_token;
pub mod ssh_key;
pub mod systemd_unit;
pub mod vocabulary;
pub mod web_shell;
pub mod whole_environment;

#[cfg(test)]
pub mod check;
