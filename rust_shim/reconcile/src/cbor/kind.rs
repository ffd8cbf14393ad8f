//! Kinds of items and their names (R2.9).

use std::fmt;

/// The kind of an item. Messages name several kinds in this order (R2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Unsigned,
    Negative,
    Bytes,
    Text,
    Array,
    Map,
    Tag,
    Simple,
    False,
    True,
    Null,
    Float,
}

impl Kind {
    const ALL: [Self; 12] = [
        Self::Unsigned,
        Self::Negative,
        Self::Bytes,
        Self::Text,
        Self::Array,
        Self::Map,
        Self::Tag,
        Self::Simple,
        Self::False,
        Self::True,
        Self::Null,
        Self::Float,
    ];

    /// The kind of an item with this initial byte.
    pub fn of(initial: u8) -> Self {
        match initial >> 5 {
            0 => Self::Unsigned,
            1 => Self::Negative,
            2 => Self::Bytes,
            3 => Self::Text,
            4 => Self::Array,
            5 => Self::Map,
            6 => Self::Tag,
            _ => match initial & 31 {
                20 => Self::False,
                21 => Self::True,
                22 => Self::Null,
                25..=27 => Self::Float,
                _ => Self::Simple,
            },
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned integer",
            Self::Negative => "negative integer",
            Self::Bytes => "byte string",
            Self::Text => "text string",
            Self::Array => "array",
            Self::Map => "map",
            Self::Tag => "tag",
            Self::Simple => "simple value",
            Self::False => "false",
            Self::True => "true",
            Self::Null => "null",
            Self::Float => "float",
        }
    }
}

/// A set of kinds, written as the names of all of them (R2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kinds(u16);

impl Kinds {
    pub const fn one(kind: Kind) -> Self {
        Self(1 << kind as u16)
    }

    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn contains(self, kind: Kind) -> bool {
        self.0 & Self::one(kind).0 != 0
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for kind in Kind::ALL.into_iter().filter(|&kind| self.contains(kind)) {
            write!(f, "{separator}{}", kind.name())?;
            separator = " or ";
        }
        Ok(())
    }
}

pub(crate) const UNSIGNED: Kinds = Kinds::one(Kind::Unsigned);
pub(crate) const INTEGERS: Kinds = UNSIGNED.or(Kinds::one(Kind::Negative));
pub(crate) const BYTES: Kinds = Kinds::one(Kind::Bytes);
pub(crate) const TEXT: Kinds = Kinds::one(Kind::Text);
pub(crate) const ARRAY: Kinds = Kinds::one(Kind::Array);
pub(crate) const MAP: Kinds = Kinds::one(Kind::Map);
pub(crate) const NULL: Kinds = Kinds::one(Kind::Null);

/// The kinds of values (R2.2).
pub(crate) const VALUES: Kinds = INTEGERS
    .or(BYTES)
    .or(TEXT)
    .or(ARRAY)
    .or(MAP)
    .or(Kinds::one(Kind::False))
    .or(Kinds::one(Kind::True));

/// The kinds of all items (R2.1).
pub(crate) const ITEMS: Kinds = VALUES.or(NULL);

#[cfg(test)]
mod tests {
    use super::*;

    /// R2.9: the names of several kinds are joined in the order of the list.
    #[test]
    fn r2_9_kinds_are_named_in_order() {
        assert_eq!(
            VALUES.to_string(),
            "unsigned integer or negative integer or byte string or text string or array or map or false or true"
        );
        assert_eq!(INTEGERS.to_string(), "unsigned integer or negative integer");
    }
}
