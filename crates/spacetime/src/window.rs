//! Windows: half-open spans of time, with an explicit "until further notice".

use crate::instant::{Instant, Span};
use std::fmt;

/// The time from `start` up to but not including `end`; without an end it lasts until further notice (`UFN`).
///
/// Two windows that touch do not overlap: an operation that ends at noon leaves the volume free at noon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    start: Instant,
    end: Option<Instant>,
}

/// Why two instants do not bound a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// Start and end are the same instant.
    #[error("the window has no length: it ends when it starts, at {at}")]
    Empty {
        /// The instant given twice.
        at: Instant,
    },
    /// The end lies before the start.
    #[error("the window ends at {end}, before it starts at {start}")]
    Reversed {
        /// The start as given.
        start: Instant,
        /// The end as given.
        end: Instant,
    },
}

impl Window {
    /// All of time that can be written.
    pub const ALWAYS: Self = Self {
        start: Instant::MIN,
        end: None,
    };

    /// The window from `start` to `end`; `None` is until further notice.
    ///
    /// # Errors
    ///
    /// A window without length, or one that ends before it starts.
    pub fn new(start: Instant, end: Option<Instant>) -> Result<Self, WindowError> {
        match end {
            Some(end) if end == start => Err(WindowError::Empty { at: start }),
            Some(end) if end < start => Err(WindowError::Reversed { start, end }),
            _ => Ok(Self { start, end }),
        }
    }

    /// The first instant inside.
    pub fn start(&self) -> Instant {
        self.start
    }

    /// The first instant that is no longer inside; `None` is until further notice.
    pub fn end(&self) -> Option<Instant> {
        self.end
    }

    /// Whether `instant` lies inside.
    pub fn contains(&self, instant: Instant) -> bool {
        self.start <= instant && self.end.is_none_or(|end| instant < end)
    }

    /// The time both windows share.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let start = self.start.max(other.start);
        let end = match (self.end, other.end) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self::new(start, end).ok()
    }

    /// The time between the windows, zero when they touch, none when they overlap.
    pub fn gap(&self, other: &Self) -> Option<Span> {
        let (first, second) = if self.start <= other.start {
            (self, other)
        } else {
            (other, self)
        };
        let end = first.end?;
        (end <= second.start).then(|| second.start - end)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.end {
            Some(end) => write!(f, "{} to {end}", self.start),
            None => write!(f, "{} until further notice", self.start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds * 1_000_000).unwrap()
    }

    fn window(start: i64, end: Option<i64>) -> Window {
        Window::new(at(start), end.map(at)).unwrap()
    }

    #[test]
    fn touching_windows_do_not_overlap_and_have_no_gap() {
        let (one, two) = (window(0, Some(10)), window(10, Some(20)));
        assert_eq!(one.intersection(&two), None);
        assert_eq!(one.gap(&two), Some(Span::ZERO));
        assert!(!one.contains(at(10)));
        assert!(two.contains(at(10)));
    }

    #[test]
    fn until_further_notice_reaches_everything_later() {
        let open = window(5, None);
        assert_eq!(
            open.intersection(&window(0, Some(10))),
            Some(window(5, Some(10)))
        );
        assert_eq!(open.intersection(&window(7, None)), Some(window(7, None)));
        assert_eq!(
            open.gap(&window(0, Some(2))),
            Some(Span::from_micros(3_000_000))
        );
        assert_eq!(open.gap(&window(100, None)), None);
    }

    #[test]
    fn a_window_has_length_and_direction() {
        assert_eq!(
            Window::new(at(3), Some(at(3))),
            Err(WindowError::Empty { at: at(3) })
        );
        assert!(matches!(
            Window::new(at(3), Some(at(1))),
            Err(WindowError::Reversed { .. })
        ));
    }
}
