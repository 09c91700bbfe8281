//! Random changes of a program, one after the other, with random faults at random calls.

use asiaq_runtime::Goal;

use super::each::{WRITES, is_clear, is_long};
use super::world::World;
use super::{census, program};

/// Calls of a run that may go wrong.
const CALLS: usize = 250;

/// Numbers that look random (Marsaglia's xorshift of 64 bits).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 16
    }

    /// One of so many.
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next()).unwrap_or_default() % limit
    }
}

/// Every twentieth call, or so, goes wrong.
fn roll(world: &World, dice: &mut Dice) {
    world.proxy.clear();
    for n in 1..CALLS {
        if dice.below(20) == 0 {
            let fault = WRITES.get(dice.below(WRITES.len())).unwrap();
            world.proxy.at(n, fault.clone());
        }
    }
}

/// Three programs and a destroy: each arrives, or says what is wrong and the next run arrives.
async fn check(seed: u64) {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let world = World::new().await;
    let before = world.census().await;
    let mut turns: Vec<_> = (0..3).map(|_| (program::edited(dice.next()), Goal::Apply)).collect();
    turns.push((program::whole(), Goal::Destroy));
    for (turn, (program, goal)) in turns.into_iter().enumerate() {
        let program = world.checked(&program);
        roll(&world, &mut dice);
        let failed = match world.run(&program, goal).await {
            Ok((_, outcome)) => outcome.failed.into_iter().map(|failure| failure.error).collect(),
            Err(error) => vec![error],
        };
        assert!(failed.iter().all(is_clear), "seed {seed}, turn {turn}: {failed:#?}");
        let arrived = world.arrive(&program, goal).await;
        assert_eq!(arrived, Ok(()), "seed {seed}, turn {turn}, after {failed:#?}");
    }
    let after = world.census().await;
    let left: Vec<_> = after.iter().filter(|(kind, count)| before.get(*kind) != Some(count)).collect();
    let left: Vec<_> = left.into_iter().filter(|(kind, _)| !census::OUTLIVE.contains(kind)).collect();
    assert!(left.is_empty(), "seed {seed}: {left:?}");
}

#[tokio::test]
async fn random_changes_arrive_whatever_goes_wrong_on_the_way() {
    for seed in 1..=if is_long() { 40 } else { 1 } {
        check(seed).await;
    }
}
