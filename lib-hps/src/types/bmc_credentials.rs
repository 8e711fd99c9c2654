// SPDX-License-Identifier: GPL-3.0-or-later
//! The user and the password of a BMC. No text form prints the password; only [`BmcCredentials::password`] has it.

use std::fmt;

/// A user and a password. The password is in no output of `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct BmcCredentials {
    user: String,
    password: String,
}

/// Longer ones are none of a BMC, and would be cut by it.
const MAX_BYTES: usize = 256;

/// Why a text is no user and password. It never has a part of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// The file does not have its two lines.
    #[error("expected two lines: user=NAME and password=PASSWORD")]
    Lines,
    /// The user is empty, or is not one word.
    #[error("expected a user of 1 to 256 bytes, without blanks and ':'")]
    User,
    /// The password is empty, too long, or has a control character.
    #[error("expected a password of 1 to 256 bytes, without control characters")]
    Password,
}

impl BmcCredentials {
    /// Checks a user and a password.
    ///
    /// # Errors
    /// See [`CredentialsError`].
    pub fn new(user: &str, password: &str) -> Result<Self, CredentialsError> {
        let fits = |text: &str| !text.is_empty() && text.len() <= MAX_BYTES && !text.contains(char::is_control);
        // RFC 7617 forbids the colon.
        if !fits(user) || user.contains([':', ' ']) || user.starts_with('-') {
            return Err(CredentialsError::User);
        }
        if !fits(password) {
            return Err(CredentialsError::Password);
        }
        Ok(Self { user: user.to_owned(), password: password.to_owned() })
    }

    /// Reads the two lines of a file; other lines that are empty or begin with `#` are left out.
    ///
    /// # Errors
    /// See [`CredentialsError`].
    pub fn parse(text: &str) -> Result<Self, CredentialsError> {
        let (mut user, mut password) = (None, None);
        for line in text.lines() {
            let place = match line.split_once('=') {
                _ if line.trim().is_empty() || line.starts_with('#') => continue,
                Some(("user", value)) if user.is_none() => (&mut user, value),
                Some(("password", value)) if password.is_none() => (&mut password, value),
                _ => return Err(CredentialsError::Lines),
            };
            *place.0 = Some(place.1);
        }
        let (Some(user), Some(password)) = (user, password) else { return Err(CredentialsError::Lines) };
        Self::new(user, password)
    }

    /// The two lines of the file. This has the password.
    pub fn to_secret_text(&self) -> String {
        format!("user={}\npassword={}\n", self.user, self.password)
    }

    /// The user.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password.
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for BmcCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BmcCredentials").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_and_no_word_of_the_password_elsewhere() {
        let read = BmcCredentials::parse("# rack 7\nuser=ADMIN\npassword= a=b #c \n").unwrap();
        assert_eq!((read.user(), read.password()), ("ADMIN", " a=b #c "));
        assert_eq!(BmcCredentials::parse(&read.to_secret_text()).unwrap(), read);
        assert!(!format!("{read:?}").contains("a=b"), "{read:?}");
        let secret = "geheim";
        for bad in [
            "".to_owned(),
            format!("user=a\n{secret}\n"),
            format!("user=a\npassword={secret}\npassword={secret}\n"),
            format!("user=a b\npassword={secret}\n"),
            format!("user=-H\npassword={secret}\n"),
            format!("user=a\npassword={secret}\t\n"),
            "user=a\npassword=\n".to_owned(),
        ] {
            let error = BmcCredentials::parse(&bad).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(secret), "{error}");
        }
    }
}
