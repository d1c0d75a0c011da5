//! The icon of the tab: the page's own, with a badge that says how far an experiment is.

use super::download::SVG;
use leptos::prelude::*;

/// What the badge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    /// Nothing: there is no badge.
    None,
    /// So many of 100 are done.
    Percent(u8),
    /// All went well.
    Done,
    /// Something failed or was stopped.
    Trouble,
}

/// The page's icon without its frame.
const GRID: &str = "<path d='M2 3h4v4H2zM8 3h4v4H8zM2 13h4v4H2zM14 8h4v4h-4z' fill='#4d79a8'/>\
    <path d='M14 3h4v4h-4zM8 8h4v4H8zM2 8h4v4H2zM8 13h4v4H8zM14 13h4v4h-4z' fill='#fff'/>";

/// Steps in which a bar grows: finer ones cannot be seen at this size.
const PERCENT_A_STEP: u8 = 5;

impl Badge {
    /// The badge of a share of 1, in the steps in which a bar grows.
    pub fn of_share(share: f64) -> Badge {
        let percent = (100.0 * share.clamp(0.0, 1.0)) as u8;
        Badge::Percent(percent / PERCENT_A_STEP * PERCENT_A_STEP)
    }

    /// The icon with this badge, 20 by 20; `None` if it is the page's own.
    fn svg(self) -> Option<String> {
        let badge = match self {
            Badge::None => return None,
            Badge::Percent(percent) => format!(
                "<rect y='14' width='20' height='6' fill='#15304f'/>\
                 <rect x='1' y='15' width='18' height='4' rx='2' fill='#4d79a8'/>\
                 <rect x='1' y='15' width='{:.1}' height='4' rx='2' fill='#7fe0a3'/>",
                18.0 * f64::from(percent.min(100)) / 100.0
            ),
            Badge::Done => "<circle cx='14' cy='14' r='6' fill='#1d7a46'/>\
                <path d='M11 14l2.2 2.2 4-4.4' fill='none' stroke='#fff' stroke-width='2'/>"
                .to_owned(),
            Badge::Trouble => "<circle cx='14' cy='14' r='6' fill='#c0392b'/>\
                <path d='M14 10.5v4.2M14 16.4v1.4' stroke='#fff' stroke-width='2'/>"
                .to_owned(),
        };
        Some(format!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 20'>\
             <rect width='20' height='20' rx='4' fill='#15304f'/>\
             <g transform='translate(1 1) scale(.9)'>{GRID}</g>{badge}</svg>"
        ))
    }
}

/// Keeps the tab's icon at a badge.
pub fn follow(badge: Signal<Badge>) {
    let Ok(Some(link)) = document().query_selector("link[rel=icon]") else { return };
    let own = link.get_attribute("href").unwrap_or_default();
    Effect::new(move |_| {
        let drawn = badge.get().svg();
        let address =
            drawn.map(|svg| format!("data:{SVG},{}", String::from(js_sys::encode_uri_component(&svg))));
        let _ = link.set_attribute("href", address.as_deref().unwrap_or(&own));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_badge_grows_in_steps_and_is_full_only_at_the_end() {
        let of = Badge::of_share;
        assert_eq!([of(-1.0), of(0.049), of(0.38), of(0.999)], [0, 0, 35, 95].map(Badge::Percent));
        assert_eq!([of(1.0), of(7.0), of(f64::NAN)], [100, 100, 0].map(Badge::Percent));
    }

    #[test]
    fn every_badge_is_a_drawing_of_its_own() {
        assert_eq!(Badge::None.svg(), None);
        let drawn = [Badge::Percent(0), Badge::Percent(50), Badge::Done, Badge::Trouble].map(Badge::svg);
        let drawn: Vec<String> = drawn.into_iter().flatten().collect();
        assert!(drawn.iter().all(|svg| svg.starts_with("<svg") && svg.ends_with("</svg>")));
        assert!(drawn[1].contains("width='9.0'"));
        let mut different = drawn.clone();
        different.dedup();
        assert_eq!(different.len(), 4);
    }
}
