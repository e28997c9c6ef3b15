// The fields of a contact, and which column of a file holds which.

/** In the order of the header that the API reads. */
export const FIELDS = ['email', 'first_name', 'last_name', 'phone', 'tags', 'timezone', 'locale'] as const;

export type Field = (typeof FIELDS)[number];

/** What a column becomes; a full name is split, and an empty target is not imported. */
export type Target = Field | 'full_name' | '';

export const TARGETS: readonly Target[] = ['', 'email', 'first_name', 'last_name', 'full_name', 'phone', 'tags', 'timezone', 'locale'];

// Names of columns in exports of common programs, in four languages, without accents, spaces and signs.
const NAMES: Record<Exclude<Target, ''>, string> = {
  email: 'email emailaddress emails email1 email1value primaryemail mail mailaddress correo correoelectronico direcciondecorreo emailadresse mailadresse epost adresseemail adressemail courriel adresseelectronique',
  first_name: 'firstname givenname first forename nombre nombres primernombre nombredepila vorname prenom prenoms',
  last_name: 'lastname surname familyname last apellido apellidos nachname familienname zuname nom nomdefamille',
  full_name: 'name fullname contact contactname displayname nombrecompleto nombreyapellido nombreyapellidos vollername vollstandigername kontakt nomcomplet nomprenom prenomnom',
  phone: 'phone phonenumber phone1 phone1value telephone mobile mobilephone mobilenumber cell cellphone tel telefono movil celular numerodetelefono telefon telefonnummer handy handynummer mobil mobiltelefon mobilnummer portable mobilephonenumber numerodetelephone',
  tags: 'tags tag labels label group groups etiquetas etiqueta grupos schlagworte schlagworter etiketten gruppen etiquettes etiquette groupes motscles',
  timezone: 'timezone tz zonahoraria husohorario zeitzone fuseauhoraire',
  locale: 'locale language lang preferredlanguage idioma lengua sprache langue',
};

const KNOWN = new Map(Object.entries(NAMES).flatMap(([target, names]) => names.split(' ').map((name) => [name, target as Target])));

const plain = (name: string): string => name.normalize('NFD').toLowerCase().replace(/[^a-z0-9]/g, '');

const addresses = (rows: readonly string[][], column: number): number => rows.filter((row) => row[column]?.includes('@')).length;

/** By the names of the columns; the addresses also by what the first rows hold. No field is guessed twice. */
export function guessTargets(header: readonly string[], rows: readonly string[][]): Target[] {
  const taken = new Set<Target>();
  const targets = header.map((name): Target => {
    const target = KNOWN.get(plain(name)) ?? '';
    if (taken.has(target)) return '';
    if (target) taken.add(target);
    return target;
  });
  const first = rows.slice(0, 50);
  const best = header.map((_, column) => addresses(first, column));
  const column = best.indexOf(Math.max(...best));
  if (!taken.has('email') && (best[column] ?? 0) > 0) targets[column] = 'email';
  return targets;
}

/** A column that takes over a field takes it from the other one. */
export const retarget = (targets: readonly Target[], column: number, target: Target): Target[] =>
  targets.map((old, index) => (index === column ? target : old === target ? '' : old));

export type Values = Record<Field, string>;

function splitName(name: string): [string, string] {
  const words = name.split(/\s+/);
  return words.length > 1 ? [words.slice(0, -1).join(' '), words[words.length - 1] ?? ''] : [name, ''];
}

/** The fields of a row. */
export function valuesOf(row: readonly string[], targets: readonly Target[]): Values {
  const cell = (target: Target) => row[targets.indexOf(target)] ?? '';
  const values = Object.fromEntries(FIELDS.map((field) => [field, cell(field)])) as Values;
  if (!values.tags.includes(';')) values.tags = values.tags.replace(/\s*[,|]\s*/g, ';');
  const full = cell('full_name');
  if (full && !values.first_name && !values.last_name) [values.first_name, values.last_name] = splitName(full);
  return values;
}

/** The fields that have a column. */
export const shownFields = (targets: readonly Target[]): Field[] =>
  FIELDS.filter((field) => targets.includes(field) || (field.endsWith('_name') && targets.includes('full_name')));
