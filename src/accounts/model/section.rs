//! The parts of a portal that a link may lead to.

use crate::base::locale::Locale;
use crate::base::locale::text::Text;
use crate::base::text_enum::text_enum;

text_enum! {
    /// A part of the portal.
    #[derive(async_graphql::Enum)]
    PortalSection {
        /// The home page.
        Home = "HOME",
        /// The courses.
        Courses = "COURSES",
        /// The communities.
        Communities = "COMMUNITIES",
        /// The affiliate centre.
        Affiliates = "AFFILIATES",
    }
}

impl PortalSection {
    /// The last part of its address under the portal; empty for the home page.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Home => "",
            Self::Courses => "courses",
            Self::Communities => "communities",
            Self::Affiliates => "affiliates",
        }
    }

    pub(crate) fn from_path(path: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|section| section.path() == path)
    }

    /// These sections and the home page, each once and in the menu's order.
    pub(crate) fn with_home(named: &[Self]) -> Vec<Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|section| *section == Self::Home || named.contains(section))
            .collect()
    }

    /// The name in menus.
    pub(crate) fn name(self, locale: &Locale) -> Text {
        locale.text("section-name").arg("section", self.as_str())
    }

    /// The name within a sentence: "Opens in your courses".
    pub(crate) fn phrase(self, locale: &Locale) -> Text {
        locale.text("section-phrase").arg("section", self.as_str())
    }
}
