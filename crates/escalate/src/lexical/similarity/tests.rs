use super::{Name, similarity};
use crate::lexical::tokens::tokens;

/// Two names, the matching characters, and all characters, as `difflib` of Python 3 finds them without its rule for junk.
const TABLE: &[(&str, &str, usize, usize)] = &[
    ("gcd", "gcd", 3, 6),
    ("gcd", "lcm", 1, 6),
    ("count_byte", "byteCount", 10, 20),
    ("count_letter", "count_byte", 5, 22),
    ("to_snake_case", "snake_case", 10, 23),
    ("toSnakeCase", "toCamelCase", 7, 26),
    ("popcount", "count_ones", 5, 18),
    ("parse_resp", "resp_parser", 10, 21),
    ("abab", "baba", 3, 8),
    ("abcabc", "cab", 3, 9),
    ("is_prime", "prime_factors", 7, 21),
    ("reverse_words", "words_reverse", 13, 26),
    ("longest_gap", "shortest_gap", 8, 23),
    ("aabbaabb", "bbaabbaa", 6, 16),
    ("abxcd", "abcd", 4, 9),
    ("qabxcd", "abycdf", 4, 12),
    ("a_b", "gcd", 0, 3),
    ("gcd", "a_b", 0, 3),
    (
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        64,
        128,
    ),
    (
        "abababababababababababababababababababababababababababababababababababababababab",
        "babababababababababababababababababababababababababababababababababababababababa",
        63,
        128,
    ),
    ("json_parse", "parse_json_line", 10, 25),
    ("crc32", "crc_32_of_bytes", 3, 20),
    ("aaaa bbbb cccc dddd", "dddd cccc bbbb aaaa", 19, 38),
    ("cca_babac_b_abab_cb_bab", "_bbaabbbbccbbbb_cac_bbc", 10, 43),
    ("ccacac", "c_cb__bacac_a_c", 4, 14),
    ("a_abbab_ccc_acca", "abccbccacccbabc_b", 6, 29),
    ("a_abc", "__baa_cbbb_a", 2, 11),
    ("_cba_cb_b", "__c_cc__ba_b_cba_cca", 5, 19),
    ("accc_cccba_ccc_", "cccc_cb_ccbbb", 7, 27),
    ("_ca_b_ccabb_bbb", "a_bbabacb_ba__c_abbcac_c", 3, 29),
    ("acacaccccb__c_bb_", "_bbaca_acbc___b_c___bc", 5, 26),
    ("_c_acc_cb_aa_", "cab_a_cb_ab", 5, 18),
    ("cbcc__aabcccca_ccba", "c_ab", 2, 20),
    ("____", "_bc_aca_c_cbb__cb_a", 0, 13),
    ("bcaaac", "a__aaababc_bbb_ba", 4, 20),
    ("baa_acaa_ba_ac__ccabcbc", "bcabccbbc__bbacaaaa_b", 13, 40),
    ("__caa_ab_baa_bb_", "bccc__bcc_cabb_", 6, 26),
    ("aaabbb", "__ca_", 1, 8),
    ("c_c__abbbac__bcacbc", "a_acccaa__b", 4, 19),
    ("cc_bbab", "ba_c", 2, 9),
    ("b_cca_bbbba_c", "_a__", 0, 9),
    ("aacaab_a_", "ba__a", 1, 8),
    ("c__ca", "bb_bb", 0, 4),
    ("caabab", "a_c___bac_babc_ac_cbba_", 4, 22),
    ("a_bca_babcc", "a_c_acb", 1, 12),
    ("a_baa_ca_bcacbbc_ccaaa", "aabc", 4, 24),
    ("cab_bcbccabbacbb_", "_acc_b__b_ab__aab", 4, 26),
];

#[test]
fn the_ratio_is_that_of_difflib() {
    for (one, other, matching, total) in TABLE {
        let found = similarity(&Name::new(&tokens(one)), &Name::new(&tokens(other)));
        let expected = if *matching == 0 { 0.0 } else { (2 * matching) as f64 / *total as f64 };
        assert_eq!(found.to_bits(), expected.to_bits(), "{one} {other}: {found} {expected}");
    }
}
