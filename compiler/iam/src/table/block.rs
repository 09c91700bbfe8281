//! The table of services as text: a block for each, in order of their prefixes.

use std::cmp::Ordering;

/// The lines of a service behind the line with its prefix, by bisection: a check reads only the services it asks for.
pub(super) fn block<'t>(table: &'t str, prefix: &str) -> Option<&'t str> {
    let mut low = table.find("\n=")? + 1;
    let mut high = table.len();
    while low < high {
        let middle = usize::midpoint(low, high);
        let start = table.get(low..=middle)?.rfind("\n=").map_or(low, |at| low + at + 1);
        let end = table.get(middle..high)?.find("\n=").map_or(high, |at| middle + at + 1);
        let block = table.get(start..end)?;
        let (head, body) = block.split_once('\n').unwrap_or((block, ""));
        match head.strip_prefix('=')?.cmp(prefix) {
            Ordering::Equal => return Some(body),
            Ordering::Less => low = end,
            Ordering::Greater => high = start,
        }
    }
    None
}

/// The prefixes of all blocks.
pub(super) fn prefixes(table: &str) -> impl Iterator<Item = &str> {
    table.lines().filter_map(|line| line.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_found_and_nothing_else() {
        let table = "# a\n# = b\n=a\n!x\n+y\n=ab\n=b-c\n!1\n!2\n!3\n=d\n!=4";
        assert_eq!(block(table, "a"), Some("!x\n+y\n"));
        assert_eq!(block(table, "ab"), Some(""));
        assert_eq!(block(table, "b-c"), Some("!1\n!2\n!3\n"));
        assert_eq!(block(table, "d"), Some("!=4"));
        for missing in ["", "aa", "b", "c", "e"] {
            assert_eq!(block(table, missing), None, "{missing}");
        }
        assert_eq!(block("", "a"), None);
    }
}
