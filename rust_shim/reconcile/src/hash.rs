//! Domain-separated SHA-256, and hexadecimal.

use sha2::{Digest as _, Sha256};

/// A SHA-256 hash.
pub type Digest = [u8; 32];

/// A hasher of parts, one after the other. Integers are big-endian.
pub(crate) struct Hasher(Sha256);

impl Hasher {
    /// Begins the hash `H(tag, …)` of the contract.
    pub fn new(tag: &str) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(tag);
        hasher.update([0]);
        Self(hasher)
    }

    /// Adds bytes without their length.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes);
        self
    }

    /// Adds `L(bytes)`: the length as a `u32`, then the bytes.
    pub fn prefixed(self, bytes: &[u8]) -> Self {
        self.u32(bytes.len()).raw(bytes)
    }

    pub fn u8(self, number: u8) -> Self {
        self.raw(&[number])
    }

    /// Adds a count or a length, which the limits of the store keep far below 2^16.
    pub fn u16(self, count: usize) -> Self {
        self.raw(&(count as u16).to_be_bytes())
    }

    /// Adds a count or a length, which the limits of the store keep far below 2^32.
    pub fn u32(self, count: usize) -> Self {
        self.raw(&(count as u32).to_be_bytes())
    }

    pub fn u64(self, number: u64) -> Self {
        self.raw(&number.to_be_bytes())
    }

    pub fn finish(self) -> Digest {
        self.0.finalize().into()
    }
}

/// Writes bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashing the parts gives the same as hashing the tag, a zero byte and the joined parts.
    #[test]
    fn parts_are_joined() {
        let joined = Sha256::digest(b"reconcile/x\0\0\0\0\x01a\x07\0\x05");

        let hash = Hasher::new("reconcile/x")
            .prefixed(b"a")
            .u8(7)
            .u16(5)
            .finish();

        assert_eq!(hash[..], joined[..]);
    }

    #[test]
    fn hex_is_lower_case() {
        assert_eq!(hex(&[0x00, 0xAB, 0x7f]), "00ab7f");
    }
}
