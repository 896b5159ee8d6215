/** The list of what has been scanned, the newest first, and what all ways of scanning share. */
import { ActionIcon, Badge, Box, Group, Loader, Stack, Text, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconCheck, IconClock, IconTag } from '@tabler/icons-react';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { get, type Row } from '@/api/client';
import type { Scan } from '@/shared/scan';
import { useScans } from '@/shared/scan';
import { failed } from '@/shared/notify';
import { usePrintable } from '@/shared/printing/printable';
import { RecordLink } from '@/shared/RecordLink';
import { useContext } from '@/shared/refresh';
import classes from './Scan.module.css';
import { sound } from './sound';
import { closeStation, type Station } from './station';

export interface Entry {
  id: number;
  scan: Scan;
  title: string;
  state: 'busy' | 'done' | 'waits' | 'wrong' | 'undone';
  text?: string;
  undo?: () => Promise<unknown>;
  /** What a label is printed of, where it is another record than the scanned one. */
  made?: { model: string; pk: number };
}

let next = 1;

/** A code without the control characters that labels have between their fields. */
// eslint-disable-next-line no-control-regex
const readable = (code: string) => code.replace(/[\u0000-\u001f]+/g, ' ').trim();

export interface Entries {
  list: Entry[];
  /** How many were taken. */
  count: number;
  /** Does something for a scan, and shows what came of it. */
  add: (scan: Scan, work: (row: Row | undefined) => Promise<Partial<Entry>>) => Promise<void>;
  refuse: (scan: Scan, text: string) => void;
  change: (id: number, change: Partial<Entry>) => void;
  clear: () => void;
}

/** The row of a scan with all that its title needs. */
export async function rowOf(scan: Scan): Promise<Row | undefined> {
  const kind = kindOf(scan.model);
  if (!kind || scan.pk === undefined) return scan.row;
  return get<Row>(`${kind.api}${scan.pk}/`, kind.query ?? {});
}

export function useEntries(): Entries {
  const [list, setList] = useState<Entry[]>([]);
  const change = useCallback((id: number, change: Partial<Entry>) => {
    setList((list) => list.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)));
  }, []);
  const add = useCallback<Entries['add']>(
    async (scan, work) => {
      const id = next++;
      setList((list) => [{ id, scan, title: readable(scan.code), state: 'busy' }, ...list]);
      try {
        const row = await rowOf(scan);
        const kind = kindOf(scan.model);
        if (row && kind) change(id, { title: kind.title(row) });
        const news = await work(row);
        change(id, { state: 'done', ...news });
        sound(news.state === 'wrong' ? 'wrong' : 'taken');
      } catch (error) {
        change(id, { state: 'wrong', text: error instanceof Error ? error.message : String(error) });
        sound('wrong');
      }
    },
    [change],
  );
  const refuse = useCallback((scan: Scan, text: string) => {
    setList((list) => [{ id: next++, scan, title: readable(scan.code), state: 'wrong', text }, ...list]);
    sound('wrong');
  }, []);
  const clear = useCallback(() => setList([]), []);
  return { list, count: list.filter((entry) => ['done', 'waits'].includes(entry.state)).length, add, refuse, change, clear };
}

/** Takes scans for a way of scanning, with the one that opened the dialog first. */
export function useStationScans(station: Station, take: (scan: Scan) => void) {
  const place = useRef<HTMLDivElement>(null);
  useScans((scan) => {
    take(scan);
    return true;
  }, place);
  const begun = useRef<Scan | undefined>(undefined);
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    if (station.first && begun.current !== station.first) {
      begun.current = station.first;
      latest.current(station.first);
    }
  }, [station.first]);
  return place;
}

const ICONS: Record<Entry['state'], ReactNode> = {
  busy: <Loader size={16} />,
  done: <IconCheck size={18} color="var(--mantine-color-green-7)" />,
  waits: <IconClock size={18} color="var(--mantine-color-orange-7)" />,
  wrong: <IconAlertTriangle size={18} color="var(--mantine-color-red-7)" />,
  undone: <IconArrowBackUp size={18} color="var(--mantine-color-dimmed)" />,
};

interface ListProps {
  entries: Entries;
  empty: string;
  /** Buttons of an entry. */
  actions?: (entry: Entry) => ReactNode;
}

interface LabelButtonProps {
  entry: Entry;
  isPrintable: (printing: 'label', model: string) => boolean;
}

/** A label for what was scanned, or for what came of it. */
function LabelButton({ entry, isPrintable }: LabelButtonProps) {
  const { t } = useTranslation();
  const { go } = useContext();
  const model = entry.made?.model ?? entry.scan.model;
  const pk = entry.made?.pk ?? entry.scan.pk;
  if (!model || pk === undefined || !isPrintable('label', model)) return null;
  const print = async () => {
    const { openPrint } = await import('@/shared/printing/PrintDialog');
    const leave = (to: string) => {
      closeStation();
      go(to);
    };
    openPrint('label', model, [{ pk }], leave, entry.title);
  };
  return (
    <Tooltip label={t('Print label')}>
      <ActionIcon variant="subtle" color="gray" aria-label={t('Print label')} onClick={() => void print().catch(failed)}>
        <IconTag size={18} />
      </ActionIcon>
    </Tooltip>
  );
}

export function EntryList({ entries, empty, actions }: ListProps) {
  const { t } = useTranslation();
  const isPrintable = usePrintable(entries.list.length > 0);
  if (entries.list.length === 0) {
    return (
      <Text c="dimmed" size="sm" ta="center" py="lg">
        {empty}
      </Text>
    );
  }
  return (
    <Stack gap={6} aria-live="polite">
      {entries.list.map((entry, at) => (
        <div key={entry.id} className={classes.entry} data-state={entry.state} data-new={at === 0 || undefined}>
          {ICONS[entry.state]}
          <Box style={{ flex: 1, minWidth: 0 }}>
            <Text size="sm" truncate td={entry.state === 'undone' ? 'line-through' : undefined}>
              {entry.scan.model && entry.scan.pk ? (
                <span onClickCapture={closeStation}>
                  <RecordLink model={entry.scan.model} pk={entry.scan.pk}>
                    {entry.title}
                  </RecordLink>
                </span>
              ) : (
                entry.title
              )}
            </Text>
            {entry.text && (
              <Text size="xs" c={entry.state === 'wrong' ? 'red' : 'dimmed'}>
                {entry.text}
              </Text>
            )}
            {actions?.(entry)}
          </Box>
          {entry.state === 'done' && <LabelButton entry={entry} isPrintable={isPrintable} />}
          {entry.undo && entry.state === 'done' && (
            <Tooltip label={t('Undo')}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('Undo')}
                onClick={() =>
                  void entry.undo?.().then(
                    () => entries.change(entry.id, { state: 'undone', text: t('Undone') }),
                    (error: Error) => entries.change(entry.id, { state: 'wrong', text: error.message }),
                  )
                }
              >
                <IconArrowBackUp size={18} />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
      ))}
    </Stack>
  );
}

/** What is done right now, and how many there are. */
export function Heading({ children, count }: { children: ReactNode; count?: number }) {
  return (
    <Group justify="space-between" wrap="nowrap" align="center">
      <Text fw={600} style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        {children}
      </Text>
      {count !== undefined && (
        <Badge size="xl" variant={count > 0 ? 'filled' : 'default'} radius="md" data-testid="scan-count">
          {count}
        </Badge>
      )}
    </Group>
  );
}
