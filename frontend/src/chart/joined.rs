//! Shapes of one style as one path, so that a chart of many lines has few elements. Saved files keep a path for each
//! line, which a drawing program can take hold of.

use super::shapes::Shape;
use std::collections::HashMap;

/// Most lines of a chart that are a path each.
pub const FEW_LINES: usize = 24;

/// Shapes that are drawn at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Joined {
    /// The classes of their style.
    pub class: String,
    /// Their `d`.
    pub path: String,
    /// How many they are.
    pub shapes: usize,
}

impl From<Shape> for Joined {
    fn from(Shape { class, path }: Shape) -> Joined {
        Joined { class, path, shapes: 1 }
    }
}

/// Shapes of one style together, each style where its uppermost shape lies: what lies above all others still does.
pub fn joined(shapes: Vec<Shape>) -> Vec<Joined> {
    let mut styles: Vec<Joined> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for shape in shapes.into_iter().rev() {
        match known.get(&shape.class) {
            Some(&at) => {
                styles[at].path.push_str(&shape.path);
                styles[at].shapes += 1;
            }
            None => {
                known.insert(shape.class.clone(), styles.len());
                styles.push(shape.into());
            }
        }
    }
    styles.reverse();
    styles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(class: &str, path: &str) -> Shape {
        Shape { class: class.into(), path: path.into() }
    }

    #[test]
    fn a_style_is_one_path_where_its_uppermost_shape_lies() {
        let shapes = vec![
            shape("band s0", "M0,0Z"),
            shape("line s0 d0", "M1,1"),
            shape("line s1 d0", "M2,2"),
            shape("line s1 d1", "M3,3"),
            shape("line s0 d0", "M4,4"),
        ];
        let joined = joined(shapes);
        let words: Vec<_> =
            joined.iter().map(|it| (it.class.as_str(), it.path.as_str(), it.shapes)).collect();
        assert_eq!(
            words,
            [
                ("band s0", "M0,0Z", 1),
                ("line s1 d0", "M2,2", 1),
                ("line s1 d1", "M3,3", 1),
                ("line s0 d0", "M4,4M1,1", 2),
            ]
        );
    }

    #[test]
    fn nothing_is_joined_to_nothing() {
        assert!(joined(Vec::new()).is_empty());
    }
}
