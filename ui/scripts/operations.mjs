// Operations of the API that no page uses: each has its reason in unused-operations.json, or this fails.
// Usage: node scripts/operations.mjs DOCUMENT.json [--list]   (`ironwood openapi DOCUMENT.json` writes the document)
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../', import.meta.url));
const sources = join(root, 'src');
/** Stands for what is known only while the pages run. */
const ANY = '\u0000';
/** Stands for the list of whichever kind. */
const KIND = '\u0001';
/** Functions that send, with the method; the address is an argument. */
const SENDS = { get: 'GET', page: 'GET', readRows: 'GET', post: 'POST', patch: 'PATCH', remove: 'DELETE', metadata: 'OPTIONS' };
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** Functions that make the description of a kind from a shorter one, and where they are. */
const MAKERS = { extraLine: 'areas/orders/extraLine.ts', orderResource: 'areas/orders/order.tsx' };

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$|\.d\.ts$/.test(entry.name) ? [path] : [];
  });
}

/** Whether a name is a parameter of a function around it. */
function isParameter(node) {
  for (let at = node.parent; at; at = at.parent) {
    if (ts.isFunctionLike(at) && at.parameters.some(({ name }) => (ts.isIdentifier(name) ? name.text === node.text : name.elements?.some((element) => element.name?.getText() === node.text)))) return true;
  }
  return false;
}

/** The value of an expression as a text; ANY for each part that is not known. */
function evaluate(node, scope) {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node)) return evaluate(node.expression, scope);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map((span) => evaluate(span.expression, scope) + span.literal.text).join('');
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) return evaluate(node.left, scope) + evaluate(node.right, scope);
  if (ts.isConditionalExpression(node)) return ANY;
  if (ts.isIdentifier(node)) {
    const bound = isParameter(node) && typeof scope(node.text) !== 'string' ? undefined : scope(node.text);
    const value = bound === undefined ? ANY : typeof bound === 'string' ? bound : evaluate(bound, scope);
    return node.text === 'api' && value === ANY ? KIND : value;
  }
  if (ts.isPropertyAccessExpression(node) && node.name.text === 'api') return KIND;
  if (ts.isArrowFunction(node)) {
    const own = new Set(node.parameters.map((parameter) => parameter.name.getText()));
    return ts.isBlock(node.body) ? ANY : evaluate(node.body, (name) => (own.has(name) ? undefined : scope(name)));
  }
  if (ts.isCallExpression(node)) {
    const called = ts.isIdentifier(node.expression) ? scope(node.expression.text) : undefined;
    if (called && typeof called !== 'string' && ts.isArrowFunction(called) && !ts.isBlock(called.body)) {
      const given = new Map(called.parameters.map((parameter, at) => [parameter.name.getText(), node.arguments[at] ? evaluate(node.arguments[at], scope) : ANY]));
      return evaluate(called.body, (name) => (given.has(name) ? given.get(name) : scope(name)));
    }
  }
  return ANY;
}

/** The texts within a node. */
function textsIn(node) {
  const found = [];
  const walk = (node) => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    ts.forEachChild(node, walk);
  };
  walk(node);
  return found;
}

/** The methods of the requests that an address in the source is for. */
function methodsOf(node) {
  for (let at = node; at.parent && !ts.isStatement(at.parent); at = at.parent) {
    const { parent } = at;
    if (ts.isCallExpression(parent) && parent.arguments.includes(at)) {
      const name = parent.expression.getText();
      if (SENDS[name]) return [SENDS[name]];
      if (name === 'call' || /^api\./.test(name)) {
        const word = name === 'call' ? parent.arguments[0] : undefined;
        return word ? [ts.isStringLiteralLike(word) ? word.text : 'POST'] : [name.slice(4)];
      }
    }
    // a list of addresses, of which one is chosen while the page runs
    if (ts.isPropertyAssignment(parent) && parent.initializer === at && ts.isStringLiteralLike(at) && !['url', 'api', 'path'].includes(parent.name.getText())) return ['GET', 'POST'];
    // what a part of a page is given to change
    if (ts.isJsxAttribute(parent) && parent.name.getText() === 'address') return ['PATCH'];
    if (ts.isPropertyAssignment(parent) && parent.name.getText() === 'url') {
      const method = parent.parent.properties.find((property) => ts.isPropertyAssignment(property) && property.name.getText() === 'method');
      return method ? textsIn(method.initializer).filter((word) => METHODS.includes(word)) : ['POST'];
    }
  }
  return ['GET'];
}

const isConstant = (node) => ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer;

/** What the pages ask for: `GET /api/part/*` with ANY for what changes; and the kinds with their descriptions. */
function read() {
  const trees = files(sources).map((path) => [path, ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX)]);
  const exported = new Map();
  const bare = (path) => path.replace(/\.tsx?$/, '');
  for (const [path, tree] of trees) {
    for (const statement of tree.statements) {
      if (!ts.isVariableStatement(statement) || !statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue;
      for (const constant of statement.declarationList.declarations) if (isConstant(constant)) exported.set(`${bare(path)} ${constant.name.text}`, constant.initializer);
    }
  }
  const asked = new Set();
  const kinds = [];
  for (const [path, tree] of trees) {
    const own = new Map();
    const collect = (node) => {
      if (isConstant(node) && !own.has(node.name.text)) own.set(node.name.text, node.initializer);
      ts.forEachChild(node, collect);
    };
    collect(tree);
    for (const statement of tree.statements) {
      const named = ts.isImportDeclaration(statement) && statement.importClause?.namedBindings;
      if (!named || !ts.isNamedImports(named)) continue;
      const from = statement.moduleSpecifier.text;
      const file = from.startsWith('@/') ? join(sources, from.slice(2)) : join(dirname(path), from);
      for (const element of named.elements) {
        const value = exported.get(`${file} ${(element.propertyName ?? element.name).text}`);
        if (value) own.set(element.name.text, value);
      }
    }
    const scope = (name) => own.get(name);
    const walk = (node) => {
      const isText = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
      const isValue = ts.isPropertyAssignment(node.parent ?? node) && node.parent.initializer === node;
      const isName = ts.isIdentifier(node) && (isValue || ts.isExpression(node.parent)) && !ts.isPropertyAccessExpression(node.parent);
      const isCall = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && own.has(node.expression.text);
      if (isText || isName || isCall) {
        const text = evaluate(node, scope).split('?')[0];
        // what every kind does follows from its description
        const isOfEach = text === KIND || text === `${KIND}${ANY}/`;
        if (text.startsWith('/api/') || (text.startsWith(KIND) && !isOfEach)) for (const method of methodsOf(node)) asked.add(`${method} ${text}`);
      }
      if (ts.isObjectLiteralExpression(node)) {
        const field = (name) => node.properties.find((property) => ts.isPropertyAssignment(property) && property.name.getText() === name)?.initializer;
        const [api, load] = [field('api'), field('load')];
        if (field('model') && api && load) kinds.push({ api: evaluate(api, scope), file: join(dirname(path), `${/import\('([^']+)'\)/.exec(load.getText())?.[1]}.tsx`) });
      }
      ts.forEachChild(node, walk);
    };
    walk(tree);
  }
  return { asked, kinds };
}

/** What the pages of a kind do by themselves, from its description. */
function derived({ api, file }) {
  let text = readFileSync(existsSync(file) ? file : file.replace(/x$/, ''), 'utf8');
  for (const [name, path] of Object.entries(MAKERS)) if (text.includes(`${name}(`)) text += readFileSync(join(sources, path), 'utf8');
  const row = `${api}${ANY}/`;
  // tables of the kind on other pages may do less
  text = text.replace(/overrides=\{\{.*?\}\}\n/gs, '');
  const isOff = (name) => new RegExp(`${name}: false`).test(text);
  return [
    `GET ${api}`, `GET ${row}`,
    ...(isOff('canCreate') ? [] : [`POST ${api}`]),
    ...(isOff('canEdit') ? [] : [`PATCH ${row}`]),
    ...(isOff('canDelete') ? [] : [`DELETE ${row}`]),
    ...(/bulkEdit: \[\S/.test(text) ? [`PATCH ${api}`] : []),
    ...(text.includes('deletesTogether') ? [`DELETE ${api}`] : []),
  ];
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Operations of the document that no page uses. */
export function unused(document) {
  const { asked, kinds } = read();
  const all = Object.entries(document.paths).flatMap(([path, operations]) =>
    METHODS.filter((method) => operations[method.toLowerCase()]).map((method) => `${method} ${path}`),
  );
  const apis = `(${kinds.map(({ api }) => escape(api)).join('|')})`;
  const used = new Set();
  for (const request of [...asked, ...kinds.flatMap(derived)]) {
    const text = escape(request).replaceAll(KIND, apis);
    const matching = (segment) => all.filter((operation) => new RegExp(`^${text.replaceAll(ANY, segment)}$`).test(operation));
    // what changes is mostly a parameter; where the document has none, one of the names that it has there
    const found = matching('\\{[^/]+\\}');
    const isNamed = found.length === 0 && !request.includes(KIND);
    for (const operation of isNamed ? matching('[^/]+') : found) used.add(operation);
  }
  return { all, unused: all.filter((operation) => !used.has(operation)) };
}

/** What is wrong with the list of reasons: lines to read. */
export function faults(operations, reasons) {
  const rules = reasons.flatMap(({ reason, operations }) => operations.map((rule) => ({ rule, reason, pattern: new RegExp(`^${rule.split('*').map(escape).join('.*')}$`) })));
  return [
    ...operations.filter((operation) => !rules.some(({ pattern }) => pattern.test(operation))).map((operation) => `used by no page, and without a reason: ${operation}`),
    ...rules.filter(({ pattern }) => !operations.some((operation) => pattern.test(operation))).map(({ rule }) => `there is no such operation any more, or a page uses it: ${rule}`),
    ...rules.filter(({ reason }) => !reason?.trim()).map(({ rule }) => `without a reason: ${rule}`),
  ];
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [file] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
  if (!file) throw new Error('Name the OpenAPI document: node scripts/operations.mjs openapi.json');
  const found = unused(JSON.parse(readFileSync(file, 'utf8')));
  if (process.argv.includes('--list')) console.log(found.unused.join('\n'));
  else {
    const wrong = faults(found.unused, JSON.parse(readFileSync(join(root, 'unused-operations.json'), 'utf8')));
    for (const line of wrong) console.log(line);
    console.log(`${found.all.length} operations, ${found.unused.length} of them used by no page, each with a reason in ui/unused-operations.json`);
    process.exit(wrong.length > 0 ? 1 : 0);
  }
}
