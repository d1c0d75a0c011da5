//! Signals and memos of any type over one signal and one memo of the framework.
//!
//! The framework compiles its whole machinery anew for every type that a signal or a memo holds and for every closure
//! that fills or reads it; forty types were a fifth of the page's wasm. Here each holds a box, and what is in it is
//! known again where it is read.

use leptos::prelude::{Update as _, With as _, WithUntracked as _};
use std::any::Any;
use std::marker::PhantomData;

type Held = Box<dyn Any + Send + Sync>;

/// A memo's value, and how it is told from another.
struct Kept {
    value: Held,
    differs: fn(&Held, &Held) -> bool,
}

/// A value that tells who reads it when it changes. Copies are the same signal.
pub struct RwSignal<T> {
    held: leptos::prelude::RwSignal<Held>,
    of: PhantomData<fn(T) -> T>,
}

/// A value made from signals; it tells on only what differs. Copies are the same memo.
pub struct Memo<T> {
    kept: leptos::prelude::Memo<Kept>,
    of: PhantomData<fn(T) -> T>,
}

/// Where the framework calls back: once at most.
type Visit<'a> = &'a mut dyn FnMut(&Held);

/// Reads what a visit shows; `None` if what holds it is gone with its part of the page.
fn read<T: 'static, U>(visit: impl FnOnce(Visit), read: impl FnOnce(&T) -> U) -> Option<U> {
    let (mut read, mut out) = (Some(read), None);
    visit(&mut |held| out = (**held).downcast_ref().zip(read.take()).map(|(value, read)| read(value)));
    out
}

fn gone() -> ! {
    unreachable!("a signal was read after its part of the page had gone")
}

fn follow(held: leptos::prelude::RwSignal<Held>, visit: Visit) {
    held.try_with(|held| visit(held));
}

fn look(held: leptos::prelude::RwSignal<Held>, visit: Visit) {
    held.try_with_untracked(|held| visit(held));
}

fn follow_memo(kept: leptos::prelude::Memo<Kept>, visit: Visit) {
    kept.try_with(|kept| visit(&kept.value));
}

fn look_memo(kept: leptos::prelude::Memo<Kept>, visit: Visit) {
    kept.try_with_untracked(|kept| visit(&kept.value));
}

fn change(held: leptos::prelude::RwSignal<Held>, change: &mut dyn FnMut(&mut Held) -> bool) {
    held.try_maybe_update(|held| (change(held), ()));
}

fn memo(make: Box<dyn Fn() -> Kept + Send + Sync>) -> leptos::prelude::Memo<Kept> {
    leptos::prelude::Memo::new_with_compare(
        move |_| make(),
        |before, now| before.zip(now).is_none_or(|(before, now)| (now.differs)(&before.value, &now.value)),
    )
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// A signal with its first value.
    pub fn new(value: T) -> Self {
        RwSignal { held: leptos::prelude::RwSignal::new(Box::new(value)), of: PhantomData }
    }

    /// Reads it, and follows it.
    pub fn with<U>(&self, with: impl FnOnce(&T) -> U) -> U {
        read(|visit| follow(self.held, visit), with).unwrap_or_else(|| gone())
    }

    /// Reads it once.
    pub fn with_untracked<U>(&self, with: impl FnOnce(&T) -> U) -> U {
        self.try_with_untracked(with).unwrap_or_else(|| gone())
    }

    /// Reads it once, unless its part of the page is gone.
    pub fn try_with_untracked<U>(&self, with: impl FnOnce(&T) -> U) -> Option<U> {
        read(|visit| look(self.held, visit), with)
    }

    /// Puts another value in its place.
    pub fn set(&self, value: T) {
        self.update(|held| *held = value);
    }

    /// Changes it.
    pub fn update(&self, update: impl FnOnce(&mut T)) {
        self.maybe_update(|held| {
            update(held);
            true
        });
    }

    /// Changes it; who reads it is told if the answer is yes.
    pub fn maybe_update(&self, update: impl FnOnce(&mut T) -> bool) {
        let mut update = Some(update);
        change(self.held, &mut |held| {
            (**held).downcast_mut().zip(update.take()).is_some_and(|(value, update)| update(value))
        });
    }
}

impl<T: Clone + Send + Sync + 'static> RwSignal<T> {
    /// A copy of it, which is followed.
    pub fn get(&self) -> T {
        self.with(T::clone)
    }

    /// A copy of it as it is now.
    pub fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }
}

impl<T: Send + Sync + 'static> Memo<T> {
    /// A value made from signals.
    pub fn new(make: impl Fn() -> T + Send + Sync + 'static) -> Self
    where
        T: PartialEq,
    {
        Memo::telling(make, |before, now| (**before).downcast_ref::<T>() != (**now).downcast_ref::<T>())
    }

    /// A value that is told on whenever it is made anew: comparing it would cost more than showing it.
    pub fn uncompared(make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Memo::telling(make, |_, _| true)
    }

    fn telling(make: impl Fn() -> T + Send + Sync + 'static, differs: fn(&Held, &Held) -> bool) -> Self {
        Memo { kept: memo(Box::new(move || Kept { value: Box::new(make()), differs })), of: PhantomData }
    }

    /// Reads it, and follows it.
    pub fn with<U>(&self, with: impl FnOnce(&T) -> U) -> U {
        read(|visit| follow_memo(self.kept, visit), with).unwrap_or_else(|| gone())
    }

    /// Reads it once.
    pub fn with_untracked<U>(&self, with: impl FnOnce(&T) -> U) -> U {
        read(|visit| look_memo(self.kept, visit), with).unwrap_or_else(|| gone())
    }
}

impl<T: Clone + Send + Sync + 'static> Memo<T> {
    /// A copy of it, which is followed.
    pub fn get(&self) -> T {
        self.with(T::clone)
    }

    /// A copy of it as it is now.
    pub fn get_untracked(&self) -> T {
        self.with_untracked(T::clone)
    }
}

impl<T> Clone for RwSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for RwSignal<T> {}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::prelude::Owner;

    #[test]
    fn memos_follow_signals_and_tell_on_what_differs() {
        let owner = Owner::new();
        owner.set();
        let signal = RwSignal::new(vec![1, 2]);
        let length = Memo::new(move || signal.with(Vec::len));
        let made = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counter = made.clone();
        let text = Memo::new(move || {
            counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            format!("{} items", length.get())
        });
        assert_eq!(text.get_untracked(), "2 items");
        signal.set(vec![3, 4]);
        assert_eq!((text.get_untracked(), signal.get_untracked()), ("2 items".into(), vec![3, 4]));
        assert_eq!(made.load(std::sync::atomic::Ordering::Relaxed), 1);
        signal.update(|items| items.push(5));
        assert_eq!(text.get_untracked(), "3 items");
        signal.maybe_update(|items| {
            items.clear();
            false
        });
        assert_eq!((text.get_untracked(), signal.with_untracked(Vec::is_empty)), ("3 items".into(), true));
    }

    #[test]
    fn an_uncompared_memo_always_tells() {
        let owner = Owner::new();
        owner.set();
        let signal = RwSignal::new(1);
        let same = Memo::uncompared(move || signal.with(|_| 0));
        let made = RwSignal::new(0);
        let after = Memo::new(move || {
            made.maybe_update(|n| {
                *n += 1;
                false
            });
            same.get()
        });
        assert_eq!(after.get_untracked(), 0);
        signal.set(2);
        assert_eq!((after.get_untracked(), made.get_untracked()), (0, 2));
    }

    #[test]
    fn what_is_gone_can_be_asked_for() {
        let owner = Owner::new();
        let signal = owner.with(|| RwSignal::new(1));
        assert_eq!(signal.try_with_untracked(|n| *n), Some(1));
        owner.cleanup();
        assert_eq!(signal.try_with_untracked(|n| *n), None);
        signal.set(2);
    }
}
