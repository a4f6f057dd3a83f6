//! A progress line on the standard error: only on a terminal, and only when the work is slow.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work shorter than this shows no progress line: a flash of text only disturbs.
const SHOW_AFTER: Duration = Duration::from_millis(250);
/// Redraws per second, at most.
const REDRAWS_PER_SECOND: u8 = 20;

/// The state of a long piece of work.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    doing: &'static str,
    started: Instant,
    watched: bool,
    shown: bool,
}

impl Progress {
    /// Begins; nothing is drawn unless `watched`.
    pub(crate) fn new(doing: &'static str, watched: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self {
            bar,
            doing,
            started: now(),
            watched,
            shown: false,
        }
    }

    /// Says how much of how much is done, in whatever unit the caller counts.
    pub(crate) fn at(&mut self, done: u64, of: Option<u64>) {
        if !self.watched {
            return;
        }
        if !self.shown && now().duration_since(self.started) >= SHOW_AFTER {
            self.show(of.is_some());
        }
        if let Some(of) = of {
            self.bar.set_length(of);
        }
        self.bar.set_position(done);
    }

    /// Removes the line.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }

    fn show(&mut self, bounded: bool) {
        let template = if bounded {
            "{msg} {human_pos} of {human_len} [{bar:30}] {eta} left"
        } else {
            "{msg} {human_pos} {spinner}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.set_message(self.doing);
        self.bar
            .set_draw_target(ProgressDrawTarget::stderr_with_hz(REDRAWS_PER_SECOND));
        self.shown = true;
    }
}

/// Reads the monotonic clock, for the progress line alone.
#[expect(
    clippy::disallowed_methods,
    reason = "the progress line is for the eye; no answer depends on it"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_shown_when_nobody_watches() {
        let mut progress = Progress::new("checking", false);
        progress.at(10, Some(20));
        assert!(!progress.shown);
        assert_eq!(progress.bar.position(), 0);
        progress.finish();
    }
}
