//! Notes as documents: three lines, the title in hexadecimal.

use std::error::Error;

use crate::contract_gen::Note;

const MAX_TITLE: usize = 8; // characters

/// Writes a note.
pub fn write(note: &Note) -> String {
    let title: String = note.title.bytes().map(|b| format!("{b:02x}")).collect();
    let done = if note.done { "yes" } else { "no" };
    format!("title x{title}\nstars {}\ndone {done}", note.stars)
}

/// Reads the output of `write`. Lines may also end in CRLF.
pub fn read(document: &[u8]) -> Result<Note, Box<dyn Error>> {
    let text = str::from_utf8(document)?.replace("\r\n", "\n");
    let lines: Vec<_> = text.split('\n').collect();
    let &[title, stars, done] = lines.as_slice() else {
        return Err("the note does not have three lines".into());
    };
    let note = Note {
        title: String::from_utf8(bytes(title.trim_start_matches("title x"))?)?,
        stars: stars.trim_start_matches("stars ").parse()?,
        done: done == "done yes",
    };
    if note.title.chars().count() > MAX_TITLE || note.stars > 9 {
        return Err("the note is out of bounds".into());
    }
    if write(&note) != text {
        return Err("the note is not in the form that write produces".into());
    }
    Ok(note)
}

fn bytes(hex: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let digits: Vec<_> = hex.chars().map(|c| c.to_digit(16)).collect();
    let pairs = digits.chunks(2).map(|pair| match *pair {
        [Some(high), Some(low)] => Ok((high << 4 | low) as u8),
        _ => Err("the title is not hexadecimal".into()),
    });
    pairs.collect()
}
