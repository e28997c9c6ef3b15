// A realistic CSV of contacts: names in many languages, tags, and errors of real lists. It is the same each time.
const FIRST = ['Anna', 'José', 'Zoë', 'Müge', 'Łukasz', 'Søren', 'Chloé', 'Björn', 'Nguyễn', 'Aoife', 'Renée', 'Dağhan'];
const LAST = ['Müller', "O'Brien", 'García', 'Šimić', 'van der Berg', 'Smith, Jr.', 'Đorđević', 'Łoś', 'Ó Súilleabháin', 'Lee'];
const TAGS = ['course', 'course;vip', 'community', '"affiliate;news"', ''];

export function peopleCsv(count) {
  const rows = ['\uFEFFEmail,First_Name,last_name,tags,shoe size'];
  let valid = 0;
  let invalid = 0;
  let repeated = 0;
  for (let i = 0; i < count; i += 1) {
    const first = FIRST[i % FIRST.length];
    const last = LAST[(i * 7) % LAST.length];
    const quoted = last.includes(',') ? `"${last}"` : last;
    const tags = TAGS[(i * 3) % TAGS.length];
    const tail = `${first},${quoted},${tags},${36 + (i % 12)}`;
    if (i % 100 === 37) {
      rows.push(`person${i}@@broken,${tail}`);
      invalid += 1;
    } else if (i % 100 === 73) {
      // The same contact in another letter case.
      rows.push(`PERSON${i - 1}@Example.COM,${tail}`);
      repeated += 1;
    } else {
      rows.push(`person${i}@example.com,${tail}`);
      valid += 1;
    }
  }
  return { csv: `${rows.join('\r\n')}\r\n`, valid, invalid, repeated };
}
