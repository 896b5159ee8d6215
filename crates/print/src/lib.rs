//! Documents on paper: HTML and CSS laid out on pages, as PDF and as pictures.
