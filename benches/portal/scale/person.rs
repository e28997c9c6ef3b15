//! The contacts of the accounts: the same number is always the same person.

use uuid::Uuid;

pub const MICROS_PER_DAY: i64 = 86_400_000_000;
/// The days over which the contacts of an account were added.
const DAYS: i64 = 690;
/// One in so many has the rare last name.
const RARE: u64 = 100_000;
pub const RARE_NAME: &str = "Quillfeather";
/// The first one is the most frequent: one in 22.
const FIRST_NAMES: [&str; 64] = [
    "Anna", "Maria", "Peter", "Thomas", "Laura", "Michael", "Sofia", "Daniel", "Emma", "David", "Julia",
    "Lucas", "Clara", "Martin", "Elena", "Paul", "Nina", "Oscar", "Ida", "Simon", "Lena", "Felix", "Marta",
    "Hugo", "Alice", "Jonas", "Eva", "Victor", "Ines", "Leo", "Nora", "Max", "Olga", "Adam", "Vera", "Erik",
    "Ruth", "Igor", "Tessa", "Omar", "Zoe", "Karl", "Amira", "Ben", "Greta", "Noah", "Linnea", "Samir",
    "Freya", "Mateo", "Ingrid", "Kofi", "Yuki", "Priya", "Chen", "Fatima", "Sven", "Rosa", "Aino", "Bruno",
    "Thea", "Malik", "Petra", "Quentin",
];
const LAST_STARTS: [&str; 40] = [
    "Lind", "Berg", "Stern", "Wald", "Holm", "Ek", "Nord", "Sand", "Stein", "Feld", "Gold", "Silver",
    "Rosen", "Blum", "Kirch", "Hoff", "Brook", "Ash", "Oak", "Wood", "Hart", "Wind", "Thorn", "Marsh",
    "Green", "Black", "White", "Grey", "Moor", "Dahl", "Strand", "Fors", "Hag", "Kron", "Lager", "Malm",
    "Ny", "Palm", "Soder", "Vester",
];
const LAST_ENDS: [&str; 25] = [
    "man", "qvist", "berg", "strom", "gren", "lund", "mark", "ley", "ford", "ton", "well", "field", "bach",
    "hausen", "meyer", "son", "sen", "dal", "by", "wick", "worth", "mann", "thal", "stedt", "er",
];

/// SplitMix64.
pub fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A version 7 id of this time: the same for the same seed.
pub fn id_at(micros: i64, seed: u64) -> Uuid {
    let (high, low) = (mixed(seed), mixed(seed ^ 0x5eed));
    let mut tail = [0; 10];
    tail[..8].copy_from_slice(&high.to_be_bytes());
    tail[8..].copy_from_slice(&low.to_be_bytes()[..2]);
    let millis = u64::try_from(micros / 1_000).expect("a time after 1970");
    uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}

/// A contact. Times are in microseconds since 1970.
pub struct Person {
    number: u64,
    hash: u64,
    pub account: Uuid,
    pub id: Uuid,
    pub created_at: i64,
    pub invited_at: Option<i64>,
    pub joined_at: Option<i64>,
    pub last_seen_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

impl Person {
    /// Person `number` of `count`. 30 % were never invited, 35 % are invited, 33 % joined, 2 % are revoked.
    pub fn new(account: Uuid, number: usize, count: usize, now: i64) -> Self {
        let number = number as u64;
        let (share, seed) = (number as f64 / count as f64, account.as_u128() as u64);
        let hash = mixed(seed ^ number);
        let days = |days: f64| (days * MICROS_PER_DAY as f64) as i64;
        let draw = |salt: u64| fraction(mixed(hash ^ salt));
        let created_at = now - days((1.0 - share) * DAYS as f64 + 5.0);
        let until_now = |from: i64, part: f64| from + ((now - from) as f64 * part) as i64;
        let kind = draw(1);
        let (was_invited, revoked) = (kind >= 0.30, kind >= 0.98);
        let has_joined = (0.65..0.98).contains(&kind) || (revoked && draw(2) < 0.5);
        let invited_at = was_invited.then(|| (created_at + days(draw(3) * 4.0)).min(now - 3_600_000_000));
        let joined_at = invited_at.filter(|_| has_joined);
        let joined_at = joined_at.map(|at| (at + days(draw(4) * 20.0)).min(now - 60_000_000));
        // To the day.
        let last_seen_at = joined_at.map(|at| until_now(at, draw(5)) / MICROS_PER_DAY * MICROS_PER_DAY);
        let revoked_at = invited_at
            .filter(|_| revoked)
            .map(|at| until_now(at.max(joined_at.unwrap_or(at)), draw(6)));
        Self {
            number,
            hash,
            account,
            id: id_at(created_at, hash),
            created_at,
            invited_at,
            joined_at,
            last_seen_at,
            revoked_at,
        }
    }

    pub fn seed(&self, salt: u64) -> u64 {
        mixed(self.hash ^ salt)
    }

    pub fn first_name(&self) -> &'static str {
        let place = fraction(self.seed(11)).powf(1.35);
        FIRST_NAMES[(place * FIRST_NAMES.len() as f64) as usize]
    }

    /// Appends the last name.
    pub fn last_name(&self, text: &mut String) {
        if self.number % RARE == 77 {
            text.push_str(RARE_NAME);
            return;
        }
        let place = self.seed(12) as usize;
        text.push_str(LAST_STARTS[place % LAST_STARTS.len()]);
        text.push_str(LAST_ENDS[place / LAST_STARTS.len() % LAST_ENDS.len()]);
    }

    /// Appends the address in lower case, which contains the number.
    pub fn address(&self, text: &mut String) {
        let start = text.len();
        text.push_str(self.first_name());
        text.push('.');
        self.last_name(text);
        text[start..].make_ascii_lowercase();
        push_number(text, self.number);
        text.push_str("@mail");
        push_number(text, self.seed(13) % 20);
        text.push_str(".example");
    }

    /// A number for one in four.
    pub fn phone(&self, text: &mut String) -> bool {
        let has_one = self.seed(14).is_multiple_of(4);
        if has_one {
            text.push_str("+4670");
            push_number(text, 1_000_000_000 + self.number);
        }
        has_one
    }

    /// 40 % are customers, 25 % get the newsletter, 1 % are VIPs; all but one in five are in one of 200 groups.
    pub fn tags<'a>(&self, groups: &'a [String]) -> Vec<&'a str> {
        let mut tags = Vec::with_capacity(4);
        for (salt, share, tag) in [
            (15, 0.40, "customer"),
            (16, 0.25, "newsletter"),
            (17, 0.01, "vip"),
        ] {
            if fraction(self.seed(salt)) < share {
                tags.push(tag);
            }
        }
        let place = self.seed(18) as usize;
        if !place.is_multiple_of(5) {
            tags.push(&groups[place / 5 % groups.len()]);
        }
        tags
    }

    /// A third.
    pub fn has_course(&self) -> bool {
        self.seed(19).is_multiple_of(3)
    }

    /// One in ten of the invited has its email among the messages.
    pub fn has_message(&self) -> bool {
        self.seed(20).is_multiple_of(10)
    }
}

fn fraction(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

fn push_number(text: &mut String, number: u64) {
    let mut digits = [0; 20];
    let mut rest = number;
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text.extend(digits[start..].iter().map(|digit| char::from(*digit)));
}
