//! How a page hands a question over and takes the answer: three exported functions, and memory that the page can see.
//!
//! The page calls `detente_question(length)` and writes the question where that points, calls `detente_answer()`, and
//! reads `detente_answer_length()` bytes from where that points. All memory is ours and has its length; nothing here
//! follows a pointer, so nothing here is `unsafe` but the names of the exports.
#![expect(
    unsafe_code,
    reason = "an exported name is an unsafe attribute, because another library could export the same; each begins with ours"
)]

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::QUESTION_BYTES_MAX;

#[derive(Debug)]
struct Desk {
    question: Vec<u8>,
    answer: Vec<u8>,
}

static DESK: Mutex<Desk> = Mutex::new(Desk {
    question: Vec::new(),
    answer: Vec::new(),
});

fn desk() -> MutexGuard<'static, Desk> {
    DESK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes room for a question and says where; null when it is longer than [`QUESTION_BYTES_MAX`].
#[unsafe(no_mangle)]
pub(crate) extern "C" fn detente_question(length: usize) -> *mut u8 {
    if length > QUESTION_BYTES_MAX {
        return std::ptr::null_mut();
    }
    let mut desk = desk();
    desk.question = vec![0; length];
    desk.question.as_mut_ptr()
}

/// Answers the question and says where the answer is.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn detente_answer() -> *const u8 {
    let mut desk = desk();
    let question = std::mem::take(&mut desk.question);
    desk.answer = crate::answer(&question);
    desk.answer.as_ptr()
}

/// Says how long the answer is.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn detente_answer_length() -> usize {
    desk().answer.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_has_room_up_to_the_limit_and_always_an_answer() {
        assert!(!detente_question(3).is_null());
        assert!(!detente_answer().is_null());
        let answer = desk().answer.clone();
        assert_eq!(answer.len(), detente_answer_length());
        assert!(answer.starts_with(br#"{"is":"not_a_question""#));
        assert!(detente_question(QUESTION_BYTES_MAX + 1).is_null());
    }
}
