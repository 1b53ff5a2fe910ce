//! A long body without one large allocation that grows: each growth would copy it and hold it twice meanwhile,
//! which is what a body that is above the limit in the end would cost for nothing.

/// Bodies up to this length are in one piece from the beginning, and so is each piece of longer ones.
const PIECE_BYTES: usize = 1 << 20;

/// Bytes in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// Each of [`PIECE_BYTES`].
    full: Vec<Vec<u8>>,
    last: Vec<u8>,
}

impl Pieces {
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        loop {
            let room = PIECE_BYTES.saturating_sub(self.last.len());
            let (fits, more) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.append(fits);
            if self.last.len() < PIECE_BYTES {
                return;
            }
            self.full.push(std::mem::take(&mut self.last));
            rest = more;
        }
    }

    /// Grows the last piece as a vector grows, but never beyond what it will hold.
    fn append(&mut self, bytes: &[u8]) {
        let needed = self.last.len().saturating_add(bytes.len());
        if needed > self.last.capacity() {
            let wanted = self.last.capacity().saturating_mul(2).min(PIECE_BYTES);
            let more = wanted.max(needed).saturating_sub(self.last.len());
            self.last.reserve_exact(more);
        }
        self.last.extend_from_slice(bytes);
    }

    pub(super) fn push(&mut self, byte: u8) {
        self.extend(&[byte]);
    }

    pub(super) const fn len(&self) -> usize {
        self.full.len() * PIECE_BYTES + self.last.len()
    }

    /// Memory that is taken up.
    pub(super) const fn capacity(&self) -> usize {
        self.full.len() * PIECE_BYTES + self.last.capacity()
    }

    /// All in one; each piece is given up as soon as it is copied.
    pub(super) fn joined(self) -> Vec<u8> {
        if self.full.is_empty() {
            return self.last;
        }
        let mut joined = Vec::with_capacity(self.len());
        for piece in self.full {
            joined.extend_from_slice(&piece);
        }
        joined.extend_from_slice(&self.last);
        joined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_any_pieces_is_joined_in_order_and_takes_little_more_than_its_length() {
        let body: Vec<u8> = (0_u32..)
            .flat_map(u32::to_le_bytes)
            .take(3 * PIECE_BYTES + 5)
            .collect();
        for size in [
            1,
            7,
            PIECE_BYTES - 1,
            PIECE_BYTES,
            PIECE_BYTES + 1,
            body.len(),
        ] {
            let mut pieces = Pieces::default();
            for part in body.chunks(size) {
                pieces.extend(part);
                assert!(pieces.capacity() <= pieces.len().next_multiple_of(PIECE_BYTES));
            }
            assert_eq!(pieces.len(), body.len());
            assert!(pieces.joined() == body, "in parts of {size}");
        }
    }
}
