//! Icons: one SVG path each on a 24-unit grid, in the colour of the surrounding text.

#[derive(Clone, Copy)]
pub enum Icon {
    /// A speech bubble with a check mark: the product's symbol for "WhatsApp connected".
    Bubble,
    Window,
    Check,
    Alert,
    Clock,
    Key,
    Pause,
    Cross,
    Skip,
}

impl Icon {
    /// The `d` attribute of its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Bubble => {
                "M12 3.2a8.8 8.8 0 0 0-7.6 13.2L3.2 20.8l4.5-1.2A8.8 8.8 0 1 0 12 3.2ZM8.6 12.2l2.4 2.4 4.6-4.8"
            }
            Self::Window => {
                "M4 6a1 1 0 0 1 1-1h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1ZM4 9h16M7 7h.01"
            }
            Self::Check => "M5.5 12.5l4.2 4.2 8.8-9.2",
            Self::Alert => "M12 8v4.6M12 16h.01M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z",
            Self::Clock => "M12 7.5V12l3 1.8M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z",
            Self::Key => {
                "M14.5 4a5.5 5.5 0 0 0-5.3 7L4 16.2V20h3.8v-2.4h2.4v-2.4l1.8-1.5A5.5 5.5 0 1 0 14.5 4ZM16 8h.01"
            }
            Self::Pause => "M10 9v6M14 9v6M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z",
            Self::Cross => "M7 7l10 10M17 7L7 17",
            Self::Skip => "M7 12h10",
        }
    }
}
