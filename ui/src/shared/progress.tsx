/** How far work is that takes longer than a moment: one bar at the edge of the page, whatever the work is. */
import { Progress, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { translate } from '@/app/i18n';
import { quantity } from './format';

/** What is done sooner shows no bar. */
const SOON = 700;
const PAUSE = 100;

/** Told how many steps are done, of how many; without a number of all, only that it goes on. */
export type Tell = (done: number, total?: number) => void;

interface Bar {
  label: string;
  done: number;
  total: number | undefined;
  id?: string;
}

/** Work within work has the bar; what began it is silent meanwhile. */
const bars: Bar[] = [];

const content = ({ label, done, total }: Bar) => ({
  loading: true,
  autoClose: false as const,
  withCloseButton: false,
  message: (
    <>
      <Text size="sm">{total ? `${label}: ${quantity(done)} / ${quantity(total)}` : label}</Text>
      <Progress value={total ? (100 * done) / total : 100} animated={!total} striped={!total} mt={6} aria-label={translate('Progress')} />
    </>
  ),
});

function hide(bar: Bar): void {
  if (bar.id) notifications.hide(bar.id);
  delete bar.id;
}

function show(bar: Bar): void {
  if (bars.at(-1) !== bar) return;
  bars.filter((other) => other !== bar).forEach(hide);
  if (bar.id) notifications.update({ id: bar.id, ...content(bar) });
  else bar.id = notifications.show(content(bar));
}

/** Does work, with a bar where it is not done at once. */
export async function withProgress<T>(label: string, work: (tell: Tell) => Promise<T>): Promise<T> {
  const bar: Bar = { label, done: 0, total: undefined };
  bars.push(bar);
  let last = performance.now() + SOON;
  const timer = setTimeout(() => show(bar), SOON);
  try {
    return await work((done, total) => {
      Object.assign(bar, { done, total });
      const now = performance.now();
      if (now - last < PAUSE) return;
      last = now;
      show(bar);
    });
  } finally {
    clearTimeout(timer);
    bars.splice(bars.indexOf(bar), 1);
    hide(bar);
  }
}

/** Does the same with each row, one after the other. */
export const forEach = <T,>(label: string, rows: T[], run: (row: T) => Promise<unknown>): Promise<void> =>
  withProgress(label, async (tell) => {
    for (const [done, row] of rows.entries()) {
      tell(done, rows.length);
      await run(row);
    }
  });
