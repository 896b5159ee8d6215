/** Actions that every kind of record has: new, edit, several at once, delete; and who may use which. */
import { IconCopy, IconEdit, IconLink, IconPlus, IconPrinter, IconQrcode, IconTag, IconTrash, IconUnlink } from '@tabler/icons-react';
import { call, get, patch, remove, type Row } from '@/api/client';
import { translate } from '@/app/i18n';
import { linkTo } from '@/app/registry';
import { confirm } from './confirm';
import { type Action, type Context, hasTags, type Kind, type Printing, type Resource, type Verb } from './description';
import { type FormSpec, openForm, sendForm } from './form/Form';
import { succeeded, warned } from './notify';
import { forEach } from './progress';
import { keepForUndo } from './restore';
import { type Back, putBack } from './undo';

export type May = (what: Kind | string | undefined, verb: Verb) => boolean;

/** Opens the form for a new row; goes to its page afterwards, where there is one. */
export function openCreate(resource: Resource, context: Context, values: Record<string, unknown> = {}, stays = false): void {
  const { kind } = resource;
  openForm({
    title: translate('New: {{name}}', { name: translate(kind.name) }),
    url: kind.api,
    ...((resource.createForm ?? resource.form) && { fields: resource.createForm ?? resource.form! }),
    initial: values,
    fixed: Object.fromEntries(Object.entries(values).filter(([name]) => !isInForm(resource, name))),
    submit: translate('Create'),
    ...(stays && { again: (values: Record<string, unknown>) => keepable(values) }),
    onDone: async (answer) => {
      const rows = Array.isArray(answer) ? answer : [answer];
      await context.refresh();
      succeeded(translate('{{name}} created', { name: translate(kind.name) }));
      const first = rows[0] as Row | undefined;
      if (!stays && kind.load && first?.pk) context.go(linkTo(kind, first.pk));
    },
  });
}

const isInForm = (resource: Resource, name: string) => {
  const form = resource.createForm ?? resource.form;
  return !form || form.some((field) => (typeof field === 'string' ? field : field.name) === name);
};

/** What the next row of a series keeps of the last one. */
const keepable = (values: Record<string, unknown>) =>
  Object.fromEntries(
    ['category', 'location', 'default_location', 'part', 'supplier', 'parent', 'status'].flatMap((name) =>
      name in values ? [[name, values[name]]] : [],
    ),
  );

export async function openEdit(resource: Resource, given: Row, context: Context): Promise<void> {
  const { kind } = resource;
  // a form that does not know the tags would take them away
  const tags = hasTags(resource) ? await get<Row>(`${kind.api}${given.pk}/`, { tags: true }) : {};
  const row: Row = { ...given, ...('tags' in tags && { tags: tags.tags }) };
  openForm({
    title: translate('Edit {{name}}', { name: kind.title(row) }),
    url: `${kind.api}${row.pk}/`,
    method: 'PATCH',
    ...(resource.form && { fields: resource.form }),
    initial: row,
    onDone: async (_, sent) => {
      await context.refresh();
      succeeded(translate('Saved'), undoEdit(resource, [row], sent, context));
    },
  });
}

/** Gives fields their values of before again; not possible for files. */
function undoEdit(resource: Resource, rows: Row[], sent: Record<string, unknown>, context: Context): (() => Promise<unknown>) | undefined {
  const names = Object.keys(sent).filter((name) => name !== 'items');
  const isKnown = names.every((name) => !(sent[name] instanceof File) && rows.every((row) => row[name] !== undefined));
  if (!isKnown || names.length === 0) return undefined;
  return async () => {
    await forEach(translate('Undo'), rows, (row) => putBack(resource.kind.api, row, names)());
    await context.refresh();
  };
}

function openBulkEdit(resource: Resource, rows: Row[], context: Context): void {
  openForm({
    title: translate('Edit {{count}} rows', { count: rows.length }),
    url: resource.kind.api,
    method: 'PATCH',
    fields: resource.bulkEdit ?? [],
    initial: {},
    fixed: { items: rows.map((row) => row.pk) },
    onDone: async (_, sent) => {
      await context.refresh();
      succeeded(translate('{{count}} rows changed', { count: rows.length }), undoEdit(resource, rows, sent, context));
    },
  });
}

/** What is asked before rows are deleted. */
function deletion({ kind }: Resource, rows: Row[], isUndoable: boolean): string {
  const [first] = rows;
  if (rows.length === 1 && first) {
    const values = { name: kind.title(first) };
    return isUndoable ? translate('Delete "{{name}}"?', values) : translate('Delete "{{name}}"? This cannot be undone.', values);
  }
  const values = { count: rows.length };
  return isUndoable ? translate('Delete {{count}} rows?', values) : translate('Delete {{count}} rows? This cannot be undone.', values);
}

async function deleteRows(resource: Resource, rows: Row[]): Promise<void> {
  const { api } = resource.kind;
  if (rows.length > 1 && resource.deletesTogether) await remove(api, { items: rows.map((row) => row.pk) });
  else await forEach(translate('Delete'), rows, (row) => remove(`${api}${row.pk}/`));
}

/** Kinds of records that templates can be about. */
const PRINTED = new Set([
  'part', 'stockitem', 'stocklocation', 'company', 'build', 'buildline', 'purchaseorder', 'salesorder', 'salesordershipment', 'returnorder', 'transferorder',
]);

/** Labels or a report of one or several records. */
export function printAction(printing: Printing, model: string): Action {
  const isLabel = printing === 'label';
  return {
    name: `print-${printing}`,
    label: isLabel ? 'Print label' : 'Print report',
    icon: isLabel ? IconTag : IconPrinter,
    on: ['row', 'bulk'],
    // no key alone: scanners type, too
    hotkey: isLabel ? 'alt+P' : 'alt+shift+P',
    prints: { printing, model },
    run: async (rows, context) => (await import('./printing/PrintDialog')).openPrint(printing, model, rows, context.go),
  };
}

/** Kinds of records that the server prints codes for. */
const HAS_CODE = new Set([
  'part', 'stockitem', 'stocklocation', 'supplierpart', 'manufacturerpart', 'build', 'purchaseorder', 'salesorder',
  'salesordershipment', 'returnorder', 'transferorder',
]);

/** The actions that follow from the description alone. */
function usual(resource: Resource): Action[] {
  const actions: Action[] = [];
  if (resource.canEdit !== false) {
    actions.push({
      name: 'edit',
      label: 'Edit',
      icon: IconEdit,
      needs: 'change',
      on: ['row'],
      run: ([row], context) => (row ? openEdit(resource, row, context) : undefined),
    });
  }
  if (resource.duplicate) {
    const { duplicate } = resource;
    actions.push({
      name: 'duplicate',
      label: 'Duplicate',
      icon: IconCopy,
      needs: 'add',
      on: ['row'],
      run: ([row], context) => row && openCreate(resource, context, duplicate(row)),
    });
  }
  const { model } = resource.kind;
  if (PRINTED.has(model)) actions.push(printAction('label', model), printAction('report', model));
  if (HAS_CODE.has(resource.kind.model)) {
    actions.push({
      name: 'code-labels',
      label: 'Barcode labels',
      icon: IconQrcode,
      on: ['row', 'bulk'],
      run: (rows, context) => context.go(`/labels?model=${resource.kind.model}&pk=${rows.map((row) => row.pk).join(',')}`),
    });
  }
  if (HAS_CODE.has(resource.kind.model)) {
    const { kind } = resource;
    actions.push(
      {
        name: 'link-code',
        label: 'Assign barcode',
        icon: IconLink,
        needs: 'change',
        on: ['row'],
        when: ([row]) => row?.barcode_hash === '',
        run: async ([row], context) => {
          const { openLinkCode } = await import('./LinkCode');
          if (row) openLinkCode(kind, row, context);
        },
      },
      simplePost({
        name: 'unlink-code',
        label: 'Remove barcode',
        icon: IconUnlink,
        needs: 'change',
        url: () => '/api/barcode/unlink/',
        body: (row) => ({ [kind.model]: row.pk }),
        when: (row) => Boolean(row.barcode_hash),
        question: 'Scanning this barcode will no longer find this record.',
        done: 'Barcode removed',
      }),
    );
  }
  if (resource.bulkEdit?.length) {
    actions.push({
      name: 'edit-all',
      label: 'Edit',
      icon: IconEdit,
      needs: 'change',
      on: ['bulk'],
      run: (rows, context) => openBulkEdit(resource, rows, context),
    });
  }
  if (resource.canDelete !== false) {
    const { canDelete } = resource;
    actions.push({
      name: 'delete',
      label: 'Delete',
      icon: IconTrash,
      color: 'red',
      needs: 'delete',
      on: ['row', 'bulk'],
      ...(typeof canDelete === 'function' && { when: (rows: Row[]) => rows.every((row) => canDelete(row)) }),
      run: async (rows, context) => {
        const back = await keepForUndo(resource, rows);
        confirm({
          title: translate('Delete'),
          text: [deletion(resource, rows, back !== undefined), resource.deletion && translate(resource.deletion)].filter(Boolean).join(' '),
          submit: translate('Delete'),
          run: async () => {
            await deleteRows(resource, rows);
            const { pathname } = window.location;
            const isOnPage = rows.some((row) => new RegExp(`/${resource.kind.path}/${row.pk}(/|$)`).test(pathname));
            // what is gone is not asked for again
            if (isOnPage) await context.go(`/${resource.kind.path}`);
            await context.refresh();
            succeeded(translate('Deleted'), back && (() => back().then(context.refresh)));
          },
        });
      },
    });
  }
  return actions;
}

/** All actions of a place that the user may use. */
const allowed = (resource: Resource, place: Action['on'][number], may: May): Action[] =>
  [...(resource.actions ?? []), ...usual(resource)].filter((action) => action.on.includes(place) && (!action.needs || may(action.role ?? resource.kind, action.needs)));
const fits = (rows: Row[]) => (action: Action) => !action.when || action.when(rows);

/** All actions of a place that the user may use and that make sense for the rows. */
export const actionsFor = (resource: Resource, place: Action['on'][number], rows: Row[], may: May): Action[] => allowed(resource, place, may).filter(fits(rows));

/** The same for each of many rows: those of a row are looked for when its menu is opened. */
export function rowActions(resource: Resource, may: May): (row: Row) => (() => Action[]) | undefined {
  const all = allowed(resource, 'row', may);
  return (row) => (all.some(fits([row])) ? () => all.filter(fits([row])) : undefined);
}

export const newAction = (resource: Resource): Action => ({
  name: 'new',
  label: 'New',
  icon: IconPlus,
  needs: 'add',
  on: ['list'],
  run: (_, context) => openCreate(resource, context),
});

const FINAL = 'This cannot be undone.';

/** An action that is a POST without more to say, after a question where it is a big step or stays. */
export function simplePost(options: {
  name: string;
  label: string;
  icon: Action['icon'];
  url: (row: Row) => string;
  body?: (row: Row) => unknown;
  method?: 'POST' | 'PATCH';
  question?: string | ((row: Row) => string | undefined);
  /** It is undone by another action, or the question says that it is not. */
  isSaid?: boolean;
  done?: string;
  color?: string;
  needs?: Verb;
  role?: string;
  isMain?: boolean;
  when?: (row: Row) => boolean;
  /** What takes it back, from the row as it was; nothing where that is not possible. */
  undo?: (row: Row) => Back;
}): Action {
  const { url, body, question, isSaid, done, undo, method = 'POST', when, ...others } = options;
  return {
    // what an address of its own does is a right to add, as it is on the server
    needs: method === 'PATCH' ? 'change' : 'add',
    on: ['row'],
    ...others,
    ...(when && { when: (rows: Row[]) => rows.every(when) }),
    run: async ([row], context) => {
      if (!row) return;
      const back = undo?.(row);
      const run = async () => {
        await call(method, url(row), { body: body?.(row) ?? {} });
        await context.refresh();
        succeeded(translate(done ?? 'Done'), back && (() => back().then(context.refresh)));
      };
      const isFinal = !back && !isSaid;
      const asked = typeof question === 'function' ? question(row) : question;
      if (!asked && !isFinal) return run();
      const text = [asked && translate(asked), isFinal && translate(FINAL)].filter(Boolean).join(' ');
      confirm({ title: translate(options.label), text, submit: translate(options.label), color: options.color ?? '', run });
    },
  };
}

type ActionForm = Omit<FormSpec, 'title'> & { title?: string };

/** An action that asks for something in a form first. */
export function formAction(
  options: Omit<Action, 'run'> & {
    form: (rows: Row[], context: Context) => ActionForm | Promise<ActionForm>;
    done?: string | ((answer: unknown) => string | { warning: string });
    /** It is undone by the same form or another action: the form does not say that it stays. */
    isReversible?: boolean;
    /** What takes it back, from the rows as they were, what was sent, and the answer; nothing where that is not possible. */
    undo?: (rows: Row[], sent: Record<string, unknown>, answer: unknown) => Back;
    /** The same, where something is read before it is sent, and again afterwards. */
    keeps?: (rows: Row[], sent: Record<string, unknown>) => Promise<(answer: unknown) => Promise<Back>>;
  },
): Action {
  const { form, done, undo, keeps, isReversible, ...action } = options;
  return {
    ...action,
    run: async (rows, context) => {
      const spec = await form(rows, context);
      let after: ((answer: unknown) => Promise<Back>) | undefined;
      openForm({
        title: translate(action.label),
        submit: translate(action.label),
        ...(!undo && !keeps && !isReversible && { isFinal: true }),
        ...spec,
        ...(keeps && {
          send: async (body) => {
            after = await keeps(rows, body).catch(() => undefined);
            return sendForm(spec, body);
          },
        }),
        onDone: async (answer, sent) => {
          await spec.onDone?.(answer, sent);
          const back = (await after?.(answer).catch(() => undefined)) ?? undo?.(rows, sent, answer);
          await context.refresh();
          const text = typeof done === 'function' ? done(answer) : translate(done ?? 'Done');
          if (typeof text !== 'string') warned(text.warning);
          else succeeded(text, back && (() => back().then(context.refresh)));
        },
      });
    },
  };
}

/** A field that is on or off, changed with one click. */
export function toggleAction(
  options: Pick<Action, 'name' | 'label' | 'icon'> & { api: string; field: string; to: boolean; done: string; on?: Action['on']; needs?: Verb; when?: (row: Row) => boolean },
): Action {
  const { api, field, to, done, when, ...action } = options;
  return {
    on: ['row'],
    ...action,
    when: (rows) => rows.every((row) => Boolean(row[field]) !== to && (!when || when(row))),
    run: async (rows, context) => {
      const set = (value: boolean) => forEach(translate(action.label), rows, (row) => patch(`${api}${row.pk}/`, { [field]: value })).then(context.refresh);
      await set(to);
      succeeded(translate(done), () => set(!to));
    },
  };
}
