use proptest::prelude::*;

use super::*;

fn net(text: &str) -> Ipv4Net {
    text.parse().unwrap()
}

fn given(whole: &str, asks: &[Ask]) -> Vec<String> {
    allocate(net(whole), asks)
        .into_iter()
        .map(|block| block.map_or("-".to_owned(), |block| block.to_string()))
        .collect()
}

#[test]
fn shares_are_equal_and_aligned_around_what_is_fixed() {
    assert_eq!(
        given("10.0.0.0/20", &[Ask::Share, Ask::Fixed(net("10.0.1.0/24")), Ask::Share, Ask::Share]),
        ["10.0.4.0/22", "10.0.1.0/24", "10.0.8.0/22", "10.0.12.0/22"]
    );
    assert_eq!(
        given("10.0.0.0/28", &[Ask::Share; 4]),
        ["10.0.0.0/30", "10.0.0.4/30", "10.0.0.8/30", "10.0.0.12/30"]
    );
}

#[test]
fn sized_blocks_go_first_the_largest_before_the_others() {
    assert_eq!(
        given("10.0.0.0/22", &[Ask::Sized(26), Ask::Share, Ask::Sized(24), Ask::Share]),
        ["10.0.1.0/26", "10.0.2.0/24", "10.0.0.0/24", "10.0.3.0/24"]
    );
}

#[test]
fn what_does_not_fit_gets_nothing() {
    assert_eq!(given("10.0.0.0/24", &[Ask::Sized(24), Ask::Sized(25)]), ["10.0.0.0/24", "-"]);
}

#[test]
fn zones_get_aligned_parts_and_the_spare_ones_stay_free() {
    let parts: Vec<String> = split(net("10.101.0.0/20"), 3, 3).iter().map(ToString::to_string).collect();
    assert_eq!(parts, ["10.101.0.0/22", "10.101.4.0/22", "10.101.8.0/22"]);
    assert_eq!([1, 2, 3, 4, 5, 8, 9, 16].map(bits), [0, 1, 2, 2, 3, 3, 4, 4]);
}

#[test]
fn a_home_in_a_pool_avoids_what_is_taken() {
    let taken = [net("10.0.0.0/18"), net("10.0.80.0/24"), net("172.31.0.0/16")];
    for name in ["ci", "demo", "sandbox-7", "x"] {
        let block = choose(name, 20, net("10.0.0.0/16"), &taken).unwrap();
        assert!(taken.iter().all(|other| !overlaps(*other, block)), "{name}: {block}");
        assert_eq!(choose(name, 20, net("10.0.0.0/16"), &taken), Some(block));
    }
    assert_eq!(choose("ci", 20, net("10.0.0.0/16"), &[net("10.0.0.0/8")]), None);
    assert_eq!(choose("ci", 28, net("10.0.0.0/8"), &[net("10.0.0.0/8")]), None);
}

prop_compose! {
    fn part_of(whole: Ipv4Net)(prefix in whole.prefix_len()..=28, at in any::<u32>()) -> Ipv4Net {
        let slots = 1_u32 << (prefix - whole.prefix_len());
        nth(whole, prefix, (at % slots) as usize).unwrap()
    }
}

fn an_ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        part_of(net("10.0.0.0/18")).prop_map(Ask::Fixed),
        (18_u8..=28).prop_map(Ask::Sized),
        Just(Ask::Share),
    ]
}

proptest! {
    /// Blocks that were given, not fixed, lie inside, are aligned, and overlap nothing.
    #[test]
    fn allocation_never_overlaps(asks in prop::collection::vec(an_ask(), 1..9)) {
        let whole = net("10.0.0.0/18");
        let blocks = allocate(whole, &asks);
        for (at, block) in blocks.iter().enumerate() {
            let Some(block) = block else { continue };
            prop_assert_eq!(block.trunc(), *block);
            prop_assert!(whole.contains(block));
            if !matches!(asks[at], Ask::Fixed(_)) {
                for (other, taken) in blocks.iter().enumerate() {
                    prop_assert!(other == at || taken.is_none_or(|taken| !overlaps(taken, *block)));
                }
            }
        }
    }

    /// Once blocks are live, they are fixed asks: whatever is added, they stay.
    #[test]
    fn allocation_never_renumbers(asks in prop::collection::vec(an_ask(), 1..6), more in an_ask()) {
        let whole = net("10.0.0.0/18");
        let first = allocate(whole, &asks);
        let mut again: Vec<Ask> = first.iter().map(|block| block.map_or(Ask::Share, Ask::Fixed)).collect();
        again.push(more);
        let second = allocate(whole, &again);
        for (before, after) in first.iter().zip(&second) {
            prop_assert!(before.is_none() || before == after);
        }
    }

    /// What is taken and what remains make up the whole.
    #[test]
    fn taking_loses_no_address(hole in part_of(net("10.0.0.0/18"))) {
        let whole = net("10.0.0.0/18");
        let size = |block: &Ipv4Net| 1_u64 << (32 - block.prefix_len());
        let free = remainder(whole, [hole]);
        prop_assert_eq!(free.iter().map(size).sum::<u64>() + size(&hole), size(&whole));
        prop_assert!(free.windows(2).all(|pair| pair[0].network() < pair[1].network()));
    }
}
