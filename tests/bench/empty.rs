// SPDX-License-Identifier: GPL-3.0-or-later
//! The least that a CGI can be: what a start of a process costs.

fn main() {
    print!("Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n");
}
