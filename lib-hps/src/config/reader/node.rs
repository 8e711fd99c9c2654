// SPDX-License-Identifier: GPL-3.0-or-later
//! A value of the file as serde reads it, with the repairs.

use super::document::Document;
use super::failure::{Failure, Form};
use super::path::Path;
use super::repairs::Repairs;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};
use toml::de::{DeArray, DeInteger, DeTable, DeValue};

/// A value, and where it is.
pub(super) struct Node<'a> {
    content: Content<'a>,
    path: Path,
    repairs: &'a Repairs,
}

enum Content<'a> {
    /// The file, and each table.
    Table(&'a DeTable<'a>),
    Value(&'a DeValue<'a>),
}

impl<'a> Node<'a> {
    /// The whole file.
    pub(super) fn root(document: &'a Document<'a>, repairs: &'a Repairs) -> Self {
        Self { content: Content::Table(document.root()), path: Path::default(), repairs }
    }

    fn from_value(value: &'a DeValue<'a>, path: Path, repairs: &'a Repairs) -> Self {
        let content = match value {
            DeValue::Table(table) => Content::Table(table),
            other => Content::Value(other),
        };
        Self { content, path, repairs }
    }

    fn number<'de, V: Visitor<'de>>(self, form: Form, visitor: V) -> Result<V::Value, Failure> {
        match self.content {
            Content::Value(DeValue::Integer(number)) => visit_number(number, form, visitor),
            _ => Err(Failure::form(form)),
        }
    }

    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.content {
            Content::Value(DeValue::String(text)) => visitor.visit_str(text),
            _ => Err(Failure::form(Form::Text)),
        }
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: &DeInteger<'_>, form: Form, visitor: V) -> Result<V::Value, Failure> {
    let (digits, radix) = (number.as_str(), number.radix());
    if let Ok(number) = i64::from_str_radix(digits, radix) {
        return visitor.visit_i64(number).map_err(|failure: Failure| failure.or_form(form));
    }
    match u64::from_str_radix(digits, radix) {
        Ok(number) => visitor.visit_u64(number).map_err(|failure: Failure| failure.or_form(form)),
        Err(_) => Err(Failure::form(form)),
    }
}

macro_rules! numbers {
    ($form:expr => $($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            self.number($form, visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.content {
            Content::Table(_) => self.deserialize_map(visitor),
            Content::Value(DeValue::Array(_)) => self.deserialize_seq(visitor),
            Content::Value(DeValue::Boolean(_)) => self.deserialize_bool(visitor),
            Content::Value(DeValue::Integer(_)) => self.number(Form::Other, visitor),
            Content::Value(DeValue::String(_)) => self.text(visitor),
            // These files have no key with a float or a date.
            Content::Value(_) => Err(Failure::form(Form::Other)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.content {
            Content::Value(DeValue::Boolean(value)) => visitor.visit_bool(*value),
            _ => Err(Failure::form(Form::Bool)),
        }
    }

    numbers! { Form::Short => deserialize_u16 }
    numbers! { Form::Number => deserialize_u8 deserialize_u32 deserialize_u64 deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.text(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.content {
            Content::Value(DeValue::Array(list)) => visitor.visit_seq(Elements::new(list, self.path, self.repairs)),
            _ => Err(Failure::form(Form::List)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let path = self.path;
        match self.content {
            Content::Table(table) => {
                visitor.visit_map(Entries::new(table, &path, self.repairs)).map_err(|failure| failure.at(&path))
            }
            Content::Value(_) => Err(Failure::form(Form::Table)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.deserialize_map(visitor)
    }

    serde::forward_to_deserialize_any! {
        f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier ignored_any
    }
}

/// The keys of a table.
struct Entries<'a> {
    left: std::vec::IntoIter<Entry<'a>>,
    value: Option<(Path, &'a DeValue<'a>)>,
    repairs: &'a Repairs,
}

/// The name, where, and the value.
type Entry<'a> = (&'a str, Path, &'a DeValue<'a>);

impl<'a> Entries<'a> {
    fn new(table: &'a DeTable<'a>, path: &Path, repairs: &'a Repairs) -> Self {
        let mut all: Vec<Entry<'a>> = Vec::new();
        for (name, value) in table {
            let name = repairs.names().read_as(path, name.get_ref());
            let path = path.key(name);
            if !repairs.leave_out(&path) {
                all.push((name, path, value.get_ref()));
            }
        }
        all.extend(repairs.samples_in(path));
        Self { left: all.into_iter(), value: None, repairs }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Failure> {
        let Some((name, path, value)) = self.left.next() else { return Ok(None) };
        let name: StrDeserializer<'_, Failure> = name.into_deserializer();
        let key = seed.deserialize(name).map_err(|failure| failure.at_key(&path))?;
        self.value = Some((path, value));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        let Some((path, value)) = self.value.take() else { return Err(Failure::form(Form::Other)) };
        seed.deserialize(Node::from_value(value, path.clone(), self.repairs)).map_err(|failure| failure.at(&path))
    }
}

/// The elements of a list.
struct Elements<'a> {
    left: std::vec::IntoIter<(Path, &'a DeValue<'a>)>,
    repairs: &'a Repairs,
}

impl<'a> Elements<'a> {
    fn new(list: &'a DeArray<'a>, path: Path, repairs: &'a Repairs) -> Self {
        let all = list.iter().enumerate().map(|(index, value)| (path.index(index), value.get_ref()));
        let all: Vec<_> = all.filter(|(path, _)| !repairs.leave_out(path)).collect();
        Self { left: all.into_iter(), repairs }
    }
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Failure> {
        let Some((path, value)) = self.left.next() else { return Ok(None) };
        let element = seed.deserialize(Node::from_value(value, path.clone(), self.repairs));
        element.map(Some).map_err(|failure| failure.at(&path))
    }
}
