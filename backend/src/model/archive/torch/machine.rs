//! The instructions of a pickle that a `state_dict` is written with (protocol 2, and what 4 and 5 write in their place),
//! and no others. Nothing is called. Instructions after CPython's `pickletools`.

use super::object::{Global, Object, Storage};
use super::problem::Problem;
use super::value::{Value, ValueId};
use std::collections::HashMap;

/// Most values of a pickle.
const MAX_VALUES: usize = 1 << 20;

#[derive(Default)]
pub(super) struct Machine<'a> {
    rest: &'a [u8],
    values: Vec<Value<'a>>,
    stack: Vec<ValueId>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<u64, ValueId>,
}

impl<'a> Machine<'a> {
    /// Reads a pickle from the front of some bytes: its values, which of them is the whole, and the bytes behind it.
    ///
    /// # Errors
    /// It ends early, has an instruction or names an object that no `state_dict` needs, or holds too much.
    pub(super) fn run(bytes: &'a [u8]) -> Result<(Vec<Value<'a>>, ValueId, &'a [u8]), Problem> {
        let mut machine = Self { rest: bytes, ..Self::default() };
        while !machine.step()? {}
        let top = machine.pop()?;
        Ok((machine.values, top, machine.rest))
    }

    /// Does an instruction; whether it was the last one.
    fn step(&mut self) -> Result<bool, Problem> {
        match self.take(1)?[0] {
            b'.' => return Ok(true),
            0x80 => _ = self.take(1)?,
            0x95 => _ = self.take(8)?,
            b'(' => self.marks.push(self.stack.len()),
            b'0' => _ = self.pop()?,
            b'2' => self.stack.push(self.peek()?),
            b'N' => self.object(Object::None)?,
            0x88 => self.object(Object::Bool(true))?,
            0x89 => self.object(Object::Bool(false))?,
            b'K' => self.number::<1>()?,
            b'M' => self.number::<2>()?,
            b'J' => {
                let n = self.unsigned::<4>()? as u32 as i32;
                self.object(Object::Int(n.into()))?;
            }
            0x8a => {
                let len = self.unsigned::<1>()? as usize;
                let bytes = self.take(len)?;
                self.object(long(bytes))?;
            }
            b'G' => {
                self.take(8)?;
                self.object(Object::Number)?;
            }
            b'U' | 0x8c => self.text::<1>()?,
            b'T' | b'X' => self.text::<4>()?,
            0x8d => self.text::<8>()?,
            b')' | b']' => self.push(Value::Items(Vec::new()))?,
            b'}' => self.push(Value::Dict(Vec::new()))?,
            b't' => {
                let items = self.above_mark()?;
                self.push(Value::Items(items))?;
            }
            n @ 0x85..=0x87 => {
                let items = self.above(usize::from(n - 0x84))?;
                self.push(Value::Items(items))?;
            }
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            b'e' => {
                let items = self.above_mark()?;
                self.append(items)?;
            }
            b's' => {
                let pair = self.above(2)?;
                self.set(&pair)?;
            }
            b'u' => {
                let pairs = self.above_mark()?;
                self.set(&pairs)?;
            }
            b'q' => self.put::<1>()?,
            b'r' => self.put::<4>()?,
            0x94 => {
                let next = self.memo.len() as u64;
                self.memo.insert(next, self.peek()?);
            }
            b'h' => self.recall::<1>()?,
            b'j' => self.recall::<4>()?,
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.global(module, name)?;
            }
            0x93 => {
                let names = self.above(2)?;
                let text = |place: ValueId| match self.values[place.0] {
                    Value::Object(Object::Text(text)) => Ok(text),
                    _ => Err(malformed()),
                };
                let (module, name) = (text(names[0])?, text(names[1])?);
                self.global(module, name)?;
            }
            b'Q' => {
                let id = self.pop()?;
                let storage = self.storage(id)?;
                self.push(Value::Storage(storage))?;
            }
            b'R' => self.call()?,
            // Attributes of a dictionary: versions of the modules' formats.
            b'b' => _ = self.pop()?,
            other => {
                return Err(
                    format!("its pickle has the instruction 0x{other:02x}, which no state_dict has").into()
                );
            }
        }
        Ok(false)
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Problem> {
        self.rest.split_off(..len).ok_or_else(|| "truncated: its pickle ends early; copy it again".into())
    }

    fn unsigned<const N: usize>(&mut self) -> Result<u64, Problem> {
        Ok(self.take(N)?.iter().rev().fold(0, |n, &byte| n << 8 | u64::from(byte)))
    }

    fn number<const N: usize>(&mut self) -> Result<(), Problem> {
        let n = self.unsigned::<N>()?;
        self.object(Object::Int(n as i64))
    }

    fn text<const N: usize>(&mut self) -> Result<(), Problem> {
        let len = usize::try_from(self.unsigned::<N>()?).map_err(|_| malformed())?;
        let text = std::str::from_utf8(self.take(len)?).map_err(|_| malformed())?;
        self.object(Object::Text(text))
    }

    fn line(&mut self) -> Result<&'a str, Problem> {
        let len = self.rest.iter().position(|&byte| byte == b'\n').ok_or_else(malformed)?;
        let line = self.take(len)?;
        self.take(1)?;
        std::str::from_utf8(line).map_err(|_| malformed())
    }

    fn push(&mut self, value: Value<'a>) -> Result<(), Problem> {
        if self.values.len() == MAX_VALUES {
            return Err(
                format!("its pickle holds more than {MAX_VALUES} values; that is not a state_dict").into()
            );
        }
        self.stack.push(ValueId(self.values.len()));
        self.values.push(value);
        Ok(())
    }

    fn object(&mut self, object: Object<'a>) -> Result<(), Problem> {
        self.push(Value::Object(object))
    }

    fn peek(&self) -> Result<ValueId, Problem> {
        self.stack.last().copied().ok_or_else(malformed)
    }

    fn pop(&mut self) -> Result<ValueId, Problem> {
        self.stack.pop().ok_or_else(malformed)
    }

    fn above(&mut self, count: usize) -> Result<Vec<ValueId>, Problem> {
        let height = self.stack.len().checked_sub(count).ok_or_else(malformed)?;
        Ok(self.stack.split_off(height))
    }

    fn above_mark(&mut self) -> Result<Vec<ValueId>, Problem> {
        let mark = self.marks.pop().filter(|&mark| mark <= self.stack.len()).ok_or_else(malformed)?;
        Ok(self.stack.split_off(mark))
    }

    fn put<const N: usize>(&mut self) -> Result<(), Problem> {
        let key = self.unsigned::<N>()?;
        self.memo.insert(key, self.peek()?);
        Ok(())
    }

    fn recall<const N: usize>(&mut self) -> Result<(), Problem> {
        let key = self.unsigned::<N>()?;
        let place = *self.memo.get(&key).ok_or_else(malformed)?;
        self.stack.push(place);
        Ok(())
    }

    fn append(&mut self, more: Vec<ValueId>) -> Result<(), Problem> {
        let ValueId(list) = self.peek()?;
        match &mut self.values[list] {
            Value::Items(items) => items.extend(more),
            _ => return Err(malformed()),
        }
        Ok(())
    }

    fn set(&mut self, keys_and_values: &[ValueId]) -> Result<(), Problem> {
        let ValueId(dict) = self.peek()?;
        match (&mut self.values[dict], keys_and_values.as_chunks::<2>()) {
            (Value::Dict(pairs), (more, [])) => pairs.extend(more.iter().map(|&[key, value]| (key, value))),
            _ => return Err(malformed()),
        }
        Ok(())
    }

    fn global(&mut self, module: &str, name: &str) -> Result<(), Problem> {
        match Global::find(module, name) {
            Some(global) => self.object(Object::Global(global)),
            None => Err(format!(
                "it holds more than a state_dict ({}.{}); save the model's state_dict() alone, or as safetensors",
                plain(module),
                plain(name)
            )
            .into()),
        }
    }

    /// What a call of a known object gives.
    fn call(&mut self) -> Result<(), Problem> {
        let pair = self.above(2)?;
        let (Value::Object(Object::Global(global)), Value::Items(arguments)) =
            (&self.values[pair[0].0], &self.values[pair[1].0])
        else {
            return Err(malformed());
        };
        let arguments = arguments.clone();
        match (global, &arguments[..]) {
            (Global::OrderedDict, []) => self.push(Value::Dict(Vec::new())),
            // As Python 2 writes it: a list of lists of key and value.
            (Global::OrderedDict, [list]) => {
                let pair = |place: &ValueId| match &self.values[place.0] {
                    Value::Items(pair) if pair.len() == 2 => Ok((pair[0], pair[1])),
                    _ => Err(malformed()),
                };
                let Value::Items(items) = &self.values[list.0] else { return Err(malformed()) };
                let pairs = items.iter().map(pair).collect::<Result<_, _>>()?;
                self.push(Value::Dict(pairs))
            }
            (Global::Tensor, [_, _, _, _, ..]) => self.push(Value::Tensor(arguments)),
            (Global::Parameter, [tensor, ..]) => {
                self.stack.push(*tensor);
                Ok(())
            }
            _ => Err(malformed()),
        }
    }

    /// `('storage', class, key, location, length)`, before PyTorch 1.6 with `(key, start, length)` or None of a view.
    fn storage(&self, id: ValueId) -> Result<Storage<'a>, Problem> {
        let Value::Items(parts) = &self.values[id.0] else { return Err(malformed()) };
        let part = |i: usize| parts.get(i).map(|place| &self.values[place.0]);
        let (
            Some(Value::Object(Object::Text("storage"))),
            Some(Value::Object(Object::Global(Global::Storage(kind)))),
            Some(Value::Object(Object::Text(key))),
        ) = (part(0), part(1), part(2))
        else {
            return Err(malformed());
        };
        let start = match part(5) {
            None | Some(Value::Object(Object::None)) => 0,
            Some(Value::Items(view)) => match view.get(1).map(|place| &self.values[place.0]) {
                Some(Value::Object(Object::Int(start))) => u64::try_from(*start).map_err(|_| malformed())?,
                _ => return Err(malformed()),
            },
            _ => return Err(malformed()),
        };
        Ok(Storage { key, kind: *kind, start })
    }
}

fn malformed() -> Problem {
    "its pickle is not one of a state_dict; save it again with torch.save(model.state_dict())".into()
}

/// A long of up to eight bytes; of more, a number of no use.
fn long(bytes: &[u8]) -> Object<'static> {
    match bytes.len() {
        0 => Object::Int(0),
        len @ 1..=8 => {
            let n = bytes.iter().rev().fold(0u64, |n, &byte| n << 8 | u64::from(byte)) as i64;
            let unused = 64 - 8 * len as u32;
            Object::Int(n << unused >> unused)
        }
        _ => Object::Number,
    }
}

/// A name as a person may read it: what else a file has in its place does not reach a terminal.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || "._".contains(*c)).take(60).collect()
}
