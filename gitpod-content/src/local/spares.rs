use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sizes that spares are kept for at the same time.
const MOST_SIZES: usize = 4;

/// Limited volumes that only lack their names, a few of each size that is asked for.
#[derive(Debug)]
pub(super) struct Spares {
    of_each: usize,
    stock: Mutex<Stock>,
}

#[derive(Debug, Default)]
struct Stock {
    /// Those that were asked for, the latest last.
    sizes: Vec<u64>,
    ready: Vec<(u64, PathBuf)>,
    /// Nothing is to be made any more.
    closed: bool,
}

impl Spares {
    /// `of_each` of each of these sizes are wanted.
    pub(super) fn new(of_each: usize, sizes: &[u64]) -> Self {
        let spares = Self {
            of_each,
            stock: Mutex::default(),
        };
        for bytes in sizes.iter().rev() {
            spares.want(*bytes);
        }
        spares
    }

    fn stock(&self) -> MutexGuard<'_, Stock> {
        self.stock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Volumes of this size are in demand.
    pub(super) fn want(&self, bytes: u64) {
        let mut stock = self.stock();
        stock.sizes.retain(|size| *size != bytes);
        stock.sizes.push(bytes);
        if stock.sizes.len() > MOST_SIZES {
            stock.sizes.remove(0);
        }
    }

    pub(super) fn take(&self, bytes: u64) -> Option<PathBuf> {
        let mut stock = self.stock();
        let place = stock.ready.iter().position(|(size, _)| *size == bytes)?;
        Some(stock.ready.swap_remove(place).1)
    }

    /// The size of a spare that is to be made; the size in demand first.
    pub(super) fn lacking(&self) -> Option<u64> {
        let stock = self.stock();
        if stock.closed {
            return None;
        }
        let ready = |bytes: u64| {
            stock
                .ready
                .iter()
                .filter(|(size, _)| *size == bytes)
                .count()
        };
        let mut sizes = stock.sizes.iter().rev().copied();
        sizes.find(|bytes| ready(*bytes) < self.of_each)
    }

    /// Adds a spare. Gives back what is one too many: itself, or one of a size that nobody asked for lately.
    pub(super) fn put(&self, bytes: u64, path: PathBuf) -> Option<PathBuf> {
        let mut stock = self.stock();
        if stock.closed || !stock.sizes.contains(&bytes) {
            return Some(path);
        }
        stock.ready.push((bytes, path));
        let place = stock
            .ready
            .iter()
            .position(|(size, _)| !stock.sizes.contains(size))?;
        Some(stock.ready.swap_remove(place).1)
    }

    /// Nothing is to be made any more.
    pub(super) fn close(&self) {
        self.stock().closed = true;
    }

    /// All that are ready.
    pub(super) fn drain(&self) -> Vec<PathBuf> {
        let ready = std::mem::take(&mut self.stock().ready);
        ready.into_iter().map(|(_, path)| path).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(spares: &Spares) -> Vec<PathBuf> {
        let mut surplus = Vec::new();
        while let Some(bytes) = spares.lacking() {
            surplus.extend(spares.put(bytes, PathBuf::from(bytes.to_string())));
        }
        surplus
    }

    #[test]
    fn a_few_of_each_size_that_is_asked_for() {
        let spares = Spares::new(2, &[30, 50]);
        assert_eq!(spares.lacking(), Some(30), "the first class comes first");
        assert!(fill(&spares).is_empty());
        assert_eq!(spares.take(30), Some(PathBuf::from("30")));
        assert_eq!(spares.lacking(), Some(30));
        assert_eq!(spares.take(7), None);
        spares.want(7);
        assert_eq!(spares.lacking(), Some(7));
        fill(&spares);
        assert_eq!(spares.drain().len(), 6);
        spares.close();
        assert_eq!(spares.lacking(), None);
        assert!(spares.put(30, PathBuf::new()).is_some());
    }

    #[test]
    fn sizes_that_nobody_wants_any_more_are_given_up() {
        let spares = Spares::new(1, &[1]);
        fill(&spares);
        (2..=5).for_each(|bytes| spares.want(bytes));
        assert_eq!(fill(&spares), [PathBuf::from("1")]);
        assert_eq!(spares.drain().len(), 4);
    }

    #[test]
    fn none_are_made_when_none_are_wanted() {
        assert_eq!(Spares::new(0, &[1]).lacking(), None);
        assert_eq!(Spares::new(2, &[]).lacking(), None);
    }
}
