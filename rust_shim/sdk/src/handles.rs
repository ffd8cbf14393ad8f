//! The handles that the steps of a trace made.

/// The live handles of one kind, by the step that made each.
///
/// ```
/// let mut cursors = driftcheck::Handles::default();
/// cursors.keep(3, "the cursor that step 3 made");
///
/// assert!(cursors.take(3).is_some());
/// assert!(cursors.take(3).is_none()); // until it is given back
/// ```
#[derive(Debug)]
pub struct Handles<T>(Vec<(u64, T)>);

impl<T> Default for Handles<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Handles<T> {
    /// Removes and returns the handle that the step made.
    ///
    /// Returns `None` unless that handle is live: the step made it, no step closed it, and no argument holds it now.
    pub fn take(&mut self, step: u64) -> Option<T> {
        let place = self.0.binary_search_by_key(&step, |(made, _)| *made).ok()?;
        Some(self.0.remove(place).1)
    }

    /// Stores a new handle, or gives back one that was taken.
    pub fn keep(&mut self, step: u64, handle: T) {
        let place = self.0.partition_point(|(made, _)| *made < step);
        self.0.insert(place, (step, handle));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_that_was_taken_is_not_live_until_it_is_given_back() {
        let mut handles = Handles::default();
        handles.keep(0, 'a');
        handles.keep(7, 'b');

        assert_eq!(handles.take(0), Some('a'));
        assert_eq!(handles.take(0), None);
        handles.keep(0, 'a');
        assert_eq!(handles.take(7), Some('b'));
        assert_eq!(handles.take(0), Some('a'));
    }

    #[test]
    fn a_step_that_made_no_handle_has_none() {
        let mut handles = Handles::default();
        handles.keep(3, 'a');

        assert_eq!(handles.take(2), None);
        assert_eq!(handles.take(4), None);
    }
}
