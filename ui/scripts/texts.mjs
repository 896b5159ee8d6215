// The texts of the pages, read from the sources, and the catalogues that map them.
// Usage: node scripts/texts.mjs          what catalogues lack, and what they hold in vain
//        node scripts/texts.mjs --prune  removes what no source uses any more
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../', import.meta.url));
const sources = join(root, 'src');
const locales = join(sources, 'locales');

/** Names of functions whose first argument is a text. */
const TRANSLATES = new Set(['t', 'translate']);
/** Literals that look like texts and are none. */
// names of programs, languages, keys, encodings, headers and errors
const NO_TEXT = new Set([
  'Ironwood', 'Edge', 'Opera', 'Firefox', 'Chrome', 'Safari', 'Android', 'Windows', 'Linux', 'Shift_JIS', 'Shift', 'Control', 'Alt', 'Dead', 'Unidentified',
  'Ctrl K', 'English', 'Deutsch', 'Français', 'Español', 'AbortError', 'X-CSRFToken', 'X-Ironwood-Seen', 'Authorization', 'X-Requested-With', 'XMLHttpRequest', 'Content-Type', 'Content-Disposition',
]);
/** Attributes that hold no texts. */
const NO_TEXT_IN = new Set(['accept', 'className', 'fontFamily', 'd', 'key', 'key_', 'code', 'currency', 'timeZone', 'method']);

/** The page about the API is in English, as its document is. */
const UNTRANSLATED = new Set(['apidoc']);

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return UNTRANSLATED.has(entry.name) ? [] : files(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$|\.d\.ts$/.test(entry.name) ? [path] : [];
  });
}

/** Words that begin with a capital letter: `In stock`, not `GET`, `ArrowDown` or `partcategory`. */
const looksLikeText = (text) =>
  /^[A-Z]/.test(text) && /[a-z]/.test(text) && !/^[A-Z][a-z]+[A-Z]\w*$|^[\w.-]+\/[\w.*-]+$/.test(text) && !NO_TEXT.has(text);

const isTranslation = (node) =>
  ts.isCallExpression(node) && TRANSLATES.has(ts.isIdentifier(node.expression) ? node.expression.text : '');

/** Whether a literal stands where a text may stand. */
function isInPlace(node) {
  const { parent } = node;
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isLiteralTypeNode(parent)) return false;
  if (ts.isBinaryExpression(parent) && /^[!=<>]/.test(parent.operatorToken.getText())) return false;
  if (ts.isElementAccessExpression(parent) || ts.isCaseClause(parent)) return false;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node && !NO_TEXT_IN.has(parent.name.getText());
  if (ts.isJsxAttribute(parent)) return !NO_TEXT_IN.has(parent.name.getText());
  if (ts.isNewExpression(parent)) return ['ApiError'].includes(parent.expression.getText());
  return true;
}

/** English texts of the pages, with the first file that has each. */
export function used() {
  const found = new Map();
  for (const file of files(sources)) {
    const name = file.slice(root.length);
    const tree = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
    const add = (text) => /\p{L}/u.test(text) && !found.has(text) && found.set(text, name);
    const literals = (node) => {
      if (ts.isStringLiteralLike(node)) add(node.text);
      else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(literals);
      else if (ts.isBinaryExpression(node)) literals(node.right);
      else if (ts.isParenthesizedExpression(node)) literals(node.expression);
    };
    const walk = (node) => {
      if (isTranslation(node) && node.arguments[0]) literals(node.arguments[0]);
      if (ts.isStringLiteralLike(node) && looksLikeText(node.text) && isInPlace(node)) add(node.text);
      ts.forEachChild(node, walk);
    };
    walk(tree);
  }
  return found;
}

/** Names of fields, choices and states, which the server has; `scripts/fields.mjs` reads them. */
const names = () => JSON.parse(readFileSync(join(root, 'scripts', 'names.json'), 'utf8'));

/** Everything that a catalogue has to map. */
export const wanted = () => [...new Set([...used().keys(), ...names()])];

/** The texts of a catalogue without the endings for numbers and for states. */
const base = (key) => key.replace(/_(zero|one|two|few|many|other|state)$/, '');
const placeholders = (text) => [...new Set(text.match(/\{\{\s*\w+/g) ?? [])].sort().join();

/** What is wrong with a catalogue: lines to read. */
export function faults(catalogue, texts) {
  const has = new Set(Object.keys(catalogue).map(base));
  const wanted = new Set(texts);
  return [
    ...[...wanted].filter((text) => !has.has(text)).map((text) => `missing: ${JSON.stringify(text)}`),
    ...[...has].filter((text) => !wanted.has(text)).map((text) => `not used: ${JSON.stringify(text)}`),
    ...Object.entries(catalogue)
      .filter(([key, text]) => !text || (!/_one$/.test(key) && placeholders(base(key)) !== placeholders(text)))
      .map(([key]) => `empty, or with other placeholders: ${JSON.stringify(key)}`),
  ];
}

export const codes = () => readdirSync(locales).filter((name) => name.endsWith('.json')).map((name) => name.replace('.json', ''));
const at = (code) => join(locales, `${code}.json`);
export const read = (code) => JSON.parse(readFileSync(at(code), 'utf8'));

/** Writes a catalogue in alphabetic order. */
export function write(code, catalogue) {
  const sorted = Object.fromEntries(Object.entries(catalogue).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(at(code), `${JSON.stringify(sorted, null, 1)}\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const texts = wanted();
  const keep = new Set(texts);
  let isFaulty = false;
  for (const code of codes()) {
    if (process.argv.includes('--prune')) {
      write(code, Object.fromEntries(Object.entries(read(code)).filter(([key]) => keep.has(base(key)))));
    }
    for (const fault of faults(read(code), texts)) {
      console.log(`${code}: ${fault}`);
      isFaulty = true;
    }
  }
  process.exit(isFaulty ? 1 : 0);
}
