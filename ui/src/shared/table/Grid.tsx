/** Rows and columns on the screen: only the rows that can be seen are in the page. */
import { Box, Checkbox, Skeleton, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import {
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  type ColumnDef,
  rowSelectionFeature,
  type RowSelectionState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import type { Row } from '@/api/client';
import { useTranslation } from '@/app/i18n';
import type { TableColumn } from './columns';
import { fitted } from './fit';
import classes from './Grid.module.css';

const ROW_HEIGHT = 38;
const HEAD_HEIGHT = 38;
/** Below this, a table is not squeezed; an empty one needs it for what it says. */
const LEAST_HEIGHT = 180;
const CHECK_WIDTH = 40;
const MENU_WIDTH = 44;
/** A bar for scrolling, and the border. */
const EDGE = 18;
/** What a table with menus has beside its columns. */
export const BESIDES = CHECK_WIDTH + MENU_WIDTH + EDGE;

const features = tableFeatures({
  columnVisibilityFeature,
  columnOrderingFeature,
  columnSizingFeature,
  columnResizingFeature,
  rowSelectionFeature,
});

export interface GridProps {
  label: string;
  columns: TableColumn[];
  rows: Row[];
  isLoading: boolean;
  sort: string[];
  onSort: (sort: string[]) => void;
  selection: Record<string, boolean>;
  onSelection: (selection: Record<string, boolean>) => void;
  widths: Record<string, number>;
  onWidths: (widths: Record<string, number>) => void;
  /** The width of the place that it has. */
  width: number;
  onOpen?: (row: Row, event: React.MouseEvent | React.KeyboardEvent) => void;
  /** Address of a row's page. */
  leadsTo?: (row: Row) => string;
  menu?: (row: Row) => ReactNode;
  empty: ReactNode;
}

/** One click sorts up, the next down, the third not at all; with Shift the column joins the others. */
export function nextSort(sort: string[], key: string, joins: boolean): string[] {
  const now = sort.includes(key) ? 'up' : sort.includes(`-${key}`) ? 'down' : 'off';
  const others = joins ? sort.filter((entry) => entry.replace(/^-/, '') !== key) : [];
  if (now === 'off') return [...others, key];
  return now === 'up' ? [...others, `-${key}`] : others;
}

function SortMark({ sort, name }: { sort: string[]; name: string }) {
  const at = sort.findIndex((entry) => entry.replace(/^-/, '') === name);
  if (at < 0) return null;
  const Icon = sort[at]?.startsWith('-') ? IconArrowDown : IconArrowUp;
  return (
    <>
      <Icon size={13} stroke={2} />
      {sort.length > 1 && (
        <Text span size="10px">
          {at + 1}
        </Text>
      )}
    </>
  );
}

export function Grid(props: GridProps) {
  const { columns, rows, sort, selection, widths, menu, onOpen } = props;
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState(-1);
  const room = props.width - CHECK_WIDTH - EDGE - (menu ? MENU_WIDTH : 0);
  const definitions = useMemo<ColumnDef<typeof features, Row>[]>(() => {
    const sizes = fitted(columns, widths, room);
    return columns.map((column) => ({ id: column.id, size: sizes[column.id] ?? column.width, minSize: 50, maxSize: 900, header: column.label }));
  }, [columns, widths, room]);
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    getRowId: (row) => String(row.pk),
    columnResizeMode: 'onChange',
    state: { rowSelection: selection as RowSelectionState, columnSizing: widths },
    onRowSelectionChange: (update) =>
      props.onSelection(typeof update === 'function' ? update(selection as RowSelectionState) : update),
    onColumnSizingChange: (update) => props.onWidths(typeof update === 'function' ? update(widths) : update),
  });
  const shown = table.getRowModel().rows;
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
    setCursor(-1);
  }, [rows]);

  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const span = headers.length + (menu ? 2 : 1);

  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const next = Math.min(shown.length - 1, Math.max(0, cursor + step));
      setCursor(next);
      virtualizer.scrollToIndex(next);
    } else if (event.key === 'Enter' && shown[cursor]) onOpen?.(shown[cursor].original, event);
    else if ((event.key === ' ' || event.key === 'x') && shown[cursor]) {
      event.preventDefault();
      shown[cursor].toggleSelected();
    }
  };

  return (
    <div
      ref={scroller}
      className={classes.scroller}
      style={{ minHeight: rows.length > 0 ? Math.min(LEAST_HEIGHT, HEAD_HEIGHT + rows.length * ROW_HEIGHT) : LEAST_HEIGHT }}
      tabIndex={0}
      role="region"
      aria-label={props.label}
      onKeyDown={onKeyDown}
    >
      <table className={classes.table} style={{ minWidth: table.getTotalSize() + CHECK_WIDTH + (menu ? MENU_WIDTH : 0) }}>
        <colgroup>
          <col style={{ width: CHECK_WIDTH }} />
          {headers.map((header) => (
            <col key={header.id} style={{ width: header.getSize() }} />
          ))}
          {menu && <col style={{ width: MENU_WIDTH }} />}
        </colgroup>
        <thead>
          <tr>
            <th className={classes.check}>
              <Checkbox
                size="xs"
                aria-label={t('Select all rows of this page')}
                checked={shown.length > 0 && table.getIsAllRowsSelected()}
                indeterminate={table.getIsSomeRowsSelected() && !table.getIsAllRowsSelected()}
                onChange={table.getToggleAllRowsSelectedHandler()}
              />
            </th>
            {headers.map((header) => {
              const column = byId.get(header.column.id);
              if (!column) return null;
              const key = column.sort;
              const isSorted = key !== undefined && sort.some((entry) => entry.replace(/^-/, '') === key);
              const direction = isSorted ? (sort.includes(key) ? 'ascending' : 'descending') : undefined;
              return (
                <th key={header.id} data-align={column.align} aria-sort={direction}>
                  {key ? (
                    <UnstyledButton
                      className={classes.sort}
                      data-sorted={isSorted || undefined}
                      onClick={(event) => props.onSort(nextSort(sort, key, event.shiftKey))}
                    >
                      <span className={classes.head}>{column.label}</span>
                      <SortMark sort={sort} name={key} />
                    </UnstyledButton>
                  ) : (
                    <span className={classes.head}>{column.label}</span>
                  )}
                  <span
                    className={classes.handle}
                    onMouseDown={header.getResizeHandler()}
                    onTouchStart={header.getResizeHandler()}
                    aria-hidden
                  />
                </th>
              );
            })}
            {menu && <th aria-label={t('Actions')} />}
          </tr>
        </thead>
        <tbody>
          {before > 0 && (
            <tr aria-hidden style={{ height: before }}>
              <td colSpan={span} />
            </tr>
          )}
          {items.map((item) => {
            const row = shown[item.index];
            if (!row) return null;
            return (
              <tr
                key={row.id}
                className={classes.row}
                data-selected={row.getIsSelected() || undefined}
                data-cursor={item.index === cursor || undefined}
                data-link={onOpen ? true : undefined}
                data-to={props.leadsTo?.(row.original)}
                onClick={(event) => onOpen?.(row.original, event)}
                onAuxClick={(event) => event.button === 1 && onOpen?.(row.original, event)}
              >
                <td className={classes.check} onClick={(event) => event.stopPropagation()}>
                  <input type="checkbox" className={classes.box} aria-label={t('Select row')} checked={row.getIsSelected()} onChange={row.getToggleSelectedHandler()} />
                </td>
                {headers.map((header) => {
                  const column = byId.get(header.column.id);
                  return (
                    <td key={header.id} data-align={column?.align} data-label={column?.label}>
                      {column?.render(row.original)}
                    </td>
                  );
                })}
                {menu && (
                  <td className={classes.menu} onClick={(event) => event.stopPropagation()}>
                    {menu(row.original)}
                  </td>
                )}
              </tr>
            );
          })}
          {after > 0 && (
            <tr aria-hidden style={{ height: after }}>
              <td colSpan={span} />
            </tr>
          )}
        </tbody>
      </table>
      {props.isLoading && rows.length === 0 && (
        <Box p="xs">
          {Array.from({ length: 10 }, (_, index) => (
            <Skeleton key={index} height={22} my={12} />
          ))}
        </Box>
      )}
      {!props.isLoading && rows.length === 0 && props.empty}
    </div>
  );
}
