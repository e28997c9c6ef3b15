//! The texts of the demo.

use crate::courses::model::lesson::LessonKind;

/// A lesson: its title, kind, minutes, address and text.
pub(super) type LessonText = (&'static str, LessonKind, i32, Option<&'static str>, &'static str);
pub(super) type ModuleText = (&'static str, &'static [LessonText]);

pub(super) const BREAD: &[ModuleText] = &[
    (
        "Before you begin",
        &[
            (
                "Welcome",
                LessonKind::Text,
                3,
                None,
                "In this course you bake a loaf with **four ingredients**: flour, water, salt and time.\n\n\
                 - You need an oven, a bowl and a pot with a lid.\n- Each lesson takes a few minutes; the dough does the rest.\n\n\
                 > Bread forgives. If something goes wrong, it is still bread.",
            ),
            (
                "What you need",
                LessonKind::Text,
                4,
                None,
                "| ingredient | amount |\n|---|---|\n| flour | 500 g |\n| water | 350 g |\n| salt | 10 g |\n| yeast | 2 g |\n\n\
                 Weigh everything: cups are not precise enough.",
            ),
            (
                "A look at flour",
                LessonKind::Link,
                10,
                Some("https://en.wikipedia.org/wiki/Flour"),
                "Why some flours take more water than others.",
            ),
        ],
    ),
    (
        "Your first loaf",
        &[
            (
                "Mixing",
                LessonKind::Text,
                5,
                None,
                "1. Put the flour and the salt into the bowl.\n2. Dissolve the yeast in the water.\n3. Mix until no dry flour is left.\n\n\
                 Cover the bowl and wait for half an hour.",
            ),
            (
                "Folding",
                LessonKind::Text,
                6,
                None,
                "Wet your hands. Lift one side of the dough, fold it over, and turn the bowl. Four folds are one round; do three rounds.",
            ),
            (
                "Baking",
                LessonKind::Text,
                8,
                None,
                "Heat the pot to **240 °C**. Bake for 30 minutes with the lid, then 15 without it. Let the loaf cool before you cut it.",
            ),
        ],
    ),
];

pub(super) const ROLLS: &[ModuleText] = &[(
    "Saturday",
    &[
        (
            "The dough on Friday evening",
            LessonKind::Text,
            5,
            None,
            "Mix the dough before you go to bed. It rises in the fridge overnight.",
        ),
        (
            "Rolls for breakfast",
            LessonKind::Text,
            7,
            None,
            "Cut, round, wait, bake: rolls in 40 minutes.",
        ),
    ],
)];

/// The day before today, title and text.
pub(super) const ANNOUNCEMENTS: [(i64, &str, &str); 3] = [
    (
        18,
        "Welcome, bakers",
        "Show your first loaf, ask your questions, and **tell us where you bake**.",
    ),
    (
        9,
        "Live session on sourdough",
        "On Thursday we answer questions about starters:\n\n- feeding\n- the right flour\n- what to do before a holiday",
    ),
    (
        2,
        "The recipe of the month",
        "A rye bread with walnuts. The recipe is pinned in the group.",
    ),
];
