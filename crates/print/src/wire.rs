//! What parent and child send each other: frames of a kind, a length and bytes.

use std::io::{self, Read, Write};

/// Longest frame: a picture, a PDF, or a job with its documents.
const MAX_FRAME: usize = 256 * 1024 * 1024;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameType {
    /// The child can take jobs.
    Ready,
    /// A job, as JSON.
    Job,
    /// An address whose file the child needs.
    Address,
    /// The file.
    File,
    /// There is no such file.
    NoFile,
    /// What was printed, as JSON; its files follow.
    Printed,
    /// One of the files that were printed.
    Output,
    /// Why nothing was printed, as JSON.
    Fault,
}

const FRAME_TYPES: [FrameType; 8] = [
    FrameType::Ready,
    FrameType::Job,
    FrameType::Address,
    FrameType::File,
    FrameType::NoFile,
    FrameType::Printed,
    FrameType::Output,
    FrameType::Fault,
];

/// Writes a frame.
pub(crate) fn send(to: &mut impl Write, kind: FrameType, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut head = [kind as u8, 0, 0, 0, 0];
    head[1..].copy_from_slice(&length.to_le_bytes());
    to.write_all(&head)?;
    to.write_all(bytes)?;
    to.flush()
}

/// Reads a frame. None where the other side has closed.
pub(crate) fn receive(from: &mut impl Read) -> io::Result<Option<(FrameType, Vec<u8>)>> {
    let mut head = [0; 5];
    match from.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let kind = FRAME_TYPES.get(usize::from(head[0])).copied().ok_or(io::ErrorKind::InvalidData)?;
    let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
    if length > MAX_FRAME {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((kind, bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_as_they_were_sent() {
        let mut buffer = Vec::new();
        for kind in FRAME_TYPES {
            send(&mut buffer, kind, b"abc").unwrap();
        }
        let mut reader = buffer.as_slice();
        for kind in FRAME_TYPES {
            assert_eq!(receive(&mut reader).unwrap(), Some((kind, b"abc".to_vec())));
        }
        assert_eq!(receive(&mut reader).unwrap(), None);
        assert!(receive(&mut [9u8, 0, 0, 0, 0].as_slice()).is_err());
        assert!(receive(&mut [1u8, 255, 255, 255, 255].as_slice()).is_err());
        assert!(receive(&mut [1u8, 5, 0, 0, 0, 1].as_slice()).is_err());
    }
}
