//! The example: 17 images after the campaign of docker123321 (2017–2018) and 17 honest twins, as
//! an OCI image layout, written by code so that every byte can be accounted for.

mod actor;
mod base;
mod image;
mod keys;
mod layout;
mod miners;
mod picture;
mod readme;
mod shells;
mod twins_of_miners;
mod twins_of_shells;

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;

use actor::Actor;
use image::Image;
use layout::Layout;

/// Every file of the example by its path: the layout, a README, and what git needs to know.
///
/// # Errors
/// If a file cannot be packed.
pub fn files() -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let actor = Actor::new()?;
    let (malicious, twins) = images(&actor)?;
    let mut layout = Layout::default();
    for (day, image) in malicious.iter().chain(&twins).enumerate() {
        layout.add(image, day)?;
    }
    let mut files = layout.finish()?;
    files.insert(".gitattributes".into(), b"blobs/** binary\n".to_vec());
    files.insert("README.md".into(), readme::text(&actor).into_bytes());
    Ok(files)
}

fn images(actor: &Actor) -> Result<(Vec<Image>, Vec<Image>)> {
    let mut malicious = shells::all(actor)?;
    malicious.extend(miners::all(actor));
    let mut twins = twins_of_shells::all()?;
    twins.extend(twins_of_miners::all());
    Ok((malicious, twins))
}

#[cfg(test)]
mod tests;
