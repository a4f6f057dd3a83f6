//! An ordered map as a tree of shared nodes.

use std::borrow::Borrow;
use std::fmt;
use std::mem;
use std::slice;
use std::sync::Arc;

/// Most children of a node, and most entries of a leaf: a change to a shared map copies one node of each level.
const WIDTH: usize = 32;

/// A node with fewer is joined with a neighbour where both fit in one.
const WIDTH_MIN: usize = WIDTH / 4;

/// An ordered map; a clone shares every node with its original until one of them changes.
///
/// # Cost
///
/// Cloning is one step. Finding, inserting and removing take a logarithmic number; nodes that are shared with a clone are
/// copied on the way, others are changed in place.
#[derive(Clone)]
pub struct Map<K, V> {
    root: Arc<Node<K, V>>,
    len: usize,
}

#[derive(Clone)]
enum Node<K, V> {
    /// Entries in order.
    Leaf(Vec<(K, V)>),
    /// Children in order, each under a key that none of its own is below, and that all of the child before are below.
    Branch(Vec<Child<K, V>>),
}

/// A node with a key that none of its own is below.
type Child<K, V> = (K, Arc<Node<K, V>>);

/// What an insertion did below.
struct Inserted<K, V> {
    replaced: Option<V>,
    /// A node that now stands after the one inserted into, under its first key.
    split: Option<Child<K, V>>,
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self {
            root: Arc::new(Node::Leaf(Vec::new())),
            len: 0,
        }
    }
}

impl<K, V> Map<K, V> {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Entries by key.
    pub fn iter(&self) -> Entries<'_, K, V> {
        let mut entries = Entries::default();
        entries.descend(&self.root, |_| 0, |_| 0);
        entries
    }

    /// Keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// Values by key.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The entry with the least key.
    pub fn first(&self) -> Option<(&K, &V)> {
        let mut node = &self.root;
        loop {
            match &**node {
                Node::Leaf(entries) => return entries.first().map(|(key, value)| (key, value)),
                Node::Branch(children) => node = &children.first()?.1,
            }
        }
    }
}

impl<K: Ord, V> Map<K, V> {
    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let mut node = &self.root;
        loop {
            match &**node {
                Node::Leaf(entries) => {
                    let place = find(entries, key).ok()?;
                    return entries.get(place).map(|(_, value)| value);
                }
                Node::Branch(children) => node = &children.get(child_of(children, key))?.1,
            }
        }
    }

    /// Whether a key is there.
    pub fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.get(key).is_some()
    }

    /// Entries by key, from the first that is not below `key`.
    pub fn starting_at<Q: Ord + ?Sized>(&self, key: &Q) -> Entries<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let mut entries = Entries::default();
        entries.descend(
            &self.root,
            |children| child_of(children, key),
            |entries| find(entries, key).unwrap_or_else(|place| place),
        );
        entries
    }
}

impl<K: Ord + Clone, V: Clone> Map<K, V> {
    /// Inserts a value; returns the one its key had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let Inserted { replaced, split } = insert(&mut self.root, key, value);
        if let Some((first, node)) = split
            && let Some(own_first) = first_key(&self.root)
        {
            let below = mem::replace(&mut self.root, Arc::new(Node::Leaf(Vec::new())));
            self.root = Arc::new(Node::Branch(vec![(own_first, below), (first, node)]));
        }
        if replaced.is_none() {
            self.len += 1;
        }
        replaced
    }

    /// Takes a key out; returns its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        // Nothing is copied for a key that is not there.
        if !self.contains(key) {
            return None;
        }
        let removed = remove(&mut self.root, key)?;
        self.len -= 1;
        while let Node::Branch(children) = &*self.root
            && children.len() <= 1
        {
            self.root = match children.first() {
                Some((_, child)) => child.clone(),
                None => Arc::new(Node::Leaf(Vec::new())),
            };
        }
        Some(removed)
    }

    /// The value of a key, to be changed; nodes on the way to where it would be are copied although it is not there.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let mut node = &mut self.root;
        loop {
            match Arc::make_mut(node) {
                Node::Leaf(entries) => {
                    let place = find(entries, key).ok()?;
                    return entries.get_mut(place).map(|(_, value)| value);
                }
                Node::Branch(children) => {
                    let place = child_of(children, key);
                    node = &mut children.get_mut(place)?.1;
                }
            }
        }
    }
}

/// The place of a key in a leaf, or where it belongs.
fn find<K: Borrow<Q>, V, Q: Ord + ?Sized>(entries: &[(K, V)], key: &Q) -> Result<usize, usize> {
    entries.binary_search_by(|(own, _)| own.borrow().cmp(key))
}

/// The child under which a key is, if it is anywhere.
fn child_of<K: Borrow<Q>, V, Q: Ord + ?Sized>(children: &[(K, V)], key: &Q) -> usize {
    let after = children.partition_point(|(first, _)| first.borrow() <= key);
    after.saturating_sub(1)
}

fn first_key<K: Clone, V>(node: &Node<K, V>) -> Option<K> {
    match node {
        Node::Leaf(entries) => entries.first().map(|(key, _)| key.clone()),
        Node::Branch(children) => children.first().map(|(key, _)| key.clone()),
    }
}

fn insert<K: Ord + Clone, V: Clone>(
    node: &mut Arc<Node<K, V>>,
    key: K,
    value: V,
) -> Inserted<K, V> {
    match Arc::make_mut(node) {
        Node::Leaf(entries) => match find(entries, &key) {
            Ok(place) => Inserted {
                replaced: entries
                    .get_mut(place)
                    .map(|(_, held)| mem::replace(held, value)),
                split: None,
            },
            Err(place) => {
                entries.insert(place, (key, value));
                let split = split(entries, place);
                Inserted {
                    replaced: None,
                    split: split.map(|(first, rest)| (first, Arc::new(Node::Leaf(rest)))),
                }
            }
        },
        Node::Branch(children) => {
            let place = child_of(children, &key);
            let Some((least, child)) = children.get_mut(place) else {
                // A branch is never empty.
                return Inserted {
                    replaced: None,
                    split: None,
                };
            };
            if key < *least {
                least.clone_from(&key);
            }
            let mut inserted = insert(child, key, value);
            if let Some(new) = inserted.split.take() {
                children.insert(place + 1, new);
                let split = split(children, place + 1);
                inserted.split = split.map(|(first, rest)| (first, Arc::new(Node::Branch(rest))));
            }
            inserted
        }
    }
}

/// Splits what has become too wide, with the place of what was inserted last; returns the rest and its first key.
///
/// What grows at its end stays full behind it: entries mostly come in the order of their keys.
fn split<K: Clone, T>(held: &mut Vec<(K, T)>, inserted: usize) -> Option<(K, Vec<(K, T)>)> {
    if held.len() <= WIDTH {
        return None;
    }
    let at = match inserted + 1 == held.len() {
        true => held.len() - 1,
        false => held.len() / 2,
    };
    let rest = held.split_off(at);
    let first = rest.first()?.0.clone();
    Some((first, rest))
}

fn remove<K: Ord + Clone + Borrow<Q>, V: Clone, Q: Ord + ?Sized>(
    node: &mut Arc<Node<K, V>>,
    key: &Q,
) -> Option<V> {
    match Arc::make_mut(node) {
        Node::Leaf(entries) => {
            let place = find(entries, key).ok()?;
            Some(entries.remove(place).1)
        }
        Node::Branch(children) => {
            let place = child_of(children, key);
            let removed = remove(&mut children.get_mut(place)?.1, key)?;
            join(children, place);
            Some(removed)
        }
    }
}

/// Joins a child that has become small with a neighbour, where both fit in one; an empty one is dropped.
fn join<K: Clone, V: Clone>(children: &mut Vec<Child<K, V>>, place: usize) {
    let width = |place: usize| children.get(place).map(|(_, child)| child.width());
    let Some(own) = width(place).filter(|own| *own < WIDTH_MIN) else {
        return;
    };
    if own == 0 {
        children.remove(place);
        return;
    }
    let fits = |other: Option<usize>| other.is_some_and(|other| own + other <= WIDTH);
    let left = match place.checked_sub(1) {
        Some(before) if fits(width(before)) => before,
        _ if fits(width(place + 1)) => place,
        _ => return,
    };
    let (_, right) = children.remove(left + 1);
    if let Some((_, left)) = children.get_mut(left) {
        let right = Arc::unwrap_or_clone(right);
        match (Arc::make_mut(left), right) {
            (Node::Leaf(entries), Node::Leaf(more)) => entries.extend(more),
            (Node::Branch(nodes), Node::Branch(more)) => nodes.extend(more),
            // Children of a node are all of one level.
            _ => {}
        }
    }
}

impl<K, V> Node<K, V> {
    fn width(&self) -> usize {
        match self {
            Self::Leaf(entries) => entries.len(),
            Self::Branch(children) => children.len(),
        }
    }
}

/// Entries from a key on.
#[derive(Clone)]
pub struct Entries<'a, K, V> {
    /// What is left of each branch on the way down.
    above: Vec<slice::Iter<'a, Child<K, V>>>,
    leaf: slice::Iter<'a, (K, V)>,
}

impl<K, V> Default for Entries<'_, K, V> {
    fn default() -> Self {
        Self {
            above: Vec::new(),
            leaf: [].iter(),
        }
    }
}

impl<'a, K, V> Entries<'a, K, V> {
    fn descend(
        &mut self,
        mut node: &'a Arc<Node<K, V>>,
        child: impl Fn(&[Child<K, V>]) -> usize,
        entry: impl Fn(&[(K, V)]) -> usize,
    ) {
        loop {
            match &**node {
                Node::Leaf(entries) => {
                    let rest = entries.get(entry(entries)..).unwrap_or_default();
                    self.leaf = rest.iter();
                    return;
                }
                Node::Branch(children) => {
                    let rest = children.get(child(children)..).unwrap_or_default();
                    let mut rest = rest.iter();
                    let Some((_, next)) = rest.next() else {
                        return;
                    };
                    self.above.push(rest);
                    node = next;
                }
            }
        }
    }
}

impl<'a, K, V> Iterator for Entries<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.leaf.next() {
                return Some((key, value));
            }
            let (_, node) = loop {
                match self.above.last_mut()?.next() {
                    Some(child) => break child,
                    None => self.above.pop(),
                };
            };
            self.descend(node, |_| 0, |_| 0);
        }
    }
}

impl<'a, K, V> IntoIterator for &'a Map<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Entries<'a, K, V>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for Map<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && (Arc::ptr_eq(&self.root, &other.root) || self.iter().eq(other))
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Map<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self).finish()
    }
}

impl<K, V> fmt::Debug for Entries<'_, K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Entries").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u16, u8),
        Remove(u16),
        Change(u16, u8),
        /// Remembers how the map stands.
        Keep,
    }

    fn step(keys: u16) -> impl Strategy<Value = Step> {
        prop_oneof![
            5 => (0..keys, any::<u8>()).prop_map(|(key, value)| Step::Insert(key, value)),
            4 => (0..keys).prop_map(Step::Remove),
            2 => (0..keys, any::<u8>()).prop_map(|(key, value)| Step::Change(key, value)),
            1 => Just(Step::Keep),
        ]
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let any_order =
            (1_u16..3_000).prop_flat_map(|keys| prop::collection::vec(step(keys), 0..4_000));
        // Grown at its end and eaten from its beginning, as deadlines are.
        let queue = (0_u16..3_000, 0_u16..3_000).prop_map(|(grown, eaten)| {
            let grow = (0..grown).map(|key| Step::Insert(key, 1));
            let eat = (0..eaten).map(Step::Remove);
            grow.chain([Step::Keep]).chain(eat).collect()
        });
        prop_oneof![3 => any_order, 1 => queue]
    }

    /// Every leaf is as deep as every other, nothing is too wide, and no node but the root is empty.
    fn is_sound<K: Ord, V>(node: &Node<K, V>, is_root: bool) -> Option<usize> {
        let is_wide_enough = is_root || node.width() > 0;
        if node.width() > WIDTH || !is_wide_enough {
            return None;
        }
        match node {
            Node::Leaf(_) => Some(0),
            Node::Branch(children) => {
                let depths: Option<Vec<usize>> = children
                    .iter()
                    .map(|(_, child)| is_sound(child, false))
                    .collect();
                let depths = depths?;
                let depth = *depths.first()?;
                depths
                    .iter()
                    .all(|other| *other == depth)
                    .then_some(depth + 1)
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn it_holds_what_the_standard_map_holds_and_no_copy_sees_a_later_change(
            steps in steps(), from in 0_u16..3_000,
        ) {
            let mut map = Map::new();
            let mut standard = BTreeMap::new();
            let mut kept = Vec::new();
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        prop_assert_eq!(map.insert(key, value), standard.insert(key, value));
                    }
                    Step::Remove(key) => {
                        prop_assert_eq!(map.remove(&key), standard.remove(&key));
                    }
                    Step::Change(key, value) => {
                        let held = map.get_mut(&key);
                        prop_assert_eq!(held.is_some(), standard.contains_key(&key));
                        if let Some(held) = held {
                            *held = value;
                            standard.insert(key, value);
                        }
                    }
                    Step::Keep => kept.push((map.clone(), standard.clone())),
                }
                prop_assert_eq!(map.len(), standard.len());
            }
            kept.push((map, standard));
            for (map, standard) in kept {
                prop_assert!(is_sound(&map.root, true).is_some());
                prop_assert!(map.iter().eq(&standard));
                prop_assert!(map.starting_at(&from).eq(standard.range(from..)));
                prop_assert_eq!(map.first(), standard.first_key_value());
                prop_assert_eq!(map.get(&from), standard.get(&from));
                prop_assert!(map == standard.into_iter().collect());
            }
        }
    }

    #[test]
    fn a_change_to_a_copy_copies_one_node_of_each_level() {
        let map: Map<u32, u32> = (0..100_000).map(|key| (key, key)).collect();
        let mut copy = map.clone();
        copy.insert(50_000, 0);
        let (mut all, mut shared) = (0, 0);
        let mut open = vec![&copy.root];
        while let Some(node) = open.pop() {
            all += 1;
            if Arc::strong_count(node) > 1 {
                // What stands below a shared node is shared.
                shared += 1;
                continue;
            }
            if let Node::Branch(children) = &**node {
                open.extend(children.iter().map(|(_, child)| child));
            }
        }
        assert!(all - shared <= 4, "{} nodes were copied", all - shared);
    }

    #[test]
    fn what_comes_in_order_is_packed_densely() {
        let map: Map<u32, u32> = (0..100_000).map(|key| (key, key)).collect();
        let mut leaves = 0;
        let mut open = vec![&map.root];
        while let Some(node) = open.pop() {
            match &**node {
                Node::Leaf(_) => leaves += 1,
                Node::Branch(children) => open.extend(children.iter().map(|(_, child)| child)),
            }
        }
        assert!(leaves <= 100_000 / WIDTH + 1, "{leaves} leaves");
    }
}
