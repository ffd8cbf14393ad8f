//! A persistent ordered map: clones share all nodes, and a change copies only the path to it (an AVL tree).

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::mem;
use std::sync::Arc;

pub(crate) struct Map<K, V>(Option<Arc<Node<K, V>>>);

#[derive(Clone)]
struct Node<K, V> {
    key: K,
    value: V,
    height: u8,
    left: Map<K, V>,
    right: Map<K, V>,
}

impl<K, V> Clone for Map<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self(None)
    }
}

impl<K, V> Map<K, V> {
    fn height(&self) -> u8 {
        self.0.as_ref().map_or(0, |node| node.height)
    }

    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let mut map = self;
        while let Some(node) = &map.0 {
            map = match key.cmp(node.key.borrow()) {
                Ordering::Less => &node.left,
                Ordering::Greater => &node.right,
                Ordering::Equal => return Some(&node.value),
            };
        }
        None
    }

    /// The pairs in ascending order of keys.
    pub fn iter(&self) -> Iter<'_, K, V> {
        let mut iter = Iter(Vec::new());
        iter.descend(self);
        iter
    }

    /// The pairs whose key is not less than `min`, in ascending order.
    pub fn from<Q: Ord + ?Sized>(&self, min: &Q) -> Iter<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let mut iter = Iter(Vec::new());
        let mut map = self;
        while let Some(node) = &map.0 {
            if node.key.borrow() < min {
                map = &node.right;
            } else {
                iter.0.push(node);
                map = &node.left;
            }
        }
        iter
    }
}

impl<K: Ord + Clone, V: Clone> Map<K, V> {
    pub fn insert(&mut self, key: K, value: V) {
        match &mut self.0 {
            None => {
                let (left, right) = (Self(None), Self(None));
                self.0 = Some(Arc::new(Node {
                    key,
                    value,
                    height: 1,
                    left,
                    right,
                }));
            }
            Some(node) => {
                let node = Arc::make_mut(node);
                match key.cmp(&node.key) {
                    Ordering::Less => node.left.insert(key, value),
                    Ordering::Greater => node.right.insert(key, value),
                    Ordering::Equal => node.value = value,
                }
                self.rebalance();
            }
        }
    }

    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        let Some(node) = &mut self.0 else { return };
        let node = Arc::make_mut(node);
        match key.cmp(node.key.borrow()) {
            Ordering::Less => node.left.remove(key),
            Ordering::Greater => node.right.remove(key),
            Ordering::Equal => match node.right.pop_first() {
                Some((next, value)) => (node.key, node.value) = (next, value),
                None => *self = mem::take(&mut node.left),
            },
        }
        self.rebalance();
    }

    fn pop_first(&mut self) -> Option<(K, V)> {
        let node = Arc::make_mut(self.0.as_mut()?);
        let first = match node.left.pop_first() {
            Some(first) => first,
            None => {
                let first = (node.key.clone(), node.value.clone());
                *self = mem::take(&mut node.right);
                first
            }
        };
        self.rebalance();
        Some(first)
    }

    fn rebalance(&mut self) {
        let Some(node) = &mut self.0 else { return };
        let node = Arc::make_mut(node);
        match node.balance() {
            2 => {
                if node.left.balance() < 0 {
                    node.left.rotate_left();
                }
                self.rotate_right();
            }
            -2 => {
                if node.right.balance() > 0 {
                    node.right.rotate_right();
                }
                self.rotate_left();
            }
            _ => node.update_height(),
        }
    }

    fn balance(&self) -> i16 {
        self.0.as_ref().map_or(0, |node| node.balance())
    }

    fn rotate_right(&mut self) {
        self.rotate(|node| &mut node.left, |node| &mut node.right);
    }

    fn rotate_left(&mut self) {
        self.rotate(|node| &mut node.right, |node| &mut node.left);
    }

    /// Moves the child on one side to the place of its parent.
    fn rotate(
        &mut self,
        side: impl Fn(&mut Node<K, V>) -> &mut Self,
        other: impl Fn(&mut Node<K, V>) -> &mut Self,
    ) {
        let Some(mut parent) = self.0.take() else {
            return;
        };
        let node = Arc::make_mut(&mut parent);
        let Some(mut child) = side(node).0.take() else {
            self.0 = Some(parent);
            return;
        };
        let lifted = Arc::make_mut(&mut child);
        *side(node) = mem::take(other(lifted));
        node.update_height();
        *other(lifted) = Self(Some(parent));
        lifted.update_height();
        self.0 = Some(child);
    }
}

impl<K, V> Node<K, V> {
    fn balance(&self) -> i16 {
        i16::from(self.left.height()) - i16::from(self.right.height())
    }

    fn update_height(&mut self) {
        self.height = 1 + self.left.height().max(self.right.height());
    }
}

/// The nodes that are not yet returned, each before all nodes to its right.
pub(crate) struct Iter<'a, K, V>(Vec<&'a Node<K, V>>);

impl<'a, K, V> Iter<'a, K, V> {
    fn descend(&mut self, mut map: &'a Map<K, V>) {
        while let Some(node) = &map.0 {
            self.0.push(node);
            map = &node.left;
        }
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.0.pop()?;
        self.descend(&node.right);
        Some((&node.key, &node.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn depth(map: &Map<u32, u32>) -> u8 {
        map.0
            .as_ref()
            .map_or(0, |node| 1 + depth(&node.left).max(depth(&node.right)))
    }

    fn is_balanced(map: &Map<u32, u32>) -> bool {
        map.0.as_ref().is_none_or(|node| {
            node.balance().abs() <= 1
                && node.height == depth(map)
                && is_balanced(&node.left)
                && is_balanced(&node.right)
        })
    }

    /// The map behaves as the standard one, stays balanced, and does not change its clones.
    #[test]
    fn it_behaves_as_the_standard_map() {
        arbtest::arbtest(|choices| {
            let (mut map, mut oracle) = (Map::default(), BTreeMap::new());
            let mut kept = (map.clone(), oracle.clone());
            while !choices.is_empty() {
                let key = choices.int_in_range(0..=40)?;
                match choices.int_in_range(0..=4)? {
                    0 | 1 => {
                        map.remove(&key);
                        oracle.remove(&key);
                    }
                    2 => kept = (map.clone(), oracle.clone()),
                    _ => {
                        let value = choices.arbitrary()?;
                        map.insert(key, value);
                        oracle.insert(key, value);
                    }
                }
                assert!(map.iter().eq(&oracle));
                assert!(map.from(&key).eq(oracle.range(key..)));
                assert_eq!(map.get(&key), oracle.get(&key));
                assert!(is_balanced(&map));
            }
            assert!(kept.0.iter().eq(&kept.1));
            Ok(())
        });
    }
}
