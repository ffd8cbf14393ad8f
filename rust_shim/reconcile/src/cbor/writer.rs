//! A writer of items, with each head in its shortest form.

/// A writer of a message. The caller writes the items of arrays and maps, and sorts the keys of maps.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    /// Appends to bytes that are already written, such as the header of a message.
    pub fn after(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn head(&mut self, major: u8, argument: u64) {
        let major = major << 5;
        let wide = argument.to_be_bytes();
        match argument {
            0..24 => self.0.push(major | wide[7]),
            24..0x100 => self.0.extend([major | 24, wide[7]]),
            0x100..0x1_0000 => {
                self.0.push(major | 25);
                self.0.extend_from_slice(&wide[6..]);
            }
            0x1_0000..0x1_0000_0000 => {
                self.0.push(major | 26);
                self.0.extend_from_slice(&wide[4..]);
            }
            _ => {
                self.0.push(major | 27);
                self.0.extend_from_slice(&wide);
            }
        }
    }

    pub fn uint(&mut self, number: impl Into<u64>) {
        self.head(0, number.into());
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.head(2, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub fn array(&mut self, items: usize) {
        self.head(4, items as u64);
    }

    pub fn map(&mut self, pairs: usize) {
        self.head(5, pairs as u64);
    }

    pub fn null(&mut self) {
        self.0.push(0xf6);
    }

    /// Writes an item that is already encoded.
    pub fn item(&mut self, encoded: &[u8]) {
        self.0.extend_from_slice(encoded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R2.4: heads have their shortest form (RFC 8949, appendix A).
    #[test]
    fn heads_are_shortest() {
        let cases: [(u64, &[u8]); 9] = [
            (0, &[0x00]),
            (23, &[0x17]),
            (24, &[0x18, 24]),
            (255, &[0x18, 255]),
            (256, &[0x19, 1, 0]),
            (65535, &[0x19, 255, 255]),
            (65536, &[0x1a, 0, 1, 0, 0]),
            (u64::from(u32::MAX), &[0x1a, 255, 255, 255, 255]),
            (1 << 32, &[0x1b, 0, 0, 0, 1, 0, 0, 0, 0]),
        ];

        for (number, bytes) in cases {
            let mut writer = Writer::default();
            writer.uint(number);
            assert_eq!(writer.into_bytes(), bytes, "{number}");
        }
    }
}
