//! How front-ends of data are tested: text in, the acts out, each as it prints itself.

use model::{Budget, Language};

use crate::world::World;

/// The acts of `text`.
pub fn acts(language: Language, text: &str) -> Vec<String> {
    let budget = Budget::default();
    let mut world = World::new(&budget);
    super::lower(&mut world, language, text);
    let acts = world.finish().acts;
    acts.into_iter()
        .map(|act| format!("{:?}", act.behavior))
        .collect()
}
