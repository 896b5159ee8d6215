/** Sets stock aside for a build, and makes its outputs. */
import { IconBookmark, IconBookmarkOff, IconCheck, IconFlame, IconHammer, IconPlus, IconRecycle, IconTrash, IconWand } from '@tabler/icons-react';
import { page, post, type Row } from '@/api/client';
import { translate } from '@/app/i18n';
import { kind, resourceOf } from '@/app/registry';
import { formAction, openCreate } from '@/shared/actions';
import type { Action } from '@/shared/description';
import type { FormSpec } from '@/shared/form/Form';
import { unitOf } from '@/shared/form/units';
import { quantity } from '@/shared/format';
import { serialField } from '@/shared/serials';
import type { Back } from '@/shared/undo';
import { allocatedText, keepAllocations, linesToAllocate } from '../orders/allocation';
import { buyAction, type Need } from '../purchasing/buy';
import { stockActions } from '../stock/actions';

const MOST = 500;
export const PENDING = 10;
export const PRODUCTION = 20;
export const HELD = 25;
const isOpen = (row: Row | undefined) => [PENDING, PRODUCTION, HELD].includes(Number(row?.status));

export const missing = (line: Row) => Math.max(0, Number(line.quantity) - Number(line.allocated) - Number(line.consumed));
const canAllocate = (line: Row) => missing(line) > 0 && !line.consumable;

const ITEMS = '/api/build/item/';
type Part = { purchaseable?: boolean; active?: boolean; assembly?: boolean; trackable?: boolean } | null | undefined;
const partOf = (line: Row) => line.part_detail as Part;
const outputsOf = (build: number) => ({ build, is_building: true });

/** Allocations that were removed are made again. */
const again = (build: (row: Row) => number, rows: Row[]) => (gone: Row[]) =>
  post(`/api/build/${rows[0] ? build(rows[0]) : 0}/allocate/`, {
    items: gone.map((row) => ({ build_line: row.build_line, stock_item: row.stock_item, quantity: row.quantity, ...(row.install_into !== null && { output: row.install_into }) })),
  });
const keeping = (build: (row: Row) => number) => (rows: Row[]) => keepAllocations(ITEMS, 'build', build, again(build, rows))(rows);
const keepsBuild = keeping((build) => build.pk);
const keepsLine = keeping((line) => Number(line.build));

interface Given {
  takeFrom?: unknown;
  /** The output that tracked stock is for. */
  output?: Row;
}

async function allocateForm(build: number, lines: Row[], { takeFrom, output }: Given = {}): Promise<Omit<FormSpec, 'title'>> {
  const isTracked = lines.some((line) => partOf(line)?.trackable);
  const outputs = isTracked && !output ? (await page('/api/stock/', { ...outputsOf(build), limit: 2 })).results : [];
  const [only, another] = outputs;
  const from = takeFrom ? { location: Number(takeFrom), cascade: true } : {};
  const spec = linesToAllocate(lines, {
    model: 'buildline',
    line: 'build_line',
    missing: (line) => (output && partOf(line)?.trackable ? Number(line.bom_item_detail ? (line.bom_item_detail as Row).quantity : 1) * Number(output.quantity) : missing(line)),
    filters: (line) => ({ bom_item: Number(line.bom_item), in_stock: true, available: true, ...from }),
    columns: only
      ? [{
          name: 'output',
          field: { type: 'related field', label: 'Build output', model: 'stockitem' },
          filters: () => outputsOf(build),
          // with several outputs, the user says which
          ...(!another && { initial: (line: Row) => (partOf(line)?.trackable ? only.pk : null) }),
          width: 200,
        }]
      : [],
  });
  return {
    url: `/api/build/${build}/allocate/`,
    ...(only && { size: '90%' }),
    items: output ? { ...spec, toItem: (line, values) => ({ build_line: line.pk, output: output.pk, ...values }) } : spec,
    fields: [],
  };
}

export const allocateLines: Action = formAction({
  name: 'allocate',
  label: 'Allocate stock',
  icon: IconBookmark,
  needs: 'add',
  on: ['row', 'bulk'],
  when: (lines) => lines.every((line) => canAllocate(line) && line.build === lines[0]?.build),
  done: 'Allocated',
  keeps: keepsLine,
  form: (lines) => allocateForm(Number(lines[0]?.build), lines),
});

export const autoAllocateLines: Action = formAction({
  name: 'auto-allocate',
  label: 'Allocate automatically',
  icon: IconWand,
  needs: 'add',
  on: ['row', 'bulk'],
  when: (lines) => lines.every((line) => canAllocate(line) && line.build === lines[0]?.build),
  done: allocatedText,
  keeps: keepsLine,
  form: (lines) => ({
    url: `/api/build/${Number(lines[0]?.build)}/auto-allocate/`,
    fixed: { build_lines: lines.map((line) => line.pk) },
    initial: { optional_items: true },
    fields: ['location', 'exclude_location', 'interchangeable', 'substitutes', 'stock_sort_by'],
  }),
});

export const unallocateLine: Action = formAction({
  name: 'unallocate',
  label: 'Remove allocations',
  icon: IconBookmarkOff,
  needs: 'add',
  on: ['row'],
  when: ([line]) => Number(line?.allocated) > 0,
  done: 'Allocations removed',
  keeps: keepsLine,
  form: ([line]) => ({ url: `/api/build/${Number(line?.build)}/unallocate/`, fixed: { build_line: line?.pk }, fields: [], intro: translate('Remove all stock that is allocated to this line?') }),
});

export const consumeLines: Action = formAction({
  name: 'consume',
  label: 'Consume',
  icon: IconFlame,
  needs: 'add',
  on: ['row', 'bulk'],
  when: (lines) => lines.every((line) => Number(line.allocated) > 0 && line.build === lines[0]?.build),
  done: 'Consumed',
  form: (lines) => ({
    url: `/api/build/${Number(lines[0]?.build)}/consume/`,
    fixed: { lines: lines.map((line) => ({ build_line: line.pk })) },
    fields: ['notes'],
  }),
});

/** What has to be bought: neither in stock, nor ordered, nor being made. */
export const short = (line: Row) => Math.max(0, missing(line) - Number(line.available_stock) - Number(line.on_order) - Number(line.in_production));
const isBought = (part: Part) => Boolean(part?.purchaseable && part.active);
const canBuy = (line: Row) => short(line) > 0 && isBought(line.part_detail as Part);
const need = (line: Row): Need => ({ row: line, part: Number(line.part), label: kind('buildline').title(line), missing: short(line) });

export const buyLines: Action = buyAction({
  label: 'Order missing parts',
  on: ['row', 'bulk'],
  when: (lines) => lines.every(canBuy),
  needs: (lines) => lines.map(need),
});

/** A part that is made here has a build of its own below this one. */
export const buildLine: Action = {
  name: 'build',
  label: 'Build',
  icon: IconHammer,
  role: 'build',
  needs: 'add',
  on: ['row'],
  when: ([line]) => Boolean(line && missing(line) > 0 && partOf(line)?.assembly && partOf(line)?.active !== false),
  run: async ([line], context) =>
    line && openCreate(await resourceOf(kind('build')), context, { part: line.part, parent: line.build, quantity: missing(line) }),
};

/** On allocations. */
export const consumeItems: Action = formAction({
  name: 'consume',
  label: 'Consume',
  icon: IconFlame,
  needs: 'add',
  on: ['row', 'bulk'],
  when: (rows) => rows.every((row) => row.build === rows[0]?.build && row.install_into === null),
  done: 'Consumed',
  form: (rows) => ({
    url: `/api/build/${Number(rows[0]?.build)}/consume/`,
    items: {
      name: 'items',
      rows,
      label: (row) => kind('builditem').title(row),
      columns: [{ name: 'quantity', field: { type: 'decimal', label: 'Quantity', required: true }, initial: (row) => row.quantity, unit: unitOf, width: 110 }],
      toItem: (row, values) => ({ build_item: row.pk, ...values }),
    },
    fields: ['notes'],
  }),
});

/** On a build order. */
export const buildActions: Action[] = [
  formAction({
    name: 'allocate',
    label: 'Allocate stock',
    icon: IconBookmark,
    needs: 'add',
    on: ['row'],
    isMain: true,
    when: ([build]) => isOpen(build),
    done: 'Allocated',
    keeps: keepsBuild,
    form: async ([build]) => {
      const { results } = await page('/api/build/line/', { build: build?.pk, part_detail: true, limit: MOST });
      return allocateForm(build?.pk ?? 0, results.filter(canAllocate), { takeFrom: build?.take_from });
    },
  }),
  formAction({
    name: 'auto-allocate',
    label: 'Allocate automatically',
    icon: IconWand,
    needs: 'add',
    on: ['row'],
    when: ([build]) => isOpen(build),
    done: allocatedText,
    keeps: keepsBuild,
    form: ([build]) => ({
      url: `/api/build/${build?.pk}/auto-allocate/`,
      initial: { location: build?.take_from },
      fields: ['location', 'exclude_location', 'interchangeable', 'substitutes', 'optional_items', 'item_type', 'stock_sort_by'],
    }),
  }),
  buyAction({
    label: 'Order missing parts',
    on: ['row'],
    when: ([build]) => isOpen(build),
    needs: async ([build]) => {
      const { results } = await page('/api/build/line/', { build: build?.pk, part_detail: true, limit: MOST });
      return results.filter(canBuy).map(need);
    },
  }),
  formAction({
    name: 'unallocate',
    label: 'Remove allocations',
    icon: IconBookmarkOff,
    needs: 'add',
    on: ['row'],
    when: ([build]) => isOpen(build),
    done: 'Allocations removed',
    keeps: keepsBuild,
    form: ([build]) => ({ url: `/api/build/${build?.pk}/unallocate/`, fields: [], intro: translate('Remove all stock that is allocated to this order, except to its outputs?') }),
  }),
  formAction({
    name: 'consume',
    label: 'Consume allocated stock',
    icon: IconFlame,
    needs: 'add',
    on: ['row'],
    when: ([build]) => Number(build?.status) === PRODUCTION,
    done: 'Consumed',
    form: async ([build]) => {
      const { results } = await page('/api/build/line/', { build: build?.pk, allocated: undefined, part_detail: true, limit: MOST });
      const rows = results.filter((line) => Number(line.allocated) > 0 && !partOf(line)?.trackable);
      return {
        url: `/api/build/${build?.pk}/consume/`,
        intro: rows.length === 0 ? translate('No stock is allocated.') : undefined,
        items: {
          name: 'lines',
          rows,
          label: (line) => kind('buildline').title(line),
          shown: [{ label: 'Allocated', render: (line) => quantity(line.allocated) }],
          columns: [],
          toItem: (line) => ({ build_line: line.pk }),
        },
        fields: ['notes'],
      };
    },
  }),
  formAction({
    name: 'create-output',
    label: 'New output',
    icon: IconPlus,
    needs: 'add',
    on: ['row'],
    isMain: true,
    when: ([build]) => isOpen(build),
    done: 'Output created',
    undo: ([build], _, answer) => build && undoOutputs(build.pk, answer),
    form: async ([build]) => ({
      url: `/api/build/${build?.pk}/create-output/`,
      initial: { quantity: Math.max(0, Number(build?.quantity) - Number(build?.completed)), batch_code: build?.batch, location: build?.destination },
      fields: ['quantity', 'batch_code', await serialField(build?.part), 'location', 'auto_allocate'],
    }),
  }),
];

/** Outputs that were just made go again. */
function undoOutputs(build: number, answer: unknown): Back {
  const made = Array.isArray(answer) ? (answer as Row[]) : [];
  if (made.length === 0) return undefined;
  return () => post(`/api/build/${build}/delete-outputs/`, { outputs: made.map(({ pk }) => ({ output: pk })) });
}

/** On outputs: stock items that are being built. */
export function outputActions(build: Row): Action[] {
  const outputs = (rows: Row[], withQuantity: boolean): FormSpec['items'] => ({
    name: 'outputs',
    rows,
    label: (row) => kind('stockitem').title(row),
    columns: withQuantity
      ? [{ name: 'quantity', field: { type: 'decimal', label: 'Quantity', required: true }, initial: (row) => row.quantity, unit: unitOf, width: 110 }]
      : [],
    toItem: (row, values) => ({ output: row.pk, ...values }),
  });
  const keeps = () => keepsBuild([build]);
  return [
    formAction({
      name: 'allocate-output',
      label: 'Allocate stock',
      icon: IconBookmark,
      role: 'build',
      needs: 'add',
      on: ['row'],
      done: 'Allocated',
      keeps,
      form: async ([output]) => {
        const { results } = await page('/api/build/line/', { build: build.pk, tracked: true, part_detail: true, bom_item_detail: true, limit: MOST });
        const form = await allocateForm(build.pk, results, { takeFrom: build.take_from, ...(output && { output }) });
        return { ...form, intro: results.length === 0 ? translate('This build has no lines with tracked parts. Other stock is allocated to the order.') : undefined };
      },
    }),
    formAction({
      name: 'unallocate-output',
      label: 'Remove allocations',
      icon: IconBookmarkOff,
      role: 'build',
      needs: 'add',
      on: ['row'],
      done: 'Allocations removed',
      keeps,
      form: ([output]) => ({ url: `/api/build/${build.pk}/unallocate/`, fixed: { output: output?.pk }, fields: [], intro: translate('Remove all stock that is allocated to this output?') }),
    }),
    ...stockActions.filter(({ name }) => name === 'serialize').map((action) => ({ ...action, when: ([row]: Row[]) => Boolean(row && !row.serial && (row.part_detail as Part)?.trackable) })),
    formAction({
      name: 'complete-output',
      label: 'Complete',
      icon: IconCheck,
      color: 'green',
      role: 'build',
      needs: 'add',
      on: ['row', 'bulk'],
      done: 'Completed',
      form: (rows) => ({
        url: `/api/build/${build.pk}/complete/`,
        items: outputs(rows, true),
        initial: { location: build.destination ?? rows[0]?.location },
        fields: ['location', 'status_custom_key', 'accept_incomplete_allocation', 'notes'],
      }),
    }),
    formAction({
      name: 'scrap-output',
      label: 'Scrap',
      icon: IconRecycle,
      role: 'build',
      needs: 'add',
      on: ['row', 'bulk'],
      done: 'Scrapped',
      form: (rows) => ({
        url: `/api/build/${build.pk}/scrap-outputs/`,
        items: outputs(rows, true),
        fields: ['location', 'discard_allocations', 'notes'],
      }),
    }),
    formAction({
      name: 'delete-output',
      label: 'Cancel the output',
      icon: IconTrash,
      color: 'red',
      role: 'build',
      needs: 'add',
      on: ['row', 'bulk'],
      done: 'Output removed',
      form: (rows) => ({ url: `/api/build/${build.pk}/delete-outputs/`, items: outputs(rows, false), fields: [] }),
    }),
  ];
}
