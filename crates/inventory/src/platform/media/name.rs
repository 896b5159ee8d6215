//! Sanitizes file names.

/// Most characters of a name that is kept.
const LONGEST: usize = 60;

/// The last part of a name with letters, digits, `.`, `-` and `_` alone (`_` for spaces, other signs left
/// out); never hidden, never empty.
pub(crate) fn safe(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .map(|c| if c == ' ' { '_' } else { c })
        .filter(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
        .collect::<String>()
        .trim_matches(['.', ' '])
        .to_owned();
    let kept = kept.replace("..", ".");
    let (stem, ending) = split(&kept);
    let ending: String = ending.chars().take(12).collect();
    let stem: String = stem.chars().take(LONGEST - ending.chars().count()).collect();
    if stem.is_empty() { format!("file{ending}") } else { format!("{stem}{ending}") }
}

/// A name and its ending, dot included.
pub(crate) fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 => name.split_at(at),
        _ => (name, ""),
    }
}

/// `photo.png`, `photo_1.png`, `photo_2.png`, …
pub(crate) fn numbered(name: &str, number: u32) -> String {
    let (stem, ending) = split(name);
    if number == 0 { name.to_owned() } else { format!("{stem}_{number}{ending}") }
}

/// Whether a path stays below the folder that it is taken from.
pub(crate) fn is_inside(path: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0']);
    path.split('/').all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe() {
        for (given, kept) in [
            ("photo.png", "photo.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\a b.txt", "a_b.txt"),
            (".htaccess", "htaccess"),
            ("..", "file"),
            ("", "file"),
            ("a<script>.svg", "ascript.svg"),
            ("Größe.pdf", "Größe.pdf"),
        ] {
            assert_eq!(safe(given), kept, "{given}");
        }
        assert!(safe(&"x".repeat(500)).chars().count() <= LONGEST);
        assert_eq!(numbered("a.tar.gz", 2), "a.tar_2.gz");
        assert!(!is_inside("../x") && !is_inside("/x") && !is_inside("a/.b") && is_inside("a/b.c"));
    }
}
