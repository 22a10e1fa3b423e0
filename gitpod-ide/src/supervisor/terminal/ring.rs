use std::collections::VecDeque;

use bytes::Bytes;

/// What is kept of a terminal's output.
pub(crate) const RING: usize = 256 * 1024;
/// Most that one read gives.
const CHUNK: usize = 32 * 1024;

/// The last [`RING`] bytes of a stream, addressed by their place in the whole stream.
#[derive(Debug, Default)]
pub(crate) struct Ring {
    kept: VecDeque<u8>,
    /// Place of the first byte that is kept.
    start: u64,
}

/// A place that is not kept any more was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lagged;

impl Ring {
    /// Appends; forgets the oldest.
    pub(crate) fn push(&mut self, data: &[u8]) {
        let data = if data.len() > RING {
            let skipped = data.len() - RING;
            self.start += (self.kept.len() + skipped) as u64;
            self.kept.clear();
            &data[skipped..]
        } else {
            data
        };
        let overflow = (self.kept.len() + data.len()).saturating_sub(RING);
        self.kept.drain(..overflow);
        self.start += overflow as u64;
        self.kept.extend(data);
    }

    /// Place of the oldest byte kept.
    pub(crate) fn start(&self) -> u64 {
        self.start
    }

    /// Place after the newest byte.
    pub(crate) fn end(&self) -> u64 {
        self.start + self.kept.len() as u64
    }

    /// All that is kept.
    pub(crate) fn all(&self) -> Vec<u8> {
        self.kept.iter().copied().collect()
    }

    /// Bytes from `place` on; empty at the end.
    ///
    /// # Errors
    /// [`Lagged`]: the bytes at `place` are gone.
    pub(crate) fn read(&self, place: u64) -> Result<Bytes, Lagged> {
        let skip = place.checked_sub(self.start).ok_or(Lagged)?;
        let skip = usize::try_from(skip)
            .map_err(|_| Lagged)?
            .min(self.kept.len());
        let end = (skip + CHUNK).min(self.kept.len());
        Ok(self.kept.range(skip..end).copied().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(ring: &Ring, mut place: u64) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let chunk = ring.read(place).unwrap();
            if chunk.is_empty() {
                return all;
            }
            place += chunk.len() as u64;
            all.extend_from_slice(&chunk);
        }
    }

    #[test]
    fn the_last_bytes_are_kept_whatever_the_pieces() {
        let whole: Vec<u8> = (0..3 * RING + 17)
            .map(|at| u8::try_from(at % 251).unwrap())
            .collect();
        for piece in [1000, RING - 1, RING + 5, whole.len()] {
            let mut ring = Ring::default();
            for chunk in whole.chunks(piece) {
                ring.push(chunk);
            }
            assert_eq!(ring.end(), whole.len() as u64);
            assert_eq!(read_all(&ring, ring.start()), whole[whole.len() - RING..]);
        }
    }

    #[test]
    fn a_reader_that_is_too_slow_is_told() {
        let mut ring = Ring::default();
        ring.push(&[1; 10]);
        ring.push(&vec![2; RING]);
        assert_eq!(ring.read(3), Err(Lagged));
        assert_eq!(ring.read(10).unwrap()[0], 2);
        assert!(ring.read(ring.end() + 1).unwrap().is_empty());
    }
}
