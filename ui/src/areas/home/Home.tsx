/** The first page: widgets that each user arranges. */
import { ActionIcon, Anchor, Button, Card, Center, Group, Menu, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconArrowsHorizontal, IconCheck, IconLayoutDashboard, IconPlus, IconRestore, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { useTranslation } from '@/app/i18n';
import { kindOf } from '@/app/registry';
import { fullName, useMay, useUser } from '@/app/session';
import type { Kind } from '@/shared/description';
import { quantity } from '@/shared/format';
import { usePreference } from '@/shared/preference';
import { RecordLink } from '@/shared/RecordLink';
import { readRows } from '@/shared/resource';
import classes from './Home.module.css';
import { FIRST, moved, type Placed, type Span, type Widget, WIDGETS } from './widgets';

const LINES = 8;

const searchOf = (widget: Widget) => ({
  ...Object.fromEntries(Object.entries(widget.filters?.() ?? {}).map(([name, value]) => [`f.${name}`, value])),
  ...(widget.sort && { sort: widget.sort }),
});

function NumberWidget({ widget, kind }: { widget: Widget; kind: Kind }) {
  const { t } = useTranslation();
  const { data, error } = useQuery(readRows(kind.api, { ...widget.filters?.(), limit: 1 }));
  const count = data?.count ?? 0;
  return (
    <Card withBorder padding="md" className={`${classes.card} ${classes.number}`} component={Link} to={`/${kind.path}` as never} search={searchOf(widget) as never} draggable={false}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Text size="sm" c="dimmed" lh={1.3}>
          {t(widget.label)}
        </Text>
        <kind.icon size={18} stroke={1.5} />
      </Group>
      {error ? (
        <Text c="red" size="sm">
          {error.message}
        </Text>
      ) : data ? (
        <Text fz={28} fw={700} lh={1.2} mt="auto" {...(count > 0 && widget.color && { c: widget.color })}>
          {quantity(count)}
        </Text>
      ) : (
        <Skeleton height={32} width={64} mt="auto" />
      )}
    </Card>
  );
}

function Rows({ widget, kind }: { widget: Widget; kind: Kind }) {
  const { t } = useTranslation();
  const query = { ...kind.query, ...widget.query, ...widget.filters?.(), ordering: widget.sort, limit: LINES };
  const { data, error } = useQuery(readRows(kind.api, query));
  if (error) {
    return (
      <Text c="red" size="sm">
        {error.message}
      </Text>
    );
  }
  if (!data) return <Skeleton height={120} />;
  if (data.results.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t(widget.empty ?? 'Nothing here yet.')}
      </Text>
    );
  }
  return (
    <>
      <ul className={classes.rows}>
        {data.results.map((row) => (
          <li key={row.pk}>
            <span className={classes.main}>
              <RecordLink model={kind.model} pk={row.pk}>
                {kind.title(row)}
              </RecordLink>
            </span>
            <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
              {widget.value?.(row)}
            </Text>
          </li>
        ))}
      </ul>
      {data.count > LINES && (
        <Anchor component={Link} to={`/${kind.path}` as never} search={searchOf(widget) as never} size="xs" mt={4}>
          {t('All {{total}}', { total: quantity(data.count) })}
        </Anchor>
      )}
    </>
  );
}

function WidgetCard({ widget }: { widget: Widget }) {
  const { t } = useTranslation();
  const kind = kindOf(widget.model);
  const Own = widget.own;
  if (!kind && !Own) return null;
  if (kind && widget.kind === 'number') return <NumberWidget widget={widget} kind={kind} />;
  return (
    <Card withBorder padding="md" className={classes.card}>
      <Text fw={600} size="sm" mb={6} component="h2">
        {t(widget.label)}
      </Text>
      <Suspense fallback={<Skeleton height={160} />}>{Own ? <Own /> : kind && <Rows widget={widget} kind={kind} />}</Suspense>
    </Card>
  );
}

/** The widgets of the user, and what changes their order. */
function useWidgets() {
  const may = useMay();
  const [kept, keep] = usePreference<Placed[] | undefined>('home', undefined);
  const placed = kept ?? FIRST;
  const isSeen = ({ model }: Widget) => {
    const kind = kindOf(model);
    return !model || (Boolean(kind?.load) && may(kind, 'view'));
  };
  const shown = placed.flatMap(({ name, span }) => {
    const widget = WIDGETS.find((widget) => widget.name === name);
    return widget && isSeen(widget) ? [{ widget, span }] : [];
  });
  const set = (next: typeof shown) => keep(next.map(({ widget, span }) => ({ name: widget.name, span })));
  return {
    shown,
    more: WIDGETS.filter((widget) => isSeen(widget) && !shown.some((entry) => entry.widget === widget)),
    move: (from: number, to: number) => set(moved(shown, from, to)),
    add: (widget: Widget) => set([...shown, { widget, span: widget.span }]),
    drop: (widget: Widget) => set(shown.filter((entry) => entry.widget !== widget)),
    resize: (widget: Widget) => set(shown.map((entry) => (entry.widget === widget ? { widget, span: WIDER[entry.span] } : entry))),
    reset: () => keep(undefined),
  };
}
const WIDER: Record<Span, Span> = { 1: 2, 2: 4, 4: 1 };

function Controls({ widget, at, count, all }: { widget: Widget; at: number; count: number; all: ReturnType<typeof useWidgets> }) {
  const { t } = useTranslation();
  const name = t(widget.label);
  const buttons = [
    { label: t('Move "{{name}}" left', { name }), icon: IconArrowLeft, run: () => all.move(at, at - 1), isOff: at === 0 },
    { label: t('Move "{{name}}" right', { name }), icon: IconArrowRight, run: () => all.move(at, at + 1), isOff: at === count - 1 },
    { label: t('Change the width of "{{name}}"', { name }), icon: IconArrowsHorizontal, run: () => all.resize(widget) },
    { label: t('Remove "{{name}}"', { name }), icon: IconX, run: () => all.drop(widget) },
  ];
  return (
    <Group gap={2} justify="flex-end" mb={2}>
      {buttons.map(({ label, icon: Icon, run, isOff }) => (
        <ActionIcon key={label} size="sm" variant="subtle" color="gray" aria-label={label} title={label} onClick={run} disabled={isOff ?? false}>
          <Icon size={15} />
        </ActionIcon>
      ))}
    </Group>
  );
}

export default function Home() {
  const { t } = useTranslation();
  const user = useUser();
  const [isArranging, setIsArranging] = useState(false);
  const [dragged, setDragged] = useState<number | null>(null);
  const all = useWidgets();
  const { shown, more } = all;
  return (
    <Stack gap="md">
      <Group justify="space-between" gap={8}>
        <Title order={1} size="h3">
          {t('Hello, {{name}}', { name: user.first_name || fullName(user) })}
        </Title>
        <Group gap={8}>
          {isArranging && (
            <>
              <Menu position="bottom-end" disabled={more.length === 0}>
                <Menu.Target>
                  <Button size="xs" variant="default" leftSection={<IconPlus size={16} />} disabled={more.length === 0}>
                    {t('Add')}
                  </Button>
                </Menu.Target>
                <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
                  {more.map((widget) => (
                    <Menu.Item key={widget.name} onClick={() => all.add(widget)}>
                      {t(widget.label)}
                    </Menu.Item>
                  ))}
                </Menu.Dropdown>
              </Menu>
              <Button size="xs" variant="default" leftSection={<IconRestore size={16} />} onClick={all.reset}>
                {t('Default')}
              </Button>
            </>
          )}
          <Button
            size="xs"
            variant={isArranging ? 'filled' : 'default'}
            leftSection={isArranging ? <IconCheck size={16} /> : <IconLayoutDashboard size={16} />}
            onClick={() => setIsArranging((is) => !is)}
          >
            {isArranging ? t('Done') : t('Customize')}
          </Button>
        </Group>
      </Group>
      {shown.length === 0 && (
        <Center py={48}>
          <Text c="dimmed" size="sm">
            {t('This page is empty. Choose "Customize" to add widgets.')}
          </Text>
        </Center>
      )}
      <div className={`${classes.grid} ${isArranging ? classes.arranged : ''}`}>
        {shown.map(({ widget, span }, index) => (
          <div
            key={widget.name}
            className={classes.cell}
            data-span={span}
            data-widget={widget.name}
            data-dragged={dragged === index || undefined}
            draggable={isArranging}
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = 'move';
              setDragged(index);
            }}
            onDragEnd={() => setDragged(null)}
            onDragOver={(event) => dragged !== null && event.preventDefault()}
            onDragEnter={() => {
              if (dragged === null || dragged === index) return;
              all.move(dragged, index);
              setDragged(index);
            }}
          >
            {isArranging && <Controls widget={widget} at={index} count={shown.length} all={all} />}
            <WidgetCard widget={widget} />
          </div>
        ))}
      </div>
    </Stack>
  );
}
