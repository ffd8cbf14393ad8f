//! Handles that the steps of a trace made.

/// Handles of one kind, kept by the step that made them.
#[derive(Debug)]
pub struct Handles<T>(Vec<(u64, T)>);

impl<T> Default for Handles<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Handles<T> {
    /// Lends the handle of that step, or gives it away for good where the step closes it; `None` where there is none, or it is lent or closed already.
    pub fn take(&mut self, step: u64) -> Option<T> {
        let place = self.0.binary_search_by_key(&step, |(made, _)| *made).ok()?;
        Some(self.0.remove(place).1)
    }

    /// Keeps a new handle, or one that was lent.
    pub fn keep(&mut self, step: u64, handle: T) {
        let place = self.0.partition_point(|(made, _)| *made < step);
        self.0.insert(place, (step, handle));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_that_is_lent_is_not_there_until_it_is_given_back() {
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
