//! The codecs of Python that a source may be written in, beside UTF-8 and Latin-1.
//!
//! In: a name as a source declares it (PEP 263), bytes. Out: the text; `None` where a codec is not known, or has no such bytes.
//!
//! **Invariant:** a name is known only if Python knows it, and stands for the same characters there.

use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, IBM866, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6,
    ISO_8859_7, ISO_8859_8, ISO_8859_10, ISO_8859_13, ISO_8859_14, ISO_8859_15, ISO_8859_16, KOI8_R, KOI8_U, MACINTOSH,
    SHIFT_JIS, WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1255,
    WINDOWS_1256, WINDOWS_1257, WINDOWS_1258, X_MAC_CYRILLIC,
};

/// Python's names (`encodings.aliases`), in lower case and with `-` for `_`.
const CODECS: [(&[&str], &Encoding); 34] = [
    (&["cp1252", "1252", "windows-1252"], WINDOWS_1252),
    (&["cp1250", "1250", "windows-1250"], WINDOWS_1250),
    (&["cp1251", "1251", "windows-1251"], WINDOWS_1251),
    (&["cp1253", "1253", "windows-1253"], WINDOWS_1253),
    (&["cp1254", "1254", "windows-1254"], WINDOWS_1254),
    (&["cp1255", "1255", "windows-1255"], WINDOWS_1255),
    (&["cp1256", "1256", "windows-1256"], WINDOWS_1256),
    (&["cp1257", "1257", "windows-1257"], WINDOWS_1257),
    (&["cp1258", "1258", "windows-1258"], WINDOWS_1258),
    (&["cp874"], WINDOWS_874),
    (&["cp866", "866", "csibm866", "ibm866"], IBM866),
    (&["koi8-r", "cskoi8r"], KOI8_R),
    (&["koi8-u"], KOI8_U),
    (&["iso8859-2", "iso-8859-2", "latin2", "l2"], ISO_8859_2),
    (&["iso8859-3", "iso-8859-3", "latin3", "l3"], ISO_8859_3),
    (&["iso8859-4", "iso-8859-4", "latin4", "l4"], ISO_8859_4),
    (&["iso8859-5", "iso-8859-5", "cyrillic"], ISO_8859_5),
    (&["iso8859-6", "iso-8859-6", "arabic"], ISO_8859_6),
    (&["iso8859-7", "iso-8859-7", "greek", "greek8"], ISO_8859_7),
    (&["iso8859-8", "iso-8859-8", "hebrew"], ISO_8859_8),
    (&["iso8859-10", "iso-8859-10", "latin6", "l6"], ISO_8859_10),
    (&["iso8859-13", "iso-8859-13", "latin7", "l7"], ISO_8859_13),
    (&["iso8859-14", "iso-8859-14", "latin8", "l8"], ISO_8859_14),
    (&["iso8859-15", "iso-8859-15", "latin9", "l9"], ISO_8859_15),
    (&["iso8859-16", "iso-8859-16", "latin10", "l10"], ISO_8859_16),
    (&["mac-roman", "macroman", "macintosh"], MACINTOSH),
    (&["mac-cyrillic", "maccyrillic"], X_MAC_CYRILLIC),
    (&["gbk", "936", "cp936", "ms936", "gb2312", "chinese", "euc-cn", "euccn", "gb2312-80", "gb2312-1980"], GBK),
    (&["gb18030", "gb18030-2000"], GB18030),
    (&["big5", "big5-tw", "csbig5", "big5hkscs", "big5-hkscs", "hkscs"], BIG5),
    (&["shift-jis", "shiftjis", "s-jis", "sjis", "csshiftjis"], SHIFT_JIS),
    (&["cp932", "932", "ms932", "ms-kanji", "mskanji"], SHIFT_JIS),
    (&["euc-jp", "eucjp", "u-jis", "ujis"], EUC_JP),
    (&["euc-kr", "euckr", "korean", "ks-c-5601", "ksc5601", "cp949", "949", "ms949", "uhc"], EUC_KR),
];

/// Finds the codec of a name.
pub(super) fn named(name: &str) -> Option<&'static Encoding> {
    CODECS.iter().find(|(names, _)| names.contains(&name)).map(|(_, codec)| *codec)
}

/// Decodes bytes; `None` where one of them stands for nothing.
pub(super) fn decode(codec: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let text = codec.decode_without_bom_handling_and_without_replacement(bytes)?;
    // What Windows leaves out of its pages is a control character to browsers, and an error to Python.
    let is_hole = |it: char| ('\u{80}'..='\u{9f}').contains(&it);
    (!codec.name().starts_with("windows-") || !text.contains(is_hole)).then(|| text.into_owned())
}

/// Encodes a text; `None` where the codec has no byte for a character.
pub(super) fn encode(codec: &'static Encoding, text: &str) -> Option<Vec<u8>> {
    let (bytes, _, is_lossy) = codec.encode(text);
    (!is_lossy).then(|| bytes.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decoded_is_what_python_decodes() {
        // [bytes([b]).decode(codec) for b in …]
        for (name, bytes, expected) in [
            ("cp1252", &b"\x80 \xe9"[..], Some("€ é")),
            ("cp1252", b"\x81", None),
            ("cp1251", b"\xcf\xf0\xe8", Some("При")),
            ("iso-8859-15", b"\xa4\xe9", Some("€é")),
            ("latin9", b"\xa4", Some("€")),
            ("koi8-r", b"\xf0\xd2\xc9", Some("При")),
            ("euc-jp", b"\xc6\xfc\xcb\xdc", Some("日本")),
            ("shift-jis", b"\x93\xfa\x96\x7b", Some("日本")),
            ("gbk", b"\xd6\xd0\xce\xc4", Some("中文")),
            ("big5", b"\xa4\xa4\xa4\xe5", Some("中文")),
            ("cp949", b"\xc7\xd1", Some("한")),
            ("gbk", b"\xd6", None),
            ("cp1253", b"\xaa", None),
        ] {
            let codec = named(name).unwrap();
            assert_eq!(decode(codec, bytes).as_deref(), expected, "{name}");
            assert!(expected.is_none_or(|text| encode(codec, text).as_deref() == Some(bytes)), "{name}");
        }
        for name in ["ascii", "utf-16", "cp437", "x-sjis", "rot13", "iso-8859-1", ""] {
            assert_eq!(named(name), None, "{name}");
        }
        assert_eq!(encode(WINDOWS_1252, "日"), None);
    }
}
