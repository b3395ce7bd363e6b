//! The few letters by which tools tell projects of one name apart.
//!
//! In: a text, mostly a path. Out: the first eight letters of its hash in the URL-safe alphabet of base 64 (RFC 4648, 5).
//!
//! **Invariant:** always eight letters.

use md5::Md5;
use sha2::{Digest as _, Sha256};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// As Poetry, Pipenv and Hatch make them.
pub(super) fn sha256(text: &str) -> String {
    letters(&Sha256::digest(text.as_bytes()))
}

/// As PDM makes them.
pub(super) fn md5(text: &str) -> String {
    letters(&Md5::digest(text.as_bytes()))
}

/// Six bytes are eight letters of six bits each.
fn letters(digest: &[u8]) -> String {
    let bits = digest.iter().take(6).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let letter = |place: u64| {
        let index = usize::try_from(bits >> (6 * (7 - place)) & 63).unwrap_or_default();
        LETTERS.get(index).map_or('A', |it| char::from(*it))
    };
    (0..8).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // python3 -c 'import base64, hashlib; print(base64.urlsafe_b64encode(hashlib.sha256(b"…").digest()).decode()[:8])'
    #[test]
    fn hashes_are_those_of_python() {
        assert_eq!(sha256("/home/user/app"), "zrSR0Z2A");
        assert_eq!(sha256(""), "47DEQpj8");
        assert_eq!(md5("/home/user/app"), "TDfHw8Xs");
    }
}
