/** The OpenAPI document as the page shows it: with the guide in front, and its areas named and in order. */

export interface ApiDocument {
  info: { title: string; version: string; description?: string };
  tags?: Tag[];
  paths: Record<string, Record<string, Operation>>;
  components?: { securitySchemes?: Record<string, { description?: string }> };
  servers?: { url: string; description?: string }[];
  [more: string]: unknown;
}
interface Tag {
  name: string;
  description?: string;
  'x-displayName'?: string;
}
interface Operation {
  tags?: string[];
  requestBody?: { content?: Record<string, unknown> };
  security?: Record<string, string[]>[];
}

/** Areas in the order of the page, in groups: tag, title, what it is about. */
const AREAS: Record<string, [tag: string, title: string, about: string][]> = {
  Inventory: [
    ['part', 'Parts', 'Parts, categories, test templates, related parts, and stocktakes.'],
    ['bom', 'Bills of materials', 'Components of assemblies, and their substitutes.'],
    ['stock', 'Stock', 'Stock items, locations, stock history, and actions such as counting, moving, splitting, serializing, and installing.'],
    ['build', 'Builds', 'Build orders, their lines, allocations, and outputs.'],
    ['company', 'Companies', 'Suppliers, manufacturers, and customers, with their contacts, addresses, and parts.'],
    ['order', 'Orders', 'Purchase, sales, return, and transfer orders, with lines, allocations, and shipments.'],
    ['pricing', 'Prices', 'Internal and sale prices.'],
    ['barcode', 'Barcodes', 'Reading barcodes, and actions that start with a scan.'],
  ],
  'Data of records': [
    ['attachment', 'Attachments', 'Files and links attached to records.'],
    ['parameter', 'Parameters', 'Parameters of records, and their templates.'],
    ['selection', 'Selection lists', 'Valid values of parameters.'],
    ['notes-image-upload', 'Images in notes', ''],
    ['tag', 'Tags', ''],
    ['metadata', 'Metadata', 'Data that other programs store with a record.'],
    ['project-code', 'Project codes', ''],
  ],
  'Import and export': [
    ['importer', 'Import', 'Importing records from files.'],
    ['data-output', 'Export', 'Exporting lists to files.'],
    ['label', 'Labels', ''],
    ['report', 'Reports', ''],
    ['search', 'Search', 'Searching several lists at once.'],
    ['generate', 'Generators', 'Suggested batch codes and serial numbers.'],
  ],
  'People and access': [
    ['auth', 'Sessions', 'Signing in from a browser.'],
    ['user', 'Users and tokens', 'Users, groups, permissions, and API tokens.'],
    ['notifications', 'Notifications', ''],
    ['news', 'News', ''],
  ],
  Server: [
    ['api', 'About this server', ''],
    ['settings', 'Settings', ''],
    ['background-task', 'Background tasks', ''],
    ['currency', 'Currencies', ''],
    ['units', 'Units', ''],
    ['generic', 'States', 'Statuses of records, and custom states.'],
    ['plugins', 'Plugins', ''],
  ],
};

const humanize = (name: string) => {
  const words = name.replace(/[-_]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** Groups of areas with all tags that the document uses; those that no group names are last. */
function groupsOf(used: Set<string>): { name: string; tags: Tag[] }[] {
  const groups = Object.entries(AREAS).map(([name, areas]) => ({
    name,
    tags: areas
      .filter(([tag]) => used.has(tag))
      .map(([tag, title, about]): Tag => ({ name: tag, 'x-displayName': title, ...(about && { description: about }) })),
  }));
  const named = new Set(groups.flatMap(({ tags }) => tags.map(({ name }) => name)));
  const others = [...used].filter((tag) => !named.has(tag)).sort();
  groups.at(-1)?.tags.push(...others.map((tag) => ({ name: tag, 'x-displayName': humanize(tag) })));
  return groups.filter(({ tags }) => tags.length > 0);
}

/** Fills `{{name}}` in a text. */
export const filled = (text: string, values: Record<string, string>) =>
  text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);

/** The document with guide, groups and the address of this server. `base` is the path of the pages, with a slash at its end. */
export function prepared(document: ApiDocument, guide: string, origin: string, base: string): ApiDocument {
  const server = origin + base.replace(/\/$/, '');
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  const groups = groupsOf(new Set(operations.flatMap(({ tags }) => tags ?? [])));
  for (const operation of operations) {
    const content = operation.requestBody?.content;
    // JSON and files are enough to choose from
    if (content?.['application/json']) delete content['application/x-www-form-urlencoded'];
    // examples have a token; the session of this page is used without being named
    if (operation.security?.length) operation.security = [{ tokenAuth: [] }, { basicAuth: [] }];
  }
  return {
    ...document,
    info: {
      ...document.info,
      title: 'Ironwood API',
      description: filled(guide, { server, base, api: document.info.version }),
    },
    servers: [{ url: server, description: 'This server' }],
    tags: groups.flatMap(({ tags }) => tags),
    'x-tagGroups': groups.map(({ name, tags }) => ({ name, tags: tags.map(({ name }) => name) })),
  };
}

/** What stands in the examples until the user fills in a token. */
export const PLACEHOLDER = 'Token YOUR_TOKEN';

/**
 * Headers of a request from the page. Without a token of the user's own, the session is used, which needs the CSRF token.
 * A token that was pasted without its prefix gets it.
 */
export function authorized(given: Headers, csrf: string | undefined): { headers: Headers; credentials: RequestCredentials } {
  const headers = new Headers(given);
  const value = headers.get('Authorization')?.trim() ?? '';
  if (value && value !== PLACEHOLDER) {
    if (!/\s/.test(value)) headers.set('Authorization', `Token ${value}`);
    return { headers, credentials: 'omit' };
  }
  headers.delete('Authorization');
  // so that the browser does not ask for a password by itself
  headers.set('X-Requested-With', 'XMLHttpRequest');
  if (csrf) headers.set('X-CSRFToken', csrf);
  return { headers, credentials: 'same-origin' };
}
