//! Python programs of the gate itself, which run in a confined process like any other.

/// Makes wrong programs of a candidate's source, and its normal form.
pub(crate) const MUTANTS: &str = include_str!("mutants.py");

/// Wraps a generator so that one call draws many instances.
pub(crate) const GENERATOR: &str = "

def nmk_draw_instances(seed, count):
    import random
    rng = random.Random(seed)
    drawn = []
    for _ in range(count):
        instance = generate(rng)
        drawn.append(instance if type(instance) is tuple else (instance,))
    return drawn
";

/// The function of [`GENERATOR`].
pub(crate) const DRAW: &str = "nmk_draw_instances";
