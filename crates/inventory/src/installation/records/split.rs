//! Splits a records file into records and tracks their positions.
//!
//! The file is one JSON array. Only its outermost structure is looked at here; each element is
//! handed to the JSON parser on its own, so memory is bounded by the largest record.

use std::io::Read;

use serde_json::Value;

/// Most bytes of one record. A missing quotation mark would else swallow the file.
const MOST: usize = 64 << 20;
/// Bytes read at a time.
const CHUNK: usize = 256 << 10;

/// Where a record begins, counted from 1. Records that come from no file have a number instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum RecordPosition {
    File { line: u64, column: u64 },
    Number(u64),
}

impl std::fmt::Display for RecordPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RecordPosition::File { line, column } => write!(f, "line {line}, column {column}"),
            RecordPosition::Number(number) => write!(f, "record {number}"),
        }
    }
}

/// Reads the records of a file, in order.
pub(super) struct Splitter<R> {
    source: R,
    buffer: Vec<u8>,
    at: usize,
    line: u64,
    column: u64,
    read: u64,
    begun: bool,
    ended: bool,
    element: Vec<u8>,
}

impl<R: Read> Splitter<R> {
    pub(super) fn new(source: R) -> Self {
        Splitter {
            source,
            buffer: Vec::new(),
            at: 0,
            line: 1,
            column: 1,
            read: 0,
            begun: false,
            ended: false,
            element: Vec::new(),
        }
    }

    /// Bytes taken from the source so far.
    pub(super) fn bytes(&self) -> u64 {
        self.read - (self.buffer.len() - self.at) as u64
    }

    /// The next record, or `None` behind the last one. An error is one line that names the place;
    /// nothing can be read after it.
    pub(super) fn next(&mut self) -> Result<Option<(RecordPosition, Value)>, String> {
        let result = self.advance();
        if result.is_err() {
            self.ended = true;
        }
        result
    }

    fn advance(&mut self) -> Result<Option<(RecordPosition, Value)>, String> {
        if self.ended {
            return Ok(None);
        }
        let mut after_comma = false;
        if self.begun {
            match self.skip_space()? {
                Some(b',') => {
                    self.step();
                    after_comma = true;
                }
                Some(b']') => return self.close(),
                Some(other) => return Err(self.unexpected(other, "a comma or the closing bracket")),
                None => return Err(self.truncated()),
            }
        } else {
            if self.peek()? == Some(0xEF) {
                for expected in [0xEF, 0xBB, 0xBF] {
                    match self.peek()? {
                        Some(byte) if byte == expected => self.at += 1,
                        _ => return Err(format!("{}: the file is not JSON text", self.place())),
                    }
                }
            }
            match self.skip_space()? {
                Some(b'[') => self.step(),
                Some(other) => return Err(self.unexpected(other, "a JSON array of records, starting with [")),
                None => return Err(format!("{}: the file is empty", self.place())),
            }
            self.begun = true;
        }
        match self.skip_space()? {
            None => Err(self.truncated()),
            Some(b']') if !after_comma => self.close(),
            Some(b'{') => self.object().map(Some),
            Some(other) => Err(self.unexpected(other, "a record, starting with {")),
        }
    }

    /// Behind the closing bracket there is only white space.
    fn close(&mut self) -> Result<Option<(RecordPosition, Value)>, String> {
        self.step();
        self.ended = true;
        match self.skip_space()? {
            None => Ok(None),
            Some(other) => Err(self.unexpected(other, "the end of the file")),
        }
    }

    fn object(&mut self) -> Result<(RecordPosition, Value), String> {
        let place = RecordPosition::File { line: self.line, column: self.column };
        let (line, column) = (self.line, self.column);
        self.element.clear();
        let (mut depth, mut in_text, mut escaped) = (0_u32, false, false);
        loop {
            if self.at == self.buffer.len() && !self.fill()? {
                return Err(format!("{}: the file ends within the record that starts at {place}", self.place()));
            }
            // one pass over what is buffered, copied at once
            let start = self.at;
            let mut complete = false;
            while self.at < self.buffer.len() && !complete {
                let byte = self.buffer[self.at];
                if in_text {
                    match byte {
                        _ if escaped => escaped = false,
                        b'\\' => escaped = true,
                        b'"' => in_text = false,
                        _ => {}
                    }
                } else {
                    match byte {
                        b'"' => in_text = true,
                        b'{' | b'[' => depth += 1,
                        b'}' | b']' => {
                            depth -= 1;
                            complete = depth == 0;
                        }
                        _ => {}
                    }
                }
                self.step();
            }
            self.element.extend_from_slice(&self.buffer[start..self.at]);
            if self.element.len() > MOST {
                return Err(format!("{place}: record larger than {} MB", MOST >> 20));
            }
            if complete {
                break;
            }
        }
        match serde_json::from_slice(&self.element) {
            Ok(value) => Ok((place, value)),
            Err(error) => {
                let inner = error.line() as u64;
                let at = RecordPosition::File {
                    line: line + inner.saturating_sub(1),
                    column: if inner <= 1 { column + error.column() as u64 - 1 } else { error.column() as u64 },
                };
                let text = error.to_string();
                let reason = text.split(" at line ").next().unwrap_or(&text);
                Err(format!("{at}: invalid JSON: {reason}"))
            }
        }
    }

    fn place(&self) -> RecordPosition {
        RecordPosition::File { line: self.line, column: self.column }
    }

    fn truncated(&self) -> String {
        format!("{}: the file ends before its closing bracket", self.place())
    }

    fn unexpected(&self, byte: u8, wanted: &str) -> String {
        let found = if byte.is_ascii_graphic() { (byte as char).to_string() } else { format!("byte {byte:#04x}") };
        format!("{}: found {found}, expected {wanted}", self.place())
    }

    /// The next byte that is not white space, not yet taken.
    fn skip_space(&mut self) -> Result<Option<u8>, String> {
        while let Some(byte) = self.peek()? {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Ok(Some(byte));
            }
            self.step();
        }
        Ok(None)
    }

    fn peek(&mut self) -> Result<Option<u8>, String> {
        if self.at == self.buffer.len() && !self.fill()? {
            return Ok(None);
        }
        Ok(Some(self.buffer[self.at]))
    }

    fn step(&mut self) {
        let byte = self.buffer[self.at];
        self.at += 1;
        if byte == b'\n' {
            self.line += 1;
            self.column = 1;
        } else if byte & 0xC0 != 0x80 {
            self.column += 1; // a character, not a further byte of one
        }
    }

    /// Whether there was more to read.
    fn fill(&mut self) -> Result<bool, String> {
        self.buffer.resize(CHUNK, 0);
        self.at = 0;
        let count = loop {
            match self.source.read(&mut self.buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.buffer.clear();
                    return Err(format!("{}: cannot read the file: {error}", self.place()));
                }
                Ok(count) => break count,
            }
        };
        self.buffer.truncate(count);
        self.read += count as u64;
        Ok(count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<(RecordPosition, Value)>, String> {
        /// Hands out few bytes at a time, so that records straddle the buffer.
        struct Slow<'a>(&'a [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
                let count = self.0.len().min(3).min(out.len());
                out[..count].copy_from_slice(&self.0[..count]);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let mut splitter = Splitter::new(Slow(text.as_bytes()));
        let mut found = Vec::new();
        while let Some(record) = splitter.next()? {
            found.push(record);
        }
        assert_eq!(splitter.bytes(), text.len() as u64);
        assert_eq!(splitter.next(), Ok(None));
        Ok(found)
    }

    #[test]
    fn records_come_with_their_place() {
        let found = all("\u{feff}[\n  {\"a\": \"ä]}\\\"\"}, {\"b\": [{}]}\n,\n {}]\n ").unwrap();
        let places: Vec<String> = found.iter().map(|(place, _)| place.to_string()).collect();
        assert_eq!(places, ["line 2, column 3", "line 2, column 19", "line 4, column 2"]);
        assert_eq!(found[0].1["a"], "ä]}\"");
        assert_eq!(all("[]").unwrap(), []);
    }

    #[test]
    fn what_is_no_array_of_records_is_told_with_its_place() {
        for (text, start) in [
            ("", "line 1, column 1: the file is empty"),
            ("hello", "line 1, column 1: found h, expected"),
            ("{\"model\": 1}", "line 1, column 1: found {, expected"),
            ("[", "line 1, column 2: the file ends before"),
            ("[{},", "line 1, column 5: the file ends before"),
            ("[{},]", "line 1, column 5: found ], expected a record"),
            ("[{} {}]", "line 1, column 5: found {, expected a comma"),
            ("[{}]\n[", "line 2, column 1: found [, expected the end"),
            ("[1]", "line 1, column 2: found 1, expected a record"),
            ("[\n{\"a\": ", "line 2, column 7: the file ends within the record that starts at line 2, column 1"),
            ("[\n{\"a\": 1,\n \"b\" 2}]", "line 3, column 6: invalid JSON: expected"),
            ("[ {\"a\": x}]", "line 1, column 9: invalid JSON: expected value"),
            ("[{\"a\"]}", "line 1, column 6: invalid JSON"),
        ] {
            let error = all(text).unwrap_err();
            assert!(error.starts_with(start), "{text:?}: {error}");
            assert!(!error.contains('\n'));
        }
    }
}
