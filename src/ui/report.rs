//! The addresses that a project has and uses.

use std::fmt::Write as _;

use asiaq_compiler::{Capacity, EnvironmentCapacity, NetworkCapacity, Part, PoolCapacity};

use super::from_program;
use super::table::{self, Cell};
use super::text::{BOLD, DIM, GOOD, PLAIN, count, listed, paint};
use super::width::width;

/// Width of a bar in characters.
const WIDTH: usize = 24;

/// Environments with their metanetworks, then the pools.
pub(crate) fn capacity(capacity: &Capacity) -> String {
    let environments = capacity.environments.iter().map(environment);
    let parts = environments.chain(capacity.pools.iter().map(pool));
    parts.chain([from_program()]).flat_map(|part| ["\n".to_owned(), part]).collect()
}

fn environment(env: &EnvironmentCapacity) -> String {
    let place = match (env.block, env.pool) {
        (Some(block), _) => block.to_string(),
        (None, Some(pool)) => format!("/{} in {pool}", env.prefix),
        (None, None) => format!("/{}", env.prefix),
    };
    let lost = env.reserved + env.spare;
    let bar = bar(&[(env.usable, '█', GOOD), (lost, '▒', DIM), (env.free, '░', PLAIN)]);
    let largest = env.free_parts.iter().min_by_key(|part| part.prefix);
    let largest = largest.map(|part| format!(", the largest part {}", block(*part))).unwrap_or_default();
    let heading = format!("{place}, {}: {} addresses", count(env.zones, "zone"), number(env.addresses));
    let use_of_addresses = format!(
        "{} usable, {} in spare slots, {} reserved by AWS, {} free{largest}",
        number(env.usable),
        number(env.spare),
        number(env.reserved),
        number(env.free),
    );
    let mut text = headed(&env.name, &heading, &bar, &use_of_addresses);
    let headings = ["METANETWORK", "CIDR BLOCK", "SUBNETS", "USABLE", "IN A ZONE", "USED", "SPARE SLOTS"];
    let mut rows = vec![headings.map(|heading| Cell::new(DIM, heading)).to_vec()];
    rows.extend(env.networks.iter().map(network));
    if env.networks.iter().all(|network| network.spare_slots == 0) {
        // A column without values would take the room of the others.
        for row in &mut rows {
            row.truncate(headings.len() - 1);
        }
    }
    for line in table::fitted(&rows, 0, width().saturating_sub(2), 4).concat() {
        let _ = writeln!(text, "  {line}");
    }
    text
}

/// A name with what it has, and a bar with what it shows.
fn headed(name: &str, what: &str, bar: &str, shown: &str) -> String {
    let heading = vec![Cell::new(BOLD, name), Cell::plain(what)];
    let mut lines = table::fitted(&[heading], 0, width(), 2).concat();
    let room = width().saturating_sub(WIDTH + 4);
    for (at, line) in table::wrapped(PLAIN, shown, room, 0).into_iter().enumerate() {
        let bar = if at == 0 { bar.to_owned() } else { " ".repeat(WIDTH) };
        lines.push(format!("  {bar}  {line}"));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

fn network(network: &NetworkCapacity) -> Vec<Cell> {
    let spare = match network.spare_slots {
        0 => String::new(),
        slots => format!("{slots} × /{}", network.subnet_prefix),
    };
    vec![
        Cell::plain(&network.name),
        Cell::plain(block(network.part)),
        Cell::plain(format!("{} × /{}", network.subnets, network.subnet_prefix)),
        Cell::plain(number(network.usable)),
        Cell::plain(number(network.usable_per_zone)),
        Cell::plain(used(network)),
        Cell::plain(spare),
    ]
}

/// What uses addresses, as in "2 static, 3 NAT, 16 for load balancers, 10 instances".
fn used(network: &NetworkCapacity) -> String {
    let parts = [
        (network.static_addresses, "static"),
        (network.nat_gateways, "NAT"),
        (network.balancers, "for load balancers"),
        (network.machines, if network.machines == 1 { "instance" } else { "instances" }),
    ];
    let said =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, what)| format!("{number} {what}"));
    said.collect::<Vec<_>>().join(", ")
}

fn block(part: Part) -> String {
    part.block.map_or_else(|| format!("/{}", part.prefix), |block| block.to_string())
}

fn pool(pool: &PoolCapacity) -> String {
    let free = pool.addresses.saturating_sub(pool.taken);
    let shown =
        format!("{} taken by {}, {} free", number(pool.taken), listed(&pool.environments), number(free));
    headed(
        &format!("pool {}", pool.pool),
        &format!("{} addresses", number(pool.addresses)),
        &bar(&[(pool.taken, '█', GOOD), (free, '░', PLAIN)]),
        &shown,
    )
}

/// A bar of parts, each as wide as its share, but at least one character.
fn bar(parts: &[(u64, char, anstyle::Style)]) -> String {
    let widths = widths(&parts.iter().map(|(size, ..)| *size).collect::<Vec<_>>());
    let drawn = parts.iter().zip(widths);
    drawn.map(|((_, mark, style), width)| paint(*style, &mark.to_string().repeat(width))).collect()
}

/// The width of each part of a bar in characters.
fn widths(sizes: &[u64]) -> Vec<usize> {
    let whole: u64 = sizes.iter().sum();
    let share = |size: u64| {
        let exact = u128::from(size) * WIDTH as u128 / u128::from(whole.max(1));
        usize::try_from(exact).unwrap_or(WIDTH).max(usize::from(size > 0))
    };
    let mut widths: Vec<usize> = sizes.iter().map(|size| share(*size)).collect();
    // The widest part absorbs the rounding error.
    let total: usize = widths.iter().sum();
    if let Some(widest) = widths.iter_mut().max() {
        *widest = (*widest + WIDTH).saturating_sub(total);
    }
    widths
}

/// `4,096`
fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!([0, 999, 1000, 8_388_608].map(number), ["0", "999", "1,000", "8,388,608"]);
    }

    #[test]
    fn a_bar_has_one_width_and_shows_what_is_there() {
        assert_eq!(widths(&[1, 1]), [12, 12]);
        assert_eq!(widths(&[1, 1_000_000, 0]), [1, 23, 0]);
        assert_eq!(widths(&[1, 1, 1]), [8, 8, 8]);
        assert_eq!(widths(&[5, 5, 3]).iter().sum::<usize>(), WIDTH);
    }
}
