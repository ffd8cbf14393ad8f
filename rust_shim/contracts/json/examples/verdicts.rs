//! Prints whether serde_json accepts each document, without the adapter and the SDK. With the feature `sonic`
//! it asks sonic-rs. It reads one document from each line, as hexadecimal, and prints accept or reject.

#[cfg(not(feature = "sonic"))]
use serde_json as json;
#[cfg(feature = "sonic")]
use sonic_rs as json;

fn main() {
    for line in std::io::stdin().lines() {
        let line = line.expect("lines of text");
        let document: Vec<u8> = (0..line.len() / 2)
            .map(|i| u8::from_str_radix(&line[2 * i..2 * i + 2], 16).expect("hexadecimal"))
            .collect();
        let accepts = json::from_slice::<json::Value>(&document).is_ok();
        println!("{}", if accepts { "accept" } else { "reject" });
    }
}
