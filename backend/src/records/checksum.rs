//! Cyclic redundancy checks of 32 bits, as others' files carry them.

/// A check by its generator polynomial, bits reflected.
#[derive(Debug)]
pub(super) struct Checksum([u32; 256]);

/// CRC-32 of Ethernet and zlib.
pub(super) const CRC32: Checksum = Checksum::new(0xedb8_8320);

/// CRC-32C (Castagnoli), RFC 3720.
pub(super) const CRC32C: Checksum = Checksum::new(0x82f6_3b78);

impl Checksum {
    const fn new(polynomial: u32) -> Self {
        let mut table = [0; 256];
        let mut byte = 0;
        while byte < 256 {
            let mut remainder = byte as u32;
            let mut bit = 0;
            while bit < 8 {
                remainder = (remainder >> 1) ^ if remainder & 1 == 1 { polynomial } else { 0 };
                bit += 1;
            }
            table[byte] = remainder;
            byte += 1;
        }
        Self(table)
    }

    /// The checksum of these parts, one behind the other.
    pub(super) fn of(&self, parts: &[&[u8]]) -> u32 {
        let bytes = parts.iter().flat_map(|part| part.iter());
        !bytes.fold(!0, |crc, &byte| (crc >> 8) ^ self.0[usize::from(crc as u8 ^ byte)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check values of the catalogue of parametrised CRC algorithms, and the examples of RFC 3720, B.4.
    #[test]
    fn the_published_values_come_out() {
        assert_eq!(CRC32.of(&[b"123456789"]), 0xcbf4_3926);
        assert_eq!(CRC32C.of(&[b"12345", b"6789"]), 0xe306_9283);
        assert_eq!(CRC32C.of(&[&[0; 32]]), 0x8a91_36aa);
        assert_eq!(CRC32C.of(&[&[0xff; 32]]), 0x62a8_ab43);
    }
}
