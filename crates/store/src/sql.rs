//! SQL text that is put together while the program is built.

use ironwood_base::status::{Code, Stateful};

/// A piece of a text.
#[derive(Debug, Clone, Copy)]
pub enum Piece {
    Text(&'static str),
    /// Numbers, with commas between them.
    Numbers(&'static [i64]),
}

/// SQL text of pieces, while the program is built: texts that are constants, and states in brackets, so that the number of
/// a state stands where the state is defined and nowhere else.
///
/// ```
/// use ironwood_base::status::BuildStatus;
/// use ironwood_store::sql;
///
/// const BUILDS: &str = "SELECT b.id FROM build_build b";
/// const DONE: &str = sql!(BUILDS, " WHERE b.status = ", [BuildStatus::COMPLETE]);
/// assert_eq!(DONE, "SELECT b.id FROM build_build b WHERE b.status = 40");
///
/// let open = sql!("b.status IN (", [..BuildStatus::OPEN], ")");
/// assert_eq!(open, "b.status IN (10, 20, 25)");
/// ```
///
/// A text that is not known while the program is built does not compile.
///
/// ```compile_fail
/// # use ironwood_store::sql;
/// let name = String::from("x");
/// let open = sql!("b.title = '", &name, "'");
/// ```
#[macro_export]
macro_rules! sql {
    (@pieces [$($done:tt)*]) => {{
        const PIECES: &[$crate::sql::Piece] = &[$($done)*];
        const BYTES: [u8; $crate::sql::length(PIECES)] = $crate::sql::join(PIECES);
        const TEXT: &str = $crate::sql::text(&BYTES);
        TEXT
    }};
    (@pieces [$($done:tt)*] [..$codes:expr] $(, $($rest:tt)*)?) => {
        $crate::sql!(@pieces [
            $($done)*
            {
                const NUMBERS: &[i64] = &$crate::sql::numbers($codes);
                $crate::sql::Piece::Numbers(NUMBERS)
            },
        ] $($($rest)*)?)
    };
    (@pieces [$($done:tt)*] [$($code:expr),+ $(,)?] $(, $($rest:tt)*)?) => {
        $crate::sql!(@pieces [$($done)*] [..[$($code),+]] $(, $($rest)*)?)
    };
    (@pieces [$($done:tt)*] $text:expr $(, $($rest:tt)*)?) => {
        $crate::sql!(@pieces [$($done)* $crate::sql::Piece::Text($text),] $($($rest)*)?)
    };
    ($($pieces:tt)+) => {
        $crate::sql!(@pieces [] $($pieces)+)
    };
}

/// The numbers that states are stored as.
pub const fn numbers<T: Stateful, const N: usize>(codes: [Code<T>; N]) -> [i64; N] {
    let mut numbers = [0; N];
    let mut i = 0;
    while i < N {
        numbers[i] = codes[i].key();
        i += 1;
    }
    numbers
}

/// How many bytes a text of these pieces has.
pub const fn length(pieces: &[Piece]) -> usize {
    let mut length = 0;
    let mut i = 0;
    while i < pieces.len() {
        length += match pieces[i] {
            Piece::Text(text) => text.len(),
            Piece::Numbers(numbers) => {
                let mut sum = 2 * numbers.len().saturating_sub(1);
                let mut n = 0;
                while n < numbers.len() {
                    sum += digits(numbers[n]);
                    n += 1;
                }
                sum
            }
        };
        i += 1;
    }
    length
}

/// How many digits a number has.
///
/// # Panics
/// Where it is negative, which no state is.
const fn digits(number: i64) -> usize {
    assert!(number >= 0, "states are not negative");
    let (mut rest, mut count) = (number / 10, 1);
    while rest > 0 {
        rest /= 10;
        count += 1;
    }
    count
}

/// The bytes of these pieces.
pub const fn join<const N: usize>(pieces: &[Piece]) -> [u8; N] {
    let mut bytes = [0; N];
    let (mut i, mut at) = (0, 0);
    while i < pieces.len() {
        match pieces[i] {
            Piece::Text(text) => {
                let mut n = 0;
                while n < text.len() {
                    bytes[at] = text.as_bytes()[n];
                    at += 1;
                    n += 1;
                }
            }
            Piece::Numbers(numbers) => {
                let mut n = 0;
                while n < numbers.len() {
                    if n > 0 {
                        bytes[at] = b',';
                        bytes[at + 1] = b' ';
                        at += 2;
                    }
                    let (count, mut rest) = (digits(numbers[n]), numbers[n]);
                    let mut digit = count;
                    while digit > 0 {
                        digit -= 1;
                        bytes[at + digit] = b'0' + (rest % 10) as u8;
                        rest /= 10;
                    }
                    at += count;
                    n += 1;
                }
            }
        }
        i += 1;
    }
    bytes
}

/// Bytes of [`join`] as a text.
///
/// # Panics
/// Where they are none.
pub const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("a text is made of texts"),
    }
}
