//! The body of an answer as the frames in which it is handed to the connection. It knows nothing
//! of what is in them.

/// Bytes in one piece of memory, and where each frame of them ends.
#[derive(Default)]
pub(crate) struct Frames {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Frames {
    /// With room for that many bytes and frames.
    pub(crate) fn with_room(bytes: usize, frames: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
            ends: Vec::with_capacity(frames),
        }
    }

    /// All of `bytes` as one frame; no frame if there are none.
    pub(crate) fn whole(bytes: Vec<u8>) -> Self {
        let ends = if bytes.is_empty() {
            Vec::new()
        } else {
            vec![bytes.len()]
        };
        Self { bytes, ends }
    }

    /// Where the next frame is written, to be ended with [`Self::end`].
    pub(crate) fn next(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Ends the frame that was written.
    pub(crate) fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// Adds a frame.
    pub(crate) fn push(&mut self, frame: &[u8]) {
        self.bytes.extend_from_slice(frame);
        self.end();
    }

    /// The number of frames.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Drops all but the first `frames`.
    pub(crate) fn keep_first(&mut self, frames: usize) {
        self.ends.truncate(frames);
        self.bytes
            .truncate(self.ends.last().copied().unwrap_or_default());
    }

    /// Drops all bytes but the first `length`; what is left of the last frame stays.
    pub(crate) fn keep_bytes(&mut self, length: usize) {
        self.bytes.truncate(length);
        self.ends.retain(|end| *end < length);
        if self.ends.last().copied().unwrap_or_default() < self.bytes.len() {
            self.ends.push(self.bytes.len());
        }
    }

    /// The same bytes in other frames: cut at the given places, in rising order.
    pub(crate) fn cut_at(&mut self, places: impl Iterator<Item = usize>) {
        let length = self.bytes.len();
        self.ends = places
            .filter(|place| *place > 0 && *place < length)
            .collect();
        if length > 0 {
            self.ends.push(length);
        }
    }

    /// The frames, one after the other.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let frame = self.bytes.get(start..*end).unwrap_or_default();
            start = *end;
            frame
        })
    }

    /// All bytes, and where each frame ends.
    pub(crate) fn into_parts(self) -> (Vec<u8>, Vec<usize>) {
        (self.bytes, self.ends)
    }

    /// The number of bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }
}
