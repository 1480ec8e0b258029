//! Names and what they are bound to, and how the bindings two branches leave are joined.

use std::collections::{HashMap, HashSet};

use super::object::{Object, ScopeId};
use super::syntax::Name;

/// One scope.
#[derive(Debug, Default)]
struct Scope {
    names: HashMap<Name, Object>,
    parent: Option<ScopeId>,
    /// Names declared `global` or `nonlocal`.
    outer: HashSet<Name>,
    /// Modules imported with `*`.
    stars: Vec<Name>,
    /// Whether a function or namespace refers to it, so that it outlives its call.
    captured: bool,
}

/// A binding as it was before it changed.
type Change = (ScopeId, Name, Option<Object>);

/// Bindings a branch leaves.
pub type Bindings = Vec<(ScopeId, Name, Object)>;

/// All scopes. The first is the module's.
#[derive(Debug)]
pub struct Scopes {
    scopes: Vec<Scope>,
    journal: Vec<Change>,
    journaling: usize,
    /// Whether an assignment looks for the name in outer scopes.
    outward: bool,
    /// Counts changes, so that a loop that changes nothing can be told.
    pub changes: u64,
}

/// The module's scope.
pub const GLOBALS: ScopeId = 0;

impl Scopes {
    /// The module's scope alone; whether assignments look for names in outer scopes.
    pub fn new(outward: bool) -> Self {
        Self {
            scopes: vec![Scope::default()],
            journal: Vec::new(),
            journaling: 0,
            outward,
            changes: 0,
        }
    }

    /// A scope inside another.
    pub fn open(&mut self, parent: ScopeId) -> ScopeId {
        self.scopes.push(Scope {
            parent: Some(parent),
            ..Scope::default()
        });
        ScopeId::try_from(self.scopes.len() - 1).unwrap_or(ScopeId::MAX)
    }

    /// Ends a scope: it goes unless something refers to it.
    pub fn close(&mut self, id: ScopeId) {
        let last = self.scopes.len().checked_sub(1) == Some(id as usize) && id != GLOBALS;
        if last && self.journaling == 0 && self.scopes.last().is_some_and(|s| !s.captured) {
            self.scopes.pop();
        }
    }

    /// The scope around a scope.
    pub fn outside(&self, id: ScopeId) -> ScopeId {
        let scope = self.scopes.get(id as usize);
        scope.and_then(|scope| scope.parent).unwrap_or(GLOBALS)
    }

    /// Notes that something refers to a scope.
    pub fn capture(&mut self, id: ScopeId) {
        if let Some(scope) = self.scopes.get_mut(id as usize) {
            scope.captured = true;
        }
    }

    /// Declares names of outer scopes.
    pub fn declare_outer(&mut self, id: ScopeId, names: &[Name]) {
        if let Some(scope) = self.scopes.get_mut(id as usize) {
            scope.outer.extend(names.iter().cloned());
        }
    }

    /// Imports everything of a module.
    pub fn star(&mut self, id: ScopeId, module: Name) {
        if let Some(scope) = self.scopes.get_mut(id as usize)
            && !scope.stars.contains(&module)
        {
            scope.stars.push(module);
        }
    }

    /// Modules imported with `*` here and outside.
    pub fn stars(&self, id: ScopeId) -> Vec<Name> {
        let mut stars = Vec::new();
        let mut at = Some(id);
        while let Some(scope) = at.and_then(|id| self.scopes.get(id as usize)) {
            stars.extend(scope.stars.iter().rev().cloned());
            at = scope.parent;
        }
        stars
    }

    /// What a name is bound to, here or outside.
    pub fn get(&self, id: ScopeId, name: &str) -> Option<&Object> {
        let mut at = Some(id);
        while let Some(scope) = at.and_then(|id| self.scopes.get(id as usize)) {
            if let Some(object) = scope.names.get(name) {
                return Some(object);
            }
            at = scope.parent;
        }
        None
    }

    /// Takes a name's object out of the scope itself, to change it without a copy.
    pub fn take(&mut self, id: ScopeId, name: &str) -> Option<Object> {
        if self.journaling > 0 {
            return None;
        }
        let scope = self.scopes.get_mut(id as usize)?;
        scope.names.remove(name)
    }

    /// Binds a name.
    pub fn set(&mut self, id: ScopeId, name: &Name, object: Object) {
        self.changes += 1;
        let id = self.owner(id, name);
        let Some(scope) = self.scopes.get_mut(id as usize) else {
            return;
        };
        let old = scope.names.insert(name.clone(), object);
        if self.journaling > 0 {
            self.journal.push((id, name.clone(), old));
        }
    }

    /// The scope in which an assignment binds a name.
    pub fn owner(&self, id: ScopeId, name: &Name) -> ScopeId {
        if self.outward {
            return self.holder(id, name).unwrap_or(GLOBALS);
        }
        let scope = self.scopes.get(id as usize);
        if !scope.is_some_and(|scope| scope.outer.contains(name)) {
            return id;
        }
        let mut at = scope.and_then(|scope| scope.parent);
        while let Some(id) = at {
            match self.scopes.get(id as usize) {
                Some(scope) if scope.names.contains_key(name) => return id,
                Some(scope) => at = scope.parent,
                None => break,
            }
        }
        GLOBALS
    }

    /// The nearest scope that has a name.
    fn holder(&self, id: ScopeId, name: &Name) -> Option<ScopeId> {
        let mut at = Some(id);
        while let Some(id) = at {
            let scope = self.scopes.get(id as usize)?;
            if scope.names.contains_key(name) {
                return Some(id);
            }
            at = scope.parent;
        }
        None
    }

    /// Whether a scope itself has a name.
    pub fn has(&self, id: ScopeId, name: &Name) -> bool {
        let scope = self.scopes.get(id as usize);
        scope.is_some_and(|scope| scope.names.contains_key(name))
    }

    /// The names bound in a scope itself.
    pub fn names(&self, id: ScopeId) -> Vec<(Name, Object)> {
        let scope = self.scopes.get(id as usize);
        let names = scope.map(|scope| scope.names.iter());
        let mut all: Vec<_> = names
            .into_iter()
            .flatten()
            .map(|(name, object)| (name.clone(), object.clone()))
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    // ---- branches ----

    /// Starts noting changes.
    pub fn mark(&mut self) -> usize {
        self.journaling += 1;
        self.journal.len()
    }

    /// Undoes the changes since the mark and returns what had been bound.
    pub fn roll_back(&mut self, mark: usize) -> Bindings {
        self.journaling = self.journaling.saturating_sub(1);
        let mut left: HashMap<(ScopeId, Name), Option<Object>> = HashMap::new();
        for (id, name, old) in self.journal.split_off(mark).into_iter().rev() {
            let Some(scope) = self.scopes.get_mut(id as usize) else {
                continue;
            };
            let bound = match old {
                Some(old) => scope.names.insert(name.clone(), old),
                None => scope.names.remove(&name),
            };
            left.entry((id, name)).or_insert(bound);
        }
        let mut bindings: Bindings = left
            .into_iter()
            .filter_map(|((id, name), object)| Some((id, name, object?)))
            .collect();
        bindings.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        bindings
    }

    /// Binds what a branch that may have run left, where it tells more than what is bound.
    pub fn join(&mut self, bindings: Bindings) {
        for (id, name, object) in bindings {
            let held = self
                .scopes
                .get(id as usize)
                .and_then(|s| s.names.get(&name));
            if held.is_none_or(|held| object.rank() > held.rank()) {
                self.bind(id, name, object);
            }
        }
    }

    /// Binds what the branches that may have run left: of several, what tells most, and in doubt
    /// the first branch's; what was bound before only if it tells more.
    pub fn join_branches(&mut self, branches: Vec<Bindings>) {
        let mut best: Vec<(ScopeId, Name, Object)> = Vec::new();
        let mut index: HashMap<(ScopeId, Name), usize> = HashMap::new();
        for (id, name, object) in branches.into_iter().flatten() {
            match index
                .get(&(id, name.clone()))
                .and_then(|&at| best.get_mut(at))
            {
                Some(held) if object.rank() > held.2.rank() => held.2 = object,
                Some(_) => {}
                None => {
                    index.insert((id, name.clone()), best.len());
                    best.push((id, name, object));
                }
            }
        }
        for (id, name, object) in best {
            let held = self
                .scopes
                .get(id as usize)
                .and_then(|s| s.names.get(&name));
            if held.is_none_or(|held| object.rank() >= held.rank()) {
                self.bind(id, name, object);
            }
        }
    }

    /// Binds in exactly this scope.
    pub fn bind(&mut self, id: ScopeId, name: Name, object: Object) {
        self.changes += 1;
        if let Some(scope) = self.scopes.get_mut(id as usize) {
            let old = scope.names.insert(name.clone(), object);
            if self.journaling > 0 {
                self.journal.push((id, name, old));
            }
        }
    }
}
